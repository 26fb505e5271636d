#include "cli/jobs/models/default_job.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/given.hpp"
#include "cli/jobs/models/model_nodes.hpp"
#include "engine/core/error.hpp"
#include "engine/design/contrast.hpp"
#include "io/bids/bids_index.hpp"
#include "io/bids/bids_runs.hpp"
#include "io/models/model_file.hpp"
#include "io/models/model_writer.hpp"
#include "io/tables/table.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// Preprocessed images by what has to be chosen among them.
struct Choices {
  std::set<std::string> tasks;
  std::map<std::string, std::set<std::string>> res_of_space;  ///< "": no label
};

Choices choices_in(const BidsStudy& study, const std::string& task) {
  Choices out;
  for (const auto& dataset : study.derivatives)
    for (const auto& person : dataset.people)
      for (const auto& file : person.files) {
        const BidsName& name = file.name;
        const bool image = name.extension == ".nii.gz" || name.extension == ".nii";
        if (name.suffix != "bold" || !image || name.label("desc") != "preproc") continue;
        if (!name.label("task").empty()) out.tasks.insert(name.label("task"));
        if (task.empty() || name.label("task") == task)
          out.res_of_space[name.label("space")].insert(name.label("res"));
      }
  return out;
}

std::string chosen_task(const ModelDefaultRequest& a, const Choices& choices) {
  if (!a.task.empty()) return a.task.starts_with("task-") ? a.task.substr(5) : a.task;
  if (choices.tasks.size() > 1)
    fail(ErrorCode::usage, "{} has several tasks; give --task: {}", a.bids,
         fmt::join(choices.tasks, ", "));
  return choices.tasks.empty() ? "" : *choices.tasks.begin();
}

/// The template that most analyses use, else another template.
std::string usual_space(const std::map<std::string, std::set<std::string>>& spaces) {
  if (spaces.contains("MNI152NLin2009cAsym")) return "MNI152NLin2009cAsym";
  for (const auto& [space, res] : spaces)
    if (space.starts_with("MNI")) return space;
  return "";
}

/// Entities of Input that choose one space and one resolution where there are several.
EntityFilter chosen_space(const ModelDefaultRequest& a, const Choices& choices, Journal& journal) {
  EntityFilter out;
  std::string space = a.space.substr(0, a.space.find(':'));
  for (size_t at = a.space.find(':'); at != std::string::npos;) {
    const size_t end = a.space.find(':', at + 1);
    const std::string part = a.space.substr(at + 1, end == std::string::npos ? end : end - at - 1);
    const size_t dash = part.find('-');
    if (dash == std::string::npos || part == "res-native")
      fail(ErrorCode::usage, "--space is '{}'; a model can name it as SPACE:res-LABEL", a.space);
    out[part.substr(0, dash)] = {part.substr(dash + 1)};
    at = end;
  }
  const auto& spaces = choices.res_of_space;
  std::vector<std::string> there;
  for (const auto& [name, res] : spaces) there.push_back(name.empty() ? "native" : name);
  if (space.empty() && spaces.size() > 1) {
    space = usual_space(spaces);
    if (space.empty())
      fail(ErrorCode::usage, "{} has images in several spaces; give --space: {}", a.bids,
           fmt::join(there, ", "));
    journal.info(fmt::format("of the spaces {} the model takes {}; --space chooses another",
                             fmt::join(there, ", "), space));
  } else if (!space.empty() && !spaces.contains(space)) {
    fail(ErrorCode::bad_input, "--space is {}; {} has images in {}", space, a.bids,
         fmt::join(there, ", "));
  }
  if (space.empty() && spaces.size() == 1) space = spaces.begin()->first;
  if (spaces.size() > 1 || !a.space.empty()) out["space"] = {space};
  const auto found = spaces.find(space);
  if (out.contains("res") || found == spaces.end() || found->second.size() < 2) return out;
  const std::string res = found->second.contains("2") ? "2" : *found->second.rbegin();
  out["res"] = {res};
  journal.info(fmt::format("of the resolutions of {} the model takes res-{}", space, res));
  return out;
}

/// The dataset's runs that the Input chooses.
std::vector<RunFiles> runs_of(const BidsStudy& study, const EntityFilter& input) {
  BidsFilter filter;
  for (const auto& [key, labels] : input)
    if (key == "space")
      filter.add_space(labels.front());
    else
      filter.add(key, labels);
  return find_runs(study, filter).runs;
}

