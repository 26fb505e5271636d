#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/run_study.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

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

TEST_F(RunStudy, SingleTrialsOfAModelEqualTrialsByHand) {
  std::string model = social_model();
  const std::string learners = R"("Learners": ["hybrid"])";
  model.replace(model.find(learners), learners.size(),
                learners + R"(, "Trials": "lss", "TrialTypes": ["feedback"],
                "TrialAverageBy": ["chosen"], "TrialVariance": true)");
  write_text(folder / "model.json", model);
  ASSERT_TRUE(exits_with(run("participant", {"--participant-label", "01", "02"}), 0));
  Words trials{"trials", "--bold", run_file("01", 1, kImage), run_file("01", 2, kImage),
               "--events"};
  for (int r : {1, 2})
    trials.push_back(folder / fmt::format("out/learning/sub-01/func/sub-01_task-social_run-{}_desc-"
                                          "signals_events.tsv",
                                          r));
  for (const std::string& word :
       {std::string("--confounds"), run_file("01", 1, "_desc-confounds_timeseries.tsv"),
        run_file("01", 2, "_desc-confounds_timeseries.tsv"), std::string("--confound-columns"),
        std::string("trans_?"), std::string("--modulators"),
        std::string("feedback:outcome_update,rank_update_unsigned"), std::string("--noise-model"),
        std::string("ar1"), std::string("--trial-types"), std::string("feedback"),
        std::string("--average-by"), std::string("chosen"), std::string("--variance"),
        std::string("--log-level"), std::string("error"), std::string("-o"), folder / "hand"})
    trials.push_back(word);
  ASSERT_TRUE(exits_with(run_program(trials), 0));
  const std::string stem = "sub-01/sub-01_task-social_space-MNI152NLin2009cAsym_";
  for (const char* stat : {"effect", "variance"}) {
    const std::string name = stem + "desc-trials_stat-" + stat + "_statmap.nii.gz";
    const auto hand = volume_of(folder / ("hand/" + name)),
               study = volume_of(folder / ("out/node-run/trials/" + name));
    ASSERT_EQ(hand.size(), study.size());
    size_t n = 0;
    for (size_t v = 0; v < hand.size(); ++v) {
      if (!std::isfinite(hand[v])) continue;
      EXPECT_NEAR(study[v], hand[v], 1e-5 * (std::abs(hand[v]) + 1)) << name << " value " << v;
      ++n;
    }
    EXPECT_GT(n, 1000u) << name;
  }
  const Table by_hand = read_table(folder / ("hand/" + stem + "trials.tsv")),
              of_study = read_table(folder / ("out/node-run/trials/" + stem + "trials.tsv"));
  ASSERT_EQ(of_study.rows.size(), by_hand.rows.size());
  const auto type = size_t(of_study.find("trial_type"));
  for (const auto& row : of_study.rows) EXPECT_EQ(row[type], "feedback");
  EXPECT_NE(
      read_bytes(folder / "out/methods.md")
          .find("an amplitude was estimated for each trial of feedback of 2 participants by "
                "least squares, separate (Mumford et al., 2012), with the noise model 'ar1'."),
      std::string::npos)
      << read_bytes(folder / "out/methods.md");
  // A second call does nothing.
  const std::string log = folder / "out/logs/sociometer/log.jsonl";
  const std::string first = read_bytes(log);
  ASSERT_TRUE(exits_with(run("participant", {"--participant-label", "01", "02"}), 0));
  EXPECT_EQ(read_bytes(log), first);
  // Another choice of trials does the trials again, and no first level.
  const std::string variance = R"(, "TrialVariance": true)";
  model.erase(model.find(variance), variance.size());
  write_text(folder / "model.json", model);
  ASSERT_TRUE(exits_with(run("participant", {"--participant-label", "01", "02"}), 0));
  const std::string more = read_bytes(log).substr(first.size());
  EXPECT_NE(more.find("trials_node-run_sub-01"), std::string::npos) << more;
  EXPECT_EQ(more.find("fit_node"), std::string::npos) << more;
}

