#include "engine/simulate/study.hpp"

#include "engine/core/parallel.hpp"
#include "engine/simulate/belief_patterns.hpp"
#include "engine/simulate/confounds.hpp"
#include "engine/simulate/streams.hpp"

namespace sociometer {
namespace {

/// Columns of truth_columns() that hold the two signals.
constexpr Eigen::Index kOutcomeColumn = 2, kRankColumn = 3;

void append_columns(Eigen::MatrixXd& to, const Eigen::MatrixXd& more) {
  to.conservativeResize(Eigen::NoChange, to.cols() + more.cols());
  to.rightCols(more.cols()) = more;
}

SimulatedParticipant simulate_participant(const StudyPlan& plan,
                                          const std::vector<Decider>& deciders, int number) {
  SimulatedParticipant out;
  out.person = draw_person(plan.settings, plan.seed, number, plan.n_participants);
  out.schedule = choose_schedule(plan.settings, plan.learning, plan.n_runs, plan.n_rounds,
                                 plan.n_candidates, plan.seed, number);
  out.game = play(plan.settings, plan.learning, deciders, out.schedule.schedule, out.person,
                  plan.seed, number);
  const double parameters[] = {out.person.w, out.person.beta};
  out.signals = trial_signals(*hybrid_learner(plan.learning), plan.learning, out.game.participant,
                              parameters);
  out.played = quality_of_game(out.game, plan.settings, out.signals);
  return out;
}

}  // namespace

SimulatedStudy simulate_study(const StudyPlan& plan, int n_threads) {
  SimulatedStudy study;
  study.plan = plan;
  study.deciders = make_deciders(plan.settings.game);
  study.phantom = make_phantom(simulation_grid(plan.grid));
  study.maps = make_response_maps(study.phantom);
  study.participants.resize(size_t(plan.n_participants));
  parallel_for(plan.n_participants, n_threads, [&](Eigen::Index i) {
    study.participants[size_t(i)] = simulate_participant(plan, study.deciders, int(i) + 1);
  });
  return study;
}

SimulatedRun simulate_run(const SimulatedStudy& study, size_t participant, size_t run) {
  const StudyPlan& plan = study.plan;
  const SimulatedParticipant& who = study.participants[participant];
  const Eigen::Index n_scans = who.game.runs[run].n_scans;
  const double tr_s = plan.settings.timing.tr_s;
  const uint64_t number = participant + 1;
  const Eigen::MatrixXd motion =
      simulate_motion(plan.settings.noise, n_scans,
                      CounterRandom(plan.seed, stream_of(RandomUse::motion, number, run)));
  Eigen::MatrixXd regressors = truth_regressors(
      events_of_run(who.game, run, plan.settings.timing, who.signals), tr_s, n_scans);
  Eigen::MatrixXd effects = person_effects(study.phantom, study.maps, plan.settings, who.person);
  if (has_belief_patterns(plan.settings)) {
    append_columns(effects,
                   belief_effects(study.phantom, study.maps, plan.settings, plan.seed, number));
    append_columns(regressors, belief_regressors(who.game, run, plan.settings, who.signals));
  }
  if (has_rating_patterns(plan.settings)) {
    append_columns(effects, rating_effects_of_voxels(study.phantom, study.maps, plan.settings,
                                                     plan.seed, number));
    append_columns(regressors, rating_regressor(who.game, run, plan.settings,
                                                draw_ratings(plan.settings, study.deciders,
                                                             plan.seed, int(number))));
  }
  return {motion,
          RunImages(study.phantom, plan.settings.noise, tr_s, effects, regressors, motion,
                    noise_factors(study.maps, plan.settings.noise), plan.seed, number, run)};
}

std::vector<RegionEffects> region_effects(const Phantom& phantom, const Eigen::MatrixXd& effects) {
  std::vector<RegionEffects> out;
  for (const auto& region : study_regions()) {
    const auto voxels = voxels_within(phantom.brain, region.centre_mm, region.radius_mm);
    RegionEffects mean{region, voxels.size(), 0, 0};
    for (const auto v : voxels) {
      mean.outcome += effects(v, kOutcomeColumn) / double(voxels.size());
      mean.rank += effects(v, kRankColumn) / double(voxels.size());
    }
    out.push_back(std::move(mean));
  }
  return out;
}

}  // namespace sociometer
