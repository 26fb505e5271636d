#pragma once
#include <vector>

#include "engine/core/grid.hpp"
#include "engine/core/mask.hpp"

namespace sociometer {

/// Gaussian smoothing of volumes, one axis after the other.
///
/// The kernel is sampled at voxel centres, cut at 4 standard deviations and sums to one; at the
/// edge of the volume the image is continued by its mirror image (d c b a | a b c d), so that the
/// weights that reach a voxel always sum to one and a constant image stays constant. This is what
/// scipy's gaussian_filter and hence nilearn's smooth_img do. Non-finite voxels carry no weight
/// (the others are renormalised) and stay non-finite.
///
/// @cost  (2 * 4 sigma + 1) multiply-adds per voxel and axis.
class GaussianSmoother {
 public:
  /// @param fwhm_mm  full width at half maximum along the three voxel axes, >= 0 (0: not smoothed).
  GaussianSmoother(const Grid& grid, const Eigen::Vector3d& fwhm_mm);
  /// Smooths one volume (x fastest) in place.
  void smooth(std::vector<double>& volume) const;

 private:
  void smooth_finite(std::vector<double>& volume) const;
  void smooth_axis(std::vector<double>& volume, int axis) const;
  Grid grid_;
  std::vector<double> kernels_[3];  ///< one-sided weights: centre first
};

/// Gaussian smoothing of maps that are known in a mask only: voxels outside, and those that are not
/// finite, carry no weight.
class MaskSmoother {
 public:
  MaskSmoother(const Mask& mask, double fwhm_mm);
  /// @param maps  (n_maps, n_voxels); NaN stays NaN.
  /// @cost  that of smoothing n_maps volumes.
  void smooth(Eigen::MatrixXd& maps, int n_threads) const;

 private:
  Mask mask_;
  GaussianSmoother smoother_;
};

}  // namespace sociometer
