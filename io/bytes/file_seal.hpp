#pragma once
#include <cstdint>
#include <string>

namespace sociometer {

/// A checksum appended to a file, for formats whose library is not robust against corrupt files: it
/// is verified before the library opens the file. HDF5 ignores bytes after its logical end.
///
/// Layout of the last 24 bytes: "SOCIOSUM", the length of the preceding content (uint64, little
/// endian), its 64-bit XXH3 (uint64, little endian).

/// Appends the seal and waits until the file is on disk.
/// @throws Error{cannot_write}.
/// @cost  reads the file once.
void seal_file(const std::string& path);

/// @return XXH3 of the whole file with its seal, as records list it.
/// @throws Error{bad_input} if the file has no seal, or its length or checksum does not match.
/// @cost  reads the file once.
uint64_t check_seal(const std::string& path);

/// The same for an open file. @param path  names it in messages.
uint64_t check_seal(int descriptor, const std::string& path);

}  // namespace sociometer
