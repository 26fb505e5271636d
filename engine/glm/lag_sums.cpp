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

LagSums::LagSums(const RunDesign& design, Eigen::Index n_voxels, const kernels::KernelSet& kernels)
    : design_(design),
      kernels_(kernels),
      n_voxels_(n_voxels),
      rows_(design),
      sums_(size_t(n_tiles() * rows_.n * kWidth)) {
  find_supports();
}

void LagSums::find_supports() {
  const auto& weights = design_.stream_weights;
  support_first_.assign(size_t(weights.cols()), weights.rows());
  support_end_.assign(size_t(weights.cols()), 0);
  for (Eigen::Index t = 0; t < weights.rows(); ++t)
    for (Eigen::Index c = 0; c < weights.cols(); ++c) {
      if (weights(t, c) == 0) continue;
      support_first_[size_t(c)] = std::min(support_first_[size_t(c)], t);
      support_end_[size_t(c)] = t + 1;
    }
}

/// Columns that may differ from 0 in some of the scans [first_scan, last_scan).
std::vector<LagSums::Span> LagSums::products_of(Eigen::Index first_scan,
                                                Eigen::Index last_scan) const {
  constexpr Eigen::Index kFew = 6;  // rows that cost less than a further call
  std::vector<Span> spans;
  for (size_t c = 0; c < support_first_.size(); ++c) {
    if (support_end_[c] <= first_scan || support_first_[c] >= last_scan) continue;
    const auto at = Eigen::Index(c);
    if (!spans.empty() && at - (spans.back().first + spans.back().n) < kFew)
      spans.back().n = at + 1 - spans.back().first;
    else
      spans.push_back({at, 1});
  }
  return spans;
}

std::vector<LagSums::Piece> LagSums::pieces_of(Eigen::Index n_scans) const {
  std::vector<Piece> pieces;
  for (Eigen::Index at = 0; at < n_scans; at += kScansAtATime) {
    const Eigen::Index n = std::min(kScansAtATime, n_scans - at), scan = next_scan_ + at;
    pieces.push_back({at, n, products_of(scan, scan + n)});
  }
  return pieces;
}

void LagSums::add(const MaskedSeries& block, int n_threads) {
  require(next_scan_ + block.n_scans() <= design_.n_scans(),
          "no more volumes than the design has scans");
  // Tiles are distributed in batches so that a thread's work outweighs the overhead.
  constexpr Eigen::Index kBatch = 16;
  const std::vector<Piece> pieces = pieces_of(block.n_scans());
  parallel_for((n_tiles() + kBatch - 1) / kBatch, n_threads, [&](Eigen::Index batch) {
    for (Eigen::Index i = batch * kBatch; i < std::min(n_tiles(), (batch + 1) * kBatch); ++i)
      add_to_tile(i, block, pieces);
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

void LagSums::add_to_tile(Eigen::Index index, const MaskedSeries& block,
                          const std::vector<Piece>& pieces) {
  const Eigen::Index order = design_.order;
  double* sums = sums_.data() + index * rows_.n * kWidth;
  double* shift = sums + rows_.shift_at * kWidth;
  double* recent = sums + rows_.recent_at * kWidth;
  if (!shift_known_) set_shift(index, block, shift);

  alignas(64) double buffer[(kMaxArOrder + kScansAtATime) * kWidth];
  double* series = buffer + order * kWidth;
  // The newest scans are the last rows before the new ones.
  std::copy_n(recent, order * kWidth, buffer);
  for (const auto& [at, n_new, products] : pieces) {
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
    for (const Span& span : products)
      kernels_.accumulate_products(weights.data() + scan * weights.cols() + span.first,
                                   weights.cols(), int(n_new), int(span.n), series,
                                   sums + span.first * kWidth);
    kernels_.accumulate_lags(series, int(n_new), int(order), sums + rows_.lags_at * kWidth);
    for (Eigen::Index t = scan; t < std::min(scan + n_new, order); ++t)
      std::copy_n(series + (t - scan) * kWidth, kWidth, sums + (rows_.head_at + t) * kWidth);
    // A block may be shorter than the order: remaining older scans are moved down.
    std::copy(series + (n_new - order) * kWidth, series + n_new * kWidth, buffer);
  }
  std::copy_n(buffer, order * kWidth, recent);
}

}  // namespace sociometer
