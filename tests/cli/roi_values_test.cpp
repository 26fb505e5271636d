// `roi make`, `extract` and `fit` as a user runs them.
#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/bytes/hdf5.hpp"
#include "io/images/nifti.hpp"
#include "tests/cli/roi_study.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

double number_where(const Table& table, const std::vector<std::pair<std::string, std::string>>& is,
                    const std::string& column = "value") {
  return std::stod(cell_where(table, is, column));
}

TEST(RoiMake, WritesMasksLabelsAndATableWithSources) {
  const RoiStudy study(1);
  ASSERT_TRUE(exits_with(
      study.roi({"make", "--like", study.maps[0], "--sphere", "a=-9,0,0,6", "b=9,0,0,4", "--box",
                 "c=0,0,0,6,6,6", "--union", "both=a,b", "--difference", "rest=both,a",
                 "--intersection", "none=both,rest", "-o", study / "rois"}),
      0));
  const Table table = read_table(study / "rois/rois.tsv");
  EXPECT_EQ(table.rows.size(), 6u);
  EXPECT_EQ(cell_where(table, {{"name", "rest"}}, "n_voxels"),
            cell_where(table, {{"name", "b"}}, "n_voxels"));
  double mask_sum = 0;
  for (double v : study.read(study / "rois/roi-a_mask.nii.gz")) mask_sum += v;
  EXPECT_EQ(mask_sum, number_where(table, {{"name", "a"}}, "n_voxels"));
  EXPECT_EQ(read_json(study / "rois/rois.json")["Grid"]["Image"], study.maps[0]);
  // Overlapping regions have no common label image.
  EXPECT_TRUE(names_ending_in(study / "rois", "dseg.nii.gz").empty());
}

TEST(RoiMake, MakesTheStudysRegionsWithWhatSpeaksAgainstThem) {
  const RoiStudy study(1);
  Grid brain;
  brain.size = {61, 73, 61};
  brain.world_from_voxel.diagonal() << 3, 3, 3, 1;
  brain.world_from_voxel.col(3) << -90, -126, -72, 1;
  study.write(study / "brain.nii.gz", brain, std::vector<double>(size_t(brain.n_voxels()), 1.0));
  ASSERT_TRUE(
      exits_with(study.roi({"make", "--like", study / "brain.nii.gz", "--set", "rejection",
                            "striatum", "--union", "network=rejection", "-o", study / "rois"}),
                 0));
  const Table table = read_table(study / "rois/rois.tsv");
  EXPECT_NE(cell_where(table, {{"name", "dACC"}}, "note").find("Mwilambwe"), std::string::npos);
  EXPECT_NE(cell_where(table, {{"name", "network"}}, "note").find("Mwilambwe"), std::string::npos);
  EXPECT_EQ(cell_where(table, {{"name", "network"}}, "role"), "rejection");
  EXPECT_EQ(cell_where(table, {{"name", "ventralStriatumR"}}, "role"), "reward");
  EXPECT_EQ(number_where(table, {{"name", "dACC"}}, "x"), 8);
}

