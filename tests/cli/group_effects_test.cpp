// Which maps form a group: finding them in folders, distinguishing them by name, naming results.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/core/missing.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"
#include "tests/cli/small_group.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// First-level results of five participants, as written by `fit`.
struct FirstLevel : SmallGroup {
  FirstLevel() {
    for (int i = 1; i <= 5; ++i)
      for (const char* contrast : {"match", "rank"}) {
        put_map(i, contrast, "effect", i * i + (*contrast == 'm' ? 1 : -7));
        put_map(i, contrast, "variance", 0.5 + i);
        put_map(i, contrast, "z", i);
      }
  }
  std::string put_map(int person, const std::string& contrast, const std::string& stat,
                      double value, const std::string& entities = "", int n_volumes = 1) const {
    return put(fmt::format("first/sub-{0:02}/sub-{0:02}_{1}contrast-{2}_stat-{3}_statmap.nii.gz",
                           person, entities, contrast, stat),
               value, n_volumes);
  }
  Words maps(const std::string& contrast, const std::string& stat) const {
    Words out;
    for (int i = 1; i <= 5; ++i)
      out.push_back(folder /
                    fmt::format("first/sub-{0:02}/sub-{0:02}_contrast-{1}_stat-{2}_statmap.nii.gz",
                                i, contrast, stat));
    return out;
  }
  CommandResult run_folder(const Words& more, const std::string& out = "out") const {
    Words words{"--effects", folder / "first"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, out);
  }
  CommandResult run_maps(const Words& effects, const Words& more,
                         const std::string& out = "out") const {
    Words words{"--effects"};
    words.insert(words.end(), effects.begin(), effects.end());
    words.insert(words.end(), more.begin(), more.end());
    return run(words, out);
  }
};

TEST(GroupEffects, OfAContrastAreFoundBelowAFolder) {
  const FirstLevel study;
  // Group results and files of other programs are not participants' maps.
  study.put("first/group/contrast-match_desc-intercept_stat-effect_statmap.nii.gz", 9);
  write_text(study / "first/sub-01/notes.txt", "");
  ASSERT_TRUE(exits_with(study.run_folder({"--first-level-contrast", "match"}, "found"), 0));
  ASSERT_TRUE(exits_with(study.run_maps(study.maps("match", "effect"), {}, "listed"), 0));
  EXPECT_TRUE(same_files(study / "found", study / "listed", ".nii.gz"));
  ASSERT_TRUE(exits_with(
      study.run_folder({"--first-level-contrast", "rank", "--method", "mixed"}, "mixed"), 0));
  Words variances{"--method", "mixed", "--variances"};
  const Words maps = study.maps("rank", "variance");
  variances.insert(variances.end(), maps.begin(), maps.end());
  ASSERT_TRUE(exits_with(study.run_maps(study.maps("rank", "effect"), variances, "given"), 0));
  EXPECT_TRUE(same_files(study / "mixed", study / "given", ".nii.gz"));
}

TEST(GroupEffects, QuotedGlobsAreExpanded) {
  const FirstLevel study;
  ASSERT_TRUE(exits_with(
      study.run({"--effects", study / "first/sub-*/*_contrast-match_stat-effect_statmap.nii.gz"}),
      0));
  ASSERT_TRUE(exits_with(study.run_maps(study.maps("match", "effect"), {}, "listed"), 0));
  EXPECT_TRUE(same_files(study / "out", study / "listed", ".nii.gz"));
  EXPECT_TRUE(refused(study.run({"--effects", study / "first/*_bold.nii"}, "none"), 3,
                      {"no file matches", "*_bold.nii"}));
}

TEST(GroupEffects, WithoutTheContrastItsNeighboursAreNamed) {
  const FirstLevel study;
  EXPECT_TRUE(refused(study.run_folder({"--first-level-contrast", "mach"}), 3,
                      {"'mach'", "match, rank", "did you mean match?"}));
  EXPECT_TRUE(refused(study.run_folder({}), 2, {"match, rank", "--first-level-contrast"}));
  std::filesystem::create_directory(study / "empty");
  EXPECT_TRUE(refused(study.run({"--effects", study / "empty"}), 3, {"no effect map below"}));
}

