#pragma once

/// The inner loops, compiled once per instruction set from one source. Plain types only.
namespace sociometer::kernels {

/// Voxels processed together by the inner loops: the width of a row in every buffer.
inline constexpr int kTileWidth = 64;
/// Rows of sums that AccumulateProducts keeps in registers.
inline constexpr int kRowBlock = 6;
/// Voxels whose normal equations are solved side by side: one cache line of doubles.
inline constexpr int kGroupWidth = 8;

/// sums[r][v] += sum over t of weights[t][r] * series[t][v].
///
/// @param weights  (n_times, n_rows), rows `weight_stride` apart.
/// @param series   (n_times, kTileWidth), contiguous.
/// @param sums     (n_rows, kTileWidth), contiguous.
/// Times are added in order, so the result does not depend on how voxels are split among threads.
using AccumulateProducts = void (*)(const double* weights, long weight_stride, int n_times,
                                    int n_rows, const double* series, double* sums);

/// The same for the first n_lanes voxels only; further lanes may or may not be summed.
using AccumulateLaneProducts = void (*)(const double* weights, long weight_stride, int n_times,
                                        int n_rows, int n_lanes, const double* series,
                                        double* sums);

/// lags[k][v] += sum over t in [0, n_times) of series[t][v] * series[t - k][v], k = 0 .. order.
/// `series` points at time 0; `order` earlier rows precede it.
using AccumulateLags = void (*)(const double* series, int n_times, int order, double* lags);

/// values -= shift where the value is finite, else 0; `flaw` stays 0 while all are finite and
/// is NaN afterwards. All have kTileWidth entries.
using ShiftValues = void (*)(double* values, const double* shift, double* flaw);

/// The part of a run's generalised least squares that is shared by all voxels.
///
/// The normal matrix of a voxel is sum_t coefficient[t] * matrices[.][t] over n columns in
/// elimination order: indicators of censored scans first, then the basis of the design.
struct NormalSystem {
  int n = 0;         ///< fitted columns
  int n_spikes = 0;  ///< of which indicators
  int n_working = 0;
  int n_modelled = 0;  ///< working columns without extras
  int order = 0;
  int n_terms = 0;     ///< order + 1 lags, then order (order + 1) / 2 corners (i <= j), j outer
  bool white = false;  ///< the normal matrix is the identity
  bool head_corner = true;   ///< the first scans are rescaled like the last
  bool has_constant = true;  ///< the design contains the constant
  /// (n) of matrices[.][1] if that and matrices[.][0], the identity, are all there is besides the
  /// corner; null otherwise. The normal equations then reduce to 2 x 2 systems.
  const double* diagonal = nullptr;
  const int* working_of = nullptr;           ///< (n) elimination order -> working column
  const double* matrices = nullptr;          ///< (padded lower triangle by rows, n_terms)
  const double* head = nullptr;              ///< (order, n_working)
  const double* tail = nullptr;              ///< (order, n_working)
  const double* constant = nullptr;          ///< (n_working)
  const double* constant_terms = nullptr;    ///< (n, n_terms) matrices times the constant
  const double* constant_squares = nullptr;  ///< (n_terms)
  int n_contrasts = 0;                       ///< rows over all contrasts
  const double* contrasts = nullptr;         ///< (n_contrasts, n) in elimination order
  int n_pairs = 0;
  const int* pairs = nullptr;  ///< (n_pairs, 2) contrast rows with requested covariance
};

/// Location of a tile's sums (LagSums::Rows).
struct TileRows {
  int lags_at, head_at, recent_at, shift_at;
};

/// Results for a tile's voxels, each row kTileWidth long.
struct TileSolution {
  double* coordinates = nullptr;          ///< (n, ..) in elimination order
  double* residual_squares = nullptr;     ///< y'Wy minus the part explained by the columns
  double* total_squares = nullptr;        ///< the same for a model of the constant alone
  double* contrast_covariance = nullptr;  ///< (n_pairs, ..) unit covariance
  /// M^-1 C', (n_contrasts, n, ..), columns in elimination order; null: not requested
  double* contrast_weights = nullptr;
};

/// Work space of SolveTile, in doubles.
long solver_work_size(int n, int n_working, int n_contrasts);

/// Solves the normal equations of the voxels of a tile.
///
/// @param sums          a tile of LagSums, or nullptr when only covariances are requested.
/// @param coefficients  (n_terms, kTileWidth).
/// A voxel whose normal matrix is not positive definite becomes NaN.
/// @cost  n^3 / 6 + n^2 (n_contrasts + 4) / 2 multiply-adds per voxel; for a diagonal system
/// n (3 n_contrasts + n_pairs + 20).
using SolveTile = void (*)(const NormalSystem& system, const TileRows& rows, const double* sums,
                           const double* coefficients, double* work, const TileSolution& out);

/// Derivatives of the contrasts' covariances with respect to each coefficient of the normal matrix.
///
/// @param weights  TileSolution::contrast_weights.
/// @param forms    out, (n_pairs, n_terms, kTileWidth): w' matrices[.][t] w of the pair's two
/// weights, so that the covariance's derivative by coefficient t is minus that.
/// @cost  (order + 1) n^2 / 2 multiply-adds per voxel and pair.
using ContrastForms = void (*)(const NormalSystem& system, const double* weights, double* forms);

/// Columns beyond those that are fitted (RunDesign: extras), each to be added to the fit alone or
/// with few others.
struct ExtraSystem {
  int n_extras = 0;
  int first_working = 0;                   ///< working column of the first
  const double* matrices = nullptr;        ///< (n_extras, n, n_terms), on the fitted columns
  const int* n_terms_of = nullptr;         ///< (n_extras); later terms are 0
  const double* constant_terms = nullptr;  ///< (n_extras, n_terms) times the constant
  int n_pairs = 0;
  const int* pairs = nullptr;         ///< (n_pairs, 2) extras whose product is wanted
  const double* own_terms = nullptr;  ///< (n_pairs, n_terms)
  int n_rows = 0;
  const double* rows = nullptr;  ///< (n_rows, n) weights on the fitted columns
  int n_crosses = 0;
  const int* crosses = nullptr;  ///< (n_crosses, 2) row and extra
};

/// With M the normal matrix of the fitted columns S, W the weights and R = W - W S M^-1 S'W; each
/// row kTileWidth long.
struct ExtraSolution {
  double* on_residual = nullptr;  ///< (n_extras, ..) x'R y
  double* own = nullptr;          ///< (n_pairs, ..) x'R x
  double* crosses = nullptr;      ///< (n_crosses, ..) row M^-1 S'W x
  double* row_pairs = nullptr;    ///< row M^-1 row', lower triangle by rows; null: not wanted
};

/// Work space of SolveExtras, in doubles.
long extras_work_size(int n, int n_working, const ExtraSystem& extras);

/// @cost  n^3 / 6 + (n_rows + n_extras) (n^2 / 2 + n_terms n) multiply-adds per voxel.
using SolveExtras = void (*)(const NormalSystem& system, const ExtraSystem& extras,
                             const TileRows& rows, const double* sums, const double* coefficients,
                             double* work, const ExtraSolution& out);

inline constexpr int kMaxPosteriorNodes = 80;

/// The properties of a design that the posterior of AR coefficients depends on. Fitted columns have
/// unit length, are rotated to have diagonal products at lag 1, and treated as independent at all
/// lags.
struct PosteriorSystem {
  int order = 0, n_columns = 0;
  double dof = 0;                       ///< scans less fitted columns
  const double* diagonal = nullptr;     ///< (n_columns, order): z'H_d z, d from 1
  int n_nodes = 0;                      ///< a multiple of 4, at most kMaxPosteriorNodes
  const double* nodes = nullptr;        ///< (n_nodes, order), of mean 0 and a spread of about 1.8
  const double* log_density = nullptr;  ///< (n_nodes), of the nodes' distribution
};

/// Least-squares residuals e of a tile's voxels; each row is kTileWidth long.
struct PosteriorSums {
  const double* lags;        ///< (order + 1, ..) sum of e_t e_{t-d}
  const double* on_columns;  ///< (order, n_columns, ..) H_d of e on the rotated columns, d from 1
  const double* head;        ///< (order, ..) first scans
  const double* tail;        ///< (order, ..) last scans, in reverse order
};

/// Mean and covariance of the posterior of an AR process, by importance sampling of a restricted
/// likelihood whose columns are treated as independent. Coordinates are eta_k = artanh pi_k, pi_k
/// the partial autocorrelations, uniform on (-1, 1) a priori.
///
/// @param mean        out, (order, kTileWidth).
/// @param covariance  out, lower triangle by rows, (order (order + 1) / 2, kTileWidth).
/// @cost  about 2 kMaxPosteriorNodes + 8 order evaluations of 2 order + 9 multiply-adds per column
/// and voxel.
using ArPosterior = void (*)(const PosteriorSystem& system, const PosteriorSums& sums, double* mean,
                             double* covariance);

/// How the normal matrix changes along the axes of a spread of processes: with L L' the covariance
/// of eta, half of what each term is multiplied by at eta + L's column, less that at eta - it.
///
/// @param phi         (order, kTileWidth), stationary.
/// @param covariance  of eta, lower triangle by rows, (order (order + 1) / 2, kTileWidth).
/// @param changes     out, (order, n_terms, kTileWidth), terms as in NormalSystem.
using ArSpreads = void (*)(int order, const double* phi, const double* covariance, double* changes);

/// sums[v] -= sum over r of rows[r][v]^2; rows are (n_rows, kTileWidth).
using SubtractSquares = void (*)(int n_rows, const double* rows, double* sums);

/// Posterior probabilities of processes ("atoms") of which each voxel has one.
///
/// @param log_factors    (n_atoms): of prior weights and determinants.
/// @param squares        Q, (n_atoms, kTileWidth): likelihoods are factor * Q^-half_dof.
/// @param least          less probable atoms are dropped: 0.
/// @param probabilities  out, (n_atoms, kTileWidth), of sum 1; all 0 where a Q is not positive.
/// @cost  a logarithm and an exponential per atom and voxel.
using AtomPosteriors = void (*)(int n_atoms, const double* log_factors, double half_dof,
                                double least, const double* squares, double* probabilities);

/// Whitens the first n_lanes voxels of a tile by a recursion (ArmaWhitening, exact) over n rows;
/// `squares` becomes the sum of squares of the result. Five multiply-adds per row and voxel.
/// Further lanes, up to a whole number of vectors, may be overwritten.
using WhitenRecursively = void (*)(int n, int n_lanes, const double* reciprocals,
                                   const double* keep, const double* gain, const double* series,
                                   double* whitened, double* squares);
/// The same by a banded triangular factor (ArmaWhitening, truncated).
using WhitenByBand = void (*)(int n, int n_lanes, const double* reciprocals, const int* first,
                              const double* band, const double* series, double* whitened,
                              double* squares);

/// tile[t][lane] = series[lane][t] for the first n_lanes, at least one. Further lanes, up to a
/// whole number of vectors, become copies of the last; the rest are unchanged.
using GatherTile = void (*)(const double* const* series, int n_lanes, long n_times, double* tile);
/// series[lane][t] = tile[t][lane] for the first n_lanes.
using ScatterTile = void (*)(const double* tile, int n_lanes, long n_times, double* const* series);

struct KernelSet {
  const char* name;
  AccumulateProducts accumulate_products;
  AccumulateLaneProducts accumulate_lane_products;
  AccumulateLags accumulate_lags;
  ShiftValues shift_values;
  SolveTile solve_tile;
  WhitenRecursively whiten_recursively;
  WhitenByBand whiten_by_band;
  ContrastForms contrast_forms;
  ArPosterior ar_posterior;
  ArSpreads ar_spread;
  GatherTile gather_tile;
  ScatterTile scatter_tile;
  SolveExtras solve_extras;
  SubtractSquares subtract_squares;
  AtomPosteriors atom_posteriors;
};

/// The fastest set that this processor supports. Passing `name` ("sse2", "avx2", "avx512") selects
/// that set, or gives nullptr if the processor or this build does not support it.
const KernelSet& best_kernels();
const KernelSet* find_kernels(const char* name);

}  // namespace sociometer::kernels
