// Memory foreseen and kept, and what --dry-run says and does not do.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/cli/roi_study.hpp"
#include "tests/cli/small_group.hpp"
#include "tests/cli/social_study.hpp"
#include "tests/cli/study.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kShadowed = true;
#elif defined(__has_feature)
constexpr bool kShadowed = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kShadowed = false;
#endif

/// The number before MiB or GiB after a word, in MiB.
double mebibytes_after(const std::string& text, const std::string& word) {
  std::smatch found;
  const std::regex number(word + "[^0-9]*([0-9.]+) (M|G)iB");
  if (!std::regex_search(text, found, number)) return std::nan("");
  return std::stod(found[1]) * (found[2] == "G" ? 1024 : 1);
}

/// What the process had at most, by its own last message.
double measured(const CommandResult& result) {
  std::smatch found;
  if (!std::regex_search(result.err, found, std::regex("memory at most ([0-9]+) MB")))
    return std::nan("");
  return std::stod(found[1]);
}

/// Two runs of 73,728 voxels and 60 scans, whose arrays outweigh the program.
class LargeRuns : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    study_ = new Study;
    constexpr std::array<int64_t, 4> kSize{48, 48, 32, 60};
    const auto n_voxels = size_t(kSize[0] * kSize[1] * kSize[2]);
    for (size_t run = 0; run < 2; ++run) {
      const std::vector<double> few = study_values(uint32_t(run) + 1);
      std::vector<double> values(n_voxels * size_t(kSize[3]));
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = std::round(few[(i + i / n_voxels * 7) % few.size()]);
      RawNifti image = raw_series(kSize, values);
      image.datatype = 4;
      study_->bold[run] = *study_ / ("large-" + std::to_string(run + 1) + "_bold.nii");
      write_text(study_->bold[run], image.file());
    }
    RawNifti ones = raw_series({kSize[0], kSize[1], kSize[2], 1}, std::vector<double>(n_voxels, 1));
    ones.dim[0] = 3;
    ones.datatype = 2;
    write_text(study_->mask, ones.file());
  }
  static void TearDownTestSuite() {
    delete study_;
    study_ = nullptr;
  }
  void TearDown() override { fs::remove_all(out()); }

  static std::string out(const std::string& name = "out") { return *study_ / name; }
  static CommandResult fit(const Words& more, const std::string& to = "out") {
    return run("fit", more, to);
  }
  static CommandResult trials(const Words& more) { return run("trials", more, "out"); }
  static CommandResult run(const std::string& command, Words more, const std::string& to) {
    more.insert(more.end(), {"-j", "2"});
    Words words = study_->arguments(more, to);
    words[0] = command;
    *(std::find(words.begin(), words.end(), "--log-level") + 1) = "debug";
    return run_program(words);
  }
  static Words with(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  static Study* study_;
};
Study* LargeRuns::study_ = nullptr;

class ForeseenMemory : public LargeRuns, public ::testing::WithParamInterface<Words> {};

/// At most a tenth more than foreseen, and at least half of it: else runs that fit would be
/// refused.
TEST_P(ForeseenMemory, IsThatOfTheProcess) {
  if (kShadowed) GTEST_SKIP() << "sanitizers need memory of their own";
  const Words words = with(GetParam(), {"--contrast", "a", "d=a-b", "--f-contrast", "f=a;b"});
  const CommandResult planned = fit(with(words, {"--dry-run"}));
  ASSERT_TRUE(exits_with(planned, 0));
  const double foreseen = mebibytes_after(planned.out, "peak memory");
  const CommandResult done = fit(words);
  ASSERT_TRUE(exits_with(done, 0));
  EXPECT_LE(measured(done), 1.1 * foreseen);
  EXPECT_GE(measured(done), 0.5 * foreseen);
}

