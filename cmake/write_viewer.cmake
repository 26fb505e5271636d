# Writes OUTPUT, a source file with the script VIEWER as viewer_script(), only if it changed. Without that file the
# script is empty.
set(script "")
if(EXISTS ${VIEWER})
  file(READ ${VIEWER} script)
endif()
# No script holds the end of this raw string: bundles are minified.
set(text "#include \"io/report/viewer.hpp\"
namespace sociometer {
std::string_view viewer_script() { return R\"viewer-script(${script})viewer-script\"; }
}  // namespace sociometer
")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} old)
endif()
if(NOT "${old}" STREQUAL "${text}")
  file(WRITE ${OUTPUT} "${text}")
endif()
