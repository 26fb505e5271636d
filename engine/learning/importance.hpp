#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/learning/posterior.hpp"

namespace sociometer {

/// How many points an integral over the parameters takes.
struct ImportanceOptions {
  int n_points = 1024;          ///< in 8 sets, each evenly spread and shifted at random
  int most_points = 16384;      ///< doubled up to here while the error is larger than wanted
  double tolerance = 0.01;      ///< wanted standard error of the log evidence, nats
  double least_effective = 50;  ///< fewer effective points than this say nothing
};

/// Points of a posterior with their weights, and what follows from them.
struct ImportanceSample {
  Eigen::MatrixXd u;               ///< (n_parameters, n_points), transformed
  Eigen::VectorXd log_likelihood;  ///< at the points
  Eigen::VectorXd log_proposal;    ///< density that they are drawn from
  Eigen::VectorXd log_weight;      ///< log likelihood + log prior - log proposal
  double log_evidence = 0;         ///< nats
  double error = 0;                ///< its standard error, from the 8 sets
  double effective = 0;            ///< effective number of points: (sum w)^2 / sum w^2
  Eigen::VectorXd mean;            ///< of the posterior, transformed parameters
  Eigen::MatrixXd covariance;
};

/// The integral of likelihood times prior over the transformed parameters, and the posterior's
/// first two moments, by importance sampling.
///
/// Points come from a mixture: Student densities with 5 degrees of freedom around each maximum,
/// with Laplace's covariance and, one in four, 2.5 times as wide, weighted by Laplace's mass; and
/// for one point in four of all the prior itself. The prior's share keeps every weight below 4
/// times the largest likelihood, so that the variance is finite for any posterior, flat, skewed or
/// cut, and covers parameters that the choices say nothing of. When few points are effective the
/// Student densities are replaced by one with the moments found, up to twice. The points are
/// Halton's, shifted by random numbers in each of 8 sets: the spread between the sets is the error.
///
/// @param posterior  over transformed parameters (DensitySpace::transformed), at least one.
/// @param modes  its maxima; those without a positive definite Hessian are left out. May be empty.
/// @param stream  of the counter-based random numbers: another for each person and model.
/// @cost  n_points likelihoods and as many quantiles of t: 30 ms for 120 rounds, 2 parameters.
/// @source Owen & Zhou 2000, JASA 95:135 (defensive mixtures); Owen, Monte Carlo theory, methods
/// and examples, 9 and 17.
ImportanceSample sample_posterior(const Posterior& posterior, const std::vector<Mode>& modes,
                                  uint64_t seed, uint64_t stream, const ImportanceOptions& options);

/// Evidence, effective points and moments of the same points under weights of another prior.
/// @param log_prior  at each point.
void reweight(ImportanceSample& sample, const Eigen::VectorXd& log_prior);

}  // namespace sociometer
