#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/dissociation_record.hpp"
#include "io/records/region_tests.hpp"
#include "io/records/table_rows.hpp"

/// What `roi test` and `roi individual` wrote, read back (`roi extract`: region_values.hpp; `roi
/// dissociate`: dissociation_record.hpp).
namespace sociometer {

/// A row of roi_tests.tsv.
struct RegionTestRow {
  std::string roi, contrast, test, term;
  double n = 0, n_second = 0, estimate = 0, standard_error = 0, t = 0, dof = 0, p = 0;
  double lower = 0, upper = 0, cohens_d = 0, d_lower = 0, d_upper = 0, hedges_g = 0, partial_r = 0;
  double bf10 = 0, p_permutation = 0, p_fwe = 0, p_holm = 0, p_fdr = 0;
};
SOCIOMETER_RECORD(RegionTestRow) {
  visit("roi", self.roi);
  visit("contrast", self.contrast);
  visit("test", self.test);
  visit("term", self.term);
  visit("n", self.n);
  visit("n_second", self.n_second);
  visit("estimate", self.estimate);
  visit("standard_error", self.standard_error);
  visit("t", self.t);
  visit("dof", self.dof);
  visit("p", self.p);
  visit("lower", self.lower);
  visit("upper", self.upper);
  visit("cohens_d", self.cohens_d);
  visit("d_lower", self.d_lower);
  visit("d_upper", self.d_upper);
  visit("hedges_g", self.hedges_g);
  visit("partial_r", self.partial_r);
  visit("bf10", self.bf10);
  visit("p_permutation", self.p_permutation);
  visit("p_fwe", self.p_fwe);
  visit("p_holm", self.p_holm);
  visit("p_fdr", self.p_fdr);
}
struct RegionTestFacts {
  static constexpr RecordKind kKind = RecordKind::region_tests;
  std::string description;
  std::string test;                      ///< one-sample, paired, two-sample, regression
  std::optional<std::string> variances;  ///< of two samples
  std::string statistic;
  std::optional<std::string> map_statistic;
  std::string alternative;
  std::vector<std::string> participants;
  long left_out = 0;  ///< values
  std::vector<InputFile> inputs;
};
SOCIOMETER_RECORD(RegionTestFacts) {
  visit("Description", self.description);
  visit("Test", self.test);
  visit("Variances", self.variances);
  visit("Statistic", self.statistic);
  visit("MapStatistic", self.map_statistic);
  visit("Alternative", self.alternative);
  visit("Participants", self.participants);
  visit("ValuesLeftOut", self.left_out);
  visit("Inputs", self.inputs);
}
using StoredRegionTests = StoredTable<RegionTestRow, RegionTestFacts>;

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

struct StoredSlope {
  std::string region, signal, score;
  double n = 0, slope = 0, t = 0, dof = 0, p = 0, p_holm = 0, bf10 = 0;
  double standardised = 0, standardised_lower = 0, standardised_upper = 0;
  double pearson_r = 0, pearson_lower = 0, pearson_upper = 0, spearman_rho = 0, robust_p = 0;
  double left_out_r = 0;
  std::string finding;
  std::optional<StoredScatter> scatter;  ///< absent in records of earlier versions
};
SOCIOMETER_RECORD(StoredSlope) {
  visit("region", self.region);
  visit("signal", self.signal);
  visit("score", self.score);
  visit("n", self.n);
  visit("slope", self.slope);
  visit("t", self.t);
  visit("dof", self.dof);
  visit("p", self.p);
  visit("p_holm", self.p_holm);
  visit("bf10", self.bf10);
  visit("standardised", self.standardised);
  visit("standardised_lower", self.standardised_lower);
  visit("standardised_upper", self.standardised_upper);
  visit("pearson_r", self.pearson_r);
  visit("pearson_lower", self.pearson_lower);
  visit("pearson_upper", self.pearson_upper);
  visit("spearman_rho", self.spearman_rho);
  visit("robust_p", self.robust_p);
  visit("left_out_r", self.left_out_r);
  visit("finding", self.finding);
  visit("Scatter", self.scatter);
}

struct StoredComparisonOfSlopes {
  std::string compared, region, other_region, signal, other_signal, score, other_score;
  double slope = 0, other_slope = 0, difference = 0, t = 0, dof = 0, p = 0, lower = 0, upper = 0;
  double p_claim = 0, p_holm = 0, bf10 = 0;
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
  visit("t", self.t);
  visit("dof", self.dof);
  visit("p", self.p);
  visit("lower", self.lower);
  visit("upper", self.upper);
  visit("p_claim", self.p_claim);
  visit("p_holm", self.p_holm);
  visit("bf10", self.bf10);
  visit("finding", self.finding);
}

/// individual.json.
struct StoredIndividual {
  static constexpr RecordKind kKind = RecordKind::individual;
  std::vector<std::string> sentences, regions, signals, scores, participants, left_out;
  std::string statistic, model;
  std::vector<std::string> covariates;
  double alpha = 0, bayes_factor_needed = 0, level = 0;
  std::vector<StoredSlope> slopes;
  std::vector<StoredComparisonOfSlopes> comparisons;
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
  visit("Alpha", self.alpha);
  visit("BayesFactorNeeded", self.bayes_factor_needed);
  visit("Level", self.level);
  visit("Slopes", self.slopes);
  visit("Comparisons", self.comparisons);
}

}  // namespace sociometer
