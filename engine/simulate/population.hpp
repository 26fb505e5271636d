#pragma once
#include <string>
#include <vector>

#include "engine/simulate/game.hpp"
#include "engine/simulate/settings.hpp"

namespace sociometer {

/// Responses of the regions of one role, percent of the baseline at the peak.
struct RoleResponse {
  double outcome_percent = 0;  ///< per unit of outcome update
  double rank_percent = 0;     ///< per rank of unsigned rank update
};

/// Who a simulated participant is: all that is drawn before the game begins.
struct Person {
  std::string label;  ///< "01": without "sub-"
  int age = 0;
  double social_anxiety = 0, depression = 0;  ///< synthetic scores
  double w = 0, beta = 0;                     ///< of the hybrid learner
  double share_log_odds = 0;
  RoleResponse reward, rejection, control;
  double event_scale = 1;  ///< of the responses to events
};

/// Draws person `number` (from 1) of a study of `n_people`; the same whatever the others are.
Person draw_person(const SimulationSettings& settings, uint64_t seed, int number, int n_people);

/// Mean over people of the responses of a role's regions.
RoleResponse mean_response(const ResponseSettings& settings, RegionRole role);

/// A rating of how much a partner liked the participant.
struct Rating {
  int decider = 0;
  double value = 0;
};

/// Ratings of all partners.
///
/// rating = mean + person + (rank effect) c_rank + (outcome effect) c_outcome + noise, with c =
/// +-1/2 for better or worse than the middle of the partners' mean ranks and match probabilities (0
/// in the middle itself). Effects are normal over people; their means are rank_dz and outcome_dz
/// times the standard deviation that the difference good - bad of a person's mean ratings has, so
/// that F = n dz^2 is what a repeated-measures ANOVA of n people expects, less what the cut to
/// minimum .. maximum and the rounding to whole numbers take.
std::vector<Rating> draw_ratings(const SimulationSettings& settings,
                                 const std::vector<Decider>& deciders, uint64_t seed, int number);

}  // namespace sociometer
