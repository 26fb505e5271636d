#include "engine/learning/choices.hpp"

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
    Trial trial{round.run, round.left, round.right};
    const bool left = random.uniform(i) < logistic(state->preference(trial));
    const Feedback& feedback = left ? round.if_left : round.if_right;
    trial.chosen = left ? round.left : round.right;
    trial.rank = feedback.rank;
    trial.outcome = feedback.outcome;
    state->learn(trial);
    trials.push_back(trial);
  }
  return trials;
}

}  // namespace sociometer
