#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "engine/roi/region_tests.hpp"
#include "engine/rsa/rsa_analysis.hpp"

/// Whether a model fits other people and other conditions at once.
///
/// A t test over participants treats the conditions as all there are, and exchanging conditions
/// treats the people so. Here both are samples. With values x_ij = a_i + b_j + c_ij of n people and
/// k conditions, the mean has the variance
///   V = A / n + B / k + C / (n k).
/// Drawing people with replacement sees S = A / n + C / (n k), drawing conditions sees
/// K = B / k + C / (n k), and drawing both sees C three times, so that its variance is too large.
/// In terms of the three variances, in expectation and for any n and k,
///   V = n/(n-1) v_people + k/(k-1) v_conditions
///       - n k / ((n-1)(k-1)) (v_both - v_people - v_conditions),
/// for large n and k 2 (v_people + v_conditions) - v_both. V is kept within what the model allows:
/// max(S, K) and S + K, where the source has v_both above. Values of RDMs mostly end at max(S, K):
/// the noise of a pair counts whenever its conditions are drawn, so K is too large, and the test is
/// cautious.
///
/// A mean comparison of RDMs is no sum over conditions, and a condition that is drawn twice has no
/// distance to itself: such pairs are left out. So all of this is approximate in conditions.
/// @source Schuett, Kipnis, Diedrichsen & Kriegeskorte 2023, eLife 12:e82566.
namespace sociometer {

struct TwoFactorTest {
  uint64_t n_draws = 0;  ///< of conditions, that gave every participant a value
  Eigen::Index n_conditions = 0;
  double mean = 0;           ///< over participants, over the pairs that all have
  double of_people = 0;      ///< S, NaN as all that follow without a test
  double of_conditions = 0;  ///< K
  double of_drawings = 0;    ///< of drawings of both, as they are: above V in expectation
  double variance = 0;       ///< V
  double t = 0;              ///< mean / sqrt(V)
  double dof = 0;            ///< the smaller of n and k, less 1
  double p = 0;

  /// Standard errors of the mean: over other people, other conditions, and both.
  double error_of_people() const { return std::sqrt(of_people); }
  double error_of_conditions() const { return std::sqrt(of_conditions); }
  double error_of_both() const { return std::sqrt(variance); }
};

/// The variance of a mean over n people and k conditions by those of three bootstraps; NaN if one
/// is.
double two_factor_variance(double v_people, double v_conditions, double v_both, double n, double k);

/// @param people  with the same conditions, a pattern each (PatternUnit::condition). Pairs that all
/// have are compared.
/// @param model   column of their models.
/// @param n_draws  of conditions with replacement; people are not drawn: the variance over all
/// their drawings is known, given the conditions.
/// @return without a test for other units, fewer than two people or four conditions, conditions
/// that differ between people, without RDMs, for comparisons that are above 0 whatever the patterns
/// are, and where less than half of the drawings give every participant a value.
/// @cost  n_draws comparisons per participant. Same bits everywhere.
TwoFactorTest two_factor_test(const std::vector<PersonRdm>& people, Eigen::Index model,
                              const RsaOptions& options, uint64_t n_draws,
                              Alternative alternative = Alternative::two_sided);

}  // namespace sociometer
