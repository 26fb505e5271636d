#include "io/records/dissociation.hpp"

#include <cmath>

#include <fmt/format.h>

#include "io/records/region_tests.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

std::string about(const NamedTest& t) {
  const std::string signals =
      t.other_signal.empty() ? t.signal : "(" + t.signal + " - " + t.other_signal + ")";
  return t.other_region.empty() ? signals + " in " + t.region
                                : signals + " in " + t.region + " - " + t.other_region;
}

Json tests_json(const std::vector<NamedTest>& tests) {
  Json all = Json::array();
  for (const auto& t : tests) {
    Json json{{"About", about(t)}, {"Region", t.region}};
    if (!t.other_region.empty()) json["OtherRegion"] = t.other_region;
    json["Signal"] = t.signal;
    if (!t.other_signal.empty()) json["OtherSignal"] = t.other_signal;
    json["Finding"] = to_string(t.finding);
    json["Test"] = test_json(t.test);
    json["Bootstrap"] = {t.bootstrap.lower, t.bootstrap.upper};
    all.push_back(json);
  }
  return all;
}

Json effect_json(const WithinEffect& e) {
  return {{"F", e.f},
          {"DegreesOfFreedom", e.dof},
          {"ErrorDegreesOfFreedom", e.error_dof},
          {"p", e.p},
          {"PartialEta2", e.partial_eta2},
          {"GreenhouseGeisserEpsilon", e.greenhouse_geisser},
          {"pGreenhouseGeisser", e.p_greenhouse_geisser}};
}

Json figures_json(const MeanFigures& f) {
  return {{"n", f.n},
          {"mean", f.mean},
          {"t", f.t},
          {"p", f.p},
          {"bf10", std::exp(f.log_bf10)},
          {"p_equivalence", f.p_equivalence}};
}

/// The tests that a verdict rests on, by what they are about.
Json verdict_tests_json(const PairOfRegions& pair, const DissociationData& d) {
  const std::string regions[2] = {d.regions[pair.region], d.regions[pair.other_region]},
                    signals[2] = {d.signals[pair.signal], d.signals[pair.other_signal]};
  Json tests;
  for (size_t s : {0, 1}) {
    for (size_t r : {0, 1})
      tests[signals[s] + " in " + regions[r]] = figures_json(pair.figures.cell[r][s]);
    tests[fmt::format("{} in {} - {}", signals[s], regions[0], regions[1])] =
        figures_json(pair.figures.difference[s]);
  }
  tests["ratio of the signals"] = figures_json(pair.figures.kind);
  return tests;
}

/// What is said of a pair, and on what it rests.
void add_verdict(Json& json, const PairOfRegions& pair, const std::string& sentence,
                 const DissociationData& d) {
  const PairVerdict& v = pair.verdict;
  const std::string &first = d.regions[pair.region], &second = d.regions[pair.other_region];
  const std::string signals[2] = {d.signals[pair.signal], d.signals[pair.other_signal]};
  json["Verdict"] = to_string(v.verdict);
  json["Sentence"] = sentence;
  json["Claim"] = {{first, signals[v.signal_of_first]}, {second, signals[1 - v.signal_of_first]}};
  json["pCrossover"] = v.p_crossover;
  json["pClaim"] = v.p;
  json["pClaimHolm"] = v.p_holm;
  json["ZeroSupported"] = {{first, v.first_zero}, {second, v.second_zero}};
  json["SingleDissociations"] = Json::array();
  for (const auto& single : v.singles)
    json["SingleDissociations"].push_back({{"Region", single.region == 0 ? first : second},
                                           {"Signal", signals[single.signal]},
                                           {"p", single.p}});
  json["DifferOnlyInGain"] = v.only_gain;
  json["SignHoldsInAnyUnits"] =
      v.both_differences_shown ? Json(v.crosses) : Json(nullptr);  // null: not known
  json["VerdictTests"] = verdict_tests_json(pair, d);
}

Json units_json(const SignalSetRecord& set) {
  Json json{{"Choice", to_string(set.scaled.units)}, {"Description", set.unit}};
  const auto& signals = set.scaled.data.signals;
  for (size_t s = 0; s < signals.size(); ++s) {
    json["Factors"][signals[s]] = set.scaled.factors[s];
    if (std::isfinite(set.regressor_sd[s])) json["RegressorSD"][signals[s]] = set.regressor_sd[s];
  }
  return json;
}

