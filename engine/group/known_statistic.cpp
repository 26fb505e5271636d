#include "engine/group/known_statistic.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

constexpr double kNormalDof = 1e9;

}  // namespace

double z_of(const KnownStatistic& statistic, double value) {
  if (std::isnan(value) || !statistic.kind) return kNaN;
  switch (*statistic.kind) {
    case RandomField::Kind::t:
      return statistic.dof2 > kNormalDof ? value : z_from_t(value, statistic.dof2);
    case RandomField::Kind::f:
      return z_from_f(value, statistic.dof1, std::min(statistic.dof2, kNormalDof));
    case RandomField::Kind::z:
      return value;
  }
  return kNaN;
}

TestedMap tested_map(const KnownStatistic& statistic, Eigen::VectorXd values, bool as_z,
                     int n_threads) {
  using Kind = RandomField::Kind;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr Eigen::Index kBlock = 4096;
  Eigen::VectorXd z(values.size());
  parallel_for((z.size() + kBlock - 1) / kBlock, n_threads, [&](Eigen::Index b) {
    for (Eigen::Index v = b * kBlock; v < std::min(z.size(), (b + 1) * kBlock); ++v)
      z[v] = z_of(statistic, values[v]);
  });
  if (as_z || statistic.kind == Kind::z) return {z, z, Kind::z, 1, kInfinity};
  if (!statistic.kind) return {std::move(values), std::move(z), Kind::z, 1, kInfinity};
  return {std::move(values), std::move(z), *statistic.kind, statistic.dof1, statistic.dof2};
}

}  // namespace sociometer