TEST_F(RunStudy, MistakesAboutTrialsAreRefusedBeforeAnyJob) {
  const std::string learners = R"("Learners": ["hybrid"])";
  using Case = std::pair<std::string, std::string>;
  for (const auto& [settings, part] :
       {Case{R"("TrialTypes": ["fedback"])", "trial type 'fedback' is no column of events"},
        Case{R"("TrialTypes": ["feedback"], "TrialAverageBy": ["nobody"])", "no events table has"},
        Case{R"("TrialTypes": ["feedback"], "Rois": ["none.nii.gz"])",
             "names none.nii.gz, which does not exist"},
        Case{R"("TrialTypes": ["feedback"], "TrialAmplitude": "peak")",
             "has none in the design"}}) {
    std::string model = social_model();
    model.replace(model.find(learners), learners.size(),
                  learners + R"(, "Trials": "lss", )" + settings);
    write_text(folder / "model.json", model);
    const CommandResult result = run("participant");
    EXPECT_TRUE(exits_with(result, 3)) << settings;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("/Nodes/0/Model/Software/Sociometer/"), std::string::npos)
        << result.err;
    EXPECT_FALSE(fs::exists(folder / "out/node-run")) << settings;
  }
}

TEST_F(RunStudy, SettingsOfTrialsWithoutTrialsAreRefused) {
  std::string model = social_model();
  const std::string learners = R"("Learners": ["hybrid"])";
  model.replace(model.find(learners), learners.size(),
                learners + R"(, "TrialTypes": ["feedback"])");
  write_text(folder / "model.json", model);
  const CommandResult result = run("participant");
  EXPECT_TRUE(exits_with(result, 3));
  EXPECT_NE(result.err.find("TrialTypes has no effect without Trials"), std::string::npos)
      << result.err;
  EXPECT_FALSE(fs::exists(folder / "out/node-run"));
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

TEST_F(RunStudy, StatusNamesResultsThatAreGoneWhereverTheFolderIs) {
  ASSERT_TRUE(exits_with(run("participant", {"--participant-label", "01"}), 0));
  fs::rename(folder / "out", folder / "moved");
  EXPECT_TRUE(exits_with(run_program({"status", folder / "moved"}), 0));
  fs::remove(folder /
             ("moved/node-subject/sub-01/sub-01" + std::string(kStem) + "stat-t_statmap.nii.gz"));
  const CommandResult status = run_program({"status", folder / "moved"});
  EXPECT_TRUE(exits_with(status, 5));
  EXPECT_NE(status.out.find("lost"), std::string::npos) << status.out;
  EXPECT_NE(status.out.find("moved/node-subject/sub-01"), std::string::npos) << status.out;
}

TEST_F(RunStudy, ACallForOneParticipantKeepsTheFailuresOfOthers) {
  fs::resize_file(run_file("03", 2, kImage), 1000);
  EXPECT_TRUE(exits_with(run("participant", {"--participant-label", "02", "03"}), 5));
  ASSERT_TRUE(exits_with(run("participant", {"--participant-label", "01"}), 0));
  const std::string failures = read_bytes(folder / "out/logs/sociometer/failures.tsv");
  EXPECT_NE(failures.find("sub-03"), std::string::npos) << failures;
  EXPECT_NE(read_bytes(folder / "out/methods.md").find("of 2 participants"), std::string::npos)
      << read_bytes(folder / "out/methods.md");
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

TEST_F(RunStudy, ReportsItsMethodsAndSources) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  const std::string methods = read_bytes(folder / "out/methods.md");
  for (const char* part :
       {"The choices of 4 participants were fitted with the learning model hybrid,",
        "of 4 participants (repetition", "noise model 'ar1'",
        "effects of 4 participants were analysed in 2 group analyses (method ols)",
        "Nuisance regressors: trans_x, trans_y and trans_z."})
    EXPECT_NE(methods.find(part), std::string::npos) << part << "\n" << methods;
  // One learning model is not compared, and nothing was permuted.
  EXPECT_EQ(methods.find("Models were compared"), std::string::npos);
  EXPECT_EQ(read_bytes(folder / "out/references.bib"), "");
  const Json description = read_json(folder / "out/dataset_description.json");
  EXPECT_TRUE(description["DatasetLinks"].contains("fmriprep")) << description;
  EXPECT_EQ(description["SourceDatasets"].size(), 2u);  // the dataset and its derivatives
}

TEST_F(RunStudy, OverwriteDoesAllAgain) {
  ASSERT_TRUE(exits_with(run("participant"), 0));
  const std::string log = folder / "out/logs/sociometer/log.jsonl";
  const std::string first = read_bytes(log);
  ASSERT_TRUE(exits_with(run("participant", {"--overwrite"}), 0));
  const std::string more = read_bytes(log).substr(first.size());
  for (const char* job : {"learn", "fit_node-subject_sub-01", "fit_node-subject_sub-04"})
    EXPECT_NE(more.find(job), std::string::npos) << job << more;
}

TEST_F(RunStudy, AParticipantWithoutEventsFailsByName) {
  for (int r : {1, 2})
    fs::remove(folder / fmt::format("study/sub-02/func/sub-02_task-social_run-{}_events.tsv", r));
  const CommandResult result = run("participant");
  EXPECT_TRUE(exits_with(result, 5));
  const std::string failures = read_bytes(folder / "out/logs/sociometer/failures.tsv");
  EXPECT_NE(failures.find("sub-02"), std::string::npos) << failures;
  EXPECT_NE(failures.find("has no events"), std::string::npos) << failures;
  EXPECT_TRUE(fs::exists(folder / "out/node-subject/sub-03"));
}

/// The statistic of the group for `rank`, by the end of its file's name.
std::vector<double> group_map(const TemporaryFolder& folder, const std::string& out,
                              const std::string& ending) {
  for (const auto& path : everything_in(folder / (out + "/node-dataset")))
    if (path.ends_with(ending)) return volume_of(folder / (out + "/node-dataset/" + path));
  ADD_FAILURE() << "no map " << ending;
  return {};
}

void expect_same(const std::vector<double>& a, const std::vector<double>& b, double factor) {
  ASSERT_EQ(a.size(), b.size());
  size_t n = 0;
  for (size_t v = 0; v < a.size(); ++v) {
    if (!std::isfinite(a[v]) || a[v] == 0) continue;
    EXPECT_NEAR(factor * a[v], b[v], 1e-5 * (std::abs(a[v]) + 1)) << v;
    ++n;
  }
  EXPECT_GT(n, 50u);
}

TEST_F(RunStudy, ContrastsOfTheGroupKeepTheirSign) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  std::string model = read_bytes(folder / "model.json");
  const std::string dummies = R"("DummyContrasts": {"Test": "t"}}]})";
  const size_t at = model.rfind(dummies);
  ASSERT_NE(at, std::string::npos);
  model.replace(at, dummies.size(),
                R"("Contrasts": [{"Name": "negative", "ConditionList": [1], "Weights": [-1],
                    "Test": "t"}]}]})");
  write_text(folder / "model.json", model);
  ASSERT_TRUE(exits_with(run("group", {}, "negative"), 0));
  expect_same(
      group_map(folder, "out", "contrast-rank_desc-intercept_stat-t_statmap.nii.gz"),
      group_map(folder, "negative", "contrast-rank_desc-rankNegative_stat-t_statmap.nii.gz"), -1);
}

