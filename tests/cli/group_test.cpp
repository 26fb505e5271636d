// `sociometer group` as a user runs it: compared with other packages, and with invalid input.
#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/group_study.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

TEST(GroupCommand, OneSampleAsFsl) {
  const GroupStudy study(1, 16);
  ASSERT_TRUE(exits_with(study.run({}), 0));
  const Mask mask = read_mask(golden("simulated/group/mask.nii.gz"));
  for (const auto& [ours, theirs] :
       {std::pair{"effect", "cope1"}, {"variance", "varcope1"}, {"t", "tstat1"}}) {
    const auto expected =
        masked(golden(std::string("fsl/group/one_ols_") + theirs + ".nii.gz"), mask);
    EXPECT_TRUE(close_relative(masked(study.map("intercept", ours), mask), expected, 1e-5,
                               expected.cwiseAbs().maxCoeff()))
        << ours;
  }
  EXPECT_EQ(read_json(study /
                      "out/contrast-intercept_stat-t_statmap.json")["Contrast"]["DegreesOfFreedom"],
            15);
}

TEST(GroupCommand, TwoSamplesAsAfniPooledAndNot) {
  Words maps;
  std::string design = "a\tb\n", groups = "variance\n";
  for (const char* set : {"A", "B"})
    for (int i = 1; i <= (*set == 'A' ? 12 : 11); ++i) {
      const std::string path = golden(fmt::format("afni/group/in_sub{}{:02}.nii.gz", set, i));
      maps.push_back(path);
      design += *set == 'A' ? "1\t0\n" : "0\t1\n";
      groups += std::string(set) + "\n";
    }
  const TemporaryFolder folder;
  write_text(folder / "design.tsv", design);
  write_text(folder / "groups.tsv", groups);
  const Mask mask = read_mask(golden("afni/first_level/in_mask.nii.gz"));
  for (const bool pooled : {true, false}) {
    Words words{"group",
                "--log-level",
                "error",
                "--mask",
                golden("afni/first_level/in_mask.nii.gz"),
                "--zeros",
                "value",
                "--design",
                folder / "design.tsv",
                "--contrast",
                "difference=a - b",
                "--overwrite",
                "-o",
                folder / "out",
                "--effects"};
    words.insert(words.end(), maps.begin(), maps.end());
    if (!pooled) words.insert(words.end(), {"--variance-groups", folder / "groups.tsv"});
    // One voxel is 0 in all maps: no statistic here, t = 0 in AFNI.
    ASSERT_TRUE(exits_with(run_program(words), 0));
    const auto map = [&](const char* stat) {
      Eigen::MatrixXd values = masked(
          folder / (std::string("out/contrast-difference_stat-") + stat + "_statmap.nii.gz"), mask);
      EXPECT_EQ(values.array().isNaN().count(), std::string(stat) == "t" ? 1 : 0);
      return Eigen::MatrixXd(values.array().isNaN().select(0.0, values));
    };
    // Bricks: difference, its t, then mean and t of each set alone.
    const auto afni = masked(golden("afni/group/tt_2samp.nii.gz"), mask);
    const auto squared_error = [&](int brick) {
      return (afni.col(brick).array() / afni.col(brick + 1).array()).square();
    };
    const Eigen::MatrixXd unpooled =
        afni.col(0).array() / (squared_error(2) + squared_error(4)).sqrt();
    const Eigen::MatrixXd expected =
        pooled ? Eigen::MatrixXd(afni.col(1))
               : Eigen::MatrixXd(unpooled.array().isNaN().select(0.0, unpooled));
    EXPECT_TRUE(close_relative(map("effect"), afni.col(0), 1e-5, 1));
    EXPECT_TRUE(close_relative(map("t"), expected, 1e-5, 1));
  }
}