/// The six motion parameters that the confounds have, as globs where they are all there.
std::vector<std::string> motion_columns(const std::vector<RunFiles>& runs) {
  std::set<std::string> names;
  for (const auto& run : runs)
    if (!run.confounds.empty()) {
      const Table table = read_confounds_table(run.confounds);
      names.insert(table.names.begin(), table.names.end());
      break;
    }
  std::vector<std::string> out;
  for (const char* kind : {"trans", "rot"}) {
    std::vector<std::string> found;
    for (const char* axis : {"x", "y", "z"})
      if (const std::string name = std::string(kind) + "_" + axis; names.contains(name))
        found.push_back(name);
    if (found.size() == 3) found = {std::string(kind) + "_?"};
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

std::set<std::string> event_files(const std::vector<RunFiles>& runs, const std::string& bids) {
  std::set<std::string> paths;
  for (const auto& run : runs)
    if (!run.events.empty()) paths.insert(run.events);
  if (paths.empty())
    fail(ErrorCode::bad_input,
         "{} has no events for these images: a model is made of the columns and types of "
         "*_events.tsv, which lie in the raw dataset beside the images or above",
         bids);
  return paths;
}

/// The columns of events from which learning models make their signals.
void require_rounds(const std::set<std::string>& paths) {
  const TrialColumns columns;
  const std::vector<std::string> needed{columns.trial_type,        columns.options[0].column,
                                        columns.options[1].column, columns.chosen.column,
                                        columns.rank.column,       columns.rank_visible.column,
                                        columns.outcome.column};
  std::set<std::string> types;
  for (const auto& path : paths) {
    const Table table = read_table(path);
    std::vector<std::string> missing;
    for (const auto& name : needed)
      if (table.find(name) < 0) missing.push_back(name);
    if (!missing.empty())
      fail(ErrorCode::bad_input,
           "{} has no column {}: the model of the dissociation needs {}; --plain makes a model of "
           "any task",
           path, fmt::join(missing, ", "), fmt::join(needed, ", "));
    const int type = table.find(columns.trial_type);
    for (const auto& row : table.rows) types.insert(row[size_t(type)]);
  }
  for (const auto* wanted : {&columns.choice, &columns.feedback})
    if (!types.contains(wanted->front()))
      fail(ErrorCode::bad_input,
           "no event has the trial_type {}: the model of the dissociation needs choice and "
           "feedback, the events have {}; --plain makes a model of any task",
           wanted->front(), fmt::join(types, ", "));
}

/// "trial_type.go" of all levels, in byte order.
std::vector<std::string> trial_type_columns(const std::set<std::string>& paths) {
  std::set<std::string> levels;
  for (const auto& path : paths) {
    const Table table = read_table(path);
    const int type = table.find("trial_type");
    if (type < 0)
      fail(ErrorCode::bad_input,
           "{} has no column trial_type, of which --plain makes columns; its "
           "columns: {}",
           path, fmt::join(table.names, ", "));
    levels.merge(values_in(table, type));
  }
  if (levels.empty()) fail(ErrorCode::bad_input, "no event has a trial_type");
  std::vector<std::string> out;
  std::map<std::string, std::string> by_file_name;
  for (const auto& level : levels) {
    out.push_back("trial_type." + level);
    const auto [place, is_new] = by_file_name.emplace(camel_case(out.back()), level);
    if (!is_new)
      fail(ErrorCode::bad_input,
           "the trial_types '{}' and '{}' have the same name in files, {}; rename one",
           place->second, level, place->first);
  }
  return out;
}

StatsNode plain_run_node(const std::vector<std::string>& conditions,
                         const std::vector<std::string>& motion, bool sessions) {
  StatsNode node = run_level_node(sessions);
  node.instructions = {factor_step("trial_type"), convolve_step({"trial_type.*"})};
  node.x = conditions;
  node.x.insert(node.x.end(), motion.begin(), motion.end());
  node.x.push_back(kConstantName);
  node.dummies = DummyContrasts{conditions, ContrastTest::t};
  return node;
}

StatsNode dissociation_run_node(const std::vector<std::string>& motion, bool sessions) {
  StatsNode node = run_level_node(sessions);
  transforms::Scale centred;
  centred.rescale = false;
  centred.replace_missing = transforms::Scale::ReplaceMissing::after;
  node.instructions = {
      factor_step("trial_type"),
      {"Scale", "", {"outcome_update", "rank_update_unsigned"}, {"outcome", "rank"}, centred},
      convolve_step({"trial_type.*", "outcome", "rank"})};
  node.x = {"trial_type.*", "outcome", "rank"};
  node.x.insert(node.x.end(), motion.begin(), motion.end());
  node.x.push_back(kConstantName);
  node.settings.learners = {"hybrid", "rank", "outcome"};
  const Eigen::MatrixXd one = Eigen::MatrixXd::Ones(1, 1);
  Eigen::MatrixXd difference(1, 2);
  difference << 1, -1;
  node.contrasts = {{"outcome", {"outcome"}, one, ContrastTest::t, ""},
                    {"rank", {"rank"}, one, ContrastTest::t, ""},
                    {"outcomeMinusRank", {"outcome", "rank"}, difference, ContrastTest::t, ""}};
  return node;
}

/// Inference over people and the regions of the dissociation.
EngineSettings dissociation_settings() {
  EngineSettings s;
  s.permutations = 1000;
  s.statistic = {ShuffledMap::voxel, ShuffledMap::tfce};
  s.corrections = {MapCorrection::fdr, MapCorrection::rft};
  s.region_sets = {"rejection", "striatum", "control"};
  s.region_unions = {"rejectionNetwork=dACC,vACC,anteriorInsulaL,anteriorInsulaR,vlPFCL,vlPFCR",
                     "ventralStriatum=ventralStriatumL,ventralStriatumR"};
  s.dissociate_regions = {"ventralStriatum", "rejectionNetwork"};
  s.signals = {"outcome,rank"};
  return s;
}

}  // namespace

StatsModel default_model(const ModelDefaultRequest& a, Journal& journal) {
  if (!fs::is_directory(a.bids)) fail(ErrorCode::bad_input, "there is no folder {}", a.bids);
  const std::string bids = fs::absolute(a.bids).lexically_normal().string();
  std::vector<std::string> derivatives = a.derivatives;
  if (derivatives.empty()) derivatives = {default_derivatives(a.bids)};
  const BidsStudy study = index_study(bids, derivatives);
  StatsModel model;
  model.version = "1.0.0";
  const std::string task = chosen_task(a, choices_in(study, ""));
  model.input = chosen_space(a, choices_in(study, task), journal);
  if (!task.empty()) model.input["task"] = {task};
  const std::vector<RunFiles> runs = runs_of(study, model.input);
  const bool sessions = std::any_of(runs.begin(), runs.end(),
                                    [](const auto& run) { return !run.label("ses").empty(); });
  const auto motion = motion_columns(runs);
  if (motion.empty()) journal.warn("no motion parameters: the model has no confounds");
  const auto events = event_files(runs, a.bids);
  if (a.plain) {
    model.name = "default";
    model.description = "Each trial_type against the baseline.";
    model.nodes.push_back(plain_run_node(trial_type_columns(events), motion, sessions));
  } else {
    require_rounds(events);
    model.name = "dissociation";
    model.description =
        "Which regions follow acceptance (outcome), and which relational value (rank)?";
    model.nodes.push_back(dissociation_run_node(motion, sessions));
  }
  if (sessions) model.nodes.push_back(mean_node(NodeLevel::session));
  model.nodes.push_back(mean_node(NodeLevel::subject));
  model.nodes.push_back(group_level_node());
  if (!a.plain) model.nodes.back().settings = dissociation_settings();
  connect_in_order(model);
  return model;
}

JobSummary write_default_model(const ModelDefaultRequest& a, const Session& session) {
  require_given(!a.output.empty(), "--output");
  write_model(default_model(a, session.journal), a.output, session);
  return {};
}

void write_model(const StatsModel& model, const std::string& path, const Session& session) {
  model_from_json(model_to_json(model), path);
  const fs::path file = fs::absolute(path).lexically_normal();
  if (fs::is_directory(file))
    fail(ErrorCode::usage, "--output is {}, a folder; give a file, as {}", path,
         (fs::path(path) / "model-default_smdl.json").string());
  OutputPolicy policy;
  policy.overwrite = session.overwrite;
  policy.raw = true;  // models belong into a dataset's folder models
  policy.written = session.written;
  OutputSet outputs(file.parent_path(), policy);
  outputs.write(file.filename().string(), model_text(model));
  outputs.commit();
  session.journal.info("the model is " + path);
}

}  // namespace sociometer::jobs
