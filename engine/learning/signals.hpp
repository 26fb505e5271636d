#pragma once
#include <vector>

#include "engine/learning/learner.hpp"

namespace sociometer {

/// A learner's internal signals in one round, for use as modulators in a GLM. Missing where
/// undefined: no response, a hidden rank, no feedback, or a learner without that
/// belief.
///
/// Positive always means better for the participant: since 1 is the best rank, the signed rank
/// signals are mu - mu' and mu - rank.
struct TrialSignals {
  double outcome_update = kMissing;           ///< VO' - VO of the chosen option, probability
  double rank_update = kMissing;              ///< mu - mu', ranks
  double rank_update_unsigned = kMissing;     ///< |mu' - mu|, ranks
  double outcome_pe = kMissing;               ///< match - VO
  double rank_pe = kMissing;                  ///< mu - rank, ranks
  double outcome_kl = kMissing;               ///< KL(posterior || prior) of the Beta belief, nats
  double rank_kl = kMissing;                  ///< of the normal belief, nats
  double value_chosen = kMissing;             ///< value of the chosen option before feedback
  double value_unchosen = kMissing;           ///< of the best option offered but not chosen
  double value_difference = kMissing;         ///< chosen - unchosen
  double outcome_update_unsigned = kMissing;  ///< |VO' - VO|: surprise
  double outcome_pe_unsigned = kMissing;
  double rank_pe_unsigned = kMissing;      ///< ranks
  double rank_mean_before = kMissing;      ///< mu of the chosen option before feedback, ranks
  double rank_mean_after = kMissing;       ///< mu'; unchanged if the rank was hidden
  double outcome_value_before = kMissing;  ///< VO of the chosen option before feedback
  double outcome_value_after = kMissing;   ///< VO'
};

/// Signals of each round. Updates and prediction errors of ideal observers do not depend on p;
/// values do.
/// @param p  the learner's parameters, each within its range.
std::vector<TrialSignals> trial_signals(const Learner& learner, const LearningSettings& settings,
                                        const Participant& participant, std::span<const double> p);

/// KL(N(mean1, variance1) || N(mean0, variance0)), nats.
double kl_normal(double mean1, double variance1, double mean0, double variance0);
/// KL(Beta(a1, b1) || Beta(a0, b0)), nats.
double kl_beta(double a1, double b1, double a0, double b0);

}  // namespace sociometer
