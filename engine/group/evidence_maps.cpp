#include "engine/group/evidence_maps.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/stats/effect_sizes.hpp"
#include "engine/stats/interpolant.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
/// Number of voxels from which a table is faster.
constexpr size_t kManyVoxels = 4000;
constexpr double kTableEnd = 15, kPiece = 0.5;

using Voxels = std::vector<Index>;

/// Voxels grouped by the parameters of the function of t.
std::map<std::pair<double, double>, Voxels> voxels_by(const GroupMaps& maps,
                                                      const Eigen::VectorXd& other) {
  std::map<std::pair<double, double>, Voxels> groups;
  for (Index v = 0; v < maps.statistic.size(); ++v)
    if (std::isfinite(maps.statistic[v]) && std::isfinite(other[v]))
      groups[{maps.dof[v], other[v]}].push_back(v);
  return groups;
}

/// out[v] = f(t[v]) for the given voxels, by a table if there are many.
void fill(const Voxels& voxels, const Eigen::VectorXd& t, const std::function<double(double)>& f,
          int n_threads, Eigen::VectorXd& out) {
  std::function<double(double)> quick = f;
  if (voxels.size() > kManyVoxels) quick = Interpolant(f, -kTableEnd, kTableEnd, kPiece);
  constexpr Index kBlock = 1024;
  const auto n = Index(voxels.size());
  parallel_for((n + kBlock - 1) / kBlock, n_threads, [&](Index block) {
    for (Index i = block * kBlock; i < std::min(n, (block + 1) * kBlock); ++i) {
      const Index v = voxels[size_t(i)];
      out[v] = quick(t[v]);
    }
  });
}

void require_t(const GroupMaps& maps, const Eigen::VectorXd& unit_variance) {
  require(maps.effect.rows() == 1, "standardised effects are those of t contrasts");
  require(unit_variance.size() == maps.statistic.size(), "a unit variance per voxel");
}

}  // namespace

Eigen::VectorXd unit_variances(const std::vector<PresencePattern>& patterns,
                               const GroupDesign& design, const GroupContrast& contrast,
                               Index n_voxels) {
  Eigen::VectorXd out = Eigen::VectorXd::Constant(n_voxels, kNaN);
  const Eigen::VectorXd c = contrast.rows.row(0).transpose();
  for (const PresencePattern& pattern : patterns) {
    const Eigen::MatrixXd x = chosen_rows(design.values, pattern.participants);
    const Eigen::VectorXd solved = (x.transpose() * x).completeOrthogonalDecomposition().solve(c);
    for (const uint32_t v : pattern.voxels) out[v] = c.dot(solved);
  }
  return out;
}

bool is_of_means(const GroupDesign& design, const GroupContrast& contrast) {
  for (Index c = 0; c < design.values.cols(); ++c)
    if (contrast.rows(0, c) != 0)
      for (const double x : design.values.col(c))
        if (x != 0 && x != 1) return false;
  return true;
}

Eigen::VectorXd bayes_units(const std::vector<PresencePattern>& patterns, const GroupDesign& design,
                            const GroupContrast& contrast, Index n_voxels) {
  if (is_of_means(design, contrast)) return unit_variances(patterns, design, contrast, n_voxels);
  Eigen::VectorXd out = Eigen::VectorXd::Constant(n_voxels, kNaN);
  for (const PresencePattern& pattern : patterns)
    for (const uint32_t v : pattern.voxels) out[v] = 1 / double(pattern.n());
  return out;
}

EffectSizeMaps effect_size_maps(const GroupMaps& maps, const Eigen::VectorXd& unit_variance,
                                double level, int n_threads) {
  require_t(maps, unit_variance);
  const double tail = (1 - level) / 2;
  const Eigen::VectorXd missing = Eigen::VectorXd::Constant(maps.statistic.size(), kNaN);
  EffectSizeMaps out{missing, missing, missing, missing, missing, missing};
  const Eigen::VectorXd scale = unit_variance.cwiseSqrt();
  // The noncentrality depends only on t and dof.
  const Eigen::VectorXd any =
      scale.unaryExpr([](double s) { return std::isfinite(s) ? 1.0 : kNaN; });
  for (const auto& [key, voxels] : voxels_by(maps, any)) {
    const double dof = key.first, j = hedges_factor(dof);
    fill(
        voxels, maps.statistic, [&](double t) { return noncentrality_from_t(t, dof, 1 - tail); },
        n_threads, out.d_lower);
    fill(
        voxels, maps.statistic, [&](double t) { return noncentrality_from_t(t, dof, tail); },
        n_threads, out.d_upper);
    for (const Index v : voxels) {
      out.d[v] = maps.statistic[v] * scale[v];
      out.d_lower[v] *= scale[v];
      out.d_upper[v] *= scale[v];
      out.g[v] = j * out.d[v];
      out.g_lower[v] = j * out.d_lower[v];
      out.g_upper[v] = j * out.d_upper[v];
    }
  }
  return out;
}

Eigen::VectorXd log_bayes_factor_map(const GroupMaps& maps, const Eigen::VectorXd& unit_variance,
                                     double scale, int n_threads) {
  require_t(maps, unit_variance);
  Eigen::VectorXd out = Eigen::VectorXd::Constant(maps.statistic.size(), kNaN);
  for (const auto& [key, voxels] : voxels_by(maps, unit_variance)) {
    const auto [dof, unit] = key;
    const double degrees = dof, n = 1 / unit;
    fill(
        voxels, maps.statistic,
        [&](double t) { return log_bayes_factor_from_t(t, degrees, n, scale); }, n_threads, out);
  }
  return out;
}

Conjunction conjunction(const std::vector<const GroupMaps*>& maps) {
  require(!maps.empty(), "a conjunction is of contrasts");
  Conjunction out{maps[0]->z, maps[0]->p};
  for (const GroupMaps* one : maps)
    for (Index v = 0; v < out.z.size(); ++v) {
      // If a contrast has no statistic, neither has the conjunction.
      if (std::isnan(out.z[v])) continue;
      if (std::isnan(one->z[v])) {
        out.z[v] = out.p[v] = kNaN;
        continue;
      }
      out.z[v] = std::min(out.z[v], one->z[v]);
      out.p[v] = std::max(out.p[v], one->p[v]);
    }
  return out;
}

Eigen::VectorXd shared_statistic(const Eigen::Ref<const Eigen::VectorXd>& a,
                                 const Eigen::Ref<const Eigen::VectorXd>& b) {
  require(a.size() == b.size(), "two maps of the same voxels");
  Eigen::VectorXd out = Eigen::VectorXd::Constant(a.size(), kNaN);
  for (Index v = 0; v < out.size(); ++v)
    if (a[v] * b[v] > 0) out[v] = std::abs(a[v]) < std::abs(b[v]) ? a[v] : b[v];
  return out;
}

Eigen::VectorXd statistics_of_one_only(const Eigen::Ref<const Eigen::VectorXd>& a,
                                       const Eigen::Ref<const Eigen::VectorXd>& b,
                                       const Eigen::Ref<const Eigen::VectorXd>& a_passes,
                                       const Eigen::Ref<const Eigen::VectorXd>& b_passes) {
  Eigen::VectorXd out = Eigen::VectorXd::Constant(a.size(), std::nan(""));
  for (Eigen::Index v = 0; v < a.size(); ++v)
    if (a_passes[v] != b_passes[v]) out[v] = a_passes[v] != 0 ? std::abs(a[v]) : -std::abs(b[v]);
  return out;
}

}  // namespace sociometer
