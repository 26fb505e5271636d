// `rsa`: tables and maps of trials made here.
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/cli/rsa_trials.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace rsa_cli {

TEST(Rsa, FindsTheModelThatTheTrialsFollow) {
  const Trials trials;
  const CommandResult result =
      trials.rsa({"--rois", trials.roi(), "--model", "belief", "part", "--dissimilarity",
                  "euclidean", "--permutations", "100", "--pattern-permutations", "50"},
                 "out", "info");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find(
                "the more two trials differ in belief, the less similar are their patterns: "),
            std::string::npos)
      << result.err;
  const Table group = read_table(trials.folder / "out/rsaGroup.tsv");
  ASSERT_EQ(group.rows.size(), 2u);
  EXPECT_EQ(cell(group, 0, "model"), "belief");
  EXPECT_EQ(cell(group, 0, "n"), "6");
  EXPECT_GT(std::stod(cell(group, 0, "t")), 5);
  EXPECT_LT(std::stod(cell(group, 0, "p")), 0.01);
  EXPECT_EQ(cell(group, 0, "ceiling_upper"), "n/a");  // trials are not shared
  const Table values = read_table(trials.folder / "out/rsaValues.tsv");
  ASSERT_EQ(values.rows.size(), 12u);
  double sum = 0;
  for (size_t r = 0; r < 12; r += 2) sum += std::stod(cell(values, r, "value"));
  EXPECT_TRUE(close_number(std::stod(cell(group, 0, "mean")), sum / 6, 1e-12));
  EXPECT_EQ(cell(values, 0, "n_pairs"), "192");  // 24 trials, 3 x 28 pairs within runs left out
  EXPECT_EQ(cell(values, 0, "n_voxels"), std::to_string(box_mask().n_voxels()));
  const Table rdms = read_table(trials.folder / "out/rsaRdms.tsv");
  int used = 0;
  for (size_t r = 0; r < 276; ++r) used += cell(rdms, r, "used_belief") == "1";
  EXPECT_EQ(used, 192);
  const Json json = read_json(trials.folder / "out/rsaGroup.json");
  EXPECT_EQ(json["Pairs"], "between-runs");
  EXPECT_EQ(json["Models"]["part"], "0 same, 1 different");
  EXPECT_EQ(json["Record"], "sociometer/rsa-group 1");
}

TEST(Rsa, OfConditionsHasTheirRdmAndACeiling) {
  const Trials trials;
  std::string ratings = "participant_id\toption\trating\n";
  for (int p = 1; p <= kPeople; ++p)
    for (const char* row : {"A\t1", "B\t2", "C\t3", "D\t4.5"})
      ratings += "sub-0" + std::to_string(p) + "\t" + row + "\n";
  write_text(trials.folder / "ratings.tsv", ratings);
  write_text(trials.folder / "rdm.tsv",
             "name\tA\tB\tC\tD\nA\t0\t1\t2\t3\nB\t1\t0\t1\t2\nC\t2\t1\t0\t1\nD\t3\t2\t1\t0\n");
  ASSERT_TRUE(
      exits_with(trials.rsa({"--rois", trials.roi(), "--conditions", "chosen", "--dissimilarity",
                             "crossnobis", "--values", trials.folder / "ratings.tsv", "--model",
                             "rating", "--model-rdm", "steps=" + trials.folder / "rdm.tsv",
                             "--compare", "kendall", "--pattern-permutations", "199"}),
                 0));
  const Table rdms = read_table(trials.folder / "out/rsaRdms.tsv");
  ASSERT_EQ(rdms.rows.size(), 36u);
  EXPECT_EQ(cell(rdms, 2, "first"), "A");
  EXPECT_EQ(cell(rdms, 2, "second"), "D");
  EXPECT_EQ(cell(rdms, 2, "model_rating"), "3.5");
  EXPECT_EQ(cell(rdms, 2, "model_steps"), "3");
  const Table group = read_table(trials.folder / "out/rsaGroup.tsv");
  EXPECT_GT(std::stod(cell(group, 0, "mean")), 0.7);
  // Of 24 orders two keep the distances of a line: 1/12, as closely as 199 draws have it.
  EXPECT_NEAR(std::stod(cell(group, 1, "p_conditions")), 1.0 / 12, 0.07);
  EXPECT_TRUE(
      read_json(trials.folder / "out/rsaGroup.json")["GeneralisesTo"].contains("p_conditions"));
  EXPECT_LE(std::stod(cell(group, 0, "ceiling_lower")),
            std::stod(cell(group, 0, "ceiling_upper")) + 1e-12);
  EXPECT_EQ(cell(group, 0, "ceiling_pairs"), "6");
  const Table values = read_table(trials.folder / "out/rsaValues.tsv");
  EXPECT_GT(std::stod(cell(values, 0, "shrinkage")), 0);
  // A region without data of one person has no ceiling; the other keeps its own.
  const Mask mask = box_mask();
  Eigen::MatrixXd outside = Eigen::MatrixXd::Zero(120, 1);
  outside(3) = 1;
  Mask all{mask.grid, {}};
  for (uint32_t v = 0; v < 120; ++v) all.voxels.push_back(v);
  write_image(trials.folder / "outside.nii.gz", all, outside);
  ASSERT_TRUE(
      exits_with(trials.rsa({"--rois", trials.roi(), "none=" + trials.folder / "outside.nii.gz",
                             "--conditions", "chosen", "--model", "belief"},
                            "two"),
                 5));
  const Table two = read_table(trials.folder / "two/rsaGroup.tsv");
  EXPECT_NE(cell(two, 0, "ceiling_upper"), "n/a");
  EXPECT_EQ(cell(two, 1, "ceiling_upper"), "n/a");
}

