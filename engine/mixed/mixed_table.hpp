#pragma once
#include <string>
#include <vector>

namespace sociometer {

/// A column of a long table: one row per trial.
struct MixedColumn {
  std::string name;
  /// As in the file; empty: missing. Numbers of one value are all as the first of them is written,
  /// but for those with leading zeros, which may be labels: 1, 1.0 and 1e0 are one level, 01
  /// another.
  std::vector<std::string> words;
  std::vector<double> numbers;  ///< of a column of numbers, NaN: missing; else empty
  /// Of a column of words nearly all of which are numbers: the first that is none and where it is.
  std::string stray = {};
  bool is_numeric() const { return numbers.size() == words.size(); }
};

/// Whether a cell is a finite number.
bool is_number_cell(const std::string& text);

/// A column of numbers if all texts are numbers, else one of categories.
MixedColumn column_of_words(std::string name, std::vector<std::string> words);
MixedColumn column_of_numbers(std::string name, std::vector<double> numbers);

/// A long table in memory.
struct MixedTable {
  std::vector<MixedColumn> columns;
  size_t n_rows = 0;
  std::vector<size_t> file;  ///< per row, the number of the file it is from; empty: of one

  bool has(const std::string& name) const;
  /// @throws Error{bad_input} with the nearest name.
  const MixedColumn& at(const std::string& name) const;
  /// @throws Error{bad_input} if there is a column of that name.
  void add(MixedColumn column);
};

/// Keeps the rows whose word in a column (numbers: value) is the given one.
/// @throws Error{bad_input} if there is none.
void keep_rows(MixedTable& table, const std::string& column, const std::string& word);

/// The different words of a column in order: by number if all are numbers, else by their bytes.
std::vector<std::string> category_levels(const std::vector<std::string>& words);

/// The rows' groups: words of several columns joined by ':'; empty where one is missing.
std::vector<std::string> joined_groups(const MixedTable& table,
                                       const std::vector<std::string>& columns);

/// How trials follow each other.
struct TrialSequence {
  std::vector<std::string> within{"participant_id", "run_number"};  ///< lags do not leave these
  std::string order;         ///< a column of numbers that sorts trials; empty: order of rows
  bool consecutive = false;  ///< neighbours differ by 1 in `order`; others are missing
  bool within_files = true;  ///< lags do not leave the file of their row
};

/// Row of the trial `step` places later (earlier if negative) in the same sequence; -1 without one.
/// @throws Error{bad_input} for a missing column, or two trials in one place of a sequence.
std::vector<long> shifted_rows(const MixedTable& table, const TrialSequence& sequence, int step);

/// Adds COLUMN_lagN (step -N) or COLUMN_leadN: the column's value at another trial.
void add_shifted(MixedTable& table, const std::string& column, const TrialSequence& sequence,
                 int step);

/// Adds COLUMN_stay: 1 if the next trial of the sequence has the same value, 0 if another.
void add_stay(MixedTable& table, const std::string& column, const TrialSequence& sequence);

/// Adds COLUMN_within, the deviation from the participant's mean, and COLUMN_between, the
/// participant's mean less the mean over participants' means. Their slopes are the effect within
/// and between participants; rows with a missing value are not counted in means.
/// @source Enders & Tofighi 2007, Psychol Methods 12; Mundlak 1978, Econometrica 46.
void add_centred(MixedTable& table, const std::string& column, const std::string& participant);

/// Adds COLUMN_z: less its mean, over its standard deviation (n - 1), over all rows.
/// @throws Error{bad_input} without spread.
void add_standardised(MixedTable& table, const std::string& column);

}  // namespace sociometer
