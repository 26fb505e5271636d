// Heights and thresholded maps.
#include "engine/group/height_rule.hpp"

#include <cmath>
#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "io/bytes/json.hpp"
#include "tests/engine/group/group_data.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// The z map of nilearn's goldens of thresholds.
struct NilearnMap {
  Mask mask = read_mask(testing::golden("nilearn/data/mask.nii.gz"));
  TestedMap map;
  NilearnMap() {
    map.statistic =
        testing::masked(testing::golden("nilearn/first_level/spm_cosine_ar1/a-b_z_score.nii.gz"),
                        mask)
            .col(0);
    map.z = map.statistic;
    map.kind = RandomField::Kind::z;
    map.dof2 = std::numeric_limits<double>::infinity();
  }
  MapReport report(HeightRule rule, double level, bool two_sided, size_t min_size) const {
    ReportOptions options;
    options.above_only = true;
    options.connectivity = 6;
    options.two_sided = two_sided;
    options.min_size = min_size;
    options.threshold = height_by_rule(mask, map, rule, level, options, {});
    return report_clusters(mask, map, {}, options);
  }
};

Json nilearn_thresholds() {
  return Json::parse(testing::read_bytes(testing::golden("nilearn/thresholding/thresholds.json")));
}

TEST(HeightRule, EqualsThresholdStatsImgOfNilearn) {
  const NilearnMap data;
  const std::map<std::string, HeightRule> rules{
      {"fpr", HeightRule::p}, {"fdr", HeightRule::fdr}, {"bonferroni", HeightRule::bonferroni}};
  const Json cases = nilearn_thresholds()["threshold_stats_img"];
  ASSERT_EQ(cases.size(), 24u);
  for (const Json& one : cases) {
    SCOPED_TRACE(one.dump());
    const MapReport report =
        data.report(rules.at(one["height_control"]), one["alpha"], one["two_sided"],
                    std::max<size_t>(1, one["cluster_threshold"]));
    EXPECT_NEAR(report.threshold, double(one["threshold"]), 1e-9);
    const Eigen::VectorXd left = values_in_clusters(report, data.map.statistic);
    EXPECT_EQ((left.array() != 0).count(), Index(one["n_surviving"]));
    EXPECT_NEAR(left.sum(), double(one["sum"]), 1e-9);
  }
}

TEST(HeightRule, ThresholdedMapsOfNilearn) {
  const NilearnMap data;
  for (const bool two_sided : {false, true}) {
    const std::string name =
        std::string("nilearn/thresholding/fpr0.05_k5_two") + (two_sided ? "1" : "0") + ".nii.gz";
    const Eigen::VectorXd theirs = testing::masked(testing::golden(name), data.mask).col(0);
    const MapReport report = data.report(HeightRule::p, 0.05, two_sided, 5);
    EXPECT_EQ((values_in_clusters(report, data.map.statistic) - theirs).cwiseAbs().maxCoeff(), 0);
    EXPECT_GT(theirs.cwiseAbs().maxCoeff(), 0);
    const Eigen::VectorXd numbers = cluster_numbers(report, theirs.size());
    EXPECT_EQ(numbers.maxCoeff(), double(report.clusters.size()));
    EXPECT_TRUE(((numbers.array() != 0) == (theirs.array() != 0)).all());
  }
}

TEST(HeightRule, FdrThresholdsOfNilearn) {
  const NilearnMap data;
  const Json thresholds = nilearn_thresholds()["fdr_threshold"];
  ASSERT_FALSE(thresholds.empty());
  for (const auto& [level, theirs] : thresholds.items())
    EXPECT_NEAR(height_by_rule(data.mask, data.map, HeightRule::fdr, std::stod(level), {}, {}),
                double(theirs), 1e-9);
}

TEST(HeightRule, NothingPassesAtInfinity) {
  NilearnMap data;
  data.map.statistic = data.map.z = Eigen::VectorXd::Zero(data.mask.n_voxels());
  for (const HeightRule rule : {HeightRule::fdr, HeightRule::fdr_by, HeightRule::holm}) {
    const MapReport report = data.report(rule, 0.05, true, 1);
    EXPECT_TRUE(std::isinf(report.threshold)) << name_of(rule);
    EXPECT_TRUE(report.clusters.empty());
  }
}

