#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/glm/ar_average.hpp"
#include "engine/glm/ar_process.hpp"
#include "engine/glm/kernels/kernels.hpp"
#include "engine/glm/lag_sums.hpp"
#include "engine/glm/run_design.hpp"

namespace sociometer {

/// The constant matrices whose weighted sum is E' Omega E, (n_working, n_working) each: one per
/// lag, then one per pair of corner rows (i <= j), j outer.
/// @param head_corner  StreamedNoise::rescales_first_scans().
std::vector<Eigen::MatrixXd> gls_terms(const RunDesign& design, bool head_corner);

/// The part of every voxel's normal equations given by a run's design and contrasts. Shared by
/// threads.
/// With Omega the inverse noise covariance (ArPrecision), M = E' Omega E is a sum over constant
/// matrices, one per lag and per corner, with coefficients that depend on the voxel's noise only.
class GlsSystem {
 public:
  /// @param contrasts  rows of weights on the coordinates of RunDesign::space, one matrix each.
  GlsSystem(const RunDesign& design, const NoiseModel& model,
            const std::vector<Eigen::MatrixXd>& contrasts);
  GlsSystem(const GlsSystem&) = delete;
  GlsSystem& operator=(const GlsSystem&) = delete;

  const kernels::NormalSystem& kernel() const { return system_; }
  const RunDesign& design() const { return design_; }
  /// First row of a contrast's lower triangle in TileSolver::covariances.
  Eigen::Index pairs_at(size_t contrast) const { return pairs_at_[contrast]; }
  Eigen::Index n_rows(size_t contrast) const { return n_rows_[contrast]; }
  size_t n_contrasts() const { return n_rows_.size(); }
  /// Whether covariances are averaged over the posterior of the noise.
  bool averages() const { return averages_; }

 private:
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  void add_term(const Eigen::MatrixXd& matrix, Eigen::Index term);

  const RunDesign& design_;
  kernels::NormalSystem system_;
  std::vector<int> working_of_, pairs_;
  std::vector<Eigen::Index> pairs_at_, n_rows_;
  bool averages_ = false;
  RowMajor matrices_, head_, tail_, constant_terms_, contrasts_;
  Eigen::VectorXd constant_squares_, diagonal_;
};

/// Generalised least squares of the voxels of a tile from their lag sums (run_design.hpp), without
/// reading scans again. One per thread; holds work space only.
class TileSolver {
 public:
  static constexpr Eigen::Index kWidth = kernels::kTileWidth;
  using Row = Eigen::Array<double, kWidth, 1>;

  TileSolver(const GlsSystem& system, const kernels::KernelSet& kernels);

  /// Autocovariances of the least-squares residuals at lags 0 .. order, each divided by its number
  /// of pairs of kept scans: (kWidth, order + 1).
  const Eigen::MatrixXd& residual_autocovariances(const double* tile);
  /// The same for the residuals minus a given mean, as nilearn computes them (order 1).
  const Eigen::MatrixXd& residual_autocovariances(const double* tile, double mean);
  /// Sums of the least-squares residuals over kept scans.
  Row residual_sums(const double* tile);

  /// The residuals' statistics for the posterior of an AR process.
  void residual_lag_sums(const double* tile, ResidualLagSums& out);

  /// Sets the noise of one voxel.
  void set_noise(Eigen::Index lane, const ArCoefficients& phi);
  /// The uncertainty of all voxels' noise (GlsSystem::averages): solve() then gives mean
  /// covariances,
  ///   V + 1/2 sum_k V_k V^-1 V_k,  V_k the change of V along the k-th axis of the spread,
  /// which is the mean of v exp(g'x), x normal, to second order for a single row, does not depend
  /// on the parametrisation of a contrast's rows, and stays positive definite.
  /// @param phi         (kWidth, order).
  /// @param covariance  of ArCoordinates, lower triangle by rows, (kWidth, order (order + 1) / 2).
  void set_spread(const Eigen::ArrayXXd& phi, const Eigen::ArrayXXd& covariance);
  /// Solves all voxels; `tile` may be null if only covariances are needed. A voxel whose
  /// prewhitened design cannot be inverted gets NaN.
  void solve(const double* tile);

  /// gamma on RunDesign::space, (rank, kWidth), rows contiguous; the shift is accounted for.
  const double* coordinates() const {
    return coordinates_.data() + system_.kernel().n_spikes * kWidth;
  }
  /// What the terms of the normal matrix are multiplied by, (kWidth, n_terms).
  const double* noise_coefficients() const { return coefficients_.data(); }
  const Row& residual_squares() const { return residual_; }  ///< in units of innovation variance
  const Row& total_squares() const { return total_; }        ///< the same for the constant alone
  /// C (Z' Omega Z)^-1 C', lower triangles by rows, contrast by contrast.
  Eigen::Map<const Row> covariance(Eigen::Index pair) const {
    return Eigen::Map<const Row>(covariances_.data() + pair * kWidth);
  }

 private:
  Eigen::Map<const Row> row(const double* tile, Eigen::Index index) const {
    return Eigen::Map<const Row>(tile + index * kWidth);
  }
  void set_residual_coefficients(const double* tile);
  Row lag_sum(const double* tile, Eigen::Index lag);
  Eigen::Map<Row> changes(Eigen::Index axis, Eigen::Index term) {
    return Eigen::Map<Row>(changes_.data() + (axis * system_.kernel().n_terms + term) * kWidth);
  }
  void average_covariances();

  const GlsSystem& system_;
  const RunDesign& design_;
  const kernels::KernelSet& kernels_;
  LagSums::Rows rows_;
  Eigen::ArrayXXd kappa_, product_;  ///< (kWidth, n_modelled)
  Eigen::MatrixXd autocovariances_;
  Eigen::ArrayXXd coefficients_;  ///< (kWidth, n_terms)
  std::vector<double> coordinates_, covariances_, work_;
  std::vector<double> changes_, contrast_weights_, forms_;  ///< for averages only
  Row residual_, total_;
};

}  // namespace sociometer
