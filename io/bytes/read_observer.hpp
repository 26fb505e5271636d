#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace sociometer {

/// The observer is called for each file opened for reading, with its path and size on disk,
/// possibly from several threads at once. Set it once, before any file is read; it is optional.
void observe_reads(std::function<void(const std::string& path, uint64_t bytes)> observer);

/// Records that a file was opened for reading, and notifies the observer.
void tell_read(const std::string& path);

/// Records it without notifying: for a file that is read again, for its checksum.
void remember_read(const std::string& path);

/// Whether this file was read since the program started, under whatever path.
bool was_read(const std::string& path);

}  // namespace sociometer
