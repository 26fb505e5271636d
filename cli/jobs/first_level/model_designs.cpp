#include "cli/jobs/first_level/model_designs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/jobs/first_level/confound_inputs.hpp"
#include "cli/jobs/first_level/run_times.hpp"
#include "engine/core/error.hpp"
#include "engine/stats_models/run_design.hpp"
#include "io/models/model_file.hpp"
#include "io/models/run_tables.hpp"

namespace sociometer::jobs {
namespace {

/// Reports notes: notices at once, warnings with those of the runs.
void pass_on(const ModelNotes& notes, const std::string& where, RunDesigns& out, Journal& journal) {
  for (const auto& text : notes.notices) journal.info(where + text);
  for (const auto& text : notes.warnings) out.warnings.push_back(where + text);
}

/// Events after the last scan are in no column: of a wrong repetition time they are many.
void warn_of_late_events(const EventTable& events, double end_s, ModelNotes& notes) {
  const auto late = std::count_if(events.onset_s.begin(), events.onset_s.end(),
                                  [&](double onset) { return onset >= end_s; });
  if (late > 0)
    notes.warn(
        fmt::format("{}: {} of {} events begin after the last scan ({:g} s) and have no "
                    "effect; is the repetition time right?",
                    events.source, late, events.onset_s.size(), end_s));
}

/// What the tables of a run hold.
/// @param table  of confounds; null without one.
RunVariables read_variables(const DesignRequest& a, size_t r, const RunInput& run,
                            const Table* table, RunDesigns& out, ModelNotes& notes) {
  const Eigen::Index n_scans = run.n_scans;
  std::optional<EventTable> events;
  std::optional<NamedColumns> confounds;
  if (!a.events.empty()) {
    Table rows = read_table(a.events[r]);
    events = read_event_table(rows, notes);
    warn_of_late_events(*events, run.length_s(), notes);
    out.inputs.push_back(rows.file());
    out.event_rows.push_back(rows_with_onset(rows));
    out.event_tables.push_back(std::move(rows));
  }
  if (table) {
    confounds = read_confound_columns(*table);
    if (confounds->values.rows() != n_scans)
      fail(ErrorCode::shape_mismatch, "{} has {} rows, the run has {} scans", table->path,
           confounds->values.rows(), n_scans);
    out.inputs.push_back(table->file());
  }
  return RunVariables(std::move(events), std::move(confounds));
}

/// Entries of X that stand for nothing, and a run without a table of confounds: perhaps it was
/// forgotten.
void note_absent_confounds(const ModelDesign& design, ModelNotes& notes) {
  std::vector<std::string> absent = design.missing;
  for (const auto& [entry, columns] : design.expansion)
    if (columns.empty() && std::find(absent.begin(), absent.end(), entry) == absent.end())
      absent.push_back(entry);
  if (!absent.empty())
    notes.warn(
        fmt::format("X names {}, which the run does not have, and no table of confounds was given",
                    fmt::join(absent, ", ")));
}

/// Scans retained by the node's Censor, or by --censor.
std::vector<uint8_t> kept_in_model(const DesignRequest& a, const EngineSettings& settings, size_t r,
                                   size_t n_runs, Eigen::Index n_scans, const Table* table,
                                   Journal& journal) {
  ConfoundRequest request = a.confounds;
  if (request.censor.empty()) {
    request.censor = settings.censor;
    request.censor_before = settings.censor_before.value_or(0);
    request.censor_after = settings.censor_after.value_or(0);
  }
  return kept_scans(request, r, n_runs, n_scans, table, journal);
}

RunInputsRecord run_record(const ModelDesign& design, const RunInput& run) {
  RunInputsRecord record;
  record.model_columns.emplace();
  for (const auto& [entry, columns] : design.expansion)
    if (columns != std::vector<std::string>{entry})
      record.model_columns->emplace_back(entry, columns);
  record.volume_timing = volume_timing_record(run);
  if (!design.missing.empty()) record.missing_columns = design.missing;
  return record;
}

/// All columns that contrasts may name: those of these runs and those that others have.
std::vector<std::string> columns_for_contrasts(const StatsNode& node,
                                               const std::vector<ModelDesign>& designs,
                                               const std::vector<std::string>& elsewhere) {
  if (elsewhere.empty()) return known_columns(node, designs);
  std::vector<std::string> columns;
  const auto add = [&](const std::string& name) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  };
  for (const auto& design : designs)
    for (const auto& name : design.design.names) add(name);
  for (const auto& name : elsewhere) add(name);
  return columns;
}

}  // namespace

const StatsNode& run_node(const StatsModel& model, const StatsModelRequest& request) {
  std::vector<const StatsNode*> found;
  std::vector<std::string> names;
  for (const auto& node : model.nodes) {
    if (node.level != NodeLevel::run) continue;
    names.push_back(node.name);
    if (request.node.empty() || node.name == request.node) found.push_back(&node);
  }
  if (names.empty()) fail(ErrorCode::bad_input, "{} has no node of level Run", request.file);
  if (found.empty())
    fail(ErrorCode::bad_input, "{} has no Run node '{}'; it has {}", request.file, request.node,
         fmt::join(names, ", "));
  if (found.size() > 1)
    fail(ErrorCode::bad_input, "{} has {} Run nodes ({}); name one", request.file, found.size(),
         fmt::join(names, ", "));
  return *found[0];
}

void add_model_runs(const DesignRequest& a, const std::vector<RunInput>& runs, RunDesigns& out,
                    Journal& journal) {
  const ReadModel read = read_model(a.stats_model.file, {a.stats_model.drop_missing});
  pass_on(read.notes, "", out, journal);
  out.inputs.push_back(read.file);
  const StatsNode& node = run_node(read.model, a.stats_model);
  out.model_settings = node.settings;
  std::vector<ModelDesign> designs;
  for (size_t r = 0; r < runs.size(); ++r)
    with_context(runs[r].name, [&] {
      const RunInput& run = runs[r];
      ModelNotes notes;
      std::optional<Table> table;
      if (!a.confounds.files.empty()) table = read_confounds_table(a.confounds.files[r]);
      const Table* confounds = table ? &*table : nullptr;
      RunVariables variables = read_variables(a, r, run, confounds, out, notes);
      const double start_s =
          a.slice_time_ref ? *a.slice_time_ref * run.tr_s : run.start_time_s.value_or(0);
      ModelDesign design = run_design(node, std::move(variables),
                                      {run.tr_s, run.n_scans, start_s, run.volume_onset_s});
      notes.append(design.notes);
      if (!confounds) note_absent_confounds(design, notes);
      pass_on(notes, run.name + ": ", out, journal);
      out.designs.push_back(design.design);
      out.kept.push_back(
          kept_in_model(a, node.settings, r, runs.size(), run.n_scans, confounds, journal));
      out.run_starts.push_back({0});
      out.run_options.push_back(design.options);
      out.event_columns.push_back(design.event_columns);
      for (const auto& response : design.responses)
        if (std::find(out.responses.begin(), out.responses.end(), response) == out.responses.end())
          out.responses.push_back(response);
      out.run_records.push_back(run_record(design, run));
      designs.push_back(std::move(design));
      return 0;
    });
  ModelNotes notes;
  for (auto& contrast : run_contrasts(
           node, designs, columns_for_contrasts(node, designs, a.stats_model.columns), notes))
    out.contrasts.push_back(std::move(contrast.spec));
  pass_on(notes, "", out, journal);
  out.options = out.run_options.front();
}

}  // namespace sociometer::jobs
