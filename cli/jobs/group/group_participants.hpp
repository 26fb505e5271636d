#pragma once
#include <map>
#include <string>
#include <vector>

#include "cli/jobs/group/group_observations.hpp"
#include "engine/group/design_terms.hpp"
#include "engine/group/group_design.hpp"
#include "io/records/group_record.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {

/// A participants.tsv: one row per participant.
class ParticipantsTable {
 public:
  /// @throws Error{bad_input}: no participant column, no rows, a duplicate participant.
  explicit ParticipantsTable(const std::string& path);
  /// Assigns participants to observations whose paths do not name them, by a column map_file (or
  /// effects_file, file).
  void name_participants(std::vector<Observation>& observations) const;
  /// The same, by the order of rows and maps (--in-order).
  void name_in_order(std::vector<Observation>& observations) const;
  /// The row of each observation. Participants without maps are counted.
  /// @throws Error{bad_input} naming all participants who have maps but no row.
  std::vector<size_t> rows_of(const std::vector<Observation>& observations) const;
  const Table& table() const { return table_; }
  /// @throws Error{bad_input} listing the existing columns.
  int column(const std::string& name, const char* option) const;

 private:
  std::string participant(size_t row) const;
  Table table_;
  int id_ = 0;
  std::map<std::string, size_t> row_of_;  ///< by label, without sub-
};

/// Names in a list option: each word is one column, or several separated by commas or blanks.
std::vector<std::string> listed_columns(const std::vector<std::string>& words, const Table& table);

/// The columns of a factor; records and reports its coding.
DesignColumns noted_factor(const Factor& factor, FactorCoding coding, GroupDesignRecord& record,
                           Journal& journal);

/// Builds the design of a group from its participants table.
///
/// Columns: intercept, covariates, factors, interactions; with `within` (its columns by name) these
/// replace the intercept and every term that is constant within participants.
/// @param observations  those excluded by --missing-covariates listwise are removed.
/// @param record        of the design.
GroupDesign participants_design(const ParticipantsRequest& request,
                                const ParticipantsTable& participants, const WithinFactor& within,
                                bool intercept, std::vector<Observation>& observations,
                                GroupDesignRecord& record, Journal& journal);

}  // namespace sociometer::jobs
