#include "io/bids/bids_index.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/io/bids_trees.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

class BidsIndex : public ::testing::Test {
 protected:
  std::vector<std::string> names_of_files(const BidsDataset& dataset) const {
    std::vector<std::string> out;
    for (const auto& person : dataset.people)
      for (const auto& file : person.files)
        out.push_back(fs::path(file.path).lexically_relative(dataset.root).string());
    return out;
  }
  TemporaryFolder folder_;
  BidsFindings findings_;
};

TEST_F(BidsIndex, EntersOnlyFoldersOfParticipantsAtTheTop) {
  make_files(
      folder_.path(),
      {"dataset_description.json", "task-x_bold.json", "sub-10/func/sub-10_task-x_bold.nii.gz",
       "sub-2/ses-b/func/sub-2_ses-b_task-x_bold.nii.gz",
       "sub-2/ses-a/func/sub-2_ses-a_task-x_events.tsv", "sub-2/ses-a/func/x_physio.tsv.gz",
       "sub-2/sub-2_task-x_events.json", "sub-2/figures/sub-2_task-x_desc-carpet_bold.nii.gz",
       "sub-2/anat/sub-2_desc-brain_mask.nii.gz", "sub-2/func/.hidden_bold.nii.gz",
       "sourcedata/sub-3/func/sub-3_task-x_bold.nii.gz",
       "derivatives/old/sub-3/func/sub-3_task-x_bold.nii.gz",
       "code/sub-3/func/sub-3_task-x_bold.nii.gz", "logs/sub-3/func/sub-3_task-x_bold.nii.gz",
       ".git/sub-3/func/sub-3_task-x_bold.nii.gz", "sub-4.html", "sub-5"});
  const auto dataset = index_dataset(folder_.path(), {}, findings_);
  EXPECT_TRUE(dataset.has_description);
  EXPECT_EQ(bids_participants(folder_.path()), (std::vector<std::string>{"2", "10"}));
  EXPECT_EQ(names_of_files(dataset),
            (std::vector<std::string>{"sub-2/sub-2_task-x_events.json",
                                      "sub-2/ses-a/func/sub-2_ses-a_task-x_events.tsv",
                                      "sub-2/ses-b/func/sub-2_ses-b_task-x_bold.nii.gz",
                                      "sub-10/func/sub-10_task-x_bold.nii.gz"}));
  EXPECT_EQ(dataset.person("2")->sessions, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(dataset.person("3"), nullptr);
  ASSERT_EQ(dataset.shared.size(), 1u);
  EXPECT_EQ(dataset.shared[0].level, BidsLevel::dataset);
  EXPECT_TRUE(findings_.empty());
}

TEST_F(BidsIndex, ListsOnlyTheParticipantsThatAreWanted) {
  make_files(folder_.path(), {"sub-01/func/sub-01_task-x_bold.nii.gz", "sub-02/x", "sub-03/x"});
  const auto dataset = index_dataset(folder_.path(), {"sub-01", "02"}, findings_);
  ASSERT_EQ(dataset.people.size(), 2u);
  EXPECT_EQ(dataset.people[1].label, "02");
}

TEST_F(BidsIndex, PartialCloneNeedsNothingOfOtherPeople) {
  write_text(folder_ / "participants.tsv", "participant_id\nsub-01\nsub-02\n");
  make_files(folder_.path(),
             {"raw/dataset_description.json", "raw/sub-01/func/sub-01_task-x_bold.nii.gz",
              "fmriprep/dataset_description.json",
              "fmriprep/sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz"});
  const auto study = index_study(folder_ / "raw", {folder_ / "fmriprep"}, {"01"});
  EXPECT_EQ(study.participants(), std::vector<std::string>{"01"});
  EXPECT_TRUE(study.findings.empty());
}

TEST_F(BidsIndex, LinksThatLeadInCirclesOrNowhereEnd) {
  make_files(folder_.path(), {"sub-01/func/sub-01_task-x_bold.nii.gz"});
  fs::create_symlink("sub-02", folder_ / "sub-02");       // itself
  fs::create_directory_symlink(".", folder_ / "sub-03");  // its parent
  fs::create_symlink("nowhere", folder_ / "sub-04");
  fs::create_directory_symlink("../..", folder_.path() / "sub-01" / "func" / "ses-1");
  fs::create_directory_symlink("..", folder_.path() / "sub-01" / "ses-loop");
  const auto dataset = index_dataset(folder_.path(), {}, findings_);
  EXPECT_EQ(dataset.people.size(), 2u);
  EXPECT_EQ(names_of_files(dataset),
            std::vector<std::string>{"sub-01/func/sub-01_task-x_bold.nii.gz"});
}

TEST_F(BidsIndex, FoldersThatAreLinksAreFollowed) {
  make_files(folder_.path(), {"store/01/func/sub-01_task-x_bold.nii.gz"});
  fs::create_directories(folder_ / "bids");
  fs::create_directory_symlink("../store/01", folder_ / "bids/sub-01");
  const auto dataset = index_dataset(folder_ / "bids/", {}, findings_);
  EXPECT_EQ(names_of_files(dataset),
            std::vector<std::string>{"sub-01/func/sub-01_task-x_bold.nii.gz"});
}

TEST_F(BidsIndex, NamesGoByTheirFoldersOrAreLeftOut) {
  make_files(folder_.path(), {"sub-01/ses-1/func/task-x_events.tsv",
                              "sub-01/ses-1/func/sub-01_ses-2_task-x_bold.nii.gz",
                              "sub-01/ses-1/func/sub-02_ses-1_task-x_bold.nii.gz"});
  const auto dataset = index_dataset(folder_.path(), {}, findings_);
  ASSERT_EQ(dataset.people[0].files.size(), 1u);
  EXPECT_EQ(dataset.people[0].files[0].name.label("sub"), "01");
  EXPECT_EQ(dataset.people[0].files[0].name.label("ses"), "1");
  EXPECT_EQ(finding(findings_, BidsOddity::misplaced_file).where.size(), 2u);
}

TEST_F(BidsIndex, ReportsEmptyFoldersAndMissingDescriptions) {
  make_files(folder_.path(),
             {"raw/dataset_description.json", "raw/sub-01/func/sub-01_task-x_bold.nii.gz",
              "out/sub-01/func/sub-01_task-x_desc-preproc_bold.nii.gz", "out/sub-09/x"});
  fs::create_directories(folder_ / "raw/sub-02");
  const auto study = index_study(folder_ / "raw", {folder_ / "out"});
  EXPECT_EQ(kinds_of(study.findings),
            (std::vector<std::string>{"empty-folder", "no-dataset-description", "person-not-in-raw",
                                      "person-without-derivatives"}));
  EXPECT_NE(finding(study.findings, BidsOddity::empty_folder).message.find("datalad get -n"),
            std::string::npos);
  EXPECT_EQ(finding(study.findings, BidsOddity::no_dataset_description).where,
            std::vector<std::string>{folder_ / "out"});
  EXPECT_EQ(finding(study.findings, BidsOddity::person_not_in_raw).where,
            std::vector<std::string>{"sub-09"});
}

TEST_F(BidsIndex, RefusesUnknownParticipantsNamingTheNearest) {
  make_files(folder_.path(), {"dataset_description.json", "sub-01/x", "sub-control02/x"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"sub-1 ", "did you mean sub-01?"},
                      [&] { index_study(folder_.path(), {}, {"1"}); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"did you mean sub-control02?"}, [&] {
    index_study(folder_.path(), {}, {"01", "sub-control2"});
  }));
}