TEST(RoiExtract, HasTheMeansOfTheMapsAndCoverage) {
  const RoiStudy study(3);
  const std::string rois = study.make_rois();
  auto values = study.read(study.maps[2]);
  const auto left = study.read(study / "rois/roi-left_mask.nii.gz");
  double sum = 0, n = 0, all = 0;
  for (size_t v = 0; v < values.size(); ++v) {
    if (left[v] == 0) continue;
    all += 1;
    if (n < 5) {
      sum += values[v];
      n += 1;
    } else {
      values[v] = v % 2 ? 0 : std::nan("");
    }
  }
  study.write(study.maps[2], values);
  Words words{"extract", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  words.insert(words.end(), {"--rois", rois, "--statistic", "mean", "count", "eigenvariate", "-o",
                             study / "values"});
  const auto result = study.roi(words);
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("region left: coverage below 0.8 in 1 of 6 maps"), std::string::npos)
      << result.err;
  const Table table = read_table(study / "values/roi_values.tsv");
  EXPECT_EQ(table.rows.size(), 3u * 2 * 2 * 3);
  const std::vector<std::pair<std::string, std::string>> row{
      {"participant_id", "sub-02"}, {"roi", "left"}, {"contrast", "x"}, {"statistic", "mean"}};
  EXPECT_TRUE(close_number(number_where(table, row), sum / n, 1e-12));
  EXPECT_TRUE(close_number(number_where(table, row, "coverage"), n / all, 1e-5));
  EXPECT_EQ(number_where(table, row, "n_voxels"), 5);
  const Json json = read_json(study / "values/roi_values.json");
  EXPECT_EQ(json["Regions"]["left"]["Kind"], "sphere");
  EXPECT_EQ(json["Inputs"].size(), 9u);  // maps; the table of regions and its masks
  const Hdf5File file(study / "values/roi_values.h5", Hdf5File::Mode::read);
  EXPECT_EQ(file.read_strings("/participants"), (Words{"sub-01", "sub-02", "sub-03"}));
  EXPECT_TRUE(close_number(file.read_matrix("/values/mean/x")(0, 1), sum / n, 1e-12));
}

