#include "engine/mixed/scaled_effects.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/core/error.hpp"
#include "engine/mixed/smooth_minimum.hpp"

namespace sociometer {

void require_random(const MixedDesign& design) {
  if (design.random.empty())
    fail(ErrorCode::usage,
         "formula '{}' has no random effects; give at least (1 | participant), since the trials of "
         "a participant are not independent",
         to_string(design.formula));
}

/// Takes the means off the columns that are freely correlated with an intercept: where the slopes
/// are multiplied with is where the intercepts are, and any place of it is the same model.
static Eigen::MatrixXd centre_columns(RandomFactor& factor) {
  Eigen::MatrixXd to_design = Eigen::MatrixXd::Identity(factor.n_columns(), factor.n_columns());
  Eigen::Index first = 0;
  for (int size : factor.blocks) {
    const bool intercept = (factor.z.col(first).array() == 1).all();
    for (Eigen::Index c = first + 1; intercept && c < first + size; ++c) {
      const double mean = factor.z.col(c).mean();
      factor.z.col(c).array() -= mean;
      to_design(first, c) = -mean;
    }
    first += size;
  }
  return to_design;
}

ScaledEffects::ScaledEffects(const MixedDesign& design) : random(design.random) {
  largest_first(random);
  for (auto& factor : random) {
    const auto same = [&](const RandomFactor& other) { return other.name == factor.name; };
    place.push_back(size_t(std::find_if(design.random.begin(), design.random.end(), same) -
                           design.random.begin()));
    to_design.push_back(centre_columns(factor));
    const Eigen::VectorXd per_size = (factor.z.colwise().squaredNorm() / double(factor.z.rows()))
                                         .cwiseSqrt()
                                         .transpose()
                                         .cwiseMax(1e-300)
                                         .cwiseInverse();
    factor.z = (factor.z * per_size.asDiagonal()).eval();
    to_design.back() = (to_design.back() * per_size.asDiagonal()).eval();
  }
}

RelativeFactors ScaledEffects::unscaled(RelativeFactors factors) const {
  for (size_t f = 0; f < factors.size(); ++f) factors[f] = (to_design[f] * factors[f]).eval();
  return factors;
}

FactorParameters::FactorParameters(const ScaledEffects& effects)
    : diagonal(on_diagonal(effects.random)), n(Eigen::Index(diagonal.size())) {}

Eigen::VectorXd FactorParameters::start(Eigen::Index n_others) const {
  Eigen::VectorXd out = Eigen::VectorXd::Zero(n + n_others);
  for (Eigen::Index i = 0; i < n; ++i) out[i] = diagonal[size_t(i)] ? 0.7 : 0;
  return out;
}

std::vector<double> FactorParameters::low(Eigen::Index n_others) const {
  std::vector<double> out(size_t(n + n_others), -std::numeric_limits<double>::infinity());
  for (Eigen::Index i = 0; i < n; ++i)
    if (diagonal[size_t(i)]) out[size_t(i)] = 0;
  return out;
}

std::vector<Eigen::Index> FactorParameters::free(const Eigen::VectorXd& at) const {
  std::vector<Eigen::Index> out;
  for (Eigen::Index i = 0; i < at.size(); ++i)
    if (i >= n || !diagonal[size_t(i)] || at[i] >= kLeastRelative) out.push_back(i);
  return out;
}

bool FactorParameters::singular(const Eigen::VectorXd& at) const {
  for (Eigen::Index i = 0; i < n; ++i)
    if (diagonal[size_t(i)] && at[i] < kLeastRelative) return true;
  return false;
}

void set_random(const ScaledEffects& effects, const PenalisedSystem& system,
                const RelativeFactors& factors, double scale, MixedFit& fit) {
  const RelativeFactors own = effects.unscaled(factors);
  const auto modes = system.spherical_modes();
  const auto covariances = system.mode_covariances(own);
  fit.random.resize(own.size());
  for (size_t f = 0; f < own.size(); ++f) {
    FittedFactor& out = fit.random[effects.place[f]];
    out.covariance = scale * scale * own[f] * own[f].transpose();
    out.modes = modes[f] * own[f].transpose();
    out.mode_errors.resizeLike(out.modes);
    for (Eigen::Index l = 0; l < out.modes.rows(); ++l)
      out.mode_errors.row(l) =
          scale * covariances[f][size_t(l)].diagonal().cwiseMax(0).cwiseSqrt().transpose();
  }
}

double gain_off_bounds(const ParameterFunction& function, const FactorParameters& parameters,
                       const Eigen::VectorXd& at, double value) {
  double out = 0;
  for (Eigen::Index i = 0; i < parameters.n; ++i) {
    if (!parameters.diagonal[size_t(i)] || at[i] >= kLeastRelative) continue;
    for (double step : {0.01, 0.1}) {
      Eigen::VectorXd moved = at;
      moved[i] += step;
      const double there = function(moved);
      if (there < value) out = std::max(out, value - there);
    }
  }
  return out;
}

bool has_flat_direction(const Eigen::MatrixXd& hessian, Eigen::Index n, const Eigen::VectorXd& at) {
  if (n == 0) return false;
  const Eigen::VectorXd size = at.head(n).cwiseAbs().cwiseMax(0.1);
  const Eigen::MatrixXd relative =
      size.asDiagonal() * hessian.topLeftCorner(n, n) * size.asDiagonal();
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(relative, Eigen::EigenvaluesOnly)
             .eigenvalues()[0] < 1e-3;
}

double deviance_to_go(const Eigen::VectorXd& gradient, const Eigen::MatrixXd& hessian,
                      const std::vector<Eigen::Index>& free) {
  if (free.empty()) return 0;
  const Eigen::MatrixXd own = hessian(free, free);
  const Eigen::VectorXd g = gradient(free);
  // Directions without curvature, as within a factor of less than full rank, gain nothing.
  const double least = 1e-6 * std::max(1.0, own.diagonal().cwiseAbs().maxCoeff());
  const double lowest =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(own, Eigen::EigenvaluesOnly).eigenvalues()[0];
  const double saddle = lowest < -least ? -0.5 * lowest * 0.01 : 0;
  return 0.5 * g.dot(positive_inverse(own, least) * g) + saddle;
}

}  // namespace sociometer
