#include "engine/simulate/schedule_search.hpp"

#include <limits>

#include <boost/math/special_functions/gamma.hpp>

#include "engine/core/error.hpp"
#include "engine/design/diagnostics.hpp"
#include "engine/simulate/play.hpp"
#include "engine/simulate/streams.hpp"
#include "engine/simulate/truth.hpp"

namespace sociometer {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

ScheduleQuality quality_of_run(const Events& events, Eigen::Index n_scans, double tr_s) {
  DesignOptions options = truth_design_options();
  options.drift = DriftModel::cosine;
  const DesignMatrix design = make_design(events, std::nullopt, tr_s, n_scans, options);
  const auto outcome = design.find("feedback:outcome_update"),
             rank = design.find("feedback:rank_update_unsigned");
  if (outcome < 0 || rank < 0) return {kInfinity, kInfinity, 0, 0};
  const DesignDiagnostics diagnostics = diagnose(design.values);
  Eigen::MatrixXd both = Eigen::MatrixXd::Zero(2, design.n_columns());
  both(0, outcome) = both(1, rank) = 1;
  return {diagnostics.vif[outcome], diagnostics.vif[rank], diagnostics.correlation(outcome, rank),
          contrast_efficiency(design.values, both)};
}

Person model_person(const SimulationSettings& settings) {
  Person person;
  person.label = "model";
  person.w = 0.5;
  const auto& p = settings.population;
  person.beta = p.beta_scale * boost::math::gamma_p_inv(p.beta_shape, 0.5);
  return person;
}

}  // namespace

ScheduleQuality schedule_quality(const std::vector<Events>& runs,
                                 const std::vector<Eigen::Index>& n_scans, double tr_s) {
  require(!runs.empty() && runs.size() == n_scans.size(), "one number of scans per run");
  ScheduleQuality mean;
  const double share = 1 / double(runs.size());
  for (size_t r = 0; r < runs.size(); ++r) {
    const ScheduleQuality q = quality_of_run(runs[r], n_scans[r], tr_s);
    mean.vif_outcome += share * q.vif_outcome;
    mean.vif_rank += share * q.vif_rank;
    mean.correlation += share * q.correlation;
    mean.efficiency += share * q.efficiency;
  }
  return mean;
}

ScheduleQuality quality_of_game(const PlayedGame& game, const SimulationSettings& settings,
                                const std::vector<TrialSignals>& signals) {
  std::vector<Events> runs;
  std::vector<Eigen::Index> n_scans;
  for (size_t r = 0; r < game.runs.size(); ++r) {
    runs.push_back(events_of_run(game, r, settings.timing, signals));
    n_scans.push_back(game.runs[r].n_scans);
  }
  return schedule_quality(runs, n_scans, settings.timing.tr_s);
}

ChosenSchedule choose_schedule(const SimulationSettings& settings, const LearningSettings& learning,
                               int n_runs, int n_rounds, int n_candidates, uint64_t seed,
                               int number) {
  require(n_candidates > 0, "at least one candidate");
  SimulationSettings attentive = settings;
  attentive.game.miss_probability = 0;
  const auto deciders = make_deciders(settings.game);
  const Person person = model_person(settings);
  const double parameters[] = {person.w, person.beta};
  const auto learner = hybrid_learner(learning);
  ChosenSchedule best;
  for (int c = 0; c < n_candidates; ++c) {
    const CounterRandom random(seed, stream_of(RandomUse::schedule, uint64_t(number), uint64_t(c)));
    Schedule schedule = make_schedule(settings.game, settings.timing, n_runs, n_rounds, random);
    const PlayedGame game =
        play(attentive, learning, deciders, schedule, person, seed, kModelPerson);
    const ScheduleQuality quality = quality_of_game(
        game, settings, trial_signals(*learner, learning, game.participant, parameters));
    if (c == 0) best.first = quality;
    if (c > 0 && !(quality.worst_vif() < best.chosen.worst_vif())) continue;
    best.schedule = std::move(schedule);
    best.candidate = c;
    best.chosen = quality;
  }
  return best;
}

}  // namespace sociometer