TEST(RoiExtract, GoesOnWhenSomebodyHasNoCoverageOrADamagedMap) {
  const RoiStudy study(4);
  const std::string rois = study.make_rois();
  study.write(study.maps[2], std::vector<double>(size_t(study.grid.n_voxels()), 0.0));
  write_text(study.maps[4], "no image");
  Words words{"extract", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  words.insert(words.end(), {"--rois", rois, "-o", study / "values"});
  const auto result = study.roi(words);
  ASSERT_TRUE(exits_with(result, 5));
  EXPECT_NE(result.err.find("region left: no voxel is covered in 1 of 6 maps"), std::string::npos)
      << result.err;
  EXPECT_NE(result.err.find("warning: sub-03: "), std::string::npos) << result.err;
  const Table table = read_table(study / "values/roi_values.tsv");
  EXPECT_EQ(cell_where(table, {{"participant_id", "sub-02"}, {"roi", "left"}, {"contrast", "x"}},
                       "value"),
            "n/a");
  EXPECT_NO_THROW(cell_where(table, {{"participant_id", "sub-04"}, {"roi", "right"}}, "value"));
  EXPECT_EQ(read_json(study / "values/roi_values.json")["Failed"].size(), 1u);
}

/// A region of the first voxels of the small two-run study.
std::string first_voxels(const Study& study, int n) {
  std::vector<double> values;
  for (int v = 0; v < kStudyVoxels; ++v) values.push_back(v < n ? 1 : 0);
  RawNifti mask = raw_series({kStudySize[0], kStudySize[1], kStudySize[2], 1}, values);
  mask.dim[0] = 3;
  const std::string path = study / fmt::format("first{}.nii", n);
  write_text(path, mask.file());
  return path;
}

const Words kContrasts{"--contrast", "m=a:rank", "b=b", "d=a:rank - 0.5*b"};

TEST(RoiExtract, GivesTheSameFromEstimatesAndFromTheMapsOfTheFit) {
  const Study study;
  Words options{"--modulators", "a:rank", "--map-type", "float64",
                "--prefix",     "sub-01", "--scaling",  "psc"};
  options.insert(options.end(), kContrasts.begin(), kContrasts.end());
  ASSERT_TRUE(exits_with(study.fit(options, "fit"), 0));
  const std::string mask = first_voxels(study, 5);
  Words from_estimates{
      "roi",      "extract",        "--estimates", study / "fit/sub-01_estimates.h5",
      "--rois",   "first=" + mask,  "--statistic", "mean",
      "psc",      "--event-height", "0.5",         "-o",
      study / "e"};
  from_estimates.insert(from_estimates.end(), kContrasts.begin(), kContrasts.end());
  Words from_maps{"roi", "extract", "--maps"};
  for (const char* c : {"m", "b", "d"})
    from_maps.push_back(study /
                        fmt::format("fit/sub-01_contrast-{}_stat-effect_statmap.nii.gz", c));
  from_maps.insert(from_maps.end(), {"--rois", "first=" + mask, "--statistic", "mean", "psc",
                                     "--event-height", "0.5", "-o", study / "m"});
  ASSERT_TRUE(exits_with(run_program(from_estimates), 0));
  ASSERT_TRUE(exits_with(run_program(from_maps), 0));
  const Table e = read_table(study / "e/roi_values.tsv"),
              m = read_table(study / "m/roi_values.tsv");
  for (const char* contrast : {"m", "b", "d"}) {
    const std::vector<std::pair<std::string, std::string>> mean{{"contrast", contrast},
                                                                {"statistic", "mean"}};
    // d shares its regressors with the others, which leaves it without a correlation.
    Words columns{"value", "coverage", "vif", "efficiency"};
    if (!is_missing(cell_where(e, mean, "correlated_with"))) columns.push_back("correlation");
    for (const auto& column : columns)
      EXPECT_TRUE(close_number(number_where(e, mean, column), number_where(m, mean, column), 1e-11))
          << contrast << " " << column;
    EXPECT_EQ(cell_where(e, mean, "correlated_with"), cell_where(m, mean, "correlated_with"));
    EXPECT_TRUE(close_number(number_where(e, {{"contrast", contrast}, {"statistic", "psc"}}),
                             0.5 * number_where(e, mean), 1e-12));
  }
  EXPECT_GT(number_where(e, {{"contrast", "m"}}, "vif"), 1);
}

class RoiFit : public ::testing::TestWithParam<const char*> {};

TEST_P(RoiFit, OfOneVoxelIsTheFitOfThatVoxel) {
  const Study study;
  Words options{"--modulators", "a:rank", "--map-type",    "float64",
                "--prefix",     "sub-01", "--noise-model", GetParam()};
  options.insert(options.end(), kContrasts.begin(), kContrasts.end());
  ASSERT_TRUE(exits_with(study.fit(options, "fit"), 0));
  Words fit{"roi", "fit", "--bold"};
  fit.insert(fit.end(), study.bold.begin(), study.bold.end());
  fit.push_back("--events");
  fit.insert(fit.end(), study.events.begin(), study.events.end());
  fit.insert(fit.end(), {"--modulators", "a:rank", "--participant", "sub-01", "--noise-model",
                         GetParam(), "--rois", "one=" + first_voxels(study, 1),
                         "several=" + first_voxels(study, 6), "--tr", "2", "-o", study / "roi"});
  fit.insert(fit.end(), kContrasts.begin(), kContrasts.end());
  ASSERT_TRUE(exits_with(run_program(fit), 0));
  const Table table = read_table(study / "roi/roi_values.tsv");
  for (const char* contrast : {"m", "b", "d"})
    for (const char* statistic : {"effect", "variance", "t", "z", "p"}) {
      const Image map =
          read_nifti(study / fmt::format("fit/sub-01_contrast-{}_stat-{}_statmap.nii.gz", contrast,
                                         statistic));
      const auto value = [&](const char* roi) {
        return number_where(table,
                            {{"roi", roi}, {"contrast", contrast}, {"statistic", statistic}});
      };
      EXPECT_TRUE(close_number(value("one"), map.values(0, 0), 1e-9, 1e-6))
          << contrast << " " << statistic;
      EXPECT_NE(value("several"), value("one"));
    }
}

INSTANTIATE_TEST_SUITE_P(NoiseModels, RoiFit,
                         ::testing::Values("ols", "ar1", "ar2-corrected", "ar3-averaged",
                                           "ar4-averaged", "auto", "ar1-nilearn", "arma11",
                                           "tukey"));

Words region_fit(const Study& study, const Words& bold, const Words& more) {
  Words fit{"roi", "fit", "--bold"};
  fit.insert(fit.end(), bold.begin(), bold.end());
  fit.push_back("--events");
  fit.insert(fit.end(), study.events.begin(), study.events.end());
  fit.insert(fit.end(), {"--participant", "sub-01", "--tr", "2", "--rois",
                         "first=" + first_voxels(study, 6), "-o", study / "roi"});
  fit.insert(fit.end(), more.begin(), more.end());
  return fit;
}

class RoiFitRefuses : public ::testing::TestWithParam<const char*> {};

TEST_P(RoiFitRefuses, NoiseThatIsLearnedFromTheVoxelsOfABrain) {
  const Study study;
  const CommandResult result =
      run_program(region_fit(study, study.bold, {"--contrast", "b", "--noise-model", GetParam()}));
  EXPECT_TRUE(fails_with(result, 2, {GetParam(), "voxels of a brain"}));
}

INSTANTIATE_TEST_SUITE_P(NoiseModels, RoiFitRefuses,
                         ::testing::Values("spm-ar1", "spm-fast", "mixture"));

TEST(RoiFit, RefusesARunThatWasCompressedAnew) {
  const Study study;
  const std::string copy = study / "copy_bold.nii";
  ASSERT_EQ(std::system(fmt::format("gzip -dc '{}' > '{}'", study.bold[0], copy).c_str()), 0);
  const CommandResult result = run_program(
      region_fit(study, {study.bold[0], copy},
                 {"--contrast", "b", "--fixed-effects", "equal", "--log-level", "error"}));
  EXPECT_TRUE(fails_with(result, 3, {"copy_bold.nii", "hold the same data"}));
}

TEST(RoiFit, ListsTheFilesOfItsRegions) {
  const Study study;
  ASSERT_TRUE(exits_with(run_program(region_fit(study, study.bold, {"--contrast", "b"})), 0));
  const std::string record = read_bytes(study / "roi/roi_values.json");
  EXPECT_NE(record.find(first_voxels(study, 6)), std::string::npos);
}

TEST(RoiExtract, RefusesASidecarWhoseScalingIsNoText) {
  const RoiStudy study(3);
  const std::string rois = study.make_rois();
  std::string sidecar = study.maps[0];
  sidecar.replace(sidecar.find(".nii"), std::string::npos, ".json");
  write_text(sidecar, R"({"Scaling": 5, "Contrast": "x"})");
  Words words{"extract", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  words.insert(words.end(), {"--rois", rois, "--statistic", "psc", "--event-height", "1",
                             "--mean-maps", study.maps[0], "-o", study / "out"});
  EXPECT_TRUE(fails_with(study.roi(words), 3, {"at /Scaling: 5 is not a text"}));
  // Nothing else needs it.
  EXPECT_TRUE(exits_with(
      study.roi({"extract", "--maps", study.maps[0], "--rois", rois, "-o", study / "means"}), 0));
}

TEST(RoiTest, RefusesAValueThatIsInfinite) {
  const TemporaryFolder folder;
  write_text(folder / "values.tsv",
             "participant_id\troi\tcontrast\tstatistic\tvalue\nsub-1\tA\tx\tmean\t1\n"
             "sub-2\tA\tx\tmean\tinf\nsub-3\tA\tx\tmean\tn/a\n");
  EXPECT_TRUE(fails_with(run_program({"roi", "test", folder / "values.tsv", "-o", folder / "out"}),
                         3, {"values.tsv line 3", "'inf'"}));
}

TEST(RoiExtract, WarnsOfADesignThatItCannotUse) {
  const RoiStudy study(3);
  const std::string rois = study.make_rois();
  const std::string name = std::filesystem::path(study.maps[0]).filename().string();
  const std::string design = (std::filesystem::path(study.maps[0]).parent_path() /
                              (name.substr(0, name.find("contrast-")) + "design.tsv"))
                                 .string();
  write_text(design, "a\tb\n1\n");
  Words words{"extract", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  words.insert(words.end(), {"--rois", rois, "-o", study / "out"});
  const CommandResult result = study.roi(words);
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("vif, efficiency and regressor_sd are n/a"), std::string::npos)
      << result.err;
}

TEST(RoiExtract, TellsOfAMaskThatWasReplaced) {
  const RoiStudy study(3);
  const std::string rois = study.make_rois();
  std::filesystem::copy_file(study.maps[0], study / "rois/roi-left_mask.nii.gz",
                             std::filesystem::copy_options::overwrite_existing);
  Words words{"extract", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  words.insert(words.end(), {"--rois", rois, "-o", study / "out"});
  const CommandResult result = study.roi(words);
  EXPECT_NE(result.err.find("region left"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("was the mask replaced?"), std::string::npos) << result.err;
  EXPECT_EQ(result.err.find("region right"), std::string::npos) << result.err;
}

TEST(RoiExtract, ListsTheMasksThatATableOfRegionsNames) {
  const RoiStudy study(3);
  Words words{"extract", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  words.insert(words.end(), {"--rois", study.make_rois(), "-o", study / "out"});
  ASSERT_TRUE(exits_with(study.roi(words), 0));
  const std::string record = read_bytes(study / "out/roi_values.json");
  for (const char* file : {"roi-left_mask.nii.gz", "roi-right_mask.nii.gz", "rois.tsv"})
    EXPECT_NE(record.find(file), std::string::npos) << file;
}

/// Rejected input, the words in its message, and its exit code.
struct Refused {
  const char* what;
  int exit_code;
  Words words;
  std::function<Words(const RoiStudy&)> command;
};
std::ostream& operator<<(std::ostream& out, const Refused& r) { return out << r.what; }
class RoiRefuses : public ::testing::TestWithParam<Refused> {};

Words extract(const RoiStudy& study, const Words& more) {
  Words words{"extract", "--maps", study.maps[0], study.maps[1], "-o", study / "out"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}
Words make(const RoiStudy& study, const Words& more) {
  Words words{"make", "--like", study.maps[0], "-o", study / "out"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}
std::string image(const RoiStudy& study, const std::string& name, double first, double second) {
  std::vector<double> values(size_t(study.grid.n_voxels()), 0.0);
  values[3] = first;
  values[4] = second;
  study.write(study / name, values);
  return study / name;
}
std::string other_grid(const RoiStudy& study) {
  Grid grid = study.grid;
  grid.world_from_voxel(0, 3) += 1;
  study.write(study / "other.nii.gz", grid, std::vector<double>(size_t(grid.n_voxels()), 1.0));
  return study / "other.nii.gz";
}
std::string text(const RoiStudy& study, const std::string& name, const std::string& content) {
  write_text(study / name, content);
  return study / name;
}

TEST_P(RoiRefuses, InOneClearLine) {
  const RoiStudy study(1);
  const auto command = GetParam().command(study);
  EXPECT_TRUE(fails_with(study.roi(command), GetParam().exit_code, GetParam().words));
  EXPECT_TRUE(everything_in(study / "out").empty());
}

const std::vector<Refused> kRefused{
    {"an empty mask",
     3,
     {"empty.nii.gz", "is empty"},
     [](const RoiStudy& s) {
       return extract(s, {"--rois", image(s, "empty.nii.gz", 0, 0)});
     }},
    {"a mask on another grid",
     3,
     {"other.nii.gz", "(-15.5", "(-16.5", "--resample"},
     [](const RoiStudy& s) {
       return extract(s, {"--rois", other_grid(s)});
     }},
    {"an atlas on another grid",
     3,
     {"other.nii.gz", "(-15.5", "(-16.5", "--resample"},
     [](const RoiStudy& s) {
       return make(s, {"--atlas", other_grid(s)});
     }},
    {"labels that are no whole numbers",
     3,
     {"atlas.nii.gz", "1.5", "(4, 0, 0)", "whole numbers"},
     [](const RoiStudy& s) {
       return make(s, {"--atlas", image(s, "atlas.nii.gz", 1, 1.5)});
     }},
    {"an atlas as a mask",
     3,
     {"atlas.nii.gz", "--atlas"},
     [](const RoiStudy& s) {
       return extract(s, {"--rois", image(s, "atlas.nii.gz", 1, 2)});
     }},
    {"a label name twice",
     3,
     {"labels.tsv", "'NAc' twice", "1", "2"},
     [](const RoiStudy& s) {
       return make(s, {"--atlas", image(s, "atlas.nii.gz", 1, 2), "--labels",
                       text(s, "labels.tsv", "index\tname\n1\tNAc\n2\tNAc\n")});
     }},
    {"a label that is not there",
     3,
     {"atlas.nii.gz", "'putamen'", "label1"},
     [](const RoiStudy& s) {
       return make(s, {"--atlas", image(s, "atlas.nii.gz", 1, 2), "--label", "putamen"});
     }},
    {"a region name twice",
     3,
     {"'a' occurs twice"},
     [](const RoiStudy& s) {
       return make(s, {"--sphere", "a=0,0,0,6", "a=3,0,0,6"});
     }},
    {"a sphere outside the image",
     3,
     {"region far", "is empty"},
     [](const RoiStudy& s) {
       return make(s, {"--sphere", "far=200,0,0,6"});
     }},
    {"a sphere without a radius",
     2,
     {"'a=0,0,0'", "NAME=x,y,z,radius"},
     [](const RoiStudy& s) {
       return make(s, {"--sphere", "a=0,0,0"});
     }},
    {"a name without a letter",
     2,
     {"'../'"},
     [](const RoiStudy& s) {
       return make(s, {"--sphere", "../=0,0,0,6"});
     }},
    {"an unknown set",
     2,
     {"'insula'", "rejection"},
     [](const RoiStudy& s) {
       return make(s, {"--set", "insula"});
     }},
    {"a union of nothing",
     2,
     {"'u=a,b'"},
     [](const RoiStudy& s) {
       return make(s, {"--sphere", "a=0,0,0,6", "--union", "u=a,b"});
     }},
    {"no region", 2, {"--rois"}, [](const RoiStudy& s) { return extract(s, {}); }},
    {"an unknown statistic",
     2,
     {"'mode'", "median"},
     [](const RoiStudy& s) {
       return extract(s, {"--rois", image(s, "m.nii.gz", 1, 1), "--statistic", "mode"});
     }},
    {"percent signal change without an event",
     2,
     {"--event-duration"},
     [](const RoiStudy& s) {
       return extract(s, {"--rois", image(s, "m.nii.gz", 1, 1), "--statistic", "psc"});
     }},
    {"a map of nobody",
     3,
     {"m.nii.gz", "sub-LABEL"},
     [](const RoiStudy& s) {
       return Words{"extract", "--maps", image(s, "m.nii.gz", 1, 1), "--rois", s / "m.nii.gz",
                    "-o",      s / "out"};
     }},
    {"a map twice",
     3,
     {"both hold contrast x of sub-01"},
     [](const RoiStudy& s) {
       return Words{"extract", "--maps", s.maps[0], s.maps[0], "--rois", image(s, "m.nii.gz", 1, 1),
                    "-o",      s / "out"};
     }},
    {"a table without files",
     3,
     {"t.tsv", "'file'"},
     [](const RoiStudy& s) {
       return extract(s, {"--rois", text(s, "t.tsv", "name\tx\na\t1\n")});
     }},
};
INSTANTIATE_TEST_SUITE_P(BadInput, RoiRefuses, ::testing::ValuesIn(kRefused));

TEST(RoiExtract, TakesARegionToTheGridOfTheMapsWhenAsked) {
  const RoiStudy study(1);
  ASSERT_TRUE(
      exits_with(study.roi(extract(study, {"--rois", other_grid(study), "--resample"})), 0));
  EXPECT_NE(read_json(study / "out/roi_values.json")["RegionsResampled"].get<std::string>().find(
                "nearest"),
            std::string::npos);
}

TEST(RoiExtract, HasTheSameBytesForAnyNumberOfThreads) {
  const RoiStudy study(6);
  const std::string rois = study.make_rois();
  for (const char* threads : {"1", "2", "7"}) {
    Words words{"extract", "--maps"};
    words.insert(words.end(), study.maps.begin(), study.maps.end());
    words.insert(words.end(), {"--rois", rois, "--statistic", "mean", "median", "eigenvariate",
                               "-j", threads, "-o", study / std::string("j") + threads});
    ASSERT_TRUE(exits_with(study.roi(words), 0));
  }
  for (const char* threads : {"j2", "j7"})
    EXPECT_TRUE(same_files(study / "j1", study / threads, "roi_values.tsv"));
}

}  // namespace
}  // namespace sociometer::testing
