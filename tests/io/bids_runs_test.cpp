#include "io/bids/bids_runs.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "io/bids/bids_inheritance.hpp"
#include "tests/io/bids_trees.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// A raw dataset and derivatives made of empty files.
class BidsRuns : public ::testing::Test {
 protected:
  void make(const std::vector<std::string>& raw, const std::vector<std::string>& derivatives) {
    make_files(folder_ / "raw", {"dataset_description.json", "sub-01/anat/sub-01_T1w.nii.gz"});
    make_files(folder_ / "raw", raw);
    make_files(folder_ / "out", {"dataset_description.json"});
    make_files(folder_ / "out", derivatives);
  }
  BidsStudy study() const { return index_study(folder_ / "raw", {folder_ / "out"}); }
  RunSelection find(const BidsFilter& filter = {}) const { return find_runs(study(), filter); }
  std::string raw(const std::string& name) const { return folder_ / ("raw/" + name); }
  std::string out(const std::string& name) const { return folder_ / ("out/" + name); }

  TemporaryFolder folder_;
};

BidsFilter only(const std::string& key, const std::vector<std::string>& labels) {
  BidsFilter filter;
  filter.add(key, labels);
  return filter;
}

TEST_F(BidsRuns, ResolutionChoosesImagesAndMasksButNoConfounds) {
  make({}, {"sub-01/func/sub-01_task-x_space-MNI_desc-preproc_bold.nii.gz",
            "sub-01/func/sub-01_task-x_space-MNI_desc-brain_mask.nii.gz",
            "sub-01/func/sub-01_task-x_space-MNI_res-2_desc-preproc_bold.nii.gz",
            "sub-01/func/sub-01_task-x_space-MNI_res-2_desc-brain_mask.nii.gz",
            "sub-01/func/sub-01_task-x_desc-brain_mask.nii.gz",
            "sub-01/func/sub-01_task-x_desc-confounds_timeseries.tsv"});
  const auto found = find(only("res", {"2"}));
  ASSERT_EQ(found.runs.size(), 1u);
  EXPECT_EQ(found.runs[0].mask,
            out("sub-01/func/sub-01_task-x_space-MNI_res-2_desc-brain_mask.nii.gz"));
  EXPECT_EQ(found.runs[0].confounds,
            out("sub-01/func/sub-01_task-x_desc-confounds_timeseries.tsv"));
  EXPECT_TRUE(refuses(ErrorCode::bad_input,
                      {"sub-01_task-x has 2 images", "choose one by", "res (2, none)"},
                      [&] { find(); }));
}

TEST_F(BidsRuns, MaskOfAnotherSpaceIsNotTaken) {
  make({}, {"sub-01/func/sub-01_task-x_space-MNI_res-2_desc-preproc_bold.nii.gz",
            "sub-01/func/sub-01_task-x_space-MNI_desc-brain_mask.nii.gz",
            "sub-01/func/sub-01_task-x_desc-brain_mask.nii.gz"});
  const auto found = find();
  EXPECT_EQ(found.runs[0].mask, "");
  EXPECT_EQ(finding(found.findings, BidsOddity::no_mask).where,
            std::vector<std::string>{"sub-01_task-x"});
  EXPECT_EQ(finding(found.findings, BidsOddity::no_confounds).where,
            std::vector<std::string>{"sub-01_task-x"});
}

TEST_F(BidsRuns, ConfoundsAreFoundWithAllKindsOfEntities) {
  make({},
       {"sub-01/func/sub-01_task-x_acq-a_ce-c_rec-r_dir-AP_run-2_part-mag_space-MNIInfant_cohort-3_"
        "desc-preproc_bold.nii.gz",
        "sub-01/func/sub-01_task-x_acq-a_ce-c_rec-r_dir-AP_run-02_desc-confounds_regressors.tsv",
        "sub-01/func/sub-01_task-x_acq-a_ce-c_rec-r_dir-PA_run-2_desc-confounds_timeseries.tsv",
        "sub-01/func/sub-01_task-x_desc-confounds_timeseries.tsv"});
  const auto found = find();
  EXPECT_EQ(found.runs[0].confounds,
            out("sub-01/func/"
                "sub-01_task-x_acq-a_ce-c_rec-r_dir-AP_run-02_desc-confounds_regressors.tsv"));
  EXPECT_EQ(found.runs[0].run_label(), "sub-01_task-x_acq-a_ce-c_dir-AP_run-2");
}

