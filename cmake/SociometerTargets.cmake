# One library per folder. `sociometer_library(name SOURCES .. PUBLIC .. PRIVATE ..)` defines target
# sociometer_<name> with alias sociometer::<name>; include paths start at the source root.
add_library(sociometer_options INTERFACE)
target_compile_features(sociometer_options INTERFACE cxx_std_20)
# The warning flags apply to our own build only, not to users of the installed libraries.
target_compile_options(sociometer_options INTERFACE
  $<BUILD_INTERFACE:-Wall> $<BUILD_INTERFACE:-Wextra> $<BUILD_INTERFACE:-Wshadow>
  $<BUILD_INTERFACE:-Wconversion> $<BUILD_INTERFACE:-Wno-sign-conversion>
  # False positives of GCC 12 at -O3 inside Eigen, libstdc++ and nlohmann-json.
  $<$<CXX_COMPILER_ID:GNU>:$<BUILD_INTERFACE:-Wno-maybe-uninitialized>>
  $<$<CXX_COMPILER_ID:GNU>:$<BUILD_INTERFACE:-Wno-restrict>>
  $<$<CXX_COMPILER_ID:GNU>:$<BUILD_INTERFACE:-Wno-use-after-free>>
  $<$<BOOL:${SOCIOMETER_WERROR}>:$<BUILD_INTERFACE:-Werror>>
  $<$<BOOL:${SOCIOMETER_NATIVE}>:$<BUILD_INTERFACE:-march=native>>)
# Fuzzing follows the paths of what reads and interprets other people's bytes; the numerics would only be slower for it.
set(SOCIOMETER_FUZZED bytes tables images stores records models dataset bids stats_models design)
# Eigen must not start its own threads: we parallelise over voxels.
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
  if(SOCIOMETER_BUILD_FUZZ AND name IN_LIST SOCIOMETER_FUZZED)
    target_compile_options(sociometer_${name} PRIVATE -fsanitize=fuzzer-no-link)
  endif()
  set_property(GLOBAL APPEND PROPERTY SOCIOMETER_LIBRARIES sociometer_${name})
endfunction()

# Inner loops, compiled once per instruction set from one source and selected at run time:
# `sociometer_kernels(name SOURCES .. [AVX512 flags ..])` stores the objects in <name>_objects and
# the definitions for the dispatching file in <name>_definitions. The sources must include plain
# declarations only: the linker could use an inline library function compiled here for AVX-512 in the
# entire program.
function(sociometer_kernels name)
  cmake_parse_arguments(ARG "" "" "SOURCES;AVX512" ${ARGN})
  set(levels sse2)
  set(flags_sse2 -DSOCIOMETER_VECTOR_BYTES=16)
  set(flags_avx2 -DSOCIOMETER_VECTOR_BYTES=32 -mavx2 -mfma)
  set(flags_avx512 -DSOCIOMETER_VECTOR_BYTES=64 -mavx512f -mavx512dq -mfma ${ARG_AVX512})
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND levels avx2 avx512)
    set(${name}_definitions SOCIOMETER_X86_KERNELS PARENT_SCOPE)
  endif()
  foreach(level ${levels})
    set(target sociometer_${name}_${level})
    add_library(${target} OBJECT ${ARG_SOURCES})
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
    target_compile_features(${target} PRIVATE cxx_std_20)
    target_compile_options(${target} PRIVATE -O3 -ffp-contract=fast -fno-math-errno ${flags_${level}})
    target_compile_definitions(${target} PRIVATE SOCIOMETER_KERNEL_LEVEL=${level})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    list(APPEND objects $<TARGET_OBJECTS:${target}>)
  endforeach()
  set(${name}_objects ${objects} PARENT_SCOPE)
endfunction()
