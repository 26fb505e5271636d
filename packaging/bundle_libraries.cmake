# Run by cpack on the files of the portable folder, before they are packed.
file(GLOB _program ${CPACK_TEMPORARY_DIRECTORY}/bin/sociometer)
if(NOT _program)
  message(FATAL_ERROR "no program to bundle in ${CPACK_TEMPORARY_DIRECTORY}")
endif()
execute_process(COMMAND bash ${CMAKE_CURRENT_LIST_DIR}/bundle_libraries.sh ${_program}
                COMMAND_ERROR_IS_FATAL ANY)
