#include "io/tables/trial_table.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <fnmatch.h>

#include "engine/core/error.hpp"
#include "io/tables/trial_cells.hpp"

namespace sociometer {
namespace {

using RowKind = TrialTable::Row;

bool matches(const std::string& name, const std::vector<std::string>& globs) {
  return std::any_of(globs.begin(), globs.end(), [&](const auto& glob) {
    return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
  });
}

int option_index(Participant& p, const std::string& name) {
  const auto found = std::find_if(p.options.begin(), p.options.end(),
                                  [&](const auto& known) { return same_cell(known, name); });
  if (found != p.options.end()) return int(found - p.options.begin());
  p.options.push_back(name);
  return int(p.options.size()) - 1;
}

struct Quantities {
  Cells trial, chosen, rank, visible, outcome;
  std::vector<Cells> options, unchosen_rank, unchosen_outcome;
};

std::vector<Cells> cells_of(const Table& table, const std::vector<ColumnSource>& sources,
                            const std::string& quantity) {
  std::vector<Cells> cells;
  for (const auto& source : sources) cells.emplace_back(table, source, quantity);
  return cells;
}

Quantities quantities_of(const Table& table, const TrialColumns& columns) {
  // Trial numbers are optional: without them feedback belongs to the preceding choice.
  ColumnSource number = columns.trial;
  if (number.column == TrialColumns{}.trial.column && table.find(number.column) < 0) number = {};
  Quantities q{{table, number, "trial"},
               {table, columns.chosen, "chosen"},
               {table, columns.rank, "rank"},
               {table, columns.rank_visible, "rank_visible"},
               {table, columns.outcome, "outcome"},
               {},
               cells_of(table, columns.unchosen_rank, "unchosen_rank"),
               cells_of(table, columns.unchosen_outcome, "unchosen_outcome")};
  for (size_t k = 0; k < columns.options.size(); ++k)
    q.options.emplace_back(table, columns.options[k], option_name(columns, k));
  return q;
}

/// The kind of each row.
std::vector<RowKind> kinds_of(const Table& table, const TrialColumns& columns) {
  if (columns.trial_type.empty()) return std::vector<RowKind>(table.rows.size(), RowKind::both);
  const int type = table.find(columns.trial_type);
  // As in all events tables, without the column the only type is "trial".
  if (type < 0 && !matches("trial", columns.choice))
    fail(ErrorCode::bad_input,
         "{} has no column '{}' that distinguishes choices from feedback; its columns: {}; when "
         "every row "
         "is a whole round, say \"trial_type\": null in --columns",
         table.path, columns.trial_type, fmt::join(table.names, ", "));
  std::vector<RowKind> kinds;
  for (const auto& cells : table.rows) {
    const std::string kind = type < 0 ? "trial" : cells[size_t(type)];
    const bool choice = matches(kind, columns.choice), feedback = matches(kind, columns.feedback);
    kinds.push_back(choice && feedback ? RowKind::both
                    : choice           ? RowKind::choice
                    : feedback         ? RowKind::feedback
                                       : RowKind::other);
  }
  return kinds;
}

/// Rows that have a number, ordered by it.
std::vector<size_t> rows_by(const std::vector<double>& numbers) {
  std::vector<size_t> rows;
  for (size_t row = 0; row < numbers.size(); ++row)
    if (!std::isnan(numbers[row])) rows.push_back(row);
  std::stable_sort(rows.begin(), rows.end(),
                   [&](size_t a, size_t b) { return numbers[a] < numbers[b]; });
  return rows;
}

/// Rows ordered by onset, else by trial number, else as in the file.
std::vector<size_t> rows_in_time(const Table& table, const TrialColumns& columns,
                                 const Quantities& q, Warnings& warnings) {
  std::vector<double> numbers(table.rows.size());
  if (columns.onset.empty()) {
    for (size_t row = 0; row < table.rows.size(); ++row)
      numbers[row] = q.trial.given() ? q.trial.number(row) : double(row);
    auto rows = rows_by(numbers);
    if (rows.size() < table.rows.size())
      warnings.push_back(fmt::format("{}: {} row(s) without a trial number were left out",
                                     table.path, table.rows.size() - rows.size()));
    return rows;
  }
  const int onset = table.find(columns.onset);
  if (onset < 0)
    fail(ErrorCode::bad_input,
         "{} has no column '{}'; its columns: {}; without onsets say \"onset\": null in --columns",
         table.path, columns.onset, fmt::join(table.names, ", "));
  for (size_t row = 0; row < table.rows.size(); ++row) numbers[row] = number_in(table, row, onset);
  auto rows = rows_by(numbers);
  if (rows.size() < table.rows.size())
    warnings.push_back(fmt::format("{}: {} row(s) without an onset were left out", table.path,
                                   table.rows.size() - rows.size()));
  return rows;
}

/// Names of the options offered; empty for those not offered.
std::vector<std::string> offered_in(const Quantities& q, size_t row) {
  std::vector<std::string> names;
  size_t n_offered = 0;
  for (const auto& option : q.options) {
    names.push_back(option.text(row));
    n_offered += !names.back().empty();
  }
  for (size_t k = 0; k < names.size(); ++k) {
    if (names[k].empty() && (names.size() == 2 || n_offered < 2))
      q.options[k].refuse(row, q.options[k].raw(row),
                          "the name of an option (if that is a name and no missing value, give it "
                          "another with values in --columns)");
    for (size_t j = 0; j < k; ++j)
      if (!names[k].empty() && same_cell(names[j], names[k]))
        q.options[k].refuse(row, names[k],
                            names.size() == 2 ? "the name of another option than the left"
                                              : "an option that is not offered twice");
  }
  return names;
}

/// Index of the option the cell refers to; -1 for none.
int chosen_among(const std::vector<std::string>& names, const Quantities& q, size_t row,
                 bool sided) {
  const std::string chosen = q.chosen.text(row);
  if (chosen.empty()) return -1;
  if (const auto first = q.chosen.source().position) {
    for (size_t k = 0; k < names.size(); ++k)
      if (!names[k].empty() && same_cell(chosen, std::to_string(int(k) + *first))) return int(k);
    q.chosen.refuse(row, chosen,
                    fmt::format("the number of an option offered, {} to {}, or n/a", *first,
                                *first + int(names.size()) - 1));
  }
  // An option's own name takes precedence: an option called "left" may be on the right.
  const auto named = std::find(names.begin(), names.end(), chosen);
  if (named != names.end()) return int(named - names.begin());
  for (size_t k = 0; k < names.size(); ++k)
    if (!names[k].empty() && same_cell(names[k], chosen)) return int(k);
  const bool is_side = sided && (chosen == "left" || chosen == "right");
  const bool is_name = std::any_of(q.options.begin(), q.options.end(),
                                   [&](const Cells& cells) { return cells.mentions(chosen); });
  if (is_side && !is_name) return chosen == "left" ? 0 : 1;
  std::string offered;
  for (const auto& name : names)
    if (!name.empty()) offered += (offered.empty() ? "'" : ", '") + name + "'";
  q.chosen.refuse(
      row, chosen,
      is_side && is_name
          ? fmt::format("one of {} as offered or n/a (an option has the name of a side, "
                        "so that sides are ambiguous)",
                        offered)
          : fmt::format("one of {} as offered{} or n/a", offered, sided ? ", left, right" : ""));
}

Trial choice_in(const Quantities& q, size_t row, int run, bool sided, Participant& participant) {
  Trial trial;
  trial.run = run;
  const auto names = offered_in(q, row);
  const int at = chosen_among(names, q, row, sided);
  for (size_t k = 0; k < names.size(); ++k) {
    if (names[k].empty()) continue;
    trial.options.push_back(option_index(participant, names[k]));
    if (int(k) == at) trial.chosen = trial.options.back();
  }
  return trial;
}

double rank_in(const Cells& rank, size_t row, double n_ranks) {
  const double value = rank.number(row);
  if (value < 1 || value > n_ranks)
    rank.refuse(row, rank.raw(row),
                fmt::format("from 1 to {}; a code of hidden ranks goes into the mapping of "
                            "--columns (\"missing\": [\"{}\"]), another number of ranks into "
                            "--settings (n_ranks)",
                            n_ranks, rank.raw(row)));
  return value;
}

double outcome_in(const Cells& outcome, size_t row) {
  const double value = outcome.number(row);
  if (value < 0 || value > 1)
    outcome.refuse(row, outcome.text(row),
                   "from 0 (none) to 1 (match) or n/a; other scales go into the mapping of "
                   "--columns (\"range\": [low, high], or values)");
  return value;
}

bool visible_in(const Cells& visible, size_t row) {
  if (!visible.given()) return true;
  const double value = visible.number(row);
  if (!std::isnan(value) && value != 0 && value != 1)
    visible.refuse(row, visible.text(row), "1 (shown), 0 (hidden) or n/a");
  return value != 0;
}

/// Feedback for the unchosen options, as far as the table contains it.
std::vector<Feedback> unchosen_in(const Quantities& q, size_t row, const Trial& trial,
                                  double n_ranks) {
  std::vector<Feedback> shown;
  if (q.unchosen_rank.empty() && q.unchosen_outcome.empty()) return shown;
  bool any = false;
  for (size_t k = 0, at = 0; k < q.options.size(); ++k) {
    if (q.options[k].text(row).empty()) continue;
    Feedback feedback;
    const auto cells = [k](const std::vector<Cells>& list) -> const Cells& {
      return list[list.size() > 1 ? k : 0];
    };
    if (trial.options[at++] != trial.chosen) {
      if (!q.unchosen_rank.empty() && visible_in(q.visible, row))
        feedback.rank = rank_in(cells(q.unchosen_rank), row, n_ranks);
      if (!q.unchosen_outcome.empty())
        feedback.outcome = outcome_in(cells(q.unchosen_outcome), row);
    }
    any |= !std::isnan(feedback.rank) || !std::isnan(feedback.outcome);
    shown.push_back(feedback);
  }
  if (!any) shown.clear();
  return shown;
}

/// Adds what a row shows; values the round already has are kept.
void feedback_in(const Quantities& q, size_t row, double n_ranks, Trial& trial) {
  const double outcome = outcome_in(q.outcome, row);
  const double rank = visible_in(q.visible, row) ? rank_in(q.rank, row, n_ranks) : kMissing;
  if (std::isnan(trial.outcome)) trial.outcome = outcome;
  if (std::isnan(trial.rank)) trial.rank = rank;
  if (trial.unchosen.empty()) trial.unchosen = unchosen_in(q, row, trial, n_ranks);
}

/// Reads the rows of one run in order.
class RunReader {
 public:
  RunReader(TrialTable& out, const TrialColumns& columns, const Quantities& q, double n_ranks,
            int run, Participant& participant)
      : out_(out), columns_(columns), q_(q), n_ranks_(n_ranks), run_(run), p_(participant) {}
  void read(size_t row) {
    const RowKind kind = out_.kind[row];
    out_.kind[row] = RowKind::other;
    if (kind == RowKind::choice || kind == RowKind::both) read_choice(row, kind);
    if (kind == RowKind::feedback) read_feedback(row);
  }
  bool any() const { return latest_ >= 0; }
  void warn(Warnings& warnings) const {
    if (stray_ > 0)
      warnings.push_back(fmt::format(
          "{}: {} feedback row(s) without a choice before them were left out, the first "
          "in line {}{}",
          out_.table.path, stray_, out_.table.line_numbers[first_stray_],
          q_.trial.given() ? " (trial '" + q_.trial.text(first_stray_) + "')" : ""));
    if (repeated_ > 0)
      warnings.push_back(fmt::format(
          "{}: {} round(s) have more than one feedback row (first: lines {} and {}); the first of "
          "them counts and has the signals, missing values are taken from the next",
          out_.table.path, repeated_, repeated_lines_.first, repeated_lines_.second));
  }

