#include "cli/jobs/trials/trial_tables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

const char* const kMissingCell = "n/a";

/// The cells of the events tables, by run and event.
class EventCells {
 public:
  explicit EventCells(const FitInputs& runs) : runs_(runs) {}
  /// "n/a" without a table or column.
  std::string operator()(const ListedTrial& trial, const std::string& column) const {
    if (trial.run >= runs_.designs.event_rows.size()) return kMissingCell;
    const Table& table = runs_.designs.event_tables[trial.run];
    const int at = table.find(column);
    return at < 0
               ? kMissingCell
               : table.rows[runs_.designs.event_rows[trial.run].at(trial.event_index)][size_t(at)];
  }

 private:
  const FitInputs& runs_;
};

/// Columns of all runs' tables that are not ours, in their order. Of a model, the condition of a
/// trial is a column of X, and need not be the events' trial_type.
std::vector<std::string> event_columns(const FitInputs& runs) {
  std::vector<std::string> names;
  for (const auto& table : runs.designs.event_tables)
    for (const auto& name : table.names)
      if (name != "onset" && name != "duration" &&
          (name != "trial_type" || !runs.designs.event_columns.empty()) &&
          std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(name);
  return names;
}

/// Labels that the names of images give, of all runs or none.
std::vector<std::string> labels_of_runs(const FitInputs& runs, const std::string& entity) {
  std::vector<std::string> labels;
  for (const auto& name : runs.names) {
    labels.push_back(bids_name(name).label(entity));
    if (labels.back().empty()) return {};
  }
  return labels;
}

/// What identifies a trial, from its own data; the columns of the events follow.
struct OwnColumns {
  DescribedColumns columns;
  std::vector<std::string> sessions, labels;  ///< of runs; may be empty
};

OwnColumns own_columns(const FitInputs& runs) {
  OwnColumns own{{}, labels_of_runs(runs, "ses"), labels_of_runs(runs, "run")};
  own.columns = {{"trial_number", "number of the trial, and of its volume in the images, from 1"},
                 {"run_number", "from 1 in the order of the images: position in Runs"}};
  if (!own.sessions.empty()) own.columns.push_back({"session", "label of the image's session"});
  if (!own.labels.empty()) own.columns.push_back({"run", "label of the image's run"});
  for (const auto& column : DescribedColumns{
           {"onset", "s from the start of the run"},
           {"duration", "s"},
           {"trial_type", "condition"},
           {"trial_vif",
            "variance of the amplitude over what it were if the constant were the only other "
            "column; n/a without an amplitude"},
           {"trial_status", "ok, no response, or not separable"},
           {"trial_note", "why a trial has no amplitude"}})
    own.columns.push_back(column);
  return own;
}

}  // namespace

std::vector<ListedTrial> list_trials(const FitInputs& runs) {
  std::vector<ListedTrial> all;
  for (size_t r = 0; r < runs.first.runs.size(); ++r) {
    const RunTrials& trials = *runs.first.runs[r].trials;
    const size_t first = all.size();
    for (size_t t = 0; t < trials.facts.size(); ++t)
      all.push_back({r, t, trials.split.events[t], &trials.split.trials[t], trials.facts[t], {}});
    const auto label = [&](Eigen::Index t) {
      return fmt::format("trial {}, the {} at {:g} s", first + size_t(t) + 1,
                         all[first + size_t(t)].event->type, all[first + size_t(t)].event->onset_s);
    };
    for (size_t t = first; t < all.size(); ++t) all[t].why_not = why_not(all[t].facts, label);
  }
  return all;
}

std::vector<std::string> values_of_trials(const std::string& column, const FitInputs& runs,
                                          const std::vector<ListedTrial>& trials) {
  bool known = column == "trial_type";
  for (const auto& table : runs.designs.event_tables) known |= table.find(column) >= 0;
  if (!known)
    fail(ErrorCode::bad_input, "no events table has a column '{}'; they have {}", column,
         fmt::join(event_columns(runs), ", "));
  const EventCells cells(runs);
  std::vector<std::string> values;
  for (const auto& trial : trials) {
    values.push_back(column == "trial_type" ? trial.event->type : cells(trial, column));
    if (is_missing(values.back())) values.back().clear();
  }
  return values;
}

TrialTable trial_table(const FitInputs& runs, const std::vector<ListedTrial>& trials) {
  const OwnColumns own = own_columns(runs);
  TrialTable out{own.columns, {}};
  const std::vector<std::string> theirs = event_columns(runs);
  for (const auto& name : theirs) {
    const bool taken = std::any_of(out.columns.begin(), out.columns.end(),
                                   [&](const auto& column) { return column.first == name; });
    out.columns.push_back({taken ? name + "_of_events" : name, "column of the events table"});
  }
  const EventCells cells(runs);
  for (size_t i = 0; i < trials.size(); ++i) {
    const ListedTrial& trial = trials[i];
    std::vector<std::string> row{std::to_string(i + 1), std::to_string(trial.run + 1)};
    if (!own.sessions.empty()) row.push_back(own.sessions[trial.run]);
    if (!own.labels.empty()) row.push_back(own.labels[trial.run]);
    for (auto& cell : {format_number(trial.event->onset_s), format_number(trial.event->duration_s),
                       trial.event->type, format_number(trial.facts.vif),
                       std::string(name_of(trial.facts.status)),
                       trial.why_not.empty() ? std::string(kMissingCell) : trial.why_not})
      row.push_back(cell);
    for (const auto& name : theirs) row.push_back(cells(trial, name));
    for (auto& cell : row)
      if (cell.empty()) cell = kMissingCell;
    out.rows.push_back(std::move(row));
  }
  return out;
}

}  // namespace sociometer::jobs
