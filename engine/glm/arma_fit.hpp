#pragma once
#include <functional>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/smoothing.hpp"
#include "engine/glm/arma_search.hpp"

namespace sociometer {

/// Estimates for each voxel. A series without residuals has no noise to estimate:
/// its coordinates are those of least squares, its residual squares 0, the rest NaN.
struct ArmaEstimates {
  Eigen::VectorXd a, b;
  Eigen::VectorXd minus_two_log_likelihood;  ///< (n - m) ln q + ln|X'R^-1X| + ln|R|, AFNI's L
  Eigen::VectorXd residual_squares;          ///< q, whitened, in units of the series' variance
  Eigen::VectorXd total_squares;             ///< the same for a model of the constant alone
  Eigen::VectorXd ljung_box;                 ///< of the whitened residuals; empty unless requested
  Eigen::MatrixXd coordinates;               ///< (rank, n_voxels)
  std::vector<Eigen::MatrixXd> covariances;  ///< per contrast, lower triangle by rows
};

/// Fills `out`, (n, n_rows), voxel by voxel, with series of kept scans.
using ReadSeries = std::function<void(Eigen::Index first, Eigen::Index n, double* out)>;

/// Fills `tile`, (n_rows, kTileWidth) rows contiguous, with the voxels starting at `first`, a
/// multiple of kTileWidth; lanes without a voxel are 0.
using ReadTile = std::function<void(Eigen::Index first, double* tile)>;

/// ARMA(1,1) noise per voxel by restricted maximum likelihood, then generalised least squares.
///
/// @source likelihood: Chen, Saad, Nath, Beauchamp & Cox 2012 NeuroImage 60:747, and AFNI
/// 3dREMLfit's help; REML: Patterson & Thompson 1971.
class ArmaModel {
 public:
  /// @param basis  Z, (n_rows, rank), orthonormal over the kept scans.
  /// @param times  of the rows: index of the scan, runs far apart.
  /// @param log_det_gram  ln|X'X| for the design X whose basis is Z: makes L that of X.
  /// @param shortest_run  rows of the shortest run: sets the lags of Ljung-Box.
  ArmaModel(const Eigen::MatrixXd& basis, PseudoTimes times, const ArmaOptions& options,
            double log_det_gram, Eigen::Index shortest_run, const kernels::KernelSet& kernels);

  /// @param contrasts  rows of weights on Z's coordinates.
  /// @param progress   called with the number of voxels done; may be empty. Without a
  /// smoother these are not read again.
  /// @param smoother   smooths a and lambda over space before the fit; null: none.
  /// @cost  that of ArmaSearch, one ArmaPoint per distinct set of parameters in a batch, and 2 rank
  /// multiply-adds per row and voxel. Memory: a batch of series, kBatchBytes, and rank n_rows
  /// doubles per visited grid point.
  ArmaEstimates fit(Eigen::Index n_voxels, const ReadTile& read,
                    const std::vector<Eigen::MatrixXd>& contrasts, bool with_ljung_box,
                    int n_threads, const std::function<void(Eigen::Index)>& progress = {},
                    const MaskSmoother* smoother = nullptr) const;

  /// Bytes that fit() takes, if it visits every point of the grid.
  /// @param n_covariances  over all rows of the contrasts.
  static double fit_bytes(const ArmaOptions& options, Eigen::Index n_rows, Eigen::Index rank,
                          Eigen::Index n_voxels, Eigen::Index n_covariances);

  /// C (Z'R^-1Z)^-1 C' for the contrasts, at each voxel's parameters; bit-identical to the result
  /// of fit().
  std::vector<Eigen::MatrixXd> covariances(const Eigen::VectorXd& a, const Eigen::VectorXd& b,
                                           const std::vector<Eigen::MatrixXd>& contrasts,
                                           int n_threads) const;

 private:
  struct Batch;
  void read_batch(const ReadTile& read, int n_threads, Batch& batch) const;
  void search(const Batch& batch, int n_threads, std::vector<ArmaFound>& found) const;
  void solve(const Batch& batch, std::vector<ArmaFound>& found,
             const std::vector<Eigen::MatrixXd>& contrasts, int n_threads,
             ArmaEstimates& out) const;
  void solve_tile(const Batch& batch, const ArmaPoint& point, const Eigen::Index* voxels,
                  Eigen::Index n, ArmaEstimates& out) const;
  double ljung_box(const Eigen::VectorXd& residuals) const;

  ArmaDesign design_;
  ArmaOptions options_;
  Eigen::Index shortest_run_;
  Eigen::MatrixXd basis_by_rows_;  ///< Z, (n_rows, rank)
  const kernels::KernelSet& kernels_;
  ArmaSearch search_;
};

}  // namespace sociometer
