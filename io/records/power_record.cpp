#include "io/records/power_record.hpp"

#include <array>
#include <cmath>

#include "io/records/stored_power.hpp"
#include "io/records/truth_records.hpp"
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

constexpr const char* kNoBound = "none asked for";

std::array<double, 2> pair_of(const Eigen::Vector2d& v) { return {v[0], v[1]}; }

StoredAssumptions assumptions_of(const PowerRecord& record) {
  const PowerAssumptions& a = record.plan.people;
  StoredAssumptions out;
  out.note = "assumptions of the user, or defaults of sociometer: no estimates of any study";
  out.effect_unit = record.plan.unit == EffectUnit::d
                        ? "d: mean over the SD of estimates over people"
                        : "percent signal change at the peak per SD of the regressor";
  out.own_effects = record.plan.effects;
  out.effect_ratio = a.effect_ratio;
  out.shared = {a.shared_effect[0], a.shared_effect[1]};
  out.between_sd = a.between_sd;
  out.noise_sd = a.noise_sd;
  out.noise_ar = record.noise_ar;
  out.noise_correlation = a.noise_correlation;
  out.region_correlation = a.region_correlation;
  out.signal_correlation = a.signal_correlation;
  out.score_correlation = a.score_correlation;
  out.other_score_correlation = a.other_score_correlation;
  return out;
}

std::vector<StoredPowerDesign> designs_of(const PowerRecord& record) {
  std::vector<StoredPowerDesign> all;
  for (const auto& design : record.designs)
    all.push_back({design.runs,
                   design.trials,
                   design.scans,
                   pair_of(design.sd),
                   design.height,
                   {design.vif_x, design.vif_y},
                   design.correlation,
                   pair_of(design.error_sd())});
  return all;
}

/// What the columns of power.tsv mean; se_* are all errors.
ByName<ColumnWords> columns_of_table() {
  ByName<ColumnWords> columns;
  const auto add = [&](const std::string& name, const std::string& description) {
    columns.emplace_back(name, ColumnWords{description, {}, {}});
  };
  for (const auto& column : setting_columns()) add(column.name, column.description);
  for (const auto& words : kClaimWords)
    add("p_" + to_string(words.claim), std::string("Share of studies: ") + words.description);
  add("se_*",
      "Monte-Carlo standard error of p_*; where p is 0 or 1 the 95 % limit is 3 over the number of "
      "studies away");
  return columns;
}

StoredPower stored(const PowerRecord& record) {
  const PowerPlan& plan = record.plan;
  StoredPower out;
  out.sentences = power_sentences(record);
  out.assumptions = assumptions_of(record);
  out.rule = {plan.rule.alpha,        plan.rule.evidence, {plan.rule.equivalence_d},
              plan.rule.cauchy_scale, plan.slope_tests,   record.target,
              plan.studies,           plan.seed};
  out.design_source = record.source == DesignSource::game ? "simulated game" : "events tables";
  out.people = record.n_people;
  out.signals = {record.signals.event_type, record.signals.columns[0], record.signals.columns[1]};
  out.designs = designs_of(record);
  out.columns = columns_of_table();
  for (const auto& row : record.rows) {
    out.rows.emplace_back();
    for (const auto& column : setting_columns())
      out.rows.back().emplace_back(column.name, column.number(record, row));
    for (const auto& words : kClaimWords)
      out.rows.back().emplace_back("p_" + to_string(words.claim), row.of(words.claim));
  }
  if (record.source == DesignSource::game)
    out.settings = TruthSettings::to_json({record.game.settings, record.game.learning});
  out.inputs = record.files;
  return out;
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

Json StoredBound::to_json(const StoredBound& bound) {
  return std::isinf(bound.d) ? Json(kNoBound) : Json(bound.d);
}

StoredBound StoredBound::from_json(const Json& json, const RecordPlace& place) {
  if (json == kNoBound) return {INFINITY};
  StoredBound bound;
  read_value(json, bound.d, place);
  return bound;
}

Json to_json(const PowerRecord& record) {
  Json json = record_to_json(stored(record));
  record.provenance.sign(json, StoredPower::kKind);
  return json;
}

}  // namespace sociometer
