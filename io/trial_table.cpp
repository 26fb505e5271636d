#include "io/trial_table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <fnmatch.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

bool matches(const std::string& name, const std::vector<std::string>& globs) {
  return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) {
    return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
  });
}

/// A quantity's cells, translated.
class Cells {
 public:
  Cells(const Table& table, const ColumnSource& source, const std::string& quantity)
      : table_(table), source_(source), quantity_(quantity) {
    if (source.column.empty()) return;
    column_ = table.find(source.column);
    if (column_ < 0)
      fail(ErrorCode::bad_input,
           "{} has no column '{}' for {}; its columns: {}; tell with --columns where it stands, or "
           "that there is none (null)",
           table.path, source.column, quantity, fmt::join(table.names, ", "));
  }
  bool given() const { return source_.given(); }
  /// Text of a cell; empty when missing.
  std::string text(size_t row) const {
    if (column_ < 0) return source_.constant;
    const std::string& cell = table_.rows[row][size_t(column_)];
    if (!source_.values.empty()) {
      const auto found = source_.values.find(cell);
      if (found != source_.values.end()) return is_missing(found->second) ? "" : found->second;
      if (is_missing(cell)) return "";
      if (source_.others) return is_missing(*source_.others) ? "" : *source_.others;
      fail(ErrorCode::bad_input, "{} line {}, column '{}': the mapping of {} has no value for '{}'",
           table_.path, table_.line_numbers[row], source_.column, quantity_, cell);
    }
    return is_missing(cell) ? "" : cell;
  }
  double number(size_t row) const {
    const std::string cell = text(row);
    if (cell.empty()) return kMissing;
    if (cell == "true" || cell == "True") return 1;
    if (cell == "false" || cell == "False") return 0;
    char* end = nullptr;
    const double value = std::strtod(cell.c_str(), &end);
    if (*end != '\0' || !std::isfinite(value)) refuse(row, cell, "a number");
    return value;
  }
  [[noreturn]] void refuse(size_t row, const std::string& cell, const std::string& rule) const {
    fail(ErrorCode::bad_input, "{} line {}: {} is '{}'; it must be {}", table_.path,
         table_.line_numbers[row], quantity_, cell, rule);
  }

 private:
  const Table& table_;
  const ColumnSource& source_;
  std::string quantity_;
  int column_ = -1;
};

int option_index(Participant& p, const std::string& name) {
  const auto found = std::find(p.options.begin(), p.options.end(), name);
  if (found != p.options.end()) return int(found - p.options.begin());
  p.options.push_back(name);
  return int(p.options.size()) - 1;
}

/// Rows with an onset, in its order.
std::vector<size_t> rows_in_time(const Table& table, Warnings& warnings) {
  const int onset = table.find("onset");
  if (onset < 0)
    fail(ErrorCode::bad_input, "{} has no column 'onset'; its columns: {}", table.path,
         fmt::join(table.names, ", "));
  std::vector<size_t> rows;
  std::vector<double> times(table.rows.size());
  for (size_t row = 0; row < table.rows.size(); ++row) {
    times[row] = number_in(table, row, onset);
    if (!std::isnan(times[row])) rows.push_back(row);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [&](size_t a, size_t b) { return times[a] < times[b]; });
  if (rows.size() < table.rows.size())
    warnings.push_back(fmt::format("{}: {} row(s) without an onset were left out", table.path,
                                   table.rows.size() - rows.size()));
  return rows;
}

struct Quantities {
  Cells trial, left, right, chosen, rank, visible, outcome;
};

Trial choice_in(const Quantities& q, size_t row, int run, Participant& participant) {
  Trial trial;
  trial.run = run;
  const std::string left = q.left.text(row), right = q.right.text(row), chosen = q.chosen.text(row);
  if (left.empty()) q.left.refuse(row, "n/a", "the name of an option");
  if (right.empty() || right == left)
    q.right.refuse(row, right.empty() ? "n/a" : right, "the name of another option than the left");
  trial.options = {option_index(participant, left), option_index(participant, right)};
  if (chosen == left || (chosen == "left" && chosen != right))
    trial.chosen = trial.options[0];
  else if (chosen == right || chosen == "right")
    trial.chosen = trial.options[1];
  else if (!chosen.empty())
    q.chosen.refuse(row, chosen,
                    fmt::format("'{}' or '{}' as offered, left, right or n/a", left, right));
  return trial;
}

void feedback_in(const Quantities& q, size_t row, Trial& trial) {
  trial.outcome = q.outcome.number(row);
  if (!std::isnan(trial.outcome) && trial.outcome != 0 && trial.outcome != 1)
    q.outcome.refuse(row, q.outcome.text(row), "1 (match), 0 (none) or n/a");
  trial.rank = q.rank.number(row);
  if (q.visible.given() && q.visible.number(row) == 0) trial.rank = kMissing;
}

}  // namespace

TrialTable read_trials(const std::string& path, const TrialColumns& columns, int run,
                       Participant& participant, Warnings& warnings) {
  TrialTable out;
  out.table = read_table(path);
  const Table& table = out.table;
  const int type = table.find(columns.trial_type);
  if (type < 0)
    fail(ErrorCode::bad_input,
         "{} has no column '{}' that tells choices from feedback; its columns: {}", path,
         columns.trial_type, fmt::join(table.names, ", "));
  // A trial number is a convenience: without it feedback belongs to the choice before.
  ColumnSource number = columns.trial;
  if (table.find(number.column) < 0) number = {};
  const Quantities q{{table, number, "trial"},
                     {table, columns.option_left, "option_left"},
                     {table, columns.option_right, "option_right"},
                     {table, columns.chosen, "chosen"},
                     {table, columns.rank, "rank"},
                     {table, columns.rank_visible, "rank_visible"},
                     {table, columns.outcome, "outcome"}};
  out.kind.assign(table.rows.size(), TrialTable::Row::other);
  out.trial.assign(table.rows.size(), -1);
  std::map<std::string, int> by_number;
  int latest = -1, stray = 0;
  for (size_t row : rows_in_time(table, warnings)) {
    const std::string& kind = table.rows[row][size_t(type)];
    const std::string key = q.trial.given() ? q.trial.text(row) : "";
    if (matches(kind, columns.choice)) {
      latest = int(participant.trials.size());
      participant.trials.push_back(choice_in(q, row, run, participant));
      if (!key.empty() && !by_number.emplace(key, latest).second)
        fail(ErrorCode::bad_input, "{} line {}: trial {} has two choices", path,
             table.line_numbers[row], key);
      out.kind[row] = TrialTable::Row::choice;
      out.trial[row] = latest;
    } else if (matches(kind, columns.feedback)) {
      const auto found = by_number.find(key);
      const int at = key.empty() ? latest : found == by_number.end() ? -1 : found->second;
      if (at < 0 || participant.trials[size_t(at)].chosen < 0) {
        ++stray;
        continue;
      }
      feedback_in(q, row, participant.trials[size_t(at)]);
      out.kind[row] = TrialTable::Row::feedback;
      out.trial[row] = at;
    }
  }
  if (stray > 0)
    warnings.push_back(fmt::format(
        "{}: {} feedback row(s) without a choice before them were left out", path, stray));
  if (latest < 0)
    fail(ErrorCode::bad_input, "{} has no choice: no {} is {}", path, columns.trial_type,
         fmt::join(columns.choice, " or "));
  return out;
}

}  // namespace sociometer