TEST_F(RunStudy, CovariatesOfParticipantsEqualADesignByHand) {
  std::string model = read_bytes(folder / "model.json");
  const size_t at = model.rfind("\"X\": [1]");
  model.replace(at, 8, "\"X\": [1, \"social_anxiety\"]");
  write_text(folder / "model.json", model);
  ASSERT_TRUE(exits_with(run("group"), 0));
  Words group{"group", "--effects"};
  for (const std::string sub : {"01", "02", "03", "04"})
    group.push_back(
        folder /
        fmt::format("out/node-subject/sub-{0}/sub-{0}{1}stat-effect_statmap.nii.gz", sub, kStem));
  for (const std::string& word :
       {std::string("--participants"), folder / "study/participants.tsv",
        std::string("--covariates"), std::string("social_anxiety"), std::string("--contrast"),
        std::string("social_anxiety"), std::string("--log-level"), std::string("error"),
        std::string("-o"), folder / "hand/node-dataset"})
    group.push_back(word);
  ASSERT_TRUE(exits_with(run_program(group), 0));
  expect_same(
      group_map(folder, "hand", "_desc-socialAnxiety_stat-t_statmap.nii.gz"),
      group_map(folder, "out", "contrast-rank_desc-rankSocialAnxiety_stat-t_statmap.nii.gz"), 1);
}

