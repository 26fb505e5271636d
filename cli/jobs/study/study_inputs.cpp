#include "cli/jobs/study/study_inputs.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include <fmt/format.h>

#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/study/learning_plan.hpp"
#include "cli/jobs/study/plan_checks.hpp"
#include "cli/jobs/study/trials_survey.hpp"
#include "engine/core/error.hpp"
#include "engine/core/volume_times.hpp"
#include "io/bids/bids_index.hpp"
#include "io/dataset/filter_file.hpp"
#include "io/dataset/people_values.hpp"
#include "io/images/nifti.hpp"
#include "io/models/run_tables.hpp"
#include "io/tables/design_tables.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// A label without its entity: "01" of "run-01". Indices are compared as numbers.
std::string bare_label(const std::string& key, const std::string& label) {
  std::string bare = label.starts_with(key + "-") ? label.substr(key.size() + 1) : label;
  const bool number =
      key == "run" && !bare.empty() && bare.find_first_not_of("0123456789") == std::string::npos;
  if (number) bare.erase(0, std::min(bare.find_first_not_of('0'), bare.size() - 1));
  return bare;
}

/// An option that leaves nothing of what the model's Input has is a contradiction of the two, not a
/// fault of the dataset.
void require_in_model(const StatsModel& model, const std::string& path, const std::string& key,
                      const char* option, const std::vector<std::string>& labels) {
  const auto input = model.input.find(model_entity(key));
  if (input == model.input.end() || labels.empty()) return;
  for (const auto& label : labels)
    for (const auto& of_model : input->second)
      if (bare_label(key, label) == bare_label(key, of_model)) return;
  fail(ErrorCode::usage,
       "{} asks for {}, the model's Input for {} {}; leave out the option, or change Input of {}",
       option, fmt::join(labels, ", "), input->first, fmt::join(input->second, ", "), path);
}

/// What the model and the command line ask for; where both name an entity, images must pass both.
BidsFilter filter_of(const StudyRequest& a, const StatsModel& model, const std::string& path,
                     BidsFindings& findings) {
  BidsFilter filter;
  for (const auto& [key, labels] : model.input)
    if (key != "subject") {
      if (key == "space" && labels.size() == 1)
        filter.add_space(labels[0]);
      else
        filter.add(key, labels);
    }
  const StudyFilterRequest& f = a.filter;
  struct Flag {
    const char *key, *option;
    const std::vector<std::string>& labels;
  };
  const Flag flags[] = {{"task", "--task", f.tasks},
                        {"run", "--run-label", f.runs},
                        {"acq", "--acquisition-label", f.acquisitions},
                        {"dir", "--direction-label", f.directions},
                        {"desc", "--desc-label", f.descriptions}};
  for (const auto& flag : flags) {
    require_in_model(model, path, flag.key, flag.option, flag.labels);
    if (!flag.labels.empty()) filter.add(flag.key, flag.labels);
  }
  require_in_model(model, path, "ses", "--session-label", f.sessions);
  // As in fMRIPrep, files without a session stay.
  if (!f.sessions.empty()) filter.add("ses", LabelRule{f.sessions, true, false});
  if (f.spaces.size() > 1)
    fail(
        ErrorCode::usage,
        "--space names {} spaces ({}), and a call analyses the images of one; give one, and a call "
        "with another output folder for each of the others",
        f.spaces.size(), fmt::join(f.spaces, ", "));
  for (const auto& space : f.spaces) filter.add_space(space);
  if (!f.file.empty()) add_filter_file(filter, f.file, findings);
  return filter;
}

std::string without_prefix(const std::string& label) {
  return label.rfind("sub-", 0) == 0 ? label.substr(4) : label;
}

/// A label, or those of a file with one per line, as BIDS Apps may be given.
std::vector<std::string> labels_of(const std::string& word) {
  std::error_code ignored;
  if (!fs::is_regular_file(word, ignored)) return {word};
  std::istringstream lines(read_text_file(word).value);
  std::vector<std::string> labels;
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0)
      line.pop_back();
    if (!line.empty()) labels.push_back(line);
  }
  if (labels.empty()) fail(ErrorCode::bad_input, "{} names no participants", word);
  return labels;
}

