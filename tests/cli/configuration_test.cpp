// --config, and the configuration written beside the results.
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/cli/group_study.hpp"
#include "tests/cli/study.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// Every file in a folder with its content.
std::map<std::string, std::string> contents_of(const std::string& folder) {
  std::map<std::string, std::string> all;
  for (const auto& name : everything_in(folder))
    if (fs::is_regular_file(folder + "/" + name)) all[name] = read_bytes(folder + "/" + name);
  return all;
}

/// Runs a command, saves what it wrote to `out`, runs its configuration, and compares all bytes.
void expect_same_again(const Words& command, const Words& words, const std::string& out,
                       const std::string& toml) {
  Words all = command;
  all.insert(all.end(), words.begin(), words.end());
  ASSERT_TRUE(exits_with(run_program(all), 0));
  const auto first = contents_of(out);
  ASSERT_TRUE(first.count(toml)) << toml << " was not written";
  const TemporaryFolder kept;
  write_text(kept / "again.toml", first.at(toml));
  fs::remove_all(out);
  all = {all[0]};
  all.insert(all.end(), {"--config", kept / "again.toml", "-q"});
  ASSERT_TRUE(exits_with(run_program(all), 0)) << first.at(toml);
  EXPECT_EQ(contents_of(out), first);
}

TEST(Configuration, OfAFitGivesTheSameBytes) {
  Study study;
  fs::create_directory(study / "with # blanks, 'quotes'");
  const std::string events = study / "with # blanks, 'quotes'/e=1 \"x\".tsv";
  fs::copy(study.events[0], events);
  study.only_one_run();
  study.events = {events};
  expect_same_again({},
                    study.arguments({"--contrast", "x=a-b", "w=[1,-1]", "negative=-a + b",
                                     "--f-contrast", "any=a;b", "--modulators", "a:rank",
                                     "--noise-model", "ar1", "--no-estimates", "--drift",
                                     "polynomial", "--drift-order=2", "--prefix", "sub-01", "-j1"}),
                    study / "out", "sub-01_sociometer-fit.toml");
}

TEST(Configuration, OfAGroupGivesTheSameBytes) {
  const GroupStudy study(1, 8);
  Words words{"--effects"};
  words.insert(words.end(), study.effects.begin(), study.effects.end());
  words.insert(words.end(), {"--permutations", "50", "--statistic", "voxel,tfce", "--seed", "7",
                             "--log-level", "error", "-o", study / "out"});
  expect_same_again({"group"}, words, study / "out", "sociometer-group.toml");
}

TEST(Configuration, LeavesOutWhatChangesNoByte) {
  Study study;
  study.only_one_run();
  ASSERT_TRUE(
      exits_with(study.fit({"--contrast", "a", "-j", "2", "--log-file", study / "log.txt"}), 0));
  const std::string text =
      read_bytes(study / ("out/" + names_ending_in(study / "out", "sociometer-fit.toml").at(0)));
  EXPECT_NE(text.find("[fit]\n"), std::string::npos) << text;
  for (const std::string& key : Words{"threads", "log-level", "log-file", "config", "quiet"})
    EXPECT_EQ(text.find("\n" + key + " ="), std::string::npos) << text;
  EXPECT_NE(text.find("# hrf = \"spm\""), std::string::npos) << text;  // defaults are included
}

/// A run configured by its own file, in place: the file keeps the user's edits.
TEST(Configuration, ThatIsReadIsNotRewritten) {
  Study study;
  study.only_one_run();
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  const std::string path =
      study / ("out/" + names_ending_in(study / "out", "sociometer-fit.toml").at(0));
  const std::string text = "# my notes\n" + read_bytes(path);
  write_text(path, text);
  for (int again = 0; again < 2; ++again) {
    EXPECT_TRUE(exits_with(run_program({"fit", "--config", path, "--overwrite", "-q"}), 0));
    EXPECT_EQ(read_bytes(path), text);
  }
  // With other options the file is rewritten to match the run.
  EXPECT_TRUE(exits_with(
      run_program({"fit", "--config", path, "--noise-model", "ols", "--overwrite", "-q"}), 0));
  EXPECT_NE(read_bytes(path).find("noise-model = \"ols\""), std::string::npos) << read_bytes(path);
}

