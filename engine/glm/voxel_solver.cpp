#include "engine/glm/voxel_solver.hpp"

namespace sociometer {

VoxelSolver::VoxelSolver(const RunDesign& design, const NoiseModel& model)
    : design_(design), head_corner_(model.kind != NoiseModel::Kind::ar_nilearn) {
  set_noise(ArCoefficients());
}

/// kappa with residuals = y - E kappa, y being the shifted series.
Eigen::VectorXd VoxelSolver::residual_coefficients(const LagSums::Voxel& sums) const {
  Eigen::VectorXd kappa = sums.products.col(0);
  kappa.segment(design_.rank(), design_.n_spikes).setZero();
  // The design then explains only its part of the shift; the rest of it is residual.
  if (!design_.has_constant)
    kappa[kappa.size() - 1] = -sums.shift * design_.constant_on_working[kappa.size() - 1];
  return kappa;
}

Eigen::VectorXd VoxelSolver::residual_autocovariance(const LagSums::Voxel& sums) const {
  const Eigen::VectorXd kappa = residual_coefficients(sums);
  Eigen::VectorXd r(design_.order + 1);
  for (int d = 0; d <= design_.order; ++d) {
    const auto& product = design_.lag_products[size_t(d)];
    const double twice = d == 0 ? 2.0 : 1.0;  // H_0 counts a pair once, H_d twice
    r[d] = sums.lags[d] - twice * kappa.dot(sums.products.col(d)) +
           0.5 * twice * kappa.dot(product * kappa);
    r[d] /= design_.n_pairs[size_t(d)];
  }
  return r;
}

double VoxelSolver::residual_sum(const LagSums::Voxel& sums) const {
  return design_.constant_on_working.dot(sums.products.col(0) - residual_coefficients(sums));
}

Eigen::VectorXd VoxelSolver::residual_autocovariance(const LagSums::Voxel& sums,
                                                     double mean) const {
  const Eigen::VectorXd kappa = residual_coefficients(sums);
  const double sum = residual_sum(sums);
  const double first = sums.head[0] - design_.head.row(0).dot(kappa);
  const double last = sums.tail[0] - design_.tail.row(0).dot(kappa);
  Eigen::VectorXd r = residual_autocovariance(sums);
  const double n = design_.n_pairs[0], pairs = design_.n_pairs[1];
  r[0] += (n * mean * mean - 2 * mean * sum) / n;
  r[1] += (pairs * mean * mean - mean * (2 * sum - first - last)) / pairs;
  return r;
}

void VoxelSolver::form_normal_matrix(const ArPrecision& p) {
  normal_ = p.w[0] * design_.lag_products[0];
  for (int d = 1; d <= p.order; ++d) normal_ += p.w[size_t(d)] * design_.lag_products[size_t(d)];
  for (int i = 0; i < p.order; ++i)
    for (int j = 0; j < p.order; ++j) {
      const double corner = p.corner[size_t(i)][size_t(j)];
      normal_.noalias() -= corner * design_.tail.row(i).transpose() * design_.tail.row(j);
      if (head_corner_)
        normal_.noalias() -= corner * design_.head.row(i).transpose() * design_.head.row(j);
    }
}

bool VoxelSolver::set_noise(const ArCoefficients& phi) {
  precision_ = ar_precision(phi);
  form_normal_matrix(precision_);
  const Eigen::Index n = design_.n_fitted();
  factor_.compute(normal_.topLeftCorner(n, n));
  return factor_.info() == Eigen::Success;
}

/// Weighted squares that the constant explains beside the indicators of censored scans.
double VoxelSolver::explained_by_constant(const Eigen::VectorXd& b, double on_constant,
                                          const Eigen::VectorXd& weighted_constant,
                                          double constant_squares) const {
  const Eigen::Index m = design_.n_spikes, first = design_.rank();
  if (m == 0) return on_constant * on_constant / constant_squares;
  Eigen::MatrixXd normal(m + 1, m + 1);
  Eigen::VectorXd right(m + 1);
  normal.topLeftCorner(m, m) = normal_.block(first, first, m, m);
  normal.topRightCorner(m, 1) = weighted_constant.segment(first, m);
  normal.bottomLeftCorner(1, m) = weighted_constant.segment(first, m).transpose();
  normal(m, m) = constant_squares;
  right << b.segment(first, m), on_constant;
  return right.dot(normal.llt().solve(right));
}

void VoxelSolver::solve(const LagSums::Voxel& sums, Solution& out) {
  const ArPrecision& p = precision_;
  Eigen::VectorXd b = p.w[0] * sums.products.col(0);
  double yy = p.w[0] * sums.lags[0];
  for (int d = 1; d <= p.order; ++d) {
    b += p.w[size_t(d)] * sums.products.col(d);
    yy += 2 * p.w[size_t(d)] * sums.lags[d];
  }
  for (int i = 0; i < p.order; ++i)
    for (int j = 0; j < p.order; ++j) {
      const double corner = p.corner[size_t(i)][size_t(j)];
      b -= corner * sums.tail[j] * design_.tail.row(i).transpose();
      yy -= corner * sums.tail[i] * sums.tail[j];
      if (!head_corner_) continue;
      b -= corner * sums.head[j] * design_.head.row(i).transpose();
      yy -= corner * sums.head[i] * sums.head[j];
    }
  const Eigen::VectorXd& constant = design_.constant_on_working;
  const double on_constant = constant.dot(b);
  const Eigen::VectorXd weighted_constant = normal_ * constant;
  const double constant_squares = constant.dot(weighted_constant);
  out.total_squares =
      yy - explained_by_constant(b, on_constant, weighted_constant, constant_squares);
  if (!design_.has_constant) {
    yy += 2 * sums.shift * on_constant + sums.shift * sums.shift * constant_squares;
    b += sums.shift * weighted_constant;
  }
  const Eigen::Index n = design_.n_fitted();
  const Eigen::VectorXd gamma = factor_.solve(b.head(n));
  out.residual_squares = yy - gamma.dot(b.head(n));
  out.coordinates = gamma.head(design_.rank());
  if (design_.has_constant) out.coordinates += sums.shift * constant.head(design_.rank());
}

Eigen::MatrixXd VoxelSolver::covariance(const Eigen::MatrixXd& coordinates) {
  Eigen::MatrixXd padded = Eigen::MatrixXd::Zero(design_.n_fitted(), coordinates.rows());
  padded.topRows(design_.rank()) = coordinates.transpose();
  factor_.matrixL().solveInPlace(padded);
  return padded.transpose() * padded;
}

}  // namespace sociometer
