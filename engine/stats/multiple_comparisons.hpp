#pragma once
#include <span>
#include <vector>

namespace sociometer {

/// Correction of p-values for the number of tests.
enum class Adjustment {
  none,
  bonferroni,  ///< family-wise error: m p
  holm,  ///< family-wise error, step-down (Holm 1979); uniformly more powerful than Bonferroni
  benjamini_hochberg,  ///< false discovery rate, independent or positively dependent tests (1995)
  benjamini_yekutieli  ///< false discovery rate under any dependence (2001)
};

/// Adjusted p-values: the smallest level at which each test would be rejected.
///
/// @param p  p-values in [0, 1]; NaN means no test: it stays NaN and does not count.
/// @return adjusted p-values in the order of `p`, at most 1; ties get the same value.
/// @cost  one sort.
/// @source Wright 1992, Adjusted p-values for simultaneous inference, Biometrics 48.
std::vector<double> adjusted_p(std::span<const double> p, Adjustment adjustment);

/// The largest p-value rejected at `level`: a test is significant if its p is at most this. NaN if
/// none is rejected.
double p_threshold(std::span<const double> p, Adjustment adjustment, double level);

}  // namespace sociometer