TEST(Configuration, GivesWayToTheCommandLine) {
  Study study;
  study.only_one_run();
  write_text(study / "c.toml", "[fit]\ncontrast = [\"x=a\"]\nscaling = 'grand'\nprefix = \"p\"\n");
  ASSERT_TRUE(exits_with(
      study.fit({"--config", study / "c.toml", "--scaling", "psc", "--contrast=y=b"}), 0));
  const Json json = read_json(study / "out/p_contrast-y_stat-z_statmap.json");
  EXPECT_EQ(json["Scaling"], "psc");
  EXPECT_TRUE(names_ending_in(study / "out", "contrast-x_stat-z_statmap.json").empty());
  EXPECT_EQ(json["CommandLine"].get<std::string>().find("config"), std::string::npos);
}

/// A list of one element does not take the file that the command line names.
TEST(Configuration, LeavesPositionalWordsAlone) {
  const TemporaryFolder folder;
  std::string table = "participant_id\troi\tcontrast\tstatistic\tvalue\n";
  for (int i = 1; i <= 6; ++i) table += fmt::format("sub-{}\tA\tx\tmean\t{}\n", i, i % 4 + 0.5);
  write_text(folder / "values.tsv", table);
  write_text(folder / "others.tsv", table);
  ASSERT_TRUE(exits_with(run_program({"roi", "test", folder / "values.tsv", "--roi", "A", "-o",
                                      folder / "a", "--log-level", "error"}),
                         0));
  const std::string path =
      folder / ("a/" + names_ending_in(folder / "a", "sociometer-roi-test.toml").at(0));
  EXPECT_TRUE(exits_with(run_program({"roi", "test", folder / "others.tsv", "--config", path, "-o",
                                      folder / "b", "--log-level", "error"}),
                         0));
  EXPECT_EQ(read_bytes(folder / "a/roi_tests.tsv"), read_bytes(folder / "b/roi_tests.tsv"));
}

TEST(Configuration, MayHaveTablesOfSeveralCommands) {
  Study study;
  study.only_one_run();
  write_text(study / "all.toml",
             "[fit]\ncontrast = 'x=a'\n\n[group]\nmethod = 'mixed'\n[roi.test]\ntest = 'paired'\n");
  EXPECT_TRUE(exits_with(study.fit({"--config", study / "all.toml"}), 0));
}

struct BadConfiguration {
  const char* text;
  int exit_code;
  Words told;
  friend void PrintTo(const BadConfiguration& c, std::ostream* out) { *out << c.text; }
};
class Refused : public ::testing::TestWithParam<BadConfiguration> {};

TEST_P(Refused, WithTheLine) {
  Study study;
  study.only_one_run();
  write_text(study / "c.toml", GetParam().text);
  EXPECT_TRUE(
      fails_with(study.fit({"--config", study / "c.toml"}), GetParam().exit_code, GetParam().told));
  EXPECT_FALSE(fs::exists(study / "out"));
}

INSTANTIATE_TEST_SUITE_P(
    Configurations, Refused,
    ::testing::Values(
        BadConfiguration{"[fit]\n\ncontast = 'a'\n", 2, {"line 3", "contast", "contrast?"}},
        BadConfiguration{"[group]\nmethod = 'ols'\n", 3, {"[fit]", "[group]"}},
        BadConfiguration{"contrast = ['a'\n", 3, {"line", "contrast"}},
        BadConfiguration{"contrast 'a'\n", 3, {"line 1", "contrast"}},
        BadConfiguration{"no-estimates = 'maybe'\n", 3, {"no-estimates", "true or false"}},
        BadConfiguration{"tr = 2\ntr = 3\n", 3, {"tr", "twice", "1 and 2"}},
        BadConfiguration{"tr = 'two'\n", 2, {"--tr", "two"}}));

TEST(Configuration, ThatIsNotThereIsRefused) {
  Study study;
  EXPECT_TRUE(fails_with(study.fit({"--config", study / "none.toml"}), 3, {"none.toml"}));
  EXPECT_TRUE(fails_with(run_program({"fit", "--config"}), 2, {"--config"}));
}

}  // namespace
}  // namespace sociometer::testing
