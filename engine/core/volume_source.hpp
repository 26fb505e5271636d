#pragma once
#include <cstddef>
#include <span>

#include "engine/core/grid.hpp"
#include "engine/core/scalar_type.hpp"

namespace sociometer {

/// A 4D series that can be read once, from first to last volume.
///
/// The engine reads no files: io/ implements this for NIfTI, tests for arrays in memory.
class VolumeSource {
 public:
  virtual ~VolumeSource() = default;
  virtual const Grid& grid() const = 0;
  virtual Eigen::Index n_volumes() const = 0;
  virtual VolumeFormat format() const = 0;
  /// Fills `bytes` with the next bytes.size() bytes of the series: whole volumes or parts of them.
  /// @throws Error{bad_input} if the series ends early or is damaged.
  virtual void read(std::span<std::byte> bytes) = 0;
  size_t volume_bytes() const { return size_t(grid().n_voxels()) * size_in_bytes(format().type); }
};

}  // namespace sociometer
