# Installs the program with its manual pages and completions, the libraries with their headers, and a CMake package
# `sociometer`.
include(CMakePackageConfigHelpers)
get_property(_libraries GLOBAL PROPERTY SOCIOMETER_LIBRARIES)
set_target_properties(sociometer_options PROPERTIES EXPORT_NAME options)
install(TARGETS sociometer_options ${_libraries} EXPORT sociometerTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS sociometer_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/engine
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sociometer FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/cli/jobs
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sociometer/cli FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/io
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/sociometer FILES_MATCHING PATTERN "*.hpp")
# Manual pages, completions and documentation that the program generated at build time.
foreach(_folder man bash-completion zsh fish doc)
  install(DIRECTORY ${SOCIOMETER_SHARE_DIR}/${_folder} DESTINATION ${CMAKE_INSTALL_DATADIR})
endforeach()
set(_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sociometer)
install(EXPORT sociometerTargets NAMESPACE sociometer:: DESTINATION ${_package_dir})
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/sociometerConfig.cmake.in
  ${PROJECT_BINARY_DIR}/sociometerConfig.cmake INSTALL_DESTINATION ${_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/sociometerConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/sociometerConfig.cmake
              ${PROJECT_BINARY_DIR}/sociometerConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindNIFTI.cmake DESTINATION ${_package_dir})