TEST_F(BidsRuns, NewerNameOfConfoundsComesFirst) {
  make({},
       {"sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz",
        "sub-01/func/sub-01_task-x_bold_confounds.tsv", "sub-01/func/sub-01_task-x_timeseries.tsv",
        "sub-01/func/sub-01_task-x_desc-confounds_regressors.tsv",
        "sub-01/func/sub-01_task-x_desc-confounds_timeseries.tsv"});
  EXPECT_EQ(find().runs[0].confounds,
            out("sub-01/func/sub-01_task-x_desc-confounds_timeseries.tsv"));
}

TEST_F(BidsRuns, NativeImageIsTheOneWithoutSpace) {
  make({}, {"sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz",
            "sub-01/func/sub-01_task-x_desc-preproc_bold.json",
            "sub-01/func/sub-01_task-x_desc-brain_mask.nii.gz",
            "sub-01/func/sub-01_task-x_space-T1w_desc-preproc_bold.nii.gz",
            "sub-01/func/sub-01_task-x_space-T1w_desc-preproc_bold.json",
            "sub-01/func/sub-01_task-x_echo-1_desc-preproc_bold.nii.gz",
            "sub-01/func/sub-01_task-x_echo-2_desc-preproc_bold.nii.gz"});
  BidsFilter native, t1w;
  native.add_space("native");
  t1w.add_space("T1w");
  const auto found = find(native);
  EXPECT_EQ(found.runs[0].bold, out("sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz"));
  EXPECT_EQ(found.runs[0].mask, out("sub-01/func/sub-01_task-x_desc-brain_mask.nii.gz"));
  EXPECT_EQ(finding(found.findings, BidsOddity::echoes_left_out).where.size(), 2u);
  // The native image's sidecar has no entity that the other lacks, and still is not its own.
  EXPECT_EQ(
      find(t1w).runs[0].sidecars,
      std::vector<std::string>{out("sub-01/func/sub-01_task-x_space-T1w_desc-preproc_bold.json")});
  const auto echo = find(only("echo", {"2"}));
  EXPECT_EQ(echo.runs[0].bold, out("sub-01/func/sub-01_task-x_echo-2_desc-preproc_bold.nii.gz"));
  EXPECT_EQ(echo.runs[0].mask, out("sub-01/func/sub-01_task-x_desc-brain_mask.nii.gz"));
}

TEST_F(BidsRuns, CombinedEchoesBelongToAllRawEchoes) {
  make({"task-x_echo-1_bold.json", "sub-01/func/sub-01_task-x_run-01_echo-1_bold.nii.gz",
        "sub-01/func/sub-01_task-x_run-01_echo-2_bold.nii.gz",
        "sub-01/func/sub-01_task-x_run-01_events.tsv"},
       {"sub-01/func/sub-01_task-x_run-1_desc-preproc_bold.nii.gz"});
  const auto found = find();
  EXPECT_EQ(found.runs[0].raw_bold.size(), 2u);
  EXPECT_EQ(found.runs[0].raw_sidecars, std::vector<std::string>{raw("task-x_echo-1_bold.json")});
  EXPECT_EQ(found.runs[0].events, raw("sub-01/func/sub-01_task-x_run-01_events.tsv"));
  EXPECT_NE(finding(found.findings, BidsOddity::run_labels_differ).message.find("run-01, run-1"),
            std::string::npos);
}

TEST_F(BidsRuns, SameImageTwiceIsRefused) {
  make({}, {"sub-01/func/sub-01_task-x_run-1_desc-preproc_bold.nii.gz",
            "sub-01/func/sub-01_task-x_run-01_desc-preproc_bold.nii.gz"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"2 images", "run-1_", "run-01_", "leave only one"},
                      [&] { find(); }));
  make_files(folder_ / "other",
             {"dataset_description.json", "sub-02/func/sub-02_task-x_desc-preproc_bold.nii.gz"});
  make_files(folder_ / "third",
             {"dataset_description.json", "sub-02/func/sub-02_task-x_desc-preproc_bold.nii.gz"});
  const auto two = index_study(folder_ / "raw", {folder_ / "other", folder_ / "third"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input,
                      {"/other/", "/third/", "name only one of these folders"},
                      [&] { find_runs(two, {}); }));
}

