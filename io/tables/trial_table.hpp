#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/learning/signals.hpp"
#include "engine/learning/trials.hpp"
#include "io/bytes/json.hpp"
#include "io/tables/design_tables.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// Where a table stores a quantity.
struct ColumnSource {
  std::string column = {};            ///< empty: the table does not contain this quantity
  std::string constant = {};          ///< same value in every row; only if column is empty
  std::vector<std::string> sum = {};  ///< further columns to be added
  /// Translation of cells; a cell not listed is an error, unless `others` gives its meaning or
  /// `others_same` leaves it unchanged.
  std::map<std::string, std::string> values = {};
  std::optional<std::string> others = {};
  bool others_same = false;
  std::vector<std::string> missing = {};  ///< codes of missing values, besides n/a
  std::optional<int> position = {};       ///< cells are option numbers, counted from this one
  std::optional<std::pair<double, double>> range = {};  ///< values mapped to 0 and 1
  bool given() const { return !column.empty() || !constant.empty(); }
};

/// How a table represents rounds. The defaults are the columns written by `simulate`.
struct TrialColumns {
  /// Column with the row type; empty: every row is a complete round. In a table without the column
  /// all rows have the type "trial".
  std::string trial_type = "trial_type";
  std::vector<std::string> choice = {"choice"};      ///< globs of trial_type: rows with a choice
  std::vector<std::string> feedback = {"feedback"};  ///< rows with an outcome; may be the same rows
  /// Rows are ordered by onset. A table of all participants may not have the column, and empty
  /// means there is none: then trial numbers give the order, or else the file.
  std::string onset = "onset";
  ColumnSource participant = {"participant_id"};  ///< these three: tables of all participants
  ColumnSource session = {"session_id"};
  ColumnSource run = {"run"};
  ColumnSource trial = {"trial"};  ///< joins choice and feedback; else feedback follows choice
  std::vector<ColumnSource> options = {{"option_left"}, {"option_right"}};  ///< two or more
  bool sided = true;                 ///< options are left and right, and may be referred to as such
  ColumnSource chosen = {"chosen"};  ///< an option's name, left or right; n/a: no response
  ColumnSource rank = {"rank"};
  ColumnSource rank_visible = {"rank_visible"};  ///< 0: the rank was not shown
  ColumnSource outcome = {"match"};              ///< 0 to 1
  /// Feedback for the unchosen options: none, one source (with two options, for the other one), or
  /// one per option (that of the chosen option is ignored).
  std::vector<ColumnSource> unchosen_rank = {}, unchosen_outcome = {};
};

/// A mapping as JSON:
///
///     {"choice": ["decision"], "feedback": ["win", "loss"], "option_left": {"constant": "left"},
///      "chosen": "resp", "outcome": {"column": "trial_type", "values": {"win": 1, "loss": 0}},
///      "rank": null, ..}
///
/// A quantity is a column name, null (not in the table), or an object with column or constant,
/// values, others, missing, and for some sum, range, position (docs/reference/tables.md). Keys that
/// are absent keep their defaults.
/// @throws Error{bad_input} naming an unknown or unusable key.
TrialColumns trial_columns_from_json(const Json& json);
/// The name of an option in messages: option_left, option_right, or its number.
std::string option_name(const TrialColumns& columns, size_t option);
/// The complete mapping, for sidecars; reads back unchanged.
Json to_json(const TrialColumns& columns);

/// The rows of one run and the round each belongs to.
struct TrialTable {
  enum class Row { other, choice, feedback, both };
  Table table;
  std::vector<Row> kind;   ///< per row
  std::vector<int> trial;  ///< index in Participant::trials; -1 for other rows
};

/// Interprets the rows of one run and appends its rounds to the participant.
///
/// A choice without a response is a round without an outcome. Rows without onset are skipped with a
/// warning. Of two feedback rows in a round the first takes precedence; values it does not have are
/// taken from the second, with a warning.
/// @param n_ranks  ranks shown must be between 1 and this.
/// @throws Error{bad_input} naming the missing column or the unusable cell.
TrialTable trials_of(Table table, const TrialColumns& columns, double n_ranks, int run,
                     Participant& participant, Warnings& warnings);
TrialTable read_trials(const std::string& path, const TrialColumns& columns, double n_ranks,
                       int run, Participant& participant, Warnings& warnings);

/// One participant's part of a table of all participants, by run.
struct PersonTable {
  std::string label;        ///< as in the table, without "sub-"
  std::vector<Table> runs;  ///< by session, then run, in natural order
};
/// Splits a table of all participants.
/// @param labels  requested participants; empty: all.
/// @return in natural order of the labels: 2 before 10.
/// @throws Error{bad_input} naming the missing column or participant.
std::vector<PersonTable> people_of(const Table& table, const TrialColumns& columns,
                                   const std::vector<std::string>& labels);

/// The original rows with the signals of their round in additional columns: values on choice rows,
/// beliefs before feedback on both, the others on feedback rows, n/a elsewhere.
/// @throws Error{bad_input} if the table already has such a column.
std::vector<std::string> names_with_signals(const Table& table);
std::vector<std::vector<std::string>> rows_with_signals(const TrialTable& run,
                                                        const std::vector<TrialSignals>& signals);
/// Both as the text of a TSV file.
std::string signals_to_tsv(const TrialTable& run, const std::vector<TrialSignals>& signals);

/// The signals of rounds [first, last) of a table that has them in columns, as signals_to_tsv
/// writes them; missing where no row of the round has a value, and all those of columns that are
/// absent.
/// @throws Error{bad_input} for a cell that is no number.
std::vector<TrialSignals> signals_of(const TrialTable& run, size_t first, size_t last);

/// BIDS dictionary of the signal columns: meaning, unit, sign, source, and what was inferred.
Json signals_dictionary();

}  // namespace sociometer
