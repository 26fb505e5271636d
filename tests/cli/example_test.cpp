#include <map>

#include <gtest/gtest.h>

#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

Words fit_of_example(const TemporaryFolder& folder, const Words& more,
                     const std::string& out = "") {
  const std::string stem = folder / "study/sub-01_task-feedback_run-";
  Words words{"fit",
              "--log-level",
              "error",
              "--bold",
              stem + "1_bold.nii.gz",
              stem + "2_bold.nii.gz",
              "--events",
              stem + "1_events.tsv",
              stem + "2_events.tsv",
              "--confounds",
              stem + "1_desc-confounds_timeseries.tsv",
              stem + "2_desc-confounds_timeseries.tsv",
              "--modulators",
              "feedback:match,rank",
              "--contrast",
              "choice",
              "match=feedback:match",
              "rank=feedback:rank",
              "-o",
              out.empty() ? folder / "maps" : out};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(Example, IsRecoveredByAFit) {
  const TemporaryFolder folder;
  ASSERT_TRUE(exits_with(run_program({"example", folder / "study"}), 0));
  ASSERT_TRUE(exits_with(run_program(fit_of_example(folder, {})), 0));
  const CommandResult result =
      run_program({"example", folder / "study", "--verify", folder / "maps"});
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("recovered"), std::string::npos) << result.out;
}

TEST(Example, IsRecoveredByTheCommandsOfTheHelp) {
  const std::string help = run_program({"example", "--help"}).out;
  const auto start = help.find("Example:");
  ASSERT_NE(start, std::string::npos);
  const TemporaryFolder folder;
  const CommandResult result =
      run_script("set -e; cd " + folder.path().string() + help.substr(start + 8));
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_EQ(result.out.find("NOT RECOVERED"), std::string::npos) << result.out;
}

TEST(Example, IsNotRecoveredByAFitOfSomethingElse) {
  const TemporaryFolder folder;
  ASSERT_TRUE(exits_with(run_program({"example", folder / "study"}), 0));
  // In percent of the mean rather than the units of the truth.
  ASSERT_TRUE(exits_with(run_program(fit_of_example(folder, {"--scaling", "psc"})), 0));
  EXPECT_TRUE(
      exits_with(run_program({"example", folder / "study", "--verify", folder / "maps"}), 3));
}

double value_in(const Table& table, const std::string& contrast, const std::string& column) {
  for (size_t row = 0; row < table.rows.size(); ++row)
    if (table.rows[row][size_t(table.find("contrast"))] == contrast)
      return number_in(table, row, table.find(column));
  return 0;
}

/// Effects of scaled modulators are per standard deviation; t, and effects multiplied by the SD,
/// are the same with or without scaling. The SD is available from estimates and from maps.
TEST(ModulatorScaling, MakesEffectsThoseOfAStandardDeviation) {
  const TemporaryFolder folder;
  ASSERT_TRUE(exits_with(run_program({"example", folder / "study"}), 0));
  std::map<std::string, Table> values;
  for (const std::string scaling : {"none", "sd"}) {
    const std::string out = folder / scaling, stem = out + "/sub-01_";
    ASSERT_TRUE(exits_with(
        run_program(fit_of_example(
            folder, {"--modulator-scaling", scaling, "--noise-model", "ols", "--prefix", "sub-01"},
            out)),
        0));
    ASSERT_TRUE(exits_with(run_program({"roi", "make", "--like", stem + "mask.nii.gz", "--sphere",
                                        "A=0,0,0,15", "-o", out + "/rois"}),
                           0));
    for (const std::string from : {"estimates", "maps"}) {
      Words words{"roi",         "extract", "--rois", out + "/rois/rois.tsv",
                  "--log-level", "error",   "-o",     out + from};
      if (from == "estimates")
        words.insert(words.end(), {"--estimates", stem + "estimates.h5", "--contrast",
                                   "match=feedback:match", "rank=feedback:rank"});
      else
        words.insert(words.end(), {"--maps", stem + "contrast-match_stat-effect_statmap.nii.gz",
                                   stem + "contrast-rank_stat-effect_statmap.nii.gz"});
      ASSERT_TRUE(exits_with(run_program(words), 0));
      values[scaling + from] = read_table(out + from + "/roi_values.tsv");
    }
  }
  for (const char* contrast : {"match", "rank"}) {
    const auto of = [&](const char* which, const char* column) {
      return value_in(values.at(which), contrast, column);
    };
    EXPECT_GT(of("noneestimates", "regressor_sd"), 0.1);
    EXPECT_NEAR(of("noneestimates", "regressor_sd"), of("nonemaps", "regressor_sd"), 1e-6);
    EXPECT_NEAR(of("sdestimates", "regressor_sd"), 1, 1e-9);
    EXPECT_NEAR(of("sdmaps", "regressor_sd"), 1, 1e-9);
  }
  const Json json = read_json(folder / "sd/sub-01_contrast-match_stat-effect_statmap.json");
  EXPECT_EQ(json["Design"]["ModulatorScaling"], "sd");
  EXPECT_NEAR(json["Runs"][0]["ModulatorSD"]["feedback:match"].get<double>(), 1, 1e-9);
}

TEST(Example, IsTheSameForTheSameSeed) {
  const TemporaryFolder folder;
  for (const Words& words : {Words{"a", "7"}, Words{"b", "7"}, Words{"c", "8"}})
    ASSERT_TRUE(exits_with(run_program({"example", folder / words[0], "--seed", words[1]}), 0));
  for (const char* ending : {".nii.gz", ".tsv"}) {
    EXPECT_TRUE(same_files(folder / "a", folder / "b", ending));
    EXPECT_FALSE(same_files(folder / "a", folder / "c", ending));
  }
}

}  // namespace
}  // namespace sociometer::testing
