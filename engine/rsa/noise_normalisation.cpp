#include "engine/rsa/noise_normalisation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

/// E E' or E'E, whichever is smaller: their squares have the same trace.
Eigen::MatrixXd smaller_product(const Eigen::MatrixXd& residuals) {
  if (residuals.rows() < residuals.cols()) return residuals * residuals.transpose();
  return residuals.transpose() * residuals;
}

/// An orthonormal basis of the residuals' rows with the squared length along each direction.
struct PrincipalDirections {
  Eigen::MatrixXd directions;  ///< (n_voxels, rank)
  Eigen::VectorXd squares;
};

PrincipalDirections principal_directions(const Eigen::MatrixXd& residuals) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(smaller_product(residuals));
  const Eigen::VectorXd& squares = eigen.eigenvalues();  // ascending
  if (residuals.rows() >= residuals.cols()) return {eigen.eigenvectors(), squares.cwiseMax(0.0)};
  // Directions of almost no length are noise of the arithmetic; the scale outside serves them.
  const double least = squares[squares.size() - 1] * 1e-12;
  const Eigen::Index kept = (squares.array() > least).count();
  const Eigen::VectorXd lengths = squares.tail(kept).cwiseSqrt();
  return {residuals.transpose() * eigen.eigenvectors().rightCols(kept) *
              lengths.cwiseInverse().asDiagonal(),
          squares.tail(kept)};
}

}  // namespace

double ledoit_wolf_shrinkage(const Eigen::MatrixXd& residuals) {
  const double n = double(residuals.rows()), p = double(residuals.cols());
  require(n > 0 && p > 0, "a covariance needs residuals");
  const double m = residuals.squaredNorm() / n / p;
  const double squared_norm = smaller_product(residuals).squaredNorm() / (n * n);  // of S
  const double d2 = squared_norm - p * m * m;
  if (!(d2 > 1e-14 * squared_norm)) return 1;
  const double fourth = residuals.rowwise().squaredNorm().squaredNorm();
  const double b2 = (fourth / n - squared_norm) / n;
  return std::clamp(b2 / d2, 0.0, 1.0);
}

Eigen::MatrixXd ledoit_wolf_covariance(const Eigen::MatrixXd& residuals, double dof) {
  const double shrinkage = ledoit_wolf_shrinkage(residuals);
  const Eigen::Index p = residuals.cols();
  const double m = residuals.squaredNorm() / dof / double(p);
  return shrinkage * m * Eigen::MatrixXd::Identity(p, p) +
         (1 - shrinkage) / dof * (residuals.transpose() * residuals);
}

NoiseWhitening::NoiseWhitening(NoiseNormalisation kind, const Eigen::MatrixXd& residuals,
                               double dof)
    : kind_(kind), shrinkage_(kNaN) {
  if (kind == NoiseNormalisation::none) return;
  require(dof > 0 && residuals.rows() > 0, "noise normalisation needs residuals");
  const Eigen::VectorXd variance = residuals.colwise().squaredNorm().transpose() / dof;
  require((variance.array() > 0).all(), "noise normalisation needs voxels with noise");
  if (kind == NoiseNormalisation::univariate) {
    scale_ = variance.cwiseSqrt().cwiseInverse();
    return;
  }
  shrinkage_ = ledoit_wolf_shrinkage(residuals);
  const double floor = shrinkage_ * variance.mean();
  PrincipalDirections principal = principal_directions(residuals);
  const Eigen::VectorXd eigenvalues =
      (floor + (1 - shrinkage_) / dof * principal.squares.array()).matrix();
  // Without shrinkage the covariance has directions without variance unless n >= p.
  outer_scale_ = floor > 0 ? 1 / std::sqrt(floor) : 0;
  directions_ = std::move(principal.directions);
  extra_scale_ = eigenvalues.unaryExpr([](double v) { return v > 0 ? 1 / std::sqrt(v) : 0; });
  extra_scale_.array() -= outer_scale_;
}

Eigen::MatrixXd NoiseWhitening::apply(const Eigen::MatrixXd& patterns) const {
  switch (kind_) {
    case NoiseNormalisation::none:
      return patterns;
    case NoiseNormalisation::univariate:
      return patterns * scale_.asDiagonal();
    case NoiseNormalisation::multivariate:
      break;
  }
  return outer_scale_ * patterns +
         (patterns * directions_) * extra_scale_.asDiagonal() * directions_.transpose();
}

}  // namespace sociometer
