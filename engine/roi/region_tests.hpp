#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/stats/effect_sizes.hpp"

namespace sociometer {

/// Which side of the null hypothesis counts as evidence against it.
enum class Alternative { two_sided, greater, less };
constexpr std::array<Name<Alternative>, 3> names_of(std::type_identity<Alternative>) {
  return {{{Alternative::two_sided, "two-sided"},
           {Alternative::greater, "greater"},
           {Alternative::less, "less"}}};
}
std::string to_string(Alternative alternative);

/// Choices of the tests on region values; defaults are those of R's t.test.
struct RegionTestOptions {
  double null_value = 0;  ///< mean, or mean difference, under the null hypothesis
  Alternative alternative = Alternative::two_sided;
  double level = 0.95;                        ///< of intervals
  bool equal_variances = false;               ///< two samples: pooled variance instead of Welch's
  double cauchy_scale = 0.70710678118654752;  ///< prior of the JZS Bayes factor
  double regression_scale = 0.35355339059327376;  ///< the same for slopes
  uint64_t permutations = 10000;                  ///< 0: none
  uint64_t seed = 1;
};

/// One test: one region and contrast, one term.
struct RegionTestResult {
  Eigen::Index n = 0, n_second = 0;  ///< values; of the second group, else 0
  double estimate = kNaN;            ///< mean, mean difference (first - second) or slope
  double standard_error = kNaN, t = kNaN, dof = kNaN, p = kNaN;
  double lower = kNaN, upper = kNaN;  ///< interval of the estimate; one end infinite when one-sided
  EffectSize effect{kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};  ///< two-sided interval; NaN for slopes
  double partial_r = kNaN;                                ///< slopes: t / sqrt(t^2 + dof)
  double log_bf10 = kNaN;
  double p_permutation = kNaN;
  double p_fwe = kNaN;                 ///< by the largest statistic over all columns
  double p_holm = kNaN, p_fdr = kNaN;  ///< of p over all columns
 private:
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
};

/// Mean of each column against the null value. Differences of pairs are tested this way.
///
/// t test; permutation by sign flips, which supposes errors symmetric about 0, the same flips for
/// all columns, so the family-wise p keeps their dependence.
/// @param values  (n_participants, n_columns); NaN: the participant is left out of that column.
/// @return one result per column; NaN where fewer than two values or no spread are left.
/// @cost  permutations * values.
std::vector<RegionTestResult> test_one_sample(const Eigen::MatrixXd& values,
                                              const RegionTestOptions& options, int n_threads = 1);

/// First against second group: Welch's t (or pooled); permutation of who is in which group.
/// @param second  one flag per participant: 0 first group, 1 second.
/// The Bayes factor and d are those of the pooled variance, whatever t is.
std::vector<RegionTestResult> test_two_samples(const Eigen::MatrixXd& values,
                                               const std::vector<uint8_t>& second,
                                               const RegionTestOptions& options, int n_threads = 1);

/// Slopes of a linear model with a constant: value ~ 1 + covariates.
///
/// Each covariate is tested beside the others; permutation of residuals (Freedman & Lane 1983). The
/// Bayes factor is that of the model with against the model without the covariate.
/// @param covariates  (n_participants, n_covariates), finite.
/// @throws Error{usage} for a null value other than 0.
/// @return [covariate][column]; family-wise over columns, each covariate for itself.
std::vector<std::vector<RegionTestResult>> test_regression(const Eigen::MatrixXd& values,
                                                           const Eigen::MatrixXd& covariates,
                                                           const RegionTestOptions& options,
                                                           int n_threads = 1);

}  // namespace sociometer