TEST_F(BidsIndex, RefusesFoldersThatAreNoDatasets) {
  make_files(folder_.path(), {"out/fmriprep/sub-01/x", "out/freesurfer/x", "empty/x"});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"did you mean", "out/fmriprep?"},
                      [&] { index_study(folder_ / "out", {}); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"no sub-* folders"},
                      [&] { index_study(folder_ / "empty", {}); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"is not a folder"},
                      [&] { index_study(folder_ / "nothing", {}); }));
}

TEST_F(BidsIndex, DefaultDerivativesAreFmriprepsOrTheOnlyOnes) {
  const std::string root = folder_.path();
  EXPECT_TRUE(refuses(ErrorCode::usage, {"--derivatives"}, [&] { default_derivatives(root); }));
  make_files(root, {"derivatives/freesurfer/sub-01/x", "derivatives/nipype/sub-01/x"});
  EXPECT_EQ(default_derivatives(root), root + "/derivatives/nipype");
  make_files(root, {"derivatives/fmriprep-23/sub-01/x"});
  EXPECT_EQ(default_derivatives(root), root + "/derivatives/fmriprep-23");
  make_files(root, {"derivatives/fmriprep-24/sub-01/x"});
  EXPECT_TRUE(refuses(ErrorCode::usage, {"several", "fmriprep-23", "fmriprep-24", "--derivatives"},
                      [&] { default_derivatives(root); }));
}

TEST(BidsNaturalOrder, CountsNumbersWithinLabels) {
  EXPECT_TRUE(natural_less("2", "10"));
  EXPECT_TRUE(natural_less("P2", "P10"));
  EXPECT_TRUE(natural_less("LFContrast3p7", "LFContrast22p5"));
  EXPECT_TRUE(natural_less("22", "A1"));
  EXPECT_FALSE(natural_less("P10", "P2"));
  EXPECT_FALSE(natural_less("01", "1"));
  EXPECT_TRUE(label_less("01", "1"));
  EXPECT_TRUE(natural_less("a1", "a1b"));
}

}  // namespace
}  // namespace sociometer::testing
