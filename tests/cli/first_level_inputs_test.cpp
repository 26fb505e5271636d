#include <filesystem>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/study.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// A table with one row per scan of a study.
std::string per_scan(const std::string& header, const std::function<std::string(int)>& row) {
  std::string text = header + "\n";
  for (int t = 0; t < kStudyScans; ++t) text += row(t) + "\n";
  return text;
}

/// `fit` of a study with warnings and information shown.
CommandResult talking_fit(const Study& study, const Words& more, const std::string& out = "out") {
  Words words = study.arguments(more, out);
  words[2] = "info";
  return run_program(words);
}

TEST(FirstLevelInputs, RunsWithoutScansAreNamed) {
  Study study;
  write_text(study / "c1.tsv", per_scan("out", [](int) { return "1"; }));
  write_text(study / "c2.tsv", per_scan("out", [](int t) { return t == 3 ? "1" : "0"; }));
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a", "--censor", "out", "--confounds",
                                    study / "c2.tsv", study / "c1.tsv"}),
                         3, {"run 2", "0 of 60 scans"}));
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a", "--censor", "0-58", "0"}), 3,
                         {"run 1", "1 of 60 scans"}));
}

TEST(FirstLevelInputs, DesignsWithoutRowsAreRefused) {
  Study study;
  write_text(study / "d.tsv", "a\tconstant\n");
  EXPECT_TRUE(fails_with(run_program({"design", "--design", study / "d.tsv", "-o", study / "out"}),
                         3, {"d.tsv", "0 row"}));
  EXPECT_FALSE(fs::exists(study / "out"));
}

TEST(FirstLevelInputs, NumbersOfScansMustBePossible) {
  Study study;
  for (const char* n : {"0", "-3", "1", "1000000000"})
    EXPECT_TRUE(fails_with(run_program({"design", "--events", study.events[0], "--tr", "2",
                                        "--n-scans", n, "-o", study / "out"}),
                           2, {"--n-scans", n, "must be positive"}));
}

TEST(FirstLevelInputs, TheSameImageTwiceIsRefused) {
  Study study;
  const std::string first = study.bold[0];
  fs::copy_file(first, study / "copy.nii.gz");
  fs::create_hard_link(first, study / "hard.nii.gz");
  fs::create_symlink(first, study / "soft.nii.gz");
  // The same data, uncompressed.
  write_text(study / "plain.nii", raw_series(kStudySize, study_values(1)).file());
  for (const std::string& second : {first, study / "copy.nii.gz", study / "hard.nii.gz",
                                    study / "soft.nii.gz", study / "plain.nii"}) {
    study.bold[1] = second;
    EXPECT_TRUE(fails_with(study.fit({"--contrast", "a"}), 3, {"runs 1 and 2", second})) << second;
    EXPECT_FALSE(fs::exists(study / "out/mask.nii.gz"));
  }
}

TEST(FirstLevelInputs, VolumesOfZerosAreWarnedOf) {
  Study study;
  std::vector<double> values = study_values(3);
  for (int scan : {7, 8, 59}) std::fill_n(values.begin() + scan * kStudyVoxels, kStudyVoxels, 0.0);
  study.bold[1] = study / "run2.nii";
  write_text(study.bold[1], raw_series(kStudySize, values).file());
  const CommandResult result = talking_fit(study, {"--contrast", "a"});
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("run2.nii: 3 volume(s) hold zeros only, the first is number 7 and the "
                            "last 59"),
            std::string::npos)
      << result.err;
  // Not of scans that are left out.
  const CommandResult censored =
      talking_fit(study, {"--contrast", "a", "--censor", "7,8,59", "7,8,59"}, "censored");
  EXPECT_TRUE(exits_with(censored, 0));
  EXPECT_EQ(censored.err.find("zeros only"), std::string::npos) << censored.err;
}

