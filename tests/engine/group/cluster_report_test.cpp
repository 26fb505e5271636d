#include "engine/group/cluster_report.hpp"

#include <cmath>
#include <sstream>

#include <gtest/gtest.h>

#include "engine/group/group_fit.hpp"
#include "engine/stats/distributions.hpp"
#include "tests/engine/group/group_data.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using testing::close_number;

/// Row `peak` of SPM's results table: cluster columns may be empty.
struct SpmRow {
  std::vector<std::string> cells;
  double number(size_t column) const { return std::stod(cells[column]); }
};
std::vector<SpmRow> spm_table(const std::string& name) {
  std::istringstream text(testing::read_bytes(testing::golden("spm/group/" + name)));
  std::vector<SpmRow> rows;
  std::string line;
  std::getline(text, line);
  while (std::getline(text, line)) {
    if (line.empty() || line[0] == '#') continue;
    SpmRow row;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) row.cells.push_back(cell);
    rows.push_back(row);
  }
  return rows;
}

Smoothness spm_smoothness() {
  Smoothness s;
  s.fwhm_voxels = {3.58877663708, 3.59875562476, 3.64217549395};
  return s;
}

// Columns: set p, c; cluster p(FWE), p(FDR), k, p(unc); peak p(FWE), p(FDR), T, Z, p(unc), x,y,z.
TEST(ClusterReport, EqualsSpmsTable) {
  const testing::GroupGolden group;
  for (const auto& [name, forming] : {std::pair{"onesample/table_mean_p0.001.tsv", 0.001},
                                      {"onesample/table_mean_p0.01.tsv", 0.01}}) {
    const std::vector<SpmRow> rows = spm_table(name);
    ASSERT_FALSE(rows.empty());
    const Eigen::VectorXd t = group.map("spm/group/onesample/spmT_0001.nii.gz");
    const Eigen::VectorXd z = t.unaryExpr([](double v) { return z_from_t(v, 15); });
    ReportOptions options;
    options.forming_p = forming;
    options.connectivity = 18;
    options.peak_distance_mm = 4;
    options.max_peaks = 3;
    const MapReport report =
        report_clusters(group.mask, tested_map(t, z, Eigen::VectorXd::Constant(t.size(), 15), 0),
                        spm_smoothness(), options);
    // SPM orders clusters by their maximum.
    std::vector<const ClusterReport*> clusters;
    for (const auto& c : report.clusters) clusters.push_back(&c);
    std::sort(clusters.begin(), clusters.end(), [](const auto* a, const auto* b) {
      return a->peaks[0].statistic > b->peaks[0].statistic;
    });
    size_t row = 0;
    for (const ClusterReport* c : clusters) {
      for (size_t k = 0; k < c->peaks.size(); ++k, ++row) {
        ASSERT_LT(row, rows.size());
        const PeakReport& peak = c->peaks[k];
        EXPECT_TRUE(close_number(peak.statistic, rows[row].number(8), 1e-6)) << name << row;
        // SPM's conversion to z is approximate, and its p derives from that z.
        EXPECT_TRUE(close_number(peak.z, rows[row].number(9), 1e-3));
        EXPECT_TRUE(close_number(peak.p, rows[row].number(10), 5e-3));
        EXPECT_TRUE(close_number(peak.p_rft, rows[row].number(6), 1e-5));
        if (k > 0) continue;
        EXPECT_EQ(double(c->cluster.voxels.size()), rows[row].number(4)) << name << row;
        EXPECT_TRUE(close_number(c->p_uncorrected, rows[row].number(5), 1e-5));
        EXPECT_TRUE(close_number(c->p_rft, rows[row].number(2), 1e-5));
      }
    }
    EXPECT_EQ(row, rows.size());
    EXPECT_TRUE(close_number(report.peak_threshold, 5.93284204817, 1e-6));
  }
}

TEST(ClusterReport, BothSidesHalveTheThresholdAndDoubleP) {
  const testing::GroupGolden group;
  const Eigen::VectorXd t = group.map("spm/group/onesample/spmT_0001.nii.gz");
  const Eigen::VectorXd z = t.unaryExpr([](double v) { return z_from_t(v, 15); });
  const Eigen::VectorXd dof = Eigen::VectorXd::Constant(t.size(), 15);
  ReportOptions one, two;
  two.two_sided = true;
  two.forming_p = 0.002;
  const MapReport up = report_clusters(group.mask, tested_map(t, z, dof, 0), spm_smoothness(), one),
                  both =
                      report_clusters(group.mask, tested_map(t, z, dof, 0), spm_smoothness(), two),
                  down = report_clusters(group.mask, tested_map(-t, -z, dof, 0), spm_smoothness(),
                                         one);
  EXPECT_TRUE(close_number(up.threshold, both.threshold, 1e-12));
  ASSERT_EQ(both.clusters.size(), up.clusters.size() + down.clusters.size());
  EXPECT_EQ(both.clusters.back().sign, down.clusters.empty() ? 1 : -1);
  EXPECT_TRUE(close_number(both.clusters[0].p_rft, 2 * up.clusters[0].p_rft, 1e-9));
  EXPECT_TRUE(close_number(both.clusters[0].peaks[0].p, 2 * up.clusters[0].peaks[0].p, 1e-9));
  EXPECT_GT(both.peak_threshold, up.peak_threshold);
}

