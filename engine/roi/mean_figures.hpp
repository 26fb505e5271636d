#pragma once
#include <limits>

#include <Eigen/Dense>

#include "engine/stats/bayes_factors.hpp"

namespace sociometer {

/// Criteria for an effect, or its absence, to count as shown.
struct EvidenceRule {
  double alpha = 0.05;                       ///< shown if the two-sided p is below
  double evidence = 3;                       ///< Bayes factor from which a zero is supported
  double cauchy_scale = kMediumCauchyScale;  ///< prior of the JZS Bayes factor
  /// Half-width of the equivalence region in standard deviations over participants (Cohen's d).
  /// With 40 participants a Bayes factor of 3 for the null implies equivalence at .5; in smaller
  /// samples equivalence is the stricter criterion. Infinite: not required.
  double equivalence_d = 0.5;
};

/// Conclusion about one effect.
enum class Finding {
  positive,   ///< p < alpha, above 0
  negative,   ///< p < alpha, below 0
  absent,     ///< the Bayes factor supports the null (BF01 >= evidence)
  undecided,  ///< neither, or p and the Bayes factor contradict each other
};

/// Test of a mean over participants against 0.
struct MeanFigures {
  Eigen::Index n = 0;
  double mean = kNaN, standard_deviation = kNaN;
  double t = kNaN, p = kNaN;  ///< n - 1 degrees of freedom, two-sided; NaN without variance
  double log_bf10 = kNaN;
  /// Two one-sided tests: the larger p of mean <= -bound and mean >= bound, bound = equivalence_d
  /// standard deviations. Below alpha, the 1 - 2 alpha interval lies within the bounds.
  double p_equivalence = kNaN;

 private:
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
};

/// @param values  one per participant, finite.
/// @cost  about 20 microseconds, most of it the Bayes factor.
/// @source Schuirmann 1987, J. Pharmacokin. Biopharm. 15 (equivalence).
MeanFigures mean_figures(const Eigen::Ref<const Eigen::VectorXd>& values, const EvidenceRule& rule);

/// @param estimate  determines the sign of a finding; NaN figures are undecided.
Finding finding_of(double estimate, double p, double log_bf10, const EvidenceRule& rule);
Finding finding_of(const MeanFigures& figures, const EvidenceRule& rule);

/// Positive or negative.
inline bool is_shown(Finding finding) {
  return finding == Finding::positive || finding == Finding::negative;
}

/// Verbal label of a Bayes factor in either direction: "anecdotal" below 3, "moderate" below 10,
/// "strong" below 30, "very strong" below 100, "extreme" above.
/// @source Jeffreys 1961, as worded by Lee & Wagenmakers 2013.
const char* evidence_word(double log_bf10);

}  // namespace sociometer
