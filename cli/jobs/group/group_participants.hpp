#pragma once
#include <map>
#include <string>
#include <vector>

#include "cli/jobs/group/group_observations.hpp"
#include "engine/group/design_terms.hpp"
#include "engine/group/group_design.hpp"
#include "io/records/sidecar.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {

/// A participants.tsv: a row per person.
class ParticipantsTable {
 public:
  /// @throws Error{bad_input}: no column of participants, no rows, somebody twice.
  explicit ParticipantsTable(const std::string& path);
  /// Says whose the observations are that do not say so themselves, by a column map_file (or
  /// effects_file, file).
  void name_participants(std::vector<Observation>& observations) const;
  /// The same by the order of rows and maps (--in-order).
  void name_in_order(std::vector<Observation>& observations) const;
  /// The row of each observation. People without maps are counted.
  /// @throws Error{bad_input} naming everybody who has maps and no row.
  std::vector<size_t> rows_of(const std::vector<Observation>& observations) const;
  const Table& table() const { return table_; }
  /// @throws Error{bad_input} listing the columns.
  int column(const std::string& name, const char* option) const;

 private:
  std::string participant(size_t row) const;
  Table table_;
  int id_ = 0;
  std::map<std::string, size_t> row_of_;  ///< by label without sub-
};

/// Names of a list option: a name that is a column, or several split by commas or blanks.
std::vector<std::string> listed_columns(const std::vector<std::string>& words, const Table& table);

/// The columns of a factor, recorded and told.
DesignColumns noted_factor(const Factor& factor, FactorCoding coding, Json& json, Journal& journal);

/// The design of a group from its participants table.
///
/// Columns: intercept, covariates, factors, interactions; with `within` (its columns by name) that
/// instead of the intercept and of whatever does not change within a participant.
/// @param observations  loses those that --missing-covariates listwise leaves out.
/// @param json          what was done, for the sidecars.
GroupDesign participants_design(const ParticipantsRequest& request,
                                const ParticipantsTable& participants, const WithinFactor& within,
                                bool intercept, std::vector<Observation>& observations, Json& json,
                                Journal& journal);

}  // namespace sociometer::jobs
