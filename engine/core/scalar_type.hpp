#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <Eigen/Dense>

namespace sociometer {

/// Data type of the values stored in an image.
enum class ScalarType {
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float32,
  float64
};

size_t size_in_bytes(ScalarType type);
std::string name_of(ScalarType type);

/// How stored bytes become signal units: swap bytes if needed, then slope * x + intercept.
struct VolumeFormat {
  ScalarType type = ScalarType::float32;
  bool swap_bytes = false;
  double slope = 1.0;
  double intercept = 0.0;
};

/// Values of the given voxels (indices into the volume), in signal units.
///
/// @param volume   bytes of one entire volume.
/// @param indices  voxel indices, ascending.
/// @param values   output, one value per index.
/// @cost  one load and one multiply-add per voxel.
void decode_voxels(std::span<const std::byte> volume, const VolumeFormat& format,
                   std::span<const uint32_t> indices, double* values);

/// Values of the voxels [first, first + n) of a volume, in signal units.
void decode_range(std::span<const std::byte> volume, const VolumeFormat& format, size_t first,
                  size_t n, double* values);

}  // namespace sociometer
