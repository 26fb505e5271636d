#include "engine/group/cluster_report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/group/true_discovery.hpp"
#include "engine/stats/distributions.hpp"
#include "engine/stats/multiple_comparisons.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

double log_upper_tail(RandomField::Kind kind, double dof1, double dof2, double x) {
  if (kind == RandomField::Kind::f) return log_sf_f(x, dof1, std::min(dof2, 1e9));
  if (kind == RandomField::Kind::z || dof2 > 1e9) return log_sf_normal(x);
  return log_sf_t(x, dof2);
}

std::span<const double> span_of(const Eigen::VectorXd& v) { return {v.data(), size_t(v.size())}; }

Mask tested_voxels(const Mask& mask, const Eigen::VectorXd& statistic) {
  Mask tested;
  tested.grid = mask.grid;
  for (size_t v = 0; v < mask.voxels.size(); ++v)
    if (!std::isnan(statistic[Index(v)])) tested.voxels.push_back(mask.voxels[v]);
  return tested;
}

/// Random-field part of the report: field, thresholds and corrected p of each voxel.
void add_random_field(const Mask& mask, const TestedMap& map, const ReportOptions& options,
                      MapReport& report) {
  report.p_rft.setConstant(map.statistic.size(), kNaN);
  report.peak_threshold = report.cluster_voxels = kNaN;
  if (!report.smoothness || report.n_tests == 0) return;
  const RandomField field = tested_field(mask, map, *report.smoothness);
  report.field = field;
  const double sides = options.two_sided ? 2 : 1, lowest = height_of_most_clusters(field);
  for (Index v = 0; v < map.statistic.size(); ++v) {
    const double height = options.two_sided  ? std::abs(map.statistic[v])
                          : options.negative ? -map.statistic[v]
                                             : map.statistic[v];
    if (!std::isnan(height))
      report.p_rft[v] = height < lowest ? 1 : std::min(1.0, sides * peak_p(field, height));
  }
  report.peak_threshold = peak_threshold(field, options.alpha / sides);
}

/// Cluster p-values use the volume term alone, or all dimensions.
RandomField cluster_field(const Mask& mask, const TestedMap& map, const MapReport& report,
                          const ReportOptions& options) {
  RandomField field = *report.field;
  if (options.volume_only)
    field.resels = volume_resels(tested_voxels(mask, map.statistic), *report.smoothness);
  return field;
}

/// In units of the statistic; NaN without any test.
double forming_threshold(const TestedMap& map, const ReportOptions& options, Index n_tests) {
  if (n_tests == 0) return kNaN;
  if (options.threshold) return *options.threshold;
  const double sides = options.two_sided ? 2 : 1;
  return statistic_of_p(map.kind, map.dof1, map.dof2, options.forming_p / sides);
}

ClusterOptions forming_options(const MapReport& report, const ReportOptions& options) {
  ClusterOptions forming;
  forming.threshold = report.threshold;
  forming.above_only = options.above_only;
  forming.min_size = options.min_size;
  forming.peak_distance_mm = options.peak_distance_mm;
  forming.max_peaks = options.max_peaks;
  return forming;
}

/// A cluster with the p-values of its peaks and of its size.
ClusterReport judged(int sign, Cluster cluster, const TestedMap& map, const MapReport& report,
                     const TrueDiscovery& discovery, const std::optional<RandomField>& sizes,
                     bool two_sided) {
  ClusterReport one{sign, std::move(cluster), {}, kNaN, kNaN, kNaN};
  for (const Peak& peak : one.cluster.peaks)
    one.peaks.push_back({peak.voxel, map.statistic[peak.voxel], map.z[peak.voxel],
                         report.p[peak.voxel], report.p_rft[peak.voxel], report.q_fdr[peak.voxel]});
  if (!std::isnan(one.peaks[0].p)) one.true_discovery = discovery.proportion(one.cluster.voxels);
  if (!sizes) return one;
  const ClusterP size_p =
      cluster_p(*sizes, report.threshold,
                double(one.cluster.voxels.size()) / report.smoothness->resel_voxels());
  one.p_uncorrected = size_p.uncorrected;
  one.p_rft = std::min(1.0, (two_sided ? 2 : 1) * size_p.corrected);
  return one;
}

/// Positive clusters stay before negative ones.
void order_by_peaks(std::vector<ClusterReport>& clusters) {
  std::stable_sort(clusters.begin(), clusters.end(),
                   [](const ClusterReport& a, const ClusterReport& b) {
                     if (a.sign != b.sign) return a.sign > b.sign;
                     return a.cluster.peaks[0].value > b.cluster.peaks[0].value;
                   });
}

}  // namespace

TestedMap tested_map(const Eigen::VectorXd& statistic, const Eigen::VectorXd& z,
                     const Eigen::VectorXd& dof, double numerator_dof) {
  TestedMap map{statistic, z, numerator_dof > 0 ? RandomField::Kind::f : RandomField::Kind::t,
                std::max(1.0, numerator_dof), kNaN};
  double low = kNaN, high = kNaN;
  for (Index v = 0; v < dof.size(); ++v) {
    if (std::isnan(statistic[v]) || std::isnan(dof[v])) continue;
    low = std::isnan(low) ? dof[v] : std::min(low, dof[v]);
    high = std::isnan(high) ? dof[v] : std::max(high, dof[v]);
  }
  map.dof2 = low;
  if (low == high) return map;
  map.statistic = z;
  map.kind = RandomField::Kind::z;
  map.dof1 = 1;
  map.dof2 = std::numeric_limits<double>::infinity();
  return map;
}

