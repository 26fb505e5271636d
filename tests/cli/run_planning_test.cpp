// What of a study is known before anything is done: inputs that cannot be analysed, refusals of a
// model, dry runs; what --clean leaves; and folders that are moved between two calls.
#include <algorithm>
#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>

#include "io/bytes/byte_stream.hpp"
#include "io/bytes/gzip_write.hpp"
#include "tests/cli/run_study.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBold = "_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz";
constexpr const char* kMask = "_space-MNI152NLin2009cAsym_desc-brain_mask.nii.gz";

std::vector<std::byte> inflated(const std::string& path) {
  const auto stream = open_byte_stream(path);
  std::vector<std::byte> all, part(1 << 20);
  while (const size_t n = stream->read(part)) all.insert(all.end(), part.begin(), part.begin() + n);
  return all;
}

void deflate_to(const std::string& path, const std::vector<std::byte>& bytes) {
  const auto packed = gzip_compress(bytes);
  write_text(path, {reinterpret_cast<const char*>(packed.data()), packed.size()});
}

/// Moves an image along x, in both of its transforms.
void move_grid(const std::string& path, float mm) {
  std::vector<std::byte> bytes = inflated(path);
  for (const size_t at : {268u, 292u}) {  // qoffset_x, the last of srow_x
    float x = 0;
    std::memcpy(&x, bytes.data() + at, sizeof x);
    x += mm;
    std::memcpy(bytes.data() + at, &x, sizeof x);
  }
  deflate_to(path, bytes);
}

/// Keeps the first volumes of a series.
void shorten(const std::string& path, int16_t n_volumes) {
  std::vector<std::byte> bytes = inflated(path);
  int16_t size[5];
  std::memcpy(size, bytes.data() + 40, sizeof size);
  const auto n_before = size_t(size[4]);
  const size_t volume = (bytes.size() - 352) / n_before;
  std::memcpy(bytes.data() + 48, &n_volumes, sizeof n_volumes);
  bytes.resize(352 + volume * size_t(n_volumes));
  deflate_to(path, bytes);
}

class RunPlanning : public RunStudy {
 protected:
  void replace_in_model(const std::string& from, const std::string& to) const {
    std::string text = read_bytes(folder / "model.json");
    const size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write_text(folder / "model.json", text.replace(at, from.size(), to));
  }
  CommandResult check(const Words& more = {}) const {
    Words words{"model", "check", folder / "model.json", "--bids", folder / "study"};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words);
  }
  void move_person(const std::string& sub, float mm) const {
    for (int r : {1, 2})
      for (const char* image : {kBold, kMask}) move_grid(run_file(sub, r, image), mm);
  }
};