/// Participants of both the model and the command line; empty: all.
std::vector<std::string> participants_of(const StudyRequest& a, const StatsModel& model,
                                         const std::string& path, Journal& journal) {
  std::vector<std::string> asked;
  for (const auto& label : a.filter.participants)
    for (const auto& one : labels_of(label)) asked.push_back(without_prefix(one));
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
      fail(ErrorCode::bad_input,
           "{}: /Input/subject: none of {} is in {}; change Input, or give another dataset", path,
           first_few(absent), a.bids);
    return labels;
  }
  std::vector<std::string> others;
  std::erase_if(asked, [&](const auto& label) {
    const bool other = std::find(labels.begin(), labels.end(), label) == labels.end();
    if (other) others.push_back("sub-" + label);
    return other;
  });
  if (asked.empty())
    fail(ErrorCode::usage,
         "{} of --participant-label: the model's Input ({}) has {}; leave out the option, or "
         "change Input",
         first_few(others), path, first_few(labels));
  if (!others.empty())
    journal.warn(fmt::format("{} of --participant-label: not in the model's Input, and left out",
                             first_few(others)));
  return asked;
}

/// The runs of a filter. That the model asks for some of it is part of what is wrong if there are
/// none.
RunSelection runs_of_model(const BidsStudy& study, const BidsFilter& filter,
                           const StudyInputs& inputs) {
  try {
    return find_runs(study, filter);
  } catch (const Error& error) {
    std::vector<std::string> asked;
    for (const auto& [key, labels] : inputs.model.input)
      if (key != "subject") asked.push_back(fmt::format("{} {}", key, fmt::join(labels, ", ")));
    if (asked.empty()) throw;
    fail(error.code(), "{} (Input of {}: {})", error.what(), inputs.model_path,
         fmt::join(asked, "; "));
  }
}

