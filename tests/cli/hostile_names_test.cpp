// Names made to harm: they neither leave the output folder nor reach a terminal as commands.
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/cli/study.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

struct HostileName {
  const char* what;
  std::string name;
  Words words;  ///< of the refusal
};
std::ostream& operator<<(std::ostream& out, const HostileName& h) { return out << h.what; }

class HostilePrefix : public ::testing::TestWithParam<HostileName> {};

TEST_P(HostilePrefix, IsRefusedAndLeavesNothing) {
  Study study;
  study.only_one_run();
  const Words before = everything_in(study.folder.path().string());
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a", "--prefix=" + GetParam().name}), 2,
                         GetParam().words));
  EXPECT_TRUE(fails_with(
      run_program({"design", "--events", study.events[0], "--tr", "2", "--n-scans", "60",
                   "--prefix=" + GetParam().name, "-o", study / "out", "--log-level", "error"}),
      2, GetParam().words));
  EXPECT_EQ(everything_in(study.folder.path().string()), before);
}

INSTANTIATE_TEST_SUITE_P(
    Names, HostilePrefix,
    ::testing::Values(HostileName{"Up", "../x", {"../x", "leads out"}},
                      HostileName{"UpLater", "a/../../x", {"leads out"}},
                      HostileName{"Absolute", "/tmp/x", {"leads out"}},
                      HostileName{"LineEnd", "a\nb", {"control character \\n"}},
                      HostileName{"Escape", "a\x1b[2Jb", {"control character \\x1b"}},
                      HostileName{"Formula", "=1+1", {"begins with '='"}},
                      HostileName{"Option", "-rf", {"begins with '-'"}},
                      HostileName{"InAFolder", "sub/@x", {"begins with '@'"}},
                      HostileName{"Long", std::string(300, 'x'), {"300 bytes", "255"}}),
    [](const auto& param) { return param.param.what; });

TEST(HostileNames, OfContrastsThatAreTooLongAreRefusedBeforeWork) {
  Study study;
  study.only_one_run();
  const std::string name(300, 'x');
  EXPECT_TRUE(fails_with(study.fit({"--contrast", name + "=a"}), 2, {"bytes", "255"}));
  EXPECT_FALSE(fs::exists(study / "out"));
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}, "fitted"), 0));
  const Words estimates = names_ending_in(study / "fitted", "estimates.h5");
  ASSERT_EQ(estimates.size(), 1u);
  EXPECT_TRUE(fails_with(run_program({"contrast", study / ("fitted/" + estimates[0]), "--contrast",
                                      name + "=a", "-o", study / "out", "--log-level", "error"}),
                         2, {"bytes", "255"}));
  EXPECT_FALSE(fs::exists(study / "out"));
}

TEST(HostileNames, OfContrastsBecomeLettersAndDigits) {
  Study study;
  study.only_one_run();
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "../$(touch x)`y` %n{}\n@SUM=a"}), 0));
  for (const auto& file : everything_in(study / "out"))
    EXPECT_EQ(file.find_first_of("$`%{}@\n "), std::string::npos) << file;
  EXPECT_FALSE(fs::exists(study / "x"));
}

TEST(HostileNames, OfRegionsAreRefused) {
  Study study;
  const HostileName cases[] = {
      {"Plus", "+x", {"'+x'", "spreadsheets"}},  {"At", "@SUM(A1)", {"'@SUM(A1)'", "spreadsheets"}},
      {"LineEnd", "a\nb", {"a\\nb", "control"}}, {"Escape", "a\x1b[2J", {"a\\x1b[2J", "control"}},
      {"Nothing", "{}", {"letters or digits"}},  {"Long", std::string(300, 'x'), {"bytes", "255"}}};
  for (const auto& [what, name, words] : cases) {
    EXPECT_TRUE(fails_with(
        run_program({"roi", "make", "--like", study.mask, "--sphere", name + "=-8,-18,-29,10", "-o",
                     study / "rois", "--log-level", "error"}),
        2, words))
        << what;
    EXPECT_FALSE(fs::exists(study / "rois")) << what;
  }
}

TEST(HostileNames, InFilesDoNotCommandTheTerminal) {
  Study study;
  study.only_one_run();
  write_text(study.events[0],
             "onset\tduration\ttrial_type\n10\t2\ta\x1b[2J\n30\t2\tb\xC2\x9B"
             "2J\n50\t2\t\"c\rd\"\n");
  const CommandResult result = study.fit({"--contrast", "zebra"});
  EXPECT_TRUE(fails_with(result, 3, {"'zebra'", "a\\x1b[2J", "b\\xc2\\x9b2J", "c\\rd"}));
  EXPECT_EQ(result.err.find_first_of("\x1b\r"), std::string::npos);
  EXPECT_EQ(result.err.find("\xC2\x9B"), std::string::npos);
}

TEST(HostileNames, InPrintedTablesDoNotCommandTheTerminal) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "logs/sociometer/jobs");
  write_text(folder / "logs/sociometer/jobs/fit\x1b]0;owned\x07.json", "{}");
  const CommandResult result = run_program({"status", folder.path().string()});
  EXPECT_TRUE(exits_with(result, 5));  // the job is not done
  EXPECT_NE(result.out.find("fit\\x1b]0;owned\\x07"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find_first_of("\x1b\x07"), std::string::npos);
}

TEST(HostileNames, OfLinksThatLeadToThemselvesAreBadInput) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "study");
  fs::create_symlink("sub-01", folder / "study/sub-01");
  EXPECT_TRUE(
      fails_with(run_program({"learn", folder / "study", folder / "out", "--log-level", "error"}),
                 3, {folder / "study", "no events"}));
  fs::create_symlink("loop.nii", folder / "loop.nii");
  Study study;
  study.only_one_run();
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a", "--mask", folder / "loop.nii"}), 3,
                         {folder / "loop.nii"}));
}

}  // namespace
}  // namespace sociometer::testing
