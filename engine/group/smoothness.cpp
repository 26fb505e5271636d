#include "engine/group/smoothness.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/core/error.hpp"
#include "engine/group/random_field.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// Index in the mask of each voxel of a box with an empty margin, -1 outside.
class Places {
 public:
  explicit Places(const Mask& mask) : size_(mask.grid.size) {
    at_.assign(size_t((size_[0] + 2) * (size_[1] + 2) * (size_[2] + 2)), -1);
    for (size_t v = 0; v < mask.voxels.size(); ++v)
      at_[cell(mask.grid.position(mask.voxels[v]))] = Index(v);
  }
  size_t cell(const std::array<Index, 3>& p) const {
    return size_t(p[0] + 1 + (size_[0] + 2) * (p[1] + 1 + (size_[1] + 2) * (p[2] + 1)));
  }
  Index at(const std::array<Index, 3>& p, Index dx, Index dy, Index dz) const {
    return at_[cell({p[0] + dx, p[1] + dy, p[2] + dz})];
  }
  void take_out(const std::array<Index, 3>& p) { at_[cell(p)] = -1; }
  /// Axes along which the grid has more than one voxel.
  std::array<bool, 3> axes() const { return {size_[0] > 1, size_[1] > 1, size_[2] > 1}; }

 private:
  std::array<Index, 3> size_;
  std::vector<Index> at_;
};

/// Whether all neighbours at +1 along the given axes are in the mask.
bool has_corner(const Places& places, const std::array<Index, 3>& p,
                const std::array<bool, 3>& axes) {
  for (Index z = 0; z <= (axes[2] ? 1 : 0); ++z)
    for (Index y = 0; y <= (axes[1] ? 1 : 0); ++y)
      for (Index x = 0; x <= (axes[0] ? 1 : 0); ++x)
        if (places.at(p, x, y, z) < 0) return false;
  return true;
}

Smoothness in_mm(Smoothness s, const Mask& mask) {
  s.fwhm_mm = s.fwhm_voxels.cwiseProduct(mask.grid.voxel_size_mm());
  return s;
}

/// The last of the neighbours of voxel v at +1, v itself included.
Index last_neighbour(const Mask& mask, const Places& places, Index v) {
  const auto p = mask.grid.position(mask.voxels[size_t(v)]);
  Index last = v;
  for (Index corner = 1; corner < 8; ++corner)
    last = std::max(last, places.at(p, corner & 1, corner >> 1 & 1, corner >> 2 & 1));
  return last;
}

/// Calls work(first, last, images of voxels first .. and their neighbours at +1) for all voxels,
/// block by block.
template <typename Work>
void for_windows(const Mask& mask, const GroupData& images, Index block, const Work& work) {
  const Places places(mask);
  Eigen::MatrixXd space;
  for (Index first = 0; first < images.n_voxels(); first += block) {
    const Index last = std::min(images.n_voxels(), first + block);
    Index end = last;
    for (Index v = first; v < last; ++v) end = std::max(end, last_neighbour(mask, places, v) + 1);
    work(first, last, images.block(first, end - first, space));
  }
}

}  // namespace

Index smoothness_reach(const Mask& mask) {
  const Places places(mask);
  Index reach = 0;
  for (Index v = 0; v < mask.n_voxels(); ++v)
    reach = std::max(reach, last_neighbour(mask, places, v) - v);
  return reach;
}

Smoothness smoothness_of_residuals(const Mask& mask,
                                   const Eigen::Ref<const Eigen::MatrixXd>& residuals, double dof) {
  return smoothness_of_residuals(mask, GroupMatrix(residuals), dof, mask.n_voxels());
}

