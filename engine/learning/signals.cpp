#include "engine/learning/signals.hpp"

#include <cmath>

#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/gamma.hpp>

namespace sociometer {
namespace {

double log_beta_function(double a, double b) {
  return boost::math::lgamma(a) + boost::math::lgamma(b) - boost::math::lgamma(a + b);
}

void add_values(TrialSignals& s, const LearnerState<double>& state, const Trial& trial) {
  s.value_chosen = state.value(trial.chosen);
  for (int option : trial.options)
    if (option != trial.chosen) s.value_unchosen = std::fmax(s.value_unchosen, state.value(option));
  s.value_difference = s.value_chosen - s.value_unchosen;
}

void add_feedback(TrialSignals& s, const Trial& trial, const Belief& before, const Belief& after) {
  s.rank_mean_before = before.rank_mean;
  s.rank_mean_after = after.rank_mean;
  s.outcome_value_before = before.outcome_value;
  s.outcome_value_after = after.outcome_value;
  if (!std::isnan(trial.outcome)) {
    s.outcome_update = after.outcome_value - before.outcome_value;
    s.outcome_pe = trial.outcome - before.outcome_value;
    s.outcome_update_unsigned = std::abs(s.outcome_update);
    s.outcome_pe_unsigned = std::abs(s.outcome_pe);
    if (!std::isnan(before.matches))
      s.outcome_kl = kl_beta(after.matches, after.misses, before.matches, before.misses);
  }
  if (std::isnan(trial.rank)) return;
  s.rank_update = before.rank_mean - after.rank_mean;
  s.rank_update_unsigned = std::abs(s.rank_update);
  s.rank_pe = before.rank_mean - trial.rank;
  s.rank_pe_unsigned = std::abs(s.rank_pe);
  if (!std::isnan(before.rank_variance))
    s.rank_kl =
        kl_normal(after.rank_mean, after.rank_variance, before.rank_mean, before.rank_variance);
}

}  // namespace

double kl_normal(double mean1, double variance1, double mean0, double variance0) {
  const double d = mean1 - mean0;
  return 0.5 * (variance1 / variance0 - 1 - std::log(variance1 / variance0) + d * d / variance0);
}

double kl_beta(double a1, double b1, double a0, double b0) {
  using boost::math::digamma;
  return log_beta_function(a0, b0) - log_beta_function(a1, b1) + (a1 - a0) * digamma(a1) +
         (b1 - b0) * digamma(b1) + (a0 - a1 + b0 - b1) * digamma(a1 + b1);
}

std::vector<TrialSignals> trial_signals(const Learner& learner, const LearningSettings& settings,
                                        const Participant& participant, std::span<const double> p) {
  const int n_options = int(participant.options.size());
  auto state = learner.start(n_options, p);
  std::vector<TrialSignals> out(participant.trials.size());
  for (size_t i = 0; i < out.size(); ++i) {
    const Trial& trial = participant.trials[i];
    if (settings.restart_each_run && i > 0 && trial.run != participant.trials[i - 1].run)
      state = learner.start(n_options, p);
    if (trial.chosen < 0) continue;
    add_values(out[i], *state, trial);
    const Belief before = state->belief(trial.chosen);
    state->learn(trial);
    add_feedback(out[i], trial, before, state->belief(trial.chosen));
  }
  return out;
}

}  // namespace sociometer