TEST(GroupCommand, DesignRowsFollowTheParticipantsOfTheMaps) {
  GroupStudy study(1, 6);
  study.name_participants();
  write_text(
      study / "design.tsv",
      "participant_id\tage\tintercept\nsub-06\t1\t1\nsub-05\t2\t1\nsub-04\t4\t1\nsub-03\t8\t1\n"
      "sub-02\t16\t1\nsub-01\t32\t1\n");
  ASSERT_TRUE(exits_with(study.run({"--design", study / "design.tsv", "--contrast", "age"}), 0));
  write_text(study / "plain.tsv", "age\tintercept\n32\t1\n16\t1\n8\t1\n4\t1\n2\t1\n1\t1\n");
  ASSERT_TRUE(
      exits_with(study.run({"--design", study / "plain.tsv", "--contrast", "age"}, "plain"), 0));
  EXPECT_TRUE(same_files(study / "out", study / "plain", ".nii.gz"));
}

/// Blocks and variance groups are matched to participants as well.
TEST(GroupCommand, LabelsFollowTheParticipantsOfTheMaps) {
  GroupStudy study(1, 6);
  study.name_participants();
  write_text(study / "named.tsv",
             "participant_id\tgroup\nsub-06\tb\nsub-02\ta\nsub-03\ta\nsub-04\tb\nsub-05\tb\n"
             "sub-01\ta\n");
  write_text(study / "plain.tsv", "group\na\na\na\nb\nb\nb\n");
  for (const char* labels : {"named", "plain"})
    ASSERT_TRUE(exits_with(
        study.run({"--variance-groups", study / (std::string(labels) + ".tsv")}, labels), 0));
  EXPECT_TRUE(same_files(study / "named", study / "plain", ".nii.gz"));
  write_text(study / "strangers.tsv",
             "participant_id\tgroup\n1\ta\n2\ta\n3\ta\n4\tb\n5\tb\n6\tb\n");
  EXPECT_TRUE(fails_with(study.run({"--permutations", "100", "--blocks", study / "strangers.tsv"}),
                         3, {"strangers.tsv", "no row for sub-01"}));
}

TEST(GroupCommand, ReportsThatRowsGoByPlaceAndThatMapsAreTheSame) {
  GroupStudy study(1, 6);
  write_text(study / "design.tsv",
             "participant_id\tone\np6\t1\np5\t1\np4\t1\np3\t1\np2\t1\np1\t1\n");
  study.effects[3] = study / "copy.nii.gz";
  write_text(study.effects[3], read_bytes(study.effects[2]));
  Words words{"group", "-o", study / "out", "--design", study / "design.tsv", "--effects"};
  words.insert(words.end(), study.effects.begin(), study.effects.end());
  const auto result = run_program(words);
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("in the order of the maps"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("copy.nii.gz have the same content"), std::string::npos) << result.err;
}

struct BadGroup {
  std::string what;
  int exit_code;
  Words words;
  std::function<Words(GroupStudy&)> prepare;
};
std::ostream& operator<<(std::ostream& out, const BadGroup& b) { return out << b.what; }

class GroupRefuses : public ::testing::TestWithParam<BadGroup> {};

TEST_P(GroupRefuses, InOneLineAndLeavesNothing) {
  GroupStudy study(1, 6);
  const Words more = GetParam().prepare(study);
  const CommandResult result = study.run(more);
  EXPECT_TRUE(fails_with(result, GetParam().exit_code, GetParam().words));
  EXPECT_TRUE(everything_in(study / "out").empty());
}

