#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// A model of the social study: both signals at Run, fixed effects, a group, the dissociation.
std::string social_model(const std::string& group_settings = "{}") {
  return R"({"Name": "dissociation", "BIDSModelVersion": "1.0.0", "Input": {"task": ["social"]},
 "Nodes": [
  {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
   "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
     {"Name": "Factor", "Input": ["trial_type"]},
     {"Name": "Scale", "Input": ["outcome_update", "rank_update_unsigned"], "Demean": true,
      "Rescale": false, "ReplaceNA": "after", "Output": ["outcome", "rank"]},
     {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.*", "outcome", "rank"]}]},
   "Model": {"Type": "glm", "X": ["trial_type.*", "outcome", "rank", "trans_?", 1],
     "Software": {"Sociometer": {"NoiseModel": "ar1", "Learners": ["hybrid"]}}},
   "Contrasts": [
     {"Name": "outcome", "ConditionList": ["outcome"], "Weights": [1], "Test": "t"},
     {"Name": "rank", "ConditionList": ["rank"], "Weights": [1], "Test": "t"}]},
  {"Level": "Subject", "Name": "subject", "GroupBy": ["subject", "contrast"],
   "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}},
  {"Level": "Dataset", "Name": "dataset", "GroupBy": ["contrast"],
   "Model": {"Type": "glm", "X": [1], "Software": {"Sociometer": )" +
         group_settings + R"(}}, "DummyContrasts": {"Test": "t"}}]})";
}

/// Four simulated people with two runs each.
class RunStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(
        exits_with(run_program({"simulate", folder / "study", "--participants", "4", "--trials",
                                "30", "--grid", "tiny", "--log-level", "error"}),
                   0));
    write_text(folder / "model.json", social_model());
  }
  CommandResult run(const std::string& level, const Words& more = {},
                    const std::string& out = "out") const {
    Words words{
        "run",         folder / "study", folder / out, level, "--model", folder / "model.json",
        "--log-level", "warning",        "-j",         "2"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
  std::string run_file(const std::string& sub, int run, const std::string& ending) const {
    return folder /
           fmt::format("study/derivatives/fmriprep/sub-{0}/func/sub-{0}_task-social_run-{1}{2}",
                       sub, run, ending);
  }
  TemporaryFolder folder;
};

std::vector<double> volume_of(const std::string& path) {
  const Eigen::MatrixXd values = read_nifti(path).values;
  return {values.data(), values.data() + values.size()};
}

constexpr const char* kImage = "_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz";
constexpr const char* kStem = "_task-social_space-MNI152NLin2009cAsym_contrast-rank_";

TEST_F(RunStudy, EqualsTheSameStepsByHand) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  Words maps;
  for (const std::string sub : {"01", "02", "03", "04"}) {
    Words fit{"fit", "--bold", run_file(sub, 1, kImage), run_file(sub, 2, kImage), "--events"};
    for (int r : {1, 2})
      fit.push_back(folder /
                    fmt::format("out/learning/sub-{0}/func/sub-{0}_task-social_run-{1}_desc-"
                                "signals_events.tsv",
                                sub, r));
    for (const std::string& word :
         {std::string("--confounds"), run_file(sub, 1, "_desc-confounds_timeseries.tsv"),
          run_file(sub, 2, "_desc-confounds_timeseries.tsv"), std::string("--confound-columns"),
          std::string("trans_?"), std::string("--modulators"),
          std::string("feedback:outcome_update,rank_update_unsigned"), std::string("--noise-model"),
          std::string("ar1"), std::string("--contrast"),
          std::string("rank=feedback:rank_update_unsigned"), std::string("--log-level"),
          std::string("error"), std::string("-o"), folder / "hand"})
      fit.push_back(word);
    ASSERT_TRUE(exits_with(run_program(fit), 0));
    for (const char* stat : {"effect", "variance", "t"}) {
      const std::string name =
          fmt::format("sub-{0}/sub-{0}{1}stat-{2}_statmap.nii.gz", sub, kStem, stat);
      const auto hand = volume_of(folder / ("hand/" + name)),
                 study = volume_of(folder / ("out/node-subject/" + name));
      ASSERT_EQ(hand.size(), study.size());
      size_t n = 0;
      for (size_t v = 0; v < hand.size(); ++v) {
        if (!std::isfinite(hand[v])) continue;
        // The columns stand in another order.
        EXPECT_NEAR(study[v], hand[v], 1e-5 * (std::abs(hand[v]) + 1)) << name << " voxel " << v;
        ++n;
      }
      EXPECT_GT(n, 50u) << name;
    }
    maps.push_back(
        folder /
        fmt::format("out/node-subject/sub-{0}/sub-{0}{1}stat-effect_statmap.nii.gz", sub, kStem));
  }
  Words group{"group", "--effects"};
  group.insert(group.end(), maps.begin(), maps.end());
  for (const std::string& word :
       {std::string("--log-level"), std::string("error"), std::string("-o"), folder / "group"})
    group.push_back(word);
  ASSERT_TRUE(exits_with(run_program(group), 0));
  const std::string t =
      "task-social_space-MNI152NLin2009cAsym_contrast-rank_desc-intercept_stat-t_statmap.nii.gz";
  EXPECT_EQ(read_bytes(folder / ("out/node-dataset/" + t)), read_bytes(folder / ("group/" + t)));
}

TEST_F(RunStudy, WhatIsDoneIsNotDoneAgainAndWhatChangedIs) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  const std::string log = folder / "out/logs/sociometer/log.jsonl";
  const std::string first = read_bytes(log);
  ASSERT_TRUE(exits_with(run("group"), 0));
  EXPECT_EQ(read_bytes(log), first) << "no job starts again";
  // A new time alone changes nothing; new content does, and what depends on it is done again.
  const std::string confounds = run_file("02", 1, "_desc-confounds_timeseries.tsv");
  const std::string before = read_bytes(confounds);
  write_text(confounds, before);
  ASSERT_TRUE(exits_with(run("group"), 0));
  EXPECT_EQ(read_bytes(log), first);
  std::string changed = before;
  const size_t digit = changed.find_last_of("123456789");
  changed[digit] = changed[digit] == '9' ? '1' : char(changed[digit] + 1);
  write_text(confounds, changed);
  ASSERT_TRUE(exits_with(run("group"), 0));
  const std::string more = read_bytes(log).substr(first.size());
  EXPECT_NE(more.find("fit_node-subject_sub-02"), std::string::npos) << more;
  EXPECT_EQ(more.find("fit_node-subject_sub-01"), std::string::npos) << more;
  EXPECT_EQ(more.find("\"learn\""), std::string::npos) << more;
}

TEST_F(RunStudy, OneParticipantsFailureStopsNobodyElse) {
  fs::resize_file(run_file("03", 2, kImage), 1000);
  const CommandResult result = run("group");
  EXPECT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.err.find("sub-03"), std::string::npos) << result.err;
  const std::string failures = read_bytes(folder / "out/logs/sociometer/failures.tsv");
  EXPECT_NE(failures.find("sub-03\tfailed"), std::string::npos) << failures;
  EXPECT_NE(failures.find("truncated"), std::string::npos) << failures;
  EXPECT_FALSE(fs::exists(folder / "out/node-subject/sub-03"));
  const Json group = read_json(folder /
                               "out/node-dataset/task-social_space-MNI152NLin2009cAsym_"
                               "contrast-rank_desc-intercept_stat-t_statmap.json");
  EXPECT_NE(group.dump().find("sub-04"), std::string::npos);
  EXPECT_EQ(group.dump().find("sub-03"), std::string::npos);
  const CommandResult status = run_program({"status", folder / "out"});
  EXPECT_NE(status.out.find("failed"), std::string::npos) << status.out;
}

TEST_F(RunStudy, ParticipantsByThemselvesThenTheGroup) {
  ASSERT_TRUE(exits_with(run("group", {}, "whole"), 0));
  for (const char* sub : {"sub-02", "01", "04", "03"})
    ASSERT_TRUE(exits_with(run("participant", {"--participant-label", sub}), 0));
  ASSERT_TRUE(exits_with(run("group", {"--skip-participants"}), 0));
  EXPECT_TRUE(same_files(folder / "whole/node-dataset", folder / "out/node-dataset", ".nii.gz"));
  EXPECT_TRUE(same_files(folder / "whole/node-subject", folder / "out/node-subject", ".nii.gz"));
}

TEST_F(RunStudy, ShardsGiveTheSameBytes) {
  write_text(folder / "model.json", social_model(R"({"Permutations": 60, "Statistic": ["tfce"]})"));
  ASSERT_TRUE(exits_with(run("group", {}, "whole"), 0));
  ASSERT_TRUE(exits_with(run("group", {"--shards", "3"}), 0));
  EXPECT_TRUE(same_files(folder / "whole/node-dataset", folder / "out/node-dataset", ".nii.gz"));
}

TEST_F(RunStudy, DryRunShowsThePlanAndWritesNothing) {
  const CommandResult result = run("participant", {"--dry-run"});
  EXPECT_FALSE(fs::exists(folder / "out"));
  // The signals of trials come from a job that a dry run does not do.
  EXPECT_NE(result.out.find("learn"), std::string::npos) << result.out << result.err;
}

TEST_F(RunStudy, RefusesBeforeAnythingRuns) {
  const auto refused = [&](const Words& more, int code, const Words& words) {
    EXPECT_TRUE(fails_with(run("participant", more), code, words));
  };
  refused({"--participant-label", "99"}, 3, {"99"});
  refused({"--space", "T1w"}, 3, {"T1w", "MNI152NLin2009cAsym"});
  write_text(folder / "model.json", "{\"Name\": ");
  refused({}, 3, {"model.json"});
  EXPECT_TRUE(
      fails_with(run_program({"run", folder / "study", folder / "study", "group"}), 2, {"output"}));
  EXPECT_TRUE(fails_with(run_program({"run", folder / "study", folder / "x", "cohort", "--model",
                                      folder / "model.json"}),
                         2, {"cohort"}));
}

}  // namespace
}  // namespace sociometer::testing
