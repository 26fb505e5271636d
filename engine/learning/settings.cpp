#include "engine/learning/settings.hpp"

#include "engine/core/error.hpp"

namespace sociometer {

std::string to_string(Repetition repetition) {
  return repetition == Repetition::last_offered ? "last_offered" : "previous_round";
}

std::string to_string(Counterfactual counterfactual) {
  return counterfactual == Counterfactual::learn ? "learn" : "ignore";
}

void set_n_ranks(LearningSettings& settings, double n_ranks) {
  settings.n_ranks = n_ranks;
  settings.rank_mean = (n_ranks + 1) / 2;
  settings.rank_variance = (n_ranks * n_ranks - 1) / 12;
}

void check_settings(const LearningSettings& s) {
  const auto check = [](bool good, const char* name, double value, const char* rule) {
    if (!good) fail(ErrorCode::bad_input, "setting {} is {}; it must be {}", name, value, rule);
  };
  check(std::isfinite(s.n_ranks) && s.n_ranks >= 2, "n_ranks", s.n_ranks, "at least 2");
  check(std::isfinite(s.rank_mean), "rank_mean", s.rank_mean, "finite");
  for (const auto& [name, value] : {std::pair{"rank_variance", s.rank_variance},
                                    {"rank_noise_variance", s.rank_noise_variance},
                                    {"outcome_matches", s.outcome_matches},
                                    {"outcome_misses", s.outcome_misses}})
    check(std::isfinite(value) && value > 0, name, value, "above 0");
  check(s.initial_value >= 0 && s.initial_value <= 1, "initial_value", s.initial_value,
        "between 0 and 1");
  check(s.initial_associability >= 0 && s.initial_associability <= 1, "initial_associability",
        s.initial_associability, "between 0 and 1");
}

}  // namespace sociometer
