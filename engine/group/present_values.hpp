#pragma once
#include <span>
#include <vector>

#include "engine/group/presence.hpp"

namespace sociometer {

/// Sets to 0 what is 1 where a map has no value.
/// @param voxels  0 or 1 per voxel. @param map  one value per voxel.
void keep_present(std::vector<double>& voxels, std::span<const double> map, Zeros zeros);

/// The values of maps at some voxels, NaN where one is missing.
/// @param maps  one value per voxel of the grid each. @param voxels  of the grid, ascending.
/// @return (n_maps, n_voxels).
Eigen::MatrixXd present_values(const std::vector<std::vector<double>>& maps,
                               std::span<const uint32_t> voxels, Zeros zeros);

}  // namespace sociometer