TEST(HeightRule, HolmRejectsByItsAdjustedP) {
  const NilearnMap data;
  const MapReport report = data.report(HeightRule::holm, 0.05, false, 1);
  const Eigen::VectorXd p = corrected_p(report, MapCorrection::holm);
  const Eigen::VectorXd left = values_in_clusters(report, data.map.statistic);
  EXPECT_TRUE(((left.array() != 0) == (p.array() <= 0.05)).all());
  EXPECT_GT((left.array() != 0).count(), 0);
}

/// SPM's threshold at p = .05 by random fields alone is 6.064, by Bonferroni 5.933: the lower.
TEST(HeightRule, RandomFieldsEqualSpm) {
  const testing::GroupGolden group;
  const Eigen::VectorXd t = group.map("spm/group/onesample/spmT_0001.nii.gz");
  const TestedMap map{t, t, RandomField::Kind::t, 1, 15};
  Smoothness smoothness;
  smoothness.fwhm_voxels = {3.58877663708, 3.59875562476, 3.64217529395};
  EXPECT_NEAR(height_by_rule(group.mask, map, HeightRule::rft, 0.05, {}, smoothness), 5.93284204817,
              1e-5);
  EXPECT_NEAR(height_by_rule(group.mask, map, HeightRule::p, 0.001, {}, {}), 3.73283440631, 1e-7);
}

TEST(ClusterReport, NegativeSideIsThePositiveOneOfTheNegatedMap) {
  const NilearnMap data;
  ReportOptions options;
  options.threshold = 2;
  options.connectivity = 6;
  TestedMap negated = data.map;
  negated.statistic = negated.z = -data.map.z;
  const MapReport up = report_clusters(data.mask, negated, {}, options);
  options.negative = true;
  const MapReport down = report_clusters(data.mask, data.map, {}, options);
  ASSERT_EQ(up.clusters.size(), down.clusters.size());
  ASSERT_GT(up.clusters.size(), 0u);
  EXPECT_EQ(up.p, down.p);
  for (size_t c = 0; c < up.clusters.size(); ++c) {
    EXPECT_EQ(down.clusters[c].sign, -1);
    EXPECT_EQ(up.clusters[c].cluster.voxels, down.clusters[c].cluster.voxels);
    EXPECT_EQ(up.clusters[c].peaks[0].statistic, -down.clusters[c].peaks[0].statistic);
    EXPECT_EQ(up.clusters[c].peaks[0].p, down.clusters[c].peaks[0].p);
  }
}

TEST(ClusterReport, VoxelsWithoutAStatisticAreNoTestsOnTwoSides) {
  NilearnMap data;
  const MapReport whole = data.report(HeightRule::p, 0.001, true, 1);
  Index strongest = 0;
  data.map.z.cwiseAbs().maxCoeff(&strongest);
  const Index lost = strongest == 0 ? 1 : 0;
  data.map.statistic[lost] = data.map.z[lost] = std::nan("");
  const MapReport part = data.report(HeightRule::p, 0.001, true, 1);
  EXPECT_TRUE(std::isnan(part.p[lost]));
  EXPECT_TRUE(std::isnan(part.q_fdr[lost]));
  EXPECT_EQ(part.n_tests, whole.n_tests - 1);
  const double n = double(whole.n_tests);
  EXPECT_NEAR(part.q_fdr[strongest], whole.q_fdr[strongest] * (n - 1) / n, 1e-12);
}

TEST(ClusterReport, AMapWithoutDistributionHasClustersButNoP) {
  NilearnMap data;
  data.map.z.setConstant(std::nan(""));
  ReportOptions options;
  options.threshold = 2;
  const MapReport report = report_clusters(data.mask, data.map, {}, options);
  ASSERT_FALSE(report.clusters.empty());
  EXPECT_TRUE(std::isnan(report.clusters[0].true_discovery));
  EXPECT_TRUE(std::isnan(report.clusters[0].peaks[0].p));
  EXPECT_FALSE(std::isnan(report.clusters[0].peaks[0].statistic));
}

}  // namespace
}  // namespace sociometer
