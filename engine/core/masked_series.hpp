#pragma once
#include <algorithm>
#include <vector>

#include "engine/core/large_buffer.hpp"
#include "engine/core/scalar_type.hpp"
#include "engine/core/space.hpp"

namespace sociometer {

/// Consecutive scans of the points of a space, called voxels here, in the type stored in the file:
/// int16 stays int16.
///
/// Voxels are grouped into tiles of kTileWidth. The layout by scan is faster to fill, by tile
/// faster to decode, and by tile the memory of finished tiles can be released.
class MaskedSeries {
 public:
  static constexpr Eigen::Index kTileWidth = 64;
  enum class Layout { by_scan, by_tile };

  /// @param capacity  maximum number of scans.
  /// @cost  memory: capacity * n_voxels * size of a stored value.
  MaskedSeries(const Space& space, const VolumeFormat& format, Eigen::Index capacity,
               Layout layout = Layout::by_scan);

  /// Extracts the voxels from the next values, which are a volume or the next part of one.
  void append(std::span<const std::byte> values);
  void clear() { n_scans_ = 0; }  ///< only between volumes

  Eigen::Index n_scans() const { return n_scans_; }
  Eigen::Index n_voxels() const { return n_voxels_; }
  Eigen::Index capacity() const { return capacity_; }
  bool full() const { return n_scans_ == capacity_; }
  const VolumeFormat& format() const { return format_; }

  PageRange pages() { return bytes_.pages(); }

  Eigen::Index n_tiles() const { return (n_voxels_ + kTileWidth - 1) / kTileWidth; }
  /// Number of voxels in a tile: kTileWidth, or fewer in the last one.
  Eigen::Index tile_width(Eigen::Index tile) const {
    return std::min(kTileWidth, n_voxels_ - tile * kTileWidth);
  }
  /// Values of one tile in scans [first, first + n), in signal units: (n, kTileWidth), row-major;
  /// 0 in lanes without a voxel.
  void decode(Eigen::Index tile, Eigen::Index first, Eigen::Index n, double* out) const;

  /// Releases the memory of the tiles before this one (layout by tile only); they must not be
  /// decoded afterwards.
  void forget_before(Eigen::Index tile);

 private:
  size_t row_bytes() const { return size_t(kTileWidth) * size_in_bytes(format_.type); }
  /// A run of voxels that are contiguous in the volume.
  struct Stretch {
    size_t first, n;
  };
  std::vector<Stretch> stretches_;
  VolumeFormat format_;
  Eigen::Index n_voxels_, capacity_, n_scans_ = 0;
  size_t volume_bytes_;
  /// Progress within the volume being appended: bytes, stretches and voxels already processed.
  size_t part_bytes_ = 0, part_stretches_ = 0, part_voxels_ = 0;
  size_t tile_stride_, scan_stride_;  ///< bytes between rows of kTileWidth values
  LargeBuffer<std::byte> bytes_;
  Eigen::Index n_forgotten_ = 0;  ///< in tiles
};

}  // namespace sociometer