TEST(GroupEffects, TwoMapsOfOneParticipantAreDistinguished) {
  const FirstLevel study;
  const Words of_match{"--first-level-contrast", "match"};
  study.put_map(2, "match", "effect", 3, "task-nback_");
  study.put_map(3, "match", "effect", 3, "space-MNI_");
  EXPECT_TRUE(refused(study.run_folder(of_match), 3, {"sub-02", "task-nback", "leave one out"}));
  FirstLevel sessions;
  for (const char* session : {"1", "2"})
    for (int i = 1; i <= 5; ++i)
      sessions.put_map(i, "social", "effect", i * *session, fmt::format("ses-{}_", session));
  EXPECT_TRUE(refused(sessions.run_folder({"--first-level-contrast", "social"}), 3,
                      {"sub-01", "ses (1 and 2)", "--filter ses=1", "--within ses"}));
  ASSERT_TRUE(exits_with(
      sessions.run_folder({"--first-level-contrast", "social", "--filter", "session=2"}), 0));
  ASSERT_TRUE(exits_with(
      sessions.run_folder({"--first-level-contrast", "social", "--within", "session"}, "within"),
      0));
  EXPECT_TRUE(refused(
      sessions.run_folder({"--first-level-contrast", "social", "--filter", "ses=3"}, "none"), 3,
      {"no effect map", "--filter ses=3"}));
}

TEST(GroupEffects, MapsOfFContrastsAreRefused) {
  const FirstLevel study;
  for (int i = 1; i <= 5; ++i) study.put_map(i, "any", "effect", i, "", 2);
  EXPECT_TRUE(refused(study.run_folder({"--first-level-contrast", "any"}), 3,
                      {"sub-01", "2 volumes", "F contrast"}));
  EXPECT_TRUE(refused(study.run({"--effects", study.maps("any", "effect")[0]}), 3,
                      {"2 volumes", "sub-01 alone"}));
}

TEST(GroupEffects, StatisticsAreNoEffects) {
  const FirstLevel study;
  EXPECT_TRUE(
      refused(study.run_maps(study.maps("match", "z"), {}), 3, {"stat-z", "--allow-statistics"}));
  EXPECT_TRUE(refused(study.run_maps(study.maps("match", "variance"), {}), 3, {"stat-variance"}));
  ASSERT_TRUE(exits_with(study.run_maps(study.maps("match", "z"), {"--allow-statistics"}), 0));
  EXPECT_EQ(
      read_json(
          study /
          "out/contrast-match_desc-intercept_stat-t_statmap.json")["StatisticsTakenForEffects"],
      Json::array({"z"}));
}

/// Effects and variances that do not match.
TEST(GroupEffects, EntitiesAreCompared) {
  const FirstLevel study;
  const auto mixed = [&](const Words& variances) {
    Words words{"--method", "mixed", "--variances"};
    words.insert(words.end(), variances.begin(), variances.end());
    return study.run_maps(study.maps("match", "effect"), words);
  };
  EXPECT_TRUE(
      refused(mixed(study.maps("rank", "variance")), 3, {"contrast-match", "contrast-rank"}));
  EXPECT_TRUE(refused(mixed(study.maps("match", "z")), 3, {"stat-z", "not of variances"}));
  Words effects = study.maps("match", "effect");
  effects[4] = study.maps("rank", "effect")[4];
  EXPECT_TRUE(refused(study.run_maps(effects, {}), 3,
                      {"contrast-match", "contrast-rank", "--allow-mixed contrast"}));
  ASSERT_TRUE(exits_with(study.run_maps(effects, {"--allow-mixed", "contrast"}), 0));
  Words tasks;
  for (int i = 1; i <= 5; ++i)
    tasks.push_back(study.put_map(i, "a", "effect", i, i < 5 ? "task-x_" : "task-y_"));
  EXPECT_TRUE(refused(study.run_maps(tasks, {}), 3, {"task-x", "task-y"}));
  Words spaces;
  for (int i = 1; i <= 5; ++i)
    spaces.push_back(study.put_map(i, "b", "effect", i, i < 5 ? "space-MNI_" : "space-T1w_"));
  EXPECT_TRUE(refused(study.run_maps(spaces, {}), 3, {"space-MNI", "space-T1w"}));
}

