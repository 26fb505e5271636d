#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/counted.hpp"
#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/group/merge_job.hpp"
#include "cli/jobs/regions/dissociate_request.hpp"
#include "cli/jobs/regions/extract_request.hpp"
#include "cli/jobs/regions/make_request.hpp"
#include "cli/jobs/study/plan_checks.hpp"
#include "cli/jobs/study/study_ledger.hpp"
#include "cli/jobs/study/study_places.hpp"
#include "cli/jobs/study/study_plan.hpp"
#include "cli/jobs/study/trials_plan.hpp"
#include "engine/core/error.hpp"
#include "engine/stats_models/group_node.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/provenance.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

template <class T>
void take(const std::optional<T>& value, T& field) {
  if (value) field = *value;
}
template <class T>
void take(const std::optional<T>& value, std::optional<T>& field) {
  if (value) field = value;
}

void apply_inference(const EngineSettings& s, GroupInferenceRequest& r) {
  take(s.cluster_forming_p, r.forming_p);
  take(s.alpha, r.alpha);
  take(s.interval, r.interval);
  take(s.connectivity, r.connectivity);
  take(s.min_cluster_size, r.min_cluster);
  take(s.peak_distance_mm, r.peak_distance_mm);
  take(s.smoothness, r.smoothness);
  take(s.rft_clusters, r.rft_clusters);
  take(s.sided, r.sided);
  take(s.effect_size, r.effect_sizes);
  take(s.bayes_factor, r.bayes_factors);
  take(s.no_tables, r.no_tables);
  if (!s.corrections.empty()) r.corrections = s.corrections;
  if (!s.atlas.empty()) r.atlases = {s.atlas};
  if (!s.atlas_label_table.empty()) r.atlas_labels = {s.atlas_label_table};
}

void apply_permutation(const EngineSettings& s, GroupPermutationRequest& r) {
  take(s.permutations, r.permutations);
  if (!s.statistic.empty()) r.statistics = s.statistic;
  take(s.cluster_forming_threshold, r.cluster_threshold);
  take(s.tfce_connectivity, r.tfce_connectivity);
  take(s.tfce_e, r.tfce_e);
  take(s.tfce_h, r.tfce_h);
  take(s.tfce_steps, r.tfce_steps);
  take(s.permute_as, r.permute_as);
  take(s.exchange, r.exchange);
  r.blocks = s.blocks;
  take(s.block_exchange, r.block_exchange);
  take(s.seed, r.seed);
  take(s.tail, r.tail);
  take(s.tail_p, r.tail_p);
}

/// Of the names of a group's files: a map's corrected p, a table of clusters.
constexpr const char* kLongestEnding = "_stat-variance_corr-voxelFWE_statmap.nii.gz";

/// What of a Dataset node's settings goes into the request of a group analysis.
void apply_settings(const StatsNode& node, GroupRequest& r) {
  const EngineSettings& s = node.settings;
  if (!s.mask.empty() && s.mask.files.size() != 1)
    fail(ErrorCode::bad_input, "{} ('{}'): Mask is {}; a group has one file", node.place, node.name,
         fmt::join(to_words(s.mask), ", "));
  take(s.method, r.model.method);
  take(s.between_variance, r.model.between);
  take(s.knapp_hartung, r.model.knapp_hartung);
  take(s.huber_k, r.model.huber_k);
  take(s.zeros, r.zeros);
  take(s.min_participants, r.min_participants);
  take(s.log_p, r.log_p);
  if (!s.mask.empty()) r.mask = s.mask.files.front();
  apply_inference(s, r.inference);
  apply_permutation(s, r.permutation);
}

/// A design as the table that `group --design` reads.
std::string design_table(const GroupDesign& design) {
  std::vector<std::vector<std::string>> rows;
  for (Eigen::Index i = 0; i < design.values.rows(); ++i) {
    std::vector<std::string> row;
    for (Eigen::Index j = 0; j < design.values.cols(); ++j)
      row.push_back(fmt::format("{}", design.values(i, j)));
    rows.push_back(std::move(row));
  }
  return to_tsv(design.names, rows);
}

