#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/simulated_study.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// Three simulated people with two runs each.
class ModelCommand : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(simulated_study(folder / "study", 3)); }
  std::string run_file(int run, const std::string& ending) const {
    return folder /
           fmt::format("study/derivatives/fmriprep/sub-01/func/sub-01_task-social_run-{}{}", run,
                       ending);
  }
  std::string events(const std::string& sub, int run) const {
    return folder /
           fmt::format("study/sub-{0}/func/sub-{0}_task-social_run-{1}_events.tsv", sub, run);
  }
  CommandResult model(Words words) const {
    words.insert(words.begin(), "model");
    return run_program(words);
  }
  /// The default model, plain, written to p.json.
  void write_plain() const {
    ASSERT_TRUE(
        exits_with(model({"default", folder / "study", "--plain", "-o", folder / "p.json"}), 0));
  }
  /// Both runs of the first participant.
  Words inputs() const {
    constexpr const char* kImage = "_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz";
    constexpr const char* kConfounds = "_desc-confounds_timeseries.tsv";
    return {"--bold",      run_file(1, kImage),     run_file(2, kImage),
            "--events",    events("01", 1),         events("01", 2),
            "--confounds", run_file(1, kConfounds), run_file(2, kConfounds)};
  }
  TemporaryFolder folder;
};

bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

