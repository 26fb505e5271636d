#pragma once
#include <Eigen/Dense>

#include "engine/glm/kernels/kernels.hpp"

namespace sociometer {

/// Voxels of a tile.
inline constexpr Eigen::Index kWidth = kernels::kTileWidth;

/// A spread over scans below this share of the mean is rounding error.
inline constexpr double kLeastSpread = 1e-11;

/// A mean below this share of the spread over scans indicates demeaned data, for which percent
/// signal change is undefined.
inline constexpr double kLeastMean = 1e-3;

/// Below this share of the total the residual is rounding error of the sums.
inline constexpr double kLeastResidual = 1e-13;

}  // namespace sociometer
