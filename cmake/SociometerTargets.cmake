# One library per folder. `sociometer_library(name SOURCES .. PUBLIC .. PRIVATE ..)` makes target
# sociometer_<name> with alias sociometer::<name>; includes are written from the source root.
add_library(sociometer_options INTERFACE)
target_compile_features(sociometer_options INTERFACE cxx_std_20)
# The warning flags are for our own build only, not for those who link the installed libraries.
target_compile_options(sociometer_options INTERFACE
  $<BUILD_INTERFACE:-Wall> $<BUILD_INTERFACE:-Wextra> $<BUILD_INTERFACE:-Wshadow>
  $<BUILD_INTERFACE:-Wconversion> $<BUILD_INTERFACE:-Wno-sign-conversion>
  # GCC 12 sees these inside Eigen, libstdc++ and nlohmann-json at -O3, where they are not.
  $<$<CXX_COMPILER_ID:GNU>:$<BUILD_INTERFACE:-Wno-maybe-uninitialized>>
  $<$<CXX_COMPILER_ID:GNU>:$<BUILD_INTERFACE:-Wno-restrict>>
  $<$<BOOL:${SOCIOMETER_WERROR}>:$<BUILD_INTERFACE:-Werror>>
  $<$<BOOL:${SOCIOMETER_NATIVE}>:$<BUILD_INTERFACE:-march=native>>)
# Eigen must not start threads of its own: we parallelise over voxels.
target_compile_definitions(sociometer_options INTERFACE EIGEN_DONT_PARALLELIZE)

function(sociometer_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(sociometer_${name} STATIC ${ARG_SOURCES})
  add_library(sociometer::${name} ALIAS sociometer_${name})
  set_target_properties(sociometer_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(sociometer_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/sociometer>)
  target_link_libraries(sociometer_${name} PUBLIC sociometer_options ${ARG_PUBLIC}
                        PRIVATE ${ARG_PRIVATE})
  set_property(GLOBAL APPEND PROPERTY SOCIOMETER_LIBRARIES sociometer_${name})
endfunction()