TEST_F(RunStudy, TwoRunNodesKeepTheirOwnContrasts) {
  Json model = Json::parse(social_model(R"({"RegionSets": ["striatum"]})"));
  const Json nodes = model["Nodes"];
  for (Json node : nodes) {
    node["Name"] = node["Name"].get<std::string>() + "2";
    if (node["Level"] == "Run") {
      node["Contrasts"][1]["Weights"] = {-1};
      node["Model"]["Software"]["Sociometer"].erase("Learners");
    }
    model["Nodes"].push_back(node);
  }
  for (const char* branch : {"", "2"})
    for (const auto& [from, to] : {std::pair("run", "subject"), std::pair("subject", "dataset")})
      model["Edges"].push_back(
          {{"Source", std::string(from) + branch}, {"Destination", std::string(to) + branch}});
  write_text(folder / "model.json", model.dump());
  ASSERT_TRUE(exits_with(run("group"), 0));
  const Table one = read_table(folder / "out/node-dataset/roi_values.tsv"),
              two = read_table(folder / "out/node-dataset2/roi_values.tsv");
  ASSERT_EQ(one.rows.size(), two.rows.size());
  const auto contrast = size_t(one.find("contrast"));
  size_t turned = 0;
  for (size_t r = 0; r < one.rows.size(); ++r) {
    const double sign = one.rows[r][contrast] == "rank" ? -1 : 1;
    EXPECT_NEAR(number_in(two, r, two.find("value")), sign * number_in(one, r, one.find("value")),
                1e-6 * std::abs(number_in(one, r, one.find("value"))));
    turned += sign < 0;
  }
  EXPECT_GT(turned, 0u);
}

TEST_F(RunStudy, RegionsCombineRunsAsTheirMapsDo) {
  std::map<std::string, Eigen::VectorXd> values;
  for (const std::string way : {"precision", "equal", "pooled"}) {
    Json model = Json::parse(social_model(R"({"RegionSets": ["striatum"]})"));
    model["Nodes"][0]["Model"]["Software"]["Sociometer"]["FixedEffects"] = way;
    write_text(folder / "model.json", model.dump());
    ASSERT_TRUE(exits_with(run("group", {}, way), 0));
    Words words{"roi", "extract", "--maps"};
    for (const auto& entry : fs::recursive_directory_iterator(folder / way))
      if (entry.path().filename().string().ends_with("contrast-outcome_stat-effect_statmap.nii.gz"))
        words.push_back(entry.path().string());
    ASSERT_EQ(words.size(), 3u + 4u);
    std::sort(words.begin() + 3, words.end());
    words.insert(words.end(), {"--rois", folder / way + "/node-dataset/rois/rois.tsv", "-o",
                               folder / way + "-maps", "--log-level", "error"});
    ASSERT_TRUE(exits_with(run_program(words), 0));
    std::map<std::string, double> of_maps;
    const Table maps = read_table(folder / way + "-maps/roi_values.tsv"),
                study = read_table(folder / way + "/node-dataset/roi_values.tsv");
    const auto key = [](const Table& table, size_t r) {
      return table.rows[r][size_t(table.find("participant_id"))] + " " +
             table.rows[r][size_t(table.find("roi"))];
    };
    for (size_t r = 0; r < maps.rows.size(); ++r)
      of_maps[key(maps, r)] = number_in(maps, r, maps.find("value"));
    Eigen::VectorXd& all = values[way];
    for (size_t r = 0; r < study.rows.size(); ++r) {
      if (study.rows[r][size_t(study.find("contrast"))] != "outcome") continue;
      ASSERT_TRUE(of_maps.contains(key(study, r))) << key(study, r);
      all.conservativeResize(all.size() + 1);
      all[all.size() - 1] = number_in(study, r, study.find("value"));
      EXPECT_NEAR(all[all.size() - 1], of_maps[key(study, r)], 1e-5 * std::abs(all[all.size() - 1]))
          << way << " " << key(study, r);
    }
    ASSERT_GT(all.size(), 0);
  }
  EXPECT_FALSE(values["equal"].isApprox(values["precision"], 1e-4));
  EXPECT_FALSE(values["equal"].isApprox(values["pooled"], 1e-5));
}

