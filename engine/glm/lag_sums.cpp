#include "engine/glm/lag_sums.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"

namespace sociometer {
namespace {
constexpr Eigen::Index kWidth = kernels::kTileWidth;
}

LagSums::LagSums(const RunDesign& design, const Mask& mask, const kernels::KernelSet& kernels)
    : design_(design), mask_(mask), kernels_(kernels) {
  const Eigen::Index order = design.order;
  lags_at_ = (order + 1) * design.n_working();
  head_at_ = lags_at_ + order + 1;
  recent_at_ = head_at_ + order;
  shift_at_ = recent_at_ + order;
  rows_ = shift_at_ + 1;
  const Eigen::Index n_tiles = (mask.n_voxels() + kWidth - 1) / kWidth;
  sums_.assign(size_t(n_tiles * rows_ * kWidth), 0.0);
  finite_.assign(size_t(n_tiles * kWidth), 1);
  first_kept_ = std::find(design.kept.begin(), design.kept.end(), 1) - design.kept.begin();
}

void LagSums::add(std::span<const std::byte> volumes, size_t volume_bytes,
                  const VolumeFormat& format, int n_threads) {
  const auto n_new = Eigen::Index(volumes.size() / volume_bytes);
  require(next_scan_ + n_new <= design_.n_scans(), "no more volumes than the design has scans");
  const Eigen::Index n_tiles = (n_voxels() + kWidth - 1) / kWidth;
  // Tiles are handed out in batches so that a thread's work outweighs the hand-out.
  constexpr Eigen::Index kBatch = 16;
  parallel_for((n_tiles + kBatch - 1) / kBatch, n_threads, [&](Eigen::Index batch) {
    for (Eigen::Index i = batch * kBatch; i < std::min(n_tiles, (batch + 1) * kBatch); ++i)
      add_to_tile(i, volumes, volume_bytes, format, n_new);
  });
  next_scan_ += n_new;
}

void LagSums::add_to_tile(Eigen::Index index, std::span<const std::byte> volumes,
                          size_t volume_bytes, const VolumeFormat& format, Eigen::Index n_new) {
  const Eigen::Index order = design_.order, first = index * kWidth;
  const Eigen::Index n_here = std::min(kWidth, n_voxels() - first);
  const std::span<const uint32_t> voxels(mask_.voxels.data() + first, size_t(n_here));
  double* sums = tile(index);
  double* shift = sums + shift_at_ * kWidth;
  uint8_t* finite = finite_.data() + first;

  thread_local std::vector<double> buffer;
  buffer.assign(size_t((order + n_new) * kWidth), 0.0);
  std::copy_n(sums + recent_at_ * kWidth, order * kWidth, buffer.begin());
  double* series = buffer.data() + order * kWidth;
  for (Eigen::Index t = 0; t < n_new; ++t) {
    const Eigen::Index scan = next_scan_ + t;
    if (!design_.kept[size_t(scan)]) continue;  // stays 0
    double* y = series + t * kWidth;
    decode_voxels(volumes.subspan(size_t(t) * volume_bytes, volume_bytes), format, voxels, y);
    if (scan == first_kept_)
      for (Eigen::Index v = 0; v < n_here; ++v) shift[v] = std::isfinite(y[v]) ? y[v] : 0.0;
    for (Eigen::Index v = 0; v < n_here; ++v) {
      const bool ok = std::isfinite(y[v]);
      finite[v] &= uint8_t(ok);
      y[v] = ok ? y[v] - shift[v] : 0.0;
    }
  }
  const auto& weights = design_.stream_weights;
  kernels_.accumulate_products(weights.data() + next_scan_ * weights.cols(), weights.cols(),
                               int(n_new), int(weights.cols()), series,
                               sums + products_at_ * kWidth);
  kernels_.accumulate_lags(series, int(n_new), int(order), sums + lags_at_ * kWidth);
  for (Eigen::Index scan = next_scan_; scan < std::min(next_scan_ + n_new, order); ++scan)
    std::copy_n(series + (scan - next_scan_) * kWidth, kWidth, sums + (head_at_ + scan) * kWidth);
  std::copy_n(series + (n_new - order) * kWidth, order * kWidth, sums + recent_at_ * kWidth);
}

void LagSums::get(Eigen::Index voxel, Voxel& out) const {
  const Eigen::Index order = design_.order, q = design_.n_working();
  const double* sums = tile(voxel / kWidth) + voxel % kWidth;
  const auto at = [&](Eigen::Index row) { return sums[row * kWidth]; };
  out.products.resize(q, order + 1);
  for (Eigen::Index i = 0; i < q * (order + 1); ++i) out.products.data()[i] = at(products_at_ + i);
  out.lags.resize(order + 1);
  for (Eigen::Index d = 0; d <= order; ++d) out.lags[d] = at(lags_at_ + d);
  out.head.resize(order);
  out.tail.resize(order);
  for (Eigen::Index i = 0; i < order; ++i) {
    out.head[i] = at(head_at_ + i);
    out.tail[i] = at(recent_at_ + order - 1 - i);
  }
  out.shift = at(shift_at_);
  out.finite = finite_[size_t(voxel)];
}

double LagSums::mean(const Voxel& voxel) const {
  return voxel.shift +
         design_.constant_on_working.dot(voxel.products.col(0)) / double(design_.n_kept);
}

}  // namespace sociometer
