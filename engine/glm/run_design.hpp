#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/design/design_matrix.hpp"
#include "engine/design/estimability.hpp"

/// A run without its scans: RunDesign defines the sums taken while a file is read (LagSums),
/// TileSolver computes generalised least squares from them.
///
/// The model. y = X b + e over the kept scans, cov(e) = s2 V, V that of a stationary AR(p)
/// process of p <= kMaxArOrder; p = 0 is least squares. V^-1 is banded with constant diagonals but
/// for p x p corners at both ends, so X'V^-1X and X'V^-1y are sums over products at lags 0 .. p
/// with weights that depend on the coefficients only. The products with y are the running sums.
///
/// Exact: the estimates, also at the ends of the run, for designs of any rank (everything uses an
/// orthonormal basis of X), and across censored scans: each gets an indicator column, so that its
/// neighbours keep their distance in time. The only error is rounding. Sums of squares lose
/// digits where the design explains nearly everything (1 - R2 below 1e-8 or so); a residual below
/// kLeastResidual of the total counts as none. The coefficients are given, not estimated here.
///
/// How it fails. A design without residual degrees of freedom throws; inestimable contrasts must be
/// detected by the caller (space.is_estimable), as they get a number like any other. A
/// voxel whose prewhitened design is singular gets NaN from TileSolver::solve.
///
///   const RunDesign design(x, kept, 1);
///   const LagSums sums = sum_run(source, design, mask, kernels::best_kernels(), {});
///   const GlsSystem system(design, parse_noise_model("ar1"), on_coordinates(design, {contrast}));
///   TileSolver solver(system, kernels::best_kernels());
///   for (Eigen::Index lane = 0; lane < TileSolver::kWidth; ++lane)
///     solver.set_noise(lane, ArCoefficients::Constant(1, 0.3));
///   solver.solve(sums.tile(0));
///   const TileSolver::Row s2 = solver.residual_squares() / design.dof;
///   const TileSolver::Row variance = s2 * solver.covariance(system.pairs_at(0));
namespace sociometer {

/// One run's design prepared for streaming estimation at a given AR order.
///
/// Working columns E = [Z | spikes | rest of the constant | extras]:
///   Z       orthonormal basis of the design over the scans that are kept, zero in censored scans;
///           when order > 0, the one whose products at lag 1, Z'H_1 Z, are diagonal;
///   spikes  one indicator per censored scan, only when order > 0. A scan with its own indicator
///           drops out of the fit exactly, and its neighbours keep their true distance in time:
///           this makes censoring account for the gap. Without autocorrelation the zero rows
///           suffice;
///   rest    the part of the constant outside Z, only when the design does not contain it;
///           with it, series can be summed as differences from their first scan, whatever
///           the design;
///   extras  columns that are not fitted, but whose products with the series are wanted (single
///           trials, trial_fit.hpp); zero in censored scans.
struct RunDesign {
  /// @param design  X, (n_scans, n_columns), finite.
  /// @param kept    one flag per scan.
  /// @param order   AR order, 0 .. kMaxArOrder.
  /// @param extras  further working columns, (n_scans, n_extras); may have no column.
  /// @throws Error{bad_input} when no degrees of freedom are left.
  RunDesign(const Eigen::MatrixXd& design, const std::vector<uint8_t>& kept, int order,
            const Eigen::MatrixXd& extras = {});

  /// Flags drift and columns of interest (all but drift and constant, as in SPM) by their roles.
  void set_roles(const std::vector<ColumnRole>& roles);

  Eigen::Index n_scans() const { return kept.size(); }
  Eigen::Index rank() const { return space.rank(); }
  Eigen::Index n_fitted() const { return rank() + n_spikes; }  ///< estimated columns
  Eigen::Index n_working() const { return columns.cols(); }
  Eigen::Index n_modelled() const { return n_working() - n_extras; }   ///< all but the extras
  bool works_on_basis_only() const { return n_modelled() == rank(); }  ///< E = [Z | extras]

  std::vector<uint8_t> kept;
  Eigen::Index n_kept = 0, n_spikes = 0, n_extras = 0;
  int order = 0;
  double dof = 0;          ///< n_kept - rank
  Eigen::MatrixXd design;  ///< X over kept scans, (n_kept, n_columns)
  EstimableSpace space;
  /// Column flags, for noise models that pool over voxels; empty: no drift, and all columns but the
  /// constant are of interest.
  std::vector<uint8_t> drift_columns, interest_columns;
  bool has_constant = true;             ///< the design contains the constant
  Eigen::VectorXd constant_on_working;  ///< coefficients for which E gives 1 in kept scans

  Eigen::MatrixXd columns;  ///< E, (n_scans, n_working)
  /// Weights of each scan in the running sums: row t holds e_t, then for each lag d
  /// e_{t+d} + e_{t-d}; row-major, (n_scans, (order + 1) * n_working).
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> stream_weights;
  /// H_0 = E'E, the identity; H_d = sum_t e_t e_{t-d}' + transpose.
  std::vector<Eigen::MatrixXd> lag_products;
  Eigen::MatrixXd head, tail;   ///< first and last `order` rows of E, counted from their end
  std::vector<double> n_pairs;  ///< kept scans, and pairs of kept scans d apart
};

/// Indices of the kept scans.
std::vector<Eigen::Index> list_kept_scans(const RunDesign& design);

/// Contrasts as rows of weights on RunDesign::space.
std::vector<Eigen::MatrixXd> on_coordinates(const RunDesign& design,
                                            const std::vector<Eigen::MatrixXd>& contrasts);

}  // namespace sociometer