TEST_F(BidsRuns, ReconstructionsOfOneRunAreNotFittedTogether) {
  make({}, {"sub-01/func/sub-01_task-x_rec-a_desc-preproc_bold.nii.gz",
            "sub-01/func/sub-01_task-x_rec-b_desc-preproc_bold.nii.gz"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"choose one by rec (a, b)"}, [&] { find(); }));
  EXPECT_EQ(find(only("reconstruction", {"b"})).runs.size(), 1u);
}

TEST_F(BidsRuns, AcquisitionsTasksSessionsAndDirectionsAreRunsOfTheirOwn) {
  make({}, {"sub-01/ses-1/func/sub-01_ses-1_task-x_acq-a_desc-preproc_bold.nii.gz",
            "sub-01/ses-1/func/sub-01_ses-1_task-x_acq-b_desc-preproc_bold.nii.gz",
            "sub-01/ses-1/func/sub-01_ses-1_task-y_dir-AP_desc-preproc_bold.nii.gz",
            "sub-01/ses-1/func/sub-01_ses-1_task-y_dir-PA_desc-preproc_bold.nii.gz",
            "sub-01/ses-2/func/sub-01_ses-2_task-x_acq-a_desc-preproc_bold.nii.gz"});
  const auto found = find();
  std::vector<std::string> labels;
  for (const auto& run : found.runs) labels.push_back(run.run_label());
  EXPECT_EQ(labels,
            (std::vector<std::string>{"sub-01_ses-1_task-x_acq-a", "sub-01_ses-1_task-x_acq-b",
                                      "sub-01_ses-1_task-y_dir-AP", "sub-01_ses-1_task-y_dir-PA",
                                      "sub-01_ses-2_task-x_acq-a"}));
  const auto odd = finding(found.findings, BidsOddity::several_acquisitions);
  EXPECT_EQ(odd.where, (std::vector<std::string>{labels[0], labels[1]}));
  EXPECT_NE(odd.message.find("(a, b)"), std::string::npos) << odd.message;
  const auto one = find(only("acquisition", {"a"}));
  EXPECT_EQ(one.runs.size(), 2u);
  EXPECT_EQ(finding(one.findings, BidsOddity::several_acquisitions).message, "");
  EXPECT_EQ(find(only("task", {"x", "y"})).runs.size(), 5u);
}

TEST_F(BidsRuns, SessionOptionAndFilterFileBothHold) {
  make({}, {"sub-01/ses-1/func/sub-01_ses-1_task-x_desc-preproc_bold.nii.gz",
            "sub-01/ses-2/func/sub-01_ses-2_task-x_desc-preproc_bold.nii.gz",
            "sub-01/ses-3/func/sub-01_ses-3_task-x_desc-preproc_bold.nii.gz"});
  BidsFilter filter;
  filter.add("session", {"2", "3"});  // --session-label
  filter.add("session", {"1", "2"});  // a filter file
  const auto found = find(filter);
  ASSERT_EQ(found.runs.size(), 1u);
  EXPECT_EQ(found.runs[0].label("ses"), "2");
  filter.add("session", {"3"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"ses there: 1, 2, 3"}, [&] { find(filter); }));
}

TEST_F(BidsRuns, EventsAreInheritedByEveryone) {
  make({"task-x_events.tsv", "task-x_events.json", "events.json", "task-y_events.tsv",
        "sub-02/sub-02_task-x_events.tsv", "sub-02/sub-02_task-x_events.json",
        "sub-02/ses-1/sub-02_ses-1_task-x_events.tsv",
        "sub-02/ses-1/func/sub-02_ses-1_task-x_run-02_events.tsv",
        "sub-02/ses-1/func/sub-02_ses-1_task-x_run-02_physio.tsv.gz"},
       {"sub-01/func/sub-01_task-x_run-1_desc-preproc_bold.nii.gz",
        "sub-02/ses-1/func/sub-02_ses-1_task-x_run-1_desc-preproc_bold.nii.gz",
        "sub-02/ses-1/func/sub-02_ses-1_task-x_run-2_desc-preproc_bold.nii.gz",
        "sub-02/ses-2/func/sub-02_ses-2_task-x_desc-preproc_bold.nii.gz"});
  const auto runs = find().runs;
  ASSERT_EQ(runs.size(), 4u);
  EXPECT_EQ(runs[0].events, raw("task-x_events.tsv"));
  EXPECT_EQ(runs[0].events_sidecars,
            (std::vector<std::string>{raw("events.json"), raw("task-x_events.json")}));
  EXPECT_EQ(runs[1].events, raw("sub-02/ses-1/sub-02_ses-1_task-x_events.tsv"));
  EXPECT_EQ(runs[2].events, raw("sub-02/ses-1/func/sub-02_ses-1_task-x_run-02_events.tsv"));
  EXPECT_EQ(runs[2].events_sidecars,
            (std::vector<std::string>{raw("events.json"), raw("task-x_events.json"),
                                      raw("sub-02/sub-02_task-x_events.json")}));
  EXPECT_EQ(runs[3].events, raw("sub-02/sub-02_task-x_events.tsv"));
}

