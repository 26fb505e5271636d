#include "engine/learning/choices.hpp"

#include <algorithm>

namespace sociometer {

std::vector<Trial> simulate_choices(const Learner& learner, const LearningSettings& settings,
                                    int n_options, const std::vector<Round>& rounds,
                                    std::span<const double> p, const CounterRandom& random) {
  auto state = learner.start(n_options, p);
  std::vector<Trial> trials;
  for (size_t i = 0; i < rounds.size(); ++i) {
    const Round& round = rounds[i];
    if (settings.restart_each_run && i > 0 && round.run != rounds[i - 1].run)
      state = learner.start(n_options, p);
    Trial trial{round.run, round.options};
    trial.chosen = choice_at(*state, round.options, random.uniform(i));
    const auto at = std::find(round.options.begin(), round.options.end(), trial.chosen);
    const Feedback& feedback = round.feedback[size_t(at - round.options.begin())];
    trial.rank = feedback.rank;
    trial.outcome = feedback.outcome;
    if (round.shows_unchosen) trial.unchosen = round.feedback;
    state->learn(trial);
    trials.push_back(trial);
  }
  return trials;
}

}  // namespace sociometer
