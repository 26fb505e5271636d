#include "engine/core/checksum.hpp"

#include <cstring>

#include <fmt/format.h>

namespace sociometer {

void Checksum::add_word(uint64_t word) {
  sum_ ^= word;
  sum_ *= 0x100000001b3;
  // Multiplication carries nothing from high bits to low bits, so fold them down.
  sum_ ^= sum_ >> 32;
}

void Checksum::add(std::span<const std::byte> bytes) {
  add_word(bytes.size());
  for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(sizeof word, bytes.size() - at));
    add_word(word);
  }
}

std::string Checksum::text() const { return fmt::format("{:016x}", sum_); }

}  // namespace sociometer
