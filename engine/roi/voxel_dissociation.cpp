#include "engine/roi/voxel_dissociation.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

/// NaN in either stays NaN, which std::min does not promise.
Eigen::VectorXd least(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return (a.array().isNaN() || b.array().isNaN()).select(kNaN, a.array().min(b.array()));
}

}  // namespace

VoxelDissociationSums::VoxelDissociationSums(Eigen::Index n_voxels)
    : n_(Eigen::VectorXd::Zero(n_voxels)) {
  for (Moments* m : {&a_, &b_, &difference_})
    *m = {Eigen::VectorXd::Zero(n_voxels), Eigen::VectorXd::Zero(n_voxels)};
}

void VoxelDissociationSums::add(std::span<const double> a, std::span<const double> b) {
  require(Eigen::Index(a.size()) == n_.size() && a.size() == b.size(), "one value per voxel");
  for (Eigen::Index v = 0; v < n_.size(); ++v) {
    const double x = a[size_t(v)], y = b[size_t(v)];
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    n_[v] += 1;
    const auto take = [&](Moments& m, double value) {
      const double step = value - m.mean[v];
      m.mean[v] += step / n_[v];
      m.squares[v] += step * (value - m.mean[v]);
    };
    take(a_, x);
    take(b_, y);
    take(difference_, x - y);
  }
}

Eigen::VectorXd VoxelDissociationSums::t_of(const Moments& m, const Eigen::VectorXd& n) {
  Eigen::VectorXd t(n.size());
  for (Eigen::Index v = 0; v < n.size(); ++v) {
    const double variance = m.squares[v] / (n[v] - 1) / n[v];
    // Equal values in everyone leave rounding error, not a spread.
    t[v] = variance > 1e-28 * m.mean[v] * m.mean[v] ? m.mean[v] / std::sqrt(variance) : kNaN;
  }
  return t;
}

VoxelDissociation VoxelDissociationSums::finish(Eigen::Index min_participants) const {
  const double least_n = double(std::max<Eigen::Index>(2, min_participants));
  VoxelDissociation out;
  out.n = n_;
  const auto enough = n_.array() >= least_n;
  const auto where_enough = [&](const Eigen::VectorXd& values) -> Eigen::VectorXd {
    return enough.select(values.array(), kNaN);
  };
  out.effect_a = where_enough(a_.mean);
  out.effect_b = where_enough(b_.mean);
  out.effect_difference = where_enough(difference_.mean);
  out.t_a = where_enough(t_of(a_, n_));
  out.t_b = where_enough(t_of(b_, n_));
  out.t_difference = where_enough(t_of(difference_, n_));
  out.both = least(out.t_a, out.t_b);
  out.only_a = least(out.t_a, out.t_difference);
  out.only_b = least(out.t_b, -out.t_difference);
  return out;
}

Eigen::VectorXd VoxelDissociation::p_of(const Eigen::VectorXd& statistic) const {
  Eigen::VectorXd p(statistic.size());
  for (Eigen::Index v = 0; v < p.size(); ++v)
    p[v] = std::isnan(statistic[v]) ? kNaN : p_from_t(statistic[v], n[v] - 1);
  return p;
}

}  // namespace sociometer
