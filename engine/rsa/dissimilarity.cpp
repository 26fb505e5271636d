#include "engine/rsa/dissimilarity.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"

namespace sociometer {

Eigen::VectorXd correlation_rdm(const Eigen::MatrixXd& x) {
  Eigen::MatrixXd unit = x.colwise() - x.rowwise().mean();
  for (Eigen::Index i = 0; i < unit.rows(); ++i) {
    // What centring leaves of a constant pattern is rounding.
    const double norm = unit.row(i).norm(), rounding = 1e-13 * x.row(i).norm();
    unit.row(i) /= norm > rounding ? norm : kNaN;
  }
  const Eigen::MatrixXd r = unit * unit.transpose();
  Eigen::VectorXd out(n_pairs_of(x.rows()));
  Eigen::Index at = 0;
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    for (Eigen::Index j = i + 1; j < x.rows(); ++j) out[at++] = 1 - r(j, i);
  return out;
}

VoxelDissimilarities VoxelDissimilarities::euclidean(Eigen::Index n_items) {
  VoxelDissimilarities out;
  out.n_patterns_ = n_items;
  out.pairs_ = pairs_of(n_items);
  out.weights_.assign(out.pairs_.size(), 1);
  return out;
}

VoxelDissimilarities VoxelDissimilarities::crossnobis(const PatternItems& run_items) {
  require(run_items.unit == PatternUnit::condition_run, "crossnobis needs a pattern per run");
  VoxelDissimilarities out;
  out.cross_validated_ = true;
  out.n_patterns_ = run_items.size();
  out.pairs_ = pairs_of(Eigen::Index(run_items.conditions.size()));
  std::vector<std::map<int, Eigen::Index>> by_run(run_items.conditions.size());
  for (Eigen::Index i = 0; i < run_items.size(); ++i) {
    const PatternItem& item = run_items.items[size_t(i)];
    by_run[size_t(item.condition)][item.run] = i;
  }
  for (const auto& pair : out.pairs_) {
    out.first_shared_.push_back(out.shared_.size());
    const auto& others = by_run[size_t(pair[1])];
    for (const auto& [run, item] : by_run[size_t(pair[0])])
      if (const auto other = others.find(run); other != others.end())
        out.shared_.push_back({item, other->second});
    const double runs = double(out.shared_.size() - out.first_shared_.back());
    out.weights_.push_back(runs >= 2 ? 1 / (runs * (runs - 1)) : 0);
  }
  out.first_shared_.push_back(out.shared_.size());
  return out;
}

void VoxelDissimilarities::of_voxel(const double* voxel, double* out) const {
  if (!cross_validated_) {
    for (Eigen::Index i = 0; i < n_patterns_; ++i)
      for (Eigen::Index j = i + 1; j < n_patterns_; ++j) {
        const double difference = voxel[i] - voxel[j];
        *out++ = difference * difference;
      }
    return;
  }
  for (size_t p = 0; p < pairs_.size(); ++p) {
    double sum = 0, squares = 0;
    for (size_t s = first_shared_[p]; s < first_shared_[p + 1]; ++s) {
      const double difference = voxel[shared_[s][0]] - voxel[shared_[s][1]];
      sum += difference;
      squares += difference * difference;
    }
    out[p] = weights_[p] * (sum * sum - squares);
  }
}

Eigen::VectorXd VoxelDissimilarities::mean_over(const Eigen::MatrixXd& patterns) const {
  require(patterns.rows() == n_patterns_, "patterns are those of the dissimilarities");
  Eigen::VectorXd sums = Eigen::VectorXd::Zero(n_pairs()), own(n_pairs());
  for (Eigen::Index v = 0; v < patterns.cols(); ++v) {
    of_voxel(patterns.col(v).data(), own.data());
    sums += own;
  }
  sums /= double(patterns.cols());
  for (Eigen::Index p = 0; p < n_pairs(); ++p)
    if (!has(p)) sums[p] = kNaN;
  return sums;
}

}  // namespace sociometer
