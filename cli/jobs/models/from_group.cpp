#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/group/group_folder.hpp"
#include "cli/jobs/models/default_job.hpp"
#include "cli/jobs/models/expressed_in_model.hpp"
#include "cli/jobs/models/from_requests.hpp"
#include "cli/jobs/models/model_nodes.hpp"
#include "engine/core/error.hpp"
#include "engine/stats_models/node_graph.hpp"
#include "io/bids/bids_name.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

void refuse_options(const GroupRequest& a) {
  const GroupDesignRequest& d = a.design;
  const ParticipantsRequest& p = d.participants;
  const GroupInferenceRequest &i = a.inference, defaults;
  refuse_inexpressible({
      {!a.maps.allow_mixed.empty(), "--allow-mixed", "a node has effects of one kind"},
      {a.maps.allow_statistics, "--allow-statistics", "effects flow between nodes"},
      {!d.table.empty(), "--design", "columns are those of participants.tsv"},
      {d.add_intercept, "--add-intercept", "X has it"},
      {d.no_intercept, "--no-intercept", "X has it"},
      {!d.within.empty(), "--within", "a Dataset node has one effect of each person"},
      {!d.difference.empty(), "--difference", "a Dataset node has one effect of each person"},
      {!p.factors.empty(), "--factor", "a column of text becomes cell means in a model"},
      {!p.interactions.empty(), "--interactions", "X names columns of participants.tsv"},
      {!p.missing_in.empty(), "--missing-covariates for single columns", "Missing is for all"},
      {p.in_order, "--in-order", "participants are found by their labels"},
      {!a.contrast_files.empty(), "--contrasts-file", "write --contrast with names"},
      {!a.model.variance_groups.empty(), "--variance-groups", "there is no setting of this name"},
      {i.atlases.size() > 1, "--atlas with several images", "there is one Atlas"},
      {!i.conjunctions.empty(), "--conjunction", "there is no setting of this name"},
      {i.bayes_scale != defaults.bayes_scale, "--bayes-scale", "there is no setting of this name"},
      {i.bayes_slope_scale != defaults.bayes_slope_scale, "--bayes-slope-scale",
       "there is no setting of this name"},
      {a.permutation.tfce_uncorrected, "--tfce-uncorrected", "there is no setting of this name"},
      {a.permutation.correct_contrasts, "--correct-contrasts", "there is no setting of this name"},
      {a.map_type != MapType::float32, "--map-type", "maps of a study are float32"},
  });
}

void set_inference(const GroupInferenceRequest& i, EngineSettings& s) {
  const GroupInferenceRequest usual;
  set_if_other(s.cluster_forming_p, i.forming_p, usual.forming_p);
  set_if_other(s.alpha, i.alpha, usual.alpha);
  set_if_other(s.interval, i.interval, usual.interval);
  set_if_other(s.peak_distance_mm, i.peak_distance_mm, usual.peak_distance_mm);
  set_if_other(s.connectivity, i.connectivity, usual.connectivity);
  set_if_other(s.min_cluster_size, i.min_cluster, usual.min_cluster);
  set_if_other(s.sided, i.sided, usual.sided);
  set_if_other(s.smoothness, i.smoothness, usual.smoothness);
  set_if_other(s.rft_clusters, i.rft_clusters, usual.rft_clusters);
  s.corrections = i.corrections;
  set_if_other(s.effect_size, i.effect_sizes, false);
  set_if_other(s.bayes_factor, i.bayes_factors, false);
  set_if_other(s.no_tables, i.no_tables, false);
  if (!i.atlases.empty()) s.atlas = i.atlases.front();
  if (!i.atlas_labels.empty()) s.atlas_label_table = i.atlas_labels.front();
}

void set_permutation(const GroupPermutationRequest& p, EngineSettings& s) {
  const GroupPermutationRequest usual;
  set_if_other(s.permutations, p.permutations, usual.permutations);
  if (p.statistics != usual.statistics) s.statistic = p.statistics;
  s.cluster_forming_threshold = p.cluster_threshold;
  set_if_other(s.tfce_connectivity, p.tfce_connectivity, usual.tfce_connectivity);
  set_if_other(s.tfce_e, p.tfce_e, usual.tfce_e);
  set_if_other(s.tfce_h, p.tfce_h, usual.tfce_h);
  set_if_other(s.tfce_steps, p.tfce_steps, usual.tfce_steps);
  set_if_other(s.permute_as, p.permute_as, usual.permute_as);
  s.exchange = p.exchange;
  s.blocks = p.blocks;
  set_if_other(s.block_exchange, p.block_exchange, usual.block_exchange);
  set_if_other(s.seed, p.seed, usual.seed);
  set_if_other(s.tail, p.tail, usual.tail);
  set_if_other(s.tail_p, p.tail_p, usual.tail_p);
}

