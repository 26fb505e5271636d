#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/first_level/contrast_job.hpp"
#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/study/plan_checks.hpp"
#include "cli/jobs/study/planned_fit.hpp"
#include "cli/jobs/study/run_problems.hpp"
#include "cli/jobs/study/study_ledger.hpp"
#include "cli/jobs/study/study_places.hpp"
#include "cli/jobs/study/study_plan.hpp"
#include "cli/jobs/study/trials_plan.hpp"
#include "engine/core/error.hpp"
#include "engine/stats_models/group_node.hpp"
#include "io/bids/bids_name.hpp"
#include "io/models/model_writer.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

std::string node_folder(const StatsNode& node) { return "node-" + camel_case(node.name); }

std::string job_id(const std::string& kind, const StatsNode& node, const std::string& what) {
  std::string id = fmt::format("{}_{}_{}", kind, node_folder(node), what);
  for (char& c : id)
    if (c == '/') c = '-';
  return id;
}

/// Plans the participants' part; see plan_participants.
class ParticipantPlanner {
 public:
  ParticipantPlanner(const StudyRequest& request, const StudyInputs& inputs)
      : a_(request), in_(inputs), nodes_(expand(inputs.model)) {}

  JobPlan plan() {
    for (const NodePlan& at : nodes_) {
      const StatsNode& node = in_.model.nodes[at.node];
      if (node.level == NodeLevel::run) plan_run_node(at, node);
      if (node.level == NodeLevel::session || node.level == NodeLevel::subject)
        plan_combining_node(at, node);
    }
    require_distinct_jobs(plan_.jobs);
    return std::move(plan_);
  }

 private:
  /// A Run node's own effects: those of every run, which nodes above combine. They have no files of
  /// their own unless they are fitted run by run.
  void plan_run_node(const NodePlan& at, const StatsNode& node) {
    check_mask(node);
    const SurveyedNode& survey = in_.survey_of(node.name);
    const bool alone = at.outgoing.empty() || feeds_dataset(at);
    for (size_t r = 0; r < in_.runs.size(); ++r) {
      std::vector<size_t> effects;
      for (const auto& contrast : survey.contrasts) {
        StudyEffect effect;
        effect.node = effect.run_node = at.node;
        effect.entities = in_.runs[r].entities;
        effect.run = r;
        effect.entities["contrast"] = contrast.name;
        effect.contrast = contrast.spec.name;
        effect.run_contrast = contrast.name;
        effect.is_t = contrast.spec.kind == ContrastKind::t;
        run_of_[plan_.effects.size()] = r;
        effects.push_back(plan_.effects.size());
        plan_.effects.push_back(std::move(effect));
      }
      if (alone || survey.contrasts.empty())
        add_fit(node, node, {&in_.runs[r]}, NodeEstimator::pass, effects);
    }
    if (node.settings.trials) plan_trials(node);
  }
  bool feeds_dataset(const NodePlan& at) const {
    return std::any_of(at.outgoing.begin(), at.outgoing.end(),
                       [&](size_t n) { return in_.model.nodes[n].level == NodeLevel::dataset; });
  }