 private:
  void read_choice(size_t row, RowKind kind) {
    const Table& table = out_.table;
    latest_ = int(p_.trials.size());
    p_.trials.push_back(choice_in(q_, row, run_, columns_.sided, p_));
    const std::string key = key_of(row);
    if (!key.empty() && !by_number_.emplace(key, latest_).second)
      fail(ErrorCode::bad_input,
           "{} line {}: trial {} has two choices; a table of several runs needs the mapping of run "
           "in --columns",
           table.path, table.line_numbers[row], key);
    Trial& trial = p_.trials.back();
    if (kind == RowKind::both && trial.chosen >= 0) feedback_in(q_, row, n_ranks_, trial);
    out_.kind[row] = kind;
    out_.trial[row] = latest_;
  }
  void read_feedback(size_t row) {
    const std::string key = key_of(row);
    const auto found = by_number_.find(key);
    const int at = key.empty() ? latest_ : found == by_number_.end() ? -1 : found->second;
    if (at < 0 || p_.trials[size_t(at)].chosen < 0) {
      if (stray_++ == 0) first_stray_ = row;
      return;
    }
    feedback_in(q_, row, n_ranks_, p_.trials[size_t(at)]);
    const auto [first, is_first] = feedback_row_.emplace(at, row);
    if (!is_first) {
      if (repeated_++ == 0)
        repeated_lines_ = {out_.table.line_numbers[first->second], out_.table.line_numbers[row]};
      return;
    }
    out_.kind[row] = RowKind::feedback;
    out_.trial[row] = at;
  }
  /// 1 and 1.0 are the same trial.
  std::string key_of(size_t row) const {
    const std::string text = q_.trial.given() ? q_.trial.text(row) : "";
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    return text.empty() || *end != '\0' || !std::isfinite(number) ? text : format_number(number);
  }

