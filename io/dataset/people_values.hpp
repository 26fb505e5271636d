#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/bids/bids_index.hpp"

namespace sociometer {

/// Text of participants.tsv and sessions.tsv by person and session.
class PeopleValues {
 public:
  /// Names of the columns: those of participants.tsv, then those that only sessions.tsv have.
  const std::vector<std::string>& columns() const { return columns_; }
  /// Files that were read.
  const std::vector<std::string>& paths() const { return paths_; }
  /// The cell for a session, else the one for the person; "n/a" without a row.
  /// @param participant, session  labels, with or without sub- and ses-; session may be empty.
  /// @throws Error{bad_input} naming the nearest columns for one that no table has.
  std::string value(const std::string& participant, const std::string& session,
                    const std::string& column) const;
  bool has(const std::string& column) const;
  /// Cells by person and session (empty for a row of the person), then by column.
  using Cells = std::map<std::pair<std::string, std::string>, std::map<std::string, std::string>>;
  const Cells& cells() const { return cells_; }

 private:
  friend PeopleValues read_people_table(const std::string& path);
  friend PeopleValues read_people_values(const BidsDataset& dataset, BidsFindings& findings);
  void add_table(const std::string& path, const std::string& participant);

  std::vector<std::string> columns_, paths_;
  Cells cells_;
};

/// Reads a participants.tsv alone.
/// @throws Error{bad_input} as below.
PeopleValues read_people_table(const std::string& path);

/// Reads participants.tsv and sub-X/sub-X_sessions.tsv of the people indexed. Both are optional;
/// rows of people who are not indexed are left alone.
/// @throws Error{bad_input} for a table without participant_id (session_id), or two rows for one
/// person and session.
PeopleValues read_people_values(const BidsDataset& dataset, BidsFindings& findings);

}  // namespace sociometer
