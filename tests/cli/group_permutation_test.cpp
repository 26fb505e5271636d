// `sociometer group --permutations` as a user runs it.
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/group_study.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

TEST(GroupPermutationCommand, AllFlipsOfEightAsPalm) {
  const GroupStudy study(1, 8);
  ASSERT_TRUE(exits_with(
      study.run({"--permutations", "1000", "--statistic", "voxel,tfce", "--tfce-steps", "palm"}),
      0));
  const Mask mask = read_mask(golden("simulated/group/mask.nii.gz"));
  for (const auto& [ours, theirs] : {std::pair{"voxelPfwe", "vox_tstat_fwep"},
                                     {"voxelPunc", "vox_tstat_uncp"},
                                     {"tfcePfwe", "tfce_tstat_fwep"}})
    EXPECT_TRUE(close_relative(
        masked(study.map("intercept", ours), mask),
        masked(golden(std::string("palm/group/os8_") + theirs + ".nii.gz"), mask), 1e-6, 1))
        << ours;
  const auto scheme = read_json(study / "out/contrast-intercept_stat-tfcePfwe_statmap.json");
  EXPECT_EQ(scheme["Permutation"]["Scheme"], "sign flips");
  EXPECT_EQ(scheme["Permutation"]["Nuisance"], "none");
  EXPECT_EQ(scheme["Permutation"]["Shuffles"], 256);
  EXPECT_EQ(scheme["Permutation"]["Exhaustive"], true);
  EXPECT_EQ(scheme["Permutation"]["TFCE"]["Integral"], "palm");
}

TEST(GroupPermutationCommand, ReadsSmallPFromTailsAsPalm) {
  const GroupStudy study(1, 8);
  ASSERT_TRUE(exits_with(study.run({"--permutations", "1000", "--statistic", "voxel,tfce",
                                    "--tfce-steps", "palm", "--tail", "gpd"}),
                         0));
  const Mask mask = read_mask(golden("simulated/group/mask.nii.gz"));
  for (const std::string what : {"vox", "tfce"})
    EXPECT_TRUE(close_relative(
        masked(study.map("intercept", what == "vox" ? "voxelPfwe" : "tfcePfwe"), mask),
        masked(golden("palm/group/os8_tail_" + what + "_tstat_fwep.nii.gz"), mask), 1e-6, 1))
        << what;
  const auto json = read_json(study / "out/contrast-intercept_stat-tfcePfwe_statmap.json");
  const auto& tail = json["Permutation"]["Tail"];
  EXPECT_EQ(tail["Method"], "generalized Pareto");
  EXPECT_EQ(tail["ReplacedBelow"], 0.1);
  EXPECT_EQ(tail["VoxelStatisticAs"], "z");
  EXPECT_EQ(tail["FamilyWise"]["tfce"]["ShufflesAbove"], 64);
  // With SciPy's sign of the shape.
  EXPECT_NEAR(double(tail["FamilyWise"]["tfce"]["Shape"]), 0.12037, 1e-4);
  // Uncorrected p from the voxels' own z.
  const auto p = masked(study.map("intercept", "voxelPunc"), mask);
  EXPECT_LT(p.minCoeff(), 1 / 256.0);
  EXPECT_GT(p.minCoeff(), 0);
  EXPECT_GE(int(tail["Uncorrected"]["Voxels"]), (p.array() < 1 / 256.0).count());
  EXPECT_EQ(tail["Uncorrected"]["VoxelsWithoutFit"], 3);
}

TEST(GroupPermutationCommand, UncorrectedPOfEnhancementAsPalm) {
  const GroupStudy study(1, 8);
  ASSERT_TRUE(exits_with(study.run({"--permutations", "1000", "--statistic", "tfce", "--tfce-steps",
                                    "palm", "--tfce-uncorrected"}),
                         0));
  const Mask mask = read_mask(golden("simulated/group/mask.nii.gz"));
  for (const auto& [ours, theirs] : {std::pair{"tfcePunc", "uncp"}, {"tfcePfdr", "fdrp"}})
    EXPECT_TRUE(close_relative(
        masked(study.map("intercept", ours), mask),
        masked(golden(std::string("palm/group/os8_tfce_tstat_") + theirs + ".nii.gz"), mask), 1e-6,
        1))
        << ours;
}

TEST(GroupPermutationCommand, RandomFlipsAreTheSameOnAnyThreads) {
  const GroupStudy study(1, 16);
  const Words words{"--permutations", "300", "--statistic", "voxel,tfce,extent,mass",
                    "--seed",         "3",   "--threads"};
  for (const char* threads : {"1", "2"}) {
    Words more = words;
    more.emplace_back(threads);
    ASSERT_TRUE(exits_with(study.run(more, threads), 0));
  }
  const Mask mask = read_mask(study.mask);
  for (const char* what : {"voxelPunc", "voxelPfwe", "tfcePfwe", "extentPfwe", "massPfwe"}) {
    const auto one = masked(study.map("intercept", what, "1"), mask);
    EXPECT_EQ(one, masked(study.map("intercept", what, "2"), mask)) << what;
    EXPECT_GE(one.minCoeff(), 1 / 301.0);
    EXPECT_LT(one.minCoeff(), 1) << what;
  }
  const auto other = study.run({"--permutations", "300", "--seed", "4"}, "other");
  ASSERT_TRUE(exits_with(other, 0));
  EXPECT_NE(masked(study.map("intercept", "voxelPunc", "1"), mask),
            masked(study.map("intercept", "voxelPunc", "other"), mask));
}