TEST_F(BidsRuns, MostSpecificTableOfALevelWinsAndTiesAreRefused) {
  make({"task-x_events.tsv", "task-x_run-1_events.tsv"},
       {"sub-01/func/sub-01_task-x_acq-a_run-01_desc-preproc_bold.nii.gz"});
  EXPECT_EQ(find().runs[0].events, raw("task-x_run-1_events.tsv"));
  make_files(folder_ / "raw", {"task-x_acq-a_events.tsv"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input,
                      {"task-x_run-1_events.tsv", "task-x_acq-a_events.tsv", "both apply"},
                      [&] { find(); }));
}

TEST_F(BidsRuns, EventsOfDerivativesServeWhenTheRawDatasetHasNone) {
  make(
      {"sub-01/func/sub-01_task-y_events.tsv", "sub-01/func/sub-01_task-y_bold.nii.gz"},
      {"sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz", "sub-01/func/sub-01_task-x_events.tsv",
       "sub-01/func/sub-01_task-y_desc-preproc_bold.nii.gz",
       "sub-01/func/sub-01_task-y_events.tsv"});
  const auto found = find();
  EXPECT_EQ(found.runs[0].events, out("sub-01/func/sub-01_task-x_events.tsv"));
  EXPECT_EQ(found.runs[1].events, raw("sub-01/func/sub-01_task-y_events.tsv"));
  EXPECT_EQ(finding(found.findings, BidsOddity::events_in_derivative).where,
            std::vector<std::string>{"sub-01_task-x"});
  EXPECT_EQ(finding(found.findings, BidsOddity::run_not_in_raw).where,
            std::vector<std::string>{"sub-01_task-x"});
}

TEST_F(BidsRuns, SidecarsAreInheritedByEveryParticipant) {
  make({"task-x_bold.json", "bold.json", "sub-01/func/sub-01_task-x_bold.nii.gz",
        "sub-02/sub-02_bold.json", "sub-02/func/sub-02_task-x_bold.nii.gz",
        "sub-02/func/sub-02_task-x_bold.json"},
       {"sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz",
        "sub-02/func/sub-02_task-x_desc-preproc_bold.nii.gz"});
  const auto runs = find().runs;
  EXPECT_EQ(runs[0].raw_sidecars,
            (std::vector<std::string>{raw("bold.json"), raw("task-x_bold.json")}));
  EXPECT_EQ(runs[1].raw_sidecars,
            (std::vector<std::string>{raw("bold.json"), raw("task-x_bold.json"),
                                      raw("sub-02/sub-02_bold.json"),
                                      raw("sub-02/func/sub-02_task-x_bold.json")}));
}

TEST_F(BidsRuns, SidecarsOfWhichNoneIsMoreSpecificAreReported) {
  make({"task-x_bold.json", "acq-a_bold.json", "sub-01/func/sub-01_task-x_acq-a_bold.nii.gz"},
       {"sub-01/func/sub-01_task-x_acq-a_desc-preproc_bold.nii.gz"});
  EXPECT_EQ(finding(find().findings, BidsOddity::several_sidecars).where.size(), 2u);
}

TEST_F(BidsRuns, BidsignoreHidesNothing) {
  make({}, {"sub-01/func/sub-01_task-x_space-MNI_desc-preproc_bold.nii.gz",
            "sub-01/func/sub-01_task-x_desc-confounds_timeseries.tsv"});
  write_text(out(".bidsignore"), "*space-*\n*_timeseries.*\n*_timeseries.tsv\n");
  EXPECT_FALSE(find().runs[0].confounds.empty());
}

