// How often each command opens its inputs. Readers take checksums while they read, so most files
// are opened once; what is opened more often is named here.
#include <filesystem>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/cli/group_study.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/roi_study.hpp"
#include "tests/cli/simulated_study.hpp"
#include "tests/cli/social_study.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

std::string real_path_of(const std::string& path) { return fs::weakly_canonical(path).string(); }

/// Runs the program and counts what it opened for reading.
class OpenedFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "sanitizers must be loaded before all other libraries";
  }
  void run(const Words& words) {
    const TemporaryFolder folder;
    const std::string log = folder / "log";
    const CommandResult result = run_program(
        words, fmt::format("OPENED_FILES='{}' LD_PRELOAD='{}'", log, SOCIOMETER_OPENED_FILES));
    ASSERT_TRUE(exits_with(result, 0));
    counts_.clear();
    std::istringstream lines(read_bytes(log));
    for (std::string line; std::getline(lines, line);) ++counts_[real_path_of(line)];
  }
  int count(const std::string& path) const {
    const auto found = counts_.find(real_path_of(path));
    return found == counts_.end() ? 0 : found->second;
  }
  void expect(int times, const Words& paths) const {
    for (const auto& path : paths) EXPECT_EQ(count(path), times) << path;
  }

 private:
  std::map<std::string, int> counts_;
};

