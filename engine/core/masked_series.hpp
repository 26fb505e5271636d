#pragma once
#include <algorithm>
#include <vector>

#include "engine/core/large_buffer.hpp"
#include "engine/core/mask.hpp"
#include "engine/core/scalar_type.hpp"

namespace sociometer {

/// Consecutive scans of the voxels of a mask, as they are stored in the file: int16 stays int16.
///
/// Voxels go in tiles of kTileWidth. Scan by scan is the faster layout to fill, tile by tile to
/// decode, and tiles that are done can be given back.
class MaskedSeries {
 public:
  static constexpr Eigen::Index kTileWidth = 64;
  enum class Layout { by_scan, by_tile };

  /// @param capacity  scans that fit.
  /// @cost  capacity * n_voxels * size of a stored value.
  MaskedSeries(const Mask& mask, const VolumeFormat& format, Eigen::Index capacity,
               Layout layout = Layout::by_scan);

  /// Takes the mask's voxels out of the next values, which are a volume or the next part of one.
  void append(std::span<const std::byte> values);
  void clear() { n_scans_ = 0; }  ///< between volumes

  Eigen::Index n_scans() const { return n_scans_; }
  Eigen::Index n_voxels() const { return n_voxels_; }
  Eigen::Index capacity() const { return capacity_; }
  bool full() const { return n_scans_ == capacity_; }
  const VolumeFormat& format() const { return format_; }

  PageRange pages() { return bytes_.pages(); }

  Eigen::Index n_tiles() const { return (n_voxels_ + kTileWidth - 1) / kTileWidth; }
  /// Voxels of a tile: kTileWidth, or fewer in the last.
  Eigen::Index tile_width(Eigen::Index tile) const {
    return std::min(kTileWidth, n_voxels_ - tile * kTileWidth);
  }
  /// Values of one tile in scans [first, first + n), in signal units: (n, kTileWidth), rows
  /// contiguous; 0 in lanes without a voxel.
  void decode(Eigen::Index tile, Eigen::Index first, Eigen::Index n, double* out) const;

  /// Gives the memory of the tiles before this one back, where they lie one after the other; they
  /// are not decoded again.
  void forget_before(Eigen::Index tile);

 private:
  size_t row_bytes() const { return size_t(kTileWidth) * size_in_bytes(format_.type); }
  /// Voxels of the mask that lie side by side in the volume.
  struct Stretch {
    size_t first, n;
  };
  std::vector<Stretch> stretches_;
  VolumeFormat format_;
  Eigen::Index n_voxels_, capacity_, n_scans_ = 0;
  size_t volume_bytes_;
  /// Of the volume that is being taken in: bytes and stretches that are behind.
  size_t part_bytes_ = 0, part_stretches_ = 0, part_voxels_ = 0;
  size_t tile_stride_, scan_stride_;  ///< bytes from a row of kTileWidth values to the next
  LargeBuffer<std::byte> bytes_;
  Eigen::Index n_forgotten_ = 0;  ///< tiles
};

}  // namespace sociometer