TEST_F(ModelCommand, CheckDescribesAModelAndDrawsIt) {
  write_plain();
  const CommandResult result = model({"check", folder / "p.json", "-o", folder / "out"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_TRUE(has(result.out, "Node 'run' (Run): a general linear model of each run"));
  EXPECT_TRUE(has(result.out, "from 'subject'"));
  EXPECT_EQ(read_bytes(folder / "out/model.txt"), result.out);
  EXPECT_EQ(read_bytes(folder / "out/graph.png").substr(1, 3), "PNG");
  EXPECT_TRUE(has(read_bytes(folder / "out/graph.svg"), "</svg>"));
}

TEST_F(ModelCommand, CheckReportsColumnsAndWeightsOfEveryRun) {
  write_plain();
  // One run has no reciprocity.
  std::istringstream lines(read_bytes(events("02", 1)));
  std::string kept, line;
  while (std::getline(lines, line))
    if (!has(line, "\treciprocity\t")) kept += line + "\n";
  write_text(events("02", 1), kept);
  const CommandResult result =
      model({"check", folder / "p.json", "--bids", folder / "study", "-o", folder / "out"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_TRUE(has(result.out, "Node 'run', 5 of 6 runs, as sub-01_task-social_run-1"));
  EXPECT_TRUE(has(result.out, "Node 'run', 1 of 6 runs, sub-02_task-social_run-1"));
  EXPECT_TRUE(has(result.out, "no such event or value in this run"));
  EXPECT_TRUE(has(result.out, "`run` would do 6 jobs: 3 fit, 3 group"));
  const std::string columns = read_bytes(folder / "out/node-run_columns.tsv");
  EXPECT_TRUE(
      has(columns, "sub-02_task-social_run-1\ttrial_type.reciprocity\ttask\tn/a\tno such event"));
  EXPECT_TRUE(has(columns, "sub-02_task-social_run-2\ttrial_type.reciprocity\ttask\t1\t"));
  const std::string weights = read_bytes(folder / "out/node-run_weights.tsv");
  EXPECT_TRUE(has(weights, "sub-01_task-social_run-1\ttrialTypeFeedback\t1\t0\t1\t0\t"));
  EXPECT_TRUE(has(weights, "sub-02_task-social_run-1\ttrialTypeFeedback\t1\t0\t1\tn/a\t"));
}

TEST_F(ModelCommand, CheckRefusesWhatRunRefuses) {
  write_plain();
  std::string text = read_bytes(folder / "p.json");
  const std::string from = "\"X\": [1]";
  text.replace(text.rfind(from), from.size(), "\"X\": [1, \"social_anxeity\"]");
  write_text(folder / "bad.json", text);
  const CommandResult check =
      model({"check", folder / "bad.json", "--bids", folder / "study", "-o", folder / "out"});
  const Words words{"social_anxeity", "social_anxiety", "dataset"};
  EXPECT_TRUE(exits_with(check, 3));
  for (const auto& word : words) EXPECT_TRUE(has(check.err, word)) << check.err;
  EXPECT_TRUE(has(check.out, "Refused:")) << check.out;
  EXPECT_TRUE(fs::exists(folder / "out/graph.png"));
  const CommandResult run = run_program({"run", folder / "study", folder / "run", "group",
                                         "--model", folder / "bad.json", "--log-level", "error"});
  EXPECT_TRUE(exits_with(run, 3));
  for (const auto& word : words) EXPECT_TRUE(has(run.err, word)) << run.err;
  // Without a dataset: what can be seen in the file.
  text.replace(text.find("\"Convolve\""), 10, "\"Convolv\"");
  write_text(folder / "bad.json", text);
  EXPECT_TRUE(fails_with(model({"check", folder / "bad.json"}), 3,
                         {"Convolv", "/Nodes/0/Transformations", "bad.json"}));
}

TEST_F(ModelCommand, DefaultModelsPassCheckAndRun) {
  write_plain();
  ASSERT_TRUE(exits_with(model({"default", folder / "study", "-o", folder / "d.json"}), 0));
  const Json made = read_json(folder / "d.json");
  EXPECT_EQ(made["Input"]["task"], Json({"social"}));
  EXPECT_EQ(made["Nodes"][0]["Model"]["X"],
            Json({"trial_type.*", "outcome", "rank", "trans_?", "rot_?", 1}));
  for (const char* name : {"d.json", "p.json"})
    EXPECT_TRUE(exits_with(model({"check", folder / name, "--bids", folder / "study"}), 0)) << name;
  const CommandResult run = run_program({"run", folder / "study", folder / "run", "group",
                                         "--model", folder / "p.json", "--log-level", "error"});
  EXPECT_TRUE(exits_with(run, 0));
  EXPECT_TRUE(fs::exists(folder / "run/node-dataset"));
  // Not over another model.
  EXPECT_TRUE(exits_with(model({"default", folder / "study", "-o", folder / "p.json"}), 4));
}

TEST_F(ModelCommand, DefaultRefusesOtherTasksByTheColumnsThatAreNeeded) {
  for (const char* sub : {"01", "02", "03"})
    for (int run : {1, 2})
      write_text(events(sub, run), "onset\tduration\ttrial_type\n10\t1\tgo\n30\t1\tstop\n");
  EXPECT_TRUE(fails_with(model({"default", folder / "study", "-o", folder / "d.json"}), 3,
                         {"option_left", "chosen", "--plain"}));
  write_plain();
  EXPECT_EQ(read_json(folder / "p.json")["Nodes"][0]["DummyContrasts"]["Contrasts"],
            Json({"trial_type.go", "trial_type.stop"}));
}

TEST_F(ModelCommand, FoldersAndEventsThatAreNotThereAreNamed) {
  EXPECT_TRUE(fails_with(model({"default", folder / "nowhere", "-o", folder / "x.json"}), 3,
                         {"there is no folder", "nowhere"}));
  write_plain();
  EXPECT_TRUE(fails_with(model({"check", folder / "p.json", "--bids", folder / "study",
                                "--run-output", folder / "nowhere"}),
                         3, {"--run-output", "nowhere"}));
  for (const char* sub : {"01", "02", "03"})
    for (int run : {1, 2}) fs::remove(events(sub, run));
  EXPECT_TRUE(fails_with(model({"default", folder / "study", "-o", folder / "x.json", "--plain"}),
                         3, {"no events", "*_events.tsv"}));
}

TEST_F(ModelCommand, DefaultHasASessionNodeWhereThereAreSessions) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder / "study"))
    if (entry.is_regular_file() && has(entry.path().filename().string(), "_run-"))
      files.push_back(entry.path());
  for (const auto& path : files) {
    std::string name = path.filename().string();
    const size_t at = name.find("_run-");
    const std::string session = name.substr(at + 5, 1);
    name.erase(at, 6);
    name.insert(name.find("_task-"), "_ses-" + session);
    const fs::path to = path.parent_path().parent_path() / ("ses-" + session) / "func";
    fs::create_directories(to);
    fs::rename(path, to / name);
  }
  write_plain();
  EXPECT_EQ(read_json(folder / "p.json")["Nodes"][1]["Level"], "Session");
  EXPECT_TRUE(exits_with(model({"check", folder / "p.json", "--bids", folder / "study"}), 0));
}

std::vector<std::vector<double>> numbers_of(const std::string& tsv) {
  std::istringstream lines(tsv);
  std::string line;
  std::getline(lines, line);
  std::vector<std::vector<double>> rows;
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, '\t');) rows.back().push_back(std::stod(cell));
  }
  return rows;
}

