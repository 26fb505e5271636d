#pragma once
#include <limits>

#include <Eigen/Dense>

#include "engine/stats/bayes_factors.hpp"

namespace sociometer {

/// From which figures on an effect, or its absence, counts as shown.
struct EvidenceRule {
  double alpha = 0.05;                       ///< two-sided p below it: shown
  double evidence = 3;                       ///< Bayes factor from which a zero is supported
  double cauchy_scale = kMediumCauchyScale;  ///< prior of the JZS Bayes factor
  /// Half-width of the equivalence region in standard deviations over participants (Cohen's d).
  /// At 40 participants a Bayes factor of 3 for the null implies equivalence at .5; in smaller
  /// samples equivalence asks for more. Infinite: not asked for.
  double equivalence_d = 0.5;
};

/// What the data say of one effect.
enum class Finding {
  positive,   ///< p < alpha, above 0
  negative,   ///< p < alpha, below 0
  absent,     ///< the Bayes factor speaks for no effect (BF01 >= evidence)
  undecided,  ///< neither, or p and Bayes factor contradict each other
};

/// A mean over participants against 0.
struct MeanFigures {
  Eigen::Index n = 0;
  double mean = kNaN, standard_deviation = kNaN;
  double t = kNaN, p = kNaN;  ///< n - 1 degrees of freedom, two-sided; NaN without spread
  double log_bf10 = kNaN;
  /// Two one-sided tests: the larger p of mean <= -bound and mean >= bound, bound = equivalence_d
  /// standard deviations. Below alpha the 1 - 2 alpha interval lies within the bounds.
  double p_equivalence = kNaN;

 private:
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
};

/// @param values  one per participant, finite.
/// @cost  some 20 microseconds, most of it the Bayes factor.
/// @source Schuirmann 1987, J. Pharmacokin. Biopharm. 15 (equivalence).
MeanFigures mean_figures(const Eigen::Ref<const Eigen::VectorXd>& values, const EvidenceRule& rule);

/// @param estimate  decides the sign of a finding; NaN figures are undecided.
Finding finding_of(double estimate, double p, double log_bf10, const EvidenceRule& rule);
Finding finding_of(const MeanFigures& figures, const EvidenceRule& rule);

/// Positive or negative.
inline bool is_shown(Finding finding) {
  return finding == Finding::positive || finding == Finding::negative;
}

/// The words for a Bayes factor on either side: "anecdotal" below 3, "moderate" below 10, "strong"
/// below 30, "very strong" below 100, "extreme" above.
/// @source Jeffreys 1961, in the wording of Lee & Wagenmakers 2013.
const char* evidence_word(double log_bf10);

}  // namespace sociometer
