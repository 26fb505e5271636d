#pragma once
#include <cstdint>

/// The inner loops of permutation tests and of mixed effects, compiled once per instruction set
/// from one source. Plain types only.
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

/// A permutation of participants with one variance per group: row i of the permuted data is sign[i]
/// times that of participant from[i].
struct GroupedShuffle {
  int n = 0, rank = 0, n_groups = 0;
  const int32_t* from = nullptr;   ///< (n)
  const float* sign = nullptr;     ///< (n)
  const float* basis = nullptr;    ///< orthonormal, of the design, (n, rank), row by row
  const int32_t* group = nullptr;  ///< (n), of the rows of the design
  float least = 0;                 ///< squares are at least this
};

/// Coordinates of least squares, (rank, kTile), and squared residuals by group, (n_groups, kTile).
/// @param data  (n, kTile), of the participants as they are.
/// @cost  n (2 rank + 2) multiply-adds per voxel.
using FitVarianceGroups = void (*)(const GroupedShuffle& shuffle, const float* data,
                                   float* coordinates, float* squares);

/// Welch's v (WelchModel) of one row.
struct WelchTask {
  int rank = 0, n_groups = 0;
  const double* products = nullptr;   ///< (n_groups, rank, rank), of the basis within the group
  const double* freedom = nullptr;    ///< (n_groups)
  const double* n_members = nullptr;  ///< (n_groups)
  const double* effect = nullptr;     ///< (rank), the contrast on the basis
};

/// @param work  space, kMixedLanes rank (rank + 1).
/// @param statistic, dof  out, (kTile).
using WelchOfGroups = void (*)(const WelchTask& task, const float* coordinates,
                               const float* squares, double* work, double* statistic, double* dof);

inline constexpr int kTailNodes = 8, kTailPowers = 12;

/// z of t with degrees of freedom between two limits (WelchTails).
struct TailNodes {
  double least_dof = 0, most_dof = 0;
  int n_pieces = 0;
  double width = 0;                 ///< of a piece, in |t| from 0 on
  const double* nodes = nullptr;    ///< (kTailNodes), ln dof
  const double* weights = nullptr;  ///< (kTailNodes), of the barycentric formula
  const double* powers = nullptr;   ///< of z / t, (n_pieces, kTailPowers, kTailNodes)
};

/// @param statistic, dof, z  (kTile); z is NaN for what is outside, and at a node.
/// @cost  12 multiply-adds and a division for 8 nodes.
using TailsBetweenNodes = void (*)(const TailNodes& nodes, const double* statistic,
                                   const double* dof, double* z);

/// Voxels whose mixed effects are fitted side by side; each row below has one number of each.
inline constexpr int kMixedLanes = 8;

/// Effects of some voxels' participants, y = X b + noise of variance v + tau2.
struct MixedTile {
  int n = 0, p = 0;                 ///< participants, columns of X
  bool is_mean = false;             ///< X is a column of ones
  double least_pivot = 0;           ///< relative to its diagonal; smaller pivots are raised to it
  const double* design = nullptr;   ///< X, (n, p), row by row
  const double* y = nullptr;        ///< (n, ..), 0 where missing
  const double* v = nullptr;        ///< (n, ..), positive
  const double* present = nullptr;  ///< (n, ..), 1 or 0
};

/// Weighted least squares at one tau2 of each voxel, W = present / (v + tau2).
struct MixedPoint {
  double* a = nullptr;                 ///< out, Cholesky factor of X'WX, (p, p, ..)
  double *b = nullptr, *c = nullptr;   ///< space, (p, p, ..)
  double* weights = nullptr;           ///< space, (n, ..)
  double* beta = nullptr;              ///< out, (p, ..)
  double* trace_p = nullptr;           ///< out, trace of P = W - W X (X'WX)^-1 X'W
  double* trace_pp = nullptr;          ///< out, trace of P P
  double* weighted_squares = nullptr;  ///< out, y'Py
  double* y_ppy = nullptr;             ///< out, y'PPy
  double* smallest_pivot = nullptr;    ///< out, relative to its diagonal
};

/// @param tau2  (kMixedLanes), not negative.
/// @cost  n (3 p (p + 1) / 2 + 2 p) multiply-adds and n divisions per voxel.
using EvaluateMixed = void (*)(const MixedTile& tile, const double* tau2, const MixedPoint& point);

struct KernelSet {
  const char* name;
  ComputeStatistics compute_statistics;
  CompareMap compare_map;
  EvaluateMixed evaluate_mixed;
  FitVarianceGroups fit_variance_groups;
  WelchOfGroups welch_of_groups;
  TailsBetweenNodes tails_between_nodes;
};

/// The fastest set that this processor supports. Passing `name` ("sse2", "avx2", "avx512") selects
/// that set, or gives nullptr if the processor or this build does not support it.
const KernelSet& best_kernels();
const KernelSet* find_kernels(const char* name);

}  // namespace sociometer::shuffle_kernels
