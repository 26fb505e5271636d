// Regions that do not fit the maps, names as in atlases, and extreme shapes.
#include <gtest/gtest.h>

#include "tests/cli/roi_study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// An atlas on a grid shifted to the left of the study's by `shift` voxels and of the same size:
/// label 1 in columns x = 0 .. 3, label 2 in the others.
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

/// A copy of a study's map under another name.
std::string copied(const RoiStudy& study, const std::string& map, const std::string& name) {
  const std::string path = study / name;
  write_text(path, read_bytes(map));
  return path;
}

TEST(MapsOfOneTable, AreOfOneStatistic) {
  const RoiStudy study(1);
  const std::string rois = study.make_rois();
  const std::string z = copied(study, study.maps[0], "sub-9_contrast-x_stat-z_statmap.nii.gz"),
                    z2 = copied(study, study.maps[0], "sub-8_contrast-x_stat-z_statmap.nii.gz");
  const auto extract = [&](const Words& maps, const std::string& out) {
    Words words{"extract", "--rois", rois, "-o", study / out, "--maps"};
    words.insert(words.end(), maps.begin(), maps.end());
    return study.roi(words);
  };
  const std::string effect =
      copied(study, study.maps[0], "sub-7_contrast-x_stat-effect_statmap.nii.gz");
  EXPECT_TRUE(fails_with(extract({effect, z}, "mixed"), 3, {effect, "effect", z, " z"}));
  const auto told = extract({z, z2}, "z");
  EXPECT_TRUE(exits_with(told, 0));
  EXPECT_NE(told.err.find("the maps hold z"), std::string::npos) << told.err;
  EXPECT_EQ(read_json(study / "z/roi_values.json")["MapStatistic"], "z");
  const std::string table = study / "z/roi_values.tsv";
  const auto tested = study.roi({"test", table, "-o", study / "t"});
  EXPECT_NE(tested.err.find("maps of z"), std::string::npos) << tested.err;
  EXPECT_EQ(read_json(study / "t/roi_tests.json")["MapStatistic"], "z");
  EXPECT_TRUE(fails_with(study.roi({"dissociate", table, "--regions", "left", "right", "--signals",
                                    "x", "y", "-o", study / "d"}),
                         3, {"maps of z", "effect"}));
}

TEST(MapsOfOneTable, AreOfOneSpace) {
  const RoiStudy study(1);
  const std::string rois = study.make_rois();
  const std::string one = copied(study, study.maps[0], "sub-9_space-T1w_contrast-x_statmap.nii.gz"),
                    other =
                        copied(study, study.maps[0], "sub-8_space-MNI_contrast-x_statmap.nii.gz"),
                    mask = copied(study, study.maps[0], "space-MNI_mask.nii.gz"),
                    atlas = copied(study, study.maps[0], "space-MNI152NLin6Asym_atlas.nii.gz");
  const std::vector<double> labels(size_t(study.grid.n_voxels()), 1);
  study.write(atlas, labels);
  const auto extract = [&](const Words& more, const std::string& out) {
    Words words{"extract", "-o", study / out, "--maps"};
    words.insert(words.end(), more.begin(), more.end());
    return study.roi(words);
  };
  EXPECT_TRUE(
      fails_with(extract({one, other, "--rois", rois}, "a"), 3, {"space-T1w", "space-MNI"}));
  EXPECT_TRUE(fails_with(extract({one, "--masks", mask, "--rois", rois}, "b"), 3, {mask}));
  EXPECT_TRUE(fails_with(extract({one, "--atlas", atlas}, "c"), 3, {"space-MNI152NLin6Asym"}));
  const auto near = extract({other, "--atlas", atlas}, "d");
  EXPECT_TRUE(exits_with(near, 0));
  EXPECT_NE(near.err.find("versions of the MNI152 template"), std::string::npos) << near.err;
}

}  // namespace
}  // namespace sociometer::testing