TEST(Rsa, TestsOtherParticipantsAndOtherConditionsAtOnce) {
  const Trials trials;
  const Words plain{"--rois", trials.roi(), "--conditions", "chosen", "--model", "belief"};
  const auto with = [&](const Words& more) {
    Words words = plain;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  ASSERT_TRUE(exits_with(trials.rsa(plain), 0));
  EXPECT_LT(read_table(trials.folder / "out/rsaGroup.tsv").find("p_both"), 0);
  ASSERT_TRUE(exits_with(trials.rsa(with({"--bootstraps", "300"}), "both"), 0));
  const Table group = read_table(trials.folder / "both/rsaGroup.tsv");
  const auto number = [&](const char* column) { return std::stod(cell(group, 0, column)); };
  EXPECT_NEAR(number("mean_both"), number("mean"), 1e-8);
  EXPECT_NEAR(number("error_participants"), number("standard_error"), 1e-8);
  EXPECT_GE(number("error_both"),
            std::max(number("error_participants"), number("error_conditions")) - 1e-8);
  EXPECT_EQ(number("dof_both"), 3);
  EXPECT_EQ(number("n_conditions"), 4);
  EXPECT_GT(number("n_drawings"), 150);
  EXPECT_GT(number("p_both"), number("p"));  // a wider claim
  const Json json = read_json(trials.folder / "both/rsaGroup.json");
  EXPECT_EQ(json["Bootstraps"], 300);
  EXPECT_TRUE(json["GeneralisesTo"].contains("p_both"));
  ASSERT_TRUE(exits_with(trials.rsa(with({"--bootstraps", "300", "-j", "7"}), "seven"), 0));
  EXPECT_TRUE(same_files(trials.folder / "both", trials.folder / "seven", ".tsv"));
  EXPECT_TRUE(fails_with(trials.rsa(with({"--bootstraps", "20"}), "no"), 2,
                         {"--bootstraps is 20", "100 drawings"}));
  EXPECT_TRUE(fails_with(trials.rsa(with({"--bootstraps", "300", "--compare", "cosine"}), "no"), 2,
                         {"--bootstraps", "cosine"}));
  EXPECT_TRUE(fails_with(
      trials.rsa({"--rois", trials.roi(), "--model", "belief", "--bootstraps", "300"}, "no"), 2,
      {"--bootstraps draws conditions", "--conditions"}));
}

TEST(Rsa, ReportsSpheresWithoutValues) {
  const Trials trials;
  const Words options{"--searchlight", "5", "--model", "belief"};
  ASSERT_TRUE(exits_with(trials.rsa(options), 0));
  const std::string map = trials.folder / "out/sub-02/sub-02_contrast-belief_stat-effect_statmap";
  const Json json = read_json(map + ".json");
  EXPECT_EQ(json["FullSphereVoxels"], 19);  // within 5 mm on a grid of 3 mm
  const Image image = read_nifti(map + ".nii.gz");
  const Image size =
      read_nifti(trials.folder / "out/sub-02/sub-02_desc-searchlight_stat-size_statmap.nii.gz");
  int below = 0;
  for (Eigen::Index v = 0; v < image.values.rows(); ++v) {
    const double n = size.values(v, 0);
    below += n > 0 && n < 10;
    EXPECT_TRUE(n == 0 || (n < 10) == !std::isfinite(image.values(v, 0))) << n;
  }
  EXPECT_GT(below, 0);
  EXPECT_EQ(json["SpheresBelowLeast"], below);
  EXPECT_TRUE(fails_with(trials.rsa({"--searchlight", "3", "--model", "belief"}, "small"), 3,
                         {"holds 7 voxels", "--searchlight-least is 10"}));
  // A model that is constant has no value: said by participant, exit code 5.
  const CommandResult constant =
      trials.rsa({"--searchlight", "5", "--model", "duration"}, "constant", "warning");
  EXPECT_TRUE(exits_with(constant, 5));
  EXPECT_NE(constant.err.find("sub-06 has no value of duration in any sphere"), std::string::npos)
      << constant.err;
}

TEST(Rsa, SaysWhatIsHeldConstant) {
  const Trials trials;
  const CommandResult result =
      trials.rsa({"--rois", trials.roi(), "--model", "belief", "part", "--compare", "regression",
                  "--dissimilarity", "euclidean", "--nuisance", "trial_number"},
                 "out", "info");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("holding part, trial_number constant: mean"), std::string::npos)
      << result.err;
  EXPECT_NE(result.err.find("of n = 6"), std::string::npos) << result.err;
}

