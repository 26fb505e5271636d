#pragma once
#include <string>
#include <vector>

#include "engine/simulate/game.hpp"
#include "engine/simulate/settings.hpp"

namespace sociometer {

/// Responses of the regions of one role, percent of baseline at the peak.
struct RoleResponse {
  double outcome_percent = 0;  ///< per unit of outcome update
  double rank_percent = 0;     ///< per rank of unsigned rank update
};

/// Characteristics of a simulated participant: everything drawn before the game starts.
struct Person {
  std::string label;  ///< "01": without "sub-"
  int age = 0;
  double social_anxiety = 0, depression = 0;  ///< synthetic scores
  double w = 0, beta = 0;                     ///< of the hybrid learner
  double share_log_odds = 0;
  RoleResponse reward, rejection, control;
  double event_scale = 1;  ///< multiplies the responses to events
};

/// Draws participant `number` (from 1) out of `n_people`; independent of the other participants.
Person draw_person(const SimulationSettings& settings, uint64_t seed, int number, int n_people);

/// Mean response over participants of a role's regions.
RoleResponse mean_response(const ResponseSettings& settings, RegionRole role);

/// A rating of how much a partner liked the participant.
struct Rating {
  int decider = 0;
  double value = 0;
};

/// How much more than others a participant takes acceptance for being liked: the participant's
/// effect of outcomes on ratings less its mean over participants, in standard deviations.
double rating_bias(uint64_t seed, int number);

/// Effects of the partners' kinds in a participant's ratings.
struct RatingEffects {
  double rank = 0;     ///< mean rating of partners with good ranks less that of those with bad ones
  double outcome = 0;  ///< the same for good and bad chances of a match
};
RatingEffects rating_effects(const std::vector<Rating>& ratings,
                             const std::vector<Decider>& deciders, const GameSettings& game);

/// Ratings of all partners.
///
/// rating = mean + participant + (rank effect) c_rank + (outcome effect) c_outcome + noise, with c
/// = +-1/2 for better or worse than the midpoint of the partners' mean ranks and match
/// probabilities (0 at the midpoint). Effects are normal over participants; their means are rank_dz
/// and outcome_dz times the standard deviation of a participant's difference good - bad of mean
/// ratings, so that a repeated-measures ANOVA of n participants has an expected F of about n dz^2,
/// less the effect of clipping to minimum .. maximum and of rounding to integers.
std::vector<Rating> draw_ratings(const SimulationSettings& settings,
                                 const std::vector<Decider>& deciders, uint64_t seed, int number);

}  // namespace sociometer
