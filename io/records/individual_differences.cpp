#include "io/records/individual_differences.hpp"

#include <cmath>

#include "io/records/individual_record.hpp"
#include "io/records/signed_record.hpp"
#include "io/records/table_rows.hpp"

namespace sociometer {
namespace {

template <class Row>
ByName<ColumnDescription> descriptions_of(const std::vector<Row>& rows) {
  ByName<ColumnDescription> out;
  for (const auto& [column, description] : columns_of_rows(rows)) {
    require(!description.empty(), "a column has no description");
    out.emplace_back(column, ColumnDescription{description});
  }
  return out;
}

StoredSlope row_of(const IndividualData& data, const ScoreSlope& s) {
  StoredSlope row;
  row.region = data.brain.regions[s.region];
  row.signal = data.brain.signals[s.signal];
  row.score = data.scores[s.score];
  row.n = double(s.slope.n);
  row.slope = s.slope.estimate;
  row.standard_error = s.slope.standard_error;
  row.t = s.slope.t;
  row.dof = s.slope.dof;
  row.p = s.slope.p;
  row.lower = s.slope.lower;
  row.upper = s.slope.upper;
  row.p_holm = s.slope.p_holm;
  row.p_permutation = s.slope.p_permutation;
  row.bf10 = std::exp(s.slope.log_bf10);
  row.standardised = s.standardised;
  row.standardised_lower = s.standardised_lower;
  row.standardised_upper = s.standardised_upper;
  row.pearson_r = s.pearson.r;
  row.pearson_lower = s.pearson.lower;
  row.pearson_upper = s.pearson.upper;
  row.spearman_rho = s.spearman.r;
  row.spearman_lower = s.spearman.lower;
  row.spearman_upper = s.spearman.upper;
  row.spearman_p = s.spearman.p;
  row.robust_slope = s.robust.slope;
  row.robust_standard_error = s.robust.standard_error;
  row.robust_t = s.robust.t;
  row.robust_p = s.robust.p;
  row.robust_lower = s.robust.lower;
  row.robust_upper = s.robust.upper;
  row.left_out_r = s.prediction.r;
  row.left_out_q2 = s.prediction.q2;
  row.left_out_r_p = s.prediction.p_r;
  row.left_out_q2_p = s.prediction.p_q2;
  row.mean = s.mean.estimate;
  row.mean_t = s.mean.t;
  row.mean_p = s.mean.p;
  row.finding = to_string(s.finding);
  return row;
}

StoredComparisonOfSlopes row_of(const IndividualData& data, const SlopeDifference& s) {
  StoredComparisonOfSlopes row;
  row.compared = to_string(s.contrast);
  row.region = data.brain.regions[s.region];
  row.other_region = data.brain.regions[s.other_region];
  row.signal = data.brain.signals[s.signal];
  row.other_signal = data.brain.signals[s.other_signal];
  row.score = data.scores[s.score];
  row.other_score = data.scores[s.other_score];
  row.slope = s.first;
  row.other_slope = s.second;
  row.difference = s.estimate;
  row.standard_error = s.standard_error;
  row.t = s.t;
  row.dof = s.dof;
  row.p = s.p;
  row.lower = s.lower;
  row.upper = s.upper;
  row.p_given_units = s.p_other_unit;
  row.p_claim = s.p_claim;
  row.p_holm = s.p_holm;
  row.bf10 = std::exp(s.log_bf10);
  row.finding = to_string(s.finding);
  return row;
}

/// Points of the line of a slope in its picture.
constexpr Eigen::Index kLinePoints = 31;

StoredScatter stored(const SlopeScatter& s) {
  const auto numbers = [](const Eigen::VectorXd& v) {
    return std::vector<double>(v.begin(), v.end());
  };
  return {numbers(s.score), numbers(s.value), numbers(s.at),
          numbers(s.line),  numbers(s.lower), numbers(s.upper)};
}

void add_choices(const IndividualRecord& record, StoredIndividual& out) {
  const IndividualOptions& o = record.options;
  out.statistic = record.statistic;
  out.model = o.together ? "each score beside the other scores" : "each score by itself";
  out.covariates = record.data.covariates;
  out.units = to_string(record.result.units);
  for (size_t s = 0; s < record.data.brain.signals.size(); ++s)
    out.unit_factors.emplace_back(record.data.brain.signals[s], record.result.factors[s]);
  out.alpha = o.alpha;
  out.bayes_factor_needed = o.evidence;
  out.level = o.tests.level;
  out.regression_scale = o.tests.regression_scale;
  out.correction = "Holm, over all slopes; over comparisons of a kind";
  out.robust = "Huber's M-estimate, tuning 1.345, scale MAD / 0.6745";
  out.spearman = "asymptotic p, interval of Bonett & Wright 2000";
  out.comparison_of_scores = "HC3 covariance of both slopes over participants";
  out.permutations = o.tests.permutations;
  out.permutation_scheme = "residuals of the model without the score (Freedman-Lane)";
  out.seed = o.tests.seed;
}

StoredIndividual stored(const IndividualRecord& record) {
  const IndividualData& data = record.data;
  StoredIndividual out;
  out.sentences = record.sentences;
  out.regions = data.brain.regions;
  out.signals = data.brain.signals;
  out.scores = data.scores;
  out.participants = data.brain.participants;
  out.left_out = record.left_out;
  add_choices(record, out);
  for (const ScoreSlope& slope : record.result.slopes) {
    out.slopes.push_back(row_of(data, slope));
    out.slopes.back().scatter = stored(scatter_of(data, record.options, slope, kLinePoints));
  }
  for (const SlopeDifference& difference : record.result.differences)
    out.comparisons.push_back(row_of(data, difference));
  out.slope_columns = descriptions_of(out.slopes);
  out.slope_columns.push_back(
      {"Scatter",
       {"Points of participants (values adjusted for covariates), fitted line and its band"}});
  out.comparison_columns = descriptions_of(out.comparisons);
  out.inputs = record.inputs;
  return out;
}

}  // namespace

void write_individual_differences(const IndividualRecord& record, const Provenance& provenance,
                                  const std::string& prefix, OutputSet& outputs) {
  const StoredIndividual all = stored(record);
  outputs.write(prefix + "individual_slopes.tsv", table_of(all.slopes));
  outputs.write(prefix + "individual_comparisons.tsv", table_of(all.comparisons));
  outputs.write(prefix + "individual.json", signed_text(all, provenance));
}

}  // namespace sociometer
