#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/core/scalar_type.hpp"
#include "engine/glm/kernels/products.hpp"
#include "engine/glm/run_design.hpp"

namespace sociometer {

/// The running sums of one run from which OLS and exact per-voxel AR(p) estimates follow.
///
/// For each voxel, with y the series minus its first kept value ("shift") and 0 in censored scans:
///   S_d = sum_t (e_{t+d} + e_{t-d}) y_t,  d = 0 .. order   (S_0 = sum e_t y_t; e:
///   RunDesign::columns) c_d = sum_t y_t y_{t-d}
/// and the first and last `order` values of y. Memory is (order + 1) (n_working + 1) + 2 order + 1
/// doubles per voxel, whatever the number of scans. Subtracting the first value keeps the sums
/// small beside their spread: data of mean 10,000 and noise 10 lose nothing that matters in
/// float64.
class LagSums {
 public:
  LagSums(const RunDesign& design, const Mask& mask, const kernels::KernelSet& kernels);

  /// Adds the next volumes, in order.
  /// @param volumes  whole volumes, one after the other, in `format`.
  /// @cost  (order + 1) n_working multiply-adds per voxel and scan; same bits for any n_threads.
  void add(std::span<const std::byte> volumes, size_t volume_bytes, const VolumeFormat& format,
           int n_threads);
  bool complete() const { return next_scan_ == design_.n_scans(); }

  /// Copies of one voxel's sums.
  struct Voxel {
    Eigen::MatrixXd products;    ///< S, (n_working, order + 1)
    Eigen::VectorXd lags;        ///< c, (order + 1)
    Eigen::VectorXd head, tail;  ///< first y_1 .., last y_n ..: counted from their end
    double shift = 0;
    bool finite = true;
  };
  void get(Eigen::Index voxel, Voxel& out) const;
  Eigen::Index n_voxels() const { return mask_.n_voxels(); }
  /// Mean over kept scans, in signal units.
  double mean(const Voxel& voxel) const;

 private:
  double* tile(Eigen::Index index) { return sums_.data() + index * rows_ * kernels::kTileWidth; }
  const double* tile(Eigen::Index index) const {
    return sums_.data() + index * rows_ * kernels::kTileWidth;
  }
  void add_to_tile(Eigen::Index index, std::span<const std::byte> volumes, size_t volume_bytes,
                   const VolumeFormat& format, Eigen::Index n_new);

  const RunDesign& design_;
  const Mask& mask_;
  const kernels::KernelSet& kernels_;
  // Rows of a tile: products, lags, head, last values (newest last), shift.
  Eigen::Index products_at_ = 0, lags_at_, head_at_, recent_at_, shift_at_, rows_;
  std::vector<double> sums_;
  std::vector<uint8_t> finite_;
  Eigen::Index next_scan_ = 0, first_kept_ = 0;
};

}  // namespace sociometer
