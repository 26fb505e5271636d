#include "engine/group/height_rule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"
#include "engine/group/random_field.hpp"
#include "engine/stats/multiple_comparisons.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
constexpr double kNoHeight = std::numeric_limits<double>::infinity();

/// The smallest height among the tests that an adjustment rejects.
double least_rejected(const TestedMap& map, Adjustment adjustment, double level,
                      const ReportOptions& options) {
  const Eigen::VectorXd p = p_of_tests(map.z, options.two_sided, options.negative);
  const double most = p_threshold({p.data(), size_t(p.size())}, adjustment, level);
  double least = kNoHeight;
  for (Index v = 0; v < p.size(); ++v) {
    if (!(p[v] <= most)) continue;
    const double value = map.statistic[v];
    least = std::min(least, options.two_sided  ? std::abs(value)
                            : options.negative ? -value
                                               : value);
  }
  const bool below = options.above_only && std::isfinite(least);
  return below ? std::nextafter(least, -kNoHeight) : least;
}

}  // namespace

double height_by_rule(const Mask& mask, const TestedMap& map, HeightRule rule, double level,
                      const ReportOptions& options, const std::optional<Smoothness>& smoothness) {
  const double sides = options.two_sided ? 2 : 1;
  const auto n_tests = double(map.statistic.array().isFinite().count());
  const auto at_p = [&](double p) { return statistic_of_p(map.kind, map.dof1, map.dof2, p); };
  if (rule == HeightRule::value) return level;
  require(level > 0 && level < 1, "the level of a threshold lies between 0 and 1");
  if (n_tests == 0) return kNoHeight;
  switch (rule) {
    case HeightRule::p:
      return at_p(level / sides);
    case HeightRule::bonferroni:
      return at_p(level / n_tests / sides);
    case HeightRule::fdr:
      return least_rejected(map, Adjustment::benjamini_hochberg, level, options);
    case HeightRule::fdr_by:
      return least_rejected(map, Adjustment::benjamini_yekutieli, level, options);
    case HeightRule::holm:
      return least_rejected(map, Adjustment::holm, level, options);
    case HeightRule::rft:
      require(smoothness.has_value(), "random fields need the smoothness of the noise");
      return peak_threshold(tested_field(mask, map, *smoothness), level / sides);
    case HeightRule::value:
      break;
  }
  return level;
}

}  // namespace sociometer