TEST(GroupPermutationCommand, ShufflesVarianceGroups) {
  const GroupStudy study(1, 8);
  std::string design = "patients\tcontrols\n", groups = "group\n";
  for (int i = 0; i < 8; ++i)
    design += i < 4 ? "1\t0\n" : "0\t1\n", groups += i < 4 ? "a\n" : "b\n";
  write_text(study / "design.tsv", design);
  write_text(study / "groups.tsv", groups);
  ASSERT_TRUE(exits_with(
      study.run({"--permutations", "100", "--statistic", "voxel,extent", "--design",
                 study / "design.tsv", "--contrast", "difference=patients - controls",
                 "--variance-groups", study / "groups.tsv", "--cluster-forming-p", "0.01"}),
      0));
  const Mask mask = read_mask(study.mask);
  const auto z = masked(study.map("difference", "z"), mask),
             p = masked(study.map("difference", "voxelPfwe"), mask);
  Eigen::Index best = 0;
  z.col(0).maxCoeff(&best);
  EXPECT_EQ(p.col(0).minCoeff(), p(best, 0));
  const auto json = read_json(study / "out/contrast-difference_stat-voxelPfwe_statmap.json");
  EXPECT_EQ(json["Permutation"]["Compared"], "z");
  EXPECT_EQ(json["Permutation"]["Shuffles"], 70);
  EXPECT_NE(std::string(json["VarianceGroups"]).find("of the least-squares effect"),
            std::string::npos);
  EXPECT_NEAR(double(json["Permutation"]["ClusterFormingThreshold"]), 2.32635, 1e-5);
}

TEST(GroupPermutationCommand, RefusesWhatContradicts) {
  const GroupStudy study(1, 6);
  EXPECT_TRUE(fails_with(study.run({"--permutations", "10", "--tfce-steps", "spm"}), 2,
                         {"unknown tfce steps 'spm'", "randomise"}));
  EXPECT_TRUE(fails_with(study.run({"--statistic", "tfce"}), 2, {"--permutations"}));
  for (const Words& nothing_shuffled : {Words{"--exchange", "flips"},
                                        {"--block-exchange", "whole"},
                                        {"--correct-contrasts"},
                                        {"--cluster-forming-threshold", "2"}})
    EXPECT_TRUE(
        fails_with(study.run(nothing_shuffled), 2, {nothing_shuffled[0], "--permutations"}));
  for (const Words& wrong : {Words{"--permutations", "99999999999999"},
                             {"--permutations", "-5"},
                             {"--seed", "-1"},
                             {"--cluster-forming-threshold", "0"},
                             {"--cluster-forming-threshold", "inf"},
                             {"--tfce-connectivity", "7"},
                             {"--tfce-e", "-1"}}) {
    Words words{"--permutations", "10"};
    if (wrong[0] == words[0]) words.clear();
    words.insert(words.end(), wrong.begin(), wrong.end());
    EXPECT_TRUE(fails_with(study.run(words), 2, {wrong[0], wrong[1]}));
  }
  EXPECT_TRUE(fails_with(study.run({"--permutations", "10", "--tfce-uncorrected"}), 2,
                         {"--tfce-uncorrected", "tfce in --statistic", "voxel"}));
  EXPECT_TRUE(fails_with(study.run({"--permutations", "10", "--statistic", "height"}), 2,
                         {"'height'", "extent"}));
  EXPECT_TRUE(fails_with(study.run({"--permutations", "10", "--exchange", "permutations"}), 3,
                         {"intercept", "no exchange"}));
  EXPECT_TRUE(fails_with(study.run({"--permutations", "10", "--tail", "normal"}), 2,
                         {"unknown tail 'normal'", "gpd"}));
  EXPECT_TRUE(fails_with(study.run({"--tail", "gpd"}), 2, {"--tail gpd", "--permutations"}));
  EXPECT_TRUE(fails_with(study.run({"--permutations", "10", "--tail", "gpd", "--tail-p", "0"}), 2,
                         {"--tail-p", "0"}));
  EXPECT_TRUE(everything_in(study / "out").empty());
}

TEST(GroupPermutationCommand, RefusesBlocksThatPermitNoExchange) {
  const GroupStudy study(1, 6);
  std::string design = "patients\tcontrols\n";
  for (int i = 0; i < 6; ++i) design += i < 3 ? "1\t0\n" : "0\t1\n";
  write_text(study / "design.tsv", design);
  // Patients are in separate blocks, so all participants within a block are in the same group.
  write_text(study / "blocks.txt", "block\na\na\na\nb\nb\nb\n");
  const Words words{
      "--permutations",      "10",       "--design",          study / "design.tsv", "--contrast",
      "patients - controls", "--blocks", study / "blocks.txt"};
  EXPECT_TRUE(fails_with(study.run(words), 3,
                         {"the design and the blocks permit no exchange", "1 way", "--exchange"}));
  // Blocks of different sizes cannot be exchanged.
  write_text(study / "blocks.txt", "block\na\na\nb\nb\nb\nb\n");
  Words whole = words;
  whole.insert(whole.end(), {"--block-exchange", "whole"});
  EXPECT_TRUE(fails_with(study.run(whole), 3, {"the design and the blocks permit no exchange"}));
  EXPECT_TRUE(everything_in(study / "out").empty());
}

}  // namespace
}  // namespace sociometer::testing
