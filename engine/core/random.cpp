#include "engine/core/random.hpp"

#include <cmath>
#include <numbers>

namespace sociometer {

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
  constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t{kMultiplier0} * counter[0];
    const uint64_t product1 = uint64_t{kMultiplier1} * counter[2];
    counter = {uint32_t(product1 >> 32) ^ counter[1] ^ key[0], uint32_t(product1),
               uint32_t(product0 >> 32) ^ counter[3] ^ key[1], uint32_t(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

std::array<double, 2> CounterRandom::uniforms(uint64_t position) const {
  const auto words = philox4x32(
      {uint32_t(position), uint32_t(position >> 32), uint32_t(stream_), uint32_t(stream_ >> 32)},
      {uint32_t(seed_), uint32_t(seed_ >> 32)});
  const auto to_unit = [](uint32_t high, uint32_t low) {
    const uint64_t bits = (uint64_t{high} << 32 | low) >> 11;
    return (double(bits) + 0.5) * 0x1p-53;
  };
  return {to_unit(words[0], words[1]), to_unit(words[2], words[3])};
}

double CounterRandom::uniform(uint64_t position) const { return uniforms(position)[0]; }

double CounterRandom::normal(uint64_t position) const {
  const auto u = uniforms(position);
  return std::sqrt(-2.0 * std::log(u[0])) * std::cos(2.0 * std::numbers::pi * u[1]);
}

}  // namespace sociometer