/// Entities by their long names, as models use them.
Entities entities_of(const BidsName& name) {
  Entities entities;
  for (const auto& [key, label] : name.entities) entities[model_entity(key)] = label;
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

/// Whether the design has the same columns without one of the tables.
bool is_the_same(const StatsNode& node, const ModelDesign& design, std::optional<EventTable> events,
                 std::optional<NamedColumns> confounds, const ScanTiming& timing) {
  try {
    const ModelDesign other =
        run_design(node, RunVariables(std::move(events), std::move(confounds)), timing);
    return other.design.names == design.design.names;
  } catch (const Error&) {
    return false;
  }
}

bool is_of_a_contrast(const std::string& column, const StatsNode& node,
                      const std::vector<ModelDesign>& designs) {
  for (const auto& contrast : node.contrasts)
    for (const auto& condition : contrast.conditions)
      if (condition == column || (is_glob(condition) && matches_glob(column, condition)))
        return true;
  return std::any_of(designs.begin(), designs.end(), [&](const ModelDesign& one) {
    const Eigen::Index j = one.design.find(column);
    return j >= 0 && one.design.roles[size_t(j)] == ColumnRole::task;
  });
}

/// What helps if a column that the model asks for is one that learning models make.
std::string learning_hint(const StatsNode& node, const std::string& refusal) {
  if (!node.settings.learners.empty()) return "";
  const Json dictionary = signals_dictionary();
  for (const auto& signal : dictionary.items())
    if (refusal.find("'" + signal.key() + "'") != std::string::npos)
      return fmt::format(
          ". '{}' is a signal of learning models: name the models in "
          "Model.Software.Sociometer.Learners of the Run node, as \"Learners\": [\"hybrid\"]",
          signal.key());
  return "";
}

/// Reads runs until all names have been seen. A run that cannot be read is its own job's failure.
SurveyedNode survey(const StatsNode& node, const std::vector<StudyRun>& runs, Journal& journal) {
  SurveyedNode out;
  out.node = node.name;
  std::set<std::string> wanted = wanted_names(node);
  std::vector<ModelDesign> designs;
  std::string first_problem;
  // Whether a table is needed is known from a run that has one.
  const auto none_has = [&](std::string RunFiles::*table) {
    return std::all_of(runs.begin(), runs.end(),
                       [&](const StudyRun& run) { return (run.files.*table).empty(); });
  };
  bool saw_events = none_has(&RunFiles::events), saw_confounds = none_has(&RunFiles::confounds);
  TrialsSurvey trials(node);
  for (const auto& run : runs) {
    if (!designs.empty() && wanted.empty() && saw_events && saw_confounds && trials.is_complete())
      break;
    try {
      const RunTables t = read_run_tables(run);
      ModelDesign design = run_design(node, RunVariables(t.events, t.confounds), t.timing);
      out.needs_events |=
          t.events && !is_the_same(node, design, std::nullopt, t.confounds, t.timing);
      out.needs_confounds |=
          t.confounds && !is_the_same(node, design, t.events, std::nullopt, t.timing);
      saw_events |= t.events.has_value();
      saw_confounds |= t.confounds.has_value();
      trials.add(t.events, design);
      designs.push_back(std::move(design));
    } catch (const Error& error) {
      if (first_problem.empty()) first_problem = run.files.run_label() + ": " + error.what();
      continue;
    }
    for (const auto& name : designs.back().design.names) wanted.erase(name);
  }
  if (designs.empty()) fail(ErrorCode::bad_input, "{}", first_problem);
  try {
    out.columns = known_columns(node, designs);
  } catch (const Error& error) {
    fail(error.code(), "{}{}", error.what(), learning_hint(node, error.what()));
  }
  for (const auto& name : out.columns)
    if (is_of_a_contrast(name, node, designs)) out.contrast_columns.push_back(name);
  ModelNotes notes;
  out.contrasts = run_contrasts(node, designs, out.columns, notes);
  for (const auto& text : notes.warnings) journal.warn(text);
  out.trial_types = trials.check();
  return out;
}

/// Runs of several tasks that a node above the runs takes together.
void warn_of_tasks(const StudyInputs& inputs, Journal& journal) {
  std::set<std::string> tasks;
  for (const auto& run : inputs.runs) tasks.insert(run.files.label("task"));
  if (tasks.size() < 2) return;
  for (const auto& node : inputs.model.nodes) {
    const auto& keys = node.group_by;
    if (node.level == NodeLevel::run || std::find(keys.begin(), keys.end(), "task") != keys.end())
      continue;
    journal.warn(fmt::format(
        "node '{}' takes runs of {} tasks together ({}); if they are not to be averaged, name the "
        "task in Input or --task-id, or add \"task\" to GroupBy",
        node.name, tasks.size(), fmt::join(tasks, ", ")));
    return;
  }
}

/// Sessions that were asked for and that no image has, while images without a session stay.
void warn_of_sessions(const StudyRequest& a, const std::vector<StudyRun>& runs, Journal& journal) {
  for (const auto& asked : a.filter.sessions) {
    const bool there = std::any_of(runs.begin(), runs.end(), [&](const StudyRun& run) {
      return bare_label("ses", asked) == run.files.label("ses");
    });
    if (!there)
      journal.warn(fmt::format(
          "--session-label {}: no image has this session; {} without a session are analysed", asked,
          std::count_if(runs.begin(), runs.end(),
                        [](const StudyRun& run) { return run.files.label("ses").empty(); })));
  }
}

bool has_learners(const StatsModel& model) {
  return std::any_of(model.nodes.begin(), model.nodes.end(),
                     [](const auto& node) { return !node.settings.learners.empty(); });
}

/// Grids of masks by their paths: runs may share one.
class MaskGrids {
 public:
  /// None for a mask that cannot be read, whose job says why.
  std::optional<Grid> of(const std::string& path) {
    if (path.empty()) return std::nullopt;
    const auto [found, is_new] = grids_.try_emplace(path);
    if (is_new) try {
        found->second = read_nifti_header(path).grid;
      } catch (const Error&) {
      }
    return found->second;
  }

 private:
  std::map<std::string, std::optional<Grid>> grids_;
};

/// An address of git-annex in place of an image is no image: that is said rather than what is wrong
/// with it.
std::string why_unreadable(const RunFiles& files, const std::string& otherwise) {
  try {
    require_content(files);
  } catch (const Error& error) {
    return error.what();
  }
  return otherwise;
}

/// A run with its times and grids. What cannot be read is its own job's failure.
StudyRun study_run(RunFiles files, Sidecars& sidecars, MaskGrids& masks, BidsFindings& findings) {
  StudyRun run;
  run.entities = entities_of(files.name);
  try {
    if (!files.missing_content.empty()) require_content(files);
    run.header = read_nifti_header(files.bold);
    run.timing = read_timing(files, run.header, sidecars, findings);
  } catch (const Error& error) {
    run.problem = why_unreadable(files, error.what());
  }
  run.mask_grid = masks.of(files.mask);
  run.files = std::move(files);
  return run;
}

void survey_nodes(StudyInputs& inputs, Journal& journal) {
  for (const auto& node : inputs.model.nodes)
    if (node.level == NodeLevel::run) inputs.surveyed.push_back(survey(node, inputs.runs, journal));
}

}  // namespace

