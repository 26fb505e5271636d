#include "cli/jobs/first_level/model_designs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/jobs/first_level/confound_inputs.hpp"
#include "engine/core/error.hpp"
#include "engine/stats_models/run_design.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/models/model_file.hpp"
#include "io/models/run_tables.hpp"

namespace sociometer::jobs {
namespace {

/// Reports notes: notices at once, warnings with those of the runs.
void pass_on(const ModelNotes& notes, const std::string& where, RunDesigns& out, Journal& journal) {
  for (const auto& text : notes.notices) journal.info(where + text);
  for (const auto& text : notes.warnings) out.warnings.push_back(where + text);
}

/// What the tables of a run hold.
RunVariables read_variables(const DesignRequest& a, size_t r, Eigen::Index n_scans, RunDesigns& out,
                            ModelNotes& notes) {
  std::optional<EventTable> events;
  std::optional<NamedColumns> confounds;
  if (!a.events.empty()) {
    events = read_event_table(a.events[r], notes);
    out.inputs.push_back(input_file(a.events[r], checksum_of_file(a.events[r])));
  }
  if (!a.confounds.files.empty()) {
    const std::string& path = a.confounds.files[r];
    confounds = read_confound_columns(path);
    if (confounds->values.rows() != n_scans)
      fail(ErrorCode::shape_mismatch, "{} has {} rows, the run has {} scans", path,
           confounds->values.rows(), n_scans);
    out.inputs.push_back(input_file(path, checksum_of_file(path)));
  }
  return RunVariables(std::move(events), std::move(confounds));
}

/// Scans retained by the node's Censor, or by --censor.
std::vector<uint8_t> kept_scans(const DesignRequest& a, const EngineSettings& settings, size_t r,
                                size_t n_runs, Eigen::Index n_scans, Journal& journal) {
  ConfoundRequest request = a.confounds;
  if (request.censor.empty()) {
    request.censor = settings.censor;
    request.censor_before = settings.censor_before.value_or(0);
    request.censor_after = settings.censor_after.value_or(0);
  }
  return read_kept_scans(request, r, n_runs, n_scans, journal);
}

Json expansion_json(const ModelDesign& design) {
  Json json = Json::object();
  for (const auto& [entry, columns] : design.expansion)
    if (columns != std::vector<std::string>{entry}) json[entry] = columns;
  return json;
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
  const ReadModel read = read_model(a.stats_model.file);
  pass_on(read.notes, "", out, journal);
  out.inputs.push_back(input_file(a.stats_model.file, read.checksum));
  const StatsNode& node = run_node(read.model, a.stats_model);
  std::vector<ModelDesign> designs;
  for (size_t r = 0; r < runs.size(); ++r)
    with_context(runs[r].name, [&] {
      const RunInput& run = runs[r];
      ModelNotes notes;
      RunVariables variables = read_variables(a, r, run.n_scans, out, notes);
      const double start_s =
          a.slice_time_ref ? *a.slice_time_ref * run.tr_s : run.start_time_s.value_or(0);
      ModelDesign design = run_design(node, std::move(variables), {run.tr_s, run.n_scans, start_s});
      notes.append(design.notes);
      pass_on(notes, run.name + ": ", out, journal);
      out.designs.push_back(design.design);
      out.kept.push_back(kept_scans(a, node.settings, r, runs.size(), run.n_scans, journal));
      out.run_starts.push_back({0});
      out.run_options.push_back(design.options);
      out.run_facts.push_back(Json{{"ModelColumns", expansion_json(design)}});
      if (!design.missing.empty()) out.run_facts.back()["MissingColumns"] = design.missing;
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
