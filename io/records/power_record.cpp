#include "io/records/power_record.hpp"

#include <array>
#include <cmath>

#include "io/records/learning_settings.hpp"
#include "io/records/simulation_settings.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

struct PowerColumn {
  std::string name, description;
  double (*number)(const PowerRecord&, const PowerRow&);
};

const std::vector<PowerColumn>& setting_columns() {
  using I = PowerRecord;
  using R = PowerRow;
  static const std::vector<PowerColumn> columns = {
      {"runs", "Runs of a person", [](const I& i, const R& r) { return i.designs[r.design].runs; }},
      {"trials", "Trials per run",
       [](const I& i, const R& r) { return i.designs[r.design].trials; }},
      {"participants", "People in a study",
       [](const I&, const R& r) { return double(r.participants); }},
      {"effect_a", "Mean effect of X in A, percent signal change per SD of the regressor",
       [](const I&, const R& r) { return r.effect[0]; }},
      {"effect_b", "Mean effect of Y in B", [](const I&, const R& r) { return r.effect[1]; }},
      {"d_a", "effect_a over the SD of its estimates over people",
       [](const I&, const R& r) { return r.d[0]; }},
      {"d_b", "effect_b likewise", [](const I&, const R& r) { return r.d[1]; }},
      {"reliability_a", "Variance of true effects of X in A over that of their estimates",
       [](const I&, const R& r) { return r.reliability[0]; }},
      {"reliability_b", "Of Y in B", [](const I&, const R& r) { return r.reliability[1]; }},
  };
  return columns;
}

struct ClaimWords {
  Claim claim;
  const char* description;
};

constexpr std::array<ClaimWords, kClaims> kClaimWords{{
    {Claim::double_dissociation, "A goes with X and B with Y; selective ones included"},
    {Claim::selective, "and both zeros are supported"},
    {Claim::single, "verdict: single dissociation"},
    {Claim::alike, "verdict: alike"},
    {Claim::open, "verdict: open"},
    {Claim::reversed, "double dissociation the other way round"},
    {Claim::zeros, "both other-signal effects supported as zero, whatever the verdict"},
    {Claim::interaction, "region x signal interaction, p < alpha"},
    {Claim::slope, "slope of X in A on the score, in the direction assumed"},
    {Claim::slopes_differ, "slopes of X and of Y in A on the score differ, as assumed"},
}};

Json json_of(const std::array<double, 2>& pair) { return Json::array({pair[0], pair[1]}); }

Json assumptions_json(const PowerRecord& record) {
  const PowerAssumptions& a = record.plan.people;
  Json json;
  json["Note"] = "assumptions of the user, or defaults of sociometer: no estimates of any study";
  json["EffectUnit"] = record.plan.unit == EffectUnit::d
                           ? "d: mean over the SD of estimates over people"
                           : "percent signal change at the peak per SD of the regressor";
  json["OwnEffects"] = record.plan.effects;
  json["EffectRatio"] = a.effect_ratio;
  json["SharedEffects"] = {{"YInA", a.shared_effect[0]}, {"XInB", a.shared_effect[1]}};
  json["BetweenSD"] = a.between_sd;
  json["NoiseSD"] = json_of(a.noise_sd);
  json["NoiseAR1"] = record.noise_ar;
  json["NoiseCorrelation"] = a.noise_correlation;
  json["RegionCorrelation"] = a.region_correlation;
  json["SignalCorrelation"] = a.signal_correlation;
  json["ScoreCorrelation"] = a.score_correlation;
  json["OtherScoreCorrelation"] = a.other_score_correlation;
  return json;
}

Json rule_json(const PowerRecord& record) {
  const PowerPlan& plan = record.plan;
  Json json;
  json["Alpha"] = plan.rule.alpha;
  json["BayesFactorNeeded"] = plan.rule.evidence;
  json["EquivalenceD"] =
      std::isinf(plan.rule.equivalence_d) ? Json("none asked for") : Json(plan.rule.equivalence_d);
  json["CauchyScale"] = plan.rule.cauchy_scale;
  json["SlopesTestedTogether"] = plan.slope_tests;
  json["Power"] = record.target;
  json["Studies"] = plan.studies;
  json["Seed"] = plan.seed;
  return json;
}

Json designs_json(const PowerRecord& record) {
  Json all = Json::array();
  for (const auto& design : record.designs) {
    const Eigen::Vector2d error_sd = design.error_sd();
    Json json;
    json["Runs"] = design.runs;
    json["TrialsPerRun"] = design.trials;
    json["ScansPerRun"] = design.scans;
    json["RegressorSD"] = {design.sd[0], design.sd[1]};
    json["ResponseHeight"] = design.height;
    json["VIF"] = {design.vif_x, design.vif_y};
    json["Correlation"] = design.correlation;
    json["ErrorSDPerPercentNoise"] = {error_sd[0], error_sd[1]};
    all.push_back(json);
  }
  return all;
}

std::vector<std::string> cells_of(const PowerRecord& record, const PowerRow& row) {
  std::vector<std::string> cells;
  for (const auto& column : setting_columns())
    cells.push_back(format_number(column.number(record, row)));
  for (const auto& words : kClaimWords) cells.push_back(format_number(row.of(words.claim)));
  for (const auto& words : kClaimWords)
    cells.push_back(format_number(rate_error(row.of(words.claim), record.plan.studies)));
  return cells;
}

Json columns_json() {
  Json json;
  for (const auto& column : setting_columns())
    json[column.name] = {{"Description", column.description}};
  for (const auto& words : kClaimWords)
    json["p_" + to_string(words.claim)] = {
        {"Description", std::string("Share of studies: ") + words.description}};
  json["se_*"] = {{"Description",
                   "Monte-Carlo standard error of p_*; where p is 0 or 1 the 95 % limit is 3 over "
                   "the number of studies away"}};
  return json;
}

}  // namespace

std::string power_tsv(const PowerRecord& record) {
  std::vector<std::string> names;
  for (const auto& column : setting_columns()) names.push_back(column.name);
  for (const char* prefix : {"p_", "se_"})
    for (const auto& words : kClaimWords) names.push_back(prefix + to_string(words.claim));
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : record.rows) cells.push_back(cells_of(record, row));
  return to_tsv(names, cells);
}

Json to_json(const PowerRecord& record) {
  Json json;
  json["Summary"] = power_sentences(record);
  json["Assumptions"] = assumptions_json(record);
  json["Rule"] = rule_json(record);
  json["DesignSource"] = record.source == DesignSource::game ? "simulated game" : "events tables";
  json["PeopleWithDesigns"] = record.n_people;
  json["Signals"] = {{"EventType", record.signals.event_type},
                     {"X", record.signals.columns[0]},
                     {"Y", record.signals.columns[1]}};
  json["Designs"] = designs_json(record);
  json["Columns"] = columns_json();
  json["Rows"] = Json::array();
  for (const auto& row : record.rows) {
    Json one;
    for (const auto& column : setting_columns()) one[column.name] = column.number(record, row);
    for (const auto& words : kClaimWords) one["p_" + to_string(words.claim)] = row.of(words.claim);
    json["Rows"].push_back(one);
  }
  if (record.source == DesignSource::game) {
    json["Settings"] = to_json(record.game.settings);
    json["Settings"]["learning"] = to_json(record.game.learning);
  }
  json["Inputs"] = Json::array();
  for (const auto& file : record.files)
    json["Inputs"].push_back({{"Path", file.path}, {"XXH3", file.checksum}});
  record.provenance.sign(json);
  return json;
}

}  // namespace sociometer
