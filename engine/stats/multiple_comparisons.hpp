#pragma once
#include <span>
#include <vector>

namespace sociometer {

/// How p-values of many tests are corrected for their number.
enum class Adjustment {
  none,
  bonferroni,          ///< family-wise error: m p
  holm,                ///< family-wise error, step-down (Holm 1979), never less powerful
  benjamini_hochberg,  ///< false discovery rate, independent or positively dependent tests (1995)
  benjamini_yekutieli  ///< false discovery rate under any dependence (2001)
};

/// Adjusted p-values: the smallest level at which each test is rejected.
///
/// @param p  p-values in [0, 1]; NaN are no tests: they stay NaN and do not count.
/// @return adjusted p-values in the order of `p`, at most 1. Ties get the same value.
/// @cost  one sort.
/// @source Wright 1992, Adjusted p-values for simultaneous inference, Biometrics 48.
std::vector<double> adjusted_p(std::span<const double> p, Adjustment adjustment);

/// The largest p-value that is rejected at `level`: a test is significant when its p is at most
/// this. NaN when none is.
double p_threshold(std::span<const double> p, Adjustment adjustment, double level);

}  // namespace sociometer
