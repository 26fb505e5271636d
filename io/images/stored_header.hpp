#pragma once
#include <array>
#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include <nifti2_io.h>

#include "io/images/nifti.hpp"

/// The header of an image, from its bytes to what the rest of the program knows of it.
namespace sociometer {

/// The header as stored: the start of its file, decompressed.
struct StoredHeader {
  std::array<std::byte, sizeof(nifti_2_header)> bytes{};
  size_t size = 0;   ///< bytes that were read
  int version = -1;  ///< 0: Analyze; negative: no header
  bool compressed = false;
};

/// @param read  fills a span and returns the number of bytes, fewer at the end of the file.
StoredHeader stored_header(const std::function<size_t(std::span<std::byte>)>& read);

/// The file that holds the header of an image.
/// @throws Error{bad_input} if there is none.
std::string header_path_of(const std::string& path);

/// Checks and converts a header.
/// @param path  of the image as given.
/// @throws Error{bad_input} for damage, unsupported types, and files too short for their voxels.
NiftiHeader header_of(const StoredHeader& stored, const std::string& header_path,
                      const std::string& path);

}  // namespace sociometer
