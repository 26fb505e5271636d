#pragma once
#include <string>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"

namespace sociometer::cli {

/// How much memory `group` may take, and what of it is left for blocks of the data.
struct GroupMemory {
  double total = 0;    ///< bytes; 0: no bound
  std::string folder;  ///< of the scratch file
  double held = 0;     ///< bytes that no block size changes: the program, volumes, maps
  bool bounded() const { return total > 0; }
  /// For blocks and shuffles; infinite without a bound.
  double left() const;
  /// Voxels of a block, when each takes so many bytes, beside `fixed` bytes.
  /// @throws Error{bad_input} when not even the smallest block fits; `what` says for what.
  Eigen::Index block_size(double bytes_per_voxel, double fixed, const char* what) const;
  /// As many of the threads as half of what is left has room for, at least one.
  int threads(double bytes_per_thread, int n_threads) const;
};

/// How the smoothness of residuals is estimated in the memory that is left.
struct SmoothnessPlan {
  int threads;
  Eigen::Index block;  ///< voxels
};
/// @throws Error{bad_input} when it does not fit.
SmoothnessPlan smoothness_plan(const GroupMemory& memory, const Mask& mask,
                               Eigen::Index n_participants, int n_threads);

/// "500M", "8G", "1.5T": bytes, with K, M, G and T as powers of 1024.
/// @throws Error{usage}.
double parse_memory(const std::string& text);

/// Bytes for messages: "1.50 GiB".
std::string memory_text(double bytes);

}  // namespace sociometer::cli
