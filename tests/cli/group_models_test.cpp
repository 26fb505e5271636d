// `sociometer group --method mixed|fixed|robust` as a user runs it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/group_study.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

Words with_variances(Words words, int first = 1, int last = 16) {
  words.push_back("--variances");
  for (int i = first; i <= last; ++i)
    words.push_back(golden(fmt::format("simulated/group/var_{:02}.nii.gz", i)));
  return words;
}

TEST(GroupModels, MixedAsFlame1WithItsMapsAndSidecar) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(exits_with(study.run(with_variances({"--method", "mixed"})), 0));
  const Mask mask = read_mask(study.mask);
  for (const auto& [ours, theirs] :
       {std::pair{"effect", "cope1"}, {"t", "tstat1"}, {"z", "zstat1"}})
    EXPECT_TRUE(close_by_column(
        masked(study.map("intercept", ours), mask),
        masked(golden(std::string("fsl/group/one_flame1/") + theirs + ".nii.gz"), mask), 1e-3))
        << ours;
  EXPECT_TRUE(close_by_column(
      masked(study / "out/stat-tau2_statmap.nii.gz", mask),
      masked(golden("fsl/group/one_flame1/mean_random_effects_var1.nii.gz"), mask), 5e-3));
  const Eigen::MatrixXd i2 = masked(study / "out/stat-i2_statmap.nii.gz", mask);
  EXPECT_TRUE(i2.minCoeff() >= 0 && i2.maxCoeff() < 1);
  const Json sidecar = read_json(study / "out/contrast-intercept_stat-t_statmap.json");
  EXPECT_EQ(sidecar["Method"], "mixed");
  EXPECT_EQ(sidecar["BetweenVariance"], "reml");
  EXPECT_EQ(sidecar["KnappHartung"], false);
  EXPECT_EQ(sidecar["Inputs"].size(), 33u);  // 16 effects, the mask, 16 variances
}

TEST(GroupModels, FixedAsFslButWithKnownVariances) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(exits_with(study.run(with_variances({"--method", "fixed"})), 0));
  const Mask mask = read_mask(study.mask);
  const Eigen::MatrixXd t = masked(study.map("intercept", "t"), mask);
  EXPECT_TRUE(close_by_column(t, masked(golden("fsl/group/one_fe/tstat1.nii.gz"), mask), 1e-6));
  EXPECT_TRUE(close_by_column(masked(study.map("intercept", "z"), mask), t, 1e-6));
}

TEST(GroupModels, VarianceGroupsGiveAVolumeEach) {
  const GroupStudy study(1, 16);
  std::string design = "a\tb\n", groups = "group\n";
  for (int i = 0; i < 16; ++i) {
    design += i < 8 ? "1\t0\n" : "0\t1\n";
    groups += i < 8 ? "one\n" : "two\n";
  }
  write_text(study / "design.tsv", design);
  write_text(study / "groups.tsv", groups);
  ASSERT_TRUE(exits_with(
      study.run(with_variances({"--method", "mixed", "--design", study / "design.tsv", "--contrast",
                                "difference=a - b", "--variance-groups", study / "groups.tsv"})),
      0));
  const Mask mask = read_mask(study.mask);
  EXPECT_EQ(masked(study / "out/stat-tau2_statmap.nii.gz", mask).cols(), 2);
  EXPECT_TRUE(close_by_column(masked(study.map("difference", "t"), mask),
                              masked(golden("fsl/group/two_flame1_2grpvar/tstat1.nii.gz"), mask),
                              4e-3));
}

TEST(GroupModels, RobustIgnoresAWildParticipant) {
  GroupStudy study(1, 16);
  ASSERT_TRUE(exits_with(study.run({"--method", "robust"}), 0));
  study.replace_with_constant(4, 1e4);
  ASSERT_TRUE(exits_with(study.run({"--method", "robust"}, "wild"), 0));
  const Mask mask = read_mask(study.mask);
  const Eigen::VectorXd calm = masked(study.map("intercept", "t"), mask),
                        wild = masked(study.map("intercept", "t", "wild"), mask);
  EXPECT_GT(correlation(calm, wild), 0.8);
  EXPECT_LT(masked(study / "wild/stat-leastweight_statmap.nii.gz", mask).maxCoeff(), 0.01);
}

