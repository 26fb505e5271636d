#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

namespace sociometer {

/// 64-bit checksum to detect whether two byte sequences differ. Not cryptographic: it does not
/// protect against deliberate collisions. Each `add` also hashes the length of its sequence.
/// @source FNV-1a (Fowler, Noll & Vo, draft-eastlake-fnv), applied to 8-byte words.
class Checksum {
 public:
  void add(std::span<const std::byte> bytes);
  template <typename T>
  void add(std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    add(std::as_bytes(values));
  }
  void add(const std::string& text) { add(std::span(text.data(), text.size())); }
  /// 16 hexadecimal digits.
  std::string text() const;

 private:
  void add_word(uint64_t word);
  uint64_t sum_ = 0xcbf29ce484222325;
};

}  // namespace sociometer
