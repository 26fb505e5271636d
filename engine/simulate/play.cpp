#include "engine/simulate/play.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/learning/choices.hpp"
#include "engine/simulate/streams.hpp"

namespace sociometer {
namespace {

double to_ms(double s) { return std::round(s * 1000) / 1000; }

Feedback feedback_of(const Judgement& judgement, const Decider& decider) {
  return {decider.rank_shown ? double(judgement.rank) : kMissing, judgement.match() ? 1.0 : 0.0};
}

/// Trials of all rounds; missed ones have no choice and no learning.
std::vector<Trial> choose(const LearningSettings& learning, const std::vector<Decider>& deciders,
                          const Schedule& schedule, const Person& person, double miss_probability,
                          uint64_t seed, uint64_t number) {
  const CounterRandom misses(seed, stream_of(RandomUse::misses, number));
  std::vector<Trial> trials;
  std::vector<Round> rounds;
  std::vector<size_t> answered;
  for (size_t run = 0; run < schedule.size(); ++run)
    for (const Offer& offer : schedule[run]) {
      if (misses.uniform(trials.size()) >= miss_probability) {
        answered.push_back(trials.size());
        rounds.push_back({int(run),
                          {offer.left, offer.right},
                          {feedback_of(offer.from_left, deciders[size_t(offer.left)]),
                           feedback_of(offer.from_right, deciders[size_t(offer.right)])}});
      }
      trials.push_back({int(run), {offer.left, offer.right}});
    }
  const double parameters[] = {person.w, person.beta};
  const auto chosen =
      simulate_choices(*hybrid_learner(learning), learning, int(deciders.size()), rounds,
                       parameters, CounterRandom(seed, stream_of(RandomUse::choices, number)));
  for (size_t i = 0; i < answered.size(); ++i) trials[answered[i]] = chosen[i];
  return trials;
}

/// Fills in what follows from an offer and the trial; returns the time of the next choice.
double stage_round(PlayedRound& round, const Offer& offer, const std::vector<Decider>& deciders,
                   const TimingSettings& timing, double time) {
  round.choice_s = to_ms(time);
  double end = time + timing.choice_s;
  if (round.trial.chosen >= 0) {
    const Judgement& judgement =
        round.trial.chosen == offer.left ? offer.from_left : offer.from_right;
    round.spots = judgement.spots;
    round.rank_shown = deciders[size_t(round.trial.chosen)].rank_shown;
    round.feedback_s = to_ms(end + offer.choice_to_feedback_s);
    end = round.feedback_s + timing.feedback_s;
    if (judgement.match()) {
      round.reciprocity_s = to_ms(end + offer.feedback_to_reciprocity_s);
      end = round.reciprocity_s + timing.reciprocity_s;
    }
  }
  return end + offer.between_rounds_s;
}

}  // namespace

std::shared_ptr<const Learner> hybrid_learner(const LearningSettings& learning) {
  auto learner = make_learner("hybrid", learning);
  require(learner->parameters().size() == 2 && learner->parameters()[0].name == "w" &&
              learner->parameters()[1].name == "beta",
          "the hybrid's parameters are w and beta");
  return learner;
}

PlayedGame play(const SimulationSettings& settings, const LearningSettings& learning,
                const std::vector<Decider>& deciders, const Schedule& schedule,
                const Person& person, uint64_t seed, int number) {
  const TimingSettings& timing = settings.timing;
  const auto who = uint64_t(number);
  PlayedGame game;
  game.participant.label = person.label;
  for (const auto& decider : deciders) game.participant.options.push_back(decider.name);
  game.participant.trials =
      choose(learning, deciders, schedule, person, settings.game.miss_probability, seed, who);
  const CounterRandom speed(seed, stream_of(RandomUse::response_times, who));
  const CounterRandom sharing(seed, stream_of(RandomUse::sharing, who));
  const double p_share = 1 / (1 + std::exp(-person.share_log_odds));
  size_t i = 0;
  for (const auto& offers : schedule) {
    PlayedRun run;
    double time = timing.first_choice_s;
    for (const Offer& offer : offers) {
      PlayedRound round;
      round.trial = game.participant.trials[i];
      time = stage_round(round, offer, deciders, timing, time);
      if (round.trial.chosen >= 0)
        round.response_time_s = to_ms(
            std::min(timing.choice_s, timing.response_time_median_s *
                                          std::exp(timing.response_time_log_sd * speed.normal(i))));
      if (round.trial.outcome == 1) round.shared = sharing.uniform(i) < p_share;
      run.rounds.push_back(round);
      ++i;
    }
    run.n_scans =
        std::max<Eigen::Index>(2, Eigen::Index(std::ceil((time + timing.tail_s) / timing.tr_s)));
    game.runs.push_back(std::move(run));
  }
  return game;
}

Events events_of_run(const PlayedGame& game, size_t run, const TimingSettings& timing,
                     const std::vector<TrialSignals>& signals) {
  require(signals.size() == game.participant.trials.size(), "one row of signals per round");
  size_t i = 0;
  for (size_t r = 0; r < run; ++r) i += game.runs[r].rounds.size();
  Events events;
  for (const auto& round : game.runs[run].rounds) {
    const TrialSignals& s = signals[i++];
    events.push_back({round.choice_s, timing.choice_s, "choice", 1, {}});
    if (round.trial.chosen >= 0)
      events.push_back({round.feedback_s,
                        timing.feedback_event_s,
                        "feedback",
                        1,
                        {{"outcome_update", s.outcome_update},
                         {"rank_update_unsigned", s.rank_update_unsigned}}});
    if (round.shared >= 0)
      events.push_back({round.reciprocity_s, timing.reciprocity_s, "reciprocity", 1, {}});
  }
  return events;
}

}  // namespace sociometer