  void plan_combining_node(const NodePlan& at, const StatsNode& node) {
    std::vector<size_t> positions;
    std::vector<Entities> entities;
    for (size_t e = n_indexed_; e < plan_.effects.size(); ++e)
      first_effects_.try_emplace(plan_.effects[e].estimates, e);
    n_indexed_ = plan_.effects.size();
    for (size_t e = 0; e < plan_.effects.size(); ++e)
      for (const auto& edge : at.incoming)
        if (plan_.effects[e].node == edge.source &&
            (plan_.effects[e].is_t || !compares_sessions(node)) &&
            passes(edge.filter, plan_.effects[e].entities, in_.participants)) {
          positions.push_back(e);
          entities.push_back(plan_.effects[e].entities);
        }
    ModelNotes notes;
    // One estimation serves all contrasts of the same runs.
    std::map<CombinationKey, Combination> combinations;
    std::string first_problem;
    const size_t before = plan_.effects.size();
    for (const NodeGroup& group : group_inputs(node, entities, in_.participants, notes)) {
      try {
        combine(at, node, group, entities, positions, combinations);
      } catch (const Error& error) {
        // Whoever lacks a session has no difference of sessions; what nobody has is refused below.
        if (!compares_sessions(node)) throw;
        if (first_problem.empty()) first_problem = error.what();
        plan_.notes.push_back(
            fmt::format("sub-{} is left out: {}", label_of(group, entities), error.what()));
      }
    }
    if (!first_problem.empty() && plan_.effects.size() == before)
      fail(ErrorCode::bad_input, "{}", first_problem);
    for (const auto& [key, combination] : combinations) {
      const bool over_runs = run_of_.count(combination.sources.front()) > 0;
      if (!over_runs) {
        add_combination(node, combination);
        continue;
      }
      std::vector<const StudyRun*> runs;
      for (size_t i = 1; i < key.first.size(); ++i) runs.push_back(&in_.runs[key.first[i]]);
      const StatsNode& below = in_.model.nodes[key.first.front()];
      add_fit(below, node, runs, combination.estimator, combination.effects);
    }
    for (const auto& text : notes.warnings) plan_.notes.push_back(text);
  }

  /// Run node, then runs or the first effects of sessions; weights of sessions, if they are
  /// compared.
  using CombinationKey = std::pair<std::vector<size_t>, std::vector<double>>;
  struct Combination {
    std::vector<size_t> sources, effects;  ///< all contrasts'
    NodeEstimator estimator = NodeEstimator::pass;
    std::string name;             ///< of the contrast of sessions
    std::vector<double> weights;  ///< of sessions; none: their mean
  };

  static bool compares_sessions(const StatsNode& node) {
    return std::any_of(node.x.begin(), node.x.end(),
                       [](const auto& entry) { return entry != kConstantName; });
  }
  static std::string label_of(const NodeGroup& group, const std::vector<Entities>& entities) {
    const Entities& first = entities[group.inputs.front()];
    const auto subject = first.find("subject");
    return subject == first.end() ? "" : subject->second;
  }

  /// The effects that a node makes of a group of others.
  void combine(const NodePlan& at, const StatsNode& node, const NodeGroup& group,
               const std::vector<Entities>& entities, const std::vector<size_t>& positions,
               std::map<CombinationKey, Combination>& combinations) {
    const GroupNodeDesign model = group_node_design(node, group, entities, in_.participants);
    std::vector<size_t> sources;
    for (size_t i : model.inputs) sources.push_back(positions[i]);
    std::vector<size_t> runs{one_run_node(node, sources)};
    for (size_t e : sources) runs.push_back(run_of_.count(e) ? run_of_.at(e) : first_of(e));
    const bool of_sessions = !is_mean(model);
    if (of_sessions) check_sessions(node, model, sources);
    for (const NodeContrast& contrast : model.contrasts) {
      const std::vector<double> weights =
          of_sessions ? weights_of_inputs(node, model, contrast) : std::vector<double>{};
      StudyEffect effect = plan_.effects[sources.front()];
      effect.node = at.node;
      effect.entities = shared_entities(sources);
      effect.entities["contrast"] = contrast.name;
      effect.contrast = of_sessions ? contrast.spec.name : effect.contrast;
      effect.of_sessions |= of_sessions;
      Combination& combination = combinations[{runs, weights}];
      combination.effects.push_back(plan_.effects.size());
      combination.estimator = model.estimator;
      combination.weights = weights;
      combination.sources.insert(combination.sources.end(), sources.begin(), sources.end());
      if (of_sessions)
        combination.name = camel_case(contrast.name.substr(
            std::min(contrast.name.size(),
                     plan_.effects[sources.front()].entities.at("contrast").size() + 1)));
      plan_.effects.push_back(std::move(effect));
    }
  }

