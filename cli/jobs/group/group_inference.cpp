#include "cli/jobs/group/group_inference.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "cli/jobs/group/group_maps.hpp"
#include "cli/jobs/space_checks.hpp"
#include "engine/core/error.hpp"
#include "engine/group/evidence_maps.hpp"
#include "engine/group/residual_smoothness.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/records/signed_record.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

/// The estimate, or a warning that gives the reason why there is none.
std::optional<Smoothness> smoothness_of(const GroupInputs& inputs, SmoothnessEstimate estimate,
                                        const Session& session) {
  Journal& journal = session.journal;
  const ResidualSmoothness found = residual_smoothness(inputs.mask, *inputs.data, inputs.design,
                                                       estimate, inputs.memory, session.threads);
  if (found.dof < kLeastSmoothnessDof)
    journal.warn(fmt::format(
        "no random-field p-values: {:g} residual degrees of freedom are too few to estimate the "
        "smoothness of the maps ({:g} are needed)",
        found.dof, kLeastSmoothnessDof));
  else if (found.dof < kCoarseSmoothnessDof)
    journal.warn(fmt::format(
        "random-field p-values rest on a smoothness estimated with {:g} residual degrees "
        "of freedom; --permutations do without it",
        found.dof));
  if (!found.reason.empty())
    journal.warn(fmt::format("no random-field p-values: {}", found.reason));
  return found.smoothness;
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

}  // namespace

/// A tested map with the names of its files.
struct GroupInference::Named {
  std::string base;  ///< as naming.contrast
  TestedMap map;
  bool two_sided;
  ContrastRecord contrast;
};

ClusterRule cluster_rule(const GroupInferenceRequest& request) {
  return {request.forming_p, request.connectivity, request.min_cluster, request.peak_distance_mm,
          request.alpha};
}

GroupInference::GroupInference(const GroupInferenceRequest& request, GroupInputs& inputs,
                               const Session& session)
    : request_(request), inputs_(inputs), n_threads_(session.threads) {
  if (wants_standardised() && inputs.blocks_of_participants)
    fail(ErrorCode::usage,
         "--effect-size and --bayes-factor are in standard deviations between participants, which "
         "effects of the participants take up; give a --difference of two levels");
  const std::string name = inputs.names.empty() ? "the maps" : inputs.names[0];
  for (size_t i = 0; i < request.atlases.size(); ++i) {
    const std::string labels = request.atlas_labels.empty() ? "" : request.atlas_labels[i];
    if (!inputs.names.empty()) report_space(inputs.names[0], request.atlases[i], session.journal);
    atlases_.push_back(read_atlas_at(request.atlases[i], labels, inputs.mask, name));
    if (atlases_.back().resampled)
      session.journal.info(fmt::format(
          "{} has another grid: its labels are taken from the nearest voxels", request.atlases[i]));
    std::vector<InputFile> files{atlases_.back().file};
    if (!labels.empty()) files.push_back(atlases_.back().names.file());
    for (const InputFile& file : files) inputs.files.push_back(file);
    inputs.read.add(files);
  }
  conjunctions_ = named_conjunctions(request.conjunctions, inputs.contrasts);
  if (wants_report()) smoothness_ = smoothness_of(inputs, request.smoothness, session);
  if (wants_standardised()) patterns_ = presence_patterns(*inputs.data, inputs.min_participants);
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
                                const GroupFacts& facts, const std::vector<PeakColumn>& more) {
  ReportOptions options;
  options.forming_p = request_.forming_p;
  options.two_sided = tested.two_sided;
  options.connectivity = request_.connectivity;
  options.min_size = size_t(request_.min_cluster);
  options.peak_distance_mm = request_.peak_distance_mm;
  options.alpha = request_.alpha;
  options.volume_only = request_.rft_clusters == ClusterVolume::volume;
  const MapReport report = report_clusters(inputs_.mask, tested.map, smoothness_, options);
  findings_.emplace_back(tested.contrast.name, clusters_text(report, options));
  const char* const sided = tested.two_sided ? "two" : "one";
  for (const MapCorrection correction : request_.corrections) {
    const std::string name = name_of(correction);
    GroupMapRecord record =
        GroupMapRecord::of("p-values corrected over the map: " + name, tested.contrast, facts);
    record.sided = sided;
    const std::string stat = correction == MapCorrection::fdr_by ? "fdrby" : name;
    writer.add_p(tested.base + "_stat-p" + stat + "_statmap", corrected_p(report, correction),
                 record);
  }
  if (request_.no_tables) return;
  outputs.write(writer.prefixed(tested.base + "_clusters.tsv"),
                cluster_table_tsv(inputs_.mask, report, more, atlases_));
  const GroupSearch search{word_of(tested.map.kind), sided, cluster_rule(request_),
                           finite_or_null(report.threshold)};
  GroupMapRecord of_maps = GroupMapRecord::of("", tested.contrast, facts);
  of_maps.search = search;
  add_cluster_maps(writer, tested.base, word_of(tested.map.kind), report, tested.map.statistic,
                   std::move(of_maps));
  ClusterTableRecord record{"clusters of the tested map and their peaks"};
  record.contrast = record_to_json(tested.contrast);
  record.group = search;
  record.tests = long(report.n_tests);
  record.hommel.value = report.hommel;
  record.field = random_field_record(report,
                                     request_.smoothness == SmoothnessEstimate::local
                                         ? "local roughness of standardised least-squares residuals"
                                         : "differences of neighbours in least-squares residuals",
                                     name_of(request_.rft_clusters));
  if (!atlases_.empty()) record.atlases = atlas_records(atlases_);
  record.columns = cluster_table_columns(more, atlases_);
  record.facts = facts;
  outputs.write(writer.prefixed(tested.base + "_clusters.json"),
                signed_text(record, writer.provenance()));
}

