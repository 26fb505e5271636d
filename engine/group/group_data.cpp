#include "engine/group/group_data.hpp"

#include <algorithm>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Pairs of maps, possibly larger than memory.
class PairedValues : public GroupData {
 public:
  PairedValues(std::shared_ptr<const GroupData> maps, std::vector<MapPair> rows, double sign)
      : maps_(std::move(maps)), rows_(std::move(rows)), sign_(sign) {}
  Eigen::Index n_participants() const override { return Eigen::Index(rows_.size()); }
  Eigen::Index n_voxels() const override { return maps_->n_voxels(); }
  GroupBlock block(Eigen::Index first, Eigen::Index n, Eigen::MatrixXd& space) const override {
    Eigen::MatrixXd own;
    const GroupBlock values = maps_->block(first, n, own);
    space.resize(n_participants(), n);
    for (size_t i = 0; i < rows_.size(); ++i) {
      space.row(Eigen::Index(i)) = values.row(Eigen::Index(rows_[i].map));
      if (rows_[i].other)
        space.row(Eigen::Index(i)) += sign_ * values.row(Eigen::Index(*rows_[i].other));
    }
    return {space.data(), space.rows(), n, Eigen::OuterStride<>(space.rows())};
  }

 private:
  std::shared_ptr<const GroupData> maps_;
  std::vector<MapPair> rows_;
  double sign_;
};

}  // namespace

GroupBlock GroupMatrix::block(Eigen::Index first, Eigen::Index n, Eigen::MatrixXd&) const {
  require(first >= 0 && n >= 0 && first + n <= values_.cols(), "a block of the group's voxels");
  return {values_.data() + first * values_.outerStride(), values_.rows(), n,
          Eigen::OuterStride<>(values_.outerStride())};
}

std::shared_ptr<const GroupData> paired_values(std::shared_ptr<const GroupData> of_maps,
                                               const std::vector<MapPair>& rows, double sign) {
  bool plain = Eigen::Index(rows.size()) == of_maps->n_participants();
  for (size_t i = 0; i < rows.size(); ++i) plain &= !rows[i].other && rows[i].map == i;
  if (plain) return of_maps;
  const bool in_memory = of_maps->in_memory();
  auto paired = std::make_shared<PairedValues>(std::move(of_maps), rows, sign);
  if (!in_memory) return paired;
  auto values = std::make_shared<Eigen::MatrixXd>();
  paired->block(0, paired->n_voxels(), *values);
  return std::make_shared<OwnValues>(std::move(values));
}

Eigen::VectorXd participants_per_voxel(const GroupData& data) {
  Eigen::VectorXd n(data.n_voxels());
  Eigen::MatrixXd space;
  for (Eigen::Index first = 0; first < n.size(); first += kGroupBlock) {
    const Eigen::Index count = std::min(kGroupBlock, n.size() - first);
    n.segment(first, count) = data.block(first, count, space)
                                  .array()
                                  .isFinite()
                                  .cast<double>()
                                  .colwise()
                                  .sum()
                                  .transpose();
  }
  return n;
}

Eigen::Index group_block_size(double bytes, double bytes_per_voxel) {
  const double blocks = bytes / (bytes_per_voxel * double(kGroupBlock));
  return kGroupBlock * std::max<Eigen::Index>(1, Eigen::Index(std::min(blocks, 1e9)));
}

std::vector<PresencePattern> presence_patterns(const GroupData& data, Eigen::Index least) {
  PatternCollector collector;
  Eigen::MatrixXd space;
  for (Eigen::Index first = 0; first < data.n_voxels(); first += kGroupBlock)
    collector.add(data.block(first, std::min(kGroupBlock, data.n_voxels() - first), space));
  return collector.patterns(least);
}

}  // namespace sociometer
