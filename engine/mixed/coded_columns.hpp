#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/mixed/mixed_design.hpp"

namespace sociometer {

/// Columns of a matrix with their names.
struct CodedColumns {
  std::vector<std::string> names;
  Eigen::MatrixXd values;
};

/// Makes columns of the terms of a formula, for some rows of a table.
class ColumnCoder {
 public:
  /// @throws Error{usage} for a reference of no level.
  ColumnCoder(const MixedTable& table, const std::vector<size_t>& rows, const MixedCoding& coding);
  /// @param margins    terms of the model that the term is part of.
  /// @param intercept  whether the model has one.
  CodedColumns columns(const Interaction& term, const std::vector<Interaction>& margins,
                       bool intercept) const;
  bool is_category(const std::string& name) const;
  /// Levels in the rows used, the reference first.
  std::vector<std::string> levels(const std::string& name) const;
  std::vector<std::string> words(const std::string& name) const;

 private:
  CodedColumns variable(const std::string& name, bool all_levels) const;
  const MixedTable& table_;
  const std::vector<size_t>& rows_;
  const MixedCoding& coding_;
};

}  // namespace sociometer
