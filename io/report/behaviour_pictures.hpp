#pragma once
#include <string>
#include <vector>

#include "io/report/behaviour_section.hpp"

/// The pictures of behaviour, each as wide as a column of the page. Empty where there is nothing to
/// draw.
namespace sociometer {

/// Share of choices of each partner: a dot per person, mean and interval.
Html draw_choice_shares(const LearningCurves& curves);

/// Share of choices of the better partner, block by block.
/// @param predictive  studies simulated by a model in as many blocks are drawn as bands; may be
/// null.
Html draw_learning(const LearningCurves& curves, const StoredPredictive* predictive);

/// Believed rank and probability of acceptance of each partner, block by block.
Html draw_beliefs(const LearningCurves& curves);

/// Expected frequency and protected exceedance probability of each model.
Html draw_model_bars(const StoredComparison& comparison);

/// Each person's estimates of one model's parameters with their standard errors.
Html draw_estimates(const StoredParameters& parameters, const std::string& model);

/// True against estimated parameters of simulated people, a panel per model and parameter.
Html draw_recovered(const StoredRecovery& recovery, const StoredRecoverySummary* summary);

/// Which model wins when another is true.
Html draw_confusion(const StoredConfusion& confusion);

/// The study against simulated ones.
Html draw_checks(const StoredPredictive& predictive);

/// An odds ratio that was reported elsewhere.
struct ReportedOdds {
  std::string term;
  double odds_ratio = 0, log_odds = 0, standard_error = 0;  ///< as reported: rounded each
};
/// Odds ratios of staying with 95 % intervals, beside reported ones.
Html draw_odds_ratios(const StoredStaySwitch& stay_switch,
                      const std::vector<ReportedOdds>& reported, const std::string& reported_by);

}  // namespace sociometer
