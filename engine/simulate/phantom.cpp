#include "engine/simulate/phantom.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"
#include "engine/roi/study_regions.hpp"

namespace sociometer {
namespace {

using Point = Eigen::Vector3d;

struct Ellipsoid {
  Point centre, half_axes;
  /// 0 at the centre, 1 on the surface; uses |x|: every shape has a left and a right copy.
  double radius_at(const Point& mm) const {
    const Point p(std::abs(mm.x()), mm.y(), mm.z());
    return ((p - centre).array() / half_axes.array()).matrix().norm();
  }
};

const Ellipsoid kCerebrum{{0, -17, 14}, {72, 90, 66}};
const Ellipsoid kTemporal{{44, -14, -20}, {25, 46, 25}};
const Ellipsoid kCerebellum{{20, -64, -34}, {32, 34, 25}};
const Ellipsoid kBrainstem{{0, -27, -36}, {12, 13, 34}};
const Ellipsoid kVentricle{{9, -14, 18}, {5, 30, 8}};
const Ellipsoid kThirdVentricle{{0, -12, 2}, {2.5, 14, 10}};
const Ellipsoid kThalamus{{11, -18, 7}, {9, 14, 8}};
const Ellipsoid kStriatum{{14, 11, 1}, {8, 12, 11}};
const Ellipsoid kPutamen{{26, 4, 1}, {6, 15, 9}};
const Ellipsoid kInsula{{36, 10, 0}, {6, 22, 14}};

const Ellipsoid kCallosum{{0, -8, 14}, {16, 38, 15}};

constexpr double kCortexMm = 5;   // thickness of the ribbon
constexpr double kFolding = 1.4;  // finer folds above 1
constexpr double kSulcusMm = 19;  // depth of the folds

/// 1 at the bottom of the folds, 0 between them: sheets about 20 mm apart.
double sulcus(const Point& mm) {
  const double x = std::abs(mm.x()) * kFolding, y = mm.y() * kFolding, z = mm.z() * kFolding;
  const double wave = std::sin(x / 6 + 1.6 * std::sin(y / 11 + 0.4)) +
                      std::sin(y / 7 + 1.4 * std::sin(z / 10)) +
                      std::sin(z / 6.5 + 1.2 * std::sin(x / 9 + 1));
  return std::exp(-wave * wave / 0.25);
}

/// Depth below the surface of a shape, in mm, approximated with its mean
/// half axis; negative outside.
double depth_mm(const Ellipsoid& shape, const Point& mm) {
  return (1 - shape.radius_at(mm)) * shape.half_axes.mean();
}

/// The lower surface of the frontal and parietal lobes is flat, not rounded.
double cerebrum_depth_mm(const Point& mm) {
  return std::min(depth_mm(kCerebrum, mm), mm.z() + (mm.y() > 0 ? 32 : 24));
}

struct Sample {
  bool inside = false;
  Tissue tissue = Tissue::grey;
};

Sample sample_at(const Point& mm) {
  const double cerebrum = cerebrum_depth_mm(mm), temporal = depth_mm(kTemporal, mm),
               cerebellum = depth_mm(kCerebellum, mm);
  const double depth = std::max({cerebrum, temporal, cerebellum});
  const bool stem = kBrainstem.radius_at(mm) < 1;
  if (depth <= 0 && !stem) return {};
  const auto within = [&](const Ellipsoid& shape) { return shape.radius_at(mm) < 1; };
  if (within(kVentricle) || within(kThirdVentricle)) return {true, Tissue::csf};
  if (within(kThalamus) || within(kStriatum) || within(kPutamen) || within(kInsula))
    return {true, Tissue::grey};
  // The formulas do not place sulci correctly: force grey matter where activity was published.
  for (const auto& region : study_regions())
    if ((mm - region.centre_mm).norm() <= region.radius_mm) return {true, Tissue::grey};
  if (depth <= 0 || within(kCallosum)) return {true, Tissue::white};
  // The interhemispheric fissure, with cortex on both of its banks.
  const double fissure = cerebrum >= depth ? std::abs(mm.x()) - 1.5 : depth;
  if (fissure < 0 && depth < 60) return {true, Tissue::csf};
  const double below = std::min(depth, fissure), fold = kSulcusMm * sulcus(mm);
  if (below < fold - 1.6 * kCortexMm) return {true, Tissue::csf};
  return {true, below < std::max(fold, kCortexMm) ? Tissue::grey : Tissue::white};
}

/// Proportions of the tissues in a voxel, from 3 x 3 x 3 points within it.
std::array<double, 3> shares_at(const Point& centre_mm, const Point& voxel_mm, double& inside) {
  std::array<double, 3> shares{0, 0, 0};
  inside = 0;
  for (int i = 0; i < 27; ++i) {
    const int x = i % 3, y = i / 3 % 3, z = i / 9;
    const Point step(x - 1.0, y - 1.0, z - 1.0);
    const Sample s = sample_at(centre_mm + Point(step.array() * voxel_mm.array() / 3));
    if (!s.inside) continue;
    inside += 1. / 27;
    shares[size_t(s.tissue)] += 1. / 27;
  }
  for (double& share : shares) share /= std::max(inside, 1e-12);
  return shares;
}

}  // namespace

Grid simulation_grid(const std::string& name) {
  return simulation_grid(value_of<SimulationGrid>(name, "grid"));
}

Grid simulation_grid(SimulationGrid which) {
  Grid grid;
  grid.space_code = 4;
  double mm = 0;
  Point origin(-96, -132, -78);
  if (which == SimulationGrid::tiny) {
    grid.size = {33, 39, 33}, mm = 6;
  } else if (which == SimulationGrid::mm3) {
    grid.size = {65, 77, 65}, mm = 3;
  } else {
    grid.size = {97, 115, 97}, mm = 2, origin = {-96.5, -132.5, -78.5};
  }
  grid.world_from_voxel.diagonal() << mm, mm, mm, 1;
  grid.world_from_voxel.col(3).head<3>() = origin;
  return grid;
}

Phantom make_phantom(const Grid& grid) {
  constexpr double kBrightness[] = {1.0, 0.86, 1.25};  // grey, white, CSF in a T2*-weighted image
  Phantom phantom;
  phantom.brain.grid = grid;
  std::vector<double> baseline, grey;
  const Point voxel_mm = grid.voxel_size_mm();
  for (Eigen::Index i = 0; i < grid.n_voxels(); ++i) {
    const Point mm = grid.world(i);
    double inside = 0;
    const auto shares = shares_at(mm, voxel_mm, inside);
    if (inside < 0.5) continue;
    phantom.brain.voxels.push_back(uint32_t(i));
    phantom.tissue.push_back(
        Tissue(std::max_element(shares.begin(), shares.end()) - shares.begin()));
    double bright = 0;
    for (size_t t = 0; t < 3; ++t) bright += shares[t] * kBrightness[t];
    // Receive coils surround the head, so the surface is slightly brighter than the centre; signal
    // is lost above the sinuses and the ear canals.
    const double coil = 0.94 + 0.12 * std::min(1.0, (mm - Point(0, -17, 10)).norm() / 85);
    const double sinus = 0.35 * std::exp(-(mm - Point(0, 46, -26)).squaredNorm() / (2 * 12 * 12));
    const Point ear(std::abs(mm.x()) - 52, mm.y() + 20, mm.z() + 38);
    const double canal = 0.25 * std::exp(-ear.squaredNorm() / (2 * 11 * 11));
    baseline.push_back(bright * coil * (1 - sinus) * (1 - canal));
    grey.push_back(shares[0]);
  }
  phantom.baseline = Eigen::Map<Eigen::VectorXd>(baseline.data(), Eigen::Index(baseline.size()));
  phantom.grey = Eigen::Map<Eigen::VectorXd>(grey.data(), Eigen::Index(grey.size()));
  return phantom;
}

std::vector<Eigen::Index> voxels_within(const Mask& brain, const Eigen::Vector3d& centre_mm,
                                        double radius_mm) {
  std::vector<Eigen::Index> inside;
  Eigen::Index nearest = -1;
  double least = std::numeric_limits<double>::infinity();
  for (Eigen::Index v = 0; v < brain.n_voxels(); ++v) {
    const double mm = (brain.grid.world(brain.voxels[size_t(v)]) - centre_mm).norm();
    if (mm < least) least = mm, nearest = v;
    if (mm <= radius_mm) inside.push_back(v);
  }
  if (inside.empty() && nearest >= 0) inside.push_back(nearest);
  return inside;
}

}  // namespace sociometer
