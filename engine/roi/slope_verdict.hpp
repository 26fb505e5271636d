#pragma once
#include "engine/roi/individual_differences.hpp"

namespace sociometer {

/// What may be said of the relation of a signal to a score.
enum class SlopeClaim {
  unknown,  ///< there is no slope: no spread
  /// Shown, and the group's mean as well: participants with a higher score follow the signal more
  /// strongly or more weakly.
  stronger,
  weaker,
  /// Shown, without a mean that is: they have higher or lower coefficients, no more.
  higher,
  lower,
  absent,    ///< there is evidence for a slope of zero
  lost,      ///< below alpha by itself, no longer once all slopes are counted
  undecided  ///< no evidence either way
};

/// The claim, and what else supports it. Each field is judged at the alpha of the options.
struct SlopeVerdict {
  SlopeClaim claim = SlopeClaim::unknown;
  bool mean_is_negative = false;  ///< of the group, where it counts for the claim
  /// The slope holds, in the same direction, by Spearman's correlation, and by Huber's M-estimate.
  bool by_ranks = false, robustly = false;
  bool predicts = false;  ///< left-out participants are predicted better than without the score
};

/// Judges one slope. A slope that is undecided counts as lost if its own p is below alpha and its
/// Bayes factor does not support zero.
/// @param slope  with its finding, as individual_differences makes it.
SlopeVerdict slope_verdict(const ScoreSlope& slope, const IndividualOptions& options);

/// What may be said of two slopes.
enum class DifferenceClaim { unknown, differ, alike, not_shown };

struct DifferenceVerdict {
  DifferenceClaim claim = DifferenceClaim::unknown;
  /// One slope is shown and the other is not, which does not make them different.
  bool one_of_two_shown = false;
  /// The slopes differ between regions and have the same sign: a region with smaller responses
  /// altogether would show the same.
  bool may_be_gain = false;
};

/// Judges the difference of two slopes that are both in `result`.
DifferenceVerdict difference_verdict(const IndividualDifferences& result,
                                     const SlopeDifference& difference);

}  // namespace sociometer
