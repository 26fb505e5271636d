#pragma once
#include <array>
#include <cstdint>

namespace sociometer {

/// Why a voxel has no statistics. Written as a map and counted in the sidecars.
enum class VoxelStatus : uint8_t {
  ok = 0,
  non_finite = 1,  ///< NaN or Inf in a scan that was not censored
  all_zero = 2,    ///< every scan is 0
  constant = 3,    ///< every scan is the same
  non_positive_mean =
      4,  ///< percent signal change of a mean that is not above a thousandth of the spread
  no_residual =
      5,         ///< the design explains the series to the last digit: no variance, betas are kept
  singular = 6,  ///< the prewhitened design could not be inverted
};
inline constexpr std::array<const char*, 7> kVoxelStatusNames{
    "ok", "non_finite", "all_zero", "constant", "non_positive_mean", "no_residual", "singular"};

}  // namespace sociometer
