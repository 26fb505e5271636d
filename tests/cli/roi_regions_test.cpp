// Regions that do not fit the maps, names as atlases have them, shapes out of all proportion.
#include <gtest/gtest.h>

#include "tests/cli/roi_study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// An atlas on a grid that begins `shift` voxels to the left of the study's and is as long:
/// label 1 in its columns x = 0 .. 3, label 2 in the others.
std::string shifted_atlas(const RoiStudy& study, Eigen::Index shift) {
  Grid on = study.grid;
  on.world_from_voxel(0, 3) -= 3.0 * double(shift);
  std::vector<double> labels;
  for (Eigen::Index v = 0; v < on.n_voxels(); ++v) labels.push_back(on.position(v)[0] < 4 ? 1 : 2);
  const std::string path = study / "atlas.nii.gz";
  study.write(path, on, labels);
  return path;
}

Words first_map(const RoiStudy& study) { return {"extract", "--maps", study.maps[0]}; }

CommandResult extract(const RoiStudy& study, const Words& more, const std::string& out) {
  Words words = first_map(study);
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), {"-o", study / out});
  return study.roi(words);
}

TEST(RegionsBeyondTheMaps, CountInTheCoverage) {
  const RoiStudy study(1);
  const auto result = extract(study, {"--atlas", shifted_atlas(study, 3), "--resample"}, "values");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("label1: coverage below"), std::string::npos) << result.err;
  const Table table = read_table(study / "values/roi_values.tsv");
  EXPECT_EQ(cell_where(table, {{"roi", "label1"}}, "coverage"), "0.25");
  EXPECT_EQ(cell_where(table, {{"roi", "label2"}}, "coverage"), "1");
}

TEST(RegionsBeyondTheMaps, AreNamedWhenNothingIsLeft) {
  const RoiStudy study(1);
  const std::string atlas = shifted_atlas(study, 4);
  const auto result = extract(study, {"--atlas", atlas, "--resample"}, "values");
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("label1"), std::string::npos) << result.err;
  EXPECT_EQ(read_json(study / "values/roi_values.json")["LabelsBeyondGrid"],
            Json::array({"label1"}));
  EXPECT_TRUE(fails_with(extract(study, {"--atlas", atlas, "--resample", "--label", "1"}, "none"),
                         3, {"label1"}));
}

TEST(RegionsBeyondTheMaps, KeepTheirShareThroughRoiMake) {
  const RoiStudy study(1);
  ASSERT_TRUE(exits_with(study.roi({"make", "--like", study.maps[0], "--atlas",
                                    shifted_atlas(study, 3), "--resample", "-o", study / "rois"}),
                         0));
  ASSERT_TRUE(exits_with(extract(study, {"--rois", study / "rois/rois.tsv"}, "values"), 0));
  EXPECT_EQ(
      cell_where(read_table(study / "values/roi_values.tsv"), {{"roi", "label1"}}, "coverage"),
      "0.25");
}

TEST(RegionNames, MayHaveBlanksAndCommas) {
  const RoiStudy study(3);
  const std::string atlas = shifted_atlas(study, 0);
  write_text(study / "names.txt", "Background\nFrontal Pole\nCingulate Gyrus, anterior division\n");
  const Words named{"--atlas", atlas, "--labels", study / "names.txt"};
  ASSERT_TRUE(exits_with(extract(study, named, "values"), 0));
  const Table table = read_table(study / "values/roi_values.tsv");
  EXPECT_EQ(cell_where(table, {{"roi", "Frontal Pole"}}, "n_voxels"), "320");
  EXPECT_EQ(cell_where(table, {{"roi", "Cingulate Gyrus, anterior division"}}, "n_voxels"), "640");
  Words make{"make",
             "--like",
             study.maps[0],
             "--union",
             "both=Frontal Pole,Cingulate Gyrus, anterior division",
             "-o",
             study / "rois"};
  make.insert(make.end(), named.begin(), named.end());
  ASSERT_TRUE(exits_with(study.roi(make), 0));
  EXPECT_EQ(cell_where(read_table(study / "rois/rois.tsv"), {{"name", "both"}}, "n_voxels"), "960");
  EXPECT_EQ(cell_where(read_table(study / "rois/rois.tsv"), {{"name", "Frontal Pole"}}, "file"),
            "roi-FrontalPole_mask.nii.gz");
}

TEST(RegionNames, ThatAreMoreThanTheLabelsAreRefused) {
  const RoiStudy study(1);
  write_text(study / "names.txt", "A\nB\nC\n");
  EXPECT_TRUE(fails_with(
      extract(study, {"--atlas", shifted_atlas(study, 0), "--labels", study / "names.txt"}, "none"),
      3, {"3 names", "2 labels"}));
}

TEST(RegionShapes, LargerThanTheGridAreTheGrid) {
  const RoiStudy study(1);
  ASSERT_TRUE(exits_with(study.roi({"make", "--like", study.maps[0], "--sphere", "A=0,0,0,8000",
                                    "--box", "B=0,0,0,9000,9000,9000", "-o", study / "rois"}),
                         0));
  const Table table = read_table(study / "rois/rois.tsv");
  for (const char* name : {"A", "B"})
    EXPECT_EQ(cell_where(table, {{"name", name}}, "n_voxels"), "960") << name;
}

TEST(RegionShapes, OutOfAllProportionAreRefused) {
  const RoiStudy study(1);
  for (const char* sphere : {"A=0,0,0,1e300", "A=1e200,0,0,8", "A=0,0,0,inf", "A=nan,0,0,8"})
    EXPECT_TRUE(fails_with(
        study.roi({"make", "--like", study.maps[0], "--sphere", sphere, "-o", study / "rois"}), 2,
        {"A"}))
        << sphere;
}

}  // namespace
}  // namespace sociometer::testing