TEST(Rsa, DoesNotTestCosinesAgainstZero) {
  const Trials trials;
  const CommandResult result = trials.rsa(
      {"--rois", trials.roi(), "--model", "belief", "--compare", "cosine"}, "out", "info");
  ASSERT_TRUE(exits_with(result, 0));
  const Table group = read_table(trials.folder / "out/rsaGroup.tsv");
  EXPECT_GT(std::stod(cell(group, 0, "mean")), 0.5);
  for (const char* column : {"t", "p", "p_sign_flips", "p_fwe", "p_holm", "cohens_d", "bf10"})
    EXPECT_EQ(cell(group, 0, column), "n/a") << column;
  EXPECT_EQ(result.err.find("similar are their"), std::string::npos) << result.err;
}

TEST(Rsa, WritesMapsThatGroupTakes) {
  const Trials trials;
  const Words options{"--searchlight", "5",      "--model",         "belief",
                      "--conditions",  "chosen", "--dissimilarity", "crossnobis"};
  Words once = options, again = options;
  once.insert(once.end(), {"-j", "1"});
  again.insert(again.end(), {"-j", "3"});
  ASSERT_TRUE(exits_with(trials.rsa(once), 0));
  ASSERT_TRUE(exits_with(trials.rsa(again, "again"), 0));
  const std::string map = "sub-02/sub-02_contrast-belief_stat-effect_statmap.nii.gz";
  EXPECT_EQ(read_bytes(trials.folder / "out/" + map), read_bytes(trials.folder / "again/" + map));
  const Image image = read_nifti(trials.folder / "out/" + map);
  EXPECT_GT(image.values.array().isNaN().select(0, image.values).sum(), 30);
  const Json json =
      read_json(trials.folder / "out/sub-02/sub-02_contrast-belief_stat-effect_statmap.json");
  EXPECT_EQ(json["NoiseNormalisation"], "univariate");
  EXPECT_EQ(json["NoiseFrom"],
            "deviations of trials from the mean of their condition in their run");
  EXPECT_EQ(json["Inputs"].size(), 3u);  // table, image, mask
  Words group{"group", "--effects"};
  for (int p = 1; p <= kPeople; ++p) {
    const std::string sub = "sub-0" + std::to_string(p);
    group.push_back(trials.folder / "out/" + sub + "/" + sub +
                    "_contrast-belief_stat-effect_statmap.nii.gz");
  }
  group.insert(group.end(), {"-o", trials.folder / "group", "--log-level", "error"});
  EXPECT_TRUE(exits_with(run_program(group), 0));
}

TEST(Rsa, SaysWhyThereIsNoPByPermutation) {
  const Trials trials;
  // sub-02 has no trial of A in run 1: its patterns cannot be exchanged alike in all runs.
  std::string table = read_bytes(trials.tables[1]);
  for (int k = 0; k < 2; ++k) {
    const size_t row = table.find("\tok\tn/a\tA\t");
    table.replace(row + 1, 2, "no");
  }
  write_text(trials.tables[1], table);
  const CommandResult result =
      trials.rsa({"--rois", trials.roi(), "--model", "belief", "--conditions", "chosen", "--by-run",
                  "--pattern-permutations", "20"},
                 "out", "warning");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("sub-02 has no p by permutation, as a condition is missing in a run"),
            std::string::npos)
      << result.err;
}

}  // namespace rsa_cli
}  // namespace sociometer::testing
