#include "cli/jobs/group/group_inference.hpp"

#include <cmath>
#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "cli/jobs/group/group_maps.hpp"
#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "engine/group/evidence_maps.hpp"
#include "engine/group/residual_smoothness.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/records/sidecar.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

/// The estimate, or a warning that says why there is none.
std::optional<Smoothness> smoothness_of(const GroupInputs& inputs, const std::string& estimate,
                                        int n_threads) {
  const ResidualSmoothness found = residual_smoothness(
      inputs.mask, *inputs.data, inputs.design,
      value_of<SmoothnessEstimate>(estimate, "--smoothness"), inputs.memory, n_threads);
  if (found.dof < kLeastSmoothnessDof)
    warn(fmt::format(
        "no random-field p-values: {:g} residual degrees of freedom are too few to estimate the "
        "smoothness of the maps ({:g} are needed)",
        found.dof, kLeastSmoothnessDof));
  else if (found.dof < kCoarseSmoothnessDof)
    warn(fmt::format(
        "random-field p-values rest on a smoothness estimated with {:g} residual degrees "
        "of freedom; --permutations do without it",
        found.dof));
  if (!found.reason.empty()) warn(fmt::format("no random-field p-values: {}", found.reason));
  return found.smoothness;
}

Json with_model(Json json, const Json& model) {
  for (const auto& [key, value] : model.items()) json[key] = value;
  return json;
}

size_t contrast_named(const std::string& name, const std::vector<GroupContrast>& contrasts,
                      const std::string& text) {
  for (size_t c = 0; c < contrasts.size(); ++c) {
    if (contrasts[c].spec.name != camel_case(name)) continue;
    if (!contrasts[c].is_t())
      fail(ErrorCode::usage,
           "--conjunction '{}': {} is an F contrast; a conjunction is of t contrasts", text, name);
    return c;
  }
  std::vector<std::string> known;
  for (const auto& contrast : contrasts) known.push_back(contrast.spec.name);
  fail(ErrorCode::usage, "--conjunction '{}': there is no contrast '{}'; there are: {}", text, name,
       fmt::join(known, ", "));
}

std::vector<NamedConjunction> named_conjunctions(const std::vector<std::string>& texts,
                                                 const std::vector<GroupContrast>& contrasts) {
  std::vector<NamedConjunction> out;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || text.find('&') == std::string::npos)
      fail(ErrorCode::usage, "--conjunction '{}' is not NAME=CONTRAST&CONTRAST", text);
    NamedConjunction one{camel_case(unpadded(text.substr(0, equals))), {}};
    for (const auto& contrast : contrasts)
      if (contrast.spec.name == one.name)
        fail(ErrorCode::usage, "--conjunction '{}': a contrast is named {} too", text, one.name);
    for (const std::string& part : split_list(text.substr(equals + 1), '&'))
      one.contrasts.push_back(contrast_named(unpadded(part), contrasts, text));
    out.push_back(std::move(one));
  }
  return out;
}

Json finite_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

/// A tested map with what its files are called.
struct GroupInference::Named {
  std::string base;  ///< as naming.contrast
  TestedMap map;
  bool two_sided;
  Json contrast;
};

void add_group_inference_options(CLI::App& c, GroupInferenceArguments& a) {
  c.add_option("--cluster-forming-p", a.forming_p,
               "Uncorrected p of the voxels that form clusters (two-sided: half on each side)")
      ->capture_default_str();
  c.add_option("--connectivity", a.connectivity, "What touches in clusters: 6, 18 or 26 neighbours")
      ->capture_default_str();
  c.add_option("--sided", a.sided, "Tables of positive effects (one) or of both signs (two)")
      ->capture_default_str();
  c.add_option("--min-cluster-size", a.min_cluster, "Least voxels of a cluster in the tables")
      ->capture_default_str();
  c.add_option("--peak-distance", a.peak_distance_mm, "Least distance of sub-peaks, mm")
      ->capture_default_str();
  c.add_option("--alpha", a.alpha, "Level of thresholds and of true-discovery proportions")
      ->capture_default_str();
  c.add_option("--rft-clusters", a.rft_clusters,
               "Search volume for the size of clusters: resels (SPM) or volume (FSL)")
      ->capture_default_str();
  c.add_option("--smoothness", a.smoothness,
               "Estimate from residuals: local (SPM) or differences (3dFWHMx, classic)")
      ->capture_default_str();
  c.add_option("--corrections", a.corrections,
               "Maps of corrected p, of: fdr, fdr-by, bonferroni, holm, rft")
      ->delimiter(',');
  c.add_option("--atlas", a.atlases, "Label images: tables tell the labels of peaks and clusters");
  c.add_option("--atlas-labels", a.atlas_labels,
               "Tables of label names, one per --atlas (index and name, or one name a line)");
  c.add_flag("--effect-size", a.effect_sizes,
             "Maps of Cohen's d and Hedges' g with intervals (ols)");
  c.add_option("--interval", a.interval, "Confidence level of those intervals")
      ->capture_default_str();
  c.add_flag("--bayes-factor", a.bayes_factors, "Map of ln BF10, JZS (ols)");
  c.add_option("--bayes-scale", a.bayes_scale, "Scale of its Cauchy prior for means")
      ->capture_default_str();
  c.add_option("--bayes-slope-scale", a.bayes_slope_scale,
               "Scale of its Cauchy prior for slopes of (standardised) covariates")
      ->capture_default_str();
  c.add_option("--conjunction", a.conjunctions,
               "NAME=CONTRAST&CONTRAST: the minimum statistic of t contrasts");
  c.add_flag("--no-tables", a.no_tables, "No cluster tables");
}

