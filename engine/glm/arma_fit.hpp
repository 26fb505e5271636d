#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/arma_process.hpp"
#include "engine/glm/kernels/kernels.hpp"
#include "engine/glm/noise_model.hpp"

namespace sociometer {

/// What is estimated of each voxel; NaN where the series has no residual.
struct ArmaEstimates {
  Eigen::VectorXd a, b;
  Eigen::VectorXd minus_two_log_likelihood;  ///< (n - m) ln q + ln|X'R^-1X| + ln|R|, AFNI's L
  Eigen::VectorXd residual_squares;          ///< q, whitened, in units of the series' variance
  Eigen::VectorXd total_squares;             ///< the same for a model of the constant alone
  Eigen::VectorXd ljung_box;                 ///< of the whitened residuals; empty unless asked for
  Eigen::MatrixXd coordinates;               ///< (rank, n_voxels)
  std::vector<Eigen::MatrixXd> covariances;  ///< per contrast, lower triangle by rows
};

/// Fills `out`, (n, n_rows) with one voxel after the other, with series of kept scans.
using ReadSeries = std::function<void(Eigen::Index first, Eigen::Index n, double* out)>;

/// ARMA(1,1) noise per voxel by restricted maximum likelihood, then generalised least squares.
///
/// @source likelihood: Chen, Saad, Nath, Beauchamp & Cox 2012 NeuroImage 60:747, and AFNI
/// 3dREMLfit's help; REML: Patterson & Thompson 1971.
class ArmaModel {
 public:
  /// @param basis  Z, (n_rows, rank), orthonormal over the kept scans.
  /// @param times  of the rows: index of the scan, runs far apart.
  /// @param log_det_gram  ln|X'X| for the design X that Z stands for: makes L that of X.
  /// @param shortest_run  rows of the shortest run: sets the lags of Ljung-Box.
  ArmaModel(const Eigen::MatrixXd& basis, PseudoTimes times, const ArmaOptions& options,
            double log_det_gram, Eigen::Index shortest_run, const kernels::KernelSet& kernels);
  ~ArmaModel();

  /// @param contrasts  rows of weights on Z's coordinates.
  /// @cost  grid 5: about 70 evaluations of 30 + rank multiply-adds per row and voxel; memory: a
  /// batch of kBatch series in float64, and 2 rank n_rows doubles per grid point that is visited.
  ArmaEstimates fit(Eigen::Index n_voxels, const ReadSeries& read,
                    const std::vector<Eigen::MatrixXd>& contrasts, bool with_ljung_box,
                    int n_threads, const std::function<void(Eigen::Index)>& progress = {}) const;

  /// C (Z'R^-1Z)^-1 C' for the contrasts, at each voxel's parameters; what fit() gives, bit for
  /// bit.
  std::vector<Eigen::MatrixXd> covariances(const Eigen::VectorXd& a, const Eigen::VectorXd& b,
                                           const std::vector<Eigen::MatrixXd>& contrasts,
                                           int n_threads) const;

  static constexpr Eigen::Index kBatch = 8192;  ///< voxels whose series are held at a time

 private:
  struct Point;
  struct BatchVoxel;
  struct Batch;
  struct Request {
    int point;
    Eigen::Index voxel;
  };
  const Point& point(int index) const;
  std::unique_ptr<Point> make_point(const ArmaParameters& p) const;
  bool allowed(const ArmaParameters& p) const;
  ArmaParameters parameters(double ia, double jb) const;
  int index(int ia, int jb) const { return jb * (n_a_ + 1) + ia; }
  void search(Batch& batch, int n_threads) const;
  void gather(const Batch& batch, const Eigen::Index* voxels, Eigen::Index n, double* tile) const;
  void evaluate_tile(const Point& p, const double* series, double* work, Eigen::Index n,
                     double* values) const;
  void evaluate_everywhere(Batch& batch, int step, int n_threads) const;
  void evaluate(Batch& batch, std::vector<Request>& requests, std::vector<double>& values,
                int n_threads) const;
  void take_best(BatchVoxel& voxel) const;
  void look(Batch& batch, int step, int reach, int n_threads) const;
  void go_to_interior(Batch& batch, int n_threads) const;
  ArmaParameters polished(const Batch& batch, Eigen::Index voxel) const;
  void finish(const Batch& batch, Eigen::Index voxel, const std::vector<Eigen::MatrixXd>& contrasts,
              bool with_ljung_box, ArmaEstimates& out) const;
  double ljung_box(const Eigen::VectorXd& residuals) const;
  double likelihood(const Point& p, double whitened_squares, double explained) const;

  Eigen::MatrixXd basis_;
  PseudoTimes times_;
  ArmaOptions options_;
  double log_det_gram_;
  Eigen::Index shortest_run_;
  const kernels::KernelSet& kernels_;
  int n_a_ = 0, n_b_ = 0, white_b_ = 0;
  mutable std::vector<std::unique_ptr<Point>> points_;
  mutable std::deque<std::once_flag> made_;
};

}  // namespace sociometer
