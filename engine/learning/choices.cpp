#include "engine/learning/choices.hpp"

#include <algorithm>

namespace sociometer {

std::vector<Trial> simulate_choices(const Learner& learner, const LearningSettings& settings,
                                    int n_options, const std::vector<Round>& rounds,
                                    std::span<const double> p, const CounterRandom& random) {
  const auto show = [&](size_t round, size_t place) { return rounds[round].feedback[place]; };
  return simulate_choices(learner, settings, n_options, rounds, show, p, random);
}

std::vector<Trial> simulate_choices(const Learner& learner, const LearningSettings& settings,
                                    int n_options, const std::vector<Round>& rounds,
                                    const ShowFeedback& show, std::span<const double> p,
                                    const CounterRandom& random) {
  auto state = learner.start(n_options, p);
  std::vector<Trial> trials;
  for (size_t i = 0; i < rounds.size(); ++i) {
    const Round& round = rounds[i];
    if (settings.restart_each_run && i > 0 && round.run != rounds[i - 1].run)
      state = learner.start(n_options, p);
    Trial trial{round.run, round.options};
    trial.chosen = choice_at(*state, round.options, random.uniform(i));
    const auto at = size_t(std::find(round.options.begin(), round.options.end(), trial.chosen) -
                           round.options.begin());
    const Feedback feedback = show(i, at);
    trial.rank = feedback.rank;
    trial.outcome = feedback.outcome;
    for (size_t place = 0; round.shows_unchosen && place < round.options.size(); ++place)
      trial.unchosen.push_back(place == at ? feedback : show(i, place));
    state->learn(trial);
    trials.push_back(std::move(trial));
  }
  return trials;
}

}  // namespace sociometer
