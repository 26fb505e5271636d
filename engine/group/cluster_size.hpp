#pragma once
#include <cstddef>

#include "engine/core/grid.hpp"

namespace sociometer {

/// A volume in voxels of a grid.
double voxels_in(double mm3, const Grid& grid);

/// The smallest number of voxels, 1 or more, that reaches a size, to a millionth: affines in single
/// precision round the volume of a voxel. @param voxels  need not be whole.
size_t least_voxels(double voxels);

}  // namespace sociometer