TEST_F(RunStudy, ARunWithoutConfoundsIsNamedWhicheverItIs) {
  // A glob finds the columns, so that no name is missing.
  for (int r : {1, 2}) {
    const std::string file = run_file("01", r, "_desc-confounds_timeseries.tsv");
    fs::rename(file, folder / "kept.tsv");
    const std::string out = fmt::format("without-{}", r);
    EXPECT_TRUE(exits_with(run("participant", {}, out), 5));
    const std::string failures = read_bytes(folder / (out + "/logs/sociometer/failures.tsv"));
    for (const char* word : {"sub-01", "confounds, which the model needs"})
      EXPECT_NE(failures.find(word), std::string::npos) << failures;
    fs::rename(folder / "kept.tsv", file);
  }
}

TEST_F(RunStudy, OtherPartsOfTheModelRedoNoFirstLevel) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  const std::string log = folder / "out/logs/sociometer/log.jsonl";
  const size_t before = read_bytes(log).size();
  Json model = Json::parse(social_model());
  model["Description"] = "other words";
  model["Nodes"][2]["Model"]["X"] = {1, "social_anxiety"};
  write_text(folder / "renamed.json", model.dump());
  fs::remove(folder / "model.json");
  fs::rename(folder / "renamed.json", folder / "model.json");
  ASSERT_TRUE(exits_with(run("group"), 0));
  const std::string more = read_bytes(log).substr(before);
  EXPECT_NE(more.find("group_node-dataset"), std::string::npos);
  EXPECT_EQ(more.find("\"fit_"), std::string::npos) << more;
}

TEST_F(RunStudy, PagesTellWhatFailedAndWhichPageCouldNotBeMade) {
  ASSERT_TRUE(exits_with(run_program(words_of_run("group")), 0));
  const std::string bold = run_file("03", 1, kImage);
  fs::resize_file(bold, fs::file_size(bold) / 2);
  fs::remove_all(folder / "out/report/sub-02");
  write_text(folder / "out/report/sub-02", "a file where a folder is to be");
  const CommandResult result = run_program(words_of_run("group"));
  ASSERT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.err.find("no page"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("report/sub-02"), std::string::npos) << result.err;
  const auto page = [&](const std::string& of) {
    return read_bytes(folder / ("out/report/" + of + "index.html"));
  };
  // Maps of the whole image are still there; that they are is not all that the page says.
  EXPECT_NE(page("sub-03/").find("The last run failed here"), std::string::npos);
  EXPECT_NE(page("").find("Failed in the last run: fit_"), std::string::npos);
  EXPECT_EQ(page("sub-01/").find("The last run failed here"), std::string::npos);
  fs::remove(folder / "out/report/sub-02");
  ASSERT_TRUE(exits_with(run_program(words_of_run("group")), 5));
  EXPECT_TRUE(fs::exists(folder / "out/report/sub-02/index.html"));
}

TEST_F(RunStudy, EndsWithPagesOfWhatItDid) {
  ASSERT_TRUE(exits_with(run_program(words_of_run("participant")), 0));
  const auto page = [&](const std::string& of) {
    return folder / ("out/report/" + of + "index.html");
  };
  for (const char* sub : {"sub-01/", "sub-02/", "sub-03/", "sub-04/"})
    EXPECT_NE(read_bytes(page(sub)).find("rank"), std::string::npos) << sub;
  const std::string first = read_bytes(page("sub-01/"));
  ASSERT_TRUE(exits_with(run_program(words_of_run("group")), 0));
  EXPECT_NE(read_bytes(page("")).find("4 participants"), std::string::npos);
  EXPECT_TRUE(fs::exists(page("sub-01/")));
  // Pages are results of their own: what they show stays done, and they can be left out.
  const CommandResult again = run("group");
  ASSERT_TRUE(exits_with(again, 0));
  EXPECT_TRUE(fs::exists(page("")));
  ASSERT_TRUE(exits_with(run("group", {}, "without"), 0));
  EXPECT_FALSE(fs::exists(folder / "without/report"));
}

