#include "cli/jobs/study/study_inputs.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/study/learning_plan.hpp"
#include "engine/core/error.hpp"
#include "io/bids/bids_index.hpp"
#include "io/dataset/filter_file.hpp"
#include "io/images/nifti.hpp"
#include "io/models/run_tables.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> derivatives_of(const StudyRequest& a) {
  return a.derivatives.empty() ? std::vector{default_derivatives(a.bids)} : a.derivatives;
}

/// What the model and the command line ask for; where both name an entity, images must pass both.
BidsFilter filter_of(const StudyRequest& a, const StatsModel& model, BidsFindings& findings) {
  BidsFilter filter;
  for (const auto& [key, labels] : model.input)
    if (key != "subject") {
      if (key == "space" && labels.size() == 1)
        filter.add_space(labels[0]);
      else
        filter.add(key, labels);
    }
  const StudyFilterRequest& f = a.filter;
  const std::pair<const char*, const std::vector<std::string>*> flags[] = {
      {"task", &f.tasks},
      {"run", &f.runs},
      {"acq", &f.acquisitions},
      {"dir", &f.directions},
      {"desc", &f.descriptions}};
  for (const auto& [key, labels] : flags)
    if (!labels->empty()) filter.add(key, *labels);
  // As in fMRIPrep, files without a session stay.
  if (!f.sessions.empty()) filter.add("ses", LabelRule{f.sessions, true, false});
  for (const auto& space : f.spaces) filter.add_space(space);
  if (!f.file.empty()) add_filter_file(filter, f.file, findings);
  return filter;
}

std::string without_prefix(const std::string& label) {
  return label.rfind("sub-", 0) == 0 ? label.substr(4) : label;
}

/// Participants of both the model and the command line; empty: all.
std::vector<std::string> participants_of(const StudyRequest& a, const StatsModel& model,
                                         Journal& journal) {
  std::vector<std::string> asked;
  for (const auto& label : a.filter.participants) asked.push_back(without_prefix(label));
  const auto in_model = model.input.find("subject");
  if (in_model == model.input.end()) return asked;
  std::vector<std::string> labels;
  for (const auto& label : in_model->second) labels.push_back(without_prefix(label));
  if (asked.empty()) {
    // People whom a model lists and a dataset lacks are no mistake: models travel.
    const auto there = bids_participants(a.bids);
    std::vector<std::string> absent;
    std::erase_if(labels, [&](const auto& label) {
      const bool gone = std::find(there.begin(), there.end(), label) == there.end();
      if (gone) absent.push_back("sub-" + label);
      return gone;
    });
    if (!absent.empty())
      journal.info(
          fmt::format("the model's Input names {} who are not in {}", first_few(absent), a.bids));
    if (labels.empty())
      fail(ErrorCode::bad_input, "none of the participants in the model's Input is in {}", a.bids);
    return labels;
  }
  std::erase_if(asked, [&](const auto& label) {
    return std::find(labels.begin(), labels.end(), label) == labels.end();
  });
  if (asked.empty())
    fail(ErrorCode::usage, "no participant of --participant-label is in the model's Input");
  return asked;
}

/// Entities by their long names, as models use them.
Entities entities_of(const BidsName& name) {
  static const std::map<std::string, std::string> kLong = {
      {"sub", "subject"},    {"ses", "session"},        {"acq", "acquisition"},
      {"ce", "ceagent"},     {"rec", "reconstruction"}, {"dir", "direction"},
      {"res", "resolution"}, {"den", "density"},        {"desc", "description"}};
  Entities entities;
  for (const auto& [key, label] : name.entities) {
    const auto found = kLong.find(key);
    entities[found == kLong.end() ? key : found->second] = label;
  }
  return entities;
}

void report(const BidsFindings& findings, Journal& journal) {
  for (const auto& finding : findings) journal.warn(finding.message);
}

/// Names without globs that the node needs.
std::set<std::string> wanted_names(const StatsNode& node) {
  std::set<std::string> names;
  for (const auto& name : node.x)
    if (name != kConstantName && !is_glob(name)) names.insert(name);
  for (const auto& contrast : node.contrasts)
    for (const auto& name : contrast.conditions)
      if (name != kConstantName && !is_glob(name)) names.insert(name);
  return names;
}

RunVariables variables_of(const StudyRun& run, ModelNotes& notes, Eigen::Index& n_scans) {
  std::optional<EventTable> events;
  std::optional<NamedColumns> confounds;
  if (!run.files.events.empty()) events = read_event_table(run.files.events, notes);
  if (!run.files.confounds.empty()) {
    confounds = read_confound_columns(run.files.confounds);
    n_scans = confounds->values.rows();
  } else {
    n_scans = read_nifti_header(run.files.bold).n_volumes;
  }
  return RunVariables(std::move(events), std::move(confounds));
}