Smoothness smoothness_of_residuals(const Mask& mask, const GroupData& residuals, double dof,
                                   Index block) {
  require(residuals.n_voxels() == mask.n_voxels() && dof > 0, "residuals are those of the mask");
  Places places(mask);
  const std::array<bool, 3> axes = places.axes();
  Eigen::VectorXd inverse_sd(residuals.n_voxels());
  Index n_axes = 0;
  for (const bool axis : axes) n_axes += axis;
  Smoothness s;
  double resels_per_voxel = 0;
  Eigen::Vector3d roughness = Eigen::Vector3d::Zero();
  Eigen::MatrixXd g(residuals.n_participants(), 3);
  const auto add_voxel = [&](Index v, Index first, const GroupBlock& window) {
    const auto p = mask.grid.position(mask.voxels[size_t(v)]);
    if (!has_corner(places, p, axes)) return;
    for (Index d = 0; d < 3; ++d) {
      const Index next = places.at(p, d == 0, d == 1, d == 2);
      if (axes[size_t(d)])
        g.col(d) =
            window.col(next - first) * inverse_sd[next] - window.col(v - first) * inverse_sd[v];
      else
        g.col(d).setZero();
    }
    Eigen::Matrix3d l = g.transpose() * g / dof;
    for (Index d = 0; d < 3; ++d)
      if (!axes[size_t(d)]) l(d, d) = kReselFactor;  // one resel per voxel along a degenerate axis
    resels_per_voxel += std::sqrt(std::abs(l.determinant()) / std::pow(kReselFactor, 3));
    roughness += (l.diagonal() / kReselFactor).cwiseSqrt();
    ++s.n_voxels;
  };
  for_windows(mask, residuals, block, [&](Index first, Index last, const GroupBlock& window) {
    for (Index k = 0; k < window.cols(); ++k) {
      inverse_sd[first + k] = std::sqrt(dof) / window.col(k).norm();
      if (!std::isfinite(inverse_sd[first + k]))
        places.take_out(mask.grid.position(mask.voxels[size_t(first + k)]));
    }
    for (Index v = first; v < last; ++v) add_voxel(v, first, window);
  });
  if (s.n_voxels == 0 || n_axes == 0)
    fail(ErrorCode::bad_input,
         "no voxel of the mask has all its neighbours with residuals: smoothness cannot be "
         "estimated");
  resels_per_voxel /= double(s.n_voxels);
  roughness /= double(s.n_voxels);
  // The mean determinant sets the volume of a resel, the roughness along the axes its shape.
  double product = 1;
  for (Index d = 0; d < 3; ++d)
    if (axes[size_t(d)]) product *= roughness[d];
  const double scale = std::pow(resels_per_voxel / product, 1.0 / double(n_axes));
  for (Index d = 0; d < 3; ++d) s.fwhm_voxels[d] = axes[size_t(d)] ? 1 / (roughness[d] * scale) : 1;
  return in_mm(s, mask);
}

Smoothness smoothness_of_map(const Mask& mask, const Eigen::Ref<const Eigen::VectorXd>& z) {
  require(z.size() == mask.n_voxels(), "a map has a value per voxel of the mask");
  Places places(mask);
  for (Index v = 0; v < z.size(); ++v)
    if (!std::isfinite(z[v])) places.take_out(mask.grid.position(mask.voxels[size_t(v)]));
  const std::array<bool, 3> axes = places.axes();
  Eigen::Vector3d products = Eigen::Vector3d::Zero(), squares = Eigen::Vector3d::Zero();
  Smoothness s;
  for (Index v = 0; v < z.size(); ++v) {
    const auto p = mask.grid.position(mask.voxels[size_t(v)]);
    if (places.at(p, 0, 0, 0) < 0) continue;
    std::array<Index, 3> before{};
    bool all = true;
    for (Index d = 0; d < 3; ++d) {
      before[size_t(d)] = places.at(p, -(d == 0), -(d == 1), -(d == 2));
      all &= !axes[size_t(d)] || before[size_t(d)] >= 0;
    }
    if (!all) continue;
    ++s.n_voxels;
    for (Index d = 0; d < 3; ++d)
      if (axes[size_t(d)]) {
        const double other = z[before[size_t(d)]];
        products[d] += z[v] * other;
        squares[d] += 0.5 * (z[v] * z[v] + other * other);
      }
  }
  for (Index d = 0; d < 3; ++d) {
    const double r = products[d] / squares[d];
    if (axes[size_t(d)] && !(r > 0 && r < 1))
      fail(ErrorCode::bad_input,
           "neighbours correlate by {:.3g} along axis {}: the map is not smooth enough for random "
           "fields",
           r, d);
    s.fwhm_voxels[d] = axes[size_t(d)] ? std::sqrt(-2 * std::numbers::ln2 / std::log(r)) : 1;
  }
  return in_mm(s, mask);
}

Smoothness smoothness_by_differences(const Mask& mask,
                                     const Eigen::Ref<const Eigen::MatrixXd>& images) {
  return smoothness_by_differences(mask, GroupMatrix(images), mask.n_voxels());
}

