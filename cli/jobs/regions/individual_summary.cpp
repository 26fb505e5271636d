#include "cli/jobs/regions/individual_summary.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/regions/dissociation_summary.hpp"
#include "engine/roi/mean_figures.hpp"

namespace sociometer::jobs {
namespace {

std::string slope_figures(const IndividualData& data, const ScoreSlope& s,
                          const IndividualOptions& o) {
  return fmt::format(
      "slope {:.3g} per unit of {}, {:g} % interval [{:.3g}, {:.3g}], standardised {:.2f}, n = {}, "
      "t({:g}) = {:.2f}, {}, after Holm {}, {}",
      s.slope.estimate, data.scores[s.score], 100 * o.tests.level, s.slope.lower, s.slope.upper,
      s.standardised, s.slope.n, s.slope.dof, s.slope.t, p_text(s.slope.p), p_text(s.slope.p_holm),
      bayes_text(s.slope.log_bf10));
}

/// Wording for a shown slope: more weakly, more strongly, or merely lower or higher.
std::string direction(const IndividualData& data, const ScoreSlope& s, const IndividualOptions& o) {
  const std::string& signal = data.brain.signals[s.signal];
  const bool up = s.slope.estimate > 0;
  if (s.mean.p < o.alpha) {
    const bool stronger = up == (s.mean.estimate > 0);
    return fmt::format("follow {} more {}{}", signal, stronger ? "strongly" : "weakly",
                       s.mean.estimate > 0 ? "" : ", which the group follows with a minus");
  }
  return fmt::format("have {} coefficients of {} (which the group's mean is not shown to follow)",
                     up ? "higher" : "lower", signal);
}

std::string slope_claim(const IndividualData& data, const ScoreSlope& s,
                        const IndividualOptions& o) {
  const std::string &region = data.brain.regions[s.region], &signal = data.brain.signals[s.signal],
                    &score = data.scores[s.score];
  if (std::isnan(s.slope.t))
    return fmt::format("In {}, {} has no slope on {}", region, signal, score);
  switch (s.finding) {
    case Finding::positive:
    case Finding::negative:
      return fmt::format("In {}, participants with higher {} {}", region, score,
                         direction(data, s, o));
    case Finding::absent:
      return fmt::format("In {}, there is evidence that {} has no relation to {}", region, signal,
                         score);
    case Finding::undecided:
      if (s.slope.p < o.alpha && s.slope.log_bf10 > -std::log(o.evidence))
        return fmt::format("In {}, a relation of {} to {} is not shown once all slopes are counted",
                           region, signal, score);
      return fmt::format("In {}, there is no evidence that {} is related to {}", region, signal,
                         score);
  }
  return "";
}

/// Whether the claim holds without assuming normality and without outliers.
std::string other_measures(const ScoreSlope& s, const IndividualOptions& o) {
  std::string text = fmt::format(
      "Pearson's r {:.2f} [{:.2f}, {:.2f}], Spearman's rho {:.2f} [{:.2f}, {:.2f}] ({}), Huber's "
      "slope {:.3g} [{:.3g}, {:.3g}] ({})",
      s.pearson.r, s.pearson.lower, s.pearson.upper, s.spearman.r, s.spearman.lower,
      s.spearman.upper, p_text(s.spearman.p), s.robust.slope, s.robust.lower, s.robust.upper,
      p_text(s.robust.p));
  if (!is_shown(s.finding)) return text;
  const bool up = s.slope.estimate > 0;
  const bool by_ranks = s.spearman.p < o.alpha && (s.spearman.r > 0) == up,
             robustly = s.robust.p < o.alpha && (s.robust.slope > 0) == up;
  if (!by_ranks || !robustly)
    text += fmt::format("; {} it is not shown", by_ranks   ? "with outliers held back"
                                                : robustly ? "by ranks"
                                                           : "by ranks or with outliers held back");
  return text;
}

std::string prediction_text(const ScoreSlope& s, const IndividualOptions& o) {
  if (std::isnan(s.prediction.q2)) return "";
  const bool better = s.prediction.p_q2 < o.alpha && s.prediction.q2 > 0;
  std::string text = fmt::format(
      "; left out, participants are {}predicted better than without the score (r = {:.2f}, Q2 = "
      "{:.2f}",
      better ? "" : "not shown to be ", s.prediction.r, s.prediction.q2);
  if (!std::isnan(s.prediction.p_q2))
    text += fmt::format(", permutation {}", p_text(s.prediction.p_q2));
  return text + ")";
}

std::string slope_sentence(const IndividualData& data, const ScoreSlope& s,
                           const IndividualOptions& o) {
  const std::string claim = slope_claim(data, s, o);
  if (std::isnan(s.slope.t)) return claim + ".";
  return fmt::format("{}: {}. {}{}.", claim, slope_figures(data, s, o), other_measures(s, o),
                     prediction_text(s, o));
}

std::string unit_sentence(const IndividualDifferences& result) {
  switch (result.units) {
    case SlopeUnits::regressor_sd:
      return "with each signal as the effect of one standard deviation of its regressor";
    case SlopeUnits::participant_sd:
      return "with each signal in standard deviations over participants, in which a noisier signal "
             "has a smaller slope";
    case SlopeUnits::given:
      return "with signals in the units of the table";
    case SlopeUnits::given_and_participant_sd:
      return "with each signal in standard deviations over participants; slopes of two signals "
             "count "
             "as different only when they differ in the table's own units as well, because the "
             "table "
             "does not say how far the regressors varied";
  }
  return "";
}

const ScoreSlope& slope_at(const IndividualDifferences& result, size_t region, size_t signal,
                           size_t score) {
  return *std::find_if(result.slopes.begin(), result.slopes.end(), [&](const ScoreSlope& s) {
    return s.region == region && s.signal == signal && s.score == score;
  });
}

/// The two slopes in words: "the slopes of outcome and of rank on anxiety".
std::string both_slopes(const IndividualData& data, const SlopeDifference& d) {
  const auto &regions = data.brain.regions, &signals = data.brain.signals, &scores = data.scores;
  if (d.contrast == SlopeContrast::signals)
    return fmt::format("In {}, the slopes of {} and of {} on {}", regions[d.region],
                       signals[d.signal], signals[d.other_signal], scores[d.score]);
  if (d.contrast == SlopeContrast::regions)
    return fmt::format("The slopes of {} on {} in {} and in {}", signals[d.signal], scores[d.score],
                       regions[d.region], regions[d.other_region]);
  if (d.contrast == SlopeContrast::interaction)
    return fmt::format("Region x signal x score: the slopes of {} - {} on {} in {} and in {}",
                       signals[d.signal], signals[d.other_signal], scores[d.score],
                       regions[d.region], regions[d.other_region]);
  return fmt::format("In {}, the slopes of {} on {} and of {} on {}", regions[d.region],
                     signals[d.signal], scores[d.score], signals[d.other_signal],
                     scores[d.other_score]);
}

std::string difference_figures(const SlopeDifference& d, const IndividualOptions& o) {
  std::string text = fmt::format(
      "{:.3g} and {:.3g}, difference {:.3g}, {:g} % interval [{:.3g}, {:.3g}], t({:g}) = {:.2f}, "
      "{}",
      d.first, d.second, d.estimate, 100 * o.tests.level, d.lower, d.upper, d.dof, d.t,
      p_text(d.p));
  if (!std::isnan(d.p_other_unit))
    text += fmt::format(", in the table's units {}", p_text(d.p_other_unit));
  return text + fmt::format(", after Holm {}, {}", p_text(d.p_holm), bayes_text(d.log_bf10));
}

std::string difference_claim(const SlopeDifference& d) {
  if (is_shown(d.finding)) return "differ";
  return d.finding == Finding::absent ? "are alike, by the Bayes factor of their difference"
                                      : "are not shown to differ";
}

std::string difference_sentence(const IndividualData& data, const IndividualDifferences& result,
                                const SlopeDifference& d, const IndividualOptions& o) {
  if (std::isnan(d.t)) return both_slopes(data, d) + " cannot be compared: there is no spread.";
  std::string text =
      fmt::format("{} {}: {}", both_slopes(data, d), difference_claim(d), difference_figures(d, o));
  const bool first = is_shown(slope_at(result, d.region, d.signal, d.score).finding),
             second =
                 is_shown(slope_at(result, d.other_region, d.other_signal, d.other_score).finding);
  const bool two_slopes = d.contrast != SlopeContrast::interaction;
  if (two_slopes && !is_shown(d.finding) && first != second)
    text += ": that one slope is shown and the other is not does not make them different";
  if (is_shown(d.finding) && d.contrast == SlopeContrast::regions && d.first * d.second > 0)
    text += "; it may be one of gain, as when all responses of a region are smaller";
  return text + ".";
}

}  // namespace

std::string bayes_text(double log_bf10) { return evidence_text(log_bf10, "relation"); }

std::vector<std::string> individual_sentences(const IndividualData& data,
                                              const IndividualDifferences& result,
                                              const IndividualOptions& o) {
  std::vector<std::string> lines;
  std::string beside;
  for (const auto& covariate : data.covariates) beside += (beside.empty() ? "" : ", ") + covariate;
  lines.push_back(fmt::format(
      "Individual differences of {} participants, each score {}{}; p after Holm over {} slope(s).",
      data.brain.participants.size(),
      o.together && data.scores.size() > 1 ? "beside the other scores" : "by itself",
      beside.empty() ? "" : ", with " + beside + " held constant", result.slopes.size()));
  for (const auto& slope : result.slopes) lines.push_back(slope_sentence(data, slope, o));
  if (result.differences.empty()) return lines;
  lines.push_back(fmt::format(
      "Two slopes are compared per standard deviation of the score, {}; p after Holm over the "
      "comparisons of a kind.",
      unit_sentence(result)));
  for (const auto& d : result.differences) lines.push_back(difference_sentence(data, result, d, o));
  return lines;
}

}  // namespace sociometer::jobs
