#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/design_matrix.hpp"
#include "engine/design/event_column.hpp"

namespace sociometer {

/// A value of an event: text as in the file, and its number if it is one.
struct EventValue {
  std::string text;          ///< empty: missing
  double number = kMissing;  ///< NaN: missing or not a number
  bool filled = false;       ///< was missing and got a number by ReplaceNA
  bool missing() const { return text.empty(); }
};
EventValue event_value(std::string text);  ///< "n/a", "NaN" and "" are missing
EventValue event_value(double number);     ///< NaN is missing; 1 reads "1"

/// A variable with one value per event; several variables of a run may have other rows.
struct SparseVariable {
  std::vector<double> onset_s, duration_s;
  std::vector<EventValue> values;
  std::vector<int> rows;   ///< of the events table, from 0: which values belong together
  bool indicator = false;  ///< 0 and 1 only, made by Factor, Threshold with Binarize, logic
  size_t size() const { return values.size(); }
};

/// A variable with one value per scan.
struct DenseVariable {
  Eigen::VectorXd values;
  bool convolved = false;            ///< by Convolve
  std::optional<HrfModel> hrf = {};  ///< with which response
  ColumnRole role = ColumnRole::confound;
  double trial_sd = kMissing;  ///< of the modulator it was made of
  /// Of a response or a derivative of it: the events that were convolved, and which function of the
  /// basis it is; none once an instruction has changed the values.
  std::shared_ptr<const EventColumn> events = {};
  size_t function = 0;
};

using Variable = std::variant<SparseVariable, DenseVariable>;

/// An events table: onset and duration as numbers, all other columns as text.
struct EventTable {
  std::string source;  ///< the file, for messages
  std::vector<double> onset_s, duration_s;
  std::vector<int> lines;  ///< of each row in the file
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> columns;  ///< per name, a cell per row; "n/a" is missing
};

/// When a run was scanned.
struct ScanTiming {
  double tr_s = 0;
  Eigen::Index n_scans = 0;
  double start_time_s = 0;  ///< of the sampling within the TR
  /// Onsets of volumes at unequal distances; tr_s is their shortest distance then. Empty: a volume
  /// every tr_s.
  std::vector<double> volume_onset_s = {};
};

/// The variables of one run, in order: those of the events table, then confounds; instructions
/// change them.
class RunVariables {
 public:
  RunVariables() = default;
  /// @param events     none: a run without events.
  /// @param confounds  NaN where missing; none: no confounds.
  /// A name that both tables have means the events' column.
  RunVariables(const std::optional<EventTable>& events,
               const std::optional<NamedColumns>& confounds);

  /// @return nullptr without such a variable.
  const Variable* find(const std::string& name) const;
  Variable* find_to_change(const std::string& name);
  /// Adds a variable at the end, or replaces one in its place.
  void set(const std::string& name, Variable variable);
  /// Puts a variable behind another one.
  void set_after(const std::string& earlier, const std::string& name, Variable variable);
  void remove(const std::string& name);
  std::vector<std::string> names() const;
  /// Names that a pattern means: itself if a variable has this very name, else as a glob
  /// (* ? [..]).
  std::vector<std::string> matching(const std::string& pattern) const;
  /// "sub-01_events.tsv, line 7" for a row of the events table.
  std::string place_of(int row) const;
  /// "lines 7, 9 of sub-01_events.tsv" for rows of the events table.
  std::string lines_of(const std::vector<int>& rows) const;
  const std::string& source() const { return source_; }
  /// Onset and duration of every row of the events table.
  const SparseVariable& rows() const { return rows_; }

 private:
  std::vector<std::pair<std::string, Variable>> variables_;
  std::string source_;
  std::vector<int> lines_;
  SparseVariable rows_;
};

/// Whether a name matches a glob of * (any text), ? (one character) and [..] (one of these).
bool matches_glob(const std::string& name, const std::string& pattern);
/// Whether a text has * ? or [.
bool is_glob(const std::string& text);

}  // namespace sociometer
