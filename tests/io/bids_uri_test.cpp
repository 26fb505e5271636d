#include "io/bids/bids_uri.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "io/records/sidecar.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

TEST(BidsUri, NamesTheNearestDatasetAndTheFileWithinIt) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "study/derivatives/fmri-prep/sub-01");
  write_text(folder / "study/dataset_description.json", "{}");
  write_text(folder / "study/derivatives/fmri-prep/dataset_description.json", "{}");
  BidsUris uris;
  EXPECT_EQ(uris.of(folder / "study/sub-01_events.tsv"), "bids:study:sub-01_events.tsv");
  EXPECT_EQ(uris.of(folder / "study/derivatives/fmri-prep/sub-01/x_bold.nii.gz"),
            "bids:fmriprep:sub-01/x_bold.nii.gz");
  EXPECT_EQ(uris.links().at("fmriprep"), "file://" + (folder / "study/derivatives/fmri-prep"));
}

TEST(BidsUri, KeepsDatasetsOfOneNameApart) {
  const TemporaryFolder folder;
  for (const char* name : {"a/data", "b/data"}) {
    fs::create_directories(folder / name);
    write_text(folder / (std::string(name) + "/dataset_description.json"), "{}");
  }
  BidsUris uris;
  EXPECT_EQ(uris.of(folder / "a/data/x"), "bids:data:x");
  EXPECT_EQ(uris.of(folder / "b/data/x"), "bids:data2:x");
  EXPECT_EQ(uris.of(folder / "a/data/y"), "bids:data:y");
}

TEST(BidsUri, AFileInNoDatasetKeepsItsPath) {
  const TemporaryFolder folder;
  BidsUris uris;
  EXPECT_EQ(uris.of(folder / "x.nii"), folder / "x.nii");
  EXPECT_TRUE(uris.links().empty());
}

TEST(DatasetDescription, KeepsTheLinksThatAreThere) {
  const TemporaryFolder folder;
  const std::string path = folder / "dataset_description.json";
  write_text(path, dataset_description("1", "c", {{"raw", "file:///raw"}}));
  const Json both =
      Json::parse(dataset_description("1", "c", linked_datasets(path, {{"prep", "file:///prep"}})));
  EXPECT_EQ(both["DatasetLinks"]["raw"], "file:///raw");
  EXPECT_EQ(both["DatasetLinks"]["prep"], "file:///prep");
}

}  // namespace
}  // namespace sociometer::testing