void GroupInference::add_standardised(MapWriter& writer, const GroupContrast& contrast,
                                      const GroupMaps& maps, const GroupFacts& facts) {
  const Eigen::VectorXd unit =
      unit_variances(patterns_, inputs_.design, contrast, inputs_.mask.n_voxels());
  const bool of_means = is_of_means(inputs_.design, contrast);
  const double bayes_scale = of_means ? request_.bayes_scale : request_.bayes_slope_scale;
  const auto add = [&](const std::string& stat, const std::string& what,
                       const Eigen::VectorXd& values) {
    GroupMapRecord record = GroupMapRecord::of(what, group_contrast_record(contrast, maps), facts);
    if (stat == "logbf")
      record.prior =
          BayesPrior{bayes_scale, of_means ? "the contrast in residual standard deviations"
                                           : "the slope of the standardised covariate"};
    else
      record.interval_level = request_.interval;
    writer.add(group_map_name(inputs_.naming, contrast, stat), values, writer.type(), record);
  };
  if (request_.effect_sizes) {
    const EffectSizeMaps sizes = effect_size_maps(maps, unit, request_.interval, n_threads_);
    add("d", "Cohen's d: effect in residual standard deviations", sizes.d);
    add("dlower", "lower end of the interval of d (noncentral t)", sizes.d_lower);
    add("dupper", "upper end of the interval of d (noncentral t)", sizes.d_upper);
    add("g", "Hedges' g: d without its bias", sizes.g);
    add("glower", "lower end of the interval of g", sizes.g_lower);
    add("gupper", "upper end of the interval of g", sizes.g_upper);
  }
  if (request_.bayes_factors)
    add("logbf", "ln of the JZS Bayes factor of the effect against none",
        log_bayes_factor_map(
            maps, bayes_units(patterns_, inputs_.design, contrast, inputs_.mask.n_voxels()),
            bayes_scale, n_threads_));
}

void GroupInference::add_contrast(MapWriter& writer, OutputSet& outputs,
                                  const GroupContrast& contrast, const GroupMaps& maps,
                                  const GroupFacts& facts, const std::vector<PeakColumn>& more) {
  Named tested;
  tested.base = inputs_.naming.contrast(contrast.spec.name);
  tested.map = tested_map(maps.statistic, maps.z, maps.dof, maps.numerator_dof);
  tested.two_sided = contrast.is_t() && request_.sided == Sides::two;
  tested.contrast = group_contrast_record(contrast, maps);
  if (wants_report()) add_report(writer, outputs, tested, facts, more);
  if (contrast.is_t() && wants_standardised()) add_standardised(writer, contrast, maps, facts);
}

void GroupInference::add_conjunctions(MapWriter& writer, OutputSet& outputs,
                                      const std::vector<GroupMaps>& maps, const GroupFacts& facts) {
  for (const NamedConjunction& one : conjunctions_) {
    ContrastRecord contrast;
    contrast.name = one.name;
    contrast.test = "minimum z against the conjunction null";
    contrast.contrasts.emplace();
    std::vector<const GroupMaps*> parts;
    for (const size_t c : one.contrasts) {
      contrast.contrasts->push_back(inputs_.contrasts[c].spec.name);
      parts.push_back(&maps[c]);
    }
    const Conjunction both = conjunction(parts);
    const std::string base = inputs_.naming.contrast(one.name);
    writer.add(base + "_stat-z_statmap", both.z, writer.type(),
               GroupMapRecord::of("smallest z of the contrasts", contrast, facts));
    writer.add_p(base + "_stat-p_statmap", both.p,
                 GroupMapRecord::of("largest p of the contrasts", contrast, facts));
    const TestedMap map{both.z, both.z, RandomField::Kind::z, 1,
                        std::numeric_limits<double>::infinity()};
    if (wants_report()) add_report(writer, outputs, {base, map, false, contrast}, facts, {});
  }
}

}  // namespace sociometer::jobs
