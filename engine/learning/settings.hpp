#pragma once
#include <map>
#include <string>

#include "engine/learning/parameter.hpp"

namespace sociometer {

/// The earlier round relative to which a repetition is defined: stickiness and stay/switch.
enum class Repetition {
  last_offered,   ///< the last round in which this option was offered
  previous_round  ///< the preceding round, whatever was offered
};

/// How learners use feedback of unchosen options, where it was shown.
enum class Counterfactual {
  learn,  ///< learn from it by the same rule as from that of the chosen option
  ignore
};

/// Constants of the learning models. Models and free parameters follow Babur et al. 2024 (PNAS
/// 121(49):e2400022121); the constants of the updating are not published: these defaults are
/// inferred, and each is a setting.
struct LearningSettings {
  double n_ranks = 8;                ///< ranks run from 1 (best) to this
  double rank_mean = 4.5;            ///< prior mean of a partner's mean rank
  double rank_variance = 5.25;       ///< its prior variance: that of a uniform rank from 1 to 8
  double rank_noise_variance = 1;    ///< variance of a single rank around the mean
  double outcome_matches = 1;        ///< pseudo-count of matches before the first round
  double outcome_misses = 1;         ///< and of rejections
  double initial_value = 0.5;        ///< of Rescorla-Wagner learners, in value units (0 to 1)
  double initial_associability = 1;  ///< of Pearce-Hall learners
  bool decay_all_options = true;  ///< decay of counts each round: of all options or the chosen one
  bool restart_each_run = false;  ///< beliefs restart in each run
  Repetition repetition = Repetition::last_offered;
  Counterfactual counterfactual = Counterfactual::learn;
  /// Priors by parameter name. Those of beta, w and learning rates follow the same laboratory (Cho
  /// & Hackel 2022 and related work); those of decay and of all parameters below it are ours.
  std::map<std::string, Prior> priors = {
      {"beta", {PriorFamily::gamma, 1.2, 5}},
      {"w", {PriorFamily::beta, 1.1, 1.1}},
      {"alpha", {PriorFamily::beta, 1.1, 1.1}},
      {"alpha_outcome", {PriorFamily::beta, 1.1, 1.1}},
      {"alpha_rank", {PriorFamily::beta, 1.1, 1.1}},
      {"alpha_positive", {PriorFamily::beta, 1.1, 1.1}},
      {"alpha_negative", {PriorFamily::beta, 1.1, 1.1}},
      {"decay", {PriorFamily::beta, 1.1, 1.1}},
      {"stickiness", {PriorFamily::normal, 0, 1}},
      {"lapse", {PriorFamily::beta, 1.1, 9}},
      {"kappa", {PriorFamily::beta, 1.1, 1.1}},
      {"eta", {PriorFamily::beta, 1.1, 1.1}},
      {"drift", {PriorFamily::gamma, 1.2, 0.1}},
      {"prior_value", {PriorFamily::beta, 1.1, 1.1}},
      {"rank_noise", {PriorFamily::gamma, 1.2, 2}},
  };
};

/// @throws Error{bad_input} naming the invalid setting.
void check_settings(const LearningSettings& settings);
std::string to_string(Repetition repetition);
std::string to_string(Counterfactual counterfactual);
inline bool learns_counterfactual(const LearningSettings& settings) {
  return settings.counterfactual == Counterfactual::learn;
}
/// Sets the number of ranks and the corresponding prior: mean and variance of a
/// uniform rank from 1 to n_ranks.
void set_n_ranks(LearningSettings& settings, double n_ranks);

}  // namespace sociometer
