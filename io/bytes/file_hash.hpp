#pragma once
#include <cstddef>
#include <cstdint>

struct XXH3_state_s;

namespace sociometer {

/// XXH3 (64 bits) of bytes that come piece by piece.
class FileHash {
 public:
  FileHash();
  ~FileHash();
  FileHash(const FileHash&) = delete;
  FileHash& operator=(const FileHash&) = delete;
  void reset();
  void add(const void* bytes, size_t n);
  /// Of all bytes so far; more can be added.
  uint64_t value() const;

 private:
  XXH3_state_s* state_;
};

}  // namespace sociometer
