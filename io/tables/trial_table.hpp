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

/// Where a quantity stands in a table.
struct ColumnSource {
  std::string column = {};            ///< empty: the table does not have this quantity
  std::string constant = {};          ///< the same in every row; only when column is empty
  std::vector<std::string> sum = {};  ///< further columns whose numbers are added
  /// Translation of cells; a cell that is not listed is an error unless `others` says what it
  /// means, or that it means itself.
  std::map<std::string, std::string> values = {};
  std::optional<std::string> others = {};
  bool others_same = false;
  std::vector<std::string> missing = {};  ///< codes of missing values, besides n/a
  std::optional<int> position = {};  ///< cells count the options; this is the number of the first
  std::optional<std::pair<double, double>> range = {};  ///< numbers that become 0 and 1
  bool given() const { return !column.empty() || !constant.empty(); }
};

/// How a table shows rounds. The defaults are the columns that `simulate` writes.
struct TrialColumns {
  /// Column of the kinds of rows; empty: every row is a whole round. A table without the column has
  /// rows of the type "trial" only.
  std::string trial_type = "trial_type";
  std::vector<std::string> choice = {"choice"};      ///< globs of trial_type: rows with a choice
  std::vector<std::string> feedback = {"feedback"};  ///< rows with an outcome; may be the same
  /// Rows are taken in the order of their onsets; a table of all people may lack the column, and
  /// empty says that there is none: then trial numbers, or else the file, give the order.
  std::string onset = "onset";
  ColumnSource participant = {"participant_id"};  ///< of tables of all people, and the next two
  ColumnSource session = {"session_id"};
  ColumnSource run = {"run"};
  ColumnSource trial = {"trial"};  ///< number that joins both; else feedback follows choice
  std::vector<ColumnSource> options = {{"option_left"}, {"option_right"}};  ///< two or more
  bool sided = true;                 ///< options are left and right, and may be called so
  ColumnSource chosen = {"chosen"};  ///< an option's name, or left, right; n/a no response
  ColumnSource rank = {"rank"};
  ColumnSource rank_visible = {"rank_visible"};  ///< 0: the rank was not shown
  ColumnSource outcome = {"match"};              ///< 0 to 1
  /// Feedback of options not chosen: none, one source (of two options the other), or one per option
  /// (that of the chosen one is not read).
  std::vector<ColumnSource> unchosen_rank = {}, unchosen_outcome = {};
};

/// A mapping as JSON:
///
///     {"choice": ["decision"], "feedback": ["win", "loss"], "option_left": {"constant": "left"},
///      "chosen": "resp", "outcome": {"column": "trial_type", "values": {"win": 1, "loss": 0}},
///      "rank": null, ..}
///
/// A quantity is a column's name, null (the table does not have it), or an object with column or
/// constant, values, others, missing, and for some sum, range, position (docs/reference/tables.md).
/// What is not mentioned keeps its default.
/// @throws Error{bad_input} naming a key that is not known or cannot be used.
TrialColumns trial_columns_from_json(const Json& json);
/// What messages call an option: option_left, option_right, or its number.
std::string option_name(const TrialColumns& columns, size_t option);
/// The mapping in full, for sidecars; reads back to the same.
Json to_json(const TrialColumns& columns);

/// One run's rows and which round each belongs to.
struct TrialTable {
  enum class Row { other, choice, feedback, both };
  Table table;
  std::vector<Row> kind;   ///< of each row
  std::vector<int> trial;  ///< position in Participant::trials, -1 for other rows
};

/// Reads one run's rows and appends its rounds to the participant.
///
/// A choice without a response is a round without consequence. Rows without onset are left out with
/// a warning. Of two feedback rows of a round the first counts; what it lacks is taken from the
/// second, with a warning.
/// @param n_ranks  shown ranks from 1 to this are ranks, others are refused.
/// @throws Error{bad_input} naming the column that the table lacks or the cell that cannot be used.
TrialTable trials_of(Table table, const TrialColumns& columns, double n_ranks, int run,
                     Participant& participant, Warnings& warnings);
TrialTable read_trials(const std::string& path, const TrialColumns& columns, double n_ranks,
                       int run, Participant& participant, Warnings& warnings);

/// One person's part of a table of all people, run after run.
struct PersonTable {
  std::string label;        ///< as in the table, without "sub-"
  std::vector<Table> runs;  ///< by session, then run, in natural order
};
/// Splits a table of all people.
/// @param labels  people asked for; empty: all.
/// @return in natural order of the labels: 2 before 10.
/// @throws Error{bad_input} naming the column that the table lacks, or the person.
std::vector<PersonTable> people_of(const Table& table, const TrialColumns& columns,
                                   const std::vector<std::string>& labels);

/// The rows as they were, with the signals of each row's round in further columns: values on choice
/// rows, beliefs before feedback on both, the others on feedback rows, n/a elsewhere.
/// @throws Error{bad_input} when the table already has such a column.
std::vector<std::string> names_with_signals(const Table& table);
std::vector<std::vector<std::string>> rows_with_signals(const TrialTable& run,
                                                        const std::vector<TrialSignals>& signals);
/// Both as the text of a table.
std::string signals_to_tsv(const TrialTable& run, const std::vector<TrialSignals>& signals);

/// BIDS dictionary of the signal columns: meaning, unit, sign, source, and what is inferred.
Json signals_dictionary();

}  // namespace sociometer
