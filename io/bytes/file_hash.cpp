#include "io/bytes/file_hash.hpp"

#include <new>

#include <xxhash.h>

namespace sociometer {

FileHash::FileHash() : state_(XXH3_createState()) {
  if (!state_) throw std::bad_alloc();
  reset();
}
FileHash::~FileHash() { XXH3_freeState(state_); }
void FileHash::reset() { XXH3_64bits_reset(state_); }
void FileHash::add(const void* bytes, size_t n) { XXH3_64bits_update(state_, bytes, n); }
uint64_t FileHash::value() const { return XXH3_64bits_digest(state_); }

}  // namespace sociometer
