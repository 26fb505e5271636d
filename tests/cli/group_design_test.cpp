// Typical group designs: participants tables and repeated measures, compared with R.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/small_group.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Words effects_of(const RepeatedStudy& study, const Words& sessions, const Words& more) {
  return with(with({"--effects"}, study.maps(sessions)), more);
}

Words of_participants(const RepeatedStudy& study, const Words& more) {
  return effects_of(study, {"post"}, with({"--participants", study / "participants.tsv"}, more));
}

Json sidecar(const RepeatedStudy& study, const std::string& contrast,
             const std::string& out = "out") {
  return read_json(study / (out + "/contrast-x_desc-" + contrast + "_stat-t_statmap.json"));
}

double t_of(const RepeatedStudy& study, const std::string& contrast,
            const std::string& out = "out") {
  return study.at("contrast-x_desc-" + contrast + "_stat-t", out);
}

/// R: lm(post ~ age - mean(age) + anxiety - mean(anxiety) + group), without the patient whose
/// anxiety is missing; treatment coding.
TEST(GroupParticipants, CovariatesAndFactorAsR) {
  const RepeatedStudy study;
  const auto result = study.run(of_participants(
      study, {"--covariates", "age,anxiety", "--factor", "group", "--missing-covariates",
              "listwise", "--contrast", "intercept", "age", "anxiety", "group_patient"}));
  ASSERT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("left out, without a value"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("sub-5"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("1 of 9 rows"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("centred at the mean"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("difference from control"), std::string::npos) << result.err;
  EXPECT_TRUE(close_number(t_of(study, "intercept"), 1.7529257647360257, 1e-10));
  EXPECT_TRUE(close_number(t_of(study, "age"), 1.3925701906474988, 1e-10));
  EXPECT_TRUE(close_number(t_of(study, "anxiety"), -0.2710648042119134, 1e-10));
  EXPECT_TRUE(close_number(t_of(study, "groupPatient"), 1.2845459881772823, 1e-10));
  const Json json = sidecar(study, "age");
  EXPECT_EQ(json["Contrast"]["DegreesOfFreedom"], 3);
  EXPECT_EQ(json["Participants"], 7);
  EXPECT_EQ(json["Design"]["RowsWithoutMaps"], 1);
  EXPECT_EQ(json["Design"]["LeftOutForMissingValues"], Json::array({"sub-5"}));
  EXPECT_EQ(json["Design"]["Covariates"][0]["Mean"], 251.0 / 7);
  EXPECT_EQ(json["Design"]["Factors"][0]["Reference"], "control");
}

/// R: the same with the mean of the others for the missing value, and all eight participants.
TEST(GroupParticipants, MissingValueAtTheMeanAsR) {
  const RepeatedStudy study;
  ASSERT_TRUE(exits_with(
      study.run(of_participants(
          study, {"--covariates", "age", "anxiety", "--factor", "group", "--missing-covariates",
                  "anxiety=mean", "--contrast", "anxiety", "group_patient"})),
      0));
  EXPECT_TRUE(close_number(t_of(study, "anxiety"), 0.3021097719822338, 1e-10));
  EXPECT_TRUE(close_number(t_of(study, "groupPatient"), 0.9770025753047621, 1e-10));
  EXPECT_EQ(sidecar(study, "anxiety")["Design"]["Covariates"][1]["MissingSetToMean"], 1);
}

/// R: contr.sum, control +1 and patient -1; and am*group with patients as reference.
TEST(GroupParticipants, SumCodingAndInteractionsAsR) {
  const RepeatedStudy study;
  ASSERT_TRUE(exits_with(study.run(of_participants(
                             study, {"--covariates", "age", "--factor", "group", "--factor-coding",
                                     "sum", "--contrast", "intercept", "group_control"})),
                         0));
  EXPECT_TRUE(close_number(t_of(study, "intercept"), 11.493721449629771, 1e-10));
  EXPECT_TRUE(close_number(t_of(study, "groupControl"), -2.589540137292189, 1e-10));
  ASSERT_TRUE(exits_with(
      study.run(of_participants(study, {"--covariates", "age", "--factor", "group:patient",
                                        "--interactions", "age:group", "--contrast",
                                        "group_control", "slopes=age:group_control"}),
                "product"),
      0));
  EXPECT_TRUE(close_number(t_of(study, "groupControl", "product"), -2.3398211513960105, 1e-10));
  EXPECT_TRUE(close_number(t_of(study, "slopes", "product"), -0.3238318939222966, 1e-10));
}

/// Centring only changes the intercept.
TEST(GroupParticipants, UncentredCovariatesAreAChoice) {
  const RepeatedStudy study;
  for (const char* center : {"mean", "none"})
    ASSERT_TRUE(
        exits_with(study.run(of_participants(study, {"--covariates", "age", "--center-covariates",
                                                     center, "--contrast", "age", "intercept"}),
                             center),
                   0));
  EXPECT_TRUE(close_number(t_of(study, "age", "none"), t_of(study, "age", "mean"), 1e-9));
  EXPECT_GT(std::abs(t_of(study, "intercept", "none") - t_of(study, "intercept", "mean")), 1);
}

struct BadParticipants {
  std::string what;
  int exit_code;
  Words words;  ///< in the message
  Words options;
};
std::ostream& operator<<(std::ostream& out, const BadParticipants& b) { return out << b.what; }
class GroupParticipantsRefuse : public ::testing::TestWithParam<BadParticipants> {};

TEST_P(GroupParticipantsRefuse, InOneLine) {
  const RepeatedStudy study;
  const auto& [what, exit_code, words, options] = GetParam();
  EXPECT_TRUE(refused(study.run(with(of_participants(study, Words{}), options)), exit_code, words));
}

INSTANTIATE_TEST_SUITE_P(
    Options, GroupParticipantsRefuse,
    ::testing::Values(
        BadParticipants{"MissingValue",
                        3,
                        {"1 of 8", "anxiety", "sub-5", "--missing-covariates"},
                        {"--covariates", "anxiety", "--contrast", "anxiety"}},
        BadParticipants{"UnknownColumn",
                        3,
                        {"no column 'bdi'", "age, anxiety, group"},
                        {"--covariates", "bdi"}},
        BadParticipants{"WordsInACovariate",
                        3,
                        {"patient", "--factor group"},
                        {"--covariates", "group", "--contrast", "group"}},
        BadParticipants{"UnknownReference",
                        3,
                        {"no level 'healthy'", "control, patient"},
                        {"--factor", "group:healthy", "--contrast", "intercept"}},
        BadParticipants{"NoContrast", 2, {"2 columns", "intercept, age"}, {"--covariates", "age"}},
        BadParticipants{"UnknownInteraction",
                        2,
                        {"age:sex", "'sex'"},
                        {"--covariates", "age", "--interactions", "age:sex"}},
        BadParticipants{"UnknownCoding",
                        2,
                        {"factor coding 'helmert'", "treatment, sum"},
                        {"--factor", "group", "--factor-coding", "helmert"}},
        BadParticipants{
            "BothTables", 2, {"--design", "--participants"}, {"--design", "design.tsv"}}),
    [](const auto& tested) { return tested.param.what; });

TEST(GroupParticipants, EverybodyWithMapsNeedsARow) {
  const RepeatedStudy study;
  write_text(study / "few.tsv", "participant_id\tage\nsub-1\t1\nsub-2\t2\n3\t3\nsub-4\t4\n");
  EXPECT_TRUE(
      refused(study.run(effects_of(study, {"post"},
                                   {"--participants", study / "few.tsv", "--covariates", "age"})),
              3, {"no row for sub-5, sub-6, sub-7, sub-8"}));
  write_text(study / "header.tsv", "participant_id\tage\n");
  EXPECT_TRUE(
      refused(study.run(effects_of(study, {"post"}, {"--participants", study / "header.tsv"})), 3,
              {"header.tsv", "no rows"}));
}

/// Map names that do not identify the participant.
TEST(GroupParticipants, ColumnOrOrderStatesWhoseMapsTheyAre) {
  const SmallGroup study;
  Words words{"--effects"};
  for (int i = 0; i < 5; ++i)
    words.push_back(study.put(fmt::format("con_{}.nii.gz", i), i * i + 1.0));
  write_text(study / "ordered.tsv", "participant_id\tx\na\t1\nb\t2\nc\t4\nd\t3\ne\t9\n");
  write_text(study / "listed.tsv",
             "participant_id\tx\tmap_file\nb\t2\tcon_1.nii.gz\na\t1\tcon_0.nii.gz\n"
             "e\t9\tcon_4.nii.gz\nd\t3\tsomewhere/con_3.nii.gz\nc\t4\tcon_2.nii.gz\n");
  const Words model{"--covariates", "x", "--contrast", "x"};
  EXPECT_TRUE(
      refused(study.run(with(with(words, {"--participants", study / "ordered.tsv"}), model)), 3,
              {"con_0.nii.gz", "--in-order", "map_file"}));
  ASSERT_TRUE(exits_with(
      study.run(with(with(words, {"--participants", study / "ordered.tsv", "--in-order"}), model),
                "ordered"),
      0));
  ASSERT_TRUE(exits_with(
      study.run(with(with(words, {"--participants", study / "listed.tsv"}), model), "listed"), 0));
  EXPECT_EQ(study.at("contrast-x_stat-t", "ordered"), study.at("contrast-x_stat-t", "listed"));
}

/// R: t.test(post, pre, paired = TRUE): t 4.6095, 7 degrees of freedom, two-sided p .0024563.
TEST(RepeatedMeasures, TwoSessionsAreAPairedTTest) {
  const RepeatedStudy study;
  const double expected = 4.609532255079627383;
  ASSERT_TRUE(exits_with(
      study.run(effects_of(study, {"pre", "post"}, {"--within", "session:pre"}), "effects"), 0));
  EXPECT_TRUE(close_number(t_of(study, "sessionPost", "effects"), expected, 1e-10));
  const Json json = sidecar(study, "sessionPost", "effects");
  EXPECT_EQ(json["Contrast"]["DegreesOfFreedom"], 7);
  EXPECT_EQ(json["Participants"], 8);
  EXPECT_EQ(json["Maps"], 16);
  EXPECT_EQ(json["Design"]["PersonEffects"], 8);
  ASSERT_TRUE(exits_with(
      study.run(effects_of(study, {"late", "pre", "post"}, {"--difference", "post-pre"})), 0));
  EXPECT_TRUE(close_number(t_of(study, "intercept"), expected, 1e-10));
  EXPECT_TRUE(
      close_number(study.at("contrast-x_desc-intercept_stat-p"), 0.002456330359343421 / 2, 1e-9));
  EXPECT_EQ(sidecar(study, "intercept")["Design"]["Difference"], "post-pre");
}

/// R: anova(lm(y ~ id + session)): F 10.4699 on 2 and 14 degrees of freedom; t of each session.
TEST(RepeatedMeasures, ThreeSessionsAsAov) {
  const RepeatedStudy study;
  ASSERT_TRUE(
      exits_with(study.run(effects_of(study, {"pre", "post", "late"},
                                      {"--within", "ses:pre", "--contrast", "ses_post", "ses_late",
                                       "--f-contrast", "any=ses_post;ses_late", "ses"})),
                 0));
  EXPECT_EQ(study.at("contrast-x_desc-any_stat-F"), study.at("contrast-x_desc-ses_stat-F"));
  EXPECT_TRUE(refused(study.run(effects_of(study, {"pre", "post", "late"},
                                           {"--within", "ses", "--contrast", "ses"}),
                                "t"),
                      3, {"factor ses has 2 columns", "an F contrast (--f-contrast) of it"}));
  EXPECT_TRUE(refused(
      study.run(effects_of(study, {"pre", "post"}, {"--within", "ses", "--bayes-factor"}), "bf"), 2,
      {"--bayes-factor", "--difference"}));
  EXPECT_TRUE(close_number(study.at("contrast-x_desc-any_stat-F"), 10.469948483113910, 1e-10));
  EXPECT_TRUE(close_number(t_of(study, "sesPost"), 3.798781174100535, 1e-10));
  EXPECT_TRUE(close_number(t_of(study, "sesLate"), 4.108885759741394, 1e-10));
  EXPECT_EQ(sidecar(study, "sesPost")["Contrast"]["DegreesOfFreedom"], 14);
}

/// R: lm(y ~ id + session + session:group), and the two-sample t of the differences.
TEST(RepeatedMeasures, InteractionWithAGroupIsTheGroupsDifferenceOfDifferences) {
  const RepeatedStudy study;
  const double expected = -2.244372808230750;
  const Words table{"--participants", study / "participants.tsv", "--factor", "group"};
  ASSERT_TRUE(exits_with(
      study.run(effects_of(study, {"pre", "post"},
                           with(table, {"--within", "session", "--interactions", "session:group",
                                        "--contrast", "session_pre:group_patient"})),
                "effects"),
      0));
  EXPECT_TRUE(close_number(t_of(study, "sessionPreGroupPatient", "effects"), expected, 1e-10));
  EXPECT_EQ(sidecar(study, "sessionPreGroupPatient", "effects")["Contrast"]["DegreesOfFreedom"], 6);
  ASSERT_TRUE(exits_with(study.run(effects_of(study, {"pre", "post"},
                                              with(table, {"--difference", "pre-post", "--contrast",
                                                           "group_patient"}))),
                         0));
  EXPECT_TRUE(close_number(t_of(study, "groupPatient"), expected, 1e-10));
  EXPECT_TRUE(refused(
      study.run(effects_of(study, {"pre", "post"}, with(table, {"--within", "session"})), "none"),
      2, {"group", "--interactions session:group"}));
}

/// All 256 within-participant exchanges are equivalent to all 256 sign flips of the differences.
TEST(RepeatedMeasures, PermutationsStayWithinParticipants) {
  const RepeatedStudy study;
  const Words permuted{"--permutations", "1000"};
  ASSERT_TRUE(exits_with(
      study.run(effects_of(study, {"pre", "post"}, with(permuted, {"--within", "session:pre"})),
                "effects"),
      0));
  ASSERT_TRUE(exits_with(
      study.run(effects_of(study, {"pre", "post"}, with(permuted, {"--difference", "post-pre"}))),
      0));
  const auto json = read_json(
      study / "effects/contrast-x_desc-sessionPost_stat-voxelPunc_statmap.json")["Permutation"];
  EXPECT_EQ(json["Shuffles"], 256);
  EXPECT_EQ(json["Blocks"], "participants, within");
  EXPECT_EQ(study.at("contrast-x_desc-sessionPost_stat-voxelPunc", "effects"),
            study.at("contrast-x_desc-intercept_stat-voxelPunc"));
  EXPECT_TRUE(refused(study.run(effects_of(study, {"pre", "post"},
                                           with(permuted, {"--within", "session", "--blocks",
                                                           study / "participants.tsv"})),
                                "none"),
                      2, {"--blocks", "exchangeability blocks"}));
}

/// A table of the design with columns for the participants is equivalent.
TEST(RepeatedMeasures, DesignWithColumnsOfTheParticipantsIsTaken) {
  const RepeatedStudy study;
  std::string text = "participant_id\tpost", plain = "participant_id\tpost\tone\n";
  for (int i = 1; i <= 8; ++i) text += fmt::format("\tp{}", i);
  text += "\n";
  for (int i = 1; i <= 8; ++i)
    for (int session = 0; session < 2; ++session) {
      text += fmt::format("sub-{}\t{}", i, session);
      plain += fmt::format("sub-{}\t{}\t1\n", i, session);
      for (int j = 1; j <= 8; ++j) text += fmt::format("\t{}", int(i == j));
      text += "\n";
    }
  write_text(study / "persons.tsv", text);
  write_text(study / "plain.tsv", plain);
  ASSERT_TRUE(
      exits_with(study.run(effects_of(study, {"pre", "post"},
                                      {"--design", study / "persons.tsv", "--contrast", "post"})),
                 0));
  EXPECT_TRUE(close_number(t_of(study, "post"), 4.609532255079627383, 1e-10));
  EXPECT_TRUE(refused(study.run(effects_of(study, {"pre", "post"},
                                           {"--design", study / "plain.tsv", "--contrast", "post"}),
                                "none"),
                      3, {"sub-1", "twice", "--within"}));
}

/// A participant without the second session has no difference and cannot be used as a pair.
TEST(RepeatedMeasures, IncompleteParticipantsAreNamed) {
  const RepeatedStudy study;
  Words maps = study.maps({"pre", "post"});
  maps.pop_back();
  for (const Words& option : {Words{"--within", "session"}, Words{"--difference", "post-pre"}}) {
    const auto result = study.run(with(with({"--effects"}, maps), option), option[0].substr(2));
    ASSERT_TRUE(exits_with(result, 0));
    EXPECT_NE(result.err.find("left out"), std::string::npos) << result.err;
    EXPECT_NE(result.err.find("sub-8"), std::string::npos) << result.err;
  }
  EXPECT_TRUE(refused(study.run(effects_of(study, {"pre"}, {"--within", "session"}), "one"), 3,
                      {"no participant", "--within"}));
  EXPECT_TRUE(refused(study.run(effects_of(study, {"pre", "post"},
                                           {"--difference", "post-late", "--within", "ses"}),
                                "two"),
                      3, {"late", "post, pre"}));
}

/// The same with a table of other columns: the rows of excluded participants are dropped as well.
TEST(RepeatedMeasures, RowsOfADesignGoWithTheMapsThatAreLeft) {
  const RepeatedStudy study;
  Words maps = study.maps({"pre", "post"});
  std::string rows = "participant_id\tx\n", people = rows, fewer = rows;
  for (const auto& path : maps) {
    const std::string who = path.substr(path.rfind("sub-"), 5);
    const int i = who[4] - '0';
    const bool post = path.find("ses-post") != std::string::npos;
    rows += fmt::format("{}\t{}\n", who, post ? i * i : -i);
    if (who != "sub-8") fewer += fmt::format("{}\t{}\n", who, post ? i * i : -i);
    if (post) people += fmt::format("{}\t{}\n", who, i * i - 25);
  }
  Words complete = maps;
  std::erase_if(complete, [](const std::string& path) { return path.find("sub-8") != path.npos; });
  const std::string last = maps.back();
  ASSERT_NE(last.find("sub-8"), std::string::npos);
  maps.pop_back();
  rows.erase(rows.rfind("sub-8"));  // one row per map
  write_text(study / "rows.tsv", rows);
  write_text(study / "people.tsv", people);
  write_text(study / "fewer.tsv", fewer);
  const auto run = [&](const Words& effects, const std::string& table, const Words& more,
                       const std::string& out) {
    return study.run(with(with({"--effects"}, effects), with({"--design", study / table}, more)),
                     out);
  };
  ASSERT_TRUE(
      exits_with(run(maps, "rows.tsv", {"--within", "session", "--contrast", "x"}, "a"), 0));
  ASSERT_TRUE(
      exits_with(run(complete, "fewer.tsv", {"--within", "session", "--contrast", "x"}, "b"), 0));
  EXPECT_EQ(t_of(study, "x", "a"), t_of(study, "x", "b"));
  EXPECT_TRUE(exits_with(
      run(maps, "people.tsv", {"--difference", "post-pre", "--contrast", "intercept", "x"}, "c"),
      0));
  EXPECT_EQ(sidecar(study, "x", "c")["Participants"], 7);
}

TEST(GroupDesign, ConstantIsAddedToATableOfParticipants) {
  const RepeatedStudy study;
  std::string named = "participant_id\tx\n", bare = "x\n";
  for (int i = 1; i <= 8; ++i) {
    named += fmt::format("sub-{}\t{}\n", i, i * i);
    bare += fmt::format("{}\n", i * i);
  }
  write_text(study / "named.tsv", named);
  write_text(study / "bare.tsv", bare);
  const auto run = [&](const char* table, const Words& more, const std::string& out) {
    return study.run(
        effects_of(study, {"post"}, with({"--design", study / table, "--contrast", "x=[1]"}, more)),
        out);
  };
  const auto added = run("named.tsv", {}, "added"), warned = run("bare.tsv", {}, "warned");
  ASSERT_TRUE(exits_with(added, 0));
  ASSERT_TRUE(exits_with(warned, 0));
  EXPECT_NE(added.err.find("column intercept is added"), std::string::npos) << added.err;
  EXPECT_NE(warned.err.find("through the origin; --add-intercept"), std::string::npos)
      << warned.err;
  ASSERT_TRUE(exits_with(run("bare.tsv", {"--add-intercept"}, "asked"), 0));
  ASSERT_TRUE(exits_with(run("named.tsv", {"--no-intercept"}, "without"), 0));
  EXPECT_EQ(t_of(study, "x", "added"), t_of(study, "x", "asked"));
  EXPECT_EQ(t_of(study, "x", "warned"), t_of(study, "x", "without"));
  EXPECT_EQ(sidecar(study, "x", "added")["Contrast"]["DegreesOfFreedom"], 6);
  EXPECT_EQ(sidecar(study, "x", "added")["Design"]["Intercept"], "added");
  EXPECT_EQ(sidecar(study, "x", "warned")["Contrast"]["DegreesOfFreedom"], 7);
}

TEST(GroupDesign, OfFslIsThatOfTheTable) {
  const SmallGroup group;
  Words maps;
  for (int i = 1; i <= 6; ++i)
    maps.push_back(group.put("sub-" + std::to_string(i) + "_contrast-x_stat-effect_statmap.nii.gz",
                             i * i - 3.5 * i));
  write_text(group / "design.mat",
             "/NumWaves\t2\n/NumPoints\t6\n/PPheights\t1 1\n\n/Matrix\n1 0\n1 0\n1 0\n0 1\n0 1\n0 "
             "1\n");
  write_text(group / "design.con",
             "/ContrastName1\tdifference\n/NumWaves\t2\n/NumContrasts\t1\n\n/Matrix\n1 -1\n");
  write_text(group / "design.grp", "/NumWaves\t1\n/NumPoints\t6\n\n/Matrix\n1\n1\n1\n2\n2\n2\n");
  write_text(group / "design.tsv", "EV1\tEV2\n1\t0\n1\t0\n1\t0\n0\t1\n0\t1\n0\t1\n");
  Words words{"--effects"};
  words.insert(words.end(), maps.begin(), maps.end());
  Words fsl = words, table = words;
  fsl.insert(fsl.end(), {"--design", group / "design.mat", "--contrasts-file", group / "design.con",
                         "--variance-groups", group / "design.grp"});
  table.insert(table.end(), {"--design", group / "design.tsv", "--contrast", "difference=EV1-EV2"});
  ASSERT_TRUE(exits_with(group.run(table), 0));
  const std::string t = "contrast-x_desc-difference_stat-effect";
  ASSERT_TRUE(exits_with(group.run(fsl, "fsl"), 0));
  EXPECT_EQ(group.at(t, "fsl"), group.at(t));
  EXPECT_TRUE(close_number(group.at(t), (-2.5 - 3 - 1.5) / 3 - (2 + 7.5 + 15) / 3, 1e-6));
}

TEST(GroupParticipants, FactorsMayHaveBlanksInTheirLevels) {
  const RepeatedStudy study;
  std::string table = "participant_id\tarm\n";
  for (int i = 1; i <= 8; ++i)
    table += fmt::format("sub-{}\t{}\n", i, i % 2 ? "b drug" : "a placebo");
  write_text(study / "arms.tsv", table);
  const auto run = [&](const Words& more, const std::string& out) {
    return study.run(
        effects_of(study, {"post"}, with({"--participants", study / "arms.tsv"}, more)), out);
  };
  EXPECT_TRUE(exits_with(run({"--factor", "arm:b drug", "--contrast", "arm_a_placebo"}, "b"), 0));
  EXPECT_TRUE(exits_with(run({"--factor", "arm", "--contrast", "arm_b_drug"}, "a"), 0));
  EXPECT_TRUE(close_number(t_of(study, "armAPlacebo", "b"), -t_of(study, "armBDrug", "a"), 1e-12));
  write_text(study / "arms.tsv", table + "sub-9\tx\n");
  EXPECT_TRUE(refused(run({"--factor", "arm", "--missing-covariates", "am=listwise"}, "c"), 2,
                      {"am=listwise", "neither"}));
}

TEST(GroupParticipants, FilesOfOneNameAreDistinguishedByTheirFolders) {
  const SmallGroup group;
  const double values[] = {1, 2, 4, 7};
  Words words{"--effects"};
  std::string table = "participant_id\tmap_file\tx\n";
  for (int i = 0; i < 4; ++i) {
    words.push_back(group.put(fmt::format("p{}/map.nii.gz", i), values[i]));
    table += fmt::format("P{}\tp{}/map.nii.gz\t{}\n", 3 - i, i, i * i);
  }
  write_text(group / "people.tsv", table);
  ASSERT_TRUE(exits_with(group.run(with(words, {"--participants", group / "people.tsv",
                                                "--covariates", "x", "--contrast", "x"})),
                         0));
  // R: lm(c(1, 2, 4, 7) ~ c(0, 1, 4, 9))
  EXPECT_TRUE(close_number(group.at("contrast-x_stat-t"), 20.238577, 1e-5));
}

TEST(GroupEffects, MasksOfAnotherSpaceAreRefused) {
  const SmallGroup group;
  Words words{"--effects"};
  for (int i = 1; i < 4; ++i)
    words.push_back(
        group.put(fmt::format("sub-{}_space-A_contrast-x_stat-effect_statmap.nii.gz", i), i * i));
  const std::string mask = group.put("space-B_mask.nii.gz", 1);
  EXPECT_TRUE(refused(group.run(with(words, {"--mask", mask})), 3, {"space-A", "space-B"}));
}

}  // namespace
}  // namespace sociometer::testing
