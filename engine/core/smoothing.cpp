#include "engine/core/smoothing.hpp"

#include <cmath>
#include <limits>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

std::vector<double> one_sided_kernel(double sigma_voxels) {
  if (sigma_voxels <= 0) return {1.0};
  const int radius = static_cast<int>(std::lround(4.0 * sigma_voxels));
  std::vector<double> kernel(size_t(radius) + 1);
  double sum = 0;
  for (int i = 0; i <= radius; ++i) {
    kernel[size_t(i)] = std::exp(-0.5 * i * i / (sigma_voxels * sigma_voxels));
    sum += (i == 0 ? 1 : 2) * kernel[size_t(i)];
  }
  for (double& w : kernel) w /= sum;
  return kernel;
}

/// Index at which position i lands when a line of n voxels is continued by reflection.
Eigen::Index mirrored(Eigen::Index i, Eigen::Index n) {
  const Eigen::Index period = 2 * n;
  i = ((i % period) + period) % period;
  return i < n ? i : period - 1 - i;
}

}  // namespace

GaussianSmoother::GaussianSmoother(const Grid& grid, const Eigen::Vector3d& fwhm_mm) : grid_(grid) {
  const Eigen::Vector3d mm = grid.voxel_size_mm();
  for (int axis = 0; axis < 3; ++axis) {
    if (!(fwhm_mm[axis] >= 0 && fwhm_mm[axis] <= 1000))
      fail(ErrorCode::usage, "smoothing FWHM is {} mm; it must lie between 0 and 1000",
           fwhm_mm[axis]);
    kernels_[axis] = one_sided_kernel(fwhm_mm[axis] / std::sqrt(8.0 * std::log(2.0)) / mm[axis]);
  }
}

void GaussianSmoother::smooth_axis(std::vector<double>& volume, int axis) const {
  const auto& kernel = kernels_[axis];
  if (kernel.size() == 1) return;
  const Eigen::Index n = grid_.size[size_t(axis)];
  const auto radius = static_cast<Eigen::Index>(kernel.size()) - 1;
  const Eigen::Index stride = axis == 0   ? 1
                              : axis == 1 ? grid_.size[0]
                                          : grid_.size[0] * grid_.size[1];
  const Eigen::Index n_lines = grid_.n_voxels() / n;
  std::vector<double> padded(size_t(n + 2 * radius));
  for (Eigen::Index line = 0; line < n_lines; ++line) {
    // Voxels of a line are `stride` apart; a line starts where the coordinate along the axis is 0.
    double* start = volume.data() + (line / stride) * stride * n + line % stride;
    for (Eigen::Index i = -radius; i < n + radius; ++i)
      padded[size_t(i + radius)] = start[mirrored(i, n) * stride];
    for (Eigen::Index i = 0; i < n; ++i) {
      const double* centre = padded.data() + i + radius;
      double sum = kernel[0] * centre[0];
      for (Eigen::Index k = 1; k <= radius; ++k)
        sum += kernel[size_t(k)] * (centre[-k] + centre[k]);
      start[i * stride] = sum;
    }
  }
}

void GaussianSmoother::smooth_finite(std::vector<double>& volume) const {
  for (int axis = 0; axis < 3; ++axis) smooth_axis(volume, axis);
}

void GaussianSmoother::smooth(std::vector<double>& volume) const {
  bool all_finite = true;
  for (double v : volume) all_finite &= std::isfinite(v);
  if (all_finite) return smooth_finite(volume);
  std::vector<double> weight(volume.size());
  for (size_t i = 0; i < volume.size(); ++i) {
    weight[i] = std::isfinite(volume[i]) ? 1.0 : 0.0;
    if (weight[i] == 0.0) volume[i] = 0.0;
  }
  const std::vector<double> was_finite = weight;
  smooth_finite(volume);
  smooth_finite(weight);
  for (size_t i = 0; i < volume.size(); ++i)
    volume[i] =
        was_finite[i] > 0 ? volume[i] / weight[i] : std::numeric_limits<double>::quiet_NaN();
}

MaskSmoother::MaskSmoother(const Mask& mask, double fwhm_mm)
    : mask_(mask), smoother_(mask.grid, Eigen::Vector3d::Constant(fwhm_mm)) {}

void MaskSmoother::smooth(Eigen::MatrixXd& maps, int n_threads) const {
  require(maps.cols() == mask_.n_voxels(), "maps have as many columns as the mask has voxels");
  parallel_for(maps.rows(), n_threads, [&](Eigen::Index map) {
    std::vector<double> volume(size_t(mask_.grid.n_voxels()),
                               std::numeric_limits<double>::quiet_NaN());
    for (Eigen::Index v = 0; v < maps.cols(); ++v) volume[mask_.voxels[size_t(v)]] = maps(map, v);
    smoother_.smooth(volume);
    for (Eigen::Index v = 0; v < maps.cols(); ++v) maps(map, v) = volume[mask_.voxels[size_t(v)]];
  });
}

}  // namespace sociometer
