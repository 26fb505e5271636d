#pragma once
#include <map>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "io/bytes/json.hpp"
#include "io/tables/table.hpp"

namespace sociometer {

/// A table with one row per participant: participants.tsv, fitted parameters of people, ..
class ParticipantTable {
 public:
  /// @throws Error{bad_input} without a column participant_id (or participant), and for a
  ///         participant who occurs twice.
  explicit ParticipantTable(const std::string& path);

  const std::string& path() const { return table_.path; }
  InputFile file() const { return table_.file(); }
  bool has(const std::string& column) const { return table_.find(column) >= 0; }
  /// The cells of a column in the order of `participants`; n/a for one without a row.
  /// @param participants  with or without sub-.
  /// @throws Error{bad_input} for a column that is not there, or when there is a row of none of the
  ///         participants.
  std::vector<std::string> cells(const std::string& column,
                                 const std::vector<std::string>& participants) const;
  /// The same as numbers; NaN where missing.
  /// @throws Error{bad_input} naming column and participant for a cell that is no finite number.
  Eigen::VectorXd numbers(const std::string& column,
                          const std::vector<std::string>& participants) const;

 private:
  Table table_;
  std::map<std::string, size_t> row_of_;
};

}  // namespace sociometer