/// A command line, and what fit still takes beside a model.
const Words kCommand{"--confound-columns",
                     "trans_?",
                     "rot_x",
                     "--modulators",
                     "feedback:abs(match),rank",
                     "choice:response_time",
                     "--modulator-scaling",
                     "sd",
                     "--hrf",
                     "spm + derivative",
                     "--contrast",
                     "rank=feedback:rank",
                     "mixed=choice - 0.5*feedback_derivative + 2*constant",
                     "--f-contrast",
                     "any=choice;(feedback + choice)/2",
                     "--noise-model",
                     "ar1"};

TEST_F(ModelCommand, FitWarnsOfSettingsItDoesNotTakeFromAModel) {
  Words words{"from-command", "-o", folder / "m.json", "--", "fit"};
  for (const auto& list : {inputs(), kCommand}) words.insert(words.end(), list.begin(), list.end());
  ASSERT_TRUE(exits_with(model(words), 0));
  const auto fit = [&](const Words& more, const std::string& out) {
    Words by_model{"fit"};
    for (const Words& list :
         {inputs(), Words{"--model", folder / "m.json", "-o", folder / out}, more})
      by_model.insert(by_model.end(), list.begin(), list.end());
    return run_program(by_model);
  };
  const CommandResult other = fit({"--noise-model", "ols"}, "other"),
                      same = fit({"--noise-model", "ar1"}, "same");
  ASSERT_TRUE(exits_with(other, 0));
  ASSERT_TRUE(exits_with(same, 0));
  EXPECT_NE(other.err.find("the stats model's NoiseModel is ar1, and ols is used"),
            std::string::npos)
      << other.err;
  EXPECT_EQ(same.err.find("the stats model's NoiseModel"), std::string::npos) << same.err;
  EXPECT_TRUE(fails_with(fit({"--contrast", "rank=choice", "--log-level", "error"}, "twice"), 2,
                         {"two contrasts are named 'rank', one of them in the stats model"}));
}

TEST_F(ModelCommand, FromCommandMakesTheSameDesignsAndMaps) {
  Words words{"from-command", "-o", folder / "m.json", "--", "fit"}, by_hand{"fit"};
  for (const auto& list : {inputs(), kCommand}) {
    words.insert(words.end(), list.begin(), list.end());
    by_hand.insert(by_hand.end(), list.begin(), list.end());
  }
  ASSERT_TRUE(exits_with(model(words), 0));
  by_hand.insert(by_hand.end(), {"-o", folder / "hand", "--log-level", "error"});
  ASSERT_TRUE(exits_with(run_program(by_hand), 0));
  Words by_model{"fit"};
  const Words files = inputs();
  by_model.insert(by_model.end(), files.begin(), files.end());
  by_model.insert(by_model.end(), {"--model", folder / "m.json", "--noise-model", "ar1", "-o",
                                   folder / "model", "--log-level", "error"});
  ASSERT_TRUE(exits_with(run_program(by_model), 0));
  size_t n_designs = 0, n_maps = 0;
  for (const auto& path : everything_in(folder / "hand")) {
    if (path.ends_with("_design.tsv")) {
      const auto a = numbers_of(read_bytes(folder / ("hand/" + path))),
                 b = numbers_of(read_bytes(folder / ("model/" + path)));
      ASSERT_EQ(a.size(), b.size());
      for (size_t i = 0; i < a.size(); ++i) {
        ASSERT_EQ(a[i].size(), b[i].size());
        for (size_t j = 0; j < a[i].size(); ++j) ASSERT_NEAR(a[i][j], b[i][j], 1e-12) << path;
      }
      ++n_designs;
    }
    if (path.ends_with("_statmap.json")) {
      EXPECT_TRUE(fs::exists(folder / ("model/" + path))) << path;
      ++n_maps;
    }
  }
  EXPECT_EQ(n_designs, 2u);
  EXPECT_GT(n_maps, 6u);
  // The configuration beside the results says the same.
  for (const auto& path : everything_in(folder / "hand"))
    if (path.ends_with(".toml")) {
      const std::string file = folder / ("hand/" + path);
      ASSERT_TRUE(exits_with(model({"from-command", file, "-o", folder / "again.json"}), 0));
    }
  EXPECT_EQ(read_bytes(folder / "again.json"), read_bytes(folder / "m.json"));
}