void check_group_inference_options(const GroupInferenceArguments& a, const std::string& method) {
  const auto in_unit = [](double value, const char* option, double most) {
    if (!(value > 0) || !(value < most))
      fail(ErrorCode::usage, "{} is {}; it must lie between 0 and {}", option, value, most);
  };
  in_unit(a.forming_p, "--cluster-forming-p", 0.5);
  in_unit(a.alpha, "--alpha", 0.5);
  in_unit(a.interval, "--interval", 1);
  if (a.sided != "one" && a.sided != "two")
    fail(ErrorCode::usage, "--sided is '{}'; it must be one or two", a.sided);
  if (a.rft_clusters != "resels" && a.rft_clusters != "volume")
    fail(ErrorCode::usage, "--rft-clusters is '{}'; it must be resels or volume", a.rft_clusters);
  value_of<SmoothnessEstimate>(a.smoothness, "--smoothness");
  if (a.connectivity != 6 && a.connectivity != 18 && a.connectivity != 26)
    fail(ErrorCode::usage, "--connectivity is {}; it must be 6, 18 or 26", a.connectivity);
  if (a.min_cluster < 1)
    fail(ErrorCode::usage, "--min-cluster-size is {}; at least 1", a.min_cluster);
  if (!(a.peak_distance_mm >= 0) || !std::isfinite(a.peak_distance_mm))
    fail(ErrorCode::usage, "--peak-distance is {} mm; it must be 0 or more", a.peak_distance_mm);
  for (const auto& [option, scale] :
       {std::pair{"--bayes-scale", a.bayes_scale}, {"--bayes-slope-scale", a.bayes_slope_scale}})
    if (!(scale > 0) || !std::isfinite(scale))
      fail(ErrorCode::usage, "{} is {}; it must be positive", option, scale);
  for (const std::string& name : a.corrections) value_of<MapCorrection>(name, "correction");
  if (!a.atlas_labels.empty() && a.atlas_labels.size() != a.atlases.size())
    fail(ErrorCode::usage, "{} --atlas-labels for {} --atlas; give one table per atlas",
         a.atlas_labels.size(), a.atlases.size());
  if ((a.effect_sizes || a.bayes_factors) && method != "ols")
    fail(
        ErrorCode::usage,
        "--effect-size and --bayes-factor belong to --method ols, not {}: they are in units of the "
        "residual standard deviation of least squares",
        method);
}

GroupInference::GroupInference(const GroupInferenceArguments& arguments, GroupInputs& inputs,
                               int n_threads)
    : arguments_(arguments), inputs_(inputs), n_threads_(n_threads) {
  if ((arguments.effect_sizes || arguments.bayes_factors) && !inputs.variance_groups.empty())
    fail(
        ErrorCode::usage,
        "--effect-size and --bayes-factor need one residual variance; leave --variance-groups out");
  if ((arguments.effect_sizes || arguments.bayes_factors) && inputs.blocks_of_participants)
    fail(ErrorCode::usage,
         "--effect-size and --bayes-factor are in standard deviations between participants, which "
         "effects of the participants take up; give a --difference of two levels");
  const std::string name = inputs.names.empty() ? "the maps" : inputs.names[0];
  for (size_t i = 0; i < arguments.atlases.size(); ++i) {
    const std::string labels = arguments.atlas_labels.empty() ? "" : arguments.atlas_labels[i];
    if (!inputs.names.empty()) tell_space(inputs.names[0], arguments.atlases[i]);
    atlases_.push_back(read_atlas_at(arguments.atlases[i], labels, inputs.mask, name));
    if (atlases_.back().resampled)
      info(fmt::format("{} has another grid: its labels are taken from the nearest voxels",
                       arguments.atlases[i]));
    for (const std::string& path : {arguments.atlases[i], labels})
      if (!path.empty())
        inputs.files.push_back(
            {{"Path", path}, {"XXH3", input_file("", checksum_of_file(path)).checksum}});
  }
  conjunctions_ = named_conjunctions(arguments.conjunctions, inputs.contrasts);
  if (wants_report()) smoothness_ = smoothness_of(inputs, arguments.smoothness, n_threads);
  if (arguments.effect_sizes || arguments.bayes_factors)
    patterns_ = presence_patterns(*inputs.data, inputs.min_participants);
}

