#include "engine/group/whole_maps.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

GroupValues values_in(const LargeBuffer<double>& buffer, Index n_maps, Index n_voxels) {
  return Eigen::Map<const Eigen::MatrixXd>(buffer.data(), n_maps, n_voxels);
}

/// Values in a buffer of their own.
class OwnBuffer : public GroupMatrix {
 public:
  OwnBuffer(LargeBuffer<double> buffer, Index n_maps, Index n_voxels)
      : GroupMatrix(values_in(buffer, n_maps, n_voxels)), buffer_(std::move(buffer)) {}

 private:
  LargeBuffer<double> buffer_;
};

}  // namespace

WholeMaps::WholeMaps(Index n_maps, Index n_voxels, Zeros zeros)
    : n_maps_(n_maps), n_voxels_(n_voxels), zeros_(zeros), values_(size_t(n_maps * n_voxels)) {
  // A huge page would be allocated for one value in it.
  avoid_huge_pages(values_.pages());
}

double WholeMaps::bytes(Index n_maps, Index n_voxels) {
  return 8.0 * double(n_maps) * double(n_voxels);
}

bool WholeMaps::put(Index map, std::span<const double> values) {
  require(Index(values.size()) == n_voxels_, "a value per voxel of the grid");
  bool any = false;
  for (Index v = 0; v < n_voxels_; ++v) {
    const double value = values[size_t(v)];
    const bool present = is_present(value, zeros_);
    any |= present;
    if (present)
      values_[size_t(v * n_maps_ + map)] = value;
    else if (zeros_ == Zeros::value)
      values_[size_t(v * n_maps_ + map)] = kNaN;
  }
  return any;
}

bool WholeMaps::is_there(Index map, Index voxel) const {
  const double value = values_[size_t(voxel * n_maps_ + map)];
  return zeros_ == Zeros::value ? !std::isnan(value) : value != 0;
}

std::vector<double> WholeMaps::reached_by(const std::vector<MapPair>& rows, Index least) const {
  std::vector<double> out(size_t(n_voxels_), 0.0);
  for (Index v = 0; v < n_voxels_; ++v) {
    Index count = 0;
    for (const MapPair& row : rows)
      count += is_there(Index(row.map), v) && (!row.other || is_there(Index(*row.other), v));
    out[size_t(v)] = count >= least ? 1 : 0;
  }
  return out;
}

std::shared_ptr<const GroupData> WholeMaps::take(const std::vector<uint32_t>& voxels,
                                                 std::vector<Index>& empty) && {
  std::vector<uint8_t> any(size_t(n_maps_), 0);
  double* to = values_.data();
  for (const uint32_t v : voxels) {
    const double* from = values_.data() + size_t(v) * size_t(n_maps_);
    for (Index map = 0; map < n_maps_; ++map) {
      const double value = from[map];
      to[map] = value == 0 && zeros_ == Zeros::missing ? kNaN : value;
      any[size_t(map)] |= !std::isnan(to[map]);
    }
    to += n_maps_;
  }
  for (Index map = 0; map < n_maps_; ++map)
    if (!any[size_t(map)]) empty.push_back(map);
  const auto used = size_t(to - values_.data()) * sizeof(double);
  const PageRange all = values_.pages();
  give_back({static_cast<std::byte*>(all.first) + used, all.bytes - used});
  return std::make_shared<OwnBuffer>(std::move(values_), n_maps_, Index(voxels.size()));
}

}  // namespace sociometer
