#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/regions/dissociation_summary.hpp"
#include "cli/jobs/regions/roi_inputs.hpp"
#include "cli/jobs/regions/roi_voxelwise.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/configuration.hpp"
#include "cli/options/roi_test_options.hpp"
#include "engine/core/error.hpp"
#include "engine/roi/study_regions.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/bytes/output_set.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/provenance.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

/// What must stand beside every finding in rejection-related regions.
constexpr const char* kRejectionCaveat =
    "of 53 studies of exclusion (Mwilambwe-Tshilobo & Spreng 2021) no reliable activation of the "
    "dACC came out: that a region is called rejection-related does not say that rejection is what "
    "moves it";

struct DissociateArguments {
  TestArguments common;
  std::vector<std::string> regions, signals;
  std::string output, prefix, interval = "bca", units;
  DissociationOptions options;
  VoxelwiseArguments voxelwise;
};

/// One list of signals; several when each word is a list "x,y".
std::vector<std::vector<std::string>> signal_sets(const std::vector<std::string>& words) {
  const bool lists = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word.find(',') != std::string::npos;
  });
  std::vector<std::vector<std::string>> sets;
  if (!lists) sets.push_back(words);
  if (lists)
    for (const auto& word : words) sets.push_back(split_list(word));
  for (const auto& set : sets) {
    if (set.size() < 2)
      fail(ErrorCode::usage,
           "--signals needs two contrasts or more: X Y, or several sets as X,Y X,Z");
    for (const auto& signal : set)
      if (std::count(set.begin(), set.end(), signal) > 1)
        fail(ErrorCode::usage, "--signals names {} twice", signal);
  }
  return sets;
}

/// Participants that have every cell; those that do not are named.
DissociationData data_of(const ValueTable& table, const std::vector<std::string>& regions,
                         const std::vector<std::string>& signals) {
  DissociationData data{regions, signals, {}, {}};
  std::vector<Eigen::Index> columns, rows;
  for (const auto& region : regions)
    for (const auto& signal : signals) columns.push_back(table.find(region, signal));
  std::vector<std::string> left_out;
  for (Eigen::Index i = 0; i < table.values.rows(); ++i) {
    const std::string& participant = table.participants[size_t(i)];
    if (table.values(i, columns).allFinite()) {
      rows.push_back(i);
      data.participants.push_back(participant);
    } else {
      left_out.push_back(participant);
    }
  }
  if (!left_out.empty())
    warn(fmt::format("left out for want of a value in some region and signal: {}",
                     fmt::join(left_out, ", ")));
  data.cells = table.values(rows, columns);
  return data;
}

std::vector<SignalCollinearity> collinearity_of(const std::vector<RegionValue>& values,
                                                const DissociationData& data,
                                                const ValueTable& table) {
  std::vector<SignalCollinearity> out;
  for (size_t s = 0; s < data.signals.size(); ++s)
    for (size_t t = s + 1; t < data.signals.size(); ++t) {
      SignalCollinearity c;
      c.signal = data.signals[s];
      c.other = data.signals[t];
      double sum = 0;
      for (const auto& participant : data.participants) {
        double r = std::nan("");
        for (const auto& v : values) {
          if (v.unit.participant != participant || v.unit.session != table.session) continue;
          const bool first = v.unit.contrast == c.signal, second = v.unit.contrast == c.other;
          if (!first && !second) continue;
          if (v.vif > c.largest_vif) c.largest_vif = v.vif;
          if (v.correlated_with == (first ? c.other : c.signal)) r = v.correlation;
        }
        if (std::isnan(r)) continue;
        ++c.n;
        sum += r;
        if (std::abs(r) <= std::abs(c.largest_r)) continue;
        c.largest_r = r;
        c.largest_r_in = participant;
      }
      if (c.n > 0) c.mean_r = sum / double(c.n);
      out.push_back(c);
    }
  return out;
}

