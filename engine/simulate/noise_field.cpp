#include "engine/simulate/noise_field.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "engine/core/random.hpp"

namespace sociometer {
namespace {

using Position = std::array<Eigen::Index, 3>;

/// Standard deviation of white noise after smoothing, at each position along one axis.
std::vector<double> deviation_along(const Grid& box, size_t axis, double fwhm_mm) {
  const Eigen::Index n = box.size[axis];
  Grid line = box;
  line.size = {1, 1, 1};
  line.size[axis] = n;
  Eigen::Vector3d fwhm = Eigen::Vector3d::Zero();
  fwhm[Eigen::Index(axis)] = fwhm_mm;
  const GaussianSmoother smoother(line, fwhm);
  std::vector<double> variance(size_t(n), 0.0);
  for (Eigen::Index i = 0; i < n; ++i) {
    std::vector<double> impulse(size_t(n), 0.0);
    impulse[size_t(i)] = 1;
    smoother.smooth(impulse);
    for (size_t j = 0; j < impulse.size(); ++j) variance[j] += impulse[j] * impulse[j];
  }
  for (double& v : variance) v = std::sqrt(v);
  return variance;
}

}  // namespace

void fill_normals(uint64_t seed, uint64_t stream, uint64_t first, std::vector<double>& values) {
  const size_t n = values.size();
  for (size_t i = 0; i < n; i += 4) {
    const uint64_t position = first + i / 4;
    const auto words = philox4x32(
        {uint32_t(position), uint32_t(position >> 32), uint32_t(stream), uint32_t(stream >> 32)},
        {uint32_t(seed), uint32_t(seed >> 32)});
    double four[4];
    for (size_t pair = 0; pair < 2; ++pair) {
      const double u = (double(words[2 * pair]) + 0.5) * 0x1p-32;
      const double angle = 2 * std::numbers::pi * double(words[2 * pair + 1]) * 0x1p-32;
      const double radius = std::sqrt(-2 * std::log(u));
      four[2 * pair] = radius * std::cos(angle);
      four[2 * pair + 1] = radius * std::sin(angle);
    }
    std::copy_n(four, std::min<size_t>(4, n - i), values.begin() + std::ptrdiff_t(i));
  }
}

NoiseField::Box NoiseField::box_around(const Mask& brain) {
  Position first = brain.grid.size, last{0, 0, 0};
  for (const uint32_t v : brain.voxels) {
    const Position p = brain.grid.position(v);
    for (size_t a = 0; a < 3; ++a)
      first[a] = std::min(first[a], p[a]), last[a] = std::max(last[a], p[a]);
  }
  Box box{brain.grid, first};
  for (size_t a = 0; a < 3; ++a) box.grid.size[a] = last[a] - first[a] + 1;
  return box;
}

NoiseField::NoiseField(const Mask& brain, double fwhm_mm, uint64_t seed, uint64_t stream)
    : seed_(seed),
      stream_(stream),
      box_(box_around(brain)),
      smoother_(box_.grid, Eigen::Vector3d::Constant(fwhm_mm)) {
  const Position& first = box_.first;
  std::array<std::vector<double>, 3> deviation;
  for (size_t a = 0; a < 3; ++a) deviation[a] = deviation_along(box_.grid, a, fwhm_mm);
  scale_.resize(brain.n_voxels());
  for (const uint32_t v : brain.voxels) {
    const Position p = brain.grid.position(v);
    const Position q{p[0] - first[0], p[1] - first[1], p[2] - first[2]};
    scale_[Eigen::Index(in_box_.size())] =
        1 / (deviation[0][size_t(q[0])] * deviation[1][size_t(q[1])] * deviation[2][size_t(q[2])]);
    in_box_.push_back(box_.grid.index(q[0], q[1], q[2]));
  }
  volume_.resize(size_t(box_.grid.n_voxels()));
}

void NoiseField::next(Eigen::VectorXd& out) {
  fill_normals(seed_, stream_, position_, volume_);
  position_ += (volume_.size() + 3) / 4;
  smoother_.smooth(volume_);
  out.resize(scale_.size());
  for (Eigen::Index v = 0; v < out.size(); ++v)
    out[v] = scale_[v] * volume_[size_t(in_box_[size_t(v)])];
}

}  // namespace sociometer
