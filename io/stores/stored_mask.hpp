#pragma once
#include <string>

#include "engine/core/mask.hpp"
#include "io/bytes/hdf5.hpp"

namespace sociometer {

/// Writes the group /mask: voxels, grid, affine, space.
void write_stored_mask(Hdf5File& file, const Mask& mask);

/// @param path  of the file, for messages.
/// @throws Error{bad_input} for a grid or voxels that no image has.
Mask read_stored_mask(const Hdf5File& file, const std::string& path);

}  // namespace sociometer
