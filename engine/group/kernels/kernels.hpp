#pragma once
#include <cstdint>

/// The inner loops of permutation tests, compiled once per instruction set from one source. Plain
/// types only.
namespace sociometer::shuffle_kernels {

/// Voxels processed together by the inner loops.
inline constexpr int kTile = 64;

/// Inputs for the statistics of a few permutations in the voxels of a tile.
struct TileStatistics {
  int n_participants = 0, n_shuffles = 0;
  int n_tested = 0;    ///< columns of each permutation that the contrast tests; 1 for t
  int n_nuisance = 0;  ///< columns of each permutation that reduce the residual
  bool is_t = true;
  float dof = 0;  ///< F: over n_tested
  /// (n_participants, n_shuffles * (n_tested + n_nuisance)), row-major: the tested columns of all
  /// permutations, then the others. The number of columns is a multiple of 16.
  const float* weights = nullptr;
};

/// out[b][v] = a sqrt(dof / left) or |a|^2 dof / left, a = tested columns' products with the voxel,
/// left = 1 - |a|^2 - |nuisance columns' products|^2.
///
/// @param residuals  (n_participants, kTile), contiguous; each voxel of length 1 over participants.
/// @param products   space for the products, (columns of weights, kTile).
/// @param out        (n_shuffles, kTile).
/// @cost  n_participants * columns * kTile multiply-adds.
using ComputeStatistics = void (*)(const TileStatistics& task, const float* residuals,
                                   float* products, float* out);

/// Adds 1 to reached[v] where the value (its absolute value, if two_sided) reaches bar[v], and
/// returns the largest value.
using CompareMap = float (*)(const float* values, const float* bar, long n, bool two_sided,
                             uint32_t* reached);

struct KernelSet {
  const char* name;
  ComputeStatistics compute_statistics;
  CompareMap compare_map;
};

/// The fastest set that this processor supports. Passing `name` ("sse2", "avx2", "avx512") selects
/// that set, or gives nullptr if the processor or this build does not support it.
const KernelSet& best_kernels();
const KernelSet* find_kernels(const char* name);

}  // namespace sociometer::shuffle_kernels
