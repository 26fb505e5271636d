// Group statistics without permutations, against what peers computed
// (tests/golden/*/group/README.md).
#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/group/group_fit.hpp"
#include "io/images/nifti.hpp"
#include "tests/engine/group/group_goldens.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

// The other packages' images are float32, PALM's tables have four decimals.
constexpr double kFloat32 = 2e-6, kFourDecimals = 0.5001e-4;

Eigen::MatrixXd as_row(const Eigen::VectorXd& v) { return v.transpose(); }

GroupMaps ols(const Eigen::MatrixXd& values, const GroupDesign& design,
              const std::string& contrast) {
  return fit_ols(values, presence_patterns(values, values.rows()), design,
                 contrast_of(contrast, design), 1);
}

GroupMaps welch(const Eigen::MatrixXd& values, const GroupDesign& design,
                const std::string& contrast, const std::vector<int>& groups) {
  return fit_variance_groups(values, presence_patterns(values, values.rows()), design,
                             contrast_of(contrast, design), groups, 1);
}

::testing::AssertionResult as_image(const Eigen::MatrixXd& actual, const std::string& name) {
  const Eigen::MatrixXd expected = group_map(name, peers_mask());
  return close_relative(actual, expected, kFloat32, expected.cwiseAbs().maxCoeff());
}

::testing::AssertionResult as_table(const Eigen::VectorXd& actual, const std::string& name) {
  return close_relative(as_row(actual), group_csv(name), kFourDecimals, 1);
}

TEST(GroupOls, OneSampleAsPalm) {
  const auto maps = ols(peers_effects(from_to(1, 8)), one_sample_design(8), "[1]");
  EXPECT_TRUE(as_image(maps.effect, "palm/group/os8_vox_cope.nii.gz"));
  EXPECT_TRUE(as_image(maps.variance, "palm/group/os8_vox_varcope.nii.gz"));
  EXPECT_TRUE(as_image(as_row(maps.statistic), "palm/group/os8_vox_tstat.nii.gz"));
  EXPECT_TRUE(as_image(as_row(maps.p), "palm/group/os8_vox_tstat_uncparap.nii.gz"));
}

TEST(GroupOls, OneSampleAsFsl) {
  const auto maps = ols(peers_effects(from_to(1, 16)), one_sample_design(16), "[1]");
  EXPECT_TRUE(as_image(maps.effect, "fsl/group/one_ols_cope1.nii.gz"));
  EXPECT_TRUE(as_image(maps.variance, "fsl/group/one_ols_varcope1.nii.gz"));
  EXPECT_TRUE(as_image(as_row(maps.statistic), "fsl/group/one_ols_tstat1.nii.gz"));
  // FSL's z follows an asymptotic formula from |z| = 4.7 or so.
  const Eigen::MatrixXd z = group_map("fsl/group/one_ols_zstat1.nii.gz", peers_mask());
  EXPECT_TRUE(close_relative(as_row(maps.z), z, 1e-4, 4));
}

TEST(GroupOls, CovariateAndFAsMrtrix) {
  const GroupDesign design = design_of(number_table(golden("mrtrix/group/d16age.txt")));
  const auto values = peers_effects(from_to(1, 16));
  const auto t = ols(values, design, "[0, 1]");
  EXPECT_TRUE(as_image(as_row(t.statistic), "mrtrix/group/age16_tvalue_t2.nii.gz"));
  EXPECT_TRUE(as_image(as_row(t.z), "mrtrix/group/age16_Zstat_t2.nii.gz"));
  const auto f = ols(values, design, "[1, 0]; [0, 1]");
  EXPECT_TRUE(as_image(as_row(f.statistic), "mrtrix/group/age16_Fvalue_F1.nii.gz"));
  EXPECT_TRUE(as_image(as_row(f.z), "mrtrix/group/age16_Zstat_F1.nii.gz"));
}

TEST(GroupOls, CovariateAsPalm) {
  const auto maps = ols(group_csv("palm/group/inputs/tab16.csv"),
                        design_of(group_csv("palm/group/inputs/age16.csv")), "[0, 1]");
  EXPECT_TRUE(as_table(maps.statistic, "palm/group/tab16_cov_dat_tstat_c2.csv"));
  EXPECT_TRUE(as_table(maps.p, "palm/group/tab16_cov_dat_tstat_uncparap_c2.csv"));
}

