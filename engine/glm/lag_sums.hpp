#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/core/large_buffer.hpp"
#include "engine/core/masked_series.hpp"
#include "engine/glm/kernels/kernels.hpp"
#include "engine/glm/run_design.hpp"

namespace sociometer {

/// The running sums of one run that OLS and exact per-voxel AR(p) estimates are computed from.
///
/// For each voxel, with y the series minus its shift and 0 in censored scans:
///   S_d = sum_t (e_{t+d} + e_{t-d}) y_t,  d = 0 .. order   (S_0 = sum e_t y_t; e:
///   RunDesign::columns) c_d = sum_t y_t y_{t-d}
/// and the first and last `order` values of y. Memory is (order + 1) (n_working + 1) + 2 order + 2
/// doubles per voxel, for any number of scans. The shift is the mean of the first block's kept
/// scans: it keeps the sums small relative to their spread, so data of mean 10,000 and noise 10
/// lose no relevant precision in float64.
class LagSums {
 public:
  LagSums(const RunDesign& design, Eigen::Index n_voxels, const kernels::KernelSet& kernels);

  /// Adds the next scans, in order.
  /// @cost  (order + 1) n_working multiply-adds per voxel and scan, less those of columns that are
  /// 0 in about 32 scans; same bits for any n_threads.
  void add(const MaskedSeries& block, int n_threads);
  bool complete() const { return next_scan_ == design_.n_scans(); }

  /// Rows of a tile; each row holds one number for each of kernels::kTileWidth voxels. Products are
  /// ordered by lag, then column; `head` holds the first scans, `recent` the last ones, newest
  /// last. `flaw` is 0 where all kept scans are finite.
  struct Rows {
    explicit Rows(const RunDesign& design);
    Eigen::Index lags_at, head_at, recent_at, shift_at, flaw_at, n;
  };
  const Rows& rows() const { return rows_; }
  Eigen::Index n_tiles() const {
    return (n_voxels_ + kernels::kTileWidth - 1) / kernels::kTileWidth;
  }
  const double* tile(Eigen::Index index) const {
    return sums_.data() + index * rows_.n * kernels::kTileWidth;
  }
  Eigen::Index n_voxels() const { return n_voxels_; }
  /// Frees the memory of the tiles [first, last); they must not be used again.
  void forget(Eigen::Index first, Eigen::Index last) {
    const size_t tile_bytes = size_t(rows_.n * kernels::kTileWidth) * sizeof(double);
    give_back(
        {sums_.data() + first * rows_.n * kernels::kTileWidth, size_t(last - first) * tile_bytes});
  }
  PageRange pages() { return sums_.pages(); }
  const kernels::KernelSet& kernels() const { return kernels_; }

 private:
  /// Neighbouring rows of sums.
  struct Span {
    Eigen::Index first, n;
  };
  /// Scans of a block that are decoded together, and the products that they add to.
  struct Piece {
    Eigen::Index at, n_scans;
    std::vector<Span> products;
  };
  void find_supports();
  std::vector<Span> products_of(Eigen::Index first_scan, Eigen::Index last_scan) const;
  std::vector<Piece> pieces_of(Eigen::Index n_scans) const;
  void add_to_tile(Eigen::Index index, const MaskedSeries& block, const std::vector<Piece>& pieces);
  void set_shift(Eigen::Index index, const MaskedSeries& block, double* shift) const;

  const RunDesign& design_;
  const kernels::KernelSet& kernels_;
  Eigen::Index n_voxels_;
  Rows rows_;
  LargeBuffer<double> sums_;
  /// Of each column of stream_weights: the first scan where it is not 0, and one past the last.
  std::vector<Eigen::Index> support_first_, support_end_;
  Eigen::Index next_scan_ = 0;
  bool shift_known_ = false;
};

}  // namespace sociometer