TEST(GroupModels, AbsentVariancesLeaveParticipantsOut) {
  GroupStudy study(1, 16);
  study.put_nan(2, 10);
  ASSERT_TRUE(
      exits_with(study.run(with_variances({"--method", "mixed", "--min-participants", "12"})), 0));
  const Mask mask = read_mask(study.mask);
  const Eigen::VectorXd dof = masked(study.map("intercept", "dof"), mask);
  EXPECT_EQ(dof[0], 14);
  EXPECT_EQ(dof[dof.size() - 1], 15);
}

TEST(GroupModels, UnusableVariancesAreLeftOutAndReported) {
  GroupStudy study(1, 16);
  Words words = with_variances({"--method", "mixed", "--min-participants", "12"});
  words.back() = golden("simulated/group/mask.nii.gz");           // variance 1 inside: usable
  words[words.size() - 2] = golden("fsl/group/cl_index.nii.gz");  // 0 outside a cluster of 233
  words.insert(words.begin(), {"group", "--mask", study.mask, "-o", study / "out", "--effects"});
  words.insert(words.begin() + 6, study.effects.begin(), study.effects.end());
  const auto result = run_program(words);
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("3407 effects in 3407 voxels"), std::string::npos) << result.err;
  const Eigen::VectorXd n = masked(study / "out/stat-n_statmap.nii.gz", read_mask(study.mask));
  EXPECT_EQ((n.array() == 15).count(), 3407);
  EXPECT_EQ((n.array() == 16).count(), 233);
}

TEST(GroupModels, SameBytesOnAnyNumberOfThreads) {
  const GroupStudy study(1, 16);
  const Words options = with_variances({"--method", "mixed"});
  const auto run = [&](const char* threads) {
    Words words = options;
    words.insert(words.begin(), {"-j", threads});
    return study.run(words, std::string("j") + threads);
  };
  ASSERT_TRUE(exits_with(run("1"), 0));
  ASSERT_TRUE(exits_with(run("3"), 0));
  EXPECT_TRUE(same_files(study / "j1", study / "j3", ".nii.gz"));
}

TEST(GroupModels, RefuseInOneLine) {
  GroupStudy study(1, 16);
  const auto refuses = [&](Words words, int code, const Words& told) {
    const auto result = study.run(words);
    EXPECT_TRUE(fails_with(result, code, told));
    EXPECT_TRUE(everything_in(study / "out").empty());
  };
  refuses({"--method", "bayes"}, 2, {"bayes", "ols, mixed, fixed, robust"});
  refuses({"--method", "mixed"}, 2, {"--variances"});
  refuses(with_variances({}), 2, {"ols", "--variances"});
  refuses(with_variances({"--method", "fixed", "--knapp-hartung"}), 2,
          {"--knapp-hartung", "fixed"});
  refuses(with_variances({"--method", "mixed"}, 1, 15), 3, {"16", "15", "same order"});
  refuses({"--method", "robust", "--huber-k", "-1"}, 2, {"--huber-k", "-1"});
  Words elsewhere = with_variances({"--method", "mixed"}, 1, 15);
  elsewhere.push_back(golden("afni/group/in_mask.nii.gz"));
  refuses(elsewhere, 3, {"in_mask", "12x14x10", "20x22x18"});
  Words twice = with_variances({"--method", "mixed"}, 1, 15);
  twice.push_back(twice.back());
  refuses(twice, 3, {"listed twice", "var_15"});
  study.name_participants();
  Words crossed{"--method", "mixed", "--variances"};
  for (const std::string& effect : study.effects) crossed.push_back(effect);
  std::swap(crossed[3], crossed[4]);
  refuses(crossed, 3, {"sub-02", "sub-01", "same order"});
}

}  // namespace
}  // namespace sociometer::testing
