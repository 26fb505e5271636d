#include "io/records/individual_differences.hpp"

#include <cmath>

#include <fmt/format.h>

#include "io/records/record_fields.hpp"
#include "io/records/stored_regions.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

/// A column of a table: its name, what it is, and its text in a row of type T.
template <class T>
struct Column {
  std::string name, description;
  std::string (*cell)(const IndividualData&, const T&);
};

using SlopeColumn = Column<ScoreSlope>;
using DifferenceColumn = Column<SlopeDifference>;

#define NUMBER(expression) \
  [](const IndividualData&, const auto& s) { return format_number(expression); }

const std::vector<SlopeColumn>& slope_columns() {
  static const std::vector<SlopeColumn> columns = {
      {"region", "Region",
       [](const IndividualData& d, const ScoreSlope& s) { return d.brain.regions[s.region]; }},
      {"signal", "Contrast",
       [](const IndividualData& d, const ScoreSlope& s) { return d.brain.signals[s.signal]; }},
      {"score", "Score",
       [](const IndividualData& d, const ScoreSlope& s) { return d.scores[s.score]; }},
      {"n", "Participants", NUMBER(double(s.slope.n))},
      {"slope", "Value per unit of the score, least squares", NUMBER(s.slope.estimate)},
      {"standard_error", "Of the slope", NUMBER(s.slope.standard_error)},
      {"t", "Slope over its standard error", NUMBER(s.slope.t)},
      {"dof", "Degrees of freedom of t", NUMBER(s.slope.dof)},
      {"p", "Two-sided p of t", NUMBER(s.slope.p)},
      {"lower", "Lower end of the slope's interval", NUMBER(s.slope.lower)},
      {"upper", "Upper end", NUMBER(s.slope.upper)},
      {"p_holm", "p after Holm over all rows", NUMBER(s.slope.p_holm)},
      {"p_permutation", "Permutation p of t (Freedman-Lane)", NUMBER(s.slope.p_permutation)},
      {"bf10", "JZS Bayes factor of the model with against the model without the score",
       NUMBER(std::exp(s.slope.log_bf10))},
      {"standardised", "Slope in standard deviations of value and score", NUMBER(s.standardised)},
      {"standardised_lower", "Lower end of its interval, by the same factor",
       NUMBER(s.standardised_lower)},
      {"standardised_upper", "Upper end", NUMBER(s.standardised_upper)},
      {"pearson_r", "Correlation; partial beside covariates or other scores", NUMBER(s.pearson.r)},
      {"pearson_lower", "Lower end of its interval (Fisher's z)", NUMBER(s.pearson.lower)},
      {"pearson_upper", "Upper end", NUMBER(s.pearson.upper)},
      {"spearman_rho", "Rank correlation; partial likewise", NUMBER(s.spearman.r)},
      {"spearman_lower", "Lower end of its interval (Bonett & Wright)", NUMBER(s.spearman.lower)},
      {"spearman_upper", "Upper end", NUMBER(s.spearman.upper)},
      {"spearman_p", "Asymptotic p (t)", NUMBER(s.spearman.p)},
      {"robust_slope", "Huber's M-estimate, tuning 1.345", NUMBER(s.robust.slope)},
      {"robust_standard_error", "Of it", NUMBER(s.robust.standard_error)},
      {"robust_t", "Robust slope over its standard error", NUMBER(s.robust.t)},
      {"robust_p", "p by t with the same degrees of freedom", NUMBER(s.robust.p)},
      {"robust_lower", "Lower end of its interval", NUMBER(s.robust.lower)},
      {"robust_upper", "Upper end", NUMBER(s.robust.upper)},
      {"left_out_r", "r of observed values and those predicted from all other participants",
       NUMBER(s.prediction.r)},
      {"left_out_q2", "1 - squared errors over those of the model without the score",
       NUMBER(s.prediction.q2)},
      {"left_out_r_p", "One-sided permutation p of left_out_r", NUMBER(s.prediction.p_r)},
      {"left_out_q2_p", "One-sided permutation p of left_out_q2", NUMBER(s.prediction.p_q2)},
      {"mean", "Mean of the signal over participants", NUMBER(s.mean.estimate)},
      {"mean_t", "t of the mean", NUMBER(s.mean.t)},
      {"mean_p", "p of the mean", NUMBER(s.mean.p)},
      {"finding", "Of the slope, by p_holm and Bayes factor: positive, negative, absent, undecided",
       [](const IndividualData&, const ScoreSlope& s) { return to_string(s.finding); }},
  };
  return columns;
}

const std::vector<DifferenceColumn>& difference_columns() {
  using D = IndividualData;
  using S = SlopeDifference;
  static const std::vector<DifferenceColumn> columns = {
      {"compared", "signals (one score), regions (one signal and score) or scores",
       [](const D&, const S& s) { return to_string(s.contrast); }},
      {"region", "Region of the first slope",
       [](const D& d, const S& s) { return d.brain.regions[s.region]; }},
      {"other_region", "Of the second",
       [](const D& d, const S& s) { return d.brain.regions[s.other_region]; }},
      {"signal", "Signal of the first slope",
       [](const D& d, const S& s) { return d.brain.signals[s.signal]; }},
      {"other_signal", "Of the second",
       [](const D& d, const S& s) { return d.brain.signals[s.other_signal]; }},
      {"score", "Score of the first slope",
       [](const D& d, const S& s) { return d.scores[s.score]; }},
      {"other_score", "Of the second",
       [](const D& d, const S& s) { return d.scores[s.other_score]; }},
      {"slope", "First slope, per standard deviation of the score, in the common unit",
       NUMBER(s.first)},
      {"other_slope", "Second slope, likewise", NUMBER(s.second)},
      {"difference", "First minus second", NUMBER(s.estimate)},
      {"standard_error", "Of the difference", NUMBER(s.standard_error)},
      {"t", "Difference over its standard error", NUMBER(s.t)},
      {"dof", "Degrees of freedom of t", NUMBER(s.dof)},
      {"p", "Two-sided p of t", NUMBER(s.p)},
      {"lower", "Lower end of the interval of the difference", NUMBER(s.lower)},
      {"upper", "Upper end", NUMBER(s.upper)},
      {"p_given_units", "p of the same in the units of the table, where both are asked for",
       NUMBER(s.p_other_unit)},
      {"p_claim", "The larger p of both; 1 where their directions differ", NUMBER(s.p_claim)},
      {"p_holm", "p_claim after Holm over the rows that compare the same", NUMBER(s.p_holm)},
      {"bf10", "JZS Bayes factor of a difference", NUMBER(std::exp(s.log_bf10))},
      {"finding", "By p_holm and Bayes factor: positive, negative, absent, undecided",
       [](const D&, const S& s) { return to_string(s.finding); }},
  };
  return columns;
}