/// The notes of the table's dictionary, of the built-in table, and the caveat of rejection regions.
std::map<std::string, std::string> notes_of(const std::string& path,
                                            const std::vector<std::string>& regions) {
  const auto in_table = region_facts_of(path);
  std::map<std::string, std::string> notes;
  for (const auto& region : regions) {
    std::string note, role;
    if (const auto found = in_table.find(region); found != in_table.end()) {
      note = found->second.note;
      role = found->second.role;
    }
    for (const auto& built_in : study_regions())
      if (built_in.name == region) {
        if (note.empty()) note = built_in.note;
        if (role.empty()) role = to_string(built_in.role);
      }
    std::string lower = region;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char ch) { return char(std::tolower(ch)); });
    const bool rejection = role == "rejection" || lower.find("reject") != std::string::npos ||
                           lower.find("dacc") != std::string::npos;
    if (rejection && note.find("Mwilambwe") == std::string::npos)
      note += (note.empty() ? "" : "; ") + std::string(kRejectionCaveat);
    if (!note.empty()) notes[region] = note;
  }
  return notes;
}

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
void add_verdict(Json& json, const PairOfRegions& pair, const SummaryContext& context) {
  const PairVerdict& v = pair.verdict;
  const DissociationData& d = context.scaled.data;
  const std::string &first = d.regions[pair.region], &second = d.regions[pair.other_region];
  const std::string signals[2] = {d.signals[pair.signal], d.signals[pair.other_signal]};
  json["Verdict"] = to_string(v.verdict);
  json["Sentence"] = verdict_sentence(pair, context);
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

Json analysis_json(const Dissociation& d, const SummaryContext& context,
                   const std::vector<std::string>& sentences) {
  const DissociationData& data = context.scaled.data;
  Json json;
  json["Summary"] = sentences;
  json["Regions"] = data.regions;
  json["Signals"] = data.signals;
  json["Participants"] = data.participants;
  json["Units"] = {{"Choice", to_string(context.scaled.units)},
                   {"Description", unit_text(context.scaled.units, context.statistic)}};
  for (size_t s = 0; s < data.signals.size(); ++s) {
    json["Units"]["Factors"][data.signals[s]] = context.scaled.factors[s];
    if (std::isfinite(context.regressor_sd[s]))
      json["Units"]["RegressorSD"][data.signals[s]] = context.regressor_sd[s];
  }
  json["Interaction"] = effect_json(d.anova.interaction);
  json["Interaction"]["pPermutation"] = d.interaction_p_permutation;
  json["RegionEffect"] = effect_json(d.anova.region);
  json["SignalEffect"] = effect_json(d.anova.signal);
  json["Cells"] = tests_json(d.cells);
  json["SimpleEffects"] = tests_json(d.simple);
  json["Interactions"] = tests_json(d.interactions);
  for (size_t i = 0; i < d.interactions.size(); ++i)
    add_verdict(json["Interactions"][i], d.pairs[i], context);
  json["Collinearity"] = Json::array();
  for (const auto& c : context.collinearity)
    if (c.n > 0)
      json["Collinearity"].push_back({{"Signals", {c.signal, c.other}},
                                      {"Participants", c.n},
                                      {"MeanCorrelation", c.mean_r},
                                      {"LargestCorrelation", c.largest_r},
                                      {"LargestCorrelationIn", c.largest_r_in},
                                      {"LargestVIF", c.largest_vif}});
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

Json common_json(const DissociateArguments& a, const DissociationOptions& o,
                 const ValueTable& table) {
  Json json;
  json["Statistic"] = table.statistic;
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
  json["Inputs"] =
      Json::array({{{"Path", a.common.table},
                    {"XXH3", input_file("", checksum_of_file(a.common.table)).checksum}}});
  json["Software"] = software_json();
  json["CommandLine"] = command_line();
  return json;
}

DissociationOptions checked(const DissociateArguments& a) {
  DissociationOptions o = a.options;
  o.tests = checked_options(a.common);
  o.interval = parse_bootstrap_interval(a.interval);
  if (!(o.rule.alpha > 0 && o.rule.alpha < 0.5))
    fail(ErrorCode::usage, "--alpha is {}; it must lie between 0 and .5", o.rule.alpha);
  if (!(o.rule.evidence > 1))
    fail(ErrorCode::usage, "--evidence is {}; a Bayes factor that supports is above 1",
         o.rule.evidence);
  if (!(o.rule.equivalence_d > 0))
    fail(ErrorCode::usage, "--equivalence is {}; it must be above 0 (inf: not asked for)",
         o.rule.equivalence_d);
  o.rule.cauchy_scale = o.tests.cauchy_scale;
  constexpr uint64_t kMostBootstraps = 10'000'000;
  if (o.bootstraps > kMostBootstraps)
    fail(ErrorCode::usage, "--bootstraps is {}; at most {}", o.bootstraps, kMostBootstraps);
  return o;
}

int run_dissociate(const DissociateArguments& a, const GlobalOptions& global) {
  const auto sets = signal_sets(a.signals);
  const std::string prefix = name_prefix(a.prefix);
  if (!a.voxelwise.maps.empty()) {
    if (!a.common.table.empty())
      fail(ErrorCode::usage, "give a table of region values or --maps, not both");
    if (!a.regions.empty() || !a.units.empty())
      fail(ErrorCode::usage, "{} goes with a table of region values, not with --maps",
           a.regions.empty() ? "--units" : "--regions");
    return dissociate_voxelwise(a.voxelwise, checked(a).rule, sets, prefix, a.output, global);
  }
  if (a.common.table.empty())
    fail(ErrorCode::usage, "give the table of `roi extract`, or --maps for the voxelwise analysis");
  if (!a.voxelwise.reference.empty() || !a.voxelwise.mask.empty() || a.voxelwise.negative)
    fail(ErrorCode::usage, "--reference, --mask and --negative go with --maps, not with a table");
  if (a.regions.size() < 2)
    fail(ErrorCode::usage, "--regions needs two regions or more; there are {}", a.regions.size());
  for (const auto& region : a.regions)
    if (std::count(a.regions.begin(), a.regions.end(), region) > 1)
      fail(ErrorCode::usage, "--regions names {} twice", region);
  const DissociationOptions options = checked(a);
  std::optional<SignalUnits> units;
  if (!a.units.empty()) units = parse_signal_units(a.units);
  const auto values = read_region_values(a.common.table);
  const ValueTable table = pivot(values, a.common.choice, a.common.table);
  require_effects(table, a.common.table);
  const auto notes = notes_of(a.common.table, a.regions);
  Json json = common_json(a, options, table);
  json["Notes"] = notes;
  json["Analyses"] = Json::array();
  std::vector<std::vector<std::string>> rows;
  std::string text;
  for (const auto& signals : sets) {
    const DissociationData data = data_of(table, a.regions, signals);
    const auto sds = regressor_sds(values, table, data.regions[0], data.signals, data.participants);
    const ScaledSignals scaled = in_comparable_units(data, sds, units ? &*units : nullptr);
    const Dissociation result = dissociate(scaled.data, options, global.threads());
    const SummaryContext context{scaled, options, collinearity_of(values, data, table),
                                 notes,  sds,     table.statistic};
    const auto sentences = dissociation_sentences(result, context);
    json["Analyses"].push_back(analysis_json(result, context, sentences));
    add_rows(fmt::format("{}", fmt::join(signals, ",")), result, rows);
    if (sets.size() > 1) text += fmt::format("Signals {}\n", fmt::join(signals, ", "));
    for (const auto& line : sentences) text += line + "\n";
  }
  std::vector<std::string> names{"signals", "kind",         "region", "other_region",
                                 "signal",  "other_signal", "finding"};
  names.insert(names.end(), test_columns().begin(), test_columns().end());
  names.insert(names.end(), {"bootstrap_lower", "bootstrap_upper"});
  OutputSet outputs(a.output, output_policy(global, "roi-dissociate", a.prefix));
  outputs.write(prefix + "dissociation.json", to_text(json));
  outputs.write(prefix + "dissociation.tsv", to_tsv(names, rows));
  outputs.write(prefix + "dissociation.txt", text);
  write_configuration(outputs, a.prefix);
  outputs.commit();
  fmt::print("{}", text);
  tell_written(a.output, a.prefix);
  return kDone;
}

}  // namespace

void add_roi_dissociate_command(CLI::App& roi, GlobalOptions& global, int& exit_code) {
  auto* c = roi.add_subcommand(
      "dissociate", "Which region follows which signal: region x signal analysis, also voxelwise");
  auto a = std::make_shared<DissociateArguments>();
  c->add_option("table", a->common.table, "roi_values.tsv of `roi extract`");
  c->add_option("--regions", a->regions, "Two regions or more");
  c->add_option("--signals", a->signals,
                "Two contrasts or more; several sets as X,Y X,Z (signed and unsigned forms)")
      ->required();
  add_test_options(*c, a->common);
  c->add_option("--interval", a->interval, "Bootstrap interval: bca or percentile")
      ->capture_default_str();
  c->add_option("--bootstraps", a->options.bootstraps, "Bootstrap replicates; 0: none")
      ->capture_default_str();
  c->add_option("--units", a->units,
                "Units in which signals are compared: regressor-sd (effect of one standard "
                "deviation of the regressor; default where the table has it), difference-sd "
                "(standard deviations of the regions' difference; default elsewhere), given");
  c->add_option("--alpha", a->options.rule.alpha, "p below which an effect counts as shown")
      ->capture_default_str();
  c->add_option("--equivalence", a->options.rule.equivalence_d,
                "Bound of the equivalence test of a zero, in standard deviations over "
                "participants; inf: not asked for")
      ->capture_default_str();
  c->add_option("--evidence", a->options.rule.evidence,
                "Bayes factor from which a zero counts as supported")
      ->capture_default_str();
  add_voxelwise_options(*c, a->voxelwise);
  c->add_option("--prefix", a->prefix, "Put before every file name");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer roi dissociate values/roi_values.tsv --regions ventralStriatum dACC "
      "\\\n    --signals outcome rank -o dissociation\n  sociometer roi dissociate --maps "
      "'maps/*/*_stat-effect_statmap.nii.gz' --signals outcome rank -o places");
  c->callback([a, &global, &exit_code] { exit_code = run_dissociate(*a, global); });
}

}  // namespace sociometer::cli
