#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/learning/recovery.hpp"

namespace sociometer {

struct PredictiveOptions {
  int n_simulated = 200;  ///< studies
  uint64_t seed = 1;
  int n_blocks = 6;  ///< of the learning curve, equal shares of each participant's rounds
  FeedbackOrder feedback = FeedbackOrder::study;
};

/// One statistic of the study, and of the studies simulated from the model.
struct PredictiveCheck {
  std::string
      statistic;      ///< choice_share, learning_curve_outcome, learning_curve_rank, stay_switch
  std::string level;  ///< partner, block or term
  double data = kMissing;
  double mean = kMissing, low = kMissing, high = kMissing;  ///< of simulated studies; 95 % interval
  double p = kMissing;  ///< two-sided tail probability of the data among the simulated studies
};

struct PredictiveChecks {
  std::string model;
  int n_simulated = 0;
  std::vector<PredictiveCheck> checks;
};

/// Posterior predictive checks: does a study simulated from the fitted model look like the data?
///
/// Each simulated study has all usable participants, each with parameters drawn from the normal
/// approximation of its own posterior of the transformed parameters (moments of the importance
/// sample, else Laplace's; the estimate if there is neither), in its own rounds with a response.
/// The statistics are
///
///  - choice_share: chosen / offered, per partner, over all participants;
///  - learning_curve_outcome, _rank: proportion of choices of the better of two partners, by block,
///    better meaning the mean outcome (mean rank) of all the partner showed in the study; rounds
///    with equal partners or more than two options are skipped;
///  - stay_switch: slopes of the logistic regression of staying on the previous rank and outcome,
///    pooling all participants (no random effects: simulated studies would take minutes).
///
/// p = 2 min(share of simulations <= data, share >= data), counting the data as one simulation.
/// p = 2 min(share of simulations <= data, share >= data), counting the data as one simulation.
/// @param study  fits of the participants; those of learner number `learner` are used.
/// @param with_rank  whether the regression includes the previous rank.
/// @throws Error{bad_input} if no participant can be simulated.
/// @cost  n_simulated times all rounds: 0.2 s for 40 participants, 120 rounds, 200 studies.
/// @source Gelman, Meng & Stern 1996, Statistica Sinica 6:733.
PredictiveChecks check_predictions(const StudyFit& study, size_t learner,
                                   const LearningSettings& settings,
                                   const std::vector<Participant>& participants, bool with_rank,
                                   const PredictiveOptions& options, int n_threads);

}  // namespace sociometer
