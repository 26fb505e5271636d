#include "engine/group/group_statistics.hpp"

#include <cmath>
#include <map>

#include "engine/stats/distributions.hpp"
#include "engine/stats/tail_table.hpp"

namespace sociometer {
namespace {

Tails normal_tails(double z) { return {z, std::exp(log_sf_normal(z))}; }

/// From here on Student's t is the normal to the last digits, and the table would have no end.
constexpr double kInfiniteDof = 1e9;

}  // namespace

void fill_tails(GroupContrastMaps& maps, const Eigen::VectorXd& dof, Eigen::Index rows) {
  const Eigen::Index n = maps.statistic.size();
  maps.z.setConstant(n, std::numeric_limits<double>::quiet_NaN());
  maps.p = maps.z;
  std::map<double, std::vector<Eigen::Index>> voxels_of;
  for (Eigen::Index v = 0; v < n; ++v)
    if (std::isfinite(maps.statistic[v])) voxels_of[dof[v]].push_back(v);
  for (const auto& [value, voxels] : voxels_of) {
    const auto put = [&, &at = voxels](auto&& tails) {
      for (const Eigen::Index v : at) {
        const Tails both = tails(maps.statistic[v]);
        maps.z[v] = both.z;
        maps.p[v] = both.p;
      }
    };
    const double degrees = value;
    if (rows == 1 && degrees > kInfiniteDof)
      put(normal_tails);
    else if (voxels.size() > 1000)
      put(rows == 1 ? TailTable::of_t(degrees)
                    : TailTable::of_f(double(rows), std::min(degrees, kInfiniteDof)));
    else if (rows == 1)
      put([&](double t) { return tails_from_t(t, degrees); });
    else
      put([&](double f) { return tails_from_f(f, double(rows), std::min(degrees, kInfiniteDof)); });
  }
}

}  // namespace sociometer