bool holds(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

TEST_F(RunPlanning, GridsThatDifferBetweenPeopleAreRefusedBeforeAnyJob) {
  move_person("03", 3);
  const Words words{"sub-03",
                    "sub-01",
                    "first voxel at (-93",
                    "first voxel at (-96",
                    run_file("03", 1, kBold),
                    run_file("01", 1, kBold),
                    "--space"};
  EXPECT_TRUE(fails_with(run("group"), 3, words));
  EXPECT_TRUE(fails_with(run("group", {"--dry-run"}), 3, words));
  EXPECT_FALSE(fs::exists(folder / "out"));
  EXPECT_TRUE(exits_with(check(), 3));
  // Whoever is analysed alone has a grid of their own, and the level participant warns.
  const CommandResult people = run("participant", {"--dry-run"});
  EXPECT_TRUE(exits_with(people, 0));
  EXPECT_TRUE(holds(people.err, "the level group will refuse this")) << people.err;
  EXPECT_TRUE(exits_with(run("group", {"--participant-label", "01", "02", "04"}), 0));
}

TEST_F(RunPlanning, ARunOnAnotherGridIsFoundByItsHeader) {
  for (const char* image : {kBold, kMask}) move_grid(run_file("02", 2, image), 6);
  move_grid(run_file("04", 1, kMask), 6);
  const CommandResult plan = run("participant", {"--dry-run"});
  EXPECT_TRUE(exits_with(plan, 0));
  EXPECT_TRUE(holds(plan.out, "cannot")) << plan.out;
  const CommandResult result = run("participant");
  EXPECT_TRUE(exits_with(result, 5));
  const std::string failures = read_bytes(folder / "out/logs/sociometer/failures.tsv");
  for (const auto& words :
       {std::string("sub-02_task-social_run-2: "), run_file("02", 1, kBold),
        run_file("02", 2, kBold), run_file("04", 1, kMask), std::string("make the mask again")})
    EXPECT_TRUE(holds(failures, words)) << words << "\n" << failures;
  EXPECT_TRUE(fs::exists(folder / "out/node-subject/sub-01"));
  EXPECT_FALSE(fs::exists(folder / "out/node-subject/sub-04"));
}

TEST_F(RunPlanning, CheckListsEveryRunThatWouldFail) {
  const auto events = [&](const char* sub, int run) {
    return folder /
           fmt::format("study/sub-{0}/func/sub-{0}_task-social_run-{1}_events.tsv", sub, run);
  };
  EXPECT_TRUE(exits_with(check(), 0));
  for (int r : {1, 2}) fs::remove(events("02", r));
  fs::remove(run_file("03", 2, "_desc-confounds_timeseries.tsv"));
  write_text(run_file("04", 1, kBold), "no image");
  shorten(run_file("04", 2, kBold), 8);
  const CommandResult result = check();
  EXPECT_TRUE(exits_with(result, 5));
  for (const char* line :
       {"\n- sub-02_task-social_run-1: has no events, which the model needs",
        "\n- sub-02_task-social_run-2: has no events, which the model needs",
        "\n- sub-03_task-social_run-2: has no confounds, which the model needs",
        "\n- sub-04_task-social_run-1: ", "is not a readable NIfTI image",
        "\n- sub-04_task-social_run-2: ", "has 8 volumes; they are not of the same run"})
    EXPECT_TRUE(holds(result.out, line)) << line << "\n" << result.out;
  EXPECT_FALSE(holds(result.out, "\n- sub-01"));
  EXPECT_TRUE(holds(result.err, "7 runs, participants or groups would fail")) << result.err;
  // As many are reported by the call itself, before and after learning.
  const CommandResult plan = run("participant", {"--dry-run"});
  EXPECT_EQ(std::ranges::count(plan.out, '\n'), 6) << plan.out;
  EXPECT_TRUE(holds(plan.out, "sub-02_task-social_run-2: has no events")) << plan.out;
}

TEST_F(RunPlanning, ARunTooShortForItsDesignIsNamed) {
  const std::string confounds = run_file("02", 1, "_desc-confounds_timeseries.tsv");
  std::istringstream lines(read_bytes(confounds));
  std::string kept, line;
  for (int i = 0; i < 5 && std::getline(lines, line); ++i) kept += line + "\n";
  write_text(confounds, kept);
  shorten(run_file("02", 1, kBold), 4);
  const CommandResult result = check();
  EXPECT_TRUE(exits_with(result, 5));
  EXPECT_TRUE(holds(result.out, "- sub-02_task-social_run-1: its 4 scans are too few"))
      << result.out;
  ASSERT_TRUE(exits_with(run("participant"), 5));
  const std::string failures = read_bytes(folder / "out/logs/sociometer/failures.tsv");
  EXPECT_TRUE(holds(failures, "sub-02_task-social_run-1")) << failures;
  EXPECT_TRUE(holds(failures, "4 scans are left for")) << failures;
}

TEST_F(RunPlanning, RefusalsNameTheModelsFileAndThePlace) {
  const std::string model = read_bytes(folder / "model.json"), file = folder / "model.json";
  const auto refused = [&](const std::string& from, const std::string& to, Words words,
                           int code = 3) {
    replace_in_model(from, to);
    words.push_back(file);
    EXPECT_TRUE(fails_with(run("group"), code, words)) << to;
    EXPECT_FALSE(fs::exists(folder / "out"));
    write_text(file, model);
  };
  refused(R"("trans_?", 1)", R"("trans_q", 1)", {": /Nodes/0/Model/X: ", "trans_q", "trans_"});
  refused(R"("GroupBy": ["contrast"])", R"("GroupBy": ["contrast", "site"])",
          {": /Nodes/2/GroupBy: ", "site"});
  refused(R"("ConditionList": ["rank"])", R"("ConditionList": ["trans_k*"])",
          {": /Nodes/0/Contrasts/1: ", "rank", "trans_k*", "no run"});
  refused(R"("X": [1], "Software": {"Sociometer": {})",
          R"("X": [1], "Software": {"Sociometer": {"Mask": "nowhere.nii.gz"})",
          {": /Nodes/2/Model/Software/Sociometer/Mask: ", "nowhere.nii.gz", "does not exist"});
  write_text(folder / "rois.tsv", "name\tfile\na\ta_mask.nii.gz\n");
  refused(R"("X": [1], "Software": {"Sociometer": {})",
          R"("X": [1], "Software": {"Sociometer": {"Rois": [")" + (folder / "rois.tsv") + "\"]}",
          {"/Model/Software/Sociometer/Rois: ", "a_mask.nii.gz", "does not exist"});
  refused(R"("Input": ["outcome_update")", R"("Input": ["outcome_updat")",
          {": /Nodes/0/Transformations: ", "outcome_updat", "the nearest name is"});
  refused(R"("task": ["social"])", R"("task": ["rest"])", {"task-rest", "Input of", "social"});
  refused(R"("task": ["social"])", R"("subject": ["77"])", {": /Input/subject: ", "sub-77"});
}