TEST_F(RunStudy, OneByOneIsNotDoneAgainForAll) {
  for (const char* sub : {"01", "02", "03", "04"})
    ASSERT_TRUE(exits_with(run("participant", {"--participant-label", sub}), 0));
  const std::string log = folder / "out/logs/sociometer/log.jsonl";
  const size_t before = read_bytes(log).size();
  ASSERT_TRUE(exits_with(run("group"), 0));
  EXPECT_EQ(read_bytes(log).substr(before).find("\"fit_"), std::string::npos);
}

TEST_F(RunStudy, AnotherModelWaitsForTheFolder) {
  fs::create_directories(folder / "out/logs/sociometer");
  const std::string lock = folder / "out/logs/sociometer/call.lock";
  write_text(lock, "of another call");
  const int held = ::open(lock.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(::flock(held, LOCK_SH), 0);
  EXPECT_TRUE(fails_with(run("participant"), 2, {"in use", "another model"}));
  ::close(held);
  EXPECT_TRUE(exits_with(run("participant"), 0));
}

TEST_F(RunStudy, ANumberWithAWordAmongThemIsNoGroup) {
  std::string table = read_bytes(folder / "study/participants.tsv");
  const Table people = read_table(folder / "study/participants.tsv");
  const std::string cell = people.rows[1][size_t(people.find("social_anxiety"))];
  table.replace(table.find("\t" + cell), cell.size() + 1, "\t2,5");
  write_text(folder / "study/participants.tsv", table);
  Json model = Json::parse(social_model());
  model["Nodes"][2]["Model"]["X"] = {1, "social_anxiety"};
  write_text(folder / "model.json", model.dump());
  EXPECT_TRUE(fails_with(run("group"), 3, {"social_anxiety", "3 numbers and '2,5'"}));
}

TEST_F(RunStudy, AGroupNeedsASharedSpace) {
  for (const auto& path : everything_in(folder / "study"))
    if (const size_t at = path.find("MNI152NLin2009cAsym"); at != std::string::npos) {
      std::string own = path;
      own.replace(at, std::string("MNI152NLin2009cAsym").size(), "T1w");
      fs::create_hard_link(folder / ("study/" + path), folder / ("study/" + own));
    }
  EXPECT_TRUE(fails_with(run("group", {"--space", "T1w"}), 3, {"space-T1w", "--space"}));
  EXPECT_TRUE(exits_with(run("participant", {"--space", "T1w"}), 0));
}

TEST_F(RunStudy, OtherDatasetsAreNoOutputFolders) {
  for (const char* out : {"study/derivatives/fmriprep", "study/sub-01", "study"})
    EXPECT_TRUE(fails_with(run("participant", {}, out), 2, {out}));
}

TEST_F(RunStudy, SessionsCombineToWhatTheirRunsDo) {
  ASSERT_TRUE(exits_with(run("participant"), 0));
  make_sessions(folder / "study");
  std::string model = read_bytes(folder / "model.json");
  const std::string subject = R"({"Level": "Subject", "Name": "subject")";
  model.insert(
      model.find(subject),
      R"({"Level": "Session", "Name": "session", "GroupBy": ["session", "subject", "contrast"],
   "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}},
  )");
  // The signals come from tables with the runs' names here: they need one run of choices each.
  write_text(folder / "model.json", model);
  const CommandResult result = run("participant", {}, "sessions");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_TRUE(fs::exists(folder / "sessions/node-session/sub-01/ses-2"));
  const std::string name = fmt::format("sub-01/sub-01{}stat-effect_statmap.nii.gz", kStem);
  // Learning sees the same choices in the same order, so the signals and the means are the same.
  expect_same(volume_of(folder / ("out/node-subject/" + name)),
              volume_of(folder / ("sessions/node-subject/" + name)), 1);
  // The node's own setting comes before what meta says of weights.
  const std::string meta = R"("Model": {"Type": "meta", "X": [1])";
  model.insert(model.find(meta, model.find(subject)) + meta.size(),
               R"(, "Software": {"Sociometer": {"FixedEffects": "equal"}})");
  write_text(folder / "model.json", model);
  ASSERT_TRUE(exits_with(run("participant", {}, "equal"), 0));
  std::vector<std::vector<double>> of_session;
  const std::string contrast = name.substr(name.find("contrast-"));
  for (const auto& path : everything_in(folder / "equal/node-session/sub-01"))
    if (path.ends_with(contrast))
      of_session.push_back(volume_of(folder / ("equal/node-session/sub-01/" + path)));
  ASSERT_EQ(of_session.size(), 2u);
  const auto mean = volume_of(folder / ("equal/node-subject/" + name));
  size_t n = 0;
  for (size_t v = 0; v < mean.size(); ++v) {
    const double one = of_session[0][v], two = of_session[1][v];
    if (!std::isfinite(mean[v]) || mean[v] == 0) continue;
    EXPECT_NEAR(mean[v], (one + two) / 2, 1e-6 * (std::abs(one) + std::abs(two)));  // float32
    ++n;
  }
  EXPECT_GT(n, 50u);
}

TEST_F(RunStudy, RunsThatGoToTheGroupDirectlyAreFittedOneByOne) {
  for (const auto& path : everything_in(folder / "study"))
    if (path.find("_run-2_") != std::string::npos) fs::remove(folder / ("study/" + path));
  std::string model = read_bytes(folder / "model.json");
  const size_t start = model.find(R"({"Level": "Subject")"),
               end = model.find(R"({"Level": "Dataset")");
  model.erase(start, end - start);
  write_text(folder / "model.json", model);
  ASSERT_TRUE(exits_with(run("group"), 0));
  EXPECT_TRUE(fs::exists(folder / "out/node-run/sub-01/sub-01_task-social_run-1_space-"
                                  "MNI152NLin2009cAsym_contrast-rank_stat-effect_statmap.nii.gz"));
  group_map(folder, "out", "contrast-rank_desc-intercept_stat-t_statmap.nii.gz");
}

TEST_F(RunStudy, AKilledCallGoesOnToTheSameBytes) {
  ASSERT_TRUE(exits_with(run("group", {}, "whole"), 0));
  Words words{"run",     folder / "study",      folder / "out", "group",
              "--model", folder / "model.json", "-q",           "-j",
              "2"};
  // Killed when the first fit and when the last one has ended.
  for (const char* job : {"fit_node-subject_sub-01", "fit_node-subject_sub-04"})
    run_and_kill(words, folder / fmt::format("out/logs/sociometer/results/{}_task-social_space-"
                                             "MNI152NLin2009cAsym.json",
                                             job));
  ASSERT_TRUE(exits_with(run("group"), 0));
  EXPECT_TRUE(same_files(folder / "whole/node-dataset", folder / "out/node-dataset", ".nii.gz"));
  EXPECT_TRUE(same_files(folder / "whole/node-subject", folder / "out/node-subject", ".nii.gz"));
}

TEST_F(RunStudy, RefusesBeforeAnythingRuns) {
  const auto refused = [&](const Words& more, int code, const Words& words) {
    EXPECT_TRUE(fails_with(run("participant", more), code, words));
  };
  refused({"--participant-label", "99"}, 3, {"99"});
  refused({"--space", "T1w"}, 3, {"T1w", "MNI152NLin2009cAsym"});
  const std::string model = read_bytes(folder / "model.json");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = model;
    text.replace(text.find(from), from.size(), to);
    write_text(folder / "model.json", text);
  };
  changed("\"NoiseModel\": \"ar1\"", "\"Permutations\": 100");
  refused({}, 3, {"Permutations", "level Run"});
  changed("\"ConditionList\": [\"rank\"]", "\"ConditionList\": [\"rnak\"]");
  refused({}, 3, {"rnak", "rank"});
  EXPECT_FALSE(fs::exists(folder / "out"));
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
