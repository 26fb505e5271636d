#include "engine/simulate/settings.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <type_traits>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();
/// Smallest allowed value where zero is excluded.
constexpr double kPositive = 1e-9;

/// Allowed ranges; settings not listed may be any finite number.
const std::map<std::string, NumberRange>& ranges() {
  static const std::map<std::string, NumberRange> table = {
      {"game.n_ranks", {2, 1000}},
      {"game.rank_jitter", {0, 1000}},
      {"game.spots_jitter", {0, 1000}},
      {"game.miss_probability", {0, 0.9}},
      {"game.share_log_odds_sd", {0, kUnbounded}},
      {"timing.tr_s", {0.1, 30}},
      {"timing.first_choice_s", {0, 1000}},
      {"timing.choice_s", {kPositive, 1000}},
      {"timing.feedback_s", {0, 1000}},
      {"timing.feedback_event_s", {0, 1000}},
      {"timing.reciprocity_s", {0, 1000}},
      {"timing.choice_to_feedback_s", {0, 1000}},
      {"timing.feedback_to_reciprocity_s", {0, 1000}},
      {"timing.between_rounds_s", {0, 1000}},
      {"timing.tail_s", {0, 1000}},
      {"timing.response_time_median_s", {kPositive, 1000}},
      {"timing.response_time_log_sd", {0, 10}},
      {"population.w_a", {kPositive, 1e6}},
      {"population.w_b", {kPositive, 1e6}},
      {"population.beta_shape", {kPositive, 1e6}},
      {"population.beta_scale", {kPositive, 1e6}},
      {"population.score_sd", {0, kUnbounded}},
      {"population.score_correlation", {-1, 1}},
      {"population.anxiety_on_w", {-20, 20}},
      {"population.depression_on_w", {-20, 20}},
      {"population.anxiety_on_beta", {-20, 20}},
      {"population.depression_on_beta", {-20, 20}},
      {"population.age_min", {0, 89}},
      {"population.age_max", {0, 89}},
      {"ratings.person_sd", {0, kUnbounded}},
      {"ratings.effect_sd", {0, kUnbounded}},
      {"ratings.noise_sd", {0, kUnbounded}},
      {"response.effect_sd", {0, kUnbounded}},
      {"response.rank_pattern_percent", {0, 100}},
      {"response.outcome_pattern_percent", {0, 100}},
      {"response.rating_pattern_percent", {0, 100}},
      {"response.pattern_overlap", {0, 1}},
      {"response.pattern_overlap_per_bias", {-10, 10}},
      {"response.event_sd", {0, kUnbounded}},
      {"noise.baseline", {10, 4000}},
      {"noise.ar_percent", {0, 50}},
      {"noise.ar_coefficient", {-0.99, 0.99}},
      {"noise.fwhm_mm", {0, 100}},
      {"noise.white_percent", {0, 50}},
      {"noise.csf_factor", {0, 100}},
      {"noise.reward_factor", {0, 100}},
      {"noise.rejection_factor", {0, 100}},
      {"noise.control_factor", {0, 100}},
      {"noise.drift_percent", {0, 50}},
      {"noise.drift_cutoff_s", {1, kUnbounded}},
      {"noise.motion_mm_per_scan", {0, 100}},
      {"noise.motion_spike_probability", {0, 1}},
      {"noise.motion_spike_mm", {0, 100}},
      {"noise.motion_percent_per_mm", {0, 100}},
  };
  return table;
}

void check_number(const std::string& name, double value) {
  if (!std::isfinite(value)) fail(ErrorCode::bad_input, "setting {} must be finite", name);
  const auto range = ranges().find(name);
  if (range == ranges().end()) return;
  const auto [least, most] = range->second;
  if (value < least || value > most)
    fail(ErrorCode::bad_input, "setting {} is {}; it must lie between {} and {}", name, value,
         least, most);
}

struct NumberCheck {
  template <class T>
  void operator()(const char* section, const char* key, const T& value) const {
    const std::string name = std::string(section) + "." + key;
    if constexpr (std::is_arithmetic_v<T>) {
      check_number(name, double(value));
    } else if constexpr (std::is_same_v<T, NumberRange>) {
      for (double v : value) check_number(name, v);
      if (value[0] > value[1])
        fail(ErrorCode::bad_input, "setting {} is [{}, {}]; the first must not exceed the second",
             name, value[0], value[1]);
    } else if constexpr (std::is_same_v<T, std::vector<double>>) {
      for (double v : value) check_number(name, v);
    }
  }
};

void check_game(const GameSettings& g) {
  if (g.mean_rank.empty() || g.mean_rank.size() != g.mean_spots.size())
    fail(ErrorCode::bad_input,
         "settings game.mean_rank has {} value(s) and game.mean_spots {}; one of each per kind of "
         "partner is needed",
         g.mean_rank.size(), g.mean_spots.size());
  for (const double rank : g.mean_rank)
    if (rank != std::floor(rank) || rank < 1 || rank > g.n_ranks)
      fail(ErrorCode::bad_input,
           "setting game.mean_rank holds {}; mean ranks are whole numbers from 1 to {}", rank,
           g.n_ranks);
  for (const double spots : g.mean_spots)
    if (spots != std::floor(spots) || spots < 0 || spots > 1000)
      fail(ErrorCode::bad_input,
           "setting game.mean_spots holds {}; mean spots are whole numbers from 0", spots);
  const size_t n_sets = size_t(g.rank_shown_set) + size_t(g.rank_hidden_set);
  const size_t n_together =
      (g.pairs == OfferedPairs::any ? n_sets : n_sets > 0) * g.mean_rank.size();
  if (n_together < 2)
    fail(ErrorCode::bad_input,
         "no two partners can be offered together; give more kinds of partner, or both sets");
  if (n_sets * g.mean_rank.size() > 200)
    fail(ErrorCode::bad_input, "{} partners are more than the 200 that a schedule can hold",
         n_sets * g.mean_rank.size());
}

}  // namespace

void check_settings(const SimulationSettings& settings) {
  visit_settings(settings, NumberCheck{});
  check_game(settings.game);
  if (settings.ratings.minimum >= settings.ratings.maximum)
    fail(ErrorCode::bad_input, "setting ratings.minimum is {}, not below ratings.maximum, {}",
         settings.ratings.minimum, settings.ratings.maximum);
  if (settings.population.age_min > settings.population.age_max)
    fail(ErrorCode::bad_input, "setting population.age_min is {}, above population.age_max, {}",
         settings.population.age_min, settings.population.age_max);
}

}  // namespace sociometer
