#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "cli/jobs/first_level/contrast_job.hpp"
#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/study/study_plan.hpp"
#include "engine/core/error.hpp"
#include "engine/stats_models/group_node.hpp"
#include "io/bids/bids_name.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// A set of effects of one participant that a node combines.
struct Combination {
  Entities entities;
  std::vector<size_t> effects;  ///< positions in the plan's effects
};

std::string node_folder(const StatsNode& node) { return "node-" + camel_case(node.name); }

std::string job_id(const std::string& kind, const StatsNode& node, const std::string& what) {
  std::string id = fmt::format("{}_{}_{}", kind, node_folder(node), what);
  for (char& c : id)
    if (c == '/') c = '-';
  return id;
}

/// What of a run node's settings goes into the request of a fit.
void apply_settings(const EngineSettings& s, FitRequest& fit) {
  if (s.noise_model) fit.noise_model = *s.noise_model;
  if (s.noise_smoothing_fwhm_mm) fit.noise_model.smoothing_fwhm_mm = *s.noise_smoothing_fwhm_mm;
  if (!s.smoothing_fwhm_mm.empty()) fit.smoothing_fwhm_mm = s.smoothing_fwhm_mm;
  if (s.scaling) fit.scaling = *s.scaling;
  if (s.fixed_effects) fit.fixed_effects = *s.fixed_effects;
  if (!s.mask.empty()) fit.mask = s.mask;
  if (s.mask_fraction) fit.mask_fraction = *s.mask_fraction;
  for (const auto& word : s.save) fit.save.push_back(value_of<SavedMap>(word, "Save"));
  if (s.estimates) fit.estimates = *s.estimates;
  if (s.log_p) fit.log_p = *s.log_p;
  if (s.slice_time_ref) fit.design.slice_time_ref = *s.slice_time_ref;
}

/// The mask that Model.Options.Mask asks for: fMRIPrep's brain mask, which is the default too.
void check_mask(const StatsNode& node) {
  for (const auto& [key, labels] : node.mask) {
    const bool usual = (key == "desc" || key == "description")
                           ? labels == std::vector<std::string>{"brain"}
                       : key == "suffix" ? labels == std::vector<std::string>{"mask"}
                                         : true;
    if (!usual)
      fail(ErrorCode::bad_input,
           "{}/Model/Options/Mask of node '{}' asks for {} {}, which only Software.Sociometer.Mask "
           "can name, as a file",
           node.place, node.name, key, fmt::join(labels, ", "));
  }
}

std::vector<std::string> paths_of(const std::vector<const StudyRun*>& runs,
                                  std::string RunFiles::*member) {
  std::vector<std::string> paths;
  for (const auto* run : runs)
    if (!(run->files.*member).empty()) paths.push_back(run->files.*member);
  return paths;
}

/// All runs or none have a table of a kind; a run that lacks one cannot be analysed with the rest.
std::vector<std::string> complete_paths(const std::vector<const StudyRun*>& runs,
                                        std::string RunFiles::*member, const char* what,
                                        bool needed) {
  std::vector<std::string> paths = paths_of(runs, member);
  if (paths.size() == runs.size() || (paths.empty() && !needed)) return paths;
  if (!needed) return {};
  for (const auto* run : runs)
    if ((run->files.*member).empty())
      fail(ErrorCode::bad_input, "{} has no {}, which the model needs", run->files.run_label(),
           what);
  return paths;
}

/// Whether X names columns of confounds: anything that is neither the constant nor an event's.
bool needs_confounds(const StatsNode& node) {
  return std::any_of(node.x.begin(), node.x.end(), [](const std::string& name) {
    for (const char* start :
         {"trans_", "rot_", "cosine", "csf", "white_matter", "global_signal", "a_comp_cor",
          "t_comp_cor", "c_comp_cor", "w_comp_cor", "aroma", "framewise", "dvars", "std_dvars",
          "motion_outlier", "non_steady_state", "rmsd"})
      if (name.rfind(start, 0) == 0) return true;
    return false;
  });
}