TEST_F(ModelCommand, FromCommandWeighsContrastsAsTheCommandDoes) {
  Words words{"from-command", "-o", folder / "m.json", "--", "fit"};
  for (const auto& list : {inputs(), kCommand}) words.insert(words.end(), list.begin(), list.end());
  ASSERT_TRUE(exits_with(model(words), 0));
  ASSERT_TRUE(exits_with(
      model({"check", folder / "m.json", "--bids", folder / "study", "-o", folder / "out"}), 0));
  const Json contrasts = read_json(folder / "m.json")["Nodes"][0]["Contrasts"];
  ASSERT_EQ(contrasts.size(), 3u);
  EXPECT_EQ(contrasts[1]["ConditionList"],
            Json({"trial_type.choice", "trial_type.feedback_derivative", 1}));
  EXPECT_EQ(contrasts[1]["Weights"], Json({1, -0.5, 2}));
  EXPECT_EQ(contrasts[2]["Weights"], Json::parse("[[1, 0], [0.5, 0.5]]"));
  const std::string weights = read_bytes(folder / "out/node-run_weights.tsv");
  EXPECT_TRUE(has(weights, "sub-03_task-social_run-2\tmixed\t1\t1\t0\t")) << weights;
}

TEST_F(ModelCommand, FromCommandAddsAGroup) {
  Words words{"fit"};
  for (const auto& list : {inputs(), kCommand}) words.insert(words.end(), list.begin(), list.end());
  words.insert(words.end(), {"-o", folder / "hand", "--log-level", "error"});
  ASSERT_TRUE(exits_with(run_program(words), 0));
  std::string configuration;
  for (const auto& path : everything_in(folder / "hand"))
    if (path.ends_with(".toml")) configuration = folder / ("hand/" + path);
  const Words group{"group",
                    "--effects",
                    folder / "hand",
                    "--first-level-contrast",
                    "rank",
                    "--participants",
                    folder / "study/participants.tsv",
                    "--covariates",
                    "social_anxiety",
                    "--contrast",
                    "anxiety=social_anxiety",
                    "--method",
                    "mixed"};
  Words all{"from-command", "-o", folder / "g.json", "--", configuration};
  all.insert(all.end(), group.begin(), group.end());
  ASSERT_TRUE(exits_with(model(all), 0));
  const Json made = read_json(folder / "g.json");
  EXPECT_EQ(made["Nodes"][2]["Model"]["X"], Json({1, "social_anxiety"}));
  EXPECT_EQ(made["Nodes"][2]["Model"]["Type"], "meta");
  EXPECT_EQ(made["Nodes"][2]["Model"]["Software"]["Sociometer"]["CenterCovariates"], "mean");
  EXPECT_EQ(made["Edges"][1]["Filter"]["contrast"], Json({"rank"}));
  EXPECT_TRUE(exits_with(model({"check", folder / "g.json", "--bids", folder / "study"}), 0));
  Words alone{"from-command", "-o", folder / "x.json", "--"};
  alone.insert(alone.end(), group.begin(), group.end());
  EXPECT_TRUE(fails_with(model(alone), 2, {"group alone", "fit"}));
  // Two people of a table of one's own are not the dataset's.
  write_text(folder / "two.tsv", "participant_id\tsocial_anxiety\nsub-01\t1\nsub-02\t2\n");
  std::replace(all.begin(), all.end(), folder / "study/participants.tsv", folder / "two.tsv");
  EXPECT_TRUE(fails_with(model(all), 2, {"--participants", "two.tsv", "participants.tsv"}));
}