TEST(GroupOls, ThreeGroupsAsPalm) {
  const auto maps = ols(group_csv("palm/group/inputs/tab9.csv"),
                        design_of(group_csv("palm/group/inputs/three9.csv")), "[1,-1,0]; [0,1,-1]");
  EXPECT_TRUE(as_table(maps.statistic, "palm/group/tab9_F_dat_fstat_c3.csv"));
  EXPECT_TRUE(as_table(maps.p, "palm/group/tab9_F_dat_fstat_uncparap_c3.csv"));
}

TEST(GroupOls, TwoSamplesWithAgeAsNilearn) {
  const Mask mask = read_mask(golden("nilearn/data/mask.nii.gz"));
  Eigen::MatrixXd values(12, mask.n_voxels());
  for (int i = 0; i < 12; ++i)
    values.row(i) = group_map("nilearn/group/maps/sub-" + std::string(i < 9 ? "0" : "") +
                                  std::to_string(i + 1) + "_effect.nii.gz",
                              mask);
  const GroupDesign design =
      design_of(tsv_values(golden("nilearn/group/twosample_age/design.tsv")));
  const auto t = ols(values, design, "[1, -1, 0]");
  const auto f = ols(values, design, "[1, 0, 0]; [0, 1, 0]");
  const auto agrees = [&](const Eigen::MatrixXd& actual, const std::string& name) {
    const auto expected = group_map("nilearn/group/twosample_age/" + name + ".nii.gz", mask);
    return close_relative(actual, expected, 1e-9, expected.cwiseAbs().maxCoeff());
  };
  EXPECT_TRUE(agrees(t.effect, "A-B_effect_size"));
  EXPECT_TRUE(agrees(t.variance, "A-B_effect_variance"));
  EXPECT_TRUE(agrees(as_row(t.statistic), "A-B_stat"));
  EXPECT_TRUE(agrees(as_row(t.z), "A-B_z_score"));
  EXPECT_TRUE(agrees(as_row(t.p), "A-B_p_value"));
  EXPECT_TRUE(agrees(as_row(f.statistic), "F_stat"));
  EXPECT_TRUE(agrees(as_row(f.z), "F_z_score"));
  EXPECT_TRUE(agrees(as_row(f.p), "F_p_value"));
}

TEST(VarianceGroupsFit, TwoGroupsAsPalmAndMrtrix) {
  const auto maps =
      welch(peers_effects(four_and_four()), two_groups(4), "[1, -1]", {0, 0, 0, 0, 1, 1, 1, 1});
  EXPECT_TRUE(as_image(as_row(maps.statistic), "palm/group/ts44_vg_vox_vstat_c1.nii.gz"));
  EXPECT_TRUE(as_image(maps.variance, "palm/group/ts44_vg_vox_varcope_c1.nii.gz"));
  // PALM's parametric p of v has other degrees of freedom than Satterthwaite's, which MRtrix3 has.
  EXPECT_TRUE(as_image(as_row(maps.statistic), "mrtrix/group/ts44vg_tvalue.nii.gz"));
  EXPECT_TRUE(as_image(as_row(maps.z), "mrtrix/group/ts44vg_Zstat.nii.gz"));
}

TEST(VarianceGroupsFit, ThreeGroupsAsPalm) {
  const auto maps = welch(group_csv("palm/group/inputs/tab9.csv"),
                          design_of(group_csv("palm/group/inputs/three9.csv")),
                          "[1,-1,0]; [0,1,-1]", {0, 0, 0, 1, 1, 1, 2, 2, 2});
  EXPECT_TRUE(as_table(maps.statistic, "palm/group/tab9_G_dat_gstat_c3.csv"));
  EXPECT_TRUE(as_table(maps.p, "palm/group/tab9_G_dat_gstat_uncparap_c3.csv"));
}

