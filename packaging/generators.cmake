# Read by cpack before each generator.
if(CPACK_GENERATOR STREQUAL "TGZ")
  # One folder with the files of the component `program`, which the libraries join before it is
  # packed.
  set(CPACK_ARCHIVE_COMPONENT_INSTALL OFF)
  list(GET CPACK_INSTALL_CMAKE_PROJECTS 0 _build)
  set(CPACK_INSTALL_CMAKE_PROJECTS "${_build};sociometer;program;/")
  set(CPACK_PRE_BUILD_SCRIPTS ${CPACK_SOCIOMETER_BUNDLE})
endif()