/// "3 clusters at p < .001 uncorrected, the largest of 120 voxels; 1 of them at random-field p ..".
static std::string clusters_text(const MapReport& report, const ReportOptions& options) {
  size_t largest = 0, significant = 0;
  for (const ClusterReport& one : report.clusters) {
    largest = std::max(largest, one.cluster.voxels.size());
    significant += one.p_rft <= options.alpha;
  }
  std::string text = fmt::format("{} cluster(s) at uncorrected p <= {:g}", report.clusters.size(),
                                 options.forming_p);
  if (largest > 0) text += fmt::format(", the largest of {} voxels", largest);
  if (report.field)
    text += fmt::format("; {} at random-field p <= {:g}", significant, options.alpha);
  return text;
}

void GroupInference::add_report(MapWriter& writer, OutputSet& outputs, const Named& tested,
                                const Json& model, const std::vector<PeakColumn>& more) {
  ReportOptions options;
  options.forming_p = arguments_.forming_p;
  options.two_sided = tested.two_sided;
  options.connectivity = arguments_.connectivity;
  options.min_size = size_t(arguments_.min_cluster);
  options.peak_distance_mm = arguments_.peak_distance_mm;
  options.alpha = arguments_.alpha;
  options.volume_only = arguments_.rft_clusters == "volume";
  const MapReport report = report_clusters(inputs_.mask, tested.map, smoothness_, options);
  findings_.emplace_back(tested.contrast["Name"].get<std::string>(),
                         clusters_text(report, options));
  for (const std::string& name : arguments_.corrections) {
    Json json;
    json["Description"] = "p-values corrected over the map: " + name;
    json["Contrast"] = tested.contrast;
    json["Sided"] = tested.two_sided ? "two" : "one";
    writer.add_p(tested.base + "_stat-p" + (name == "fdr-by" ? "fdrby" : name) + "_statmap",
                 corrected_p(report, value_of<MapCorrection>(name, "correction")),
                 with_model(json, model));
  }
  if (arguments_.no_tables) return;
  outputs.write(writer.prefixed(tested.base + "_clusters.tsv"),
                cluster_table_tsv(inputs_.mask, report, more, atlases_));
  Json json;
  json["Description"] = "clusters of the tested map and their peaks";
  json["Contrast"] = tested.contrast;
  json["TestedStatistic"] = tested.map.kind == RandomField::Kind::t   ? "t"
                            : tested.map.kind == RandomField::Kind::f ? "F"
                                                                      : "z";
  json["Sided"] = tested.two_sided ? "two" : "one";
  json["ClusterFormingP"] = options.forming_p;
  json["ClusterFormingThreshold"] = finite_or_null(report.threshold);
  json["Connectivity"] = options.connectivity;
  json["MinClusterSize"] = options.min_size;
  json["PeakDistanceMm"] = options.peak_distance_mm;
  json["Alpha"] = options.alpha;
  json["Tests"] = report.n_tests;
  json["HommelValue"] = report.hommel;
  json["RandomField"] = nullptr;
  if (report.field) {
    Json field;
    field["FwhmMm"] = std::vector<double>(smoothness_->fwhm_mm.begin(), smoothness_->fwhm_mm.end());
    field["FwhmVoxels"] =
        std::vector<double>(smoothness_->fwhm_voxels.begin(), smoothness_->fwhm_voxels.end());
    field["SmoothnessFrom"] = arguments_.smoothness == "local"
                                  ? "local roughness of standardised least-squares residuals"
                                  : "differences of neighbours in least-squares residuals";
    field["VoxelsPerResel"] = smoothness_->resel_voxels();
    field["Resels"] = report.field->resels;
    field["ClusterVolume"] = arguments_.rft_clusters;
    field["PeakThreshold"] = finite_or_null(report.peak_threshold);
    field["ClusterVoxels"] = finite_or_null(report.cluster_voxels);
    json["RandomField"] = field;
  }
  for (const AtlasAtMask& atlas : atlases_)
    json["Atlases"].push_back(
        {{"Path", atlas.path}, {"Labels", atlas.labels_path}, {"Resampled", atlas.resampled}});
  json["Columns"] = cluster_table_columns(more, atlases_);
  outputs.write(writer.prefixed(tested.base + "_clusters.json"), to_text(with_model(json, model)));
}