/// "task-x_contrast-y" of the entities that all effects of an analysis share, in the order of
/// names.
std::string shared_label(const std::vector<const StudyEffect*>& effects) {
  static constexpr std::pair<const char*, const char*> kKeys[] = {
      {"session", "ses"}, {"task", "task"}, {"acquisition", "acq"}, {"space", "space"}};
  std::string label;
  for (const auto& entity : kKeys) {
    const std::string name = entity.first;
    const auto first = effects.front()->entities.find(name);
    if (first == effects.front()->entities.end()) continue;
    const bool shared = std::all_of(effects.begin(), effects.end(), [&](const auto* effect) {
      const auto found = effect->entities.find(name);
      return found != effect->entities.end() && found->second == first->second;
    });
    if (shared) label += fmt::format("{}-{}_", entity.second, first->second);
  }
  const bool one = std::all_of(effects.begin(), effects.end(), [&](const auto* effect) {
    return effect->contrast == effects.front()->contrast;
  });
  if (one) label += "contrast-" + effects.front()->contrast + "_";
  if (!label.empty()) label.pop_back();
  return label;
}

/// Plans the Dataset nodes; see plan_group.
class GroupPlanner {
 public:
  GroupPlanner(const StudyRequest& request, const StudyInputs& inputs,
               const std::vector<StudyEffect>& effects,
               const std::function<bool(const std::string&)>& exists)
      : a_(request),
        in_(inputs),
        effects_(effects),
        exists_(exists),
        output_(absolute_path(request.output)) {}

  JobPlan plan() {
    for (const NodePlan& at : expand(in_.model)) {
      const StatsNode& node = in_.model.nodes[at.node];
      if (node.level == NodeLevel::dataset) plan_node(at, node);
    }
    return std::move(plan_);
  }

 private:
  void plan_node(const NodePlan& at, const StatsNode& node) {
    std::vector<const StudyEffect*> incoming;
    std::vector<Entities> entities;
    std::set<std::string> absent;
    for (const auto& edge : at.incoming)
      for (const auto& effect : effects_) {
        if (!effect.is_t || effect.node != edge.source ||
            !passes(edge.filter, effect.entities, in_.participants))
          continue;
        if (!exists_(effect.effect)) {
          absent.insert(fmt::format("sub-{} ({})", effect.entities.at("subject"), effect.contrast));
          continue;
        }
        incoming.push_back(&effect);
        entities.push_back(effect.entities);
      }
    if (!absent.empty())
      plan_.notes.push_back(fmt::format("node '{}' leaves out what was not estimated: {}",
                                        node.name, fmt::join(absent, ", ")));
    if (incoming.empty())
      fail(ErrorCode::bad_input,
           "node '{}' has no effects of participants in {}; run the level participant first",
           node.name, output_.string());
    ModelNotes notes;
    for (const NodeGroup& group : group_inputs(node, entities, in_.participants, notes))
      plan_analysis(node, incoming, group, entities, notes);
    for (const auto& text : notes.warnings) plan_.notes.push_back(text);
    plan_regions(node, incoming);
  }

