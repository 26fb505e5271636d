#pragma once
#include <cstdint>
#include <vector>

#include "engine/core/mask.hpp"

namespace sociometer {

/// Adjacency of voxels: 6 (faces), 18 (and edges) or 26 (and corners) neighbours.
///
/// The voxels of a mask are embedded in a box with an empty margin, so that the neighbours of a
/// voxel are at constant offsets, all of them within memory.
struct Neighbourhood {
  /// @throws Error{usage} when the connectivity is not 6, 18 or 26, Error{bad_input} when the
  /// box has more than 2^31 cells.
  /// @cost  one pass over the mask; 4 bytes per cell of the box.
  Neighbourhood(const Mask& mask, int connectivity);

  int connectivity;
  std::vector<uint32_t> cell_of_voxel;  ///< ascending, one per voxel of the mask
  std::vector<int32_t> voxel_of_cell;   ///< -1 outside the mask
  std::vector<int32_t> offsets;         ///< from a cell to its neighbours' cells, ascending
  size_t n_cells() const { return voxel_of_cell.size(); }
};

}  // namespace sociometer
