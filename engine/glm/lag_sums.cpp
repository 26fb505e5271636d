#include "engine/glm/lag_sums.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/noise_model.hpp"
#include "engine/glm/voxel_limits.hpp"

namespace sociometer {
namespace {

/// Scans decoded at a time: they and their weights fit in the first-level cache.
constexpr Eigen::Index kScansAtATime = 32;
static_assert(kWidth == MaskedSeries::kTileWidth);

}  // namespace

LagSums::Rows::Rows(const RunDesign& design)
    : lags_at((design.order + 1) * design.n_working()),
      head_at(lags_at + design.order + 1),
      recent_at(head_at + design.order),
      shift_at(recent_at + design.order),
      flaw_at(shift_at + 1),
      n(flaw_at + 1) {}

LagSums::LagSums(const RunDesign& design, const Mask& mask, const kernels::KernelSet& kernels)
    : design_(design),
      kernels_(kernels),
      n_voxels_(mask.n_voxels()),
      rows_(design),
      sums_(size_t(n_tiles() * rows_.n * kWidth)) {}

void LagSums::add(const MaskedSeries& block, int n_threads) {
  require(next_scan_ + block.n_scans() <= design_.n_scans(),
          "no more volumes than the design has scans");
  // Tiles are distributed in batches so that a thread's work outweighs the overhead.
  constexpr Eigen::Index kBatch = 16;
  parallel_for((n_tiles() + kBatch - 1) / kBatch, n_threads, [&](Eigen::Index batch) {
    for (Eigen::Index i = batch * kBatch; i < std::min(n_tiles(), (batch + 1) * kBatch); ++i)
      add_to_tile(i, block);
  });
  const auto first = design_.kept.begin() + next_scan_;
  shift_known_ =
      shift_known_ || std::find(first, first + block.n_scans(), 1) != first + block.n_scans();
  next_scan_ += block.n_scans();
}

/// Mean over the finite values of the block's kept scans.
void LagSums::set_shift(Eigen::Index index, const MaskedSeries& block, double* shift) const {
  const Eigen::Index first = index * kWidth, n_here = std::min(kWidth, n_voxels_ - first);
  double y[kWidth], n[kWidth] = {};
  for (Eigen::Index t = 0; t < block.n_scans(); ++t) {
    if (!design_.kept[size_t(next_scan_ + t)]) continue;
    block.decode(index, t, 1, y);
    for (Eigen::Index v = 0; v < n_here; ++v)
      if (std::isfinite(y[v])) shift[v] += y[v], n[v] += 1;
  }
  for (Eigen::Index v = 0; v < n_here; ++v) {
    shift[v] = n[v] > 0 ? shift[v] / n[v] : 0.0;
    if (!std::isfinite(shift[v])) shift[v] = 0;  // the sum of huge values overflowed
  }
}

void LagSums::add_to_tile(Eigen::Index index, const MaskedSeries& block) {
  const Eigen::Index order = design_.order;
  double* sums = sums_.data() + index * rows_.n * kWidth;
  double* shift = sums + rows_.shift_at * kWidth;
  double* recent = sums + rows_.recent_at * kWidth;
  if (!shift_known_) set_shift(index, block, shift);

  alignas(64) double buffer[(kMaxArOrder + kScansAtATime) * kWidth];
  double* series = buffer + order * kWidth;
  // The newest scans are the last rows before the new ones.
  std::copy_n(recent, order * kWidth, buffer);
  for (Eigen::Index at = 0; at < block.n_scans(); at += kScansAtATime) {
    const Eigen::Index n_new = std::min(kScansAtATime, block.n_scans() - at);
    const Eigen::Index scan = next_scan_ + at;
    block.decode(index, at, n_new, series);
    for (Eigen::Index t = 0; t < n_new; ++t) {
      double* y = series + t * kWidth;
      if (design_.kept[size_t(scan + t)])
        kernels_.shift_values(y, shift, sums + rows_.flaw_at * kWidth);
      else
        std::fill_n(y, kWidth, 0.0);
    }
    const auto& weights = design_.stream_weights;
    kernels_.accumulate_products(weights.data() + scan * weights.cols(), weights.cols(), int(n_new),
                                 int(weights.cols()), series, sums);
    kernels_.accumulate_lags(series, int(n_new), int(order), sums + rows_.lags_at * kWidth);
    for (Eigen::Index t = scan; t < std::min(scan + n_new, order); ++t)
      std::copy_n(series + (t - scan) * kWidth, kWidth, sums + (rows_.head_at + t) * kWidth);
    // A block may be shorter than the order: remaining older scans are moved down.
    std::copy(series + (n_new - order) * kWidth, series + n_new * kWidth, buffer);
  }
  std::copy_n(buffer, order * kWidth, recent);
}

}  // namespace sociometer
