#include "cli/jobs/regions/individual_summary.hpp"

#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/regions/dissociation_summary.hpp"
#include "engine/roi/mean_figures.hpp"
#include "engine/roi/slope_verdict.hpp"

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

std::string slope_claim(const IndividualData& data, const ScoreSlope& s,
                        const SlopeVerdict& verdict) {
  const std::string &region = data.brain.regions[s.region], &signal = data.brain.signals[s.signal],
                    &score = data.scores[s.score];
  const auto participants = [&](const std::string& what) {
    return fmt::format("In {}, participants with higher {} {}", region, score, what);
  };
  const char* reversed = verdict.mean_is_negative ? ", which the group follows with a minus" : "";
  const auto coefficients = [&](const char* which) {
    return participants(
        fmt::format("have {} coefficients of {} (which the group's mean is not shown to follow)",
                    which, signal));
  };
  switch (verdict.claim) {
    case SlopeClaim::unknown:
      return fmt::format("In {}, {} has no slope on {}", region, signal, score);
    case SlopeClaim::stronger:
      return participants(fmt::format("follow {} more strongly{}", signal, reversed));
    case SlopeClaim::weaker:
      return participants(fmt::format("follow {} more weakly{}", signal, reversed));
    case SlopeClaim::higher:
      return coefficients("higher");
    case SlopeClaim::lower:
      return coefficients("lower");
    case SlopeClaim::absent:
      return fmt::format("In {}, there is evidence that {} has no relation to {}", region, signal,
                         score);
    case SlopeClaim::lost:
      return fmt::format("In {}, a relation of {} to {} is not shown once all slopes are counted",
                         region, signal, score);
    case SlopeClaim::undecided:
      return fmt::format("In {}, there is no evidence that {} is related to {}", region, signal,
                         score);
  }
  return "";
}

/// Whether the claim holds without assuming normality and without outliers.
std::string other_measures(const ScoreSlope& s, const SlopeVerdict& verdict) {
  std::string text = fmt::format(
      "Pearson's r {:.2f} [{:.2f}, {:.2f}], Spearman's rho {:.2f} [{:.2f}, {:.2f}] ({}), Huber's "
      "slope {:.3g} [{:.3g}, {:.3g}] ({})",
      s.pearson.r, s.pearson.lower, s.pearson.upper, s.spearman.r, s.spearman.lower,
      s.spearman.upper, p_text(s.spearman.p), s.robust.slope, s.robust.lower, s.robust.upper,
      p_text(s.robust.p));
  if (!is_shown(s.finding)) return text;
  if (!verdict.by_ranks || !verdict.robustly)
    text += fmt::format("; {} it is not shown", verdict.by_ranks ? "with outliers held back"
                                                : verdict.robustly
                                                    ? "by ranks"
                                                    : "by ranks or with outliers held back");
  return text;
}

std::string prediction_text(const ScoreSlope& s, const SlopeVerdict& verdict) {
  if (std::isnan(s.prediction.q2)) return "";
  std::string text = fmt::format(
      "; left out, participants are {}predicted better than without the score (r = {:.2f}, Q2 = "
      "{:.2f}",
      verdict.predicts ? "" : "not shown to be ", s.prediction.r, s.prediction.q2);
  if (!std::isnan(s.prediction.p_q2))
    text += fmt::format(", permutation {}", p_text(s.prediction.p_q2));
  return text + ")";
}

std::string slope_sentence(const IndividualData& data, const ScoreSlope& s,
                           const IndividualOptions& o) {
  const SlopeVerdict verdict = slope_verdict(s, o);
  const std::string claim = slope_claim(data, s, verdict);
  if (verdict.claim == SlopeClaim::unknown) return claim + ".";
  return fmt::format("{}: {}. {}{}.", claim, slope_figures(data, s, o), other_measures(s, verdict),
                     prediction_text(s, verdict));
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

std::string difference_claim(DifferenceClaim claim) {
  switch (claim) {
    case DifferenceClaim::unknown:
      return "cannot be compared: there is no spread";
    case DifferenceClaim::differ:
      return "differ";
    case DifferenceClaim::alike:
      return "are alike, by the Bayes factor of their difference";
    case DifferenceClaim::not_shown:
      return "are not shown to differ";
  }
  return "";
}

std::string difference_sentence(const IndividualData& data, const IndividualDifferences& result,
                                const SlopeDifference& d, const IndividualOptions& o) {
  const DifferenceVerdict verdict = difference_verdict(result, d);
  std::string text = both_slopes(data, d) + " " + difference_claim(verdict.claim);
  if (verdict.claim == DifferenceClaim::unknown) return text + ".";
  text += ": " + difference_figures(d, o);
  if (verdict.one_of_two_shown)
    text += ": that one slope is shown and the other is not does not make them different";
  if (verdict.may_be_gain)
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
