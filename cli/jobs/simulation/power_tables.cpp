#include "cli/jobs/simulation/power_tables.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/provenance.hpp"
#include "io/records/simulation_settings.hpp"
#include "io/report/power_picture.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

struct PowerColumn {
  std::string name, description;
  double (*number)(const PowerInputs&, const PowerRow&);
};

const std::vector<PowerColumn>& setting_columns() {
  using I = PowerInputs;
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

Json assumptions_json(const PowerRequest& request, const PowerInputs& inputs) {
  const PowerAssumptions& a = inputs.plan.people;
  Json json;
  json["Note"] = "assumptions of the user, or defaults of sociometer: no estimates of any study";
  json["EffectUnit"] = inputs.plan.unit == EffectUnit::d
                           ? "d: mean over the SD of estimates over people"
                           : "percent signal change at the peak per SD of the regressor";
  json["OwnEffects"] = inputs.plan.effects;
  json["EffectRatio"] = a.effect_ratio;
  json["SharedEffects"] = {{"YInA", a.shared_effect[0]}, {"XInB", a.shared_effect[1]}};
  json["BetweenSD"] = a.between_sd;
  json["NoiseSD"] = json_of(a.noise_sd);
  json["NoiseAR1"] = request.noise_ar;
  json["NoiseCorrelation"] = a.noise_correlation;
  json["RegionCorrelation"] = a.region_correlation;
  json["SignalCorrelation"] = a.signal_correlation;
  json["ScoreCorrelation"] = a.score_correlation;
  json["OtherScoreCorrelation"] = a.other_score_correlation;
  return json;
}

Json rule_json(const PowerRequest& request, const PowerPlan& plan) {
  Json json;
  json["Alpha"] = plan.rule.alpha;
  json["BayesFactorNeeded"] = plan.rule.evidence;
  json["EquivalenceD"] =
      std::isinf(plan.rule.equivalence_d) ? Json("none asked for") : Json(plan.rule.equivalence_d);
  json["CauchyScale"] = plan.rule.cauchy_scale;
  json["SlopesTestedTogether"] = plan.slope_tests;
  json["Power"] = request.target;
  json["Studies"] = plan.studies;
  json["Seed"] = plan.seed;
  return json;
}

Json designs_json(const PowerInputs& inputs) {
  Json all = Json::array();
  for (const auto& design : inputs.designs) {
    const Eigen::Matrix2d error = design.mean_error();
    Json json;
    json["Runs"] = design.runs;
    json["TrialsPerRun"] = design.trials;
    json["ScansPerRun"] = design.scans;
    json["RegressorSD"] = {design.sd[0], design.sd[1]};
    json["ResponseHeight"] = design.height;
    json["VIF"] = {design.vif_x, design.vif_y};
    json["Correlation"] = design.correlation;
    json["ErrorSDPerPercentNoise"] = {std::sqrt(error(0, 0)), std::sqrt(error(1, 1))};
    all.push_back(json);
  }
  return all;
}

std::vector<std::string> cells_of(const PowerInputs& inputs, const PowerRow& row) {
  std::vector<std::string> cells;
  for (const auto& column : setting_columns())
    cells.push_back(format_number(column.number(inputs, row)));
  for (const auto& words : kClaimWords) cells.push_back(format_number(row.of(words.claim)));
  for (const auto& words : kClaimWords)
    cells.push_back(format_number(rate_error(row.of(words.claim), inputs.plan.studies)));
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

struct PanelWords {
  Claim claim;
  const char* title;
  bool any_effect;  ///< does not depend on the effect
};

constexpr std::array<PanelWords, 7> kPanelWords{{
    {Claim::double_dissociation, "Double dissociation", false},
    {Claim::selective, "Selective double dissociation", false},
    {Claim::single, "Single dissociation only", false},
    {Claim::interaction, "Region x signal interaction", false},
    {Claim::zeros, "Both zeros supported", true},
    {Claim::slope, "Slope on the score", true},
    {Claim::slopes_differ, "Two slopes differ", true},
}};

std::string caption_of(Claim claim, const PowerInputs& inputs) {
  const PowerAssumptions& a = inputs.plan.people;
  switch (claim) {
    case Claim::double_dissociation:
      return "A goes with X, B with Y";
    case Claim::selective:
      return "and neither with the other's";
    case Claim::single:
      return "one of the halves, with its zero";
    case Claim::interaction:
      return fmt::format("p < {:g}", inputs.plan.rule.alpha);
    case Claim::zeros:
      return fmt::format("Y in A, X in B: BF01 of {:g}{}", inputs.plan.rule.evidence,
                         std::isinf(inputs.plan.rule.equivalence_d) ? "" : ", equivalence");
    case Claim::slope:
      return fmt::format("true correlation {:g}", a.score_correlation);
    case Claim::slopes_differ:
      return fmt::format("true correlations {:g} (X), {:g} (Y)", a.score_correlation,
                         a.other_score_correlation);
    default:
      return "";
  }
}

PowerPanel panel_for(const PanelWords& words, const PowerInputs& inputs,
                     const std::vector<PowerRow>& rows, size_t design) {
  PowerPanel panel{words.title, caption_of(words.claim, inputs), {}};
  const size_t n_effects = inputs.plan.effects.size();
  // Shared effects are not scaled by d: nothing in these panels changes with the own effect.
  for (size_t e = 0; e < (words.any_effect ? 1 : n_effects); ++e) {
    PowerCurve curve{words.any_effect ? -1 : int(e), {}};
    for (const auto& row : rows)
      if (row.design == design && row.effect_index == e) curve.rate.push_back(row.of(words.claim));
    panel.curves.push_back(std::move(curve));
  }
  return panel;
}

/// The own effect, with d where it is the same in all designs.
std::vector<std::string> legend_of(const PowerInputs& inputs, const std::vector<PowerRow>& rows) {
  std::vector<std::string> legend;
  for (size_t e = 0; e < inputs.plan.effects.size(); ++e) {
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const PowerRow& r) { return r.effect_index == e; });
    std::string text = inputs.plan.unit == EffectUnit::d
                           ? fmt::format("d {:g}", inputs.plan.effects[e])
                           : fmt::format("{:g} %", inputs.plan.effects[e]);
    if (inputs.plan.unit == EffectUnit::percent && inputs.designs.size() == 1)
      text += fmt::format(" (d {:.2f} and {:.2f})", row->d[0], row->d[1]);
    else if (inputs.plan.people.effect_ratio != 1)
      text += fmt::format(" ({:g} times in B)", inputs.plan.people.effect_ratio);
    legend.push_back(text);
  }
  return legend;
}

}  // namespace

