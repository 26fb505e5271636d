#pragma once
#include <cstddef>
#include <cstdint>

struct XXH3_state_s;

namespace sociometer {

/// Incremental 64-bit XXH3 hash.
class FileHash {
 public:
  FileHash();
  ~FileHash();
  FileHash(const FileHash&) = delete;
  FileHash& operator=(const FileHash&) = delete;
  void reset();
  void add(const void* bytes, size_t n);
  /// Hash of all bytes added so far; more can be added afterwards.
  uint64_t value() const;

 private:
  XXH3_state_s* state_;
};

}  // namespace sociometer
