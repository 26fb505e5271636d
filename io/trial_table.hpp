#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/learning/signals.hpp"
#include "engine/learning/trials.hpp"
#include "io/design_tables.hpp"
#include "io/sidecar.hpp"
#include "io/table.hpp"

namespace sociometer {

/// Where a quantity stands in an events table.
struct ColumnSource {
  std::string column;    ///< empty: the table does not have this quantity
  std::string constant;  ///< the same in every row; only when column is empty
  /// Translation of cells; a cell that is not listed is an error unless `others` says what it
  /// means.
  std::map<std::string, std::string> values;
  std::optional<std::string> others;
  bool given() const { return !column.empty() || !constant.empty(); }
};

/// How an events table tells rounds. The defaults are the columns that `simulate` writes.
struct TrialColumns {
  std::string trial_type = "trial_type";
  std::vector<std::string> choice = {"choice"};      ///< globs of trial_type: rows with a choice
  std::vector<std::string> feedback = {"feedback"};  ///< rows with an outcome
  ColumnSource trial = {
      "trial", "", {}, {}};  ///< number that joins both; else feedback follows choice
  ColumnSource option_left = {"option_left", "", {}, {}};
  ColumnSource option_right = {"option_right", "", {}, {}};
  ColumnSource chosen = {
      "chosen", "", {}, {}};  ///< an option's name, or left, right; n/a no response
  ColumnSource rank = {"rank", "", {}, {}};
  ColumnSource rank_visible = {"rank_visible", "", {}, {}};  ///< 0: the rank was not shown
  ColumnSource outcome = {"match", "", {}, {}};              ///< 1 or 0
};

/// A mapping as JSON:
///
///     {"choice": ["decision"], "feedback": ["win", "loss"], "option_left": {"constant": "left"},
///      "chosen": "resp", "outcome": {"column": "trial_type", "values": {"win": 1, "loss": 0}},
///      "rank": null, ..}
///
/// A quantity is a column's name, null (the table does not have it), or an object with column or
/// constant, values, others. What is not mentioned keeps its default.
/// @throws Error{bad_input} naming a key that is not known or cannot be used.
TrialColumns trial_columns_from_json(const Json& json);
/// The mapping in full, for sidecars.
Json to_json(const TrialColumns& columns);

/// One run's events and which round each row belongs to.
struct TrialTable {
  enum class Row { other, choice, feedback };
  Table table;
  std::vector<Row> kind;   ///< of each row
  std::vector<int> trial;  ///< position in Participant::trials, -1 for other rows
};

/// Reads one run's events and appends its rounds to the participant.
///
/// Rounds are taken in the order of their onsets. A choice without a response is a round without
/// consequence. Rows without onset are left out with a warning.
/// @throws Error{bad_input} naming the column that the table lacks or the cell that cannot be used.
TrialTable read_trials(const std::string& path, const TrialColumns& columns, int run,
                       Participant& participant, Warnings& warnings);

/// The table as it was, with the signals of each row's round in further columns: values on choice
/// rows, the others on feedback rows, n/a elsewhere.
/// @throws Error{bad_input} when the table already has such a column.
std::string signals_to_tsv(const TrialTable& run, const std::vector<TrialSignals>& signals);

/// BIDS dictionary of the signal columns: meaning, unit, sign, source, and what is inferred.
Json signals_dictionary();

}  // namespace sociometer
