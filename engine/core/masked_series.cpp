#include "engine/core/masked_series.hpp"

#include <cstring>

#include "engine/core/error.hpp"

namespace sociometer {

MaskedSeries::MaskedSeries(const Mask& mask, const VolumeFormat& format, Eigen::Index capacity)
    : format_(format),
      n_voxels_(mask.n_voxels()),
      capacity_(capacity),
      bytes_(size_t(capacity * mask.n_voxels()) * size_in_bytes(format.type)) {
  for (const size_t v : mask.voxels) {
    if (!stretches_.empty() && stretches_.back().first + stretches_.back().n == v)
      ++stretches_.back().n;
    else
      stretches_.push_back({v, 1});
  }
}

void MaskedSeries::append(std::span<const std::byte> volume) {
  require(!full(), "a series takes no more scans than it has room for");
  const size_t size = size_in_bytes(format_.type);
  std::byte* out = bytes_.data() + size_t(n_scans_ * n_voxels_) * size;
  for (const Stretch& s : stretches_) {
    std::memcpy(out, volume.data() + s.first * size, s.n * size);
    out += s.n * size;
  }
  ++n_scans_;
}

void MaskedSeries::decode(Eigen::Index scan, Eigen::Index first, Eigen::Index n,
                          double* out) const {
  const size_t row = size_t(n_voxels_) * size_in_bytes(format_.type);
  decode_range({bytes_.data() + size_t(scan) * row, row}, format_, size_t(first), size_t(n), out);
}

}  // namespace sociometer