/// The first-level contrast stays in the name, the group's is in desc-.
TEST(GroupEffects, OfOtherUnitsAreWarnedOf) {
  const SmallGroup group;
  Words words{"--log-level", "warning", "--effects"};
  for (int i = 1; i <= 4; ++i) {
    const std::string stem = fmt::format("sub-{}_contrast-x_stat-effect_statmap", i);
    words.push_back(group.put(stem + ".nii.gz", i));
    write_text(
        group / (stem + ".json"),
        fmt::format(R"({{"Scaling": "{}", "SmoothingFWHM": [6, 6, 6]}})", i == 3 ? "psc" : "none"));
  }
  const CommandResult mixed = group.run(words);
  EXPECT_TRUE(exits_with(mixed, 0));
  EXPECT_NE(mixed.err.find("sub-3_contrast-x_stat-effect_statmap.nii.gz has scaling psc"),
            std::string::npos)
      << mixed.err;
  write_text(group / "sub-3_contrast-x_stat-effect_statmap.json", "{\"Scaling\": 5");
  EXPECT_EQ(group.run(words, "alike").err.find("not estimated alike"), std::string::npos);
}

TEST(GroupNames, HaveBothContrastsTaskAndSpace) {
  const FirstLevel study;
  Words maps;
  for (int i = 1; i <= 5; ++i)
    maps.push_back(study.put_map(i, "self", "effect", i * i, "task-social_space-MNI_"));
  ASSERT_TRUE(
      exits_with(study.run_maps(maps, {"--permutations", "100", "--statistic", "voxel"}), 0));
  const std::string base = "out/task-social_space-MNI_contrast-self_desc-intercept_";
  for (const char* stat : {"effect", "variance", "t", "z", "p", "voxelPfwe"})
    EXPECT_TRUE(std::filesystem::exists(study / (base + "stat-" + stat + "_statmap.nii.gz")))
        << stat;
  EXPECT_TRUE(std::filesystem::exists(study / (base + "null.tsv")));
  const Json json = read_json(study / (base + "stat-t_statmap.json"));
  EXPECT_EQ(json["FirstLevelContrast"], "self");
  EXPECT_EQ(json["Contrast"]["Name"], "intercept");
  // An entity in the prefix takes precedence.
  ASSERT_TRUE(exits_with(study.run_maps(maps, {"--prefix", "task-social"}, "prefixed"), 0));
  EXPECT_TRUE(std::filesystem::exists(
      study / "prefixed/task-social_space-MNI_contrast-self_desc-intercept_stat-t_statmap.nii.gz"));
}

/// Outside the mask, and where nothing can be tested, p is missing; a mask that includes empty
/// voxels is not an error.
TEST(GroupMaps, PIsMissingWhereNothingIsTested) {
  const SmallGroup study;
  Eigen::MatrixXd values = Eigen::VectorXd::LinSpaced(8, 1, 8), inside = Eigen::VectorXd::Ones(8);
  Words words{"--log-p", "--corrections", "fdr", "--permutations", "100", "--effects"};
  for (int i = 1; i <= 5; ++i) {
    values(6, 0) = kNaN;
    values(0, 0) = i * i;
    words.push_back(study.put_values(fmt::format("sub-{}_effect.nii.gz", i), values * i));
  }
  inside(7) = 0;
  words.insert(words.end(), {"--mask", study.put_values("mask.nii.gz", inside)});
  const auto result = study.run(words);
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("without a statistic (NaN in the maps), over all contrasts: 1"),
            std::string::npos)
      << result.err;
  const auto map = [&](const char* stat) {
    return Eigen::VectorXd(
        read_nifti(study / fmt::format("out/contrast-intercept_stat-{}_statmap.nii.gz", stat))
            .values.col(0));
  };
  for (const char* stat : {"p", "pfdr", "voxelPunc", "voxelPfwe"}) {
    const Eigen::VectorXd p = map(stat), log_p = map((std::string("log10") + stat).c_str());
    EXPECT_TRUE(std::isnan(p[6]) && std::isnan(p[7])) << stat;
    EXPECT_TRUE(std::isnan(log_p[6])) << stat;
    EXPECT_EQ(log_p[7], 0) << stat;
    EXPECT_TRUE(close_relative(log_p.head(6), -p.head(6).array().log10(), 1e-12, 1)) << stat;
  }
  EXPECT_EQ(map("t")[7], 0);
  // The intent code is at byte 68 of the header: 22 is p, 24 -log10 p.
  for (const auto& [stat, code] : {std::pair{"p", 22}, {"log10voxelPfwe", 24}}) {
    std::vector<std::byte> header(352);
    open_byte_stream(study / fmt::format("out/contrast-intercept_stat-{}_statmap.nii.gz", stat))
        ->read(header);
    EXPECT_EQ(int(header[68]), code) << stat;
  }
}