INSTANTIATE_TEST_SUITE_P(
    Fits, ForeseenMemory,
    ::testing::Values(Words{"--noise-model", "ols", "--runs-at-once", "1"},
                      Words{"--noise-model", "ar1", "--runs-at-once", "2"},
                      Words{"--noise-model", "ar4-averaged"},
                      Words{"--noise-model", "ar1", "--smoothing-fwhm", "5"},
                      Words{"--noise-model", "ar1", "--save", "betas", "residuals"},
                      Words{"--noise-model", "arma11", "--arma-grid", "3"},
                      Words{"--noise-model", "mixture"}, Words{"--noise-model", "tukey"}));

class ForeseenMemoryOfTrials : public LargeRuns, public ::testing::WithParamInterface<Words> {};

TEST_P(ForeseenMemoryOfTrials, IsThatOfTheProcess) {
  if (kShadowed) GTEST_SKIP() << "sanitizers need memory of their own";
  const CommandResult planned = trials(with(GetParam(), {"--dry-run"}));
  ASSERT_TRUE(exits_with(planned, 0));
  const double foreseen = mebibytes_after(planned.out, "peak memory");
  const CommandResult done = trials(GetParam());
  ASSERT_TRUE(exits_with(done, 0));
  // arma11 on a busy machine: 1.13.
  EXPECT_LE(measured(done), 1.2 * foreseen);
  EXPECT_GE(measured(done), 0.5 * foreseen);
}

INSTANTIATE_TEST_SUITE_P(
    Trials, ForeseenMemoryOfTrials,
    ::testing::Values(Words{"--noise-model", "ols", "--runs-at-once", "1"},
                      Words{"--noise-model", "ar1", "--variance"},
                      Words{"--noise-model", "ar4-averaged", "--images", "both"},
                      Words{"--noise-model", "ols", "--method", "lsa", "--variance"},
                      Words{"--noise-model", "ar1", "--hrf", "library"},
                      Words{"--noise-model", "ols", "--hrf", "library", "--hrf-choice",
                            "conditions"},
                      Words{"--noise-model", "arma11", "--arma-grid", "3"}));

TEST_F(LargeRuns, HaveTrialsOneByOneWhereTwoDoNotFit) {
  const Words words{"--noise-model", "ar1", "--runs-at-once", "2"};
  const double both = mebibytes_after(trials(with(words, {"--dry-run"})).out, "peak memory");
  const std::string less = std::to_string(int(both) - 8) + "M";
  const CommandResult planned = trials(with(words, {"--dry-run", "--memory", less}));
  ASSERT_TRUE(exits_with(planned, 0));
  EXPECT_NE(planned.out.find("1 run(s) side by side"), std::string::npos) << planned.out;
  const CommandResult refused = trials({"--memory", "30M"});
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  for (const char* words : {"the memory limit (--memory) of 30.0 MiB is too little",
                            "fitting 22 trials of 73728 voxels"})
    EXPECT_NE(refused.err.find(words), std::string::npos) << refused.err;
  EXPECT_FALSE(fs::exists(out()));
}

TEST_F(LargeRuns, AreFittedOneByOneWhereTwoDoNotFit) {
  const Words words{"--contrast", "a", "--noise-model", "ar4", "--runs-at-once", "2"};
  const double both = mebibytes_after(fit(with(words, {"--dry-run"})).out, "peak memory");
  const std::string less = std::to_string(int(both) - 8) + "M";
  const CommandResult planned = fit(with(words, {"--dry-run", "--memory", less}));
  ASSERT_TRUE(exits_with(planned, 0));
  EXPECT_NE(planned.out.find("1 run(s) side by side"), std::string::npos) << planned.out;
  ASSERT_TRUE(exits_with(fit(words), 0));
  const CommandResult bounded = fit(with(words, {"--memory", less}), "bounded");
  ASSERT_TRUE(exits_with(bounded, 0));
  if (!kShadowed) {
    EXPECT_LE(measured(bounded), both - 8);
  }
  EXPECT_EQ(everything_in(out()), everything_in(out("bounded")));
  for (const char* ending : {".nii.gz", "design.tsv", "estimates.h5"})
    EXPECT_TRUE(same_files(out(), out("bounded"), ending));
}