  TrialTable& out_;
  const TrialColumns& columns_;
  const Quantities& q_;
  double n_ranks_;
  int run_;
  Participant& p_;
  std::map<std::string, int> by_number_;
  std::map<int, size_t> feedback_row_;
  int latest_ = -1, stray_ = 0, repeated_ = 0;
  size_t first_stray_ = 0;
  std::pair<int, int> repeated_lines_;
};

}  // namespace

TrialTable trials_of(Table given, const TrialColumns& columns, double n_ranks, int run,
                     Participant& participant, Warnings& warnings) {
  TrialTable out;
  out.table = std::move(given);
  const Table& table = out.table;
  out.kind = kinds_of(table, columns);
  out.trial.assign(table.rows.size(), -1);
  const Quantities q = quantities_of(table, columns);
  if (table.has_row_names)
    warnings.push_back(
        fmt::format("{}: its header is one name shorter than its rows; the first cells, 1 to {}, "
                    "are taken as row names, as R writes them",
                    table.path, table.rows.size()));
  const auto rows = rows_in_time(table, columns, q, warnings);
  RunReader reader(out, columns, q, n_ranks, run, participant);
  // Rows without a position in time belong to no round.
  std::vector<RowKind> kinds(table.rows.size(), RowKind::other);
  for (size_t row : rows) kinds[row] = out.kind[row];
  out.kind = std::move(kinds);
  for (size_t row : rows) reader.read(row);
  reader.warn(warnings);
  if (!reader.any())
    fail(ErrorCode::bad_input, "{} has no choice: no {} is {}", table.path,
         columns.trial_type.empty() ? "row" : columns.trial_type,
         columns.trial_type.empty() ? "there"
                                    : fmt::format("{}", fmt::join(columns.choice, " or ")));
  return out;
}

TrialTable read_trials(const std::string& path, const TrialColumns& columns, double n_ranks,
                       int run, Participant& participant, Warnings& warnings) {
  return trials_of(read_table(path, RowNames::as_r_writes_them), columns, n_ranks, run, participant,
                   warnings);
}

}  // namespace sociometer
