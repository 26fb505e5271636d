// Names of files by the folders of a study, and words of models in messages.
#include "cli/jobs/study/study_places.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "cli/jobs/study/plan_checks.hpp"
#include "cli/jobs/study/study_ledger.hpp"
#include "tests/jobs/request_round_trip.hpp"
#include "tests/support/files.hpp"

namespace sociometer::jobs {
namespace {

const StudyPlaces kPlaces{"/data/study/derivatives/mine",
                          "/data/study",
                          {"/data/study/derivatives/fmriprep", "/other/prep"}};

TEST(StudyPlaces, NameFilesByTheInnermostFolder) {
  for (const auto& [path, name] : std::vector<std::pair<std::string, std::string>>{
           {"/data/study/sub-01/x.tsv", "<bids>/sub-01/x.tsv"},
           {"/data/study/derivatives/mine/a", "<output>/a"},
           {"/data/study/derivatives/mine", "<output>"},
           {"/data/study/derivatives/fmriprep/b", "<derivatives-1>/b"},
           {"/other/prep/c", "<derivatives-2>/c"}}) {
    EXPECT_EQ(kPlaces.portable(path), name);
    EXPECT_EQ(kPlaces.resolved(name), path);
  }
  EXPECT_EQ(kPlaces.portable(std::string("dACC=/data/study/rois/x.nii")), "dACC=<bids>/rois/x.nii");
  for (const auto& other :
       std::vector<std::string>{"/data/study2/x", "node-subject/sub-01", "a=b", "/elsewhere/x=/y"})
    EXPECT_EQ(kPlaces.portable(other), other);
  testing::expect_round_trip(kPlaces);
}

TEST(StudyPlaces, AJobHasTheSameIdentityElsewhere) {
  StudyJob job;
  job.kind = StudyJobKind::fit;
  job.places = kPlaces;
  job.request.json = {{"bold", {"/data/study/derivatives/fmriprep/x.nii"}},
                      {"output", "/data/study/derivatives/mine"},
                      {"mask_fraction", 0.5}};
  StudyJob moved = job;
  moved.places = {"/new/mine", "/new/raw", {"/new/prep", "/other/prep"}};
  moved.request.json = {
      {"bold", {"/new/prep/x.nii"}}, {"output", "/new/mine"}, {"mask_fraction", 0.5}};
  EXPECT_EQ(identity_of(job), identity_of(moved));
  moved.request.json["mask_fraction"] = 0.4;
  EXPECT_NE(identity_of(job), identity_of(moved));
}

TEST(StudyPlaces, PathsAreOneFolderHoweverTheyAreWritten) {
  const std::string here = std::filesystem::current_path().string();
  for (const char* path : {"out", "out/", "./out", "x/../out//", "out/."})
    EXPECT_EQ(absolute_path(path), here + "/out") << path;
  EXPECT_EQ(absolute_path("/"), "/");
  EXPECT_EQ(absolute_path(""), "");
}

TEST(StudyPlaces, FoldersOfDerivativesMayHaveANameInFront) {
  const std::string here = std::filesystem::current_path().string();
  for (const char* word : {"prep", "fmriprep=prep", "a=./prep/"})
    EXPECT_EQ(derivatives_folder(word), here + "/prep") << word;
  EXPECT_EQ(derivatives_folder("fmriprep=/data/prep"), "/data/prep");
  const testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a=b");
  EXPECT_EQ(derivatives_folder(folder / "a=b"), folder / "a=b");
}

TEST(PlanChecks, SpeakOfSettingsAsModelsDo) {
  EXPECT_EQ(in_words_of_models("--smoothing-fwhm is -8 mm; see --tfce-e"),
            "SmoothingFwhm is -8 mm; see TfceE");
  EXPECT_EQ(in_words_of_models("a -- b, --x. and -1"), "a -- b, X. and -1");
}

}  // namespace
}  // namespace sociometer::jobs