  /// A node that compares sessions gets one effect of each, which a node below it made.
  void check_sessions(const StatsNode& node, const GroupNodeDesign& model,
                      const std::vector<size_t>& sources) const {
    if (!compares_sessions(node)) check_is_mean(node, model);
    for (size_t e : sources)
      if (run_of_.count(e) > 0)
        fail(ErrorCode::bad_input,
             "{} ('{}') compares sessions, but gets runs; put a Session node with X [1] before it",
             node.place, node.name);
    if (model.contrasts.empty())
      fail(ErrorCode::bad_input,
           "{} ('{}') has X {} and no Contrasts: write one as session.2 - session.1", node.place,
           node.name, fmt::join(node.x, ", "));
  }

  /// The Run node of effects that are combined.
  size_t one_run_node(const StatsNode& node, const std::vector<size_t>& sources) const {
    const StudyEffect& first = plan_.effects[sources.front()];
    for (size_t e : sources)
      if (plan_.effects[e].run_node != first.run_node)
        fail(
            ErrorCode::bad_input,
            "{} ('{}') combines contrast '{}' of the Run nodes '{}' and '{}'; give their contrasts "
            "different names, or make a {} node for each",
            node.place, node.name, first.contrast, in_.model.nodes[first.run_node].name,
            in_.model.nodes[plan_.effects[e].run_node].name, name_of(node.level));
    return first.run_node;
  }

  /// Effects of one participant are averaged; other models of them are first-level contrasts.
  static void check_is_mean(const StatsNode& node, const GroupNodeDesign& model) {
    if (is_mean(model)) return;
    fail(ErrorCode::bad_input,
         "{} ('{}'): a {} node hands on the mean of its effects, with X [1] and one contrast of "
         "weight 1 (DummyContrasts); write contrasts of conditions at the Run node, those of "
         "sessions "
         "at a Subject node with X [\"session\"], those of people at a Dataset node",
         node.place, node.name, name_of(node.level));
  }

  /// The first effect of the same estimation: it stands for the estimates file.
  size_t first_of(size_t effect) const {
    return first_effects_.at(plan_.effects[effect].estimates);
  }
  Entities shared_entities(const std::vector<size_t>& effects) const {
    Entities shared = plan_.effects[effects.front()].entities;
    for (size_t e : effects)
      std::erase_if(shared, [&](const auto& entity) {
        const auto& other = plan_.effects[e].entities;
        const auto found = other.find(entity.first);
        return found == other.end() || found->second != entity.second;
      });
    return shared;
  }

  /// Images, design and settings of a first level; sets the participant of its job, and the
  /// problem that it has.
  FitRequest request_of(const StatsNode& run_node, const std::vector<const StudyRun*>& runs,
                        StudyJob& job) {
    FitRequest fit;
    fit.bold = paths_of(runs, &RunFiles::bold);
    const SurveyedNode& survey = in_.survey_of(run_node.name);
    fit.design.stats_model = {file_of_node(run_node), run_node.name, survey.contrast_columns,
                              a_.drop_missing};
    job.participant = runs.front()->files.label("sub");
    const std::vector<RunProblem> problems = problems_of_runs(runs, survey);
    job.problem = text_of(problems);
    for (const auto& problem : problems)
      if (std::none_of(plan_.problems.begin(), plan_.problems.end(), [&](const auto& known) {
            return known.run == problem.run && known.why == problem.why;
          }))
        plan_.problems.push_back(problem);
    fit.design.events = complete_paths(runs, &RunFiles::events);
    fit.design.confounds.files = complete_paths(runs, &RunFiles::confounds);
    fit.design.tr_s = common_tr(runs);
    fit.design.volume_onset_s = onsets_of_volumes(runs);
    const auto masked = combines_sessions() ? runs_of(job.participant) : runs;
    fit.mask = mask_files(paths_of(masked, &RunFiles::mask));
    if (fit.mask.files.size() != masked.size()) fit.mask = {MaskSource::Kind::computed, {}};
    apply_settings(run_node.settings, fit);
    if (!a_.smoothing_fwhm_mm.empty()) fit.smoothing_fwhm_mm = a_.smoothing_fwhm_mm;
    fit.output = absolute_path(a_.output);
    return fit;
  }

