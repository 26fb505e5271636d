#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include <unistd.h>

#include "engine/core/error.hpp"

/// What the fuzz targets share: readers take paths, so each input becomes a file in memory.
namespace sociometer::fuzzing {

/// A folder of this process, in memory where the machine has /dev/shm.
inline const std::filesystem::path& folder() {
  static const std::filesystem::path path = [] {
    const std::filesystem::path shm = "/dev/shm";
    const auto base = std::filesystem::exists(shm) ? shm : std::filesystem::temp_directory_path();
    const auto made = base / ("sociometer-fuzz-" + std::to_string(getpid()));
    std::filesystem::create_directories(made);
    return made;
  }();
  static const struct Remover {
    ~Remover() {
      std::error_code none;
      std::filesystem::remove_all(path, none);
    }
    const std::filesystem::path& path;
  } remover{path};
  return path;
}

/// Writes an input under this name, for a reader.
inline std::string file_of(const std::string& name, const uint8_t* data, size_t size) {
  const std::string path = (folder() / name).string();
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(data), std::streamsize(size));
  if (!file) throw std::runtime_error("no space for " + path);
  return path;
}

/// Reads; a refusal in words is what damaged input is for, anything else thrown is a fault.
/// A refusal says something. (Names in it are escaped where it is printed.)
template <class Read>
void refused_or_read(Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    if (std::string(error.what()).empty()) __builtin_trap();
  }
}

}  // namespace sociometer::fuzzing
