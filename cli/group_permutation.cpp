#include "cli/group_permutation.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "cli/group_maps.hpp"
#include "cli/log.hpp"
#include "engine/core/error.hpp"
#include "engine/stats/distributions.hpp"
#include "io/table.hpp"

namespace sociometer::cli {
namespace {

constexpr uint64_t kChunk = 1024;  ///< shuffles between two reports of progress

bool wants(const GroupPermutationArguments& a, const char* what) {
  return std::find(a.statistics.begin(), a.statistics.end(), what) != a.statistics.end();
}

/// The statistic that an upper-tail p asks for, by bisection.
double threshold_of(double p, bool is_t, double numerator_dof, double dof) {
  double low = 0, high = 1e6;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (is_t ? p_from_t(middle, dof) : p_from_f(middle, numerator_dof, dof)) > p ? low = middle
                                                                              : high = middle;
  }
  return (low + high) / 2;
}

Eigen::MatrixXd column(const std::vector<double>& values) {
  return Eigen::Map<const Eigen::VectorXd>(values.data(), Eigen::Index(values.size()));
}

std::string null_tsv(const ShuffleResults& results) {
  std::vector<std::string> names;
  std::vector<const std::vector<double>*> columns;
  for (const auto& [name, values] : {std::pair{"voxel", &results.voxel},
                                     {"tfce", &results.tfce},
                                     {"extent", &results.extent},
                                     {"mass", &results.mass}})
    if (!values->empty()) {
      names.emplace_back(name);
      columns.push_back(values);
    }
  std::vector<std::vector<std::string>> rows(results.voxel.size());
  for (size_t k = 0; k < rows.size(); ++k)
    for (const auto* values : columns) rows[k].push_back(format_number((*values)[k]));
  return to_tsv(names, rows);
}

TfceSteps steps_of(const std::string& text) {
  if (text == "exact") return TfceSteps::exact;
  if (text == "randomise") return TfceSteps::randomise;
  if (text == "palm") return TfceSteps::palm;
  if (text == "mrtrix") return TfceSteps::mrtrix;
  fail(ErrorCode::usage, "--tfce-steps is '{}'; it must be exact, randomise, palm or mrtrix", text);
}

TailMethod tail_of(const std::string& text) {
  if (text == "none") return TailMethod::none;
  if (text == "gpd") return TailMethod::gpd;
  if (text == "gamma") return TailMethod::gamma;
  fail(ErrorCode::usage, "--tail is '{}'; it must be none, gpd or gamma", text);
}

/// What was fitted to the largest values of each map.
Json tails_json(const PermutationP& p, const PermutationOptions& o) {
  Json json;
  json["Method"] = o.tail == TailMethod::gpd ? "generalized Pareto" : "gamma (Pearson type III)";
  if (o.tail == TailMethod::gpd) json["ReplacedBelow"] = o.tail_p;
  for (const auto& [name, tail, wanted] : {std::tuple{"voxel", &p.voxel_tail, true},
                                           {"tfce", &p.tfce_tail, o.spatial.tfce},
                                           {"extent", &p.extent_tail, o.spatial.extent},
                                           {"mass", &p.mass_tail, o.spatial.mass}}) {
    if (!wanted) continue;
    Json& of = json["FamilyWise"][name];
    if (const auto& g = tail->pareto())
      of = {{"Threshold", g->threshold},
            {"Scale", g->scale},
            {"Shape", -g->shape},
            {"ShufflesAbove", g->n_above}};
    else if (const auto& m = tail->pearson())
      of = {{"Mean", m->mean}, {"StandardDeviation", m->sd}, {"Skewness", m->skewness}};
    else
      of = "no fit: p of the shuffles";
  }
  return json;
}

/// Largest of each shuffle over all contrasts.
ShuffleResults largest_of(const std::vector<ShuffleResults>& all) {
  ShuffleResults out = all[0];
  for (const auto& one : all) {
    const auto take = [](std::vector<double>& a, const std::vector<double>& b) {
      for (size_t k = 0; k < a.size(); ++k) a[k] = std::max(a[k], b[k]);
    };
    take(out.voxel, one.voxel);
    take(out.tfce, one.tfce);
    take(out.extent, one.extent);
    take(out.mass, one.mass);
  }
  return out;
}

}  // namespace

