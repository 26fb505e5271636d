#pragma once
#include <vector>

#include "engine/core/grid.hpp"
#include "engine/core/mask.hpp"

namespace sociometer {

/// Separable Gaussian smoothing of volumes.
///
/// The kernel is sampled at voxel centres, truncated at 4 standard deviations and normalised to sum
/// to one. At the edges the image is continued by reflection (d c b a | a b c d), so that the
/// weights at every voxel sum to one and a constant image stays constant, as in scipy's
/// gaussian_filter and hence nilearn's smooth_img. Non-finite voxels get no weight (the other
/// weights are renormalised) and become NaN.
///
/// @cost  8 sigma + 1 multiply-adds per voxel and axis (sigma in voxels).
class GaussianSmoother {
 public:
  /// @param fwhm_mm  along the three voxel axes, 0 (no smoothing) to 1000, else Error{usage}.
  GaussianSmoother(const Grid& grid, const Eigen::Vector3d& fwhm_mm);
  /// Smooths one volume (x fastest) in place.
  void smooth(std::vector<double>& volume) const;

 private:
  void smooth_finite(std::vector<double>& volume) const;
  void smooth_axis(std::vector<double>& volume, int axis) const;
  Grid grid_;
  std::vector<double> kernels_[3];  ///< one-sided weights: centre first
};

/// Gaussian smoothing of maps defined only within a mask: voxels outside it, and
/// non-finite ones, get no weight.
class MaskSmoother {
 public:
  MaskSmoother(const Mask& mask, double fwhm_mm);  ///< fwhm_mm along all axes
  /// @param maps  (n_maps, n_voxels), smoothed in place; non-finite values become NaN.
  /// @cost  that of smoothing n_maps volumes; threads share the maps.
  void smooth(Eigen::MatrixXd& maps, int n_threads) const;

 private:
  Mask mask_;
  GaussianSmoother smoother_;
};

}  // namespace sociometer