  void plan_analysis(const StatsNode& node, const std::vector<const StudyEffect*>& incoming,
                     const NodeGroup& group, const std::vector<Entities>& entities,
                     ModelNotes& notes) {
    const GroupNodeDesign model = group_node_design(node, group, entities, in_.participants);
    notes.append(model.notes);
    GroupRequest request;
    std::vector<const StudyEffect*> effects;
    for (size_t i : model.inputs) effects.push_back(incoming[i]);
    for (const auto* effect : effects) request.maps.effects.push_back(effect->effect);
    if (model.estimator == NodeEstimator::mixed) request.model.method = GroupMethod::mixed;
    apply_settings(node, request);
    const bool weighs =
        request.model.method == GroupMethod::mixed || request.model.method == GroupMethod::fixed;
    if (weighs)
      for (const auto* effect : effects) request.maps.variances.push_back(effect->variance);
    const std::string folder = "node-" + camel_case(node.name), label = shared_label(effects);
    std::string groups;
    for (const auto& [key, value] : group.entities)
      if (!effects.front()->entities.contains(key)) groups += camel_case(key + " " + value) + "_";
    request.prefix = folder + "/" + groups + label;
    const std::string id = fmt::format("group_{}_{}{}", folder, groups, label);
    if (model.contrasts.empty())
      fail(ErrorCode::bad_input, "{} ('{}') tests nothing: give it Contrasts or DummyContrasts",
           node.place, node.name);
    if (!is_mean(model)) {
      request.design.table = (StudyLedger(output_).folder() / "designs" / (id + ".tsv")).string();
      plan_.files.emplace_back(request.design.table, design_table(model.design));
      for (const auto& contrast : model.contrasts) {
        auto& list =
            contrast.spec.kind == ContrastKind::F ? request.f_contrasts : request.contrasts;
        list.push_back(
            fmt::format("{}={}", contrast.spec.name, fmt::join(contrast.spec.rows, ";")));
      }
    }
    request.output = output_.string();
    check_planned(node, request);
    check_grids(node, effects, in_, request.mask);
    for (const auto& contrast : model.contrasts)
      require_possible_name(node, contrast.name,
                            fs::path(request.prefix).filename().string() + "_desc-" +
                                contrast.spec.name + kLongestEnding);
    add_group_jobs(node, id, request,
                   request.model.method == GroupMethod::fixed ? "" : why_too_few(node, model));
  }

  /// People may still fail before: a group of too few is no reason to stop the others.
  static std::string why_too_few(const StatsNode& node, const GroupNodeDesign& model) {
    const size_t n = model.inputs.size(), rank = rank_of(model);
    if (n > rank) return "";
    return fmt::format(
        "{}: node '{}' has {} of participants for {} of its design and the variance between "
        "people; it needs {} or more",
        node.place, node.name, counted(n, "effect"), counted(rank, "column"), rank + 1);
  }

  /// The analysis as one job, or as shards of its permutations and their merge.
  void add_group_jobs(const StatsNode& node, const std::string& id, const GroupRequest& request,
                      const std::string& problem) {
    StudyJob job;
    job.id = id;
    job.problem = problem;
    job.kind = StudyJobKind::group;
    job.node = node.name;
    visit_files(request, [&](const std::string& path) { job.inputs.push_back(path); });
    if (a_.shards == 1 || !request.shuffles()) {
      job.request.json = to_json(request);
      plan_.jobs.push_back(std::move(job));
      return;
    }
    StudyJob merge = job;
    MergeRequest merged;
    merge.inputs.clear();
    for (int s = 1; s <= a_.shards; ++s) {
      GroupRequest part = request;
      part.shard = Shard{uint64_t(s), uint64_t(a_.shards)};
      part.output = (StudyLedger(output_).folder() / "shards").string();
      StudyJob one = job;
      one.id = fmt::format("{}_shard-{}-of-{}", id, s, a_.shards);
      one.request.json = to_json(part);
      merged.parts.push_back(fmt::format("{}/{}shard-{}-of-{}.h5", part.output,
                                         name_prefix(part.prefix), s, a_.shards));
      merge.after.push_back(one.id);
      plan_.jobs.push_back(std::move(one));
    }
    merged.output = output_.string();
    merge.kind = StudyJobKind::merge;
    merge.inputs = merged.parts;
    merge.request.json = to_json(merged);
    plan_.jobs.push_back(std::move(merge));
  }