/// Reads runs until all names have been seen. A run that cannot be read is its own job's failure.
SurveyedNode survey(const StatsNode& node, const std::vector<StudyRun>& runs, Journal& journal) {
  SurveyedNode out;
  out.node = node.name;
  std::set<std::string> wanted = wanted_names(node);
  std::vector<ModelDesign> designs;
  std::string first_problem;
  for (const auto& run : runs) {
    if (!designs.empty() && wanted.empty()) break;
    try {
      ModelNotes notes;
      Eigen::Index n_scans = 0;
      RunVariables variables = variables_of(run, notes, n_scans);
      designs.push_back(
          run_design(node, std::move(variables),
                     {run.timing.tr_s.value_or(0), n_scans, run.timing.start_time_s.value_or(0)}));
    } catch (const Error& error) {
      if (first_problem.empty()) first_problem = run.files.run_label() + ": " + error.what();
      continue;
    }
    for (const auto& name : designs.back().design.names) wanted.erase(name);
  }
  if (designs.empty()) fail(ErrorCode::bad_input, "{}", first_problem);
  out.columns = known_columns(node, designs);
  ModelNotes notes;
  out.contrasts = run_contrasts(node, designs, out.columns, notes);
  for (const auto& text : notes.warnings) journal.warn(text);
  out.example = std::move(designs.front());
  return out;
}

}  // namespace

const SurveyedNode& StudyInputs::survey_of(const std::string& node) const {
  for (const auto& one : surveyed)
    if (one.node == node) return one;
  require(false, "a surveyed node");
  return surveyed.front();
}

std::string model_path_of(const StudyRequest& a) {
  if (!a.model.empty()) return fs::absolute(a.model).lexically_normal().string();
  const fs::path path =
      fs::absolute(a.bids).lexically_normal() / "models" / "model-default_smdl.json";
  if (fs::exists(path)) return path.string();
  fail(ErrorCode::usage, "give --model, a BIDS stats model; there is no {}", path.string());
}

bool needs_events(const StatsNode& node) {
  return !node.instructions.empty() || node.hrf.has_value() ||
         std::any_of(node.x.begin(), node.x.end(),
                     [](const auto& name) { return name.rfind("trial_type", 0) == 0; });
}

void check(const StudyRequest& a) {
  if (a.bids.empty() || a.output.empty())
    fail(ErrorCode::usage, "run takes a BIDS folder, an output folder and a level");
  if (fs::weakly_canonical(a.bids) == fs::weakly_canonical(a.output))
    fail(ErrorCode::usage, "{} is the dataset; the output goes into a folder of its own, as {}",
         a.output, (fs::path(a.bids) / "derivatives" / "sociometer").string());
  if (a.shards < 1) fail(ErrorCode::usage, "--shards is {}; it must be 1 or more", a.shards);
  if (a.skip_participants && a.level != StudyLevel::group)
    fail(ErrorCode::usage, "--skip-participants is for the level group");
}

StudyInputs load_study(const StudyRequest& a, Journal& journal) {
  StudyInputs out;
  out.model_path = model_path_of(a);
  ReadModel read = read_model(out.model_path, {a.drop_missing});
  for (const auto& text : read.notes.notices) journal.info(text);
  for (const auto& text : read.notes.warnings) journal.warn(text);
  out.model = std::move(read.model);
  BidsFindings findings;
  const BidsFilter filter = filter_of(a, out.model, findings);
  const BidsStudy study = index_study(
      fs::absolute(a.bids).lexically_normal().string(),
      [&] {
        std::vector<std::string> folders;
        for (const auto& folder : derivatives_of(a))
          folders.push_back(fs::absolute(folder).lexically_normal().string());
        return folders;
      }(),
      participants_of(a, out.model, journal));
  report(study.findings, journal);
  RunSelection selection = find_runs(study, filter);
  report(selection.findings, journal);
  Sidecars sidecars;
  const bool learns = std::any_of(
      out.model.nodes.begin(), out.model.nodes.end(),
      [](const auto& n) { return n.level == NodeLevel::run && !n.settings.learners.empty(); });
  for (auto& files : selection.runs) {
    StudyRun run;
    if (learns && !files.events.empty()) {
      const std::string signals = signals_path(a, files.events);
      files.events = fs::exists(signals) ? signals : "";
    }
    run.entities = entities_of(files.name);
    try {
      run.timing = read_timing(files, sidecars, findings);
    } catch (const Error& error) {
      // The run's own job says it again, as its failure.
      journal.warn(error.what());
    }
    run.files = std::move(files);
    out.runs.push_back(std::move(run));
  }
  report(findings, journal);
  const fs::path table = fs::path(study.raw.root) / "participants.tsv";
  if (fs::exists(table)) {
    out.participants_table = table.string();
    out.participants = read_participant_columns(table.string());
  }
  for (const auto& node : out.model.nodes)
    if (node.level == NodeLevel::run) out.surveyed.push_back(survey(node, out.runs, journal));
  return out;
}

}  // namespace sociometer::jobs
