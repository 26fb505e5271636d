#include <gtest/gtest.h>

#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

Words fit_of_example(const TemporaryFolder& folder, const Words& more) {
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
              folder / "maps"};
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
  // In percent of the mean instead of the units of the truth.
  ASSERT_TRUE(exits_with(run_program(fit_of_example(folder, {"--scaling", "psc"})), 0));
  EXPECT_TRUE(
      exits_with(run_program({"example", folder / "study", "--verify", folder / "maps"}), 3));
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
