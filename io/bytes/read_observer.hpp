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

/// The same without telling: of a file that is read a second time, for its checksum.
void remember_read(const std::string& path);

/// Whether this file was read, by whatever path, since the program started.
bool was_read(const std::string& path);

}  // namespace sociometer
