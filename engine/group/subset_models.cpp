#include "engine/group/subset_models.hpp"

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Maximum number of cached models, to limit memory.
constexpr size_t kMostModels = 20'000;

}  // namespace

SubsetModels::SubsetModels(const GroupDesign& design, const GroupContrast& contrast,
                           std::vector<int> variance_groups)
    : design_(design.values), contrast_(contrast), variance_groups_(std::move(variance_groups)) {
  require(variance_groups_.empty() || Eigen::Index(variance_groups_.size()) == design_.rows(),
          "one variance group per row");
}

std::shared_ptr<const SubsetModel> SubsetModels::of(const std::vector<Eigen::Index>& rows) const {
  {
    const std::lock_guard lock(guard_);
    if (const auto found = models_.find(rows); found != models_.end()) return found->second;
  }
  auto model = std::make_shared<SubsetModel>();
  const Eigen::MatrixXd there = chosen_rows(design_, rows);
  model->tested = tested_space(there, contrast_);
  if (!variance_groups_.empty() && model->tested.estimable) {
    std::vector<int> groups;
    for (const Eigen::Index i : rows) groups.push_back(variance_groups_[size_t(i)]);
    model->welch.emplace(there, contrast_, groups);
  }
  const std::lock_guard lock(guard_);
  if (models_.size() >= kMostModels) models_.clear();
  return models_.emplace(rows, std::move(model)).first->second;
}

}  // namespace sociometer