TEST_F(RunPlanning, AGroupMaskOnAnotherGridIsRefusedBeforeAnyJob) {
  const std::string mask = folder / "mask.nii.gz";
  fs::copy_file(run_file("01", 1, kMask), mask);
  move_grid(mask, 3);
  replace_in_model(R"("X": [1], "Software": {"Sociometer": {})",
                   R"("X": [1], "Software": {"Sociometer": {"Mask": ")" + mask + "\"}");
  EXPECT_TRUE(fails_with(run("group"), 3,
                         {"/Nodes/2/Model/Software/Sociometer/Mask", mask, "first voxel at (-93",
                          "first voxel at (-96", "resample"}));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(RunPlanning, AGroupOfTooFewIsKnownBeforehand) {
  const CommandResult plan = run("group", {"--participant-label", "sub-01", "--dry-run"});
  EXPECT_TRUE(exits_with(plan, 0));
  EXPECT_TRUE(holds(plan.out, "has 1 effect of participants for 1 column")) << plan.out;
  EXPECT_TRUE(exits_with(check({"--participant-label", "01"}), 5));
}

TEST_F(RunPlanning, DryRunsForeseeWhatFollowsLearning) {
  const CommandResult plan = run("group", {"--dry-run"});
  EXPECT_TRUE(exits_with(plan, 0));
  for (const char* job : {"learn ", "fit_node-subject_sub-04", "group_node-dataset"})
    EXPECT_TRUE(holds(plan.out, job)) << plan.out;
  EXPECT_FALSE(fs::exists(folder / "out"));
  // The real plan has the same jobs.
  ASSERT_TRUE(exits_with(run("group"), 0));
  const CommandResult done = run("group", {"--dry-run"});
  EXPECT_EQ(std::ranges::count(done.out, '\n'), std::ranges::count(plan.out, '\n'));
  EXPECT_FALSE(holds(done.out, "to do")) << done.out;
}

TEST_F(RunPlanning, CleanLeavesNothingOfPeopleWhoAreGone) {
  Words words = words_of_run("group");
  ASSERT_TRUE(exits_with(run_program(words), 0));
  const auto names_of = [&](const std::string& part) {
    Words found;
    for (const auto& path : everything_in(folder / "out"))
      if (holds(path, part) && !holds(path, "locks/")) found.push_back(path);
    return found;
  };
  ASSERT_TRUE(fs::exists(folder / "out/report/sub-04/index.html"));
  ASSERT_TRUE(fs::exists(folder / "out/report/sub-03/index.html"));
  fs::remove_all(folder / "study/sub-04");
  fs::remove_all(folder / "study/derivatives/fmriprep/sub-04");
  replace_in_model(R"("Name": "dataset")", R"("Name": "people")");
  words.emplace_back("--clean");
  const CommandResult cleaned = run_program(words);
  ASSERT_TRUE(exits_with(cleaned, 0));
  EXPECT_EQ(names_of("sub-04"), Words{});
  EXPECT_EQ(names_of("node-dataset"), Words{});
  EXPECT_EQ(names_of(".outputs/fit_").size(), 3u);
  EXPECT_EQ(names_of(".outputs/group_node-people").size(), 2u);
  EXPECT_TRUE(fs::exists(folder / "out/report/sub-03/index.html"));
  EXPECT_FALSE(holds(read_bytes(folder / "out/report/index.html"), "sub-04/index.html"));
}

TEST_F(RunPlanning, EarlierMapsOfWhoFailsNowAreNotInTheGroup) {
  ASSERT_TRUE(exits_with(run("group"), 0));
  fs::remove(folder / "study/sub-02/func/sub-02_task-social_run-1_events.tsv");
  const CommandResult result = run("group");
  EXPECT_TRUE(exits_with(result, 5));
  EXPECT_TRUE(holds(result.err, "leaves out what was not estimated: sub-02")) << result.err;
  EXPECT_TRUE(fs::exists(folder / "out/node-subject/sub-02"));
  const std::string group = read_bytes(folder /
                                       "out/node-dataset/task-social_space-MNI152NLin2009cAsym_"
                                       "contrast-rank_group.json");
  EXPECT_TRUE(holds(group, "sub-01"));
  EXPECT_FALSE(holds(group, "sub-02"));
}