TEST_F(LargeRuns, AreRefusedInWordsWhereNotEvenOneFits) {
  for (const Words& more : {Words{}, Words{"--dry-run"}}) {
    const CommandResult result = fit(with({"--contrast", "a", "--memory", "30M"}, more));
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_NE(result.err.find("the memory limit (--memory) of 30.0 MiB is too little"),
              std::string::npos)
        << result.err;
    EXPECT_GT(mebibytes_after(result.err, "one at a time, takes"), 30) << result.err;
    EXPECT_FALSE(fs::exists(out()));
  }
}

/// Names of outputs as a dry run lists them.
Words listed(const CommandResult& planned) {
  Words names;
  std::istringstream lines(planned.out);
  bool outputs = false;
  for (std::string line; std::getline(lines, line);) {
    if (outputs && line.starts_with("    ")) names.push_back(line.substr(4));
    outputs |= line.starts_with("  outputs in ");
  }
  return names;
}

/// Files of a folder, without the records of runs.
Words files_in(const std::string& folder) {
  Words names;
  for (const auto& name : everything_in(folder))
    if (!name.starts_with(".outputs") && fs::is_regular_file(fs::path(folder) / name))
      names.push_back(name);
  return names;
}

TEST(DryRun, OfFitNamesTheFilesThatFitWrites) {
  const Study study;
  const Words all{"--contrast", "a",         "d=a-b", "--f-contrast",  "f=a;b",
                  "--log-p",    "--prefix",  "x",     "--save",        "residual-variance",
                  "r-squared",  "noise",     "mean",  "betas",         "status",
                  "residuals",  "predicted", "tsnr",  "--noise-model", "ar2"};
  for (const Words& words :
       {all, Words{"--contrast", "a", "--noise-model", "arma11", "--save", "ljung-box", "noise"},
        Words{"--contrast", "a", "--f-contrast", "f=a;b", "--noise-model", "mixture"},
        Words{"--no-estimates", "--noise-model", "ols", "--save", "noise", "--contrast", "a"}}) {
    Words dry = words;
    dry.emplace_back("--dry-run");
    const CommandResult planned = study.fit(dry);
    ASSERT_TRUE(exits_with(planned, 0));
    EXPECT_FALSE(fs::exists(study / "out"));
    EXPECT_NE(planned.out.find("60 scans, 60 kept"), std::string::npos) << planned.out;
    EXPECT_NE(planned.out.find("24 of 24"), std::string::npos) << planned.out;
    ASSERT_TRUE(exits_with(study.fit(words), 0));
    EXPECT_EQ(listed(planned), files_in(study / "out"));
    fs::remove_all(study / "out");
  }
}

TEST(DryRun, OfFitRefusesWhatFitRefuses) {
  const Study study;
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  const Words before = everything_in(study.folder.path().string());
  EXPECT_TRUE(
      fails_with(study.fit({"--contrast", "a", "--dry-run"}), 4, {"already holds results"}));
  EXPECT_TRUE(exits_with(study.fit({"--contrast", "a", "--dry-run", "--overwrite"}), 0));
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "nothing", "--dry-run"}, "other"),
                         study.fit({"--contrast", "nothing"}, "other").exit_code, {"nothing"}));
  EXPECT_TRUE(
      fails_with(study.fit({"--contrast", "a", "--dry-run"}, "mask.nii/out"), 4, {"mask.nii"}));
  EXPECT_EQ(everything_in(study.folder.path().string()), before);
}

