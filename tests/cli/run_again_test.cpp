// Studies that are called again: elsewhere, with another model, with volumes at unequal times; and
// what `status` says of them.
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/run_study.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

class RunAgain : public RunStudy {
 protected:
  std::string log(const std::string& out = "out") const {
    return read_bytes(folder / (out + "/logs/sociometer/log.jsonl"));
  }
  void change_model(const std::string& from, const std::string& to) const {
    std::string text = read_bytes(folder / "model.json");
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    write_text(folder / "model.json", text.replace(at, from.size(), to));
  }
};

TEST_F(RunAgain, MovedFoldersStayDone) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  const std::string first = log();
  ASSERT_TRUE(exits_with(run("group", {}, "out/"), 0));
  EXPECT_EQ(log(), first) << "a slash at the end";
  fs::rename(folder / "out", folder / "renamed");
  ASSERT_TRUE(exits_with(run("group", {}, "renamed"), 0));
  EXPECT_EQ(log("renamed"), first) << "another output folder";
  fs::create_directories(folder / "elsewhere");
  fs::rename(folder / "study", folder / "elsewhere/raw");
  const CommandResult moved =
      run_program({"run", folder / "elsewhere/raw", folder / "renamed", "group", "--model",
                   folder / "model.json", "--log-level", "warning", "-j", "2"});
  ASSERT_TRUE(exits_with(moved, 0));
  EXPECT_EQ(log("renamed"), first) << "another place of the dataset";
  EXPECT_NE(read_bytes(folder / "renamed/methods.md").find("of 4 participants"), std::string::npos);
}

TEST_F(RunAgain, ResultsOfAnEarlierModelAreNamedAndRemoved) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  change_model(R"("Name": "dataset")", R"("Name": "people")");
  const CommandResult other = run("group");
  ASSERT_TRUE(exits_with(other, 0));
  EXPECT_NE(other.err.find("--clean"), std::string::npos) << other.err;
  CommandResult status = run_program({"status", folder / "out"});
  EXPECT_TRUE(exits_with(status, 0));
  EXPECT_NE(status.out.find("earlier"), std::string::npos) << status.out;
  EXPECT_NE(status.out.find("2 jobs of an earlier model"), std::string::npos) << status.out;
  EXPECT_TRUE(fails_with(run("participant", {"--clean"}), 2, {"--clean", "group"}));
  ASSERT_TRUE(exits_with(run("group", {"--clean"}), 0));
  EXPECT_FALSE(fs::exists(folder / "out/node-dataset"));
  EXPECT_TRUE(fs::exists(folder / "out/node-people"));
  EXPECT_TRUE(fs::exists(folder / "out/dataset_description.json"));
  status = run_program({"status", folder / "out"});
  EXPECT_EQ(status.out.find("earlier"), std::string::npos) << status.out;
}

TEST_F(RunAgain, CleanKeepsWhatTheGroupAloneDoesNotDoItself) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  const Words before = everything_in(folder / "out/learning");
  ASSERT_FALSE(before.empty());
  const CommandResult result = run("group", {"--skip-participants", "--clean"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_EQ(everything_in(folder / "out/learning"), before);
  EXPECT_EQ(result.err.find("removed"), std::string::npos) << result.err;
  EXPECT_EQ(run_program({"status", folder / "out"}).out.find("earlier"), std::string::npos);
}

TEST_F(RunAgain, StatusEndsWithFiveUntilAllIsDone) {
  fs::resize_file(run_file("03", 2, "_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz"), 1000);
  EXPECT_TRUE(exits_with(run("participant"), 5));
  const CommandResult failed = run_program({"status", folder / "out", "--short"});
  EXPECT_TRUE(exits_with(failed, 5));
  EXPECT_EQ(failed.out, "jobs planned so far: 4 done, 1 failed\n");
  // As if the call had been killed.
  write_text(folder / "out/logs/sociometer/call.open", "");
  fs::remove(folder / "out/logs/sociometer/results/learn.json");
  const CommandResult stopped = run_program({"status", folder / "out", "--short"});
  EXPECT_TRUE(exits_with(stopped, 5));
  EXPECT_NE(stopped.out.find("1 waiting; no job is running"), std::string::npos) << stopped.out;
}

/// The sessions' models of the social study, with a Subject node.
std::string with_sessions(const std::string& subject) {
  std::string model = social_model();
  const size_t start = model.find(R"({"Level": "Subject")"),
               end = model.find(R"({"Level": "Dataset")");
  return model.replace(
      start, end - start,
      R"({"Level": "Session", "Name": "session", "GroupBy": ["session", "subject", "contrast"],
       "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}},
      )" + subject +
          ", ");
}

std::vector<double> map_of(const std::string& path) {
  const Eigen::MatrixXd values = read_nifti(path).values;
  return {values.data(), values.data() + values.size()};
}

