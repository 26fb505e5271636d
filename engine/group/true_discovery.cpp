#include "engine/group/true_discovery.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

/// Largest i for which p_(m-i+j) > j alpha / i for all j = 1 .. i.
///
/// For the k-th smallest p with p_k < alpha this implies i < alpha (m - k) / (alpha - p_k); for the
/// largest it implies p_m > alpha.
double hommel_value(std::vector<double> sorted, double alpha) {
  std::sort(sorted.begin(), sorted.end());
  const auto m = double(sorted.size());
  if (sorted.empty() || sorted.back() <= alpha) return 0;
  double bound = std::numeric_limits<double>::infinity();
  for (size_t k = 1; k < sorted.size() && sorted[k - 1] < alpha; ++k)
    bound = std::min(bound, alpha * (m - double(k)) / (alpha - sorted[k - 1]));
  return std::min(m, std::ceil(bound) - 1);
}

}  // namespace

TrueDiscovery::TrueDiscovery(std::span<const double> p, double alpha)
    : p_(p.begin(), p.end()), alpha_(alpha) {
  require(alpha > 0 && alpha < 1, "alpha lies between 0 and 1");
  std::vector<double> tests;
  for (const double value : p)
    if (!std::isnan(value)) tests.push_back(value);
  hommel_ = hommel_value(std::move(tests), alpha);
}

double TrueDiscovery::discoveries(std::span<const uint32_t> voxels) const {
  // The smallest u that counts each voxel; p above alpha needs u > h, which cannot raise the bound.
  std::vector<double> least_u;
  for (const uint32_t v : voxels)
    if (!std::isnan(p_[v])) least_u.push_back(std::max(1.0, std::ceil(hommel_ * p_[v] / alpha_)));
  std::sort(least_u.begin(), least_u.end());
  double most = 0;
  for (size_t i = 0; i < least_u.size(); ++i) most = std::max(most, 1 - least_u[i] + double(i + 1));
  return most;
}

double TrueDiscovery::proportion(std::span<const uint32_t> voxels) const {
  return voxels.empty() ? 0 : discoveries(voxels) / double(voxels.size());
}

}  // namespace sociometer