void GroupInference::add_standardised(MapWriter& writer, const GroupContrast& contrast,
                                      const GroupMaps& maps, const Json& model) {
  const Eigen::VectorXd unit =
      unit_variances(patterns_, inputs_.design, contrast, inputs_.mask.n_voxels());
  const bool of_means = is_of_means(inputs_.design, contrast);
  const double bayes_scale = of_means ? arguments_.bayes_scale : arguments_.bayes_slope_scale;
  const auto add = [&](const std::string& stat, const std::string& what,
                       const Eigen::VectorXd& values) {
    Json json;
    json["Description"] = what;
    json["Contrast"] = group_contrast_json(contrast, maps);
    if (stat == "logbf")
      json["Prior"] = {{"CauchyScale", bayes_scale},
                       {"Of", of_means ? "the contrast in residual standard deviations"
                                       : "the slope of the standardised covariate"}};
    else
      json["IntervalLevel"] = arguments_.interval;
    writer.add(group_map_name(inputs_.naming, contrast, stat), values, writer.type(),
               with_model(json, model));
  };
  if (arguments_.effect_sizes) {
    const EffectSizeMaps sizes = effect_size_maps(maps, unit, arguments_.interval, n_threads_);
    add("d", "Cohen's d: effect in residual standard deviations", sizes.d);
    add("dlower", "lower end of the interval of d (noncentral t)", sizes.d_lower);
    add("dupper", "upper end of the interval of d (noncentral t)", sizes.d_upper);
    add("g", "Hedges' g: d without its bias", sizes.g);
    add("glower", "lower end of the interval of g", sizes.g_lower);
    add("gupper", "upper end of the interval of g", sizes.g_upper);
  }
  if (arguments_.bayes_factors)
    add("logbf", "ln of the JZS Bayes factor of the effect against none",
        log_bayes_factor_map(
            maps, bayes_units(patterns_, inputs_.design, contrast, inputs_.mask.n_voxels()),
            bayes_scale, n_threads_));
}

void GroupInference::add_contrast(MapWriter& writer, OutputSet& outputs,
                                  const GroupContrast& contrast, const GroupMaps& maps,
                                  const Json& model, const std::vector<PeakColumn>& more) {
  Named tested;
  tested.base = inputs_.naming.contrast(contrast.spec.name);
  tested.map = tested_map(maps.statistic, maps.z, maps.dof, maps.numerator_dof);
  tested.two_sided = contrast.is_t() && arguments_.sided == "two";
  tested.contrast = group_contrast_json(contrast, maps);
  if (wants_report()) add_report(writer, outputs, tested, model, more);
  if (contrast.is_t() && (arguments_.effect_sizes || arguments_.bayes_factors))
    add_standardised(writer, contrast, maps, model);
}

void GroupInference::add_conjunctions(MapWriter& writer, OutputSet& outputs,
                                      const std::vector<GroupMaps>& maps, const Json& model) {
  for (const NamedConjunction& one : conjunctions_) {
    Json contrast;
    contrast["Name"] = one.name;
    contrast["Test"] = "minimum z against the conjunction null";
    std::vector<const GroupMaps*> parts;
    for (const size_t c : one.contrasts) {
      contrast["Contrasts"].push_back(inputs_.contrasts[c].spec.name);
      parts.push_back(&maps[c]);
    }
    const Conjunction both = conjunction(parts);
    const std::string base = inputs_.naming.contrast(one.name);
    Json json;
    json["Description"] = "smallest z of the contrasts";
    json["Contrast"] = contrast;
    writer.add(base + "_stat-z_statmap", both.z, writer.type(), with_model(json, model));
    json["Description"] = "largest p of the contrasts";
    writer.add_p(base + "_stat-p_statmap", both.p, with_model(json, model));
    const TestedMap map{both.z, both.z, RandomField::Kind::z, 1,
                        std::numeric_limits<double>::infinity()};
    if (wants_report()) add_report(writer, outputs, {base, map, false, contrast}, model, {});
  }
}

}  // namespace sociometer::cli
