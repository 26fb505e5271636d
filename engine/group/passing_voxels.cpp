#include "engine/group/passing_voxels.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using VoxelValues = Eigen::Ref<const Eigen::VectorXd>;

}  // namespace

Eigen::VectorXd passing_p(const VoxelValues& p, double level) {
  return p.unaryExpr([level](double v) { return double(v <= level); });
}

Eigen::VectorXd passing_height(const VoxelValues& statistic, double threshold, bool two_sided) {
  return statistic.unaryExpr(
      [&](double v) { return double((two_sided ? std::abs(v) : v) >= threshold); });
}

Eigen::VectorXd passing_clusters(const VoxelValues& numbers, const std::set<double>& clusters) {
  return numbers.unaryExpr([&](double number) { return double(clusters.contains(number)); });
}

Eigen::VectorXd passing_both(const VoxelValues& a, const VoxelValues& b,
                             const VoxelValues& shared) {
  require(a.size() == b.size() && a.size() == shared.size(), "maps of the same voxels");
  Eigen::VectorXd out = a.cwiseProduct(b);
  for (Index v = 0; v < out.size(); ++v)
    if (!std::isfinite(shared[v])) out[v] = 0;
  return out;
}

Eigen::VectorXd with_value(const VoxelValues& values) {
  return values.unaryExpr([](double v) { return double(!std::isnan(v)); });
}

Index n_passing(const VoxelValues& passing) { return (passing.array() != 0).count(); }

double least_magnitude(const VoxelValues& statistic, const VoxelValues& passing) {
  require(statistic.size() == passing.size(), "maps of the same voxels");
  double least = std::numeric_limits<double>::infinity();
  for (Index v = 0; v < statistic.size(); ++v)
    if (passing[v] != 0 && std::isfinite(statistic[v]))
      least = std::min(least, std::abs(statistic[v]));
  return least;
}

}  // namespace sociometer
