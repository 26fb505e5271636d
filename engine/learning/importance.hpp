#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/learning/posterior.hpp"

namespace sociometer {

/// Number of points for an integral over the parameters.
struct ImportanceOptions {
  int n_points = 1024;          ///< in 8 sets, each evenly spread and randomly shifted
  int most_points = 16384;      ///< doubled up to this many while the error exceeds the tolerance
  double tolerance = 0.01;      ///< target standard error of the log evidence, nats
  double least_effective = 50;  ///< a sample with fewer effective points is rejected
};

/// Weighted points from a posterior, and the resulting estimates.
struct ImportanceSample {
  Eigen::MatrixXd u;               ///< (n_parameters, n_points), transformed
  Eigen::VectorXd log_likelihood;  ///< at the points
  Eigen::VectorXd log_proposal;    ///< density from which they were drawn
  Eigen::VectorXd log_weight;      ///< log likelihood + log prior - log proposal
  double log_evidence = 0;         ///< nats
  double error = 0;                ///< its standard error, from the 8 sets
  double effective = 0;            ///< effective number of points: (sum w)^2 / sum w^2
  Eigen::VectorXd mean;            ///< of the posterior, transformed parameters
  Eigen::MatrixXd covariance;
};

/// The integral of likelihood times prior over the transformed parameters, and the first two
/// moments of the posterior, by importance sampling.
///
/// Points come from a mixture: Student densities with 5 degrees of freedom around each maximum,
/// with the Laplace covariance and, for one in four, 2.5 times as wide, weighted by Laplace's mass;
/// and one point in four overall from the prior itself. The prior's share keeps every weight below
/// 4 times the largest likelihood, so that the variance is finite for any posterior, flat, skewed
/// or truncated, and covers parameters that the choices do not inform. If few points are effective,
/// the Student densities are replaced by a single one with the moments found, up to twice. Points
/// are Halton points, randomly shifted in each of 8 sets; the spread between sets gives the error.
///
/// @param posterior  over transformed parameters (DensitySpace::transformed), at least one.
/// @param modes  its maxima; those without a positive definite Hessian are ignored. May be empty.
/// @param stream  of the counter-based random numbers: a different one per participant and model.
/// @cost  n_points likelihoods and as many quantiles of t: 30 ms for 120 rounds, 2 parameters.
/// @source Owen & Zhou 2000, JASA 95:135 (defensive mixtures); Owen, Monte Carlo theory, methods
/// and examples, 9 and 17.
ImportanceSample sample_posterior(const Posterior& posterior, const std::vector<Mode>& modes,
                                  uint64_t seed, uint64_t stream, const ImportanceOptions& options);

/// Recomputes evidence, effective points and moments of the same points for another prior.
/// @param log_prior  at each point.
void reweight(ImportanceSample& sample, const Eigen::VectorXd& log_prior);

}  // namespace sociometer
