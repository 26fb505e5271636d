#include "engine/rsa/searchlight.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {

constexpr double kToleranceMm = 1e-6;

/// Values of all models; absent pairs have no part in it.
void compare_all(const std::vector<ModelComparison>& models, const Eigen::VectorXd& rdm,
                 Eigen::Index voxel, SearchlightMaps& maps) {
  for (size_t m = 0; m < models.size(); ++m)
    maps.values(voxel, Eigen::Index(m)) = models[m].value(rdm);
}

SearchlightMaps empty_maps(const Searchlight& spheres, size_t n_models) {
  const Eigen::Index n = spheres.mask().n_voxels();
  return {Eigen::MatrixXd::Constant(n, Eigen::Index(n_models), kNaN), Eigen::VectorXd::Zero(n)};
}

/// Positions in the mask that begin a row of the grid along x.
std::vector<Eigen::Index> row_starts(const Mask& mask) {
  std::vector<Eigen::Index> starts;
  for (Eigen::Index v = 0; v < mask.n_voxels(); ++v)
    if (v == 0 || mask.voxels[size_t(v)] / size_t(mask.grid.size[0]) !=
                      mask.voxels[size_t(v - 1)] / size_t(mask.grid.size[0]))
      starts.push_back(v);
  starts.push_back(mask.n_voxels());
  return starts;
}

}  // namespace

Searchlight::Searchlight(const Mask& mask, double radius_mm) : mask_(mask) {
  if (!(radius_mm > 0) || !std::isfinite(radius_mm))
    fail(ErrorCode::bad_input, "the radius of a searchlight is {} mm; it must be above 0",
         radius_mm);
  const Grid& grid = mask.grid;
  if (grid.n_voxels() > std::numeric_limits<int32_t>::max())
    fail(ErrorCode::bad_input, "a searchlight takes grids of up to 2^31 voxels; this one is {}",
         describe(grid));
  voxel_of_cell_.assign(size_t(grid.n_voxels()), -1);
  for (size_t v = 0; v < mask.voxels.size(); ++v) voxel_of_cell_[mask.voxels[v]] = int32_t(v);
  const Eigen::Matrix3d axes = grid.world_from_voxel.topLeftCorner<3, 3>();
  // How far the sphere reaches along each voxel axis, also if the axes are oblique.
  const Eigen::Matrix3d inverse = axes.inverse();
  std::array<Eigen::Index, 3> reach{};
  for (int k = 0; k < 3; ++k)
    reach[size_t(k)] =
        std::min(grid.size[size_t(k)], Eigen::Index(std::ceil(radius_mm * inverse.row(k).norm())));
  for (Eigen::Index dz = -reach[2]; dz <= reach[2]; ++dz)
    for (Eigen::Index dy = -reach[1]; dy <= reach[1]; ++dy) {
      Row row{0, -1, dy, dz};
      for (Eigen::Index dx = -reach[0]; dx <= reach[0]; ++dx) {
        const Eigen::Vector3d step{double(dx), double(dy), double(dz)};
        if ((axes * step).norm() > radius_mm + kToleranceMm) continue;
        if (row.last < row.first) row.first = dx;
        row.last = dx;
      }
      if (row.last >= row.first) {
        rows_.push_back(row);
        full_size_ += row.last - row.first + 1;
      }
    }
}

Eigen::Index Searchlight::at(Eigen::Index x, Eigen::Index y, Eigen::Index z) const {
  const auto& size = mask_.grid.size;
  if (x < 0 || y < 0 || z < 0 || x >= size[0] || y >= size[1] || z >= size[2]) return -1;
  return voxel_of_cell_[size_t(mask_.grid.index(x, y, z))];
}

std::vector<Eigen::Index> Searchlight::around(Eigen::Index voxel) const {
  const auto centre = mask_.grid.position(mask_.voxels[size_t(voxel)]);
  std::vector<Eigen::Index> out;
  for (const Row& row : rows_)
    for (Eigen::Index dx = row.first; dx <= row.last; ++dx)
      if (const auto v = at(centre[0] + dx, centre[1] + row.dy, centre[2] + row.dz); v >= 0)
        out.push_back(v);
  return out;
}

/// Shares of voxels in dissimilarities, kept or computed when asked for.
class VoxelShares {
 public:
  VoxelShares(const VoxelDissimilarities& dissimilarities, const Eigen::MatrixXd& patterns,
              double table_bytes, int n_threads)
      : dissimilarities_(dissimilarities), patterns_(patterns) {
    if (double(dissimilarities.n_pairs()) * double(patterns.cols()) * 8 > table_bytes) return;
    table_.resize(dissimilarities.n_pairs(), patterns.cols());
    constexpr Eigen::Index kBlock = 256;
    parallel_for((patterns.cols() + kBlock - 1) / kBlock, n_threads, [&](Eigen::Index block) {
      const Eigen::Index last = std::min(patterns.cols(), (block + 1) * kBlock);
      for (Eigen::Index v = block * kBlock; v < last; ++v)
        dissimilarities.of_voxel(patterns.col(v).data(), table_.col(v).data());
    });
  }
  Eigen::Index n_pairs() const { return dissimilarities_.n_pairs(); }
  /// @param scratch  (n_pairs), overwritten.
  const double* of(Eigen::Index voxel, Eigen::VectorXd& scratch) const {
    if (table_.size() > 0) return table_.col(voxel).data();
    dissimilarities_.of_voxel(patterns_.col(voxel).data(), scratch.data());
    return scratch.data();
  }

