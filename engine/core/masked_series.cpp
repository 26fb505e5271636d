#include "engine/core/masked_series.hpp"

#include <algorithm>
#include <cstring>

#include "engine/core/error.hpp"

namespace sociometer {

MaskedSeries::MaskedSeries(const Space& space, const VolumeFormat& format, Eigen::Index capacity,
                           Layout layout)
    : format_(format),
      n_voxels_(space.size()),
      capacity_(capacity),
      volume_bytes_(size_t(space.n_stored()) * size_in_bytes(format.type)),
      tile_stride_(row_bytes() * (layout == Layout::by_tile ? size_t(capacity) : 1)),
      scan_stride_(row_bytes() * (layout == Layout::by_tile ? 1 : size_t(n_tiles()))),
      bytes_(size_t(n_tiles() * capacity) * row_bytes()) {
  for (const size_t v : space.stored_at()) {
    if (!stretches_.empty() && stretches_.back().first + stretches_.back().n == v)
      ++stretches_.back().n;
    else
      stretches_.push_back({v, 1});
  }
}

void MaskedSeries::append(std::span<const std::byte> values) {
  const size_t size = size_in_bytes(format_.type), end = part_bytes_ + values.size();
  require(!full() && end <= volume_bytes_ && end % size == 0,
          "a series takes no more scans than it has room for, volume by volume");
  const size_t first = part_bytes_ / size, last = end / size;  // voxels
  std::byte* scan = bytes_.data() + size_t(n_scans_) * scan_stride_;
  const bool side_by_side = tile_stride_ == row_bytes();
  for (; part_stretches_ < stretches_.size(); ++part_stretches_) {
    const Stretch& s = stretches_[part_stretches_];
    if (s.first >= last) break;
    const size_t from = std::max(first, s.first), n = std::min(last, s.first + s.n) - from;
    const std::byte* in = values.data() + (from - first) * size;
    for (const size_t end_voxel = part_voxels_ + n; part_voxels_ < end_voxel;) {
      const size_t tile = part_voxels_ / size_t(kTileWidth),
                   lane = part_voxels_ % size_t(kTileWidth);
      const size_t left = end_voxel - part_voxels_;
      const size_t here = side_by_side ? left : std::min(size_t(kTileWidth) - lane, left);
      std::memcpy(scan + tile * tile_stride_ + lane * size, in, here * size);
      in += here * size;
      part_voxels_ += here;
    }
    if (s.first + s.n > last) break;
  }
  part_bytes_ = end;
  if (end < volume_bytes_) return;
  part_bytes_ = part_stretches_ = part_voxels_ = 0;
  ++n_scans_;
}

void MaskedSeries::decode(Eigen::Index tile, Eigen::Index first, Eigen::Index n,
                          double* out) const {
  require(tile >= n_forgotten_, "a tile is not decoded after it was forgotten");
  const std::byte* rows =
      bytes_.data() + size_t(tile) * tile_stride_ + size_t(first) * scan_stride_;
  const bool contiguous = scan_stride_ == row_bytes();
  const Eigen::Index at_once = contiguous ? n : 1;
  for (Eigen::Index t = 0; t < n; t += at_once)
    decode_range({rows + size_t(t) * scan_stride_, size_t(at_once) * row_bytes()}, format_, 0,
                 size_t(at_once * kTileWidth), out + t * kTileWidth);
  if (const Eigen::Index width = tile_width(tile); width < kTileWidth)
    for (Eigen::Index t = 0; t < n; ++t)
      std::fill(out + t * kTileWidth + width, out + (t + 1) * kTileWidth, 0.0);
}

void MaskedSeries::forget_before(Eigen::Index tile) {
  if (tile <= n_forgotten_ || scan_stride_ != row_bytes()) return;
  give_back({bytes_.data() + size_t(n_forgotten_) * tile_stride_,
             size_t(tile - n_forgotten_) * tile_stride_});
  n_forgotten_ = tile;
}

}  // namespace sociometer