void add_group_permutation_options(CLI::App& c, GroupPermutationArguments& a) {
  c.add_option(
      "--permutations", a.permutations,
      "Random shuffles besides the data as they are; smaller sets are taken whole (default: "
      "no permutation test)");
  c.add_option("--statistic", a.statistics, "voxel, tfce, extent, mass: what is permuted")
      ->delimiter(',')
      ->capture_default_str();
  c.add_option("--cluster-forming-threshold", a.cluster_threshold,
               "Statistic that forms clusters, instead of a p");
  c.add_option("--tfce-connectivity", a.tfce_connectivity, "Neighbours in TFCE: 6, 18 or 26")
      ->capture_default_str();
  c.add_option("--tfce-e", a.tfce_e, "Exponent of the extent")->capture_default_str();
  c.add_option("--tfce-h", a.tfce_h, "Exponent of the height")->capture_default_str();
  c.add_option("--tfce-steps", a.tfce_steps,
               "exact, or steps of height as in randomise, palm (over z) or mrtrix (over z)")
      ->capture_default_str();
  c.add_option("--permute-as", a.permute,
               "statistic (t or F) or z: what TFCE, clusters and their threshold are made from")
      ->capture_default_str();
  c.add_option(
       "--exchange", a.exchange,
       "flips, permutations, both, or auto: flips where a mean is tested, permutations where "
       "participants are compared")
      ->capture_default_str();
  c.add_option("--block-exchange", a.block_exchange,
               "within: observations change places in their --blocks; whole: blocks do")
      ->capture_default_str();
  c.add_option("--seed", a.seed, "Of random shuffles")->capture_default_str();
  c.add_option(
       "--tail", a.tail,
       "none, gpd or gamma: distribution fitted to the largest values of the shuffles, from "
       "which small p-values are read")
      ->capture_default_str();
  c.add_option("--tail-p", a.tail_p, "gpd: p-values below this are read from the tail")
      ->capture_default_str();
  c.add_flag("--correct-contrasts", a.over_contrasts, "Family-wise error over all contrasts, too");
}

void check_permutation_options(const GroupPermutationArguments& a,
                               const GroupInputArguments& inputs, const std::string& method) {
  for (const auto& s : a.statistics)
    if (s != "voxel" && s != "tfce" && s != "extent" && s != "mass")
      fail(ErrorCode::usage, "unknown --statistic '{}'; known: voxel, tfce, extent, mass", s);
  if (a.permutations < 0)
    fail(ErrorCode::usage, "--permutations is {}; it must be 0 or more", a.permutations);
  if (a.permutations == 0 && (a.statistics.size() > 1 || a.statistics[0] != "voxel"))
    fail(ErrorCode::usage, "--statistic {} needs --permutations N", fmt::join(a.statistics, ","));
  if (a.block_exchange != "within" && a.block_exchange != "whole")
    fail(ErrorCode::usage, "--block-exchange is '{}'; it must be within or whole",
         a.block_exchange);
  if (a.permute != "statistic" && a.permute != "z")
    fail(ErrorCode::usage, "--permute-as is '{}'; it must be statistic or z", a.permute);
  steps_of(a.tfce_steps);
  if (tail_of(a.tail) != TailMethod::none && a.permutations == 0)
    fail(ErrorCode::usage, "--tail {} needs --permutations N", a.tail);
  if (!(a.tail_p > 0 && a.tail_p <= 1))
    fail(ErrorCode::usage, "--tail-p is {}; it must be above 0 and at most 1", a.tail_p);
  for (const char* known : {"auto", "flips", "permutations", "both"})
    if (a.exchange == known) {
      if (a.permutations > 0 && (method != "ols" || !inputs.variance_groups.empty()))
        fail(ErrorCode::usage,
             "--permutations tests the ols model without variance groups; leave out {}",
             method != "ols" ? "--method " + method : std::string("--variance-groups"));
      return;
    }
  fail(ErrorCode::usage, "--exchange is '{}'; it must be auto, flips, permutations or both",
       a.exchange);
}

