#include "engine/roi/voxel_places.hpp"

#include <algorithm>

#include "engine/stats/multiple_comparisons.hpp"

namespace sociometer {
namespace {

double p_limit(const Eigen::VectorXd& p, VoxelCorrection correction, double level) {
  if (correction == VoxelCorrection::none) return level;
  const Adjustment how =
      correction == VoxelCorrection::fdr ? Adjustment::benjamini_hochberg : Adjustment::holm;
  return p_threshold({p.data(), size_t(p.size())}, how, level);
}

}  // namespace

PassingVoxels passing(const Eigen::VectorXd& p, VoxelCorrection correction, double level) {
  PassingVoxels out;
  out.limit = p_limit(p, correction, level);
  out.passes.assign(size_t(p.size()), 0);
  for (Eigen::Index v = 0; v < p.size(); ++v) out.passes[size_t(v)] = p[v] <= out.limit;
  out.n = std::count(out.passes.begin(), out.passes.end(), 1);
  return out;
}

VoxelPlaces places(const VoxelDissociation& d, VoxelCorrection correction, double level) {
  VoxelPlaces out;
  out.first = passing(d.p_of(d.t_a), correction, level);
  out.second = passing(d.p_of(d.t_b), correction, level);
  out.both = passing(d.p_of(d.both), correction, level);
  out.label = Eigen::VectorXd::Zero(d.n.size());
  for (size_t v = 0; v < out.first.passes.size(); ++v) {
    const bool first = out.first.passes[v], second = out.second.passes[v];
    double& label = out.label[Eigen::Index(v)];
    if (out.both.passes[v] || (first && second))
      label = 3;
    else if (first)
      label = d.zero_b[v] ? 1 : 4;
    else if (second)
      label = d.zero_a[v] ? 2 : 5;
  }
  return out;
}

Eigen::Index n_voxels_with(double label, const Eigen::Ref<const Eigen::VectorXd>& labels) {
  return (labels.array() == label).count();
}

VoxelCrossovers crossovers(const VoxelDissociation& d, VoxelCorrection correction, double level) {
  VoxelCrossovers out;
  out.first = passing(d.p_goes_with_a, correction, level);
  out.second = passing(d.p_goes_with_b, correction, level);
  out.label = Eigen::VectorXd::Zero(d.n.size());
  for (size_t v = 0; v < out.first.passes.size(); ++v)
    out.label[Eigen::Index(v)] = out.first.passes[v] ? 1 : 2 * out.second.passes[v];
  return out;
}

}  // namespace sociometer
