// `roi test` and `roi dissociate` as a user runs them.
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/cli/roi_study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// The R golden as a table of region values: participant, region A.., contrast x or y.
std::string r_values(const TemporaryFolder& folder) {
  const Table data = read_table(golden("r/roi/data.tsv"));
  std::string text = "participant_id\troi\tcontrast\tstatistic\tvalue\n";
  for (const auto& row : data.rows)
    for (const char* name : {"A_x", "A_y", "B_x", "B_y", "C_x", "C_y"})
      text += fmt::format("{}\t{}\t{}\tmean\t{}\n", row[0], name[0], name[2],
                          row[size_t(data.find(name))]);
  write_text(folder / "values.tsv", text);
  return folder / "values.tsv";
}

double figure(const std::string& test, const std::string& column, const std::string& what) {
  return std::stod(cell_where(read_table(golden("r/roi/figures.tsv")),
                              {{"test", test}, {"column", column}, {"what", what}}, "value"));
}

double tested(const std::string& path, const Words& roi_contrast_term, const std::string& column) {
  return std::stod(cell_where(read_table(path),
                              {{"roi", roi_contrast_term[0]},
                               {"contrast", roi_contrast_term[1]},
                               {"term", roi_contrast_term[2]}},
                              column));
}

TEST(RoiTest, WritesWhatRComputes) {
  const TemporaryFolder folder;
  const std::string values = r_values(folder);
  Words common{"--permutations", "500", "--log-level", "error"};
  const auto run = [&](Words words, const std::string& out) {
    words.insert(words.begin(), {"roi", "test", values});
    words.insert(words.end(), common.begin(), common.end());
    words.insert(words.end(), {"-o", folder / out});
    return run_program(words);
  };
  const Words people{"--participants", golden("r/roi/data.tsv")};
  ASSERT_TRUE(exits_with(run({}, "one"), 0));
  ASSERT_TRUE(exits_with(run({"--test", "paired", "--pair", "x,y"}, "paired"), 0));
  ASSERT_TRUE(exits_with(
      run({"--test", "two-sample", people[0], people[1], "--group", "group"}, "two"), 0));
  ASSERT_TRUE(exits_with(
      run({"--test", "regression", people[0], people[1], "--covariates", "anxiety", "depression"},
          "slopes"),
      0));
  const std::string file = "/roi_tests.tsv";
  for (const char* what : {"t", "p", "lower", "upper"}) {
    EXPECT_TRUE(close_number(tested(folder / "one" + file, {"B", "y", "mean"}, what),
                             figure("one", "B_y", what), 1e-9));
    EXPECT_TRUE(close_number(tested(folder / "paired" + file, {"A", "x - y", "difference"}, what),
                             figure("paired", "A_x-A_y", what), 1e-9));
    EXPECT_TRUE(close_number(tested(folder / "slopes" + file, {"A", "x", "depression"}, what),
                             figure("depression", "A_x", what), 1e-9));
  }
  // Groups in the order of their names: control minus patient.
  EXPECT_TRUE(close_number(tested(folder / "two" + file, {"C", "x", "control - patient"}, "t"),
                           -figure("welch", "C_x", "t"), 1e-9));
  const Json json = read_json(folder / "one/roi_tests.json");
  EXPECT_EQ(json["Participants"].size(), 24u);
  EXPECT_TRUE(json.contains("p_fwe"));
}