 private:
  const VoxelDissimilarities& dissimilarities_;
  const Eigen::MatrixXd& patterns_;
  Eigen::MatrixXd table_;
};

/// The sums over a sphere that moves along a row of the grid. What rounding takes from each
/// addition is kept (two-sum of Knuth), so a voxel of any size leaves nothing behind when it
/// leaves.
class SlidingSphere {
 public:
  SlidingSphere(const Searchlight& spheres, const VoxelShares& shares)
      : spheres_(spheres),
        shares_(shares),
        sums_(shares.n_pairs()),
        lost_(shares.n_pairs()),
        scratch_(shares.n_pairs()) {}

  void start(Eigen::Index voxel) {
    sums_.setZero();
    lost_.setZero();
    n_voxels_ = 0;
    centre_ = spheres_.mask_.grid.position(spheres_.mask_.voxels[size_t(voxel)]);
    for (const Eigen::Index v : spheres_.around(voxel)) add(v, 1);
  }
  /// One step along x.
  void step() {
    for (const auto& row : spheres_.rows_) {
      const Eigen::Index y = centre_[1] + row.dy, z = centre_[2] + row.dz;
      if (const auto v = spheres_.at(centre_[0] + row.first, y, z); v >= 0) add(v, -1);
      if (const auto v = spheres_.at(centre_[0] + row.last + 1, y, z); v >= 0) add(v, 1);
    }
    ++centre_[0];
  }
  Eigen::Index x() const { return centre_[0]; }
  Eigen::Index n_voxels() const { return n_voxels_; }
  Eigen::VectorXd mean() const { return (sums_ + lost_) / double(n_voxels_); }

 private:
  void add(Eigen::Index voxel, int sign) {
    const double* share = shares_.of(voxel, scratch_);
    for (Eigen::Index p = 0; p < sums_.size(); ++p) {
      const double added = sign * share[p], before = sums_[p], after = before + added;
      const double arrived = after - before;
      lost_[p] += (before - (after - arrived)) + (added - arrived);
      sums_[p] = after;
    }
    n_voxels_ += sign;
  }
  const Searchlight& spheres_;
  const VoxelShares& shares_;
  Eigen::VectorXd sums_, lost_, scratch_;
  Eigen::Index n_voxels_ = 0;
  std::array<Eigen::Index, 3> centre_{};
};

Eigen::Index SearchlightMaps::leave_out_below(double least_voxels) {
  Eigen::Index n = 0;
  for (Eigen::Index v = 0; v < n_voxels.size(); ++v)
    if (n_voxels[v] < least_voxels) {
      values.row(v).setConstant(kNaN);
      ++n;
    }
  return n;
}

Eigen::Index SearchlightMaps::n_missing(Eigen::Index model) const {
  return values.col(model).array().isNaN().count();
}

SearchlightMaps search(
    const Searchlight& spheres,
    const std::function<Eigen::VectorXd(const std::vector<Eigen::Index>&)>& sphere_rdm,
    const std::vector<ModelComparison>& models, int n_threads) {
  SearchlightMaps maps = empty_maps(spheres, models.size());
  parallel_for(spheres.mask().n_voxels(), n_threads, [&](Eigen::Index voxel) {
    const auto around = spheres.around(voxel);
    maps.n_voxels[voxel] = double(around.size());
    compare_all(models, sphere_rdm(around), voxel, maps);
  });
  return maps;
}

SearchlightMaps search_sums(const Searchlight& spheres, const VoxelDissimilarities& dissimilarities,
                            const Eigen::MatrixXd& patterns,
                            const std::vector<ModelComparison>& models, double table_bytes,
                            int n_threads) {
  require(patterns.cols() == spheres.mask().n_voxels(), "patterns are those of the mask");
  SearchlightMaps maps = empty_maps(spheres, models.size());
  const VoxelShares shares(dissimilarities, patterns, table_bytes, n_threads);
  const auto starts = row_starts(spheres.mask());
  const Eigen::Index width = spheres.mask().grid.size[0];
  parallel_for(Eigen::Index(starts.size()) - 1, n_threads, [&](Eigen::Index row) {
    SlidingSphere sphere(spheres, shares);
    for (Eigen::Index v = starts[size_t(row)]; v < starts[size_t(row) + 1]; ++v) {
      const Eigen::Index x = Eigen::Index(spheres.mask().voxels[size_t(v)]) % width;
      // Over a gap in the mask a new start costs no more than the steps.
      if (v == starts[size_t(row)] || x - sphere.x() > 2)
        sphere.start(v);
      else
        while (sphere.x() < x) sphere.step();
      maps.n_voxels[v] = double(sphere.n_voxels());
      compare_all(models, sphere.mean(), v, maps);
    }
  });
  return maps;
}

}  // namespace sociometer
