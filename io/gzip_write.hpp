#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sociometer {

/// Compresses to one gzip member, without file name or time: the same input gives the same bytes.
std::vector<uint8_t> gzip_compress(std::span<const std::byte> data);

/// The same with the header and checksum of zlib, as HDF5's deflate filter reads it.
std::vector<uint8_t> zlib_compress(std::span<const std::byte> data);

}  // namespace sociometer