TEST_F(BidsRuns, CompareWithRawRunsThatWereAskedFor) {
  make({"sub-01/func/sub-01_task-x_run-01_bold.nii.gz",
        "sub-01/func/sub-01_task-x_run-02_bold.nii.gz", "sub-01/func/sub-01_task-y_bold.nii.gz",
        "sub-02/func/sub-02_task-x_run-01_bold.nii.gz"},
       {"sub-01/func/sub-01_task-x_run-1_desc-preproc_bold.nii.gz"});
  const auto found = find(only("task", {"x"}));
  EXPECT_EQ(finding(found.findings, BidsOddity::run_without_derivative).where,
            std::vector<std::string>{"sub-01_task-x_run-02"});
}

TEST_F(BidsRuns, MasksAndConfoundsMayComeFromOtherDerivatives) {
  make({}, {"sub-01/func/sub-01_task-x_space-MNI_desc-brain_mask.nii.gz",
            "sub-01/func/sub-01_task-x_desc-confounds_timeseries.tsv"});
  make_files(folder_ / "smooth", {"dataset_description.json",
                                  "sub-01/func/sub-01_task-x_space-MNI_desc-denoised_bold.nii.gz"});
  const auto study = index_study(folder_ / "raw", {folder_ / "smooth", folder_ / "out"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"desc-preproc", "desc there: denoised"},
                      [&] { find_runs(study, {}); }));
  const auto run = find_runs(study, only("desc", {"denoised"})).runs[0];
  EXPECT_EQ(run.dataset, folder_ / "smooth");
  EXPECT_EQ(run.mask, out("sub-01/func/sub-01_task-x_space-MNI_desc-brain_mask.nii.gz"));
  EXPECT_EQ(run.confounds, out("sub-01/func/sub-01_task-x_desc-confounds_timeseries.tsv"));
}

TEST_F(BidsRuns, ContentThatIsNotHereIsNamedWithItsCommand) {
  make({}, {"sub-01/func/sub-01_task-x_desc-brain_mask.nii.gz"});
  const std::string image = out("sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz");
  fs::create_symlink("../../.git/annex/objects/ab/cd/KEY", image);
  auto found = find();
  EXPECT_EQ(found.runs[0].missing_content, std::vector<std::string>{image});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"1 file", "datalad get " + image},
                      [&] { require_content(found.runs[0]); }));
  fs::remove(image);
  write_text(image, "/annex/objects/MD5E-s123--0123456789abcdef.nii.gz\n");  // unlocked
  found = find();
  EXPECT_TRUE(found.runs[0].missing_content.empty());
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"datalad get " + image},
                      [&] { require_content(found.runs[0]); }));
  fs::remove(image);
  fs::create_symlink("/nowhere/x.nii.gz", image);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {image, "is a link to /nowhere/x.nii.gz"},
                      [&] { require_content(find().runs[0]); }));
  fs::remove(image);
  write_text(image, "content");
  EXPECT_NO_THROW(require_content(find().runs[0]));
}

TEST_F(BidsRuns, CiftiAndGiftiAreNoImages) {
  make({}, {"sub-01/func/sub-01_task-x_space-fsLR_den-91k_bold.dtseries.nii",
            "sub-02/func/sub-02_task-x_desc-preproc_bold.nii.gz"});
  const auto found = find();
  EXPECT_EQ(found.runs.size(), 1u);
  EXPECT_EQ(finding(found.findings, BidsOddity::person_without_runs).where,
            std::vector<std::string>{"sub-01"});
}

TEST_F(BidsRuns, OrderDoesNotDependOnTheFileSystem) {
  make({}, {"sub-10/func/sub-10_task-a_run-10_desc-preproc_bold.nii.gz",
            "sub-10/func/sub-10_task-a_run-9_desc-preproc_bold.nii.gz",
            "sub-9/func/sub-9_task-b_desc-preproc_bold.nii.gz",
            "sub-9/func/sub-9_task-a_run-2_desc-preproc_bold.nii.gz",
            "sub-9/func/sub-9_task-a_desc-preproc_bold.nii.gz"});
  std::vector<std::string> labels;
  for (const auto& run : find().runs) labels.push_back(run.run_label());
  EXPECT_EQ(labels, (std::vector<std::string>{"sub-9_task-a", "sub-9_task-a_run-2", "sub-9_task-b",
                                              "sub-10_task-a_run-9", "sub-10_task-a_run-10"}));
}

}  // namespace
}  // namespace sociometer::testing
