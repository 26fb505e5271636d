#pragma once
#include <cstdint>
#include <functional>
#include <string>

namespace sociometer {

/// A moment in the process's log of files that were opened for reading. The log itself belongs to
/// the process, since readers are called from anywhere; what is asked of it is asked from a moment
/// on, so that one analysis knows nothing of another's files (jobs::Session::reads_since).
/// A default-constructed one is the start of the process.
struct ReadMark {
  uint64_t ticket = 0;
  static ReadMark now();
};

/// Whether this file, under whatever path, was opened for reading since then.
bool was_read(const std::string& path, ReadMark since);

/// Records that a file was opened for reading, and notifies the observer.
void tell_read(const std::string& path);

/// Records it without notifying: for a file that is read again, for its checksum.
void remember_read(const std::string& path);

/// For the program's own messages: called for each file opened for reading, with its path and size
/// on disk, possibly from several threads at once. Set before any file is read.
void observe_reads(std::function<void(const std::string& path, uint64_t bytes)> observer);

}  // namespace sociometer