TEST(FirstLevelInputs, FewVoxelsAndMapsThatAModelDoesNotHaveAreWarnedOf) {
  Study study;
  const auto said = [&](const Words& more) {
    Words words{"--contrast", "a"};
    words.insert(words.end(), more.begin(), more.end());
    static int n = 0;
    const CommandResult result = talking_fit(study, words, "few" + std::to_string(n++));
    EXPECT_TRUE(exits_with(result, 0)) << result.err;
    return result.err;
  };
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_FALSE(has(said({}), "too few for mixture"));
  EXPECT_TRUE(has(said({"--save", "ljung-box"}), "mixture has no such map"));
  EXPECT_FALSE(has(said({"--save", "ljung-box", "--noise-model", "arma11"}), "no such map"));
  EXPECT_TRUE(has(said({"--save", "noise", "--noise-model", "ols"}), "ols has no parameters"));
  EXPECT_FALSE(has(said({"--save", "noise"}), "no such map"));
  std::vector<double> inside(kStudyVoxels, 0);
  inside[5] = inside[6] = inside[7] = 1;
  write_text(study.mask, raw_series({4, 3, 2, 1}, inside).file());
  EXPECT_TRUE(has(said({}), "3 voxel(s), too few for mixture"));
  EXPECT_FALSE(has(said({"--noise-model", "ar4-averaged"}), "too few"));
}

TEST(FirstLevelInputs, LagsThatEndTooSoonAreWarnedOf) {
  Study study;
  const auto warns = [&](const Words& more) {
    Words words{"--contrast", "a"};
    words.insert(words.end(), more.begin(), more.end());
    static int n = 0;
    const CommandResult result = talking_fit(study, words, "lags" + std::to_string(n++));
    EXPECT_TRUE(exits_with(result, 0)) << result.err;
    return result.err.find("cover") != std::string::npos;
  };
  EXPECT_FALSE(warns({"--noise-model", "ar4-averaged"}));  // four lags of 2 s
  EXPECT_FALSE(warns({"--tr", "0.5"}));
  EXPECT_TRUE(warns({"--tr", "0.5", "--noise-model", "ar4-averaged"}));
  EXPECT_FALSE(warns({"--tr", "0.5", "--noise-model", "ols"}));
}

TEST(FirstLevelInputs, TheSameEventsTwiceAreReportedOnce) {
  Study study;
  const CommandResult result = talking_fit(study, {"--contrast", "a"});
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.err.find("runs 1 and 2 have the same events"), std::string::npos) << result.err;
}

TEST(FirstLevelInputs, FilesOfDifferentPeopleTasksAndRunsAreRefused) {
  Study study;
  study.only_one_run();
  const std::string bold = study / "sub-01_ses-1_task-a_acq-a_dir-AP_run-01_space-X_bold.nii.gz";
  fs::rename(study.bold[0], bold);
  study.bold[0] = bold;
  const std::string events = study.events[0];
  for (const auto& [name, key] : std::vector<std::pair<std::string, std::string>>{
           {"sub-02_task-a_events.tsv", "sub-02"},
           {"sub-01_ses-2_task-a_events.tsv", "ses-2"},
           {"sub-01_task-b_events.tsv", "task-b"},
           {"sub-01_task-a_acq-b_events.tsv", "acq-b"},
           {"sub-01_task-a_dir-PA_events.tsv", "dir-PA"},
           {"sub-01_task-a_run-2_events.tsv", "run-2"}}) {
    study.events[0] = study / name;
    fs::copy_file(events, study.events[0]);
    EXPECT_TRUE(fails_with(study.fit({"--contrast", "a"}), 3, {name, key}));
  }
  study.events[0] = study / "sub-01_task-a_run-1_events.tsv";
  fs::copy_file(events, study.events[0]);
  EXPECT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  write_text(study / "sub-03_confounds.tsv",
             per_scan("x", [](int t) { return std::to_string(t % 7); }));
  EXPECT_TRUE(
      fails_with(study.fit({"--contrast", "a", "--confounds", study / "sub-03_confounds.tsv"}), 3,
                 {"sub-03", "sub-01"}));
  // A loop that forgets one of two names: the results of one person would be another's.
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a", "--prefix", "sub-02_task-a"}, "other"), 3,
                         {"--prefix sub-02_task-a", "sub-01_ses-1_task-a"}));
  EXPECT_TRUE(exits_with(study.fit({"--contrast", "a", "--prefix", "mine"}, "mine"), 0));
}