TEST(GroupOls, MissingVoxelsHaveTheStatisticsOfThoseWhoAreThere) {
  Eigen::MatrixXd values = peers_effects(from_to(1, 16)).leftCols(300);
  const GroupDesign design = design_of(number_table(golden("mrtrix/group/d16age.txt")));
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (Eigen::Index v = 100; v < 200; ++v) values(3, v) = values(v % 2 == 0 ? 5 : 6, v) = nan;
  for (Eigen::Index v = 200; v < 210; ++v) values.col(v).head(12).setConstant(nan);
  const auto maps =
      fit_ols(values, presence_patterns(values, 6), design, contrast_of("[0, 1]", design), 2);
  for (const Eigen::Index v : {0, 100, 101, 199, 299}) {
    std::vector<Eigen::Index> there;
    for (Eigen::Index i = 0; i < 16; ++i)
      if (std::isfinite(values(i, v))) there.push_back(i);
    const GroupDesign part{design.names, chosen_rows(design.values, there)};
    const auto alone = ols(chosen_rows(values.col(v), there), part, "[0, 1]");
    EXPECT_TRUE(close_number(maps.statistic[v], alone.statistic[0], 1e-12)) << v;
    EXPECT_EQ(maps.dof[v], double(there.size()) - 2);
  }
  EXPECT_TRUE(std::isnan(maps.statistic[205]));
  EXPECT_EQ(maps.status[205], GroupStatus::too_few);
  EXPECT_EQ(maps.status[100], GroupStatus::ok);
}

TEST(GroupOls, VoxelWithoutVarianceHasNoStatistic) {
  Eigen::MatrixXd values = peers_effects(from_to(1, 8)).leftCols(2);
  values.col(1).setConstant(0.3f);
  const auto maps = ols(values, one_sample_design(8), "[1]");
  EXPECT_EQ(maps.status[0], GroupStatus::ok);
  EXPECT_EQ(maps.status[1], GroupStatus::no_variance);
  EXPECT_TRUE(std::isnan(maps.statistic[1]));
}

TEST(GroupDesign, RefusesWhatCannotBeFitted) {
  GroupDesign design = two_groups(3);
  design.names = {"a", "b", "ab"};
  design.values.conservativeResize(6, 3);
  design.values.col(2) = design.values.col(0) - design.values.col(1);
  EXPECT_THROW(check_group_design(design), Error);
  EXPECT_THROW(check_group_design(one_sample_design(1)), Error);
  EXPECT_THROW(contrast_of("[1, 0, 0]", two_groups(3)), Error);
  EXPECT_NO_THROW(check_group_design(two_groups(3)));
}

/// One mean for groups with two variances: sum_g s_g^2 / n_g A_g by hand, and uniform p.
TEST(GroupWelch, OneMeanOfTwoVariancesHasTheVarianceOfLeastSquares) {
  constexpr Eigen::Index kVoxels = 4000;
  const std::vector<int> groups{0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1};
  Eigen::MatrixXd values(14, kVoxels), x = Eigen::MatrixXd::Ones(14, 2);
  for (Eigen::Index i = 0; i < 14; ++i) {
    const CounterRandom random(11, uint64_t(i));
    x(i, 1) = random.normal(1'000'000);
    for (Eigen::Index v = 0; v < kVoxels; ++v)
      values(i, v) = (i < 7 ? 1 : 3) * random.normal(uint64_t(v));
  }
  const auto maps = welch(values, one_sample_design(14), "[1]", groups);
  for (Eigen::Index v = 0; v < 50; ++v) {
    const Eigen::VectorXd y = values.col(v), r = y.array() - y.mean();
    double variance = 0, terms = 0;
    for (const auto& part : {r.head(7), r.tail(7)}) {
      // Seven residuals from a mean of 14 have 7 - 7/14 degrees of freedom.
      const double term = part.squaredNorm() / 6.5 * 7 / 196;
      variance += term;
      terms += term * term / 6.5;
    }
    EXPECT_TRUE(close_number(maps.variance(0, v), variance, 1e-12));
    EXPECT_TRUE(close_number(maps.statistic[v], y.mean() / std::sqrt(variance), 1e-12));
    EXPECT_TRUE(close_number(maps.dof[v], variance * variance / terms, 1e-12));
  }
  const auto share = [](const Eigen::VectorXd& p) {
    return double((p.array() < 0.05).count()) / double(p.size());
  };
  // Four standard errors with 4,000 draws.
  EXPECT_NEAR(share(maps.p), 0.05, 0.014);
  EXPECT_NEAR(share(welch(values, design_of(x), "[0, 1]", groups).p), 0.05, 0.014);
}

}  // namespace
}  // namespace sociometer::testing