TEST_F(RunAgain, SessionsAreComparedWithinAPerson) {
  make_sessions(folder / "study");
  write_text(folder / "model.json", with_sessions(R"({"Level": "Subject", "Name": "subject",
      "GroupBy": ["subject", "contrast"], "Model": {"Type": "glm", "X": ["session"]},
      "Contrasts": [{"Name": "change", "ConditionList": ["session.2", "session.1"],
                     "Weights": [1, -1], "Test": "t"}]})"));
  ASSERT_TRUE(exits_with(run("group"), 0));
  const std::string stem = "task-social_space-MNI152NLin2009cAsym_contrast-";
  const auto session = [&](int s, const std::string& stat) {
    return map_of(folder /
                  fmt::format("out/node-session/sub-01/ses-{0}/sub-01_ses-{0}_{1}rank_stat-"
                              "{2}_statmap.nii.gz",
                              s, stem, stat));
  };
  const auto change = [&](const std::string& stat) {
    return map_of(folder /
                  fmt::format("out/node-subject/sub-01/sub-01_{}rankChange_stat-{}_statmap."
                              "nii.gz",
                              stem, stat));
  };
  const auto effect = change("effect"), variance = change("variance");
  const auto one = session(1, "effect"), two = session(2, "effect");
  const auto v1 = session(1, "variance"), v2 = session(2, "variance");
  size_t n = 0;
  for (size_t v = 0; v < effect.size(); ++v) {
    if (!std::isfinite(effect[v])) continue;
    EXPECT_NEAR(effect[v], two[v] - one[v], 1e-4 * (std::abs(one[v]) + std::abs(two[v])));
    EXPECT_NEAR(variance[v], v1[v] + v2[v], 1e-4 * (v1[v] + v2[v]));
    ++n;
  }
  EXPECT_GT(n, 50u);
  EXPECT_TRUE(fs::exists(
      folder / ("out/node-dataset/" + stem + "rankChange_desc-intercept_stat-t_statmap.nii.gz")));
}

TEST_F(RunAgain, VolumesAtUnequalTimesAreFittedAtTheirTimes) {
  // Every image is said to have a gap of 20 s after its 100th volume, and events wait for it.
  for (const auto& path : everything_in(folder / "study")) {
    const std::string file = folder / ("study/" + path);
    if (path.ends_with("_desc-preproc_bold.json")) {
      const std::string image = file.substr(0, file.size() - 5) + ".nii.gz";
      Json json = read_json(file);
      json.erase("RepetitionTime");
      for (long i = 0; i < long(read_nifti_header(image).n_volumes); ++i)
        json["VolumeTiming"].push_back(2. * double(i) + (i >= 100 ? 20. : 0.));
      write_text(file, json.dump());
    }
  }
  const CommandResult result = run("participant");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("VolumeTiming"), std::string::npos) << result.err;
  const Json sidecar = read_json(folder /
                                 "out/node-subject/sub-01/sub-01_task-social_space-"
                                 "MNI152NLin2009cAsym_contrast-rank_stat-t_statmap.json");
  const Json timing = sidecar["Runs"][0]["VolumeTiming"];
  EXPECT_EQ(timing["Gaps"], 1);
  EXPECT_EQ(timing["ShortestDistance"], 2);
  EXPECT_NE(timing["SerialCorrelation"].get<std::string>().find("approximate"), std::string::npos);
  EXPECT_FALSE(sidecar["Runs"][0].contains("RepetitionTime"));
  change_model(R"("NoiseModel": "ar1")", R"("NoiseModel": "spm-fast")");
  const CommandResult fast = run("participant", {}, "fast");
  EXPECT_TRUE(exits_with(fast, 3));
  EXPECT_NE(fast.err.find("spm-fast assumes equally spaced volumes"), std::string::npos)
      << fast.err;
}

TEST_F(RunAgain, WhatCanBeKnownIsRefusedBeforeAnyJob) {
  const auto refused = [&](const std::string& from, const std::string& to, const Words& words) {
    const std::string model = read_bytes(folder / "model.json");
    change_model(from, to);
    EXPECT_TRUE(fails_with(run("group"), 3, words));
    EXPECT_FALSE(fs::exists(folder / "out"));
    write_text(folder / "model.json", model);
  };
  refused(R"("NoiseModel": "ar1")", R"("NoiseModel": "ar1", "SmoothingFwhm": -8)",
          {"SmoothingFwhm is -8", "/Nodes/0/"});
  refused(R"("Name": "rank", "ConditionList")",
          "\"Name\": \"" + std::string(240, 'r') + R"(", "ConditionList")",
          {"at most 255", "shorter"});
  refused(R"("Name": "dataset", "GroupBy": ["contrast"],
   "Model": {"Type": "glm", "X": [1])",
          R"("Name": "dataset", "GroupBy": ["contrast"],
   "Model": {"Type": "glm", "X": [1, "shoe_size"])",
          {"shoe_size", "participants.tsv", "'dataset'"});
  EXPECT_TRUE(fails_with(run("group", {"--smoothing-fwhm", "-8"}), 2, {"--smoothing-fwhm", "-8"}));
  EXPECT_TRUE(fails_with(run("group", {"--task", "rest"}), 2, {"--task", "rest", "social"}));
  // Signals without learning models.
  refused(R"(, "Learners": ["hybrid"])", "", {"outcome_update", "Learners"});
  fs::remove(folder / "study/participants.tsv");
  refused(R"("X": [1], "Software")", R"("X": [1, "social_anxiety"], "Software")",
          {"social_anxiety", "no participants.tsv"});
}

