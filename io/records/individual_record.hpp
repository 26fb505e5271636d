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
  visit("region", self.region);
  visit("signal", self.signal);
  visit("score", self.score);
  visit("n", self.n);
  visit("slope", self.slope);
  visit("standard_error", self.standard_error);
  visit("t", self.t);
  visit("dof", self.dof);
  visit("p", self.p);
  visit("lower", self.lower);
  visit("upper", self.upper);
  visit("p_holm", self.p_holm);
  visit("p_permutation", self.p_permutation);
  visit("bf10", self.bf10);
  visit("standardised", self.standardised);
  visit("standardised_lower", self.standardised_lower);
  visit("standardised_upper", self.standardised_upper);
  visit("pearson_r", self.pearson_r);
  visit("pearson_lower", self.pearson_lower);
  visit("pearson_upper", self.pearson_upper);
  visit("spearman_rho", self.spearman_rho);
  visit("spearman_lower", self.spearman_lower);
  visit("spearman_upper", self.spearman_upper);
  visit("spearman_p", self.spearman_p);
  visit("robust_slope", self.robust_slope);
  visit("robust_standard_error", self.robust_standard_error);
  visit("robust_t", self.robust_t);
  visit("robust_p", self.robust_p);
  visit("robust_lower", self.robust_lower);
  visit("robust_upper", self.robust_upper);
  visit("left_out_r", self.left_out_r);
  visit("left_out_q2", self.left_out_q2);
  visit("left_out_r_p", self.left_out_r_p);
  visit("left_out_q2_p", self.left_out_q2_p);
  visit("mean", self.mean);
  visit("mean_t", self.mean_t);
  visit("mean_p", self.mean_p);
  visit("finding", self.finding);
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
  visit("compared", self.compared);
  visit("region", self.region);
  visit("other_region", self.other_region);
  visit("signal", self.signal);
  visit("other_signal", self.other_signal);
  visit("score", self.score);
  visit("other_score", self.other_score);
  visit("slope", self.slope);
  visit("other_slope", self.other_slope);
  visit("difference", self.difference);
  visit("standard_error", self.standard_error);
  visit("t", self.t);
  visit("dof", self.dof);
  visit("p", self.p);
  visit("lower", self.lower);
  visit("upper", self.upper);
  visit("p_given_units", self.p_given_units);
  visit("p_claim", self.p_claim);
  visit("p_holm", self.p_holm);
  visit("bf10", self.bf10);
  visit("finding", self.finding);
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
