#include "engine/core/series_source.hpp"

#include <cstring>

#include "engine/core/error.hpp"

namespace sociometer {

SeriesSource::SeriesSource(const Eigen::MatrixXd& series) : volumes_(series.transpose()) {
  grid_.size = {series.cols(), 1, 1};
}

void SeriesSource::read(std::span<std::byte> bytes) {
  require(at_ + bytes.size() <= size_t(volumes_.size()) * sizeof(double),
          "no more is read of a series than it has");
  std::memcpy(bytes.data(), reinterpret_cast<const std::byte*>(volumes_.data()) + at_,
              bytes.size());
  at_ += bytes.size();
}

Mask SeriesSource::all_voxels() const {
  Mask mask{grid_, {}};
  for (uint32_t i = 0; i < uint32_t(grid_.n_voxels()); ++i) mask.voxels.push_back(i);
  return mask;
}

}  // namespace sociometer
