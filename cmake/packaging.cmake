# Packages (packaging/README.md): `cpack -G DEB` makes sociometer_VERSION_ARCH.deb and, from a
# complete build, sociometer-dev_VERSION_ARCH.deb; `cpack -G TGZ` makes a folder for other
# distributions.
#
# The rules below belong to components that a plain `cmake --install` leaves out: packages have
# Debian's layout, that command has the layout of cmake/SociometerInstall.cmake.
set(_program COMPONENT program EXCLUDE_FROM_ALL)
set(_development COMPONENT development EXCLUDE_FROM_ALL)
set(_share ${CMAKE_INSTALL_DATADIR})
set(_doc ${_share}/doc/sociometer)

# Debian's changelog names the version, CHANGELOG.md what it brings; its date is that of the
# sources.
set(_date)
if(GIT_EXECUTABLE)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${PROJECT_SOURCE_DIR} log -1 --format=%aD
                  OUTPUT_VARIABLE _date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT _date)
  string(TIMESTAMP _date "%a, %d %b %Y %H:%M:%S +0000" UTC)
endif()
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/changelog @ONLY CONTENT
"sociometer (@PROJECT_VERSION@) unstable; urgency=medium

  * See CHANGELOG.md.

 -- Sociometer authors <>  @_date@
")

install(TARGETS sociometer_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ${_program})
install(DIRECTORY ${SOCIOMETER_SHARE_DIR}/man ${SOCIOMETER_SHARE_DIR}/bash-completion
                  ${SOCIOMETER_SHARE_DIR}/fish DESTINATION ${_share} ${_program})
install(FILES ${SOCIOMETER_SHARE_DIR}/zsh/site-functions/_sociometer
        DESTINATION ${_share}/zsh/vendor-completions ${_program})
# Models that commands can name. Container images often leave share/doc out, so it holds a link.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/models DESTINATION ${_share}/sociometer ${_program})
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/packaging/copyright
        DESTINATION ${_doc} ${_program})
install(FILES ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${_doc} ${_program})
install(FILES ${PROJECT_BINARY_DIR}/changelog DESTINATION ${_doc} ${_program})
install(FILES ${PROJECT_SOURCE_DIR}/bench/README.md DESTINATION ${_doc}/bench ${_program})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${_doc} ${_program}
        PATTERN models EXCLUDE)
install(CODE [[
  set(_root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share")
  file(CREATE_LINK ../../../sociometer/models "${_root}/doc/sociometer/docs/models" SYMBOLIC)
  file(GLOB _texts "${_root}/man/man1/*.1" "${_root}/doc/sociometer/changelog")
  execute_process(COMMAND gzip -9nf ${_texts} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND strip -R .comment -R .note "${_root}/../bin/sociometer"
                  COMMAND_ERROR_IS_FATAL ANY)
]] ${_program})

install(TARGETS ${_libraries} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} ${_development})
foreach(_headers engine io cli/jobs)
  get_filename_component(_parent ${CMAKE_INSTALL_INCLUDEDIR}/sociometer/${_headers} DIRECTORY)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${_headers} DESTINATION ${_parent} ${_development}
          FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(EXPORT sociometerTargets NAMESPACE sociometer:: DESTINATION ${_package_dir}
        ${_development})
install(FILES ${PROJECT_BINARY_DIR}/sociometerConfig.cmake
              ${PROJECT_BINARY_DIR}/sociometerConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindNIFTI.cmake
        DESTINATION ${_package_dir} ${_development})
install(FILES ${PROJECT_SOURCE_DIR}/packaging/copyright ${PROJECT_BINARY_DIR}/changelog
        DESTINATION ${_share}/doc/sociometer-dev ${_development})
install(CODE [[
  set(_root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
  file(GLOB_RECURSE _archives "${_root}/lib*/libsociometer_*.a")
  execute_process(COMMAND gzip -9nf "${_root}/share/doc/sociometer-dev/changelog"
                  COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND strip -g -D -R .comment -R .note ${_archives}
                  COMMAND_ERROR_IS_FATAL ANY)
]] ${_development})

# The libraries that headers and archives need: the program's -dev packages, CLI11 apart.
file(STRINGS ${PROJECT_SOURCE_DIR}/scripts/packages.txt _packages)
list(FIND _packages "" _end)
list(SUBLIST _packages 0 ${_end} _packages)
list(FILTER _packages INCLUDE REGEX "-dev$|^pkg-config$")
list(REMOVE_ITEM _packages libcli11-dev)
list(JOIN _packages ", " _needed_by_development)

set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_PACKAGE_VENDOR "Sociometer authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_PACKAGE_CONTACT "Sociometer authors")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME sociometer)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME sociometer-dev)
set(CPACK_DEBIAN_PROGRAM_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_DEVELOPMENT_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
# Text in pictures: cairo's "sans-serif" must find a font.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS fonts-dejavu-core)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${_needed_by_development}")
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "task-fMRI models from choices and images to maps
Sociometer takes a study of social learning from choices and BOLD images to
contrast maps, group inference and tables of regions: learning models,
designs, first levels with ten kinds of noise model, fixed and mixed
effects, permutations with exact TFCE, regions and the dissociation test.
Whole studies are read from BIDS datasets and BIDS stats models.")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION "task-fMRI models - libraries and headers
Static libraries, headers and the CMake package of Sociometer. A program
that links sociometer::jobs runs the analyses without a command line.")

# The portable folder: the program and what it is linked with.
set(CPACK_PACKAGE_FILE_NAME sociometer-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/packaging/generators.cmake)
set(CPACK_SOCIOMETER_BUNDLE ${PROJECT_SOURCE_DIR}/packaging/bundle_libraries.cmake)
include(CPack)
