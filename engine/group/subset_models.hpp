#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/group/group_design.hpp"
#include "engine/group/welch.hpp"

namespace sociometer {

/// What a contrast tests when only some rows of the design are present.
struct SubsetModel {
  TestedSpace tested;
  std::optional<WelchModel> welch;  ///< with variance groups
};

/// Models of row subsets of one design, each created on first use. Safe to use from several
/// threads.
class SubsetModels {
 public:
  /// @param variance_groups  of each row; may be empty.
  SubsetModels(const GroupDesign& design, const GroupContrast& contrast,
               std::vector<int> variance_groups);
  Eigen::Index n_rows() const { return design_.rows(); }
  bool is_t() const { return contrast_.is_t(); }
  /// @param rows  ascending.
  /// @cost  for new rows: a decomposition of them.
  std::shared_ptr<const SubsetModel> of(const std::vector<Eigen::Index>& rows) const;

 private:
  Eigen::MatrixXd design_;
  GroupContrast contrast_;
  std::vector<int> variance_groups_;
  mutable std::mutex guard_;
  mutable std::map<std::vector<Eigen::Index>, std::shared_ptr<const SubsetModel>> models_;
};

}  // namespace sociometer
