# The viewer of reports, which scripts/build_viewer.sh makes, as a source file. It is looked for at build time, so that
# it may come after the configuration.
set(SOCIOMETER_VIEWER ${PROJECT_SOURCE_DIR}/build/viewer/viewer.js CACHE FILEPATH
    "Script of the report's viewer (scripts/build_viewer.sh); without it reports have still pictures only")
set(SOCIOMETER_VIEWER_SOURCE ${PROJECT_BINARY_DIR}/generated/viewer_script.cpp)
add_custom_target(sociometer_viewer
  COMMAND ${CMAKE_COMMAND} -DVIEWER=${SOCIOMETER_VIEWER} -DOUTPUT=${SOCIOMETER_VIEWER_SOURCE}
          -P ${PROJECT_SOURCE_DIR}/cmake/write_viewer.cmake
  BYPRODUCTS ${SOCIOMETER_VIEWER_SOURCE}
  COMMENT "Viewer of reports")