RandomField tested_field(const Mask& mask, const TestedMap& map, const Smoothness& smoothness) {
  const Mask tested = tested_voxels(mask, map.statistic);
  RandomField field;
  field.kind = map.kind;
  field.dof1 = map.dof1;
  field.dof2 = map.dof2;
  field.resels = resel_counts(tested, smoothness);
  field.n_voxels = double(tested.n_voxels());
  return field;
}

Eigen::VectorXd p_of_tests(const Eigen::VectorXd& z, bool two_sided, bool negative) {
  return z.unaryExpr([&](double value) {
    return two_sided ? std::min(2 * std::exp(log_sf_normal(std::abs(value))), 1.0)
                     : std::exp(log_sf_normal(negative ? -value : value));
  });
}

double statistic_of_p(RandomField::Kind kind, double dof1, double dof2, double p) {
  require(p > 0 && p < 1, "a threshold's p lies between 0 and 1");
  const double target = std::log(p);
  double low = kind == RandomField::Kind::f ? 0 : -1, high = 1;
  while (log_upper_tail(kind, dof1, dof2, high) > target) high *= 2;
  while (kind != RandomField::Kind::f && log_upper_tail(kind, dof1, dof2, low) < target) low *= 2;
  for (int i = 0; i < 200 && high - low > 1e-14 * std::abs(high); ++i) {
    const double middle = 0.5 * (low + high);
    (log_upper_tail(kind, dof1, dof2, middle) > target ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

MapReport report_clusters(const Mask& mask, const TestedMap& map,
                          const std::optional<Smoothness>& smoothness,
                          const ReportOptions& options) {
  require(map.statistic.size() == mask.n_voxels() && map.z.size() == mask.n_voxels(),
          "a map has a value per voxel of the mask");
  require(!(options.two_sided || options.negative) || map.kind != RandomField::Kind::f,
          "F has one side");
  MapReport report;
  report.smoothness = smoothness;
  report.n_tests = Index(map.statistic.array().isFinite().count());
  report.threshold = forming_threshold(map, options, report.n_tests);
  report.p = p_of_tests(map.z, options.two_sided, options.negative);
  const std::vector<double> q = adjusted_p(span_of(report.p), Adjustment::benjamini_hochberg);
  report.q_fdr = Eigen::Map<const Eigen::VectorXd>(q.data(), Index(q.size()));
  const TrueDiscovery discovery(span_of(report.p), options.alpha);
  report.hommel = discovery.hommel();
  add_random_field(mask, map, options, report);
  if (report.n_tests == 0) return report;

  const double sides = options.two_sided ? 2 : 1;
  std::optional<RandomField> sizes;
  if (report.field && std::isfinite(report.threshold)) {
    sizes = cluster_field(mask, map, report, options);
    report.cluster_voxels =
        std::ceil(cluster_threshold(*sizes, report.threshold, options.alpha / sides) *
                  smoothness->resel_voxels());
  }
  const Neighbourhood near(mask, options.connectivity);
  for (const int sign : {1, -1}) {
    if (!options.two_sided && (sign < 0) != options.negative) continue;
    const Eigen::VectorXd signed_map = sign * map.statistic;
    for (Cluster& cluster :
         find_clusters(mask, near, span_of(signed_map), forming_options(report, options))) {
      ClusterReport one =
          judged(sign, std::move(cluster), map, report, discovery, sizes, options.two_sided);
      if (!options.most_cluster_p || one.p_rft <= *options.most_cluster_p)
        report.clusters.push_back(std::move(one));
    }
  }
  if (options.order == ClusterOrder::peak) order_by_peaks(report.clusters);
  return report;
}

Eigen::VectorXd values_in_clusters(const MapReport& report, const Eigen::VectorXd& statistic) {
  Eigen::VectorXd values = Eigen::VectorXd::Zero(statistic.size());
  for (const ClusterReport& one : report.clusters)
    for (const uint32_t voxel : one.cluster.voxels) values[voxel] = statistic[voxel];
  return values;
}

Eigen::VectorXd cluster_numbers(const MapReport& report, Eigen::Index n_voxels) {
  Eigen::VectorXd numbers = Eigen::VectorXd::Zero(n_voxels);
  for (size_t c = 0; c < report.clusters.size(); ++c)
    for (const uint32_t voxel : report.clusters[c].cluster.voxels) numbers[voxel] = double(c + 1);
  return numbers;
}

Eigen::VectorXd corrected_p(const MapReport& report, MapCorrection correction) {
  if (correction == MapCorrection::rft) return report.p_rft;
  if (correction == MapCorrection::fdr) return report.q_fdr;
  const Adjustment adjustment = correction == MapCorrection::fdr_by
                                    ? Adjustment::benjamini_yekutieli
                                : correction == MapCorrection::holm ? Adjustment::holm
                                                                    : Adjustment::bonferroni;
  const std::vector<double> adjusted = adjusted_p(span_of(report.p), adjustment);
  return Eigen::Map<const Eigen::VectorXd>(adjusted.data(), report.p.size());
}

}  // namespace sociometer