TEST_F(RunPlanning, OtherAppsOptionsHaveReasons) {
  const auto accepted = [&](const Words& more) {
    Words all = more;
    all.emplace_back("--dry-run");
    EXPECT_TRUE(exits_with(run("participant", all), 0)) << more.front();
  };
  for (const Words& more :
       {Words{"--participant_label", "sub-01"}, Words{"--participant-label", "01", "02"},
        Words{"--session-label", "1"}, Words{"--task-id", "social"}, Words{"-t", "social"},
        Words{"--skip-bids-validation"}, Words{"--work-dir", "w"}, Words{"--n-cpus", "2"},
        Words{"--nthreads", "2"}, Words{"--omp-nthreads", "1"}, Words{"--mem-mb", "4000"},
        Words{"-vvv"}, Words{"--low-mem"}, Words{"--fs-license-file", "x"}, Words{"--sloppy"}})
    accepted(more);
  const auto refused = [&](const Words& more, const Words& words) {
    EXPECT_TRUE(fails_with(run("participant", more), 2, words));
  };
  refused({"--output-spaces", "MNI152NLin2009cAsym"}, {"--output-spaces", "--space"});
  refused({"--fd-spike-threshold", "0.5"}, {"Software.Sociometer.Censor"});
  refused({"--random-seed", "1"}, {"Software.Sociometer.Seed"});
  refused({"--reports-only"}, {"sociometer report"});
  refused({"--exclude-participant-label", "01"}, {"--participant-label"});
  refused({"--participant-lable", "01"}, {"did you mean --participant-label"});
  refused({"--ncpus", "1"}, {"did you mean --n"});
  const CommandResult version = run_program({"run", "--version"});
  EXPECT_TRUE(exits_with(version, 0));
  EXPECT_EQ(version.out, run_program({"--version"}).out);
  const CommandResult sessions = run("participant", {"--session-label", "3", "--dry-run"});
  EXPECT_TRUE(holds(sessions.err, "no image has this session; 8 without")) << sessions.err;
}

TEST_F(RunPlanning, ShardsAreMergedAfterFoldersWereMoved) {
  write_text(folder / "model.json", social_model(R"({"Permutations": 16, "Statistic": ["tfce"]})"));
  ASSERT_TRUE(exits_with(run("group", {"--shards", "2"}), 0));
  fs::copy(folder / "out", folder / "kept", fs::copy_options::recursive);
  const std::string of_rank =
      "group_node-dataset_task-social_space-MNI152NLin2009cAsym_"
      "contrast-rank";
  // As if the call had been killed after one shard; then both folders are moved.
  for (const std::string& ending : {"", "_shard-2-of-2"})
    fs::remove(folder / ("out/logs/sociometer/results/" + of_rank + ending + ".json"));
  const std::string before = read_bytes(folder / "out/logs/sociometer/log.jsonl");
  fs::create_directories(folder / "elsewhere");
  fs::rename(folder / "out", folder / "elsewhere/moved");
  fs::rename(folder / "study", folder / "elsewhere/raw");
  ASSERT_TRUE(exits_with(
      run_program({"run", folder / "elsewhere/raw", folder / "elsewhere/moved", "group", "--model",
                   folder / "model.json", "--shards", "2", "--no-report", "-q", "-j", "2"}),
      0));
  const std::string more =
      read_bytes(folder / "elsewhere/moved/logs/sociometer/log.jsonl").substr(before.size());
  for (const char* job : {"fit_", "learn", "shard-1-of-2", "contrast-outcome"})
    EXPECT_FALSE(holds(more, job)) << job << "\n" << more;
  EXPECT_TRUE(holds(more, of_rank + "_shard-2-of-2")) << more;
  EXPECT_TRUE(
      same_files(folder / "kept/node-dataset", folder / "elsewhere/moved/node-dataset", ".nii.gz"));
}

TEST_F(RunPlanning, TheDatasetDescriptionNamesItsSources) {
  ASSERT_TRUE(exits_with(run("participant"), 0));
  const Json description = read_json(folder / "out/dataset_description.json");
  EXPECT_EQ(description["GeneratedBy"][0]["Name"], "Sociometer");
  Words sources;
  for (const auto& source : description["SourceDatasets"]) sources.push_back(source["URL"]);
  std::ranges::sort(sources);
  const std::string study = folder / "study";
  EXPECT_EQ(sources, (Words{"file://" + study, "file://" + study + "/derivatives/fmriprep"}));
  EXPECT_TRUE(description["DatasetLinks"].contains("learning"));
  EXPECT_EQ(read_bytes(folder / "out/models/model.json"), read_bytes(folder / "model.json"));
}

TEST_F(RunPlanning, ADryRunSaysThatTheFolderCannotBeWritten) {
  write_text(folder / "file", "");
  EXPECT_TRUE(fails_with(run("participant", {"--dry-run"}, "file/out"), 4, {"file/out"}));
}

}  // namespace
}  // namespace sociometer::testing
