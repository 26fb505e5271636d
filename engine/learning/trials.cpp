#include "engine/learning/trials.hpp"

#include <cmath>
#include <map>

namespace sociometer {

double chance_log_likelihood(const Participant& participant) {
  std::map<size_t, int> n_choices;  // by number of options
  for (const auto& trial : participant.trials)
    if (trial.chosen >= 0) ++n_choices[trial.options.size()];
  double sum = 0;
  for (const auto& [n_options, n] : n_choices) sum -= n * std::log(double(n_options));
  return sum;
}

}  // namespace sociometer