#undef NUMBER

template <class T>
std::string table_of(const IndividualData& data, const std::vector<Column<T>>& columns,
                     const std::vector<T>& items) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  std::vector<std::vector<std::string>> rows;
  for (const auto& item : items) {
    rows.emplace_back();
    for (const auto& column : columns) rows.back().push_back(column.cell(data, item));
  }
  return to_tsv(names, rows);
}

/// Numbers as numbers: what a table has as text.
template <class T>
Json items_of(const IndividualData& data, const std::vector<Column<T>>& columns,
              const std::vector<T>& items) {
  Json all = Json::array();
  for (const auto& item : items) {
    Json one;
    for (const auto& column : columns) {
      const std::string text = column.cell(data, item);
      char* end = nullptr;
      const double number = std::strtod(text.c_str(), &end);
      if (text == "n/a")
        one[column.name] = nullptr;
      else if (!text.empty() && *end == '\0')
        one[column.name] = number;
      else
        one[column.name] = text;
    }
    all.push_back(one);
  }
  return all;
}

template <class T>
Json dictionary_of(const std::vector<Column<T>>& columns) {
  Json json;
  for (const auto& column : columns) json[column.name] = {{"Description", column.description}};
  return json;
}

Json choices_json(const IndividualRecord& record) {
  const IndividualOptions& o = record.options;
  const IndividualDifferences& result = record.result;
  Json json;
  json["Statistic"] = record.statistic;
  json["Model"] = o.together ? "each score beside the other scores" : "each score by itself";
  json["Covariates"] = record.data.covariates;
  json["Units"] = to_string(result.units);
  for (size_t s = 0; s < record.data.brain.signals.size(); ++s)
    json["UnitFactors"][record.data.brain.signals[s]] = result.factors[s];
  json["Alpha"] = o.alpha;
  json["BayesFactorNeeded"] = o.evidence;
  json["Level"] = o.tests.level;
  json["RegressionScale"] = o.tests.regression_scale;
  json["Correction"] = "Holm, over all slopes; over comparisons of a kind";
  json["Robust"] = "Huber's M-estimate, tuning 1.345, scale MAD / 0.6745";
  json["Spearman"] = "asymptotic p, interval of Bonett & Wright 2000";
  json["ComparisonOfScores"] = "HC3 covariance of both slopes over participants";
  json["Permutations"] = o.tests.permutations;
  json["PermutationScheme"] = "residuals of the model without the score (Freedman-Lane)";
  json["Seed"] = o.tests.seed;
  return json;
}

/// Points of the line of a slope in its picture.
constexpr Eigen::Index kLinePoints = 31;

Json scatter_json(const SlopeScatter& s) {
  const auto numbers = [](const Eigen::VectorXd& v) {
    return std::vector<double>(v.begin(), v.end());
  };
  return record_to_json(StoredScatter{numbers(s.score), numbers(s.value), numbers(s.at),
                                      numbers(s.line), numbers(s.lower), numbers(s.upper)});
}

Json record_json(const IndividualRecord& record, const Provenance& provenance) {
  const IndividualData& data = record.data;
  Json json;
  json["Summary"] = record.sentences;
  json["Regions"] = data.brain.regions;
  json["Signals"] = data.brain.signals;
  json["Scores"] = data.scores;
  json["Participants"] = data.brain.participants;
  json["LeftOut"] = record.left_out;
  append(json, choices_json(record));
  json["Slopes"] = items_of(data, slope_columns(), record.result.slopes);
  for (size_t k = 0; k < record.result.slopes.size(); ++k)
    json["Slopes"][k]["Scatter"] =
        scatter_json(scatter_of(data, record.options, record.result.slopes[k], kLinePoints));
  json["Comparisons"] = items_of(data, difference_columns(), record.result.differences);
  json["SlopeColumns"] = dictionary_of(slope_columns());
  json["SlopeColumns"]["Scatter"] = {
      {"Description",
       "Points of participants (values adjusted for covariates), fitted line and its band"}};
  json["ComparisonColumns"] = dictionary_of(difference_columns());
  json["Inputs"] = record_to_json(record.inputs);
  provenance.sign(json, RecordKind::individual);
  return json;
}

}  // namespace

void write_individual_differences(const IndividualRecord& record, const Provenance& provenance,
                                  const std::string& prefix, OutputSet& outputs) {
  outputs.write(prefix + "individual_slopes.tsv",
                table_of(record.data, slope_columns(), record.result.slopes));
  outputs.write(prefix + "individual_comparisons.tsv",
                table_of(record.data, difference_columns(), record.result.differences));
  outputs.write(prefix + "individual.json", to_text(record_json(record, provenance)));
}

}  // namespace sociometer
