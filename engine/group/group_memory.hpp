#pragma once
#include <string>

#include <Eigen/Dense>

#include "engine/core/memory.hpp"

namespace sociometer {

/// The properties of a group analysis that determine its memory.
struct GroupMemoryNeeds {
  Eigen::Index n_grid_voxels = 0, n_voxels = 0;  ///< of the images; of the mask
  Eigen::Index n_maps = 0;                       ///< that are read
  Eigen::Index n_differences = 0;                ///< rows of the model that combine two maps
  Eigen::Index n_contrasts = 0, n_contrast_rows = 0;
  bool with_shuffles = false, with_variances = false;
  int n_threads = 1;

  /// Bytes independent of the block size: the program, a volume for each thread, the grid's
  /// bookkeeping, the maps of the contrasts.
  double held() const;
  /// Bytes of the data, if held in memory.
  double data() const;
  /// Bytes of working memory in addition to data in memory.
  double work() const;
};

/// The memory limit of a group analysis, and the part available for blocks of the data.
struct GroupMemory {
  double total = 0;  ///< bytes; 0: no limit
  double held = 0;   ///< bytes independent of the block size
  bool bounded() const { return total > 0; }
  /// For blocks and permutations; infinite without a limit.
  double left() const;
  /// Whether the data and the working memory fit.
  bool holds(const GroupMemoryNeeds& needs) const;
  /// Voxels per block, when each takes so many bytes in addition to `fixed` bytes.
  /// @throws Error{bad_input} when not even the smallest block fits; `what` names its purpose.
  Eigen::Index block_size(double bytes_per_voxel, double fixed, const char* what) const;
  /// As many of the threads as fit in half of the available memory, at least one.
  int threads(double bytes_per_thread, int n_threads) const;
  /// Rows of the data that can be read at a time into a third of the available memory.
  /// @throws Error{bad_input} when not even one fits.
  Eigen::Index rows_at_a_time(Eigen::Index n_rows, Eigen::Index n_voxels) const;
};

}  // namespace sociometer