Words with_design(GroupStudy& s, const std::string& text, const Words& more = {}) {
  write_text(s / "design.tsv", text);
  Words words{"--design", s / "design.tsv"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

INSTANTIATE_TEST_SUITE_P(
    Inputs, GroupRefuses,
    ::testing::Values(
        BadGroup{"OtherGrid",
                 3,
                 {"effect_02", "8x8x8"},
                 [](GroupStudy& s) {
                   s.replace_with_other_grid(1);
                   return Words{};
                 }},
        BadGroup{"MapListedTwice",
                 3,
                 {"effect_03", "twice"},
                 [](GroupStudy& s) {
                   s.effects.push_back(s.effects[2]);
                   return Words{};
                 }},
        BadGroup{"ParticipantListedTwiceInDesign",
                 3,
                 {"sub-01", "rows 1 and 6", "--blocks"},
                 [](GroupStudy& s) {
                   return with_design(
                       s,
                       "participant_id\tx\nsub-01\t1\nsub-02\t1\nsub-03\t1\nsub-04\t1\n"
                       "sub-05\t1\nsub-01\t1\n");
                 }},
        BadGroup{"ParticipantListedTwiceInMaps",
                 3,
                 {"sub-03", "twice", "other", "--blocks"},
                 [](GroupStudy& s) {
                   s.name_participants();
                   s.effects.push_back(s / "other/sub-03_effect.nii.gz");
                   std::filesystem::create_directory(s / "other");
                   write_text(s.effects.back(), read_bytes(s.effects[0]));
                   return Words{};
                 }},
        BadGroup{"SomeMapsWithoutAParticipant",
                 3,
                 {"effect_06", "no sub-<label>", "5 of 6"},
                 [](GroupStudy& s) {
                   const std::string last = s.effects.back();
                   s.name_participants();
                   s.effects.back() = last;
                   return with_design(s,
                                      "participant_id\tx\nsub-01\t1\nsub-02\t1\nsub-03\t1\n"
                                      "sub-04\t1\nsub-05\t1\nsub-06\t1\n");
                 }},
        BadGroup{
            "RepeatedRowsInAnotherOrder",
            3,
            {"design.tsv", "row 2 is of sub-02", "map 2 of sub-01", "in the order of the maps"},
            [](GroupStudy& s) {
              s.name_participants();
              for (size_t i = 0; i < 6; ++i) {
                const std::string path =
                    s / fmt::format("sub-0{}_cond-{}.nii.gz", 1 + i / 2, i % 2 ? "b" : "a");
                std::filesystem::rename(s.effects[i], path);
                s.effects[i] = path;
              }
              write_text(s / "blocks.txt", "block\na\na\nb\nb\nc\nc\n");
              return with_design(s,
                                 "participant_id\tcond\nsub-01\t1\nsub-02\t1\nsub-03\t1\n"
                                 "sub-01\t-1\nsub-02\t-1\nsub-03\t-1\n",
                                 {"--permutations", "100", "--blocks", s / "blocks.txt"});
            }},
        BadGroup{"ParticipantWithoutARow",
                 3,
                 {"sub-06", "design.tsv"},
                 [](GroupStudy& s) {
                   s.name_participants();
                   return with_design(
                       s,
                       "participant_id\tx\nsub-01\t1\nsub-02\t1\nsub-03\t1\nsub-04\t1\n"
                       "sub-05\t1\nsub-07\t1\n");
                 }},
        BadGroup{"DesignOfOtherLength",
                 3,
                 {"design.tsv", "5 rows", "6 maps"},
                 [](GroupStudy& s) { return with_design(s, "x\n1\n1\n1\n1\n1\n"); }},
        BadGroup{"WordsInDesign",
                 3,
                 {"design.tsv", "line 3", "female"},
                 [](GroupStudy& s) { return with_design(s, "sex\n1\nfemale\n1\n1\n1\n1\n"); }},
        BadGroup{"MissingValueInDesign",
                 3,
                 {"'age'", "row 2"},
                 [](GroupStudy& s) { return with_design(s, "age\n1\nn/a\n1\n1\n1\n1\n"); }},
        BadGroup{"BlocksWithoutPermutations",
                 2,
                 {"--blocks", "--permutations", "--within"},
                 [](GroupStudy&) {
                   return Words{"--blocks", "blocks.txt"};
                 }},
        BadGroup{"DesignWithoutRows",
                 3,
                 {"design.tsv", "0 rows", "6 maps"},
                 [](GroupStudy& s) { return with_design(s, "x\n"); }},
        BadGroup{"OneParticipant",
                 3,
                 {"1 participant(s)"},
                 [](GroupStudy& s) {
                   s.effects.resize(1);
                   return Words{};
                 }},
        BadGroup{"EmptyMask",
                 3,
                 {"mask"},
                 [](GroupStudy& s) {
                   GroupStudy other(1, 1);
                   s.replace_with_constant(0, 0);
                   s.mask = s.effects[0];
                   s.effects[0] = other.effects[0];
                   return Words{};
                 }},
        BadGroup{"ContrastOfWrongLength",
                 3,
                 {"contrast c", "3 weights", "2 columns"},
                 [](GroupStudy& s) {
                   return with_design(s, "a\tb\n1\t0\n1\t0\n1\t0\n0\t1\n0\t1\n0\t1\n",
                                      {"--contrast", "c=[1, -1, 0]"});
                 }},
        BadGroup{"RankDeficientDesign",
                 3,
                 {"rank deficient", "3 columns, rank 2", "'all'"},
                 [](GroupStudy& s) {
                   return with_design(
                       s, "a\tb\tall\n1\t0\t1\n1\t0\t1\n1\t0\t1\n0\t1\t1\n0\t1\t1\n0\t1\t1\n",
                       {"--contrast", "a"});
                 }},
        BadGroup{"FewerParticipantsThanRegressors",
                 3,
                 {"6 participant(s)", "6 regressor(s)"},
                 [](GroupStudy& s) {
                   std::string text = "a\tb\tc\td\te\tf\n";
                   for (int i = 0; i < 6; ++i) {
                     for (int j = 0; j < 6; ++j) text += (j ? "\t" : "") + std::to_string(i == j);
                     text += "\n";
                   }
                   return with_design(s, text, {"--contrast", "a"});
                 }},
        BadGroup{"NoContrast",
                 2,
                 {"2 columns", "--contrast"},
                 [](GroupStudy& s) {
                   return with_design(s, "a\tb\n1\t0\n1\t0\n1\t0\n0\t1\n0\t1\n0\t1\n");
                 }},
        BadGroup{"UnknownColumn",
                 3,
                 {"'zebra'"},
                 [](GroupStudy&) {
                   return Words{"--contrast", "zebra"};
                 }},
        BadGroup{"UnknownMethod",
                 2,
                 {"bayes", "ols"},
                 [](GroupStudy&) {
                   return Words{"--method", "bayes"};
                 }},
        BadGroup{"NothingInCommon",
                 3,
                 {"effect_01", "no value in any voxel"},
                 [](GroupStudy& s) {
                   s.mask.clear();
                   s.replace_with_constant(0, std::numeric_limits<double>::quiet_NaN());
                   return Words{};
                 }},
        BadGroup{"EmptyMap",
                 3,
                 {"effect_01", "no value"},
                 [](GroupStudy& s) {
                   s.replace_with_constant(0, 0);
                   return Words{};
                 }},
        BadGroup{"MissingFile",
                 3,
                 {"nowhere.nii.gz"},
                 [](GroupStudy& s) {
                   s.effects.push_back(s / "nowhere.nii.gz");
                   return Words{};
                 }}),
    [](const auto& tested) { return tested.param.what; });

TEST(GroupCommand, NanBordersAreMissingAndCounted) {
  GroupStudy study(1, 8);
  study.put_nan(0, 100);
  ASSERT_TRUE(exits_with(study.run({}), 0));
  const Mask mask = read_mask(study.mask);
  const auto all = masked(study.map("intercept", "t"), mask);
  EXPECT_EQ(all.array().isNaN().count(), 100);
  ASSERT_TRUE(exits_with(study.run({"--min-participants", "6"}, "some"), 0));
  const auto some = masked(study / "some/contrast-intercept_stat-t_statmap.nii.gz", mask);
  EXPECT_EQ(some.array().isNaN().count(), 0);
  const auto dof = masked(study / "some/contrast-intercept_stat-dof_statmap.nii.gz", mask);
  EXPECT_EQ((dof.array() == 6).count(), 100);
  EXPECT_EQ((dof.array() == 7).count(), mask.n_voxels() - 100);
}

}  // namespace
}  // namespace sociometer::testing
