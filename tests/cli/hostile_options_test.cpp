// Absurd numbers: they may be rejected, but must neither crash nor be reported as our bug.
#include <gtest/gtest.h>

#include "tests/cli/study.hpp"

namespace sociometer::testing {
namespace {

class HostileOption : public ::testing::TestWithParam<Words> {};

TEST_P(HostileOption, IsRefusedAndLeavesNothing) {
  Study study;
  study.only_one_run();
  const CommandResult result = study.fit(GetParam());
  const int code = result.exit_code == 3 ? 3 : 2;  // usage or bad input
  EXPECT_TRUE(fails_with(result, code, {}));
  EXPECT_FALSE(std::filesystem::exists(study / "out"));
}

INSTANTIATE_TEST_SUITE_P(
    Fit, HostileOption,
    ::testing::Values(
        Words{"--noise-model", "arma11", "--arma-grid", "2"},
        Words{"--noise-model", "arma11", "--arma-grid", "8"},
        Words{"--noise-model", "arma11", "--arma-search", "spm"},
        Words{"--noise-model", "arma11", "--arma-max-a", "1"},
        Words{"--noise-model", "arma11", "--arma-cutoff", "0"},
        Words{"--noise-model", "arma11", "--arma-fixed", "1.5", "0"},
        Words{"--noise-model", "arma11", "--run-starts", "5"},
        Words{"--noise-model", "arma11", "--run-starts", "0", "100000"},
        Words{"--noise-model", "ar1", "--run-starts", "0", "20"},
        Words{"--noise-model", "arma11", "--arma-negative", "--arma-white-noise-plus"},
        Words{"--noise-model", "ar6-corrected"}, Words{"--tr", "-1"}, Words{"--tr", "nan"},
        Words{"--tr", "inf"}, Words{"--tr", "1e-300"}, Words{"--tr", "two"},
        Words{"--high-pass", "-1"}, Words{"--high-pass", "nan"}, Words{"--high-pass", "10"},
        Words{"--oversampling", "0"}, Words{"--min-onset", "nan"}, Words{"--min-onset", "-1e300"},
        Words{"--slice-time-ref", "nan"}, Words{"--slice-time-ref", "2"},
        Words{"--smoothing-fwhm", "nan"}, Words{"--smoothing-fwhm", "1", "2"},
        Words{"--mask-fraction", "nan"}, Words{"--fir-delays", "-1", "--hrf", "fir"},
        Words{"--threads", "-2"}, Words{"--drift", "polynomial", "--drift-order", "-1"},
        Words{"--drift", "polynomial", "--drift-order", "1000000000"}, Words{"--tr", "1e300"},
        Words{"--oversampling", "1000000"}, Words{"--fir-delays", "1000000000", "--hrf", "fir"},
        Words{"--hrf-grid", "spm", "--microtime", "1000000"},
        Words{"--fir-delays", "0,0", "--hrf", "fir"},
        Words{"--censor-before", "-1", "--censor", "3"}, Words{"--censor-after", "1"},
        Words{"--confound-strategy", "motion"}, Words{"--motion", "full"},
        Words{"--n-compcor", "0"}, Words{"--missing-confounds", "mean"}, Words{"--censor", ","},
        Words{"--contrast", "a>1"}, Words{"--hrf-grid", "spm", "--microtime", "0"},
        Words{"--contrast", "x=1e400*a"}, Words{"--contrast", "x=a/0"}));

/// -1 read as the largest number there is would take all memory, or never end.
TEST(HostileOptions, NumbersWithoutSignTakeNone) {
  const std::vector<std::pair<Words, Words>> commands{
      {{"rsa"},
       {"--overlap-permutations", "--pattern-permutations", "--bootstraps", "--permutations",
        "--searchlight-least", "--seed"}},
      {{"mixed"}, {"--seed"}},
      {{"roi", "test"}, {"--permutations", "--seed"}},
      {{"roi", "dissociate"}, {"--bootstraps", "--permutations", "--seed"}},
      {{"power"}, {"--seed"}},
      {{"learn"}, {"--seed"}}};
  for (const auto& [command, options] : commands)
    for (const auto& option : options) {
      Words words = command;
      words.insert(words.end(), {option, "-7"});
      EXPECT_TRUE(fails_with(run_program(words), 2, {option, "-7"}));
    }
}

TEST(HostileOptions, TakeMoreThreadsThanAMachineHas) {
  Study study;
  study.only_one_run();
  const CommandResult result = study.fit({"-j", "100000", "--contrast", "a"});
  // Fewer threads than requested give the same result; rejection would be acceptable too.
  if (result.exit_code != 0) {
    EXPECT_TRUE(fails_with(result, 2, {"threads"}));
  }
}

TEST(HostileOptions, TakeNoEmptyOutputFolder) {
  Study study;
  study.only_one_run();
  Words words = study.arguments({});
  for (auto& word : words)
    if (word == study / "out") word = "";
  const CommandResult result = run_program(words);
  EXPECT_TRUE(fails_with(result, result.exit_code == 4 ? 4 : 2, {}));
}

TEST(HostileOptions, KeepOutputsInTheOutputFolder) {
  // A prefix may name folders within the output folder; it must not lead out of it.
  for (const char* prefix : {"../escaped", "sub/../../escaped"}) {
    Study study;
    study.only_one_run();
    const Words before = everything_in(study.folder.path().string());
    EXPECT_TRUE(fails_with(study.fit({"--prefix", prefix}), 2, {"prefix"})) << prefix;
    EXPECT_EQ(everything_in(study.folder.path().string()), before) << prefix;
  }
  Study study;
  study.only_one_run();
  EXPECT_TRUE(fails_with(study.fit({"--prefix", study / "escaped"}), 2, {"prefix"}));
  EXPECT_TRUE(names_ending_in(study.folder.path().string(), "escaped_mask.nii.gz").empty());
}

TEST(HostileOptions, ReadWeightsInBrackets) {
  // The help offers "NAME=EXPRESSION or NAME=[weights]"; brackets must reach the parser intact.
  Study study;
  study.only_one_run();
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "w=[1,-1]"}, "weights"), 0));
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "w=a-b"}, "names"), 0));
  EXPECT_TRUE(same_files(study / "weights", study / "names", "_statmap.nii.gz"));
  const CommandResult unnamed = study.fit({"--contrast", "[1,-1]"}, "unnamed");
  if (unnamed.exit_code != 0) {
    EXPECT_TRUE(fails_with(unnamed, 2, {"[1,-1]"}));
  }
}

}  // namespace
}  // namespace sociometer::testing