TEST(RoiDissociate, ReportsInWordsAndNumbersWhichRegionFollowsWhat) {
  const RoiStudy study(24);
  const std::string rois = study.make_rois();
  Words words{"extract", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  words.insert(words.end(), {"--rois", rois, "-o", study / "values"});
  ASSERT_TRUE(exits_with(study.roi(words), 0));
  const auto result =
      study.roi({"dissociate", study / "values/roi_values.tsv", "--regions", "left", "right",
                 "--signals", "x", "y", "--permutations", "999", "-o", study / "out"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("left follows x (mean "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("standard deviations (over participants)"), std::string::npos);
  EXPECT_NE(result.out.find("difference between the differences"), std::string::npos);
  const Json json = read_json(study / "out/dissociation.json");
  const Json& analysis = json["Analyses"][0];
  EXPECT_LT(analysis["Interaction"]["p"].get<double>(), 1e-6);
  EXPECT_NEAR(analysis["Interaction"]["pPermutation"].get<double>(), 0.001, 1e-9);
  EXPECT_EQ(analysis["Interactions"][0]["Finding"], "positive");
  EXPECT_GT(analysis["Interactions"][0]["Bootstrap"][0].get<double>(), 1);
  EXPECT_EQ(read_bytes(study / "out/dissociation.txt"), result.out);
  // With the signals swapped: the same finding about the same regions.
  const auto swapped =
      study.roi({"dissociate", study / "values/roi_values.tsv", "--regions", "left", "right",
                 "--signals", "y", "x", "--permutations", "999", "-o", study / "swapped"});
  EXPECT_EQ(
      read_json(study / "swapped/dissociation.json")["Analyses"][0]["Interactions"][0]["Verdict"],
      analysis["Interactions"][0]["Verdict"]);
}

TEST(RoiDissociate, PutsTheCaveatBesideRejectionRegions) {
  const TemporaryFolder folder;
  std::string text = read_bytes(r_values(folder));
  for (size_t at = text.find("\tA\t"); at != std::string::npos; at = text.find("\tA\t", at))
    text.replace(at, 3, "\tdACC\t");
  write_text(folder / "values.tsv", text);
  const auto result = run_program({"roi", "dissociate", folder / "values.tsv", "--regions", "dACC",
                                   "B", "C", "--signals", "x,y", "y,x", "--permutations", "99",
                                   "--bootstraps", "99", "--units", "given", "-o", folder / "out"});
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("Mwilambwe-Tshilobo & Spreng 2021"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("Greenhouse-Geisser"), std::string::npos);
  const Json json = read_json(folder / "out/dissociation.json");
  EXPECT_EQ(json["Analyses"].size(), 2u);
  EXPECT_TRUE(json["Notes"].contains("dACC"));
  // In the units of the table, which are those of the golden.
  const double f = json["Analyses"][0]["Interaction"]["F"].get<double>();
  EXPECT_TRUE(close_number(f, figure("anova3", "region:signal", "f"), 1e-9));
}

/// Values of regions A and B and signals x and y in 40 participants, one column per cell.
std::string cells_table(const std::string& path, const std::string& keys,
                        const Eigen::MatrixXd& cells) {
  std::string text = keys + "\troi\tcontrast\tstatistic\tvalue\n";
  for (Eigen::Index i = 0; i < cells.rows(); ++i)
    for (int c = 0; c < 4; ++c)
      text += fmt::format("sub-{:02}\tses-1\t{}\t{}\tmean\t{}\n", i + 1, c < 2 ? "A" : "B",
                          c % 2 == 0 ? "x" : "y", cells(i, c));
  write_text(path, text);
  return path;
}

/// Means in standard deviations; the noise has means of exactly 0.
Eigen::MatrixXd cells_of(const Eigen::Vector4d& mean) {
  std::srand(5);
  Eigen::MatrixXd cells = Eigen::MatrixXd::Random(40, 4) * std::sqrt(3.0);
  cells.rowwise() -= cells.colwise().mean();
  cells.rowwise() += mean.transpose();
  return cells;
}

Json dissociated(const std::string& table, const std::string& out, const Words& more = {}) {
  Words words{"roi", "dissociate",     table, "--regions",    "A", "B", "--signals", "x", "y", "-o",
              out,   "--permutations", "99",  "--bootstraps", "99"};
  words.insert(words.end(), more.begin(), more.end());
  EXPECT_TRUE(exits_with(run_program(words), 0));
  return read_json(out + "/dissociation.json")["Analyses"][0];
}

struct NamedVerdict {
  Eigen::Vector4d mean;
  const char *verdict, *words;
};

TEST(RoiDissociate, GivesEachPatternItsName) {
  const TemporaryFolder folder;
  const std::vector<NamedVerdict> patterns{
      {{1, 0, 0, 1}, "selective double dissociation", "Selective double dissociation: A follows x"},
      {{1.2, .5, 0, 1.4}, "double dissociation", "A follows y too"},
      {{1, 0, 0, 0}, "single dissociation", "in y the regions do not differ"},
      {{1, .6, 0, .6}, "single dissociation", "A follows x, B does not"},
      {{1.6, 1.2, .8, .6}, "alike", "one region responding more strongly"},
      {{.8, .3, .4, .5}, "open", "No dissociation is shown"}};
  for (size_t i = 0; i < patterns.size(); ++i) {
    const std::string name = std::to_string(i);
    const std::string table = cells_table(folder / (name + ".tsv"), "participant_id\tsession_id",
                                          cells_of(patterns[i].mean));
    const Json pair = dissociated(table, folder / name)["Interactions"][0];
    EXPECT_EQ(pair["Verdict"], patterns[i].verdict);
    const auto sentence = pair["Sentence"].get<std::string>();
    EXPECT_NE(sentence.find(patterns[i].words), std::string::npos) << sentence;
    const std::string text = read_bytes(folder / (name + "/dissociation.txt"));
    const bool says = text.find("ouble dissociation") != std::string::npos;
    EXPECT_EQ(says, pair["Verdict"].get<std::string>().ends_with("double dissociation")) << text;
  }
}

/// Same participants, y in another unit: all conclusions stay, except means in the given units.
TEST(RoiDissociate, ReportsTheSameInAnyUnits) {
  const TemporaryFolder folder;
  Eigen::MatrixXd cells = cells_of({.4, -.1, .1, .5});
  const Json one =
      dissociated(cells_table(folder / "a.tsv", "participant_id\tsession_id", cells), folder / "a");
  for (int c : {1, 3}) cells.col(c) *= 7;
  // Keys as written by earlier versions.
  const Json other =
      dissociated(cells_table(folder / "b.tsv", "participant\tsession", cells), folder / "b");
  EXPECT_EQ(one["Summary"], other["Summary"]);
  EXPECT_EQ(one["Units"]["Choice"], "difference-sd");
  const Json given = dissociated(folder / "b.tsv", folder / "c", {"--units", "given"});
  EXPECT_EQ(given["Interactions"][0]["Verdict"], other["Interactions"][0]["Verdict"]);
  EXPECT_NE(given["Interaction"]["F"], other["Interaction"]["F"]);
}

/// The standard deviations of the regressors are units only if they are known of all people.
TEST(RoiDissociate, WarnsOfAUnitThatOnePersonLacks) {
  const TemporaryFolder folder;
  const Eigen::MatrixXd cells = cells_of({1, 0, 0, 1});
  const auto err = [&](const std::string& name, int without) {
    Table table =
        read_table(cells_table(folder / "cells.tsv", "participant_id\tsession_id", cells));
    table.names.emplace_back("regressor_sd");
    for (auto& row : table.rows)
      row.emplace_back(row[0] == fmt::format("sub-{:02}", without) ? "n/a" : "0.5");
    const std::string path = folder / (name + ".tsv");
    write_text(path, to_tsv(table.names, table.rows));
    const CommandResult result =
        run_program({"roi", "dissociate", path, "--regions", "A", "B", "--signals", "x", "y", "-o",
                     folder / name, "--permutations", "99", "--bootstraps", "99"});
    EXPECT_TRUE(exits_with(result, 0));
    const Json units = read_json(folder / (name + "/dissociation.json"))["Analyses"][0]["Units"];
    EXPECT_EQ(units["Choice"], without > 0 ? "difference-sd" : "regressor-sd") << units;
    return result.err;
  };
  EXPECT_NE(err("one", 7).find("the standard deviation of the regressors is not known of sub-07"),
            std::string::npos);
  EXPECT_EQ(err("none", 0).find("is not known of"), std::string::npos);
}

TEST(RoiDissociate, HoldsVoxelsAgainstAReferenceRegion) {
  const RoiStudy study(20);
  const std::string rois = study.make_rois();
  Words words{"dissociate", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  words.insert(words.end(), {"--signals", "x", "y", "--reference",
                             study / "rois/roi-right_mask.nii.gz", "-o", study / "out"});
  ASSERT_TRUE(exits_with(study.roi(words), 0));
  const auto label = study.read(study / "out/contrast-xAndYCrossover_dseg.nii.gz");
  double left = 0, crossed = 0, wrong = 0;
  for (Eigen::Index v = 0; v < study.grid.n_voxels(); ++v) {
    const bool is_left = study.grid.world(v)[0] < 0;
    left += is_left;
    crossed += is_left && label[size_t(v)] == 1;
    wrong += label[size_t(v)] == 2 || (!is_left && label[size_t(v)] == 1);
  }
  EXPECT_GT(crossed, 0.5 * left);
  EXPECT_EQ(wrong, 0);
}

TEST(RoiDissociate, FindsThePlacesOfEachSignalVoxelByVoxel) {
  const RoiStudy study(20);
  Words words{"dissociate", "--maps"};
  words.insert(words.end(), study.maps.begin(), study.maps.end());
  words.insert(words.end(), {"--signals", "x", "y", "--equivalence", "inf", "-o", study / "out"});
  ASSERT_TRUE(exits_with(study.roi(words), 0));
  EXPECT_EQ(names_ending_in(study / "out", "_statmap.nii.gz").size(), 5u);
  const auto label = study.read(study / "out/contrast-xAndY_dseg.nii.gz");
  double own = 0, selective = 0, wrong = 0;
  for (Eigen::Index v = 0; v < study.grid.n_voxels(); ++v) {
    const double signal = study.grid.world(v)[0] < 0 ? 1 : 2;
    own += label[size_t(v)] == signal || label[size_t(v)] == signal + 3;
    selective += label[size_t(v)] == signal;
    wrong += label[size_t(v)] == 3 - signal || label[size_t(v)] == 6 - signal;
  }
  // Effects of 1.25 standard deviations at p < .001 with 20 participants.
  EXPECT_GT(own, 0.8 * double(study.grid.n_voxels()));
  EXPECT_GT(selective, 0.3 * double(study.grid.n_voxels()));
  EXPECT_LT(wrong, 0.01 * double(study.grid.n_voxels()));
}

TEST(RoiDissociate, CountsAParticipantOnce) {
  const RoiStudy study(6);
  Words maps;
  for (const auto& map : study.maps)
    for (const char* session : {"_ses-a", "_ses-b"}) {
      std::string copy = map;
      copy.insert(copy.find("_contrast"), session);
      std::filesystem::copy_file(map, copy);
      maps.push_back(copy);
    }
  const auto dissociate = [&](const Words& more) {
    Words words{"dissociate", "--maps"};
    words.insert(words.end(), maps.begin(), maps.end());
    words.insert(words.end(), {"--signals", "x", "y", "-o", study / "out"});
    words.insert(words.end(), more.begin(), more.end());
    return study.roi(words);
  };
  EXPECT_TRUE(fails_with(dissociate({}), 3, {"sub-01", "counts once", "--session"}));
  ASSERT_TRUE(exits_with(dissociate({"--session", "ses-b"}), 0));
  const Json record = read_json(study / "out/contrast-xAndY_dseg.json");
  EXPECT_EQ(record["Participants"].size(), 6u);
  EXPECT_EQ(record["Inputs"].size(), 12u);
  for (const auto& input : record["Inputs"])
    EXPECT_NE(input["Path"].get<std::string>().find("ses-b"), std::string::npos);
}

Words dissociate_maps(const Words& maps, const Words& more) {
  Words words{"dissociate", "--maps"};
  words.insert(words.end(), maps.begin(), maps.end());
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(RoiDissociate, TakesMapsOfEffectsOnly) {
  const RoiStudy study(4);
  Words maps = study.maps;
  for (auto& map : maps) {
    std::string other = map;
    other.replace(other.find("stat-effect"), 11, "stat-z");
    std::filesystem::copy_file(map, other);
    map = other;
  }
  const Words signals{"--signals", "x", "y", "-o", study / "out"};
  EXPECT_TRUE(fails_with(study.roi(dissociate_maps(maps, signals)), 3, {"the maps hold z"}));
  maps[0] = study.maps[0];
  EXPECT_TRUE(fails_with(study.roi(dissociate_maps(maps, signals)), 3, {"effect", "one kind"}));
}

TEST(RoiDissociate, RefusesAMapWithoutValuesAndTooManyPeople) {
  const RoiStudy study(4);
  const Words signals{"--signals", "x", "y", "-o", study / "out"};
  EXPECT_TRUE(fails_with(
      study.roi(dissociate_maps(
          study.maps, {"--signals", "x", "y", "--min-participants", "5", "-o", study / "out"})),
      2, {"--min-participants is 5", "2 to 4"}));
  study.write(study.maps[0], std::vector<double>(size_t(study.grid.n_voxels()), 0.0));
  EXPECT_TRUE(fails_with(study.roi(dissociate_maps(study.maps, signals)), 3,
                         {study.maps[0], "no value inside the mask"}));
}

/// Who counts, and where, is the same for each pair: maps of single signals are of all of them.
TEST(RoiDissociate, OfSeveralPairsHasTheSamePeopleInEach) {
  const RoiStudy study(6);
  Words maps = study.maps;
  for (size_t i = 0; i < study.maps.size(); i += 2) {
    if (i == 2) continue;  // one person has no map of the third signal
    std::string third = study.maps[i];
    third.replace(third.find("contrast-x"), 10, "contrast-w");
    auto values = study.read(study.maps[i]);
    values[i] = 0;  // a missing voxel
    study.write(third, values);
    maps.push_back(third);
  }
  const auto run = [&](const std::string& out, const Words& sets) {
    Words more{"--signals"};
    more.insert(more.end(), sets.begin(), sets.end());
    more.insert(more.end(), {"-o", study / out});
    return study.roi(dissociate_maps(maps, more));
  };
  ASSERT_TRUE(exits_with(run("one", {"x,y", "x,w"}), 0));
  ASSERT_TRUE(exits_with(run("other", {"x,w", "x,y"}), 0));
  for (const char* name :
       {"contrast-x_stat-t_statmap", "contrast-xAndY_dseg", "contrast-xAndW_dseg"}) {
    EXPECT_EQ(study.read(study / ("one/" + std::string(name) + ".nii.gz")),
              study.read(study / ("other/" + std::string(name) + ".nii.gz")))
        << name;
    const Json record = read_json(study / ("one/" + std::string(name) + ".json"));
    EXPECT_EQ(record["Participants"].size(), 5u) << name;
    EXPECT_EQ(record["Inputs"].size(), 15u) << name;
  }
}

struct Refused {
  const char* what;
  int exit_code;
  Words words;
  Words command;  ///< VALUES and DATA are placeholders for the tables
};
std::ostream& operator<<(std::ostream& out, const Refused& r) { return out << r.what; }
class RoiInferenceRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(RoiInferenceRefuses, InOneClearLine) {
  const TemporaryFolder folder;
  const std::string values = r_values(folder);
  write_text(folder / "twice.tsv", read_bytes(values) + "sub-01\tA\tx\tmean\t1\n");
  write_text(folder / "no_column.tsv", "participant\troi\tvalue\nsub-01\tA\t1\n");
  Words words{"roi"};
  for (const auto& word : GetParam().command)
    words.push_back(word == "VALUES"      ? values
                    : word == "DATA"      ? golden("r/roi/data.tsv")
                    : word == "TWICE"     ? folder / "twice.tsv"
                    : word == "NO_COLUMN" ? folder / "no_column.tsv"
                                          : word);
  words.insert(words.end(), {"-o", folder / "out"});
  EXPECT_TRUE(fails_with(run_program(words), GetParam().exit_code, GetParam().words));
  EXPECT_TRUE(everything_in(folder / "out").empty());
}

const std::vector<Refused> kRefused{
    {"a row twice", 3, {"twice.tsv line 146", "occurs twice"}, {"test", "TWICE"}},
    {"a table without contrasts", 3, {"no_column.tsv", "'contrast'"}, {"test", "NO_COLUMN"}},
    {"an unknown test", 2, {"'welch'", "two-sample"}, {"test", "VALUES", "--test", "welch"}},
    {"an unknown region", 3, {"'D'", "A, B, C"}, {"test", "VALUES", "--roi", "D"}},
    {"a group with many labels",
     3,
     {"anxiety", "24 groups"},
     {"test", "VALUES", "--test", "two-sample", "--participants", "DATA", "--group", "anxiety"}},
    {"a covariate that is no number",
     3,
     {"group", "'patient'"},
     {"test", "VALUES", "--test", "regression", "--participants", "DATA", "--covariates", "group"}},
    {"a covariate that is not there",
     3,
     {"'age'", "anxiety"},
     {"test", "VALUES", "--test", "regression", "--participants", "DATA", "--covariates", "age"}},
    {"an unknown contrast",
     2,
     {"region A with contrast z", "x, y"},
     {"dissociate", "VALUES", "--regions", "A", "B", "--signals", "x", "z"}},
    {"one region",
     2,
     {"two regions"},
     {"dissociate", "VALUES", "--regions", "A", "--signals", "x", "y"}},
    {"one signal",
     2,
     {"two contrasts"},
     {"dissociate", "VALUES", "--regions", "A", "B", "--signals", "x"}},
    {"a region twice",
     2,
     {"names A twice"},
     {"dissociate", "VALUES", "--regions", "A", "A", "--signals", "x", "y"}},
    {"an impossible level",
     2,
     {"--level is 2"},
     {"dissociate", "VALUES", "--regions", "A", "B", "--signals", "x", "y", "--level", "2"}},
    {"unknown units",
     2,
     {"'beta'", "regressor-sd"},
     {"dissociate", "VALUES", "--regions", "A", "B", "--signals", "x", "y", "--units", "beta"}},
    {"spreads of regressors that the table lacks",
     2,
     {"regressor of x", "difference-sd"},
     {"dissociate", "VALUES", "--regions", "A", "B", "--signals", "x", "y", "--units",
      "regressor-sd"}},
    {"a reference without maps",
     2,
     {"--reference", "--maps"},
     {"dissociate", "VALUES", "--regions", "A", "B", "--signals", "x", "y", "--reference", "DATA"}},
    {"regions beside maps",
     2,
     {"--regions", "--maps"},
     {"dissociate", "--maps", "DATA", "--regions", "A", "B", "--signals", "x", "y"}},
    {"a bound of nothing",
     2,
     {"--equivalence is 0"},
     {"dissociate", "VALUES", "--regions", "A", "B", "--signals", "x", "y", "--equivalence", "0"}},
    {"nothing to work on", 2, {"--maps"}, {"dissociate", "--signals", "x", "y"}},
};
INSTANTIATE_TEST_SUITE_P(BadInput, RoiInferenceRefuses, ::testing::ValuesIn(kRefused));

}  // namespace
}  // namespace sociometer::testing
