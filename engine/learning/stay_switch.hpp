#pragma once
#include <string>
#include <vector>

#include "engine/core/names.hpp"
#include "engine/learning/mixed_logistic.hpp"
#include "engine/learning/settings.hpp"
#include "engine/learning/trials.hpp"

namespace sociometer {

/// One opportunity to repeat or abandon a choice, with the feedback that followed that choice.
struct StayTrial {
  int participant = 0;
  bool stay = false;
  double rank = 0;     ///< previous rank, coded so that + is better: (n_ranks + 1) / 2 - rank
  double outcome = 0;  ///< previous outcome: 1/2 match, -1/2 none
};

/// Opportunities of one participant. With Repetition::last_offered, the next round in which the
/// chosen option is offered again, whatever happened in between; staying means choosing it. With
/// previous_round, the next round with a response, if the option is offered in it. There is no
/// opportunity if the feedback has no outcome or, with `with_rank`, if the rank was hidden.
std::vector<StayTrial> stay_trials(const Participant& participant, int index,
                                   const LearningSettings& settings, bool with_rank = true);

/// Units in which the predictors enter the regression.
enum class Standardise {
  none,    ///< ranks, outcome +-1/2
  overall  ///< centred and divided by their standard deviation over all opportunities
};
constexpr std::array<Name<Standardise>, 2> names_of(std::type_identity<Standardise>) {
  return {{{Standardise::none, "none"}, {Standardise::overall, "overall"}}};
}

/// stay ~ rank + outcome + (1 + rank + outcome | participant); without ranks stay ~ outcome + (1 +
/// outcome | participant).
MixedLogisticData stay_switch_data(const std::vector<StayTrial>& trials, Standardise standardise,
                                   bool with_rank = true);

}  // namespace sociometer