TEST_F(RunAgain, TakesOptionsAsOtherAppsSpellThem) {
  const Words theirs{"--nprocs",
                     "1",
                     "--mem-mb",
                     "4000",
                     "-w",
                     "work",
                     "--notrack",
                     "-v",
                     "--omp-nthreads",
                     "1",
                     "--smoothing",
                     "5:run:iso",
                     "--skip_bids_validation",
                     "--participant_label",
                     "01"};
  ASSERT_TRUE(exits_with(run("participant", theirs), 0));
  const Json sidecar = read_json(folder /
                                 "out/node-subject/sub-01/sub-01_task-social_space-"
                                 "MNI152NLin2009cAsym_contrast-rank_stat-t_statmap.json");
  EXPECT_EQ(sidecar["SmoothingFWHM"], (Json{5, 5, 5}));
  EXPECT_TRUE(fails_with(run("participant", {"--smoothing", "5:subject"}), 2, {"5:run:iso"}));
  EXPECT_TRUE(fails_with(run("participant", {"--drift-model", "cosine"}), 2,
                         {"Software.Sociometer.Drift"}));
}

TEST_F(RunAgain, ADryRunForeseesWhatAnotherContrastRedoes) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  const auto lines_with = [](const CommandResult& result, const std::string& words) {
    size_t n = 0;
    for (size_t at = 0; (at = result.out.find(words, at)) != std::string::npos; ++at) ++n;
    return n;
  };
  CommandResult plan = run("group", {"--dry-run"});
  ASSERT_TRUE(exits_with(plan, 0));
  EXPECT_EQ(lines_with(plan, "to do"), 0u) << plan.out;
  change_model(R"("Name": "rank", "ConditionList")", R"("Name": "ranks", "ConditionList")");
  plan = run("group", {"--dry-run"});
  const size_t foreseen = lines_with(plan, "to do");
  const std::string before = log();
  ASSERT_TRUE(exits_with(run("group"), 0));
  EXPECT_EQ(lines_with({0, log().substr(before.size()), ""}, "\"started\""), foreseen) << plan.out;
  EXPECT_GE(foreseen, 4u);
}

TEST_F(RunAgain, SkippedParticipantsOfAnotherModelAreReported) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  EXPECT_EQ(run("group", {"--skip-participants"}).err.find("not of this model"), std::string::npos);
  change_model(R"("trans_?", 1)", R"("trans_x", 1)");
  const CommandResult other = run("group", {"--skip-participants"});
  EXPECT_TRUE(exits_with(other, 0));
  EXPECT_NE(other.err.find("4 of 4 first levels on record are not of this model"),
            std::string::npos)
      << other.err;
}

TEST_F(RunAgain, AGroupOfSomeNamesTheOthers) {
  ASSERT_TRUE(exits_with(run("participant"), 0));
  const CommandResult some = run("group", {"--participant-label", "01", "02", "03"});
  EXPECT_TRUE(exits_with(some, 0));
  EXPECT_NE(some.err.find("the group is of the 3 participants asked for; results of 1 more"),
            std::string::npos)
      << some.err;
}

TEST_F(RunAgain, WarningsOfJobsAreAnnounced) {
  const CommandResult result = run("group");
  ASSERT_TRUE(exits_with(result, 0));
  // Four people are few for random fields.
  EXPECT_NE(result.err.find(" of 7 jobs gave warnings; the first, of "), std::string::npos)
      << result.err;
  EXPECT_NE(
      result.err.find("all of them: " + folder.path().string() + "/out/logs/sociometer/messages"),
      std::string::npos)
      << result.err;
}

TEST_F(RunAgain, WhatPeopleAreIsReadOnce) {
  const std::string people = folder / "study/participants.tsv";
  write_text(people, read_bytes(people) + "sub-02\t60\t1\t1\n");
  EXPECT_TRUE(fails_with(run("group"), 3, {"participants.tsv, line 6", "a second row of sub-02"}));
}

TEST_F(RunAgain, SeveralSpacesAndTasksAreNotMixedSilently) {
  EXPECT_TRUE(fails_with(run("participant", {"--space", "MNI152NLin2009cAsym", "T1w"}), 2,
                         {"--space names 2 spaces", "give one"}));
  // The second run becomes another task.
  for (const auto& path : everything_in(folder / "study")) {
    const size_t at = path.find("task-social_run-2");
    const std::string file = folder / ("study/" + path);
    if (at == std::string::npos || !fs::is_regular_file(file)) continue;
    std::string other = path;
    fs::rename(file, folder / ("study/" + other.replace(at, 17, "task-other_run-2")));
  }
  change_model(R"("Input": {"task": ["social"]},)", R"("Input": {},)");
  const CommandResult both = run("participant", {"--dry-run"});
  EXPECT_NE(both.err.find("node 'subject' takes runs of 2 tasks together (other, social)"),
            std::string::npos)
      << both.err;
}

}  // namespace
}  // namespace sociometer::testing
