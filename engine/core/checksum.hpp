#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

namespace sociometer {

/// A 64-bit sum that tells whether two sequences of bytes are the same; no protection against those
/// who mean it to fail.
/// @source FNV-1a (Fowler, Noll & Vo, draft-eastlake-fnv), over words of 8 bytes.
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