/// Low statistics, for which the expected Euler characteristic is not a tail probability and for F
/// even negative, must not get a smaller p than larger ones, or than their uncorrected p.
TEST(ClusterReport, RandomFieldPNeverRisesWithTheStatistic) {
  const testing::GroupGolden group;
  const Index n = group.mask.n_voxels();
  struct Case {
    double dof1, dof2;
  };
  for (const Case& k : {Case{0, 1}, {0, 3}, {0, 30}, {1, 30}, {2, 30}, {5, 30}, {5, 4}}) {
    Eigen::VectorXd statistic(n);
    for (Index v = 0; v < n; ++v) statistic[v] = (k.dof1 == 0 ? 8.0 : 60.0) * double(v) / double(n);
    const auto p_of = [&](double x) {
      return k.dof1 == 0 ? p_from_t(x, k.dof2) : p_from_f(x, k.dof1, k.dof2);
    };
    const Eigen::VectorXd z =
        statistic.unaryExpr([&](double x) { return z_from_log_sf(std::log(p_of(x))); });
    const MapReport report = report_clusters(
        group.mask, tested_map(statistic, z, Eigen::VectorXd::Constant(n, k.dof2), k.dof1),
        spm_smoothness(), {});
    for (Index v = 0; v < n; ++v) {
      EXPECT_GE(report.p_rft[v], p_of(statistic[v]) * (1 - 1e-9))
          << k.dof1 << " " << k.dof2 << " " << statistic[v];
      if (v > 0) {
        EXPECT_LE(report.p_rft[v], report.p_rft[v - 1] + 1e-12);
      }
    }
    EXPECT_TRUE(k.dof2 < 30 || report.p_rft[n - 1] < 0.5) << k.dof1;
  }
}

TEST(ClusterReport, DifferingDofMakeZTheTestedMap) {
  const Eigen::VectorXd t = Eigen::Vector3d(3, 4, NAN), z = Eigen::Vector3d(2.5, 3.1, NAN),
                        dof = Eigen::Vector3d(10, 11, NAN);
  EXPECT_EQ(tested_map(t, z, dof, 0).kind, RandomField::Kind::z);
  EXPECT_EQ(tested_map(t, z, dof, 0).statistic[1], 3.1);
  EXPECT_EQ(tested_map(t, z, Eigen::Vector3d(10, 10, NAN), 0).kind, RandomField::Kind::t);
  EXPECT_EQ(tested_map(t, z, Eigen::Vector3d(10, 10, NAN), 2).kind, RandomField::Kind::f);
}

TEST(ClusterReport, WithoutSmoothnessOrVoxelsTheRestIsThere) {
  const testing::GroupGolden group;
  const Eigen::VectorXd t = group.map("spm/group/onesample/spmT_0001.nii.gz");
  const Eigen::VectorXd z = t.unaryExpr([](double v) { return z_from_t(v, 15); });
  const MapReport report = report_clusters(
      group.mask, tested_map(t, z, Eigen::VectorXd::Constant(t.size(), 15), 0), std::nullopt, {});
  ASSERT_FALSE(report.clusters.empty());
  EXPECT_TRUE(std::isnan(report.clusters[0].p_rft));
  EXPECT_GT(report.clusters[0].true_discovery, 0);
  EXPECT_LT(report.clusters[0].peaks[0].q_fdr, 0.05);
  const Eigen::VectorXd none = Eigen::VectorXd::Constant(t.size(), NAN);
  EXPECT_TRUE(report_clusters(group.mask, tested_map(none, none, none, 0), spm_smoothness(), {})
                  .clusters.empty());
}

TEST(ClusterReport, ThresholdsAreQuantiles) {
  EXPECT_TRUE(
      close_number(statistic_of_p(RandomField::Kind::t, 1, 15, 0.001), 3.73283440631, 1e-8));
  EXPECT_TRUE(
      close_number(statistic_of_p(RandomField::Kind::z, 1, 0, 0.05), 1.6448536269514722, 1e-12));
  EXPECT_TRUE(close_number(p_from_f(statistic_of_p(RandomField::Kind::f, 3, 20, 0.01), 3, 20), 0.01,
                           1e-10));
  EXPECT_TRUE(close_number(statistic_of_p(RandomField::Kind::t, 1, 4, 0.7), -0.568649063, 1e-7));
}

}  // namespace
}  // namespace sociometer
