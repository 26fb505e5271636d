#include "engine/learning/stay_switch_regression.hpp"

#include <cmath>

namespace sociometer {

StaySwitchRegression regress_stay_switch(const std::vector<Participant>& participants,
                                         const std::vector<size_t>& usable,
                                         const LearningSettings& settings, Standardise standardise,
                                         bool with_rank) {
  StaySwitchRegression out;
  std::vector<StayTrial> trials;
  for (size_t i : usable) {
    const auto own = stay_trials(participants[i], int(i), settings, with_rank);
    if (!own.empty()) out.participants.push_back(i);
    trials.insert(trials.end(), own.begin(), own.end());
  }
  const MixedLogisticData data = stay_switch_data(trials, standardise, with_rank);
  out.n_occasions = data.response.size();
  out.terms.emplace_back("intercept");
  if (with_rank) out.terms.emplace_back("previous_rank");
  out.terms.emplace_back("previous_outcome");
  out.fit = fit_mixed_logistic(data);
  return out;
}

OddsRatio odds_ratio(double log_odds, double standard_error) {
  constexpr double kNormal975 = 1.959963984540054;
  return {std::exp(log_odds), std::exp(log_odds - kNormal975 * standard_error),
          std::exp(log_odds + kNormal975 * standard_error)};
}

}  // namespace sociometer
