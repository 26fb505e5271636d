# Finds nifticlib's NIfTI-2 library. Debian's CMake package for it points to /usr/lib although the
# libraries are in the multiarch folder, so the files are located here.
find_path(NIFTI_INCLUDE_DIR nifti2_io.h PATH_SUFFIXES nifti)
find_library(NIFTI_niftiio_LIBRARY nifti2)
find_library(NIFTI_znz_LIBRARY znz)
find_package(ZLIB QUIET)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(NIFTI REQUIRED_VARS NIFTI_niftiio_LIBRARY NIFTI_znz_LIBRARY
                                  NIFTI_INCLUDE_DIR ZLIB_FOUND)
if(NIFTI_FOUND AND NOT TARGET NIFTI::nifti2)
  add_library(NIFTI::nifti2 UNKNOWN IMPORTED)
  set_target_properties(NIFTI::nifti2 PROPERTIES
    IMPORTED_LOCATION "${NIFTI_niftiio_LIBRARY}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${NIFTI_INCLUDE_DIR}"
    INTERFACE_INCLUDE_DIRECTORIES "${NIFTI_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${NIFTI_znz_LIBRARY};ZLIB::ZLIB")
endif()
mark_as_advanced(NIFTI_INCLUDE_DIR NIFTI_niftiio_LIBRARY NIFTI_znz_LIBRARY)
