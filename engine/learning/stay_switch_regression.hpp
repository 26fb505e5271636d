#pragma once
#include <string>
#include <vector>

#include "engine/learning/stay_switch.hpp"

namespace sociometer {

/// Staying with a choice, regressed on what followed it, over the participants of a study.
struct StaySwitchRegression {
  std::vector<std::string> terms;    ///< of the columns: intercept, previous_rank, ..
  std::vector<size_t> participants;  ///< numbers of those with an occasion: the groups of the fit
  Eigen::Index n_occasions = 0;
  MixedLogisticFit fit;
};

/// @param usable     numbers of the participants that take part.
/// @param with_rank  whether the previous rank is a predictor.
/// @throws Error{bad_input} where the choices do not allow a regression.
StaySwitchRegression regress_stay_switch(const std::vector<Participant>& participants,
                                         const std::vector<size_t>& usable,
                                         const LearningSettings& settings, Standardise standardise,
                                         bool with_rank);

/// An odds ratio with its 95 % Wald interval.
struct OddsRatio {
  double ratio = 1, low = 1, high = 1;
};
OddsRatio odds_ratio(double log_odds, double standard_error);

}  // namespace sociometer
