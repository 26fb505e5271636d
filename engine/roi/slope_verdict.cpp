#include "engine/roi/slope_verdict.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

SlopeClaim claim_of(const ScoreSlope& s, const IndividualOptions& o) {
  if (std::isnan(s.slope.t)) return SlopeClaim::unknown;
  const bool up = s.slope.estimate > 0;
  switch (s.finding) {
    case Finding::positive:
    case Finding::negative:
      if (!(s.mean.p < o.alpha)) return up ? SlopeClaim::higher : SlopeClaim::lower;
      return up == (s.mean.estimate > 0) ? SlopeClaim::stronger : SlopeClaim::weaker;
    case Finding::absent:
      return SlopeClaim::absent;
    case Finding::undecided:
      break;
  }
  const bool lost = s.slope.p < o.alpha && s.slope.log_bf10 > -std::log(o.evidence);
  return lost ? SlopeClaim::lost : SlopeClaim::undecided;
}

bool is_shown_at(const IndividualDifferences& result, size_t region, size_t signal, size_t score) {
  const auto found =
      std::find_if(result.slopes.begin(), result.slopes.end(), [&](const ScoreSlope& s) {
        return s.region == region && s.signal == signal && s.score == score;
      });
  require(found != result.slopes.end(), "both slopes of a difference are there");
  return is_shown(found->finding);
}

}  // namespace

SlopeVerdict slope_verdict(const ScoreSlope& s, const IndividualOptions& o) {
  SlopeVerdict verdict;
  verdict.claim = claim_of(s, o);
  verdict.mean_is_negative = s.mean.p < o.alpha && !(s.mean.estimate > 0);
  const bool up = s.slope.estimate > 0;
  verdict.by_ranks = s.spearman.p < o.alpha && (s.spearman.r > 0) == up;
  verdict.robustly = s.robust.p < o.alpha && (s.robust.slope > 0) == up;
  verdict.predicts = s.prediction.p_q2 < o.alpha && s.prediction.q2 > 0;
  return verdict;
}

DifferenceVerdict difference_verdict(const IndividualDifferences& result,
                                     const SlopeDifference& d) {
  DifferenceVerdict verdict;
  if (std::isnan(d.t)) return verdict;
  const bool differ = is_shown(d.finding);
  verdict.claim = differ                         ? DifferenceClaim::differ
                  : d.finding == Finding::absent ? DifferenceClaim::alike
                                                 : DifferenceClaim::not_shown;
  if (!differ && d.contrast != SlopeContrast::interaction)
    verdict.one_of_two_shown = is_shown_at(result, d.region, d.signal, d.score) !=
                               is_shown_at(result, d.other_region, d.other_signal, d.other_score);
  verdict.may_be_gain = differ && d.contrast == SlopeContrast::regions && d.first * d.second > 0;
  return verdict;
}

}  // namespace sociometer
