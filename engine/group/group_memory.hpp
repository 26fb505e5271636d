#pragma once
#include <string>

#include <Eigen/Dense>

namespace sociometer {

/// What a group analysis is of and for, as far as its memory depends on it.
struct GroupMemoryNeeds {
  Eigen::Index n_grid_voxels = 0, n_voxels = 0;  ///< of the images; of the mask
  Eigen::Index n_maps = 0;                       ///< that are read
  Eigen::Index n_differences = 0;                ///< rows of the model that are made of two maps
  Eigen::Index n_contrasts = 0, n_contrast_rows = 0;
  bool with_shuffles = false, with_variances = false;
  int n_threads = 1;

  /// Bytes that no block size changes: the program, a volume for each thread, the grid's
  /// bookkeeping, the maps of the contrasts.
  double held() const;
  /// Bytes of the data, where all of them are in memory.
  double data() const;
  /// Bytes of what is worked on at a time beside data in memory.
  double work() const;
};

/// How much memory a group analysis may take, and what of it is left for blocks of the data.
struct GroupMemory {
  double total = 0;  ///< bytes; 0: no bound
  double held = 0;   ///< bytes that no block size changes
  bool bounded() const { return total > 0; }
  /// For blocks and shuffles; infinite without a bound.
  double left() const;
  /// Whether the data fit, and what is worked on beside them.
  bool holds(const GroupMemoryNeeds& needs) const;
  /// Voxels of a block, when each takes so many bytes, beside `fixed` bytes.
  /// @throws Error{bad_input} when not even the smallest block fits; `what` says for what.
  Eigen::Index block_size(double bytes_per_voxel, double fixed, const char* what) const;
  /// As many of the threads as half of what is left has room for, at least one.
  int threads(double bytes_per_thread, int n_threads) const;
  /// Rows of the data that can be read at a time into a third of what is left.
  /// @throws Error{bad_input} when there is no room for one.
  Eigen::Index rows_at_a_time(Eigen::Index n_rows, Eigen::Index n_voxels) const;
};

/// Bytes for messages: "1.50 GiB".
std::string memory_text(double bytes);

}  // namespace sociometer