  /// Single trials of each participant, over all runs.
  void plan_trials(const StatsNode& node) {
    std::vector<std::string> done;
    for (const auto& run : in_.runs) {
      const std::string participant = run.files.label("sub");
      if (std::find(done.begin(), done.end(), participant) != done.end()) continue;
      done.push_back(participant);
      const auto runs = runs_of(participant);
      StudyJob job;
      job.kind = StudyJobKind::trials;
      job.node = node.name;
      TrialsRequest request =
          trials_request(node, in_.survey_of(node.name).trial_types, request_of(node, runs, job));
      request.fit.design.stats_model.file = file_of_node(without_contrasts(node), "_trials");
      const std::string label = derived_prefix(request.fit.bold);
      job.id = job_id("trials", node, fs::path(label).filename().string());
      request.fit.prefix = node_folder(node) + "/trials/" + label;
      check_trials(node, request);
      job.inputs = inputs_of(request.fit, runs);
      job.inputs.push_back(request.fit.design.stats_model.file);
      for (const auto& file : region_files(request.regions, absolute_path(a_.output)))
        job.inputs.push_back(file);
      job.request.json = to_json(request);
      plan_.jobs.push_back(std::move(job));
    }
  }

  void add_fit(const StatsNode& run_node, const StatsNode& named,
               const std::vector<const StudyRun*>& runs, NodeEstimator estimator,
               const std::vector<size_t>& effects) {
    StudyJob job;
    job.kind = StudyJobKind::fit;
    job.node = named.name;
    FitRequest fit = request_of(run_node, runs, job);
    const std::string label = derived_prefix(fit.bold);
    job.id = job_id("fit", named, fs::path(label).filename().string());
    fit.fixed_effects =
        estimator == NodeEstimator::equal ? FixedEffects::equal : FixedEffects::precision;
    if (run_node.settings.fixed_effects) fit.fixed_effects = *run_node.settings.fixed_effects;
    if (named.settings.fixed_effects) fit.fixed_effects = *named.settings.fixed_effects;
    fit.prefix = node_folder(named) + "/" + label;
    check_planned(run_node, fit);
    job.inputs = inputs_of(fit, runs);
    job.inputs.push_back(fit.design.stats_model.file);
    job.request.json = to_json(fit);
    give_files(effects, fit.output + "/" + fit.prefix, job.id);
    for (size_t e : effects) plan_.effects[e].within = fit.fixed_effects;
    plan_.jobs.push_back(std::move(job));
  }