/// A contrast without a statistic in any voxel has failed.
TEST(GroupMaps, ContrastWithoutAnyStatisticIsAFailure) {
  const SmallGroup study;
  Words words{"--effects"};
  for (int i = 1; i <= 4; ++i) words.push_back(study.put(fmt::format("sub-{}.nii.gz", i), 2));
  EXPECT_TRUE(exits_with(study.run(words), 5));
}

/// A map whose name is ambiguous or says nothing, and whose header says z.
TEST(GroupEffects, StatisticsByTheirIntentCodeAreRefused) {
  const SmallGroup study;
  const auto with_intent = [&](const std::string& name, double value, int code) {
    const std::string path = study.put(name + ".nii.gz", value);
    std::vector<std::byte> bytes(100000);
    bytes.resize(open_byte_stream(path)->read(bytes));
    bytes[68] = std::byte(code);
    write_text(study / (name + ".nii"),
               {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return study / (name + ".nii");
  };
  const auto run = [&](const std::string& stem, int code, const Words& more) {
    Words words{"--effects"};
    for (int i = 1; i <= 4; ++i)
      words.push_back(with_intent(fmt::format("{}_sub-{}_faces", stem, i), i * i, code));
    words.insert(words.end(), more.begin(), more.end());
    return study.run(words, fmt::format("out{}{}", stem, code));
  };
  EXPECT_TRUE(refused(run("a", 5, {}), 3, {"stat-z", "intent code"}));
  EXPECT_TRUE(refused(run("con", 3, {}), 3, {"stat-t", "intent code"}));
  EXPECT_TRUE(refused(run("a", 24, {}), 3, {"stat-logp"}));
  EXPECT_TRUE(exits_with(run("a", 0, {}), 0));
  EXPECT_TRUE(exits_with(run("con", 1001, {}), 0));
  EXPECT_TRUE(exits_with(run("b", 5, {"--allow-statistics"}), 0));
}

/// Too few participants for random fields, or for permutations to reach the level.
TEST(GroupMaps, WhatAFewPeopleCannotShowIsReported) {
  const SmallGroup study;
  const auto run = [&](int people, const Words& more, const std::string& out) {
    Words words{"group", "--log-level", "info", "-o", study / out, "--effects"};
    for (int i = 1; i <= people; ++i)
      words.push_back(study.put(fmt::format("sub-{}.nii.gz", i), i));
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words).err;
  };
  EXPECT_NE(run(4, {}, "few").find("no random-field p-values: 3 residual"), std::string::npos);
  const std::string three = run(3, {"--permutations", "100", "--no-tables"}, "three");
  EXPECT_NE(three.find("no p of these shuffles is below 0.125"), std::string::npos) << three;
  const std::string six = run(6, {"--permutations", "100", "--no-tables"}, "six");
  EXPECT_EQ(six.find("no p of these shuffles"), std::string::npos) << six;
}

}  // namespace
}  // namespace sociometer::testing
