#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/record_fields.hpp"

/// individual.json and the two tables beside it, as `roi individual` writes them and readers return
/// them.
namespace sociometer {

/// Points, line and band of a slope, as individual.json has them for its picture.
struct StoredScatter {
  std::vector<double> score, value;            ///< per participant; values adjusted for covariates
  std::vector<double> at, line, lower, upper;  ///< the fitted line and its pointwise interval
  bool operator==(const StoredScatter&) const = default;
};
SOCIOMETER_RECORD(StoredScatter) {
  visit("Score", self.score);
  visit("Value", self.value);
  visit("At", self.at);
  visit("Line", self.line);
  visit("Lower", self.lower);
  visit("Upper", self.upper);
}

/// A row of individual_slopes.tsv; the record has its picture too.
struct StoredSlope {
  std::string region, signal, score;
  double n = 0, slope = 0, standard_error = 0, t = 0, dof = 0, p = 0, lower = 0, upper = 0;
  double p_holm = 0, p_permutation = 0, bf10 = 0;
  double standardised = 0, standardised_lower = 0, standardised_upper = 0;
  double pearson_r = 0, pearson_lower = 0, pearson_upper = 0;
  double spearman_rho = 0, spearman_lower = 0, spearman_upper = 0, spearman_p = 0;
  double robust_slope = 0, robust_standard_error = 0, robust_t = 0, robust_p = 0;
  double robust_lower = 0, robust_upper = 0;
  double left_out_r = 0, left_out_q2 = 0, left_out_r_p = 0, left_out_q2_p = 0;
  double mean = 0, mean_t = 0, mean_p = 0;
  std::string finding;
  std::optional<StoredScatter> scatter;  ///< not in the table
};
SOCIOMETER_RECORD(StoredSlope) {
  visit("region", self.region, "Region");
  visit("signal", self.signal, "Contrast");
  visit("score", self.score, "Score");
  visit("n", self.n, "Participants");
  visit("slope", self.slope, "Value per unit of the score, least squares");
  visit("standard_error", self.standard_error, "Of the slope");
  visit("t", self.t, "Slope over its standard error");
  visit("dof", self.dof, "Degrees of freedom of t");
  visit("p", self.p, "Two-sided p of t");
  visit("lower", self.lower, "Lower end of the slope's interval");
  visit("upper", self.upper, "Upper end");
  visit("p_holm", self.p_holm, "p after Holm over all rows");
  visit("p_permutation", self.p_permutation, "Permutation p of t (Freedman-Lane)");
  visit("bf10", self.bf10,
        "JZS Bayes factor of the model with against the model without the score");
  visit("standardised", self.standardised, "Slope in standard deviations of value and score");
  visit("standardised_lower", self.standardised_lower,
        "Lower end of its interval, by the same factor");
  visit("standardised_upper", self.standardised_upper, "Upper end");
  visit("pearson_r", self.pearson_r, "Correlation; partial beside covariates or other scores");
  visit("pearson_lower", self.pearson_lower, "Lower end of its interval (Fisher's z)");
  visit("pearson_upper", self.pearson_upper, "Upper end");
  visit("spearman_rho", self.spearman_rho, "Rank correlation; partial likewise");
  visit("spearman_lower", self.spearman_lower, "Lower end of its interval (Bonett & Wright)");
  visit("spearman_upper", self.spearman_upper, "Upper end");
  visit("spearman_p", self.spearman_p, "Asymptotic p (t)");
  visit("robust_slope", self.robust_slope, "Huber's M-estimate, tuning 1.345");
  visit("robust_standard_error", self.robust_standard_error, "Of it");
  visit("robust_t", self.robust_t, "Robust slope over its standard error");
  visit("robust_p", self.robust_p, "p by t with the same degrees of freedom");
  visit("robust_lower", self.robust_lower, "Lower end of its interval");
  visit("robust_upper", self.robust_upper, "Upper end");
  visit("left_out_r", self.left_out_r,
        "r of observed values and those predicted from all other participants");
  visit("left_out_q2", self.left_out_q2,
        "1 - squared errors over those of the model without the score");
  visit("left_out_r_p", self.left_out_r_p, "One-sided permutation p of left_out_r");
  visit("left_out_q2_p", self.left_out_q2_p, "One-sided permutation p of left_out_q2");
  visit("mean", self.mean, "Mean of the signal over participants");
  visit("mean_t", self.mean_t, "t of the mean");
  visit("mean_p", self.mean_p, "p of the mean");
  visit("finding", self.finding,
        "Of the slope, by p_holm and Bayes factor: positive, negative, absent, undecided");
  visit("Scatter", self.scatter);
}

/// A row of individual_comparisons.tsv.
struct StoredComparisonOfSlopes {
  std::string compared, region, other_region, signal, other_signal, score, other_score;
  double slope = 0, other_slope = 0, difference = 0, standard_error = 0, t = 0, dof = 0, p = 0;
  double lower = 0, upper = 0, p_given_units = 0, p_claim = 0, p_holm = 0, bf10 = 0;
  std::string finding;
};
SOCIOMETER_RECORD(StoredComparisonOfSlopes) {
  visit("compared", self.compared, "signals (one score), regions (one signal and score) or scores");
  visit("region", self.region, "Region of the first slope");
  visit("other_region", self.other_region, "Of the second");
  visit("signal", self.signal, "Signal of the first slope");
  visit("other_signal", self.other_signal, "Of the second");
  visit("score", self.score, "Score of the first slope");
  visit("other_score", self.other_score, "Of the second");
  visit("slope", self.slope,
        "First slope, per standard deviation of the score, in the common unit");
  visit("other_slope", self.other_slope, "Second slope, likewise");
  visit("difference", self.difference, "First minus second");
  visit("standard_error", self.standard_error, "Of the difference");
  visit("t", self.t, "Difference over its standard error");
  visit("dof", self.dof, "Degrees of freedom of t");
  visit("p", self.p, "Two-sided p of t");
  visit("lower", self.lower, "Lower end of the interval of the difference");
  visit("upper", self.upper, "Upper end");
  visit("p_given_units", self.p_given_units,
        "p of the same in the units of the table, where both are asked for");
  visit("p_claim", self.p_claim, "The larger p of both; 1 where their directions differ");
  visit("p_holm", self.p_holm, "p_claim after Holm over the rows that compare the same");
  visit("bf10", self.bf10, "JZS Bayes factor of a difference");
  visit("finding", self.finding,
        "By p_holm and Bayes factor: positive, negative, absent, undecided");
}

struct ColumnDescription {
  std::string description;
};
SOCIOMETER_RECORD(ColumnDescription) { visit("Description", self.description); }

/// individual.json.
struct StoredIndividual {
  static constexpr RecordKind kKind = RecordKind::individual;
  std::vector<std::string> sentences, regions, signals, scores, participants, left_out;
  std::string statistic, model;
  std::vector<std::string> covariates;
  std::string units;
  ByName<double> unit_factors;  ///< by signal
  double alpha = 0, bayes_factor_needed = 0, level = 0, regression_scale = 0;
  std::string correction, robust, spearman, comparison_of_scores;
  long permutations = 0;
  std::string permutation_scheme;
  uint64_t seed = 0;
  std::vector<StoredSlope> slopes;
  std::vector<StoredComparisonOfSlopes> comparisons;
  ByName<ColumnDescription> slope_columns, comparison_columns;
  std::vector<InputFile> inputs;
};
SOCIOMETER_RECORD(StoredIndividual) {
  visit("Summary", self.sentences);
  visit("Regions", self.regions);
  visit("Signals", self.signals);
  visit("Scores", self.scores);
  visit("Participants", self.participants);
  visit("LeftOut", self.left_out);
  visit("Statistic", self.statistic);
  visit("Model", self.model);
  visit("Covariates", self.covariates);
  visit("Units", self.units);
  visit("UnitFactors", self.unit_factors);
  visit("Alpha", self.alpha);
  visit("BayesFactorNeeded", self.bayes_factor_needed);
  visit("Level", self.level);
  visit("RegressionScale", self.regression_scale);
  visit("Correction", self.correction);
  visit("Robust", self.robust);
  visit("Spearman", self.spearman);
  visit("ComparisonOfScores", self.comparison_of_scores);
  visit("Permutations", self.permutations);
  visit("PermutationScheme", self.permutation_scheme);
  visit("Seed", self.seed);
  visit("Slopes", self.slopes);
  visit("Comparisons", self.comparisons);
  visit("SlopeColumns", self.slope_columns);
  visit("ComparisonColumns", self.comparison_columns);
  visit("Inputs", self.inputs);
}

}  // namespace sociometer