Words followed_by(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_F(OpenedFiles, OfFit) {
  const Study study;
  Words confounds, sidecars;
  for (int run : {1, 2}) {
    confounds.push_back(study / fmt::format("run-{}_confounds.tsv", run));
    write_text(confounds.back(), ready_design({"x", "fd"}, kStudyScans, uint32_t(run)));
    sidecars.push_back(study / fmt::format("run-{}_bold.json", run));
    write_text(sidecars.back(), R"({"RepetitionTime": 2, "StartTime": 0})");
  }
  run(study.arguments(followed_by(
      {"--confound-columns", "x", "--censor", "fd>9", "--contrast", "a=a", "--confounds"},
      confounds)));
  expect(1, study.events);
  expect(1, confounds);
  expect(1, sidecars);
  expect(1, {study.mask});
  expect(2, study.bold);  // all headers are compared before any voxel is read
}

TEST_F(OpenedFiles, OfFitWithReadyDesigns) {
  Study study;
  const Words designs{study / "d1.tsv", study / "d2.tsv"};
  for (size_t r = 0; r < 2; ++r)
    write_text(designs[r], ready_design({"a"}, kStudyScans, uint32_t(r + 5)));
  study.events.clear();
  run(study.arguments(followed_by({"--contrast", "a=a", "--design"}, designs)));
  expect(1, designs);
}

TEST_F(OpenedFiles, OfDesign) {
  const Study study;
  const std::string confounds = study / "confounds.tsv";
  write_text(confounds, ready_design({"x"}, kStudyScans));
  run({"design", "--events", study.events[0], "--confounds", confounds, "--confound-columns", "x",
       "--tr", "2", "--n-scans", std::to_string(kStudyScans), "--log-level", "error", "-o",
       study / "out"});
  expect(1, {study.events[0], confounds});
}

TEST_F(OpenedFiles, OfContrast) {
  const Study study;
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a=a"}), 0));
  run({"contrast", study / "out/estimates.h5", "--contrast", "b=b", "--log-level", "error", "-o",
       study / "more"});
  expect(2, {study / "out/estimates.h5"});  // its seal is checked before HDF5 opens it
}

TEST_F(OpenedFiles, OfGroup) {
  GroupStudy study(1, 8);
  Words variances;
  for (int i = 1; i <= 8; ++i)
    variances.push_back(golden(fmt::format("simulated/group/var_{:02}.nii.gz", i)));
  std::string design = "mean\tage\n", blocks = "block\n";
  for (int i = 0; i < 8; ++i) {
    design += fmt::format("1\t{}\n", (i * 5) % 8 - 3.5);
    blocks += fmt::format("{}\n", i % 2);
  }
  write_text(study / "design.tsv", design);
  write_text(study / "blocks.tsv", blocks);
  const Words words = followed_by({"group", "--log-level", "error", "--design",
                                   study / "design.tsv", "--contrast", "mean=mean", "--effects"},
                                  study.effects);
  run(followed_by(followed_by(words, {"--mask", study.mask, "-o", study / "masked", "--method",
                                      "mixed", "--variances"}),
                  variances));
  expect(1, {study / "design.tsv", study.mask});
  expect(2, study.effects);  // all headers are compared before any voxel is read
  expect(2, variances);
  run(followed_by(
      words, {"--blocks", study / "blocks.tsv", "--permutations", "5", "-o", study / "unmasked"}));
  expect(1, {study / "design.tsv", study / "blocks.tsv"});
  expect(2, study.effects);  // the mask is found in what was read
}

TEST_F(OpenedFiles, OfGroupWithParticipants) {
  GroupStudy study(1, 8);
  study.name_participants();
  std::string people = "participant_id\tage\n";
  for (int i = 1; i <= 8; ++i) people += fmt::format("sub-{:02}\t{}\n", i, 20 + (i * 5) % 8);
  write_text(study / "participants.tsv", people);
  run(followed_by({"group", "--log-level", "error", "--mask", study.mask, "--participants",
                   study / "participants.tsv", "--covariates", "age", "--contrast", "age=age", "-o",
                   study / "out", "--effects"},
                  study.effects));
  expect(1, {study / "participants.tsv"});
}

TEST_F(OpenedFiles, OfRegionCommands) {
  const RoiStudy study;
  const std::string rois = study.make_rois();
  run(followed_by(followed_by({"roi", "extract", "--maps"}, study.maps),
                  {"--rois", rois, "--log-level", "error", "-o", study / "values"}));
  expect(1, {rois, study / "rois/roi-left_mask.nii.gz", study / "rois/roi-right_mask.nii.gz"});
  expect(2, study.maps);  // what all headers say is compared before any voxel is read

  const std::string table = study / "values/roi_values.tsv",
                    dictionary = study / "values/roi_values.json",
                    people = study / "participants.tsv";
  std::string text = "participant_id\tscore\n";
  for (int i = 1; i <= 12; ++i) text += fmt::format("sub-{:02}\t{}\n", i, (i * 7) % 12);
  write_text(people, text);
  run({"roi", "test", table, "--test", "regression", "--participants", people, "--covariates",
       "score", "--log-level", "error", "-o", study / "test"});
  expect(1, {table, dictionary, people});
  run({"roi", "dissociate", table, "--regions", "left", "right", "--signals", "x", "y",
       "--permutations", "99", "--log-level", "error", "-o", study / "dissociation"});
  expect(1, {table, dictionary});
  run({"roi", "individual", table, "--participants", people, "--scores", "score", "--permutations",
       "99", "--log-level", "error", "-o", study / "individual"});
  expect(1, {table, dictionary, people});
}

TEST_F(OpenedFiles, OfLearn) {
  const TemporaryFolder folder;
  Words events;
  for (const auto& person : write_social_study(folder / "bids", 2))
    for (int r : {0, 1}) events.push_back(folder / ("bids/" + events_path(person.label, r)));
  run({"learn", folder / "bids", folder / "out", "--models", "outcome", "--log-level", "error"});
  expect(1, events);
}

/// Plans, fits and a group in one process.
TEST_F(OpenedFiles, OfRun) {
  const TemporaryFolder folder;
  ASSERT_TRUE(simulated_study(folder / "study", 4));
  write_text(folder / "model.json", R"({"Name": "m", "BIDSModelVersion": "1.0.0",
 "Input": {"task": ["social"]},
 "Nodes": [
  {"Level": "Run", "Name": "run", "GroupBy": ["run", "subject"],
   "Transformations": {"Transformer": "pybids-transforms-v1", "Instructions": [
     {"Name": "Factor", "Input": ["trial_type"]},
     {"Name": "Convolve", "Model": "spm", "Input": ["trial_type.*"]}]},
   "Model": {"Type": "glm", "X": ["trial_type.*", "trans_?", 1]},
   "Contrasts": [{"Name": "feedback", "ConditionList": ["trial_type.feedback"], "Weights": [1],
                  "Test": "t"}]},
  {"Level": "Subject", "Name": "subject", "GroupBy": ["subject", "contrast"],
   "Model": {"Type": "meta", "X": [1]}, "DummyContrasts": {"Test": "t"}},
  {"Level": "Dataset", "Name": "dataset", "GroupBy": ["contrast"],
   "Model": {"Type": "glm", "X": [1]}, "DummyContrasts": {"Test": "t"}}]})");
  run({"run", folder / "study", folder / "out", "group", "--model", folder / "model.json",
       "--log-level", "error"});
  // The last run: columns are planned from the tables of the first.
  const std::string func =
                        folder / "study/derivatives/fmriprep/sub-04/func/sub-04_task-social_run-2",
                    space = func + "_space-MNI152NLin2009cAsym_desc-";
  expect(1, {folder / "study/sub-04/func/sub-04_task-social_run-2_events.tsv",
             func + "_desc-confounds_timeseries.tsv"});
  expect(2, {space + "brain_mask.nii.gz"});    // header for the plan, voxels for the fit
  expect(3, {space + "preproc_bold.nii.gz"});  // header for the plan, header and voxels for the fit
  expect(3, {folder / "out/node-subject/sub-04/"
                      "sub-04_task-social_space-MNI152NLin2009cAsym_contrast-feedback_"
                      "stat-effect_statmap.nii.gz"});  // as for group without a mask; its report
}

}  // namespace
}  // namespace sociometer::testing
