#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace sociometer {

/// Is told of each file that is opened for reading: path, and bytes on disk. It may be called by
/// several threads at a time. Set once, before files are read; without one nothing happens.
void observe_reads(std::function<void(const std::string& path, uint64_t bytes)> observer);

/// For the places that open files.
void tell_read(const std::string& path);

}  // namespace sociometer
