#include "cli/jobs/mixed/mixed_inputs.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/core/error.hpp"

namespace sociometer::jobs {
namespace {

TrialSequence sequence_of(const MixedRequest& a, const MixedTable& table) {
  TrialSequence out{a.columns.within, a.columns.order, a.columns.consecutive};
  out.within_files = out.within.empty();
  if (!out.within.empty()) return out;
  out.within = {a.participant};
  for (const char* session : {"session", "session_id", "ses"}) {
    if (!table.has(session)) continue;
    // Files without the label have no sessions, and bound their trials themselves.
    const auto& words = table.at(session).words;
    if (std::none_of(words.begin(), words.end(), [](const auto& w) { return w.empty(); }))
      out.within.push_back(session);
    break;
  }
  for (const char* run : {"run_number", "run"})
    if (table.has(run)) {
      out.within.push_back(run);
      break;
    }
  return out;
}

/// Rows that do not follow each other by the trials' numbers or onsets, where lags follow rows.
void warn_of_order(const MixedTable& table, const TrialSequence& sequence, Journal& journal) {
  if (!sequence.order.empty()) return;
  for (const char* name : {"trial_number", "onset", "trial"}) {
    if (!table.has(name) || !table.at(name).is_numeric()) continue;
    const auto& numbers = table.at(name).numbers;
    std::map<std::vector<std::string>, double> last;
    for (size_t i = 0; i < table.n_rows; ++i) {
      std::vector<std::string> group;
      for (const auto& column : sequence.within)
        if (table.has(column)) group.push_back(table.at(column).words[i]);
      if (sequence.within_files && !table.file.empty())
        group.push_back(std::to_string(table.file[i]));
      const auto [at, fresh] = last.try_emplace(std::move(group), numbers[i]);
      if (!fresh && numbers[i] < at->second) {
        journal.warn(fmt::format(
            "rows are not in the order of {} (row {}), and lags follow rows; give --order {}", name,
            i + 1, name));
        return;
      }
      at->second = numbers[i];
    }
    return;
  }
}

/// Made columns, in the order: centred, shifted, stay, standardised; each can use those before it.
void make_columns(const MixedRequest& a, MixedInputs& out) {
  MixedTable& table = out.table;
  const size_t before = table.columns.size();
  for (const auto& column : a.columns.centred) add_centred(table, column, a.participant);
  for (const auto& text : a.columns.lags) {
    const ShiftedColumn lag = shifted_column(text, "--lag");
    add_shifted(table, lag.column, out.sequence, -lag.trials);
  }
  for (const auto& text : a.columns.leads) {
    const ShiftedColumn lead = shifted_column(text, "--lead");
    add_shifted(table, lead.column, out.sequence, lead.trials);
  }
  for (const auto& column : a.columns.stays) add_stay(table, column, out.sequence);
  for (const auto& column : a.columns.standardised) add_standardised(table, column);
  for (size_t c = before; c < table.columns.size(); ++c) out.made.push_back(table.columns[c].name);
}

}  // namespace

MixedInputs load_mixed(const MixedRequest& a, Journal& journal) {
  MixedInputs out;
  static_cast<JoinedTables&>(out) =
      read_joined_tables({a.tables, a.join, a.join_by, a.participant});
  if (out.table.n_rows == 0) fail(ErrorCode::bad_input, "{} has no rows", a.tables[0]);
  if (out.without_match > 0)
    journal.warn(fmt::format("{} of {} rows have no row with their {} in {}", out.without_match,
                             out.table.n_rows, fmt::join(out.keys, ", "), fmt::join(a.join, ", ")));
  const size_t before = out.table.n_rows;
  for (const auto& text : a.where) {
    const size_t at = text.find('=');
    keep_rows(out.table, text.substr(0, at), text.substr(at + 1));
  }
  if (a.columns.follow_trials() && out.table.n_rows < before)
    journal.warn(fmt::format(
        "--where left out {} of {} rows before lags were made: the trial before is that before "
        "among the rows kept",
        before - out.table.n_rows, before));
  if (a.columns.follow_trials()) {
    out.sequence = sequence_of(a, out.table);
    warn_of_order(out.table, out.sequence, journal);
  }
  make_columns(a, out);
  return out;
}

}  // namespace sociometer::jobs
