#include <gtest/gtest.h>

#include "tests/cli/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

class RepetitionTime : public ::testing::Test {
 protected:
  RepetitionTime() { study_.only_one_run(); }
  void write_bold(double pixdim, int time_unit) {
    RawNifti raw = raw_series(kStudySize, study_values(1));
    raw.pixdim[4] = pixdim;
    raw.xyzt_units = 2 + time_unit;
    write_text(study_.bold[0], gzipped(raw.file()));
  }
  /// Fits and checks the TR recorded in the sidecar.
  ::testing::AssertionResult is_used(double tr_s, const Words& more, const std::string& out) {
    Words all = more;
    all.insert(all.end(), {"--contrast", "a"});
    const auto done = exits_with(study_.fit(all, out), 0);
    if (!done) return done;
    const Json run = read_json(study_ / out + "/estimates.json")["Runs"][0];
    return close_number(run["RepetitionTime"].get<double>(), tr_s, 1e-12);
  }
  void write_sidecar(const std::string& text) { write_text(study_ / "run-1_bold.json", text); }
  Study study_;
};

TEST_F(RepetitionTime, InMillisecondsOfTheHeaderEqualsSeconds) {
  EXPECT_TRUE(is_used(2, {}, "seconds"));
  write_bold(2000, 16);
  EXPECT_TRUE(is_used(2, {}, "milliseconds"));
  EXPECT_TRUE(same_files(study_ / "seconds", study_ / "milliseconds", "_statmap.nii.gz"));
}

TEST_F(RepetitionTime, OfTheSidecarComesBeforeTheHeader) {
  write_sidecar(R"({"RepetitionTime": 1.5})");
  EXPECT_TRUE(is_used(1.5, {}, "sidecar"));
  EXPECT_TRUE(is_used(2.5, {"--tr", "2.5"}, "option"));
  EXPECT_FALSE(same_files(study_ / "sidecar", study_ / "option", "_statmap.nii.gz"));
}

TEST_F(RepetitionTime, OfSidecarAndHeaderThatDifferIsWarnedOf) {
  write_sidecar(R"({"RepetitionTime": 1.5})");
  Words words = study_.arguments({});
  words[2] = "warning";
  const std::string err = run_program(words).err;
  for (const char* word : {"run-1_bold.nii.gz", "1.5 s", "2 s"})
    EXPECT_NE(err.find(word), std::string::npos) << word << " is not in " << err;
}

TEST_F(RepetitionTime, WithoutUnitIsTakenForSecondsWithAWarning) {
  write_bold(2, 0);
  Words words = study_.arguments({});
  words[2] = "warning";
  const CommandResult result = run_program(words);
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("without a unit"), std::string::npos) << result.err;
}

TEST_F(RepetitionTime, ThatIsStatedNowhereIsAskedFor) {
  write_bold(0, 8);
  EXPECT_TRUE(fails_with(study_.fit({"--contrast", "a"}), 3, {"run-1_bold.nii.gz", "--tr"}));
  EXPECT_TRUE(is_used(2, {"--tr", "2"}, "told"));
}

TEST_F(RepetitionTime, OfADamagedSidecarIsRefusedByName) {
  for (const char* text : {"{", R"({"RepetitionTime": "2"})", R"({"RepetitionTime": 0})",
                           R"({"RepetitionTime": -2})"}) {
    write_sidecar(text);
    EXPECT_TRUE(fails_with(study_.fit({"--contrast", "a"}), 3, {"run-1_bold"})) << text;
  }
}

TEST_F(RepetitionTime, IsNotNeededForAReadyDesign) {
  write_bold(0, 8);
  study_.events.clear();
  write_text(study_ / "design.tsv", ready_design({"x"}, kStudyScans));
  const Words words{"--design", study_ / "design.tsv", "--contrast", "x"};
  const auto with = [&](const Words& more) {
    Words all = words;
    all.insert(all.end(), more.begin(), more.end());
    return study_.fit(all);
  };
  EXPECT_TRUE(exits_with(with({"--noise-model", "ar4-averaged"}), 0));
  // The default's processes have time constants in seconds.
  EXPECT_TRUE(fails_with(with({"--overwrite"}), 3, {"run-1_bold", "mixture", "--tr", "ar1"}));
  EXPECT_TRUE(exits_with(with({"--overwrite", "--tr", "2"}), 0));
}

TEST_F(RepetitionTime, StartTimeOfTheSidecarMovesTheSamples) {
  ASSERT_TRUE(is_used(2, {}, "zero"));
  write_sidecar(R"({"RepetitionTime": 2, "StartTime": 1})");
  ASSERT_TRUE(is_used(2, {}, "half"));
  ASSERT_TRUE(is_used(2, {"--slice-time-ref", "0.5"}, "option"));
  EXPECT_FALSE(same_files(study_ / "zero", study_ / "half", "_statmap.nii.gz"));
  EXPECT_TRUE(same_files(study_ / "option", study_ / "half", "_statmap.nii.gz"));
}

}  // namespace
}  // namespace sociometer::testing
