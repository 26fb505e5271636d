#pragma once
#include <array>
#include <cstdint>

namespace sociometer {

/// Philox 4x32-10: four random words from a key and a counter, without state.
///
/// The same (key, counter) gives the same words on any thread, node or machine, so work can be
/// split in any way without changing a bit of the result.
/// @source Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3. SC11.
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

/// Random numbers addressed by (seed, stream, position).
class CounterRandom {
 public:
  CounterRandom(uint64_t seed, uint64_t stream) : seed_(seed), stream_(stream) {}
  /// Uniform in the open interval (0, 1), 53 bits.
  double uniform(uint64_t position) const;
  /// Standard normal, by Box-Muller from the two uniforms of one counter.
  double normal(uint64_t position) const;

 private:
  std::array<double, 2> uniforms(uint64_t position) const;
  uint64_t seed_, stream_;
};

}  // namespace sociometer
