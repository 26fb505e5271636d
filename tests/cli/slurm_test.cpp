// `run --slurm` with an sbatch that records its arguments and does the tasks at once.
#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/cli/fake_sbatch.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/run_study.hpp"
#include "tests/cli/simulated_study.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kModel =
    R"({"Name": "slurm", "BIDSModelVersion": "1.0.0", "Input": {"task": ["social"]},
 "Nodes": [
  {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
   "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
     {"Name": "Factor", "Input": ["trial_type"]},
     {"Name": "Scale", "Input": ["rank_update_unsigned"], "Demean": true,
      "Rescale": false, "ReplaceNA": "after", "Output": ["rank"]},
     {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.*", "rank"]}]},
   "Model": {"Type": "glm", "X": ["trial_type.*", "rank", "trans_?", 1],
     "Software": {"Sociometer": {"NoiseModel": "ols", "Learners": ["hybrid"]}}},
   "Contrasts": [
     {"Name": "rank", "ConditionList": ["rank"], "Weights": [1], "Test": "t"}]},
  {"Level": "Subject", "Name": "subject", "GroupBy": ["subject", "contrast"],
   "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}},
  {"Level": "Dataset", "Name": "dataset", "GroupBy": ["contrast"],
   "Model": {"Type": "glm", "X": [1], "Software": {"Sociometer":
     {"Permutations": 60, "Statistic": ["voxel"]}}}, "DummyContrasts": {"Test": "t"}}]})";

constexpr const char* kFitOf02 = "fit_node-subject_sub-02_task-social_space-MNI152NLin2009cAsym";

class SlurmStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(simulated_study(folder / "a study", 4));
    write_text(folder / "model.json", kModel);
    fs::create_directories(folder / "slurm/home");
    write_text(folder / "slurm/sbatch", kFakeSbatch);
    fs::permissions(folder / "slurm/sbatch", fs::perms::owner_all);
  }
  Words words(const std::string& out, const std::string& level, const Words& more = {}) const {
    Words all{
        "run",         folder / "a study", folder / out, level, "--model", folder / "model.json",
        "--log-level", "warning",          "-j",         "2"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  CommandResult run_local(const std::string& out, const std::string& level = "group") const {
    return run_program(words(out, level));
  }
  /// The program with the recording sbatch and an empty home.
  CommandResult with_slurm(const Words& all) const {
    return run_program(all, fmt::format("HOME='{0}/home' PATH='{0}':\"$PATH\"", folder / "slurm"));
  }
  CommandResult submit(const Words& more = {}, const std::string& level = "group") const {
    Words all{"--slurm"};
    all.insert(all.end(), more.begin(), more.end());
    return with_slurm(words("out", level, all));
  }
  int n_submitted() const {
    return fs::exists(folder / "slurm/count") ? std::stoi(read_bytes(folder / "slurm/count")) : 0;
  }
  std::string arguments(int job) const {
    return read_bytes(folder / fmt::format("slurm/{}.args", job));
  }
  std::string log() const { return read_bytes(folder / "out/logs/sociometer/log.jsonl"); }
  /// Path of a file in the folder of the only submission.
  std::string of_submission(const std::string& file) const {
    for (const auto& entry : fs::directory_iterator(folder / "out/logs/sociometer/slurm"))
      return (entry.path() / file).string();
    return "";
  }
  TemporaryFolder folder;
};

size_t count_of(const std::string& text, const std::string& word) {
  size_t n = 0;
  for (size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++at) ++n;
  return n;
}

TEST_F(SlurmStudy, GivesTheBytesOfALocalCall) {
  ASSERT_TRUE(exits_with(run_local("local"), 0));
  const CommandResult result =
      submit({"--shards", "3", "--slurm-args", "--partition=short --comment='two words'",
              "--slurm-memory", "3G", "--slurm-array-size", "3"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("Slurm job 1: 1 x learn"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("sociometer status"), std::string::npos) << result.out;
  for (const char* node : {"node-dataset", "node-subject"})
    EXPECT_TRUE(same_files(folder / "local/" + node, folder / "out/" + node, ".nii.gz"));
  EXPECT_TRUE(same_files(folder / "local/node-subject", folder / "out/node-subject", ".tsv"));
  // learn, planner; two arrays of participants, planner; shards, merge, planner.
  EXPECT_EQ(n_submitted(), 8);
  for (const char* word :
       {"--parsable\n", "--requeue\n", "--array=0-2\n", "--cpus-per-task=2\n", "--mem=3072M\n",
        "--partition=short\n", "--comment=two words\n", "--open-mode=append\n", "--time="})
    EXPECT_NE(arguments(3).find(word), std::string::npos) << word << " in " << arguments(3);
  EXPECT_NE(arguments(4).find("--array=0-0\n"), std::string::npos) << arguments(4);
  EXPECT_EQ(arguments(4).find("--dependency"), std::string::npos) << arguments(4);
  EXPECT_NE(arguments(5).find("--dependency=afterany:3:4\n"), std::string::npos) << arguments(5);
  EXPECT_NE(arguments(6).find("--array=0-2\n"), std::string::npos) << arguments(6);
  EXPECT_NE(arguments(7).find("--dependency=afterany:6\n"), std::string::npos) << arguments(7);
  EXPECT_NE(arguments(8).find("--dependency=afterany:6:7\n"), std::string::npos) << arguments(8);
  EXPECT_EQ(everything_in(folder / "slurm/home"), Words{});
  for (const auto& [file, record] : {std::pair{"call.json", "slurm-call"},
                                     {"group.json", "slurm-stage"},
                                     {"end.json", "slurm-end"}})
    EXPECT_EQ(read_json(of_submission(file))["Record"], fmt::format("sociometer/{} 1", record));
  const CommandResult status = run_program({"status", folder / "out"});
  EXPECT_TRUE(exits_with(status, 0));
  EXPECT_NE(status.out.find("ended at"), std::string::npos) << status.out;
}

TEST_F(SlurmStudy, AnySchedulerCanDoTheJobsOfEachStage) {
  ASSERT_TRUE(exits_with(run_local("local"), 0));
  for (const size_t n_jobs : {1, 4, 1, 0}) {
    const CommandResult listed = run_program(words("out", "group", {"--list-jobs"}));
    ASSERT_TRUE(exits_with(listed, 0));
    EXPECT_EQ(count_of(listed.out, ".json\n"), n_jobs) << listed.out;
    std::istringstream files(listed.out);
    for (std::string file; std::getline(files, file);)
      ASSERT_TRUE(exits_with(run_program({"run", "--job", file, "-q", "-j", "1"}), 0));
  }
  for (const char* node : {"node-dataset", "node-subject"})
    EXPECT_TRUE(same_files(folder / "local/" + node, folder / "out/" + node, ".nii.gz"));
}

TEST_F(SlurmStudy, WhatIsDoneIsNotSubmittedAgain) {
  ASSERT_TRUE(exits_with(submit(), 0));
  const int n = n_submitted();
  const std::string first = log();
  ASSERT_TRUE(exits_with(submit(), 0));
  EXPECT_EQ(n_submitted(), n);
  ASSERT_TRUE(exits_with(run_local("out"), 0));
  EXPECT_EQ(log(), first) << "a local call does none of it again either";
  ASSERT_TRUE(exits_with(submit({"--overwrite"}), 0));
  EXPECT_EQ(n_submitted(), 2 * n);
  EXPECT_EQ(count_of(log(), "\"started\""), 2 * count_of(first, "\"started\""));
}

TEST_F(SlurmStudy, RequeuedTasksAndPlannersDoNothingTwice) {
  write_text(folder / "slurm/twice", "");
  ASSERT_TRUE(exits_with(submit(), 0));
  // learn, four fits, one group.
  EXPECT_EQ(count_of(log(), "\"started\""), 6u) << log();
  const int n = n_submitted();
  for (const char* stage : {"learning.json", "participants.json"})
    EXPECT_TRUE(exits_with(with_slurm({"run", "--slurm-continue", of_submission(stage)}), 0));
  EXPECT_EQ(n_submitted(), n);
  EXPECT_EQ(count_of(log(), "\"started\""), 6u) << log();
}

TEST_F(SlurmStudy, PlannersRefuseACallOfANewerVersion) {
  ASSERT_TRUE(exits_with(submit(), 0));
  std::string call = read_bytes(of_submission("call.json"));
  const std::string version = "sociometer/slurm-call 1";
  ASSERT_NE(call.find(version), std::string::npos) << call;
  call.replace(call.find(version), version.size(), "sociometer/slurm-call 2");
  write_text(of_submission("call.json"), call);
  EXPECT_TRUE(fails_with(with_slurm({"run", "--slurm-continue", of_submission("learning.json")}), 3,
                         {"call.json", "slurm-call"}));
}

TEST_F(SlurmStudy, ATaskThatIsKilledFailsByNameAndIsDoneByTheNextCall) {
  ASSERT_TRUE(exits_with(run_local("local"), 0));
  write_text(folder / "slurm/lost", std::string(kFitOf02) + "\n");
  EXPECT_TRUE(exits_with(submit({"--slurm-wait"}), 5));
  const std::string failures = read_bytes(folder / "out/logs/sociometer/failures.tsv");
  EXPECT_NE(failures.find("sub-02\tfailed"), std::string::npos) << failures;
  EXPECT_NE(failures.find("DUE TO TIME LIMIT"), std::string::npos) << failures;
  EXPECT_TRUE(fs::exists(folder / "out/node-dataset"));
  const CommandResult status = run_program({"status", folder / "out"});
  EXPECT_TRUE(exits_with(status, 5));
  EXPECT_NE(status.out.find("DUE TO TIME LIMIT"), std::string::npos) << status.out;
  fs::remove(folder / "slurm/lost");
  const int n = n_submitted();
  ASSERT_TRUE(exits_with(submit({"--slurm-wait"}), 0));
  EXPECT_NE(arguments(n + 1).find("--array=0-0\n"), std::string::npos) << arguments(n + 1);
  EXPECT_TRUE(same_files(folder / "local/node-dataset", folder / "out/node-dataset", ".nii.gz"));
}

TEST_F(SlurmStudy, ABrokenParticipantStopsNobodyElse) {
  fs::resize_file(folder / fmt::format("a study/derivatives/fmriprep/sub-03/func/sub-03_task-social"
                                       "_run-2_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz"),
                  1000);
  ASSERT_TRUE(exits_with(run_local("local"), 5));
  EXPECT_TRUE(exits_with(submit({"--slurm-wait"}), 5));
  EXPECT_TRUE(same_files(folder / "local/node-dataset", folder / "out/node-dataset", ".nii.gz"));
  EXPECT_TRUE(same_files(folder / "local/node-subject", folder / "out/node-subject", ".nii.gz"));
  const std::string failures = read_bytes(folder / "out/logs/sociometer/failures.tsv");
  EXPECT_NE(failures.find("sub-03\tfailed"), std::string::npos) << failures;
  EXPECT_NE(failures.find("truncated"), std::string::npos) << failures;
}

TEST_F(SlurmStudy, AFailingSessionOfTrialsStopsNobodyElse) {
  make_sessions(folder / "a study");
  std::string model = kModel;
  const std::string learners = R"("Learners": ["hybrid"])";
  model.replace(model.find(learners), learners.size(),
                learners + R"(, "Trials": "lss", "TrialTypes": ["feedback"])");
  write_text(folder / "model.json", model);
  const std::string image =
      folder /
      "a study/derivatives/fmriprep/sub-03/ses-2/func/sub-03_ses-2_task-social_space-"
      "MNI152NLin2009cAsym_desc-preproc_bold.nii.gz";
  const std::string whole = read_bytes(image);
  fs::resize_file(image, 1000);
  ASSERT_TRUE(exits_with(run_local("local", "participant"), 5));
  EXPECT_TRUE(exits_with(submit({"--slurm-wait"}, "participant"), 5));
  const std::string trials = "/node-run/trials";
  EXPECT_TRUE(fs::exists(folder / ("out" + trials + "/sub-04")));
  EXPECT_FALSE(fs::exists(folder / ("out" + trials + "/sub-03")));
  for (const char* ending : {".nii.gz", ".tsv"})
    EXPECT_TRUE(same_files(folder / ("local" + trials), folder / ("out" + trials), ending));
  const std::string failures = read_bytes(folder / "out/logs/sociometer/failures.tsv");
  EXPECT_NE(failures.find("trials_node-run_sub-03"), std::string::npos) << failures;
  EXPECT_EQ(failures.find("sub-04"), std::string::npos) << failures;
  EXPECT_NE(failures.find("ses-2"), std::string::npos) << failures;
  EXPECT_TRUE(exits_with(run_program({"status", folder / "out"}), 5));
  // Once the image is whole, what it stopped is done, and nothing else.
  write_text(image, whole);
  const std::string before = log();
  EXPECT_TRUE(exits_with(submit({"--slurm-wait"}, "participant"), 0));
  const std::string more = log().substr(before.size());
  EXPECT_NE(more.find("trials_node-run_sub-03"), std::string::npos) << more;
  EXPECT_EQ(more.find("sub-04"), std::string::npos) << more;
  EXPECT_TRUE(fs::exists(folder / ("out" + trials + "/sub-03")));
}

TEST_F(SlurmStudy, WhatFollowsALostJobFailsWithoutBeingStarted) {
  write_text(folder / "slurm/lost", "learn\n");
  const CommandResult result = submit({"--slurm-wait"}, "participant");
  EXPECT_EQ(result.exit_code, 3) << result.err;
  EXPECT_NE(result.err.find("learn"), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(folder / "out/node-subject"));
  const CommandResult status = run_program({"status", folder / "out"});
  EXPECT_TRUE(exits_with(status, 5));
  EXPECT_NE(status.out.find("failed at"), std::string::npos) << status.out;
}

TEST_F(SlurmStudy, AsksForWhatEarlierJobsTook) {
  ASSERT_TRUE(
      exits_with(run_program(words("out", "participant", {"--participant-label", "01"})), 0));
  const CommandResult result = submit({}, "participant");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("3 x fit"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("(measured)"), std::string::npos) << result.out;
  EXPECT_NE(arguments(1).find("--array=0-2\n"), std::string::npos) << arguments(1);
  // The least that is asked for, not the estimate of an hour.
  EXPECT_NE(arguments(1).find("--time=10\n"), std::string::npos) << arguments(1);
}

TEST_F(SlurmStudy, ReportsWhatSlurmObjectsTo) {
  write_text(folder / "slurm/refuse", "3");
  // The planner finds that no further job is taken.
  const CommandResult result = submit({"--slurm-wait"});
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_NE(result.err.find("invalid partition specified: moon"), std::string::npos) << result.err;
  write_text(folder / "slurm/refuse", "0");
  EXPECT_TRUE(fails_with(submit(), 2, {"sbatch", "invalid partition specified: moon"}));
}

TEST_F(SlurmStudy, RefusesBeforeAnythingIsSubmitted) {
  EXPECT_TRUE(fails_with(run_program(words("out", "group", {"--slurm"}), "PATH=/nowhere"), 2,
                         {"sbatch", "sociometer run --job"}));
  EXPECT_TRUE(fails_with(submit({"--slurm-args", "--array=0-3"}), 2, {"--array"}));
  EXPECT_TRUE(fails_with(submit({"--slurm-args", "--comment='a"}), 2, {"quote"}));
  EXPECT_TRUE(fails_with(submit({"--slurm-time", "soon"}), 2, {"--slurm-time", "soon"}));
  EXPECT_TRUE(fails_with(submit({"--slurm-array-size", "0"}), 2, {"--slurm-array-size"}));
  EXPECT_TRUE(fails_with(submit({"--memory", "4G"}), 2, {"--slurm-memory"}));
  EXPECT_TRUE(fails_with(with_slurm(words("out", "group", {"--slurm-wait"})), 2, {"need --slurm"}));
  EXPECT_TRUE(fails_with(submit({"--participant-label", "99"}), 3, {"99"}));
  EXPECT_EQ(n_submitted(), 0);
  EXPECT_FALSE(fs::exists(folder / "out"));
}

}  // namespace
}  // namespace sociometer::testing
