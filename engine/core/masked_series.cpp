#include "engine/core/masked_series.hpp"

#include <algorithm>
#include <cstring>

#include "engine/core/error.hpp"

namespace sociometer {

MaskedSeries::MaskedSeries(const Mask& mask, const VolumeFormat& format, Eigen::Index capacity)
    : format_(format),
      n_voxels_(mask.n_voxels()),
      capacity_(capacity),
      volume_bytes_(size_t(mask.grid.n_voxels()) * size_in_bytes(format.type)),
      bytes_(size_t(capacity * mask.n_voxels()) * size_in_bytes(format.type)) {
  for (const size_t v : mask.voxels) {
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
  std::byte* out = bytes_.data() + size_t(n_scans_ * n_voxels_) * size;
  for (; part_stretches_ < stretches_.size(); ++part_stretches_) {
    const Stretch& s = stretches_[part_stretches_];
    if (s.first >= last) break;
    const size_t from = std::max(first, s.first), n = std::min(last, s.first + s.n) - from;
    std::memcpy(out + part_voxels_ * size, values.data() + (from - first) * size, n * size);
    part_voxels_ += n;
    if (s.first + s.n > last) break;
  }
  part_bytes_ = end;
  if (end < volume_bytes_) return;
  part_bytes_ = part_stretches_ = part_voxels_ = 0;
  ++n_scans_;
}

void MaskedSeries::decode(Eigen::Index scan, Eigen::Index first, Eigen::Index n,
                          double* out) const {
  const size_t row = size_t(n_voxels_) * size_in_bytes(format_.type);
  decode_range({bytes_.data() + size_t(scan) * row, row}, format_, size_t(first), size_t(n), out);
}

}  // namespace sociometer
