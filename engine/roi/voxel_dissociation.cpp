#include "engine/roi/voxel_dissociation.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <boost/math/distributions/students_t.hpp>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/stats/distributions.hpp"

namespace sociometer {
namespace {

/// Elementwise minimum; NaN in either stays NaN, which std::min does not guarantee.
Eigen::VectorXd least(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return (a.array().isNaN() || b.array().isNaN()).select(kNaN, a.array().min(b.array()));
}

/// The largest |t| for n participants at which a zero counts as supported; below 0: never. Both
/// criteria only get stricter with |t|, so one number serves all voxels.
double largest_t_of_zero(double n, const EvidenceRule& rule) {
  const auto supported = [&](double t) {
    return log_bayes_factor_one_sample(t, n, rule.cauchy_scale) <= -std::log(rule.evidence);
  };
  if (!supported(0)) return -1;
  double low = 0, high = 100;
  while (high - low > 1e-9) {
    const double middle = (low + high) / 2;
    (supported(middle) ? low : high) = middle;
  }
  const boost::math::students_t_distribution<double> t(n - 1);
  const auto critical = [&](double tail) {
    return boost::math::quantile(boost::math::complement(t, tail));
  };
  low = std::min(low, critical(rule.alpha / 2));
  if (!std::isinf(rule.equivalence_d))
    low = std::min(low, rule.equivalence_d * std::sqrt(n) - critical(rule.alpha));
  return low;
}

}  // namespace

void VoxelDissociationSums::Moments::take(Eigen::Index v, double value, double n) {
  const double step = value - mean[v];
  mean[v] += step / n;
  squares[v] += step * (value - mean[v]);
}

MeanFigures VoxelDissociationSums::Moments::figures(Eigen::Index v, double n) const {
  MeanFigures f;
  f.n = Eigen::Index(n);
  f.mean = mean[v];
  const double variance = squares[v] / (n - 1) / n;
  // Equal values in all participants have only rounding error, no variance.
  if (!(variance > 1e-28 * mean[v] * mean[v])) return f;
  f.standard_deviation = std::sqrt(variance * n);
  f.t = mean[v] / std::sqrt(variance);
  f.p = std::min(1.0, 2 * p_from_t(std::abs(f.t), n - 1));
  return f;
}

VoxelDissociationSums::VoxelDissociationSums(Eigen::Index n_voxels, bool with_reference)
    : n_(Eigen::VectorXd::Zero(n_voxels)) {
  const Moments none{Eigen::VectorXd::Zero(n_voxels), Eigen::VectorXd::Zero(n_voxels)};
  for (int s : {0, 1}) {
    own_[s] = none;
    if (with_reference) reference_[s] = difference_[s] = none;
  }
}

void VoxelDissociationSums::add(std::span<const double> a, std::span<const double> b,
                                const std::optional<ReferenceValues>& reference) {
  require(Eigen::Index(a.size()) == n_.size() && a.size() == b.size(), "one value per voxel");
  require(reference.has_value() == (reference_[0].mean.size() > 0),
          "a reference is given for all participants or none");
  for (Eigen::Index v = 0; v < n_.size(); ++v) {
    const double values[2] = {a[size_t(v)], b[size_t(v)]};
    if (!std::isfinite(values[0]) || !std::isfinite(values[1])) continue;
    n_[v] += 1;
    for (int s : {0, 1}) {
      own_[s].take(v, values[s], n_[v]);
      if (!reference) continue;
      const double of_reference = s == 0 ? reference->a : reference->b;
      reference_[s].take(v, of_reference, n_[v]);
      difference_[s].take(v, values[s] - of_reference, n_[v]);
    }
  }
}

PairFigures VoxelDissociationSums::beside_reference(Eigen::Index v) const {
  PairFigures f;
  for (size_t s : {0, 1}) {
    f.cell[0][s] = own_[s].figures(v, n_[v]);
    f.cell[1][s] = reference_[s].figures(v, n_[v]);
    f.difference[s] = difference_[s].figures(v, n_[v]);
  }
  return f;
}

VoxelDissociation VoxelDissociationSums::finish(const EvidenceRule& rule,
                                                Eigen::Index min_participants) const {
  const double least_n = double(std::max<Eigen::Index>(2, min_participants));
  const bool with_reference = reference_[0].mean.size() > 0;
  const Eigen::VectorXd missing = Eigen::VectorXd::Constant(n_.size(), kNaN);
  VoxelDissociation out;
  out.n = n_;
  out.effect_a = out.effect_b = out.t_a = out.t_b = missing;
  out.zero_a.assign(size_t(n_.size()), 0);
  out.zero_b = out.zero_a;
  if (with_reference)
    out.t_above_a = out.t_above_b = out.p_goes_with_a = out.p_goes_with_b = missing;
  std::map<double, double> limits;
  for (Eigen::Index v = 0; v < n_.size(); ++v) {
    if (n_[v] < least_n) continue;
    const auto [limit, is_new] = limits.try_emplace(n_[v]);
    if (is_new) limit->second = largest_t_of_zero(n_[v], rule);
    const MeanFigures a = own_[0].figures(v, n_[v]), b = own_[1].figures(v, n_[v]);
    out.effect_a[v] = a.mean;
    out.effect_b[v] = b.mean;
    out.t_a[v] = a.t;
    out.t_b[v] = b.t;
    out.zero_a[size_t(v)] = std::abs(a.t) <= limit->second;
    out.zero_b[size_t(v)] = std::abs(b.t) <= limit->second;
    if (!with_reference) continue;
    const PairFigures pair = beside_reference(v);
    out.t_above_a[v] = pair.difference[0].t;
    out.t_above_b[v] = pair.difference[1].t;
    // Positive effects only, as throughout: negative ones are tested with the maps' signs reversed.
    out.p_goes_with_a[v] = a.mean > 0 ? p_of_claim(pair, 0) : 1;
    out.p_goes_with_b[v] = b.mean > 0 ? p_of_claim(pair, 1) : 1;
  }
  out.both = least(out.t_a, out.t_b);
  return out;
}

Eigen::VectorXd VoxelDissociation::p_of(const Eigen::VectorXd& statistic) const {
  Eigen::VectorXd p(statistic.size());
  for (Eigen::Index v = 0; v < p.size(); ++v)
    p[v] = std::isnan(statistic[v]) ? kNaN : p_from_t(statistic[v], n[v] - 1);
  return p;
}

ReferenceValues reference_means(std::span<const double> a, std::span<const double> b,
                                std::span<const size_t> positions) {
  ReferenceValues sum{0, 0};
  double n = 0;
  for (size_t p : positions) {
    if (!std::isfinite(a[p]) || !std::isfinite(b[p])) continue;
    sum.a += a[p];
    sum.b += b[p];
    n += 1;
  }
  return {sum.a / n, sum.b / n};
}

void take_zeros_as_missing(std::span<double> effects) {
  for (double& x : effects)
    if (x == 0) x = kNaN;
}

bool has_value(std::span<const double> effects) {
  return std::any_of(effects.begin(), effects.end(), [](double x) { return std::isfinite(x); });
}

void take_missing_together(const std::vector<std::span<double>>& maps) {
  for (size_t v = 0; !maps.empty() && v < maps[0].size(); ++v) {
    const bool missing = std::any_of(maps.begin(), maps.end(),
                                     [v](const auto& map) { return !std::isfinite(map[v]); });
    if (!missing) continue;
    for (const auto& map : maps) map[v] = kNaN;
  }
}

void turn_sign(std::span<double> effects) {
  for (double& v : effects) v = -v;
}

}  // namespace sociometer