  /// Whether some node combines what Session nodes made: their voxels must be the same then.
  bool combines_sessions() const {
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const NodePlan& at) {
      const bool of_people = in_.model.nodes[at.node].level == NodeLevel::subject;
      return of_people &&
             std::any_of(at.incoming.begin(), at.incoming.end(), [&](const auto& edge) {
               return in_.model.nodes[edge.source].level == NodeLevel::session;
             });
    });
  }
  /// All runs of a participant in the dataset.
  std::vector<const StudyRun*> runs_of(const std::string& participant) const {
    std::vector<const StudyRun*> runs;
    for (const auto& run : in_.runs)
      if (run.files.label("sub") == participant) runs.push_back(&run);
    return runs;
  }

  /// The Run node as a model of its own: what else changes in the study's model, its name included,
  /// changes nothing about the first level.
  /// @param ending  of the file's name: a node has one for its fits and one for its trials.
  std::string file_of_node(const StatsNode& node, const std::string& ending = "") {
    const std::string path = (StudyLedger(absolute_path(a_.output)).folder() / "models" /
                              (node_folder(node) + ending + "_smdl.json"))
                                 .string();
    const auto same = [&](const auto& file) { return file.first == path; };
    if (std::none_of(plan_.files.begin(), plan_.files.end(), same)) {
      StatsModel model;
      model.name = node.name;
      model.nodes = {without_trials(node)};
      plan_.files.emplace_back(path, model_text(model));
    }
    return path;
  }

  std::vector<std::string> inputs_of(const FitRequest& fit,
                                     const std::vector<const StudyRun*>& runs) const {
    std::vector<std::string> paths = fit.bold;
    const auto add = [&](const std::vector<std::string>& more) {
      paths.insert(paths.end(), more.begin(), more.end());
    };
    add(fit.design.events);
    add(fit.design.confounds.files);
    add(fit.mask.files);
    for (const auto* run : runs) add(run->files.sidecars);
    return paths;
  }

  void give_files(const std::vector<size_t>& effects, const std::string& prefix,
                  const std::string& job) {
    for (size_t e : effects) {
      StudyEffect& effect = plan_.effects[e];
      const std::string stem = prefix + "_contrast-" + effect.contrast + "_stat-";
      effect.effect = stem + "effect_statmap.nii.gz";
      effect.variance = stem + "variance_statmap.nii.gz";
      effect.estimates = {prefix + "_estimates.h5"};
      effect.job = job;
      require_possible_name(in_.model.nodes[effect.node], effect.contrast,
                            fs::path(effect.variance).filename().string());
    }
  }

  /// Sessions of a participant, from the estimates of each: their mean, or a contrast of them.
  void add_combination(const StatsNode& node, const Combination& combination) {
    ContrastRequest request;
    StudyJob job;
    job.kind = StudyJobKind::contrast;
    job.node = node.name;
    job.participant = plan_.effects[combination.sources.front()].entities.at("subject");
    request.fixed_effects = node.settings.fixed_effects.value_or(
        combination.estimator == NodeEstimator::equal ? FixedEffects::equal
                                                      : FixedEffects::precision);
    bool at_once = request.fixed_effects == FixedEffects::precision;
    for (size_t e : combination.sources) {
      const StudyEffect& source = plan_.effects[e];
      if (source.estimates.size() != 1)
        fail(ErrorCode::bad_input,
             "{} ('{}') combines what the node '{}' has already made of sessions; let one Subject "
             "node do it",
             node.place, node.name, in_.model.nodes[source.node].name);
      at_once &= source.within == FixedEffects::precision;
      if (std::find(job.after.begin(), job.after.end(), source.job) != job.after.end()) continue;
      job.after.push_back(source.job);
      request.estimates.push_back(source.estimates.front());
    }
    for (size_t e : combination.effects) add_contrast(plan_.effects[e], request);
    // Weighted by precision, all runs at once are the same as run by run, then session by session.
    if (!at_once || !combination.weights.empty())
      request.within = plan_.effects[combination.sources.front()].within;
    request.weights = combination.weights;
    request.output = absolute_path(a_.output);
    const std::string label = derived_prefix(request.estimates);
    request.prefix = node_folder(node) + "/" + label;
    job.id = job_id("contrast", node, fs::path(label).filename().string());
    if (!combination.name.empty()) job.id += "_" + combination.name;
    job.inputs = request.estimates;
    job.request.json = to_json(request);
    give_files(combination.effects, request.output + "/" + request.prefix, job.id);
    for (size_t e : combination.effects) {
      plan_.effects[e].estimates = request.estimates;
      plan_.effects[e].within = request.fixed_effects;
    }
    plan_.jobs.push_back(std::move(job));
  }

  /// The expression of a Run node's contrast.
  void add_contrast(const StudyEffect& effect, ContrastRequest& request) const {
    for (const auto& contrast : in_.survey_of(in_.model.nodes[effect.run_node].name).contrasts)
      if (contrast.name == effect.run_contrast) {
        auto& list =
            contrast.spec.kind == ContrastKind::F ? request.f_contrasts : request.contrasts;
        list.push_back(fmt::format("{}={}", effect.contrast, fmt::join(contrast.spec.rows, ";")));
        return;
      }
  }

  const StudyRequest& a_;
  const StudyInputs& in_;
  std::vector<NodePlan> nodes_;
  JobPlan plan_;
  std::map<size_t, size_t> run_of_;  ///< effect of a Run node -> run
  /// Estimations of the nodes before the present one, each with its first effect.
  std::map<std::vector<std::string>, size_t> first_effects_;
  size_t n_indexed_ = 0;  ///< effects that are in it
};

}  // namespace

JobPlan plan_participants(const StudyRequest& request, const StudyInputs& inputs) {
  return ParticipantPlanner(request, inputs).plan();
}

}  // namespace sociometer::jobs