RunTables read_run_tables(const StudyRun& run) {
  RunTables tables;
  ModelNotes notes;  // the run's own job reports them
  if (!run.files.events.empty())
    tables.events = read_event_table(read_table(run.files.events), notes);
  if (tables.events && run.expected)
    add_expected_signals(*tables.events, run.files.events, *run.expected);
  if (!run.files.confounds.empty())
    tables.confounds = read_confound_columns(read_confounds_table(run.files.confounds));
  const Eigen::Index n_scans = tables.confounds ? tables.confounds->values.rows()
                                                : read_nifti_header(run.files.bold).n_volumes;
  const BoldTiming& timing = run.timing;
  tables.timing = {timing.tr_s.value_or(0), n_scans, timing.start_time_s.value_or(0)};
  if (timing.is_uneven() && timing.volume_timing_s.size() > 1) {
    tables.timing.tr_s = shortest_distance(timing.volume_timing_s);
    tables.timing.volume_onset_s = timing.volume_timing_s;
  }
  return tables;
}

const SurveyedNode& StudyInputs::survey_of(const std::string& node) const {
  for (const auto& one : surveyed)
    if (one.node == node) return one;
  require(false, "a surveyed node");
  return surveyed.front();
}

std::string model_path_of(const StudyRequest& a) {
  if (!a.model.empty()) return absolute_path(a.model);
  const fs::path path = fs::path(absolute_path(a.bids)) / "models" / "model-default_smdl.json";
  if (fs::exists(path)) return path.string();
  fail(
      ErrorCode::usage,
      "give --model, a BIDS stats model; there is no {}, which `sociometer model default {} -o {}` "
      "makes",
      path.string(), a.bids, path.string());
}

void check(const StudyRequest& a) {
  if (a.bids.empty() || a.output.empty())
    fail(ErrorCode::usage,
         "run takes a BIDS folder, an output folder and a level (participant or group)");
  if (!fs::is_directory(a.bids)) fail(ErrorCode::bad_input, "there is no folder {}", a.bids);
  if (fs::weakly_canonical(a.bids) == fs::weakly_canonical(a.output))
    fail(ErrorCode::usage, "{} is the dataset; the output goes into a folder of its own, as {}",
         a.output, (fs::path(a.bids) / "derivatives" / "sociometer").string());
  check_smoothing(a.smoothing_fwhm_mm);
  if (a.shards < 1) fail(ErrorCode::usage, "--shards is {}; it must be 1 or more", a.shards);
  if (a.skip_participants && a.level != StudyLevel::group)
    fail(ErrorCode::usage, "--skip-participants is for the level group");
}

StudyInputs load_study(const StudyRequest& a, Journal& journal) {
  StudyInputs out;
  out.model_path = model_path_of(a);
  ReadModel read = read_model(out.model_path, {a.drop_missing});
  out.model_text = std::move(read.text);
  for (const auto& text : read.notes.notices) journal.info(text);
  for (const auto& text : read.notes.warnings) journal.warn(text);
  out.model = std::move(read.model);
  for (const auto& node : out.model.nodes) check_files_of_settings(node);
  out.places = places_of(a);
  BidsFindings findings;
  const BidsFilter filter = filter_of(a, out.model, out.model_path, findings);
  const BidsStudy study = index_study(out.places.bids, out.places.derivatives,
                                      participants_of(a, out.model, out.model_path, journal));
  report(study.findings, journal);
  RunSelection selection = runs_of_model(study, filter, out);
  report(selection.findings, journal);
  Sidecars sidecars;
  MaskGrids masks;
  for (auto& files : selection.runs)
    out.runs.push_back(study_run(std::move(files), sidecars, masks, findings));
  warn_of_tasks(out, journal);
  warn_of_sessions(a, out.runs, journal);
  out.participants = participant_columns(read_people_values(study.raw, findings));
  report(findings, journal);
  return out;
}

void survey_study(const StudyRequest& a, StudyInputs& inputs, Journal& journal) {
  if (has_learners(inputs.model))
    for (auto& run : inputs.runs) {
      if (run.files.events.empty()) continue;
      const std::string signals = signals_path(a, run.files.events);
      if (!fs::exists(signals)) run.unlearnt = run.files.events;
      run.files.events = fs::exists(signals) ? signals : "";
    }
  survey_nodes(inputs, journal);
}

void survey_unlearnt_study(const StudyRequest& a, StudyInputs& inputs, Journal& journal) {
  for (const auto& node : inputs.model.nodes) {
    if (node.settings.learners.empty()) continue;
    const ExpectedSignals expected = expected_signals(node.settings);
    for (auto& run : inputs.runs) {
      if (run.files.events.empty()) continue;
      const std::string signals = a.output.empty() ? "" : signals_path(a, run.files.events);
      if (!signals.empty() && fs::exists(signals))
        run.files.events = signals;
      else
        run.expected = expected;
    }
    break;
  }
  survey_nodes(inputs, journal);
}

}  // namespace sociometer::jobs
