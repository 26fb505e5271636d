#include "engine/simulate/belief_patterns.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/simulate/population.hpp"
#include "engine/simulate/streams.hpp"

namespace sociometer {
namespace {

/// Signal units of a slope of 1 % in each voxel of the rejection regions, 0 elsewhere.
Eigen::VectorXd one_percent(const Phantom& phantom, const ResponseMaps& maps,
                            const SimulationSettings& settings) {
  const double peak = response_peak(settings.timing.feedback_event_s, settings.timing.tr_s);
  return maps.rejection.cwiseProduct(phantom.baseline) * (settings.noise.baseline / 100 / peak);
}

/// Responses to the feedback of a run times values of it, not centred.
/// @param values  of a round, by name; @param round  position among the rounds of all runs.
/// @return (n_scans, n_names).
template <typename Values>
Eigen::MatrixXd feedback_regressors(const PlayedGame& game, size_t run,
                                    const TimingSettings& timing,
                                    const std::vector<std::string>& names, const Values& values) {
  size_t i = 0;
  for (size_t r = 0; r < run; ++r) i += game.runs[r].rounds.size();
  Events events;
  for (const auto& round : game.runs[run].rounds) {
    const size_t position = i++;
    if (round.trial.chosen < 0) continue;
    events.push_back(
        {round.feedback_s, timing.feedback_event_s, "feedback", 1, values(round, position)});
  }
  DesignOptions options = truth_design_options();
  options.modulators = {{"feedback", names}};
  options.modulator_policy.center = Centering::none;
  const DesignMatrix design =
      make_design(events, std::nullopt, timing.tr_s, game.runs[run].n_scans, options);
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(game.runs[run].n_scans, Eigen::Index(names.size()));
  for (size_t k = 0; k < names.size(); ++k)
    if (const auto found = design.find("feedback:" + names[k]); found >= 0)
      out.col(Eigen::Index(k)) = design.values.col(found);
  return out;
}

}  // namespace

bool has_rating_patterns(const SimulationSettings& settings) {
  return settings.response.rating_pattern_percent > 0;
}

bool has_belief_patterns(const SimulationSettings& settings) {
  return settings.response.rank_pattern_percent > 0 ||
         settings.response.outcome_pattern_percent > 0;
}

double pattern_overlap_of(const SimulationSettings& settings, uint64_t seed, uint64_t person) {
  const ResponseSettings& r = settings.response;
  return std::clamp(r.pattern_overlap + r.pattern_overlap_per_bias * rating_bias(seed, int(person)),
                    0.0, 1.0);
}

Eigen::MatrixXd belief_effects(const Phantom& phantom, const ResponseMaps& maps,
                               const SimulationSettings& settings, uint64_t seed, uint64_t person) {
  const CounterRandom random(seed, stream_of(RandomUse::belief_patterns, person));
  const double peak = response_peak(settings.timing.feedback_event_s, settings.timing.tr_s);
  const double percent[] = {settings.response.rank_pattern_percent,
                            settings.response.outcome_pattern_percent};
  const Eigen::Index n = phantom.brain.n_voxels();
  Eigen::MatrixXd effects(n, 2);
  const double overlap = pattern_overlap_of(settings, seed, person);
  const auto more = uint64_t(2 * n);  // further draws begin here
  for (Eigen::Index v = 0; v < n; ++v) {
    const double rank = random.normal(uint64_t(2 * v));
    double outcome = random.normal(uint64_t(2 * v + 1));
    if (random.uniform(more + uint64_t(2 * v)) < overlap)
      outcome = random.uniform(more + uint64_t(2 * v + 1)) < 0.5 ? rank : -rank;
    const double slopes[] = {rank, outcome};
    for (Eigen::Index k = 0; k < 2; ++k)
      effects(v, k) = maps.rejection[v] * percent[k] / 100 * settings.noise.baseline *
                      phantom.baseline[v] / peak * slopes[k];
  }
  return effects;
}

Eigen::MatrixXd belief_regressors(const PlayedGame& game, size_t run,
                                  const SimulationSettings& settings,
                                  const std::vector<TrialSignals>& signals) {
  require(signals.size() == game.participant.trials.size(), "one row of signals per round");
  const double middle_rank = (1 + settings.game.n_ranks) / 2.0;
  const auto values = [&](const PlayedRound&, size_t position) -> std::map<std::string, double> {
    const TrialSignals& s = signals[position];
    return {{"rank", s.rank_mean_before - middle_rank}, {"outcome", s.outcome_value_before - 0.5}};
  };
  return feedback_regressors(game, run, settings.timing, {"rank", "outcome"}, values);
}

Eigen::MatrixXd rating_effects_of_voxels(const Phantom& phantom, const ResponseMaps& maps,
                                         const SimulationSettings& settings, uint64_t seed,
                                         uint64_t person) {
  const CounterRandom random(seed, stream_of(RandomUse::rating_patterns, person));
  Eigen::MatrixXd effects =
      settings.response.rating_pattern_percent * one_percent(phantom, maps, settings);
  for (Eigen::Index v = 0; v < effects.rows(); ++v) effects(v, 0) *= random.normal(uint64_t(v));
  return effects;
}

Eigen::MatrixXd rating_regressor(const PlayedGame& game, size_t run,
                                 const SimulationSettings& settings,
                                 const std::vector<Rating>& ratings) {
  const RatingSettings& r = settings.ratings;
  std::vector<double> of_partner(game.participant.options.size(), 0.0);
  for (const Rating& rating : ratings)
    of_partner.at(size_t(rating.decider)) =
        (rating.value - (r.minimum + r.maximum) / 2) / (r.maximum - r.minimum);
  const auto values = [&](const PlayedRound& round, size_t) -> std::map<std::string, double> {
    return {{"rating", of_partner.at(size_t(round.trial.chosen))}};
  };
  return feedback_regressors(game, run, settings.timing, {"rating"}, values);
}

}  // namespace sociometer