void set_model(const GroupRequest& a, StatsNode& node) {
  EngineSettings& s = node.settings;
  const GroupRequest usual;
  if (a.model.method == GroupMethod::mixed)
    node.type = NodeModelType::meta;
  else
    set_if_other(s.method, a.model.method, usual.model.method);
  set_if_other(s.between_variance, a.model.between, usual.model.between);
  set_if_other(s.knapp_hartung, a.model.knapp_hartung, usual.model.knapp_hartung);
  set_if_other(s.huber_k, a.model.huber_k, usual.model.huber_k);
  set_if_other(s.zeros, a.zeros, usual.zeros);
  set_if_other(s.min_participants, a.min_participants, usual.min_participants);
  set_if_other(s.log_p, a.log_p, false);
  if (!a.mask.empty()) s.mask = mask_files({a.mask});
}

/// A model reads the participants.tsv of its dataset, whatever table the command had.
void refuse_other_participants_table(const std::string& table) {
  if (table.empty()) return;
  const fs::path path = fs::absolute(table);
  std::error_code ignored;
  if (path.filename() == "participants.tsv" &&
      fs::exists(path.parent_path() / "dataset_description.json", ignored))
    return;
  fail(ErrorCode::usage,
       "--participants {} cannot be expressed in a model: its columns are those of the dataset's "
       "participants.tsv (beside dataset_description.json); add them there",
       table);
}

/// The labels that pass both conditions on an entity.
void narrow(EntityFilter& filter, const std::string& entity, std::vector<std::string> labels) {
  const auto known = filter.find(entity);
  if (known == filter.end()) {
    filter[entity] = std::move(labels);
    return;
  }
  std::vector<std::string> both;
  for (const auto& label : known->second)
    if (std::find(labels.begin(), labels.end(), label) != labels.end()) both.push_back(label);
  if (both.empty())
    fail(ErrorCode::usage,
         "the effects have to be of {0} {1} (--filter) and of {0} {2}; no map is both; write "
         "alternatives as --filter {0}=A|B",
         entity, fmt::join(known->second, " or "), fmt::join(labels, " or "));
  known->second = std::move(both);
}

/// Which effects flow into the node: by the command's options and the names of its maps.
EntityFilter filter_of(const EffectMapsRequest& maps) {
  EntityFilter filter;
  for (const LabelFilter& one : parse_filters(maps.filters))
    narrow(filter, model_entity(one.key), one.labels);
  if (!maps.first_level_contrast.empty()) narrow(filter, "contrast", {maps.first_level_contrast});
  if (filter.contains("contrast")) return filter;
  std::set<std::string> contrasts;
  for (const auto& path : maps.effects) contrasts.insert(bids_name(path).label("contrast"));
  if (contrasts.size() == 1 && !contrasts.begin()->empty())
    filter["contrast"] = {*contrasts.begin()};
  return filter;
}

/// A model's group is everyone in the dataset, whoever the maps of the command are of.
void report_participants(const EffectMapsRequest& maps, Journal& journal) {
  std::set<std::string> labels;
  for (const auto& path : maps.effects)
    if (const std::string label = bids_name(path).label("sub"); !label.empty())
      labels.insert(label);
  if (labels.empty())
    journal.info("the model's group takes every participant of the dataset that `run` is given");
  else
    journal.warn(fmt::format(
        "--effects are of {} participants, but a model takes every participant of the dataset; to "
        "keep to these, call `run` with --participant-label {}",
        labels.size(), fmt::join(labels, " ")));
}

}  // namespace

void add_group(StatsModel& model, const GroupRequest& a) {
  check(a);
  refuse_options(a);
  refuse_other_participants_table(a.design.participants.table);
  if (model.nodes.back().contrasts.empty() && !model.nodes.back().dummies)
    fail(ErrorCode::usage, "the fit has no --contrast, so nothing flows to the group");
  StatsNode node = group_level_node();
  const ParticipantsRequest& p = a.design.participants;
  std::vector<std::string> columns{"intercept"};
  for (const auto& name : p.covariates) {
    node.x.push_back(name);
    columns.push_back(name);
  }
  if (!p.covariates.empty()) {
    node.settings.center_covariates = p.center;
    set_if_other(node.settings.missing, p.missing, MissingCovariates::refuse);
  }
  set_model(a, node);
  set_inference(a.inference, node.settings);
  set_permutation(a.permutation, node.settings);
  const auto specs = contrast_specs(a.contrasts, a.f_contrasts);
  if (!specs.empty()) node.dummies.reset();
  for (const auto& spec : specs)
    node.contrasts.push_back(expressed_contrast(spec, columns, [](const std::string& name) {
      return name == "intercept" ? kConstantName : name;
    }));
  const std::string source = model.nodes.back().name;
  model.edges.push_back({source, node.name, filter_of(a.maps), ""});
  model.nodes.push_back(std::move(node));
}

JobSummary write_model_of_requests(const ModelFromRequest& a, const Session& session) {
  if (!a.fit)
    fail(ErrorCode::usage,
         "a group alone is no model: give the command line or configuration of its first level "
         "(fit) as well");
  StatsModel model = model_of_fit(*a.fit);
  if (a.group) add_group(model, *a.group);
  write_model(model, a.output, session);
  if (a.group) report_participants(a.group->maps, session.journal);
  return {};
}

}  // namespace sociometer::jobs