TEST(DryRun, OfTrialsNamesTheFilesThatTrialsWrites) {
  const Study study;
  const std::string index = study / "chosen/desc-hrf_stat-index_statmap.nii.gz";
  const std::pair<std::string, Words> all[] = {
      {"all",
       {"--prefix", "x", "--variance", "--images", "both", "--average-by", "rank", "trial_type",
        "--rois", "all=" + study.mask}},
      {"shrunken",
       {"--images", "none", "--average-by", "trial_type", "--method", "lsa", "--noise-model", "ols",
        "--shrinkage", "0.5"}},
      {"chosen", {"--hrf", "library"}},
      {"given", {"--hrf", "library", "--hrf-map", index, "--images", "hdf5"}}};
  for (const auto& [out, more] : all) {
    Words words = study.arguments(more, out);
    words[0] = "trials";
    Words dry = words;
    dry.emplace_back("--dry-run");
    const CommandResult planned = run_program(dry);
    ASSERT_TRUE(exits_with(planned, 0));
    EXPECT_FALSE(fs::exists(study / out));
    EXPECT_NE(planned.out.find("60 scans, 60 kept, 11 trials, 11 with an amplitude"),
              std::string::npos)
        << planned.out;
    ASSERT_TRUE(exits_with(run_program(words), 0));
    EXPECT_EQ(listed(planned), files_in(study / out));
  }
}

TEST(DryRun, OfTrialsReportsThoseWithoutAnAmplitude) {
  const Study study;
  write_text(study.events[0], study_events() + "500\t2\tb\t1\n");
  Words words = study.arguments({"--dry-run"});
  words[0] = "trials";
  const auto level = std::find(words.begin(), words.end(), "--log-level");
  if (level != words.end()) *(level + 1) = "warning";
  const CommandResult planned = run_program(words);
  EXPECT_TRUE(exits_with(planned, 5));
  EXPECT_NE(planned.err.find("b at 500 s"), std::string::npos) << planned.err;
  EXPECT_NE(planned.out.find("12 trials, 11 with an amplitude"), std::string::npos) << planned.out;
  EXPECT_FALSE(fs::exists(study / "out"));
}

TEST(DryRun, OfGroupSaysItsDesignAndWritesNothing) {
  const SmallGroup group;
  Words words{"group", "-o", group / "out", "--log-level", "error", "--dry-run", "--effects"};
  for (int i = 1; i <= 5; ++i)
    words.push_back(
        group.put("sub-" + std::to_string(i) + "_contrast-x_stat-effect_statmap.nii.gz", i));
  const CommandResult planned = run_program(words);
  ASSERT_TRUE(exits_with(planned, 0));
  for (const char* word :
       {"5 map(s)", "1 columns, rank 1: intercept", "8 of 8", "peak memory", "stat-*"})
    EXPECT_NE(planned.out.find(word), std::string::npos) << word << " in " << planned.out;
  EXPECT_FALSE(fs::exists(group / "out"));
  words.insert(words.end(), {"--memory", "1M"});
  const CommandResult refused = run_program(words);
  EXPECT_EQ(refused.exit_code, 3) << refused.err;
  EXPECT_NE(refused.err.find("the memory limit (--memory) of 1.0 MiB is too little"),
            std::string::npos)
      << refused.err;
}

TEST(DryRun, OfRegionsNamesTheFilesThatTheyWrite) {
  const RoiStudy study(3);
  Words words{"extract", "--rois", study.make_rois(), "-o", study / "values", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  Words dry = words;
  dry.emplace_back("--dry-run");
  const CommandResult planned = study.roi(dry);
  ASSERT_TRUE(exits_with(planned, 0));
  EXPECT_FALSE(fs::exists(study / "values"));
  EXPECT_NE(planned.out.find("2 region(s) from 6 map(s)"), std::string::npos) << planned.out;
  ASSERT_TRUE(exits_with(study.roi(words), 0));
  Words names = listed(planned);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, files_in(study / "values"));
  dry.insert(dry.end(), {"--memory", "2M", "--overwrite"});
  EXPECT_EQ(study.roi(dry).exit_code, 3);
}

TEST(Memory, OfLearnIsRefusedBeforeItBegins) {
  const TemporaryFolder folder;
  write_social_study(folder / "study", 2);
  const CommandResult result = run_program(
      {"learn", folder / "study", folder / "out", "--memory", "1M", "--log-level", "error"});
  EXPECT_TRUE(fails_with(
      result, 3, {"the memory limit (--memory) of 1.0 MiB is too little", "MiB; give at least"}));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

}  // namespace
}  // namespace sociometer::testing
