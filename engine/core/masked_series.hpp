#pragma once
#include <vector>

#include "engine/core/large_buffer.hpp"
#include "engine/core/mask.hpp"
#include "engine/core/scalar_type.hpp"

namespace sociometer {

/// Consecutive scans of the voxels of a mask, as they are stored in the file: int16 stays int16.
class MaskedSeries {
 public:
  /// @param capacity  scans that fit.
  /// @cost  capacity * n_voxels * size of a stored value.
  MaskedSeries(const Mask& mask, const VolumeFormat& format, Eigen::Index capacity);

  /// Takes the mask's voxels out of the next values, which are a volume or the next part of one.
  void append(std::span<const std::byte> values);
  void clear() { n_scans_ = 0; }  ///< between volumes

  Eigen::Index n_scans() const { return n_scans_; }
  Eigen::Index n_voxels() const { return n_voxels_; }
  Eigen::Index capacity() const { return capacity_; }
  bool full() const { return n_scans_ == capacity_; }
  const VolumeFormat& format() const { return format_; }

  PageRange pages() { return bytes_.pages(); }

  /// Values of the voxels [first, first + n) of the mask in one scan, in signal units.
  void decode(Eigen::Index scan, Eigen::Index first, Eigen::Index n, double* out) const;

 private:
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
  LargeBuffer<std::byte> bytes_;  ///< (capacity, n_voxels)
};

}  // namespace sociometer
