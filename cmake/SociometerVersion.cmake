# What `sociometer --version` reports: commit, compiler, flags and library versions of this build.
# The commit is read at build time, so that a rebuild after a commit does not report the old one.
find_package(Git QUIET)
string(TOUPPER "${CMAKE_BUILD_TYPE}" _build_type)
set(SOCIOMETER_FLAGS "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${_build_type}}")
string(STRIP "${SOCIOMETER_FLAGS}" SOCIOMETER_FLAGS)
if(SOCIOMETER_NATIVE)
  string(APPEND SOCIOMETER_FLAGS " -march=native")
endif()
set(SOCIOMETER_GENERATED_DIR ${PROJECT_BINARY_DIR}/generated)
configure_file(${PROJECT_SOURCE_DIR}/cmake/build_info.hpp.in
               ${SOCIOMETER_GENERATED_DIR}/build_info.hpp @ONLY)
add_custom_target(sociometer_commit
  COMMAND ${CMAKE_COMMAND} -DGIT=${GIT_EXECUTABLE} -DSOURCE=${PROJECT_SOURCE_DIR}
          -DOUTPUT=${SOCIOMETER_GENERATED_DIR}/commit.hpp
          -P ${PROJECT_SOURCE_DIR}/cmake/write_commit.cmake
  BYPRODUCTS ${SOCIOMETER_GENERATED_DIR}/commit.hpp)
