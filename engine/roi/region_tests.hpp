#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/stats/effect_sizes.hpp"

namespace sociometer {

/// The direction of the alternative hypothesis.
enum class Alternative { two_sided, greater, less };
constexpr std::array<Name<Alternative>, 3> names_of(std::type_identity<Alternative>) {
  return {{{Alternative::two_sided, "two-sided"},
           {Alternative::greater, "greater"},
           {Alternative::less, "less"}}};
}
std::string to_string(Alternative alternative);

/// Options of the tests on region values; defaults as in R's t.test.
struct RegionTestOptions {
  double null_value = 0;  ///< mean, or mean difference, under the null hypothesis
  Alternative alternative = Alternative::two_sided;
  double level = 0.95;                        ///< of confidence intervals
  bool equal_variances = false;               ///< two samples: pooled variance instead of Welch's
  double cauchy_scale = 0.70710678118654752;  ///< prior of the JZS Bayes factor
  double regression_scale = 0.35355339059327376;  ///< the same for slopes
  uint64_t permutations = 10000;                  ///< 0: none
  uint64_t seed = 1;
};

/// One test: one region and contrast, one term.
struct RegionTestResult {
  Eigen::Index n = 0, n_second = 0;  ///< number of values; second: of the second group, else 0
  double estimate = kNaN;            ///< mean, mean difference (first - second) or slope
  double standard_error = kNaN, t = kNaN, dof = kNaN, p = kNaN;
  double lower = kNaN, upper = kNaN;  ///< interval of the estimate; one end infinite when one-sided
  EffectSize effect{kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};  ///< two-sided interval; NaN for slopes
  double partial_r = kNaN;                                ///< slopes: t / sqrt(t^2 + dof)
  double log_bf10 = kNaN;
  double p_permutation = kNaN;
  double p_fwe = kNaN;                 ///< from the maximum statistic over all columns
  double p_holm = kNaN, p_fdr = kNaN;  ///< of p, over all columns
 private:
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
};

/// Tests the mean of each column against the null value. Also used for paired differences.
///
/// t test, and permutation test by sign flips, which assumes errors symmetric about 0. All columns
/// get the same flips, so the family-wise p accounts for their dependence.
/// @param values  (n_participants, n_columns); NaN: the participant is omitted from that column.
/// @return one result per column; NaN with fewer than two values or no variance.
/// @cost  permutations * values.
std::vector<RegionTestResult> test_one_sample(const Eigen::MatrixXd& values,
                                              const RegionTestOptions& options, int n_threads = 1);

/// First versus second group: Welch's t (or pooled); permutation of group membership.
/// @param second  one flag per participant: 0 first group, 1 second.
/// The Bayes factor and d always use the pooled variance.
std::vector<RegionTestResult> test_two_samples(const Eigen::MatrixXd& values,
                                               const std::vector<uint8_t>& second,
                                               const RegionTestOptions& options, int n_threads = 1);

/// Slopes of a linear model with a constant: value ~ 1 + covariates.
///
/// Each covariate is tested adjusted for the others; residuals are permuted (Freedman & Lane 1983).
/// The Bayes factor compares the models with and without the covariate.
/// @param covariates  (n_participants, n_covariates), finite.
/// @throws Error{usage} for a null value other than 0.
/// @return [covariate][column]; family-wise over columns, separately for each covariate.
std::vector<std::vector<RegionTestResult>> test_regression(const Eigen::MatrixXd& values,
                                                           const Eigen::MatrixXd& covariates,
                                                           const RegionTestOptions& options,
                                                           int n_threads = 1);

}  // namespace sociometer