  /// Regions of the node's settings: their masks, their values, the dissociation.
  void plan_regions(const StatsNode& node, const std::vector<const StudyEffect*>& incoming) {
    const EngineSettings& s = node.settings;
    if (s.rois.empty() && s.region_sets.empty() && s.atlas_labels.empty()) return;
    const std::string folder = "node-" + camel_case(node.name);
    const std::string place = (output_ / folder / "rois").string();
    ExtractRequest extract;
    extract.regions.rois = s.rois;
    StudyJob values = region_job(node, StudyJobKind::extract, "roi-extract_" + folder);
    if (!s.region_sets.empty()) {
      MakeRequest make;
      make.like = incoming.front()->effect;
      make.sets = s.region_sets;
      make.unions = s.region_unions;
      make.output = place;
      StudyJob job = region_job(node, StudyJobKind::make_regions, "roi-make_" + folder);
      check_planned(node, make);
      job.inputs = {make.like};
      job.request.json = to_json(make);
      extract.regions.rois.push_back((fs::path(place) / "rois.tsv").string());
      values.after.push_back(job.id);
      plan_.jobs.push_back(std::move(job));
    }
    if (!s.atlas_labels.empty())
      extract.regions.atlas = {s.atlas, s.atlas_label_table, s.atlas_labels};
    take_estimates(node, incoming, extract);
    extract.output = (output_ / folder).string();
    check_planned(node, extract);
    values.inputs = extract.estimates;
    for (const auto& file : region_files(extract.regions, output_.string()))
      values.inputs.push_back(file);
    values.request.json = to_json(extract);
    const std::string id = values.id;
    plan_.jobs.push_back(std::move(values));
    if (s.signals.empty()) return;
    DissociateRequest dissociate;
    dissociate.table = (output_ / folder / "roi_values.tsv").string();
    dissociate.regions = s.dissociate_regions;
    for (const auto& set : s.signals) dissociate.signal_sets.push_back(split_list(set));
    dissociate.output = (output_ / folder).string();
    check_planned(node, dissociate);
    StudyJob job = region_job(node, StudyJobKind::dissociate, "roi-dissociate_" + folder);
    job.after = {id};
    job.inputs = {dissociate.table, (output_ / folder / "roi_values.json").string()};
    job.request.json = to_json(dissociate);
    plan_.jobs.push_back(std::move(job));
  }
  static StudyJob region_job(const StatsNode& node, StudyJobKind kind, std::string id) {
    StudyJob job;
    job.id = std::move(id);
    job.kind = kind;
    job.node = node.name;
    return job;
  }
  /// The estimates of each participant, and the contrasts that reach the node.
  void take_estimates(const StatsNode& node, const std::vector<const StudyEffect*>& incoming,
                      ExtractRequest& extract) {
    const size_t run_node = incoming.front()->run_node;
    extract.fixed_effects = incoming.front()->within;
    std::set<std::string> names, files;
    for (const auto* effect : incoming) {
      if (effect->run_node != run_node)
        fail(ErrorCode::bad_input,
             "{} ('{}') takes values of regions from the Run nodes '{}' and '{}'; make a Dataset "
             "node for each",
             node.place, node.name, in_.model.nodes[run_node].name,
             in_.model.nodes[effect->run_node].name);
      if (effect->of_sessions)
        fail(ErrorCode::bad_input,
             "{} ('{}') takes values of regions of '{}', a contrast of sessions; regions have "
             "values "
             "of the Run node's contrasts: extract others with `roi extract --maps`",
             node.place, node.name, effect->contrast);
      if (effect->within != incoming.front()->within)
        fail(ErrorCode::bad_input,
             "{} ('{}') takes values of regions of runs combined by {} and by {}; make a Dataset "
             "node for each",
             node.place, node.name, name_of(incoming.front()->within), name_of(effect->within));
      names.insert(effect->contrast);
      for (const auto& file : effect->estimates)
        if (files.insert(file).second) extract.estimates.push_back(file);
    }
    for (const auto& contrast : in_.survey_of(in_.model.nodes[run_node].name).contrasts)
      if (contrast.spec.kind == ContrastKind::t && names.erase(contrast.spec.name) > 0)
        extract.contrasts.push_back(
            fmt::format("{}={}", contrast.spec.name, contrast.spec.rows.front()));
  }

  const StudyRequest& a_;
  const StudyInputs& in_;
  const std::vector<StudyEffect>& effects_;
  const std::function<bool(const std::string&)>& exists_;
  fs::path output_;
  JobPlan plan_;
};

}  // namespace

JobPlan plan_group(const StudyRequest& request, const StudyInputs& inputs,
                   const std::vector<StudyEffect>& effects,
                   const std::function<bool(const std::string&)>& exists) {
  return GroupPlanner(request, inputs, effects, exists).plan();
}

}  // namespace sociometer::jobs
