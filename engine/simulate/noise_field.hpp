#pragma once
#include <array>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/core/smoothing.hpp"

namespace sociometer {

/// Standard normal numbers by Box-Muller, four per Philox counter.
///
/// @param first  position of the first counter; ceil(n / 4) counters are used.
void fill_normals(uint64_t seed, uint64_t stream, uint64_t first, std::vector<double>& values);

/// Spatially smooth Gaussian noise in the voxels of a brain, with unit variance in every voxel.
///
/// White noise in a box around the brain is smoothed, then rescaled voxel by voxel to restore the
/// variance lost by smoothing, including at the edges of the box.
class NoiseField {
 public:
  NoiseField(const Mask& brain, double fwhm_mm, uint64_t seed, uint64_t stream);
  /// The next field, independent of the previous ones.
  /// @param out  one value per voxel of the brain.
  /// @cost  about 60 ns per voxel of the box.
  void next(Eigen::VectorXd& out);

 private:
  /// The bounding box of the brain, as a grid of its own.
  struct Box {
    Grid grid;
    std::array<Eigen::Index, 3> first;  ///< its corner in the brain's grid
  };
  static Box box_around(const Mask& brain);
  uint64_t seed_, stream_, position_ = 0;
  Box box_;
  std::vector<Eigen::Index> in_box_;  ///< index in the box of each voxel of the brain
  Eigen::VectorXd scale_;
  GaussianSmoother smoother_;
  std::vector<double> volume_;
};

}  // namespace sociometer