Smoothness smoothness_by_differences(const Mask& mask, const GroupData& images, Index block) {
  require(images.n_voxels() == mask.n_voxels(), "images are those of the mask");
  Places places(mask);
  const Index n = images.n_participants();
  Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(n), squares = sum;
  Eigen::ArrayXXd step_sum = Eigen::ArrayXXd::Zero(n, 3), step_squares = step_sum;
  double steps[3] = {0, 0, 0};
  Smoothness s;
  const auto add_voxel = [&](Index v, Index first, const GroupBlock& window) {
    const auto p = mask.grid.position(mask.voxels[size_t(v)]);
    if (places.at(p, 0, 0, 0) < 0) return;
    ++s.n_voxels;
    sum += window.col(v - first).array();
    squares += window.col(v - first).array().square();
    for (Index d = 0; d < 3; ++d) {
      const Index next = places.at(p, d == 0, d == 1, d == 2);
      if (next < 0) continue;
      const Eigen::ArrayXd step = window.col(next - first).array() - window.col(v - first).array();
      step_sum.col(d) += step;
      step_squares.col(d) += step.square();
      ++steps[d];
    }
  };
  for_windows(mask, images, block, [&](Index first, Index last, const GroupBlock& window) {
    for (Index k = 0; k < window.cols(); ++k)
      if (!window.col(k).allFinite())
        places.take_out(mask.grid.position(mask.voxels[size_t(first + k)]));
    for (Index v = first; v < last; ++v) add_voxel(v, first, window);
  });
  const auto variance = [](const auto& total, const auto& total_squares, double count) {
    return Eigen::ArrayXd((total_squares - total.square() / count) / (count - 1));
  };
  const Eigen::ArrayXd spread = variance(sum, squares, double(s.n_voxels));
  const std::array<bool, 3> axes = places.axes();
  for (Index d = 0; d < 3; ++d) {
    s.fwhm_voxels[d] = 1;
    if (!axes[size_t(d)]) continue;
    const Eigen::ArrayXd r =
        1 - 0.5 * variance(step_sum.col(d), step_squares.col(d), steps[d]) / spread;
    if (!(steps[d] > 1) || !(r > 0 && r < 1).all())
      fail(ErrorCode::bad_input,
           "neighbours along axis {} do not correlate: the images are not smooth enough for random "
           "fields",
           d);
    s.fwhm_voxels[d] = std::exp((0.5 * (-2 * std::numbers::ln2 / r.log()).log()).mean());
  }
  return in_mm(s, mask);
}

Smoothness given_smoothness(const Grid& grid, const Eigen::Vector3d& fwhm_mm) {
  Smoothness s;
  const Eigen::Vector3d voxel = grid.voxel_size_mm();
  for (int d = 0; d < 3; ++d) {
    if (!(fwhm_mm[d] > 0) || !std::isfinite(fwhm_mm[d]))
      fail(ErrorCode::usage, "a FWHM of {:g} mm is no smoothness; it must be above 0", fwhm_mm[d]);
    s.fwhm_voxels[d] = grid.size[size_t(d)] > 1 ? fwhm_mm[d] / voxel[d] : 1;
  }
  s.fwhm_mm = s.fwhm_voxels.cwiseProduct(voxel);
  return s;
}

std::array<double, 4> resel_counts(const Mask& mask, const Smoothness& smoothness) {
  const Places places(mask);
  double edges[3] = {0, 0, 0}, faces[3] = {0, 0, 0}, cubes = 0;  // faces: xy, xz, yz
  for (const uint32_t voxel : mask.voxels) {
    const auto p = mask.grid.position(voxel);
    edges[0] += has_corner(places, p, {true, false, false});
    edges[1] += has_corner(places, p, {false, true, false});
    edges[2] += has_corner(places, p, {false, false, true});
    faces[0] += has_corner(places, p, {true, true, false});
    faces[1] += has_corner(places, p, {true, false, true});
    faces[2] += has_corner(places, p, {false, true, true});
    cubes += has_corner(places, p, {true, true, true});
  }
  const Eigen::Vector3d r = smoothness.fwhm_voxels.cwiseInverse();
  const double voxels = double(mask.n_voxels());
  return {voxels - edges[0] - edges[1] - edges[2] + faces[0] + faces[1] + faces[2] - cubes,
          (edges[0] - faces[0] - faces[1] + cubes) * r[0] +
              (edges[1] - faces[0] - faces[2] + cubes) * r[1] +
              (edges[2] - faces[1] - faces[2] + cubes) * r[2],
          (faces[0] - cubes) * r[0] * r[1] + (faces[1] - cubes) * r[0] * r[2] +
              (faces[2] - cubes) * r[1] * r[2],
          cubes * r.prod()};
}

std::array<double, 4> volume_resels(const Mask& mask, const Smoothness& smoothness) {
  return {0, 0, 0, double(mask.n_voxels()) / smoothness.resel_voxels()};
}

}  // namespace sociometer