GroupPermutation::GroupPermutation(const GroupPermutationArguments& arguments,
                                   const GroupInputs& inputs)
    : arguments_(arguments),
      inputs_(inputs),
      patterns_(presence_patterns(inputs.values, inputs.min_participants)) {}

bool GroupPermutation::in_z(const GroupMaps& maps) const {
  if (arguments_.permute == "z" || arguments_.tfce_steps == "palm" ||
      arguments_.tfce_steps == "mrtrix")
    return true;
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const double d : maps.dof)
    if (std::isfinite(d)) low = std::min(low, d), high = std::max(high, d);
  return low < high;
}

PermutationOptions GroupPermutation::options_for(const GroupContrast& contrast,
                                                 const GroupMaps& maps) const {
  const auto& a = arguments_;
  PermutationOptions o;
  if (a.exchange == "flips") o.scheme = ShuffleScheme::flips;
  if (a.exchange == "permutations") o.scheme = ShuffleScheme::permutations;
  if (a.exchange == "both") o.scheme = ShuffleScheme::both;
  o.blocks = inputs_.blocks;
  o.exchange = a.block_exchange == "whole" ? BlockExchange::whole : BlockExchange::within;
  o.n = uint64_t(a.permutations);
  o.seed = a.seed;
  o.two_sided = a.sided == "two";
  o.spatial.tfce = wants(a, "tfce");
  o.spatial.extent = wants(a, "extent");
  o.spatial.mass = wants(a, "mass");
  o.spatial.tfce_e = a.tfce_e;
  o.spatial.tfce_h = a.tfce_h;
  o.spatial.tfce_steps = steps_of(a.tfce_steps);
  o.compare_z = in_z(maps);
  o.tail = tail_of(a.tail);
  o.tail_p = a.tail_p;
  o.spatial.tfce_connectivity = a.tfce_connectivity;
  o.spatial.cluster_connectivity = a.cluster_connectivity;
  o.spatial.cluster_threshold = a.cluster_threshold;
  if (a.cluster_threshold == 0) {
    double dof = 1;
    for (const double d : maps.dof)
      if (std::isfinite(d)) dof = d;
    const double p = a.sided == "two" && contrast.is_t() ? a.cluster_p / 2 : a.cluster_p;
    o.spatial.cluster_threshold = o.compare_z
                                      ? z_from_log_sf(std::log(p))
                                      : threshold_of(p, contrast.is_t(), maps.numerator_dof, dof);
  }
  return o;
}

Json GroupPermutation::json_of(const ContrastPermutation& test, const PermutationOptions& o) const {
  const auto& shuffles = test.shuffles();
  Json json;
  json["Scheme"] = to_string(test.scheme());
  json["Nuisance"] = test.has_nuisance() ? "Freedman-Lane" : "none";
  json["Blocks"] = inputs_.blocks.empty() ? "none" : arguments_.block_exchange;
  json["Shuffles"] = shuffles.size();
  json["Exhaustive"] = shuffles.exhaustive();
  json["LogOfAllShuffles"] = shuffles.set().log_size();
  if (!shuffles.exhaustive()) json["Seed"] = o.seed;
  json["Arithmetic"] = shuffles.exhaustive() ? "float64" : "float32";
  json["Sided"] = test.two_sided() ? "two" : "one";
  json["Compared"] = test.compares_z() ? "z" : "the statistic itself";
  json["P"] = "shuffles that reach the observed value, the data as they are among them, / shuffles";
  if (o.spatial.clusters()) {
    json["ClusterFormingThreshold"] = o.spatial.cluster_threshold;
    json["ClusterConnectivity"] = o.spatial.cluster_connectivity;
  }
  if (o.spatial.mass) json["Mass"] = "sum of the statistic";
  if (o.spatial.tfce)
    json["TFCE"] = {{"E", o.spatial.tfce_e},
                    {"H", o.spatial.tfce_h},
                    {"Connectivity", o.spatial.tfce_connectivity},
                    {"Integral", arguments_.tfce_steps}};
  return json;
}