TEST(FirstLevelInputs, RunsOfTwoPeopleAreRefused) {
  Study study;
  const Words names{study / "sub-01_run-1_bold.nii.gz", study / "sub-02_run-2_bold.nii.gz"};
  for (int r : {0, 1}) fs::rename(study.bold[size_t(r)], names[size_t(r)]);
  study.bold = names;
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a"}), 3, {"sub-01", "sub-02"}));
}

TEST(FirstLevelInputs, SidecarsAreNotReadWhenTheyChangeNothing) {
  Study study;
  study.only_one_run();
  write_text(study / "run-1_bold.json", "{\"RepetitionTime\": 2.0, oops");
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a"}), 3, {"run-1_bold.json", "line 1"}));
  EXPECT_TRUE(exits_with(study.fit({"--contrast", "a", "--tr", "2", "--slice-time-ref", "0"}), 0));
  write_text(study / "run-1_bold.json",
             "{\"RepetitionTime\": 2.0, \"TotalReadoutTime\": Infinity, \"Site\": \"Z\xFCrich\"}");
  EXPECT_TRUE(exits_with(study.fit({"--contrast", "a"}, "tolerated"), 0));
}

TEST(FirstLevelInputs, EventsOutsideTheRunAreReportedAndGiveNoContrast) {
  Study study;
  study.only_one_run();
  write_text(study.events[0], study_events() +
                                  "130\t1\tlate\t0\n500\t1\tlate\t0\n400\t2\ta\t1\n"
                                  "-60\t2\tearly\t1\n");
  const CommandResult result = talking_fit(study, {"--contrast", "late", "early", "a"});
  EXPECT_TRUE(exits_with(result, 5));
  for (const char* text :
       {"2 of 2 events of 'late' begin after the last scan (118 s)", "1 of 7 events of 'a' begin",
        "1 of 1 events of 'early' end before the modelled time starts (-24 s",
        "contrast late is refused", "contrast early is refused"})
    EXPECT_NE(result.err.find(text), std::string::npos) << text << "\n" << result.err;
  EXPECT_FALSE(fs::exists(study / "out/contrast-late_stat-t_statmap.nii.gz"));
}

TEST(FirstLevelInputs, WholeFmriprepTablesNeedAChoice) {
  Study study;
  study.only_one_run();
  std::string header = "trans_x\ta_comp_cor_00\tglobal_signal\tcosine00";
  write_text(study / "c.tsv", per_scan(header, [](int t) {
               return std::to_string(t % 5) + "\t" + std::to_string(t % 7) + "\t" +
                      std::to_string(t % 3) + "\t" + std::to_string(t % 11);
             }));
  const Words given{"--contrast", "a", "--confounds", study / "c.tsv"};
  EXPECT_TRUE(fails_with(study.fit(given), 3, {"c.tsv", "--confound-strategy", "wm_csf"}));
  Words chosen = given;
  chosen.insert(chosen.end(), {"--confound-strategy", "HIGH_PASS,global_signal"});
  EXPECT_TRUE(exits_with(study.fit(chosen), 0));
  const Json json = read_json(study / "out/contrast-a_stat-t_statmap.json");
  EXPECT_EQ(json["Runs"][0]["ConfoundColumns"], (Json{"cosine00", "global_signal"}));
  EXPECT_EQ(json["Design"]["ConfoundStrategy"]["Parts"], (Json{"high_pass", "global_signal"}));
  EXPECT_EQ(json["Runs"][0]["Drift"], "cosine columns of the confounds");
}

TEST(FirstLevelInputs, DemeanedConfoundsChangeNoContrast) {
  Study study;
  study.only_one_run();
  write_text(study / "c.tsv",
             per_scan("x", [](int t) { return std::to_string(100 + t * t % 17); }));
  const Words given{"--contrast", "a",       "--confounds",   study / "c.tsv",
                    "--map-type", "float64", "--noise-model", "ols"};
  Words demeaned = given;
  demeaned.push_back("--demean-confounds");
  EXPECT_TRUE(exits_with(study.fit(given, "as_is"), 0));
  EXPECT_TRUE(exits_with(study.fit(demeaned, "demeaned"), 0));
  EXPECT_EQ(
      read_json(study / "demeaned/contrast-a_stat-t_statmap.json")["Design"]["ConfoundsDemeaned"],
      true);
}

