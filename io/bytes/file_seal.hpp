#pragma once
#include <string>

namespace sociometer {

/// A checksum behind the last byte of a file, for formats whose library is not safe against damage:
/// it is verified before the library sees the file. HDF5 ignores what lies behind its end.
///
/// Layout of the last 24 bytes: "SOCIOSUM", the length of what comes before (uint64, little
/// endian), its XXH3 of 64 bits (uint64, little endian).

/// Appends the seal and waits until the file is on the disk.
/// @throws Error{cannot_write}.
/// @cost  one reading of the file.
void seal_file(const std::string& path);

/// @throws Error{bad_input} when the file has no seal, another length or another checksum.
/// @cost  one reading of the file.
void check_seal(const std::string& path);

}  // namespace sociometer