void GroupPermutation::run(MapWriter& writer, OutputSet& outputs,
                           const std::vector<GroupMaps>& maps, const Json& model, int n_threads) {
  if (arguments_.permutations == 0) return;
  std::vector<std::unique_ptr<ContrastPermutation>> tests;
  std::vector<PermutationOptions> options;
  std::vector<ShuffleResults> results;
  for (size_t c = 0; c < inputs_.contrasts.size(); ++c) {
    const GroupContrast& contrast = inputs_.contrasts[c];
    options.push_back(options_for(contrast, maps[c]));
    tests.push_back(std::make_unique<ContrastPermutation>(
        inputs_.values, patterns_, inputs_.mask, inputs_.design, contrast, options.back()));
    if (arguments_.over_contrasts && (tests[c]->scheme() != tests[0]->scheme() ||
                                      !contrast.is_t() || !inputs_.contrasts[0].is_t()))
      fail(ErrorCode::usage,
           "--correct-contrasts compares t contrasts that are shuffled alike; {} and {} are not: "
           "give --exchange, or test them apart",
           inputs_.contrasts[0].spec.name, contrast.spec.name);
  }
  for (size_t c = 0; c < tests.size(); ++c) {
    const uint64_t n = tests[c]->shuffles().size();
    Progress progress(fmt::format("{} {} of contrast {}", n, to_string(tests[c]->scheme()),
                                  inputs_.contrasts[c].spec.name));
    std::vector<ShuffleResults> parts;
    for (uint64_t k = 0; k < n; k += kChunk) {
      parts.push_back(tests[c]->run(k, std::min(n, k + kChunk), n_threads));
      progress.update(long(parts.back().last), long(n));
    }
    results.push_back(joined(std::move(parts), n));
  }
  for (size_t c = 0; c < tests.size(); ++c) {
    const GroupContrast& contrast = inputs_.contrasts[c];
    Json scheme = json_of(*tests[c], options[c]);
    const auto add = [&](const std::string& name, const std::string& what,
                         const std::vector<double>& values, bool is_p) {
      if (values.empty()) return;
      Json json;
      json["Description"] = what;
      json["Contrast"] = group_contrast_json(contrast, maps[c]);
      json["Permutation"] = scheme;
      for (const auto& [key, value] : model.items()) json[key] = value;
      writer.add(group_map_name(contrast, name), column(values),
                 is_p ? ScalarType::float64 : writer.type(), json);
    };
    const SpatialMaps& observed = tests[c]->observed();
    add("tfce", "threshold-free cluster enhancement", observed.tfce, false);
    add("extent", "voxels of the cluster", observed.extent, false);
    add("mass", "mass of the cluster", observed.mass, false);
    const auto add_fwe = [&](const PermutationP& p, const std::string& ending,
                             const std::string& over) {
      add("voxelPfwe" + ending, "p of the voxel's statistic, family-wise over " + over, p.voxel_fwe,
          true);
      add("tfcePfwe" + ending, "p of TFCE, family-wise over " + over, p.tfce_fwe, true);
      add("extentPfwe" + ending, "p of the cluster's extent, family-wise over " + over,
          p.extent_fwe, true);
      add("massPfwe" + ending, "p of the cluster's mass, family-wise over " + over, p.mass_fwe,
          true);
    };
    const PermutationP p = tests[c]->p_values(results[c]);
    if (options[c].tail != TailMethod::none) scheme["Tail"] = tails_json(p, options[c]);
    add("voxelPunc", "p of the voxel's statistic, uncorrected, by permutation", p.uncorrected,
        true);
    add("voxelPfdr",
        "p of the voxel's statistic by permutation, adjusted after Benjamini and "
        "Hochberg",
        p.fdr, true);
    add_fwe(p, "", "the map");
    if (arguments_.over_contrasts) {
      const PermutationP over = tests[c]->p_values(largest_of(results));
      if (options[c].tail != TailMethod::none) scheme["Tail"] = tails_json(over, options[c]);
      add_fwe(over, "Contrasts", "the map and all contrasts");
    }
    outputs.write(writer.prefixed("contrast-" + contrast.spec.name + "_null.tsv"),
                  null_tsv(results[c]));
  }
}

}  // namespace sociometer::cli