std::string power_tsv(const PowerInputs& inputs, const std::vector<PowerRow>& rows) {
  std::vector<std::string> names;
  for (const auto& column : setting_columns()) names.push_back(column.name);
  for (const char* prefix : {"p_", "se_"})
    for (const auto& words : kClaimWords) names.push_back(prefix + to_string(words.claim));
  std::vector<std::vector<std::string>> cells;
  for (const auto& row : rows) cells.push_back(cells_of(inputs, row));
  return to_tsv(names, cells);
}

Json power_json(const PowerRequest& request, const PowerInputs& inputs,
                const std::vector<PowerRow>& rows, const std::vector<std::string>& sentences) {
  Json json;
  json["Summary"] = sentences;
  json["Assumptions"] = assumptions_json(request, inputs);
  json["Rule"] = rule_json(request, inputs.plan);
  json["DesignSource"] = inputs.source;
  json["PeopleWithDesigns"] = inputs.n_people;
  json["Signals"] = {{"EventType", inputs.signals.event_type},
                     {"X", inputs.signals.columns[0]},
                     {"Y", inputs.signals.columns[1]}};
  json["Designs"] = designs_json(inputs);
  json["Columns"] = columns_json();
  json["Rows"] = Json::array();
  for (const auto& row : rows) {
    Json one;
    for (const auto& column : setting_columns()) one[column.name] = column.number(inputs, row);
    for (const auto& words : kClaimWords) one["p_" + to_string(words.claim)] = row.of(words.claim);
    json["Rows"].push_back(one);
  }
  if (request.events.empty()) {
    json["Settings"] = to_json(inputs.settings);
    json["Settings"]["learning"] = to_json(inputs.learning);
  }
  json["Inputs"] = Json::array();
  for (const auto& file : inputs.files)
    json["Inputs"].push_back({{"Path", file.path}, {"XXH3", file.checksum}});
  json["Software"] = software_json();
  json["CommandLine"] = command_line();
  return json;
}

void draw_power_of(const PowerRequest& request, const PowerInputs& inputs,
                   const std::vector<PowerRow>& rows, const std::string& path) {
  std::vector<PowerBlock> blocks;
  for (size_t d = 0; d < inputs.designs.size(); ++d) {
    const StudyDesigns& design = inputs.designs[d];
    PowerBlock block;
    block.title = fmt::format("{:.4g} trials in each of {:.3g} run(s)", design.trials, design.runs);
    for (const auto& words : kPanelWords) block.panels.push_back(panel_for(words, inputs, rows, d));
    blocks.push_back(std::move(block));
  }
  std::vector<double> participants(inputs.plan.participants.begin(),
                                   inputs.plan.participants.end());
  draw_power(fmt::format("Power of each claim: X = {}, Y = {}", inputs.signals.columns[0],
                         inputs.signals.columns[1]),
             participants, legend_of(inputs, rows), "Own effect per SD of the signal",
             request.target, blocks, path);
}

}  // namespace sociometer::cli
