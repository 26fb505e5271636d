#include "engine/learning/placeholder_signals.hpp"

#include <cmath>

namespace sociometer {

TrialSignals placeholder_signals(size_t round, const Trial& trial) {
  if (trial.chosen < 0) return {};
  int signal = 0;
  const auto next = [&] { return std::sin(1 + double(round) * (1 + 0.37 * ++signal)); };
  TrialSignals s;
  for (double* value :
       {&s.value_chosen, &s.value_unchosen, &s.value_difference, &s.rank_mean_before,
        &s.rank_mean_after, &s.outcome_value_before, &s.outcome_value_after})
    *value = next();
  if (!std::isnan(trial.outcome))
    for (double* value : {&s.outcome_update, &s.outcome_pe, &s.outcome_kl,
                          &s.outcome_update_unsigned, &s.outcome_pe_unsigned})
      *value = next();
  if (!std::isnan(trial.rank))
    for (double* value :
         {&s.rank_update, &s.rank_update_unsigned, &s.rank_pe, &s.rank_pe_unsigned, &s.rank_kl})
      *value = next();
  return s;
}

}  // namespace sociometer