TEST_F(ModelCommand, FromCommandRefusesByTheOptionsName) {
  const auto refused = [&](const Words& more, const Words& expected) {
    Words words{"from-command", "-o", folder / "x.json", "--", "fit"};
    for (const auto& list : {inputs(), more}) words.insert(words.end(), list.begin(), list.end());
    EXPECT_TRUE(fails_with(model(words), 2, expected));
  };
  const Words chosen{"--confound-columns", "trans_?"};
  const auto with = [&](Words more) {
    more.insert(more.end(), chosen.begin(), chosen.end());
    return more;
  };
  refused({}, {"--confound-columns"});
  refused(with({"--missing-confounds", "next"}), {"--missing-confounds next"});
  refused(with({"--tr", "2"}), {"--tr", "sidecars"});
  refused(with({"--contrast", "a=[1,-1]"}), {"--contrast", "count"});
  refused(with({"--arma-negative", "--noise-model", "arma11"}), {"--arma-negative"});
  refused(with({"--modulators", "feedback:rank", "--orthogonalise", "serial"}),
          {"--orthogonalise serial"});
  refused(with({"--nonsense"}), {"--nonsense"});
  EXPECT_TRUE(fails_with(model({"from-command", "-o", folder / "x.json", folder / "no.toml"}), 3,
                         {"no.toml", "does not exist"}));
  EXPECT_TRUE(fails_with(model({"from-command", "-o", folder / "x.json", "--", "learn", "a"}), 2,
                         {"learn", "fit"}));
  EXPECT_FALSE(fs::exists(folder / "x.json"));
}

/// The two golden runs of nilearn: conditions, a modulated one, confounds, an F contrast.
TEST(GoldenRuns, ThroughAModelAreThoseOfFit) {
  const TemporaryFolder folder;
  write_text(folder / "m.json", R"({"Name": "golden", "BIDSModelVersion": "1.0.0", "Nodes": [
    {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
     "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
       {"Name": "Factor", "Input": ["trial_type"]},
       {"Name": "Product", "Input": ["trial_type.a_mod", "modulation"], "Output": ["a_mod"]},
       {"Name": "Convolve", "Model": "spm",
        "Input": ["trial_type.a", "a_mod", "trial_type.b", "trial_type.c"]}]},
     "Model": {"Type": "glm", "X": ["trial_type.a", "a_mod", "trial_type.b", "trial_type.c", "tx",
                                    "ry", "csf", 1]},
     "Contrasts": [
       {"Name": "d", "ConditionList": ["trial_type.a", "trial_type.b"], "Weights": [1, -0.5],
        "Test": "t"},
       {"Name": "g", "ConditionList": ["a_mod", "trial_type.b", "trial_type.c"],
        "Weights": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "Test": "F"}]}]})");
  const Words confounds{"--confounds", golden("nilearn/data/run-1_confounds.tsv"),
                        golden("nilearn/data/run-2_confounds.tsv")};
  Words by_model{"--model", folder / "m.json"},
      by_options{"--contrast", "d=a - 0.5*b", "--f-contrast", "g=a_mod;b;c"};
  for (auto* words : {&by_model, &by_options})
    words->insert(words->end(), confounds.begin(), confounds.end());
  ASSERT_TRUE(exits_with(run_program(golden_fit({1, 2}, by_model, folder / "model")), 0));
  ASSERT_TRUE(exits_with(run_program(golden_fit({1, 2}, by_options, folder / "fit")), 0));
  for (const char* map : {"contrast-d_stat-effect", "contrast-d_stat-variance", "contrast-d_stat-t",
                          "contrast-g_stat-F"}) {
    const std::string name = std::string(map) + "_statmap.nii.gz";
    const Eigen::MatrixXd model = read_nifti(folder / ("model/" + name)).values,
                          options = read_nifti(folder / ("fit/" + name)).values;
    EXPECT_TRUE(close_relative(model, options, 1e-5, options.cwiseAbs().maxCoeff())) << name;
  }
}

}  // namespace
}  // namespace sociometer::testing