Json collinearity_json(const std::vector<SignalCollinearity>& all) {
  Json json = Json::array();
  for (const auto& c : all)
    if (c.n > 0)
      json.push_back({{"Signals", {c.signal, c.other}},
                      {"Participants", c.n},
                      {"MeanCorrelation", c.mean_r},
                      {"LargestCorrelation", c.largest_r},
                      {"LargestCorrelationIn", c.largest_r_in},
                      {"LargestVIF", c.largest_vif}});
  return json;
}

Json analysis_json(const SignalSetRecord& set) {
  const Dissociation& d = set.result;
  const DissociationData& data = set.scaled.data;
  Json json;
  json["Summary"] = set.sentences;
  json["Regions"] = data.regions;
  json["Signals"] = data.signals;
  json["Participants"] = data.participants;
  json["Units"] = units_json(set);
  json["Interaction"] = effect_json(d.anova.interaction);
  json["Interaction"]["pPermutation"] = d.interaction_p_permutation;
  json["RegionEffect"] = effect_json(d.anova.region);
  json["SignalEffect"] = effect_json(d.anova.signal);
  json["Cells"] = tests_json(d.cells);
  json["SimpleEffects"] = tests_json(d.simple);
  json["Interactions"] = tests_json(d.interactions);
  for (size_t i = 0; i < d.interactions.size(); ++i)
    add_verdict(json["Interactions"][i], d.pairs[i], set.verdicts[i], data);
  json["Collinearity"] = collinearity_json(set.collinearity);
  return json;
}

void add_rows(const std::string& set, const Dissociation& d,
              std::vector<std::vector<std::string>>& rows) {
  const auto add = [&](const char* kind, const std::vector<NamedTest>& tests) {
    for (const auto& t : tests) {
      const auto text = [](const std::string& s) { return s.empty() ? std::string("n/a") : s; };
      std::vector<std::string> row{set,
                                   kind,
                                   t.region,
                                   text(t.other_region),
                                   t.signal,
                                   text(t.other_signal),
                                   to_string(t.finding)};
      const auto cells = test_cells(t.test);
      row.insert(row.end(), cells.begin(), cells.end());
      row.push_back(format_number(t.bootstrap.lower));
      row.push_back(format_number(t.bootstrap.upper));
      rows.push_back(row);
    }
  };
  add("cell", d.cells);
  add("simple", d.simple);
  add("interaction", d.interactions);
}

Json record_json(const DissociationRecord& record, const Provenance& provenance) {
  const DissociationOptions& o = record.options;
  Json json;
  json["Statistic"] = record.statistic;
  json["Alpha"] = o.rule.alpha;
  json["BayesFactorNeeded"] = o.rule.evidence;
  json["EquivalenceBound"] = {
      {"Value", std::isinf(o.rule.equivalence_d) ? Json(nullptr) : Json(o.rule.equivalence_d)},
      {"Units", "standard deviations over participants"}};
  json["Level"] = o.tests.level;
  json["CauchyScale"] = o.tests.cauchy_scale;
  json["Permutations"] = o.tests.permutations;
  json["PermutationScheme"] = "sign flips of participants";
  json["Bootstrap"] = {{"Interval", to_string(o.interval)}, {"Replicates", o.bootstraps}};
  json["Seed"] = o.tests.seed;
  json["Inputs"] = Json::array({{{"Path", record.table.path}, {"XXH3", record.table.checksum}}});
  provenance.sign(json);
  json["Notes"] = record.notes;
  json["Analyses"] = Json::array();
  for (const auto& set : record.sets) json["Analyses"].push_back(analysis_json(set));
  return json;
}

}  // namespace

void write_dissociation(const DissociationRecord& record, const Provenance& provenance,
                        const std::string& prefix, OutputSet& outputs) {
  std::vector<std::string> names{"signals", "kind",         "region", "other_region",
                                 "signal",  "other_signal", "finding"};
  names.insert(names.end(), test_columns().begin(), test_columns().end());
  names.insert(names.end(), {"bootstrap_lower", "bootstrap_upper"});
  std::vector<std::vector<std::string>> rows;
  for (const auto& set : record.sets)
    add_rows(fmt::format("{}", fmt::join(set.scaled.data.signals, ",")), set.result, rows);
  outputs.write(prefix + "dissociation.json", to_text(record_json(record, provenance)));
  outputs.write(prefix + "dissociation.tsv", to_tsv(names, rows));
}

}  // namespace sociometer
