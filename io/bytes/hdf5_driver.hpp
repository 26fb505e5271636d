#pragma once
#include <memory>

#include <hdf5.h>

namespace sociometer {

/// Makes HDF5 read and write through a file driver that remembers the first error.
///
/// libhdf5 1.10 discards errors of writes that it deferred until an array is closed, so arrays of
/// zeros went unnoticed; after an error on closing the file it crashes at exit. With this driver
/// writes always succeed for HDF5, files always close, and the error is in `first_error`, which the
/// caller must check after H5Fclose: nonzero means that the file is not to be used. Interrupted and
/// short reads and writes are continued. Files have the same bytes as with HDF5's default driver.
///
/// HDF5 keeps no buffers of values or of metadata beside the driver: its sieve buffer, metadata
/// accumulator and cache of chunks are off. libhdf5 takes such blocks from lists that it clears
/// when memory runs out, with the entry of the list that it is about to count the new block in,
/// which damages the heap; and it writes what is left in them when the file is closed.
///
/// The driver opens existing files, for reading or for both. It does not lock them.
///
/// @param access       a file access property list.
/// @param first_error  receives errno of the first read or write that failed; not null. The
///                     variable must live until the file has been opened; the number belongs to the
///                     file as well.
/// @return false if HDF5 refuses the driver.
bool remember_errors(hid_t access, const std::shared_ptr<int>& first_error);

}  // namespace sociometer
