#include "io/records/dissociation.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "io/records/dissociation_record.hpp"
#include "io/records/signed_record.hpp"
#include "io/records/table_rows.hpp"

namespace sociometer {
namespace {

std::string about(const NamedTest& t) {
  const std::string signals =
      t.other_signal.empty() ? t.signal : "(" + t.signal + " - " + t.other_signal + ")";
  return t.other_region.empty() ? signals + " in " + t.region
                                : signals + " in " + t.region + " - " + t.other_region;
}

std::vector<DissociationTest> test_records(const std::vector<NamedTest>& tests) {
  const auto given = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  std::vector<DissociationTest> all;
  for (const auto& t : tests)
    all.push_back({about(t),
                   t.region,
                   given(t.other_region),
                   t.signal,
                   given(t.other_signal),
                   to_string(t.finding),
                   figures_of(t.test),
                   {t.bootstrap.lower, t.bootstrap.upper}});
  return all;
}

WithinEffectRecord effect_record(const WithinEffect& e) {
  return {
      e.f, e.dof, e.error_dof, e.p, e.partial_eta2, e.greenhouse_geisser, e.p_greenhouse_geisser,
      {}};
}

MeanFiguresRecord figures_record(const MeanFigures& f) {
  return {f.n, f.mean, f.t, f.p, std::exp(f.log_bf10), f.p_equivalence};
}

/// The tests that a verdict rests on, by what they are about.
ByName<MeanFiguresRecord> verdict_tests(const PairOfRegions& pair, const DissociationData& d) {
  const std::string regions[2] = {d.regions[pair.region], d.regions[pair.other_region]},
                    signals[2] = {d.signals[pair.signal], d.signals[pair.other_signal]};
  ByName<MeanFiguresRecord> tests;
  for (size_t s : {0, 1}) {
    for (size_t r : {0, 1})
      tests.emplace_back(signals[s] + " in " + regions[r], figures_record(pair.figures.cell[r][s]));
    tests.emplace_back(fmt::format("{} in {} - {}", signals[s], regions[0], regions[1]),
                       figures_record(pair.figures.difference[s]));
  }
  tests.emplace_back("ratio of the signals", figures_record(pair.figures.kind));
  return tests;
}

/// What is reported of a pair.
VerdictRecord verdict_record(const PairOfRegions& pair, const std::string& sentence,
                             const DissociationData& d) {
  const PairVerdict& v = pair.verdict;
  const std::string &first = d.regions[pair.region], &second = d.regions[pair.other_region];
  const std::string signals[2] = {d.signals[pair.signal], d.signals[pair.other_signal]};
  VerdictRecord record;
  record.verdict = to_string(v.verdict);
  record.sentence = sentence;
  record.claim = {{first, signals[v.signal_of_first]}, {second, signals[1 - v.signal_of_first]}};
  record.p_crossover = v.p_crossover;
  record.p_claim = v.p;
  record.p_claim_holm = v.p_holm;
  record.zero_supported = {{first, v.first_zero}, {second, v.second_zero}};
  for (const auto& single : v.singles)
    record.singles.push_back(
        {single.region == 0 ? first : second, signals[single.signal], single.p});
  record.only_gain = v.only_gain;
  if (v.both_differences_shown) record.sign_holds.value = v.crosses;
  return record;
}

StoredUnits units_record(const SignalSetRecord& set) {
  StoredUnits units{to_string(set.scaled.units), set.unit, {}, {}};
  const auto& signals = set.scaled.data.signals;
  ByName<double> regressor_sd;
  for (size_t s = 0; s < signals.size(); ++s) {
    units.factors.emplace_back(signals[s], set.scaled.factors[s]);
    if (std::isfinite(set.regressor_sd[s]))
      regressor_sd.emplace_back(signals[s], set.regressor_sd[s]);
  }
  if (!regressor_sd.empty()) units.regressor_sd = std::move(regressor_sd);
  return units;
}

std::vector<CollinearityRecord> collinearity_records(const std::vector<SignalCollinearity>& all) {
  std::vector<CollinearityRecord> records;
  for (const auto& c : all)
    if (c.n > 0)
      records.push_back(
          {{c.signal, c.other}, c.n, c.mean_r, c.largest_r, c.largest_r_in, c.largest_vif});
  return records;
}

StoredAnalysis analysis_record(const SignalSetRecord& set) {
  const Dissociation& d = set.result;
  const DissociationData& data = set.scaled.data;
  StoredAnalysis analysis;
  analysis.subject = {set.sentences, data.regions, data.signals, data.participants};
  analysis.cells = test_records(d.cells);
  analysis.simple_effects = test_records(d.simple);
  const std::vector<DissociationTest> tests = test_records(d.interactions);
  for (size_t i = 0; i < tests.size(); ++i)
    analysis.interactions.push_back({tests[i], verdict_record(d.pairs[i], set.verdicts[i], data),
                                     verdict_tests(d.pairs[i], data)});
  if (d.shuffles > 0) {
    analysis.shuffles = d.shuffles;
    analysis.exhaustive = d.exhaustive;
  }
  analysis.units = units_record(set);
  analysis.interaction = effect_record(d.anova.interaction);
  analysis.interaction.p_permutation = d.interaction_p_permutation;
  analysis.region_effect = effect_record(d.anova.region);
  analysis.signal_effect = effect_record(d.anova.signal);
  analysis.collinearity = collinearity_records(set.collinearity);
  return analysis;
}

void add_rows(const std::string& set, const Dissociation& d, std::vector<DissociationRow>& rows) {
  const auto add = [&](const char* kind, const std::vector<NamedTest>& tests) {
    const auto text = [](const std::string& s) { return s.empty() ? std::string("n/a") : s; };
    for (const auto& t : tests)
      rows.push_back({set, kind, t.region, text(t.other_region), t.signal, text(t.other_signal),
                      to_string(t.finding), figures_of(t.test), t.bootstrap.lower,
                      t.bootstrap.upper});
  };
  add("cell", d.cells);
  add("simple", d.simple);
  add("interaction", d.interactions);
}

StoredDissociation stored(const DissociationRecord& record) {
  const DissociationOptions& o = record.options;
  StoredDissociation out;
  out.statistic = record.statistic;
  out.alpha = o.rule.alpha;
  out.bayes_factor_needed = o.rule.evidence;
  out.equivalence = {finite_or_null(o.rule.equivalence_d), "standard deviations over participants"};
  out.level = o.tests.level;
  out.cauchy_scale = o.tests.cauchy_scale;
  out.permutations = o.tests.permutations;
  out.permutation_scheme = "sign flips of participants";
  out.bootstrap = {to_string(o.interval), o.bootstraps};
  out.seed = o.tests.seed;
  out.inputs = record.inputs;
  out.notes = {record.notes.begin(), record.notes.end()};
  for (const auto& set : record.sets) out.analyses.push_back(analysis_record(set));
  return out;
}

}  // namespace

void write_dissociation(const DissociationRecord& record, const Provenance& provenance,
                        const std::string& prefix, OutputSet& outputs) {
  std::vector<DissociationRow> rows;
  for (const auto& set : record.sets)
    add_rows(fmt::format("{}", fmt::join(set.scaled.data.signals, ",")), set.result, rows);
  outputs.write(prefix + "dissociation.json", signed_text(stored(record), provenance));
  outputs.write(prefix + "dissociation.tsv", table_of(rows));
}

}  // namespace sociometer