TEST(FirstLevelInputs, CensorExpressionsTakeScansAroundAlong) {
  Study study;
  study.only_one_run();
  write_text(
      study / "c.tsv", per_scan("fd\tmotion", [](int t) {
        return std::string(t == 0 ? "n/a" : t == 20 ? "0.9" : "0.1") + "\t" + std::to_string(t % 5);
      }));
  const CommandResult result =
      talking_fit(study, {"--contrast", "a", "--confounds", study / "c.tsv", "--censor", "fd > 0.5",
                          "--censor-before", "1", "--censor-after", "2"});
  EXPECT_TRUE(exits_with(result, 0));
  const Json json = read_json(study / "out/contrast-a_stat-t_statmap.json");
  EXPECT_EQ(json["Runs"][0]["CensoredScans"], 4);
  EXPECT_EQ(json["Runs"][0]["ConfoundColumns"], Json{"motion"});
}

TEST(FirstLevelInputs, WordsAreTakenInAnyCase) {
  Study study;
  study.only_one_run();
  EXPECT_TRUE(exits_with(study.fit({"--contrast", "a", "--hrf", "SPM + Derivative", "--drift",
                                    "Cosine", "--noise-model", "OLS", "--scaling", "PSC",
                                    "--map-type", "Float32", "--save", "mean,betas"}),
                         0));
}

TEST(FirstLevelInputs, OptionsOfAStrategyNeedItsPart) {
  Study study;
  write_text(study / "c.tsv", ready_design({"trans_x"}, kStudyScans));
  const std::string c = study / "c.tsv";
  EXPECT_TRUE(fails_with(study.fit({"--confounds", c, c, "--confound-strategy", "motion",
                                    "--n-compcor", "6", "--contrast", "a"}),
                         2, {"--n-compcor", "compcor", "motion"}));
}

bool is_told(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/// Unusual but accepted input is reported.
TEST(FirstLevelInputs, OddEventsAndOptionsAreReported) {
  Study study;
  study.only_one_run();
  const auto told = [&](const Words& more, const std::string& out) {
    Words words = study.arguments(more, out);
    words[2] = "warning";
    const CommandResult result = run_program(words);
    EXPECT_TRUE(exits_with(result, 0));
    return result.err;
  };
  const Words a{"--contrast", "a"};
  EXPECT_EQ(told(a, "none"), "");
  EXPECT_TRUE(is_told(told({"--contrast", "a", "--tr", "1.5"}, "tr"), "2 s in the header"));
  EXPECT_TRUE(is_told(told({"--contrast", "a", "--fir-delays", "1", "2"}, "fir"), "--hrf fir"));
  EXPECT_TRUE(is_told(told({"--contrast", "w=[0,0,1]"}, "weights"), "not of the task"));
  const std::string events = read_bytes(study.events[0]);
  const size_t line = events.find('\n') + 1;
  write_text(study.events[0], events + events.substr(line, events.find('\n', line) + 1 - line));
  EXPECT_TRUE(is_told(told(a, "twice"), "1 of the events of 'a' repeat another one"));
  write_text(study.events[0], events + "10\t3000\tb\t1\n");
  EXPECT_TRUE(is_told(told(a, "long"), "last longer than the whole run"));
}

TEST(FirstLevelInputs, SummaryOfAnFContrastNamesItsLargestF) {
  Study study;
  study.only_one_run();
  Words words =
      study.arguments({"--f-contrast", "any=a;b", "--prefix", "x", "--map-type", "float64"});
  words[2] = "info";
  const CommandResult result = run_program(words);
  ASSERT_TRUE(exits_with(result, 0));
  const Image z = read_nifti(study / "out/x_contrast-any_stat-z_statmap.nii.gz");
  EXPECT_TRUE(is_told(result.err, fmt::format("largest z: z = {:.2f} at", z.values.maxCoeff())))
      << result.err;
}

}  // namespace
}  // namespace sociometer::testing