std::optional<double> common_tr(const std::vector<const StudyRun*>& runs) {
  std::optional<double> tr;
  for (const auto* run : runs) {
    if (!run->timing.volume_timing_s.empty())
      fail(ErrorCode::bad_input,
           "{} has VolumeTiming: volumes at unequal times, which is not supported",
           run->files.run_label());
    if (run->timing.sidecar_tr_s || !run->timing.raw_tr_s) continue;
    if (tr && *tr != *run->timing.raw_tr_s)
      fail(ErrorCode::bad_input,
           "{} has TR {} s, a run before it {} s; they need nodes of their own",
           run->files.run_label(), *run->timing.raw_tr_s, *tr);
    tr = run->timing.raw_tr_s;
  }
  return tr;
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
        effect.node = at.node;
        effect.entities = in_.runs[r].entities;
        effect.entities["contrast"] = contrast.name;
        effect.contrast = contrast.spec.name;
        run_of_[plan_.effects.size()] = r;
        effects.push_back(plan_.effects.size());
        plan_.effects.push_back(std::move(effect));
      }
      if (alone || survey.contrasts.empty())
        add_fit(node, node, {&in_.runs[r]}, NodeEstimator::pass, effects);
    }
  }
  bool feeds_dataset(const NodePlan& at) const {
    return std::any_of(at.outgoing.begin(), at.outgoing.end(),
                       [&](size_t n) { return in_.model.nodes[n].level == NodeLevel::dataset; });
  }

  void plan_combining_node(const NodePlan& at, const StatsNode& node) {
    std::vector<size_t> positions;
    std::vector<Entities> entities;
    for (size_t e = 0; e < plan_.effects.size(); ++e)
      for (const auto& edge : at.incoming)
        if (plan_.effects[e].node == edge.source &&
            passes(edge.filter, plan_.effects[e].entities, in_.participants)) {
          positions.push_back(e);
          entities.push_back(plan_.effects[e].entities);
        }
    ModelNotes notes;
    // One estimation serves all contrasts of the same runs.
    std::map<std::vector<size_t>, std::vector<size_t>> of_runs;  // runs or sessions -> new effects
    std::map<std::vector<size_t>, NodeEstimator> estimator_of;
    std::map<std::vector<size_t>, std::vector<size_t>> sources_of;
    for (const NodeGroup& group : group_inputs(node, entities, in_.participants, notes)) {
      const GroupNodeDesign model = group_node_design(node, group, entities, in_.participants);
      check_is_mean(node, model);
      std::vector<size_t> sources, key;
      for (size_t i : model.inputs) sources.push_back(positions[i]);
      for (size_t e : sources) key.push_back(run_of_.count(e) ? run_of_.at(e) : first_of(e));
      StudyEffect effect = plan_.effects[sources.front()];
      effect.node = at.node;
      effect.entities = shared_entities(sources);
      effect.entities["contrast"] = model.contrasts.front().name;
      of_runs[key].push_back(plan_.effects.size());
      estimator_of[key] = model.estimator;
      auto& all = sources_of[key];
      all.insert(all.end(), sources.begin(), sources.end());
      plan_.effects.push_back(std::move(effect));
    }
    for (const auto& [key, effects] : of_runs) {
      const bool over_runs = run_of_.count(sources_of[key].front()) > 0;
      if (over_runs) {
        std::vector<const StudyRun*> runs;
        for (size_t r : key) runs.push_back(&in_.runs[r]);
        const StatsNode& below = in_.model.nodes[plan_.effects[sources_of[key].front()].node];
        add_fit(below, node, runs, estimator_of[key], effects);
      } else {
        add_combination(node, sources_of[key], estimator_of[key], effects);
      }
    }
    for (const auto& text : notes.warnings) plan_.notes.push_back(text);
  }

  /// Effects of one participant are averaged; other models of them are first-level contrasts.
  static void check_is_mean(const StatsNode& node, const GroupNodeDesign& model) {
    if (model.design.names.size() == 1 && model.contrasts.size() == 1 &&
        (model.design.values.array() == 1).all())
      return;
    fail(ErrorCode::bad_input,
         "{} ('{}'): a {} node averages effects here, with X [1]; write differences between "
         "contrasts as Contrasts of the Run node, and differences between sessions or people at "
         "the level Dataset",
         node.place, node.name, name_of(node.level));
  }

  /// The first effect of the same estimation: it stands for the estimates file.
  size_t first_of(size_t effect) const {
    for (size_t e = 0; e < plan_.effects.size(); ++e)
      if (plan_.effects[e].estimates == plan_.effects[effect].estimates) return e;
    return effect;
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

  void add_fit(const StatsNode& run_node, const StatsNode& named,
               const std::vector<const StudyRun*>& runs, NodeEstimator estimator,
               const std::vector<size_t>& effects) {
    FitRequest fit;
    fit.bold = paths_of(runs, &RunFiles::bold);
    fit.design.stats_model = {in_.model_path, run_node.name, in_.survey_of(run_node.name).columns};
    StudyJob job;
    job.kind = StudyJobKind::fit;
    job.node = named.name;
    job.participant = runs.front()->files.label("sub");
    const std::string label = derived_prefix(fit.bold);
    job.id = job_id("fit", named, fs::path(label).filename().string());
    try {
      fit.design.events = complete_paths(runs, &RunFiles::events, "events", needs_events(run_node));
      fit.design.confounds.files =
          complete_paths(runs, &RunFiles::confounds, "confounds", needs_confounds(run_node));
      fit.design.tr_s = common_tr(runs);
    } catch (const Error& error) {
      job.problem = error.what();  // of this participant only
    }
    fit.mask = paths_of(runs, &RunFiles::mask);
    if (fit.mask.size() != runs.size()) fit.mask = {"computed"};
    fit.fixed_effects =
        estimator == NodeEstimator::equal ? FixedEffects::equal : FixedEffects::precision;
    apply_settings(run_node.settings, fit);
    if (named.settings.fixed_effects) fit.fixed_effects = *named.settings.fixed_effects;
    if (!a_.smoothing_fwhm_mm.empty()) fit.smoothing_fwhm_mm = a_.smoothing_fwhm_mm;
    fit.output = fs::absolute(a_.output).lexically_normal().string();
    fit.prefix = node_folder(named) + "/" + label;
    job.inputs = inputs_of(fit, runs);
    job.request.json = to_json(fit);
    give_files(effects, fit.output + "/" + fit.prefix, job.id);
    plan_.jobs.push_back(std::move(job));
  }

  std::vector<std::string> inputs_of(const FitRequest& fit,
                                     const std::vector<const StudyRun*>& runs) const {
    std::vector<std::string> paths = fit.bold;
    const auto add = [&](const std::vector<std::string>& more) {
      paths.insert(paths.end(), more.begin(), more.end());
    };
    add(fit.design.events);
    add(fit.design.confounds.files);
    if (fit.mask != std::vector<std::string>{"computed"}) add(fit.mask);
    for (const auto* run : runs) add(run->files.sidecars);
    paths.push_back(in_.model_path);
    return paths;
  }

  void give_files(const std::vector<size_t>& effects, const std::string& prefix,
                  const std::string& job) {
    for (size_t e : effects) {
      StudyEffect& effect = plan_.effects[e];
      const std::string stem = prefix + "_contrast-" + effect.contrast + "_stat-";
      effect.effect = stem + "effect_statmap.nii.gz";
      effect.variance = stem + "variance_statmap.nii.gz";
      effect.estimates = prefix + "_estimates.h5";
      effect.job = job;
    }
  }

  /// Sessions of a participant, from the estimates of each.
  void add_combination(const StatsNode& node, const std::vector<size_t>& sources,
                       NodeEstimator estimator, const std::vector<size_t>& effects) {
    ContrastRequest request;
    StudyJob job;
    job.kind = StudyJobKind::contrast;
    job.node = node.name;
    job.participant = plan_.effects[sources.front()].entities.at("subject");
    for (size_t e : sources) {
      const StudyEffect& source = plan_.effects[e];
      if (std::find(job.after.begin(), job.after.end(), source.job) == job.after.end()) {
        job.after.push_back(source.job);
        request.estimates.push_back(source.estimates);
      }
    }
    for (size_t e : effects) add_contrast(plan_.effects[e].entities.at("contrast"), request);
    request.fixed_effects =
        estimator == NodeEstimator::equal ? FixedEffects::equal : FixedEffects::precision;
    request.output = fs::absolute(a_.output).lexically_normal().string();
    const std::string label = derived_prefix(request.estimates);
    request.prefix = node_folder(node) + "/" + label;
    job.id = job_id("contrast", node, fs::path(label).filename().string());
    job.inputs = request.estimates;
    job.request.json = to_json(request);
    give_files(effects, request.output + "/" + request.prefix, job.id);
    plan_.jobs.push_back(std::move(job));
  }

  /// The expression of a Run node's contrast.
  void add_contrast(const std::string& name, ContrastRequest& request) const {
    for (const auto& survey : in_.surveyed)
      for (const auto& contrast : survey.contrasts)
        if (contrast.name == name) {
          auto& list =
              contrast.spec.kind == ContrastKind::F ? request.f_contrasts : request.contrasts;
          list.push_back(
              fmt::format("{}={}", contrast.spec.name, fmt::join(contrast.spec.rows, ";")));
          return;
        }
  }

  const StudyRequest& a_;
  const StudyInputs& in_;
  std::vector<NodePlan> nodes_;
  JobPlan plan_;
  std::map<size_t, size_t> run_of_;  ///< effect of a Run node -> run
};

}  // namespace

JobPlan plan_participants(const StudyRequest& request, const StudyInputs& inputs) {
  return ParticipantPlanner(request, inputs).plan();
}

}  // namespace sociometer::jobs
