// Runs that differ, rank-deficient designs, censored scans.
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

CommandResult fit_with_warnings(const Study& study, const Words& more, const std::string& out) {
  Words words = study.arguments(more, out);
  words[2] = "warning";
  return run_program(words);
}

::testing::AssertionResult same_contrast(const std::string& folder_a, const std::string& folder_b,
                                         const std::string& contrast) {
  for (const char* stat : {"effect", "variance", "t", "z", "p"}) {
    const std::string name = "/contrast-" + contrast + "_stat-" + stat + "_statmap.nii.gz";
    const auto same = close_relative(read_nifti(folder_a + name).values,
                                     read_nifti(folder_b + name).values, 1e-5, 1e-9);
    if (!same) return ::testing::AssertionFailure() << name << ": " << same.message();
  }
  return ::testing::AssertionSuccess();
}

TEST(ShortRuns, WeightedByVariancesThatAveragesFindUncertainAreWarnedOf) {
  Study study;
  const auto warned = [&](const Words& more, const std::string& out) {
    Words words{"--contrast", "a"};
    words.insert(words.end(), more.begin(), more.end());
    const CommandResult result = fit_with_warnings(study, words, out);
    EXPECT_TRUE(exits_with(result, 0));
    return result.err.find("2 of 2 runs have fewer than 100 degrees of freedom") !=
           std::string::npos;
  };
  EXPECT_TRUE(warned({"--noise-model", "ar4-averaged"}, "precision"));
  EXPECT_TRUE(warned({"--noise-model", "ar1-averaged", "--fixed-effects", "meier"}, "meier"));
  EXPECT_FALSE(warned({"--noise-model", "ar4-averaged", "--fixed-effects", "pooled"}, "pooled"));
  EXPECT_FALSE(warned({"--noise-model", "ar1"}, "ar1"));
  EXPECT_EQ(read_json(study / "pooled/contrast-a_stat-t_statmap.json")["FixedEffects"], "pooled");
  const CommandResult later =
      run_program({"contrast", study / "precision/estimates.h5", "--contrast", "a", "-o",
                   study / "later", "--log-level", "warning"});
  EXPECT_TRUE(exits_with(later, 0));
  EXPECT_NE(later.err.find("--fixed-effects pooled"), std::string::npos) << later.err;
  study.only_one_run();
  EXPECT_FALSE(warned({"--noise-model", "ar4-averaged"}, "one"));
}

TEST(ConditionMissingInARun, LeavesThatRunOutOfItsContrast) {
  Study study;
  write_text(study.events[1], study_events(false));
  const Words contrasts{"--contrast", "a", "b", "d=a-b"};
  const CommandResult result = fit_with_warnings(study, contrasts, "out");
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("contrast b leaves out run 2"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("contrast a leaves out"), std::string::npos) << result.err;
  const Json runs = read_json(study / "out/contrast-b_stat-t_statmap.json")["Contrast"]["Runs"];
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0]["Used"], true);
  EXPECT_EQ(runs[1]["Used"], false);
  EXPECT_TRUE(runs[1].contains("Reason"));

  study.only_one_run();
  ASSERT_TRUE(exits_with(study.fit(contrasts, "one"), 0));
  EXPECT_TRUE(same_contrast(study / "out", study / "one", "b"));
  EXPECT_TRUE(same_contrast(study / "out", study / "one", "d"));
  EXPECT_FALSE(same_contrast(study / "out", study / "one", "a")) << "run 2 should count for a";
}

/// A ready-made design with identical columns a and a_again, and the same without the second.
struct TwinDesigns {
  std::string twins, plain;
};
TwinDesigns twin_designs() {
  TwinDesigns designs;
  std::istringstream lines(ready_design({"a", "b"}, kStudyScans));
  for (std::string line; std::getline(lines, line);) {
    designs.plain += line + "\n";
    const std::string first = line.substr(0, line.find('\t'));
    designs.twins += first + (designs.twins.empty() ? "_again" : "") + "\t" + line + "\n";
  }
  return designs;
}

TEST(RankDeficientDesign, AnswersWhatItCanAndRefusesTheRestByName) {
  Study study;
  study.only_one_run();
  study.events.clear();
  const TwinDesigns designs = twin_designs();
  write_text(study / "twins.tsv", designs.twins);
  write_text(study / "plain.tsv", designs.plain);
  const CommandResult result = fit_with_warnings(
      study, {"--design", study / "twins.tsv", "--contrast", "a", "b", "s=a + a_again"}, "out");
  EXPECT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.err.find("contrast a is refused"), std::string::npos) << result.err;
  EXPECT_TRUE(names_ending_in(study / "out", "contrast-a_stat-t_statmap.nii.gz").empty());
  ASSERT_TRUE(exits_with(
      study.fit({"--design", study / "plain.tsv", "--contrast", "b", "s=a"}, "plain"), 0));
  EXPECT_TRUE(same_contrast(study / "out", study / "plain", "b"));
  EXPECT_TRUE(same_contrast(study / "out", study / "plain", "s")) << "the sum is estimable";
}

TEST(RankDeficientDesign, IsBadInputWhenNoContrastIsLeft) {
  Study study;
  study.only_one_run();
  study.events.clear();
  write_text(study / "twins.tsv", twin_designs().twins);
  EXPECT_TRUE(fails_with(study.fit({"--design", study / "twins.tsv", "--contrast", "a"}), 3,
                         {"contrast a is refused"}));
  EXPECT_FALSE(std::filesystem::exists(study / "out"));
}

TEST(Censoring, ByColumnAndByListGivesTheSameMaps) {
  Study study;
  study.only_one_run();
  std::istringstream lines(ready_design({"trans_x"}, kStudyScans));
  std::string table;
  int scan = -1;
  for (std::string line; std::getline(lines, line); ++scan)
    table += line + "\t" +
             (scan < 0                               ? "spike"
              : scan == 3 || (scan > 9 && scan < 13) ? "1"
                                                     : "0") +
             "\n";
  write_text(study / "c.tsv", table);
  for (const char* model : {"ols", "ar1"}) {
    const Words base{"--noise-model", model, "--confounds", study / "c.tsv",
                     "--contrast",    "a",   "--overwrite"};
    const auto with = [&](const Words& more) {
      Words all = base;
      all.insert(all.end(), more.begin(), more.end());
      return all;
    };
    ASSERT_TRUE(exits_with(
        study.fit(with({"--confound-columns", "trans_x", "--censor", "spike"}), "column"), 0));
    ASSERT_TRUE(exits_with(
        study.fit(with({"--confound-columns", "trans_x", "--censor", "3,10-12"}), "list"), 0));
    ASSERT_TRUE(exits_with(study.fit(with({"--confound-columns", "trans_x"}), "none"), 0));
    EXPECT_TRUE(same_files(study / "column", study / "list", ".nii.gz")) << model;
    EXPECT_TRUE(same_files(study / "column", study / "list", "estimates.h5")) << model;
    EXPECT_FALSE(same_files(study / "column", study / "none", "_statmap.nii.gz")) << model;
    EXPECT_EQ(read_json(study / "column/estimates.json")["Runs"][0]["CensoredScans"], 4);
  }
}

TEST(FileNames, ThatAreNotUtf8AreNotOurBug) {
  Study study;
  study.only_one_run();
  const std::string latin = study / "M\xFCller_events.tsv";
  write_text(latin, study_events());
  study.events[0] = latin;
  EXPECT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
}

}  // namespace
}  // namespace sociometer::testing
