// What a user sees: progress, verbosity levels, log files, help, and misspelt words.
#include "tests/cli/terminal.hpp"

#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/cli/study.hpp"

namespace sociometer::testing {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Words told_fit(const Study& study, const Words& more, const std::string& out = "out") {
  Words words = study.arguments({}, out);
  const auto level = std::find(words.begin(), words.end(), "--log-level");
  words.erase(level, level + 2);
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Longest line that the terminal redraws, in columns.
size_t longest_drawn(const std::string& text) {
  size_t longest = 0, column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 3, "\033[K") == 0) {
      i += 2;
    } else if (text[i] == '\r' || text[i] == '\n') {
      column = 0;
    } else {
      longest = std::max(longest, ++column);
    }
  }
  return longest;
}

/// The lines that start with a carriage return: those of the progress bar.
std::string drawn_over(const std::string& text) {
  std::string out;
  for (size_t at = text.find('\r'); at != std::string::npos; at = text.find('\r', at + 1))
    if (text[at + 1] != '\n') out += text.substr(at, text.find_first_of("\r\n", at + 1) - at);
  return out;
}

TEST(Progress, FitsTheTerminalAndIsErased) {
  if (!has_terminals()) GTEST_SKIP() << "this machine gives no pseudo-terminals";
  const TemporaryFolder folder;
  for (const int columns : {30, 60, 120}) {
    const CommandResult result =
        run_on_terminal({"simulate", folder / std::to_string(columns), "--grid", "tiny",
                         "--participants", "6", "--trials", "20"},
                        columns);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const std::string bar = drawn_over(result.err);
    EXPECT_TRUE(has(bar, "%")) << result.err;
    EXPECT_TRUE(has(bar, "\033[K"));
    EXPECT_LT(longest_drawn(bar), size_t(columns)) << bar;
    EXPECT_TRUE(has(result.err, "simulating images: ")) << result.err;  // done, with its duration
  }
}

TEST(Progress, HasNoControlCharactersElsewhere) {
  const TemporaryFolder folder;
  const CommandResult result =
      run_program({"simulate", folder / "study", "--grid", "tiny", "--participants", "2"});
  EXPECT_EQ(result.err.find_first_of("\r\033"), std::string::npos) << result.err;
  EXPECT_TRUE(has(result.err, "simulating images\n"));
  EXPECT_EQ(result.out, "");
}

TEST(Messages, AreNoneWhenQuiet) {
  Study study;
  const CommandResult result = run_program(told_fit(study, {"--contrast", "a", "--quiet"}));
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(run_program(told_fit(study, {"--contrast", "a", "-q"}, "o")).err, "");
}

TEST(Messages, GoToALogFileWithTimesAndMoreThanIsShown) {
  Study study;
  const std::string log = study / "fit.log";
  ASSERT_TRUE(
      exits_with(run_program(told_fit(study, {"--contrast", "a", "-q", "--log-file", log})), 0));
  const std::string text = read_bytes(log);
  for (const std::string& word :
       Words{"debug", "reading " + study.bold[0], "info", "took ", "degrees of freedom", "written"})
    EXPECT_TRUE(has(text, word)) << word << " is not in " << text;
  EXPECT_TRUE(std::isdigit(text[0]));
  const CommandResult failed =
      run_program(told_fit(study, {"--contrast", "nowhere", "-q", "--log-file", log}, "p"));
  EXPECT_NE(failed.exit_code, 0);
  EXPECT_TRUE(has(read_bytes(log), "error   "));
  EXPECT_EQ(read_bytes(log).find(text), 0u);  // appended to, not replaced
  const std::string events = read_bytes(study.events[0]);
  EXPECT_TRUE(fails_with(
      run_program(told_fit(study, {"--contrast", "a", "-q", "--log-file", study.events[0]}, "r")),
      4, {study.events[0], "no log"}));
  EXPECT_EQ(read_bytes(study.events[0]), events);
  EXPECT_TRUE(fails_with(
      run_program(told_fit(study, {"--contrast", "a", "-q", "--log-file", study / "no/x"}, "q")), 4,
      {"no/x"}));
}

TEST(Messages, OfDebugReportWhatIsReadAndHowLongItTook) {
  Study study;
  const CommandResult result =
      run_program(told_fit(study, {"--contrast", "a", "--log-level", "DEBUG"}));
  for (const std::string& word : Words{"reading " + study.events[1], std::string("kB"),
                                       std::string("reading and fitting: "), std::string("memory")})
    EXPECT_TRUE(has(result.err, word)) << word << " is not in " << result.err;
}

TEST(Summary, OfAFitNamesVoxelsDofModelAndPeaks) {
  Study study;
  study.only_one_run();
  const CommandResult result = run_program(
      told_fit(study, {"--contrast", "a", "minus=a-b", "--noise-model", "ols", "--drift", "none"}));
  // 60 scans less a, b and the constant
  for (const char* word : {"24 voxels", "1 run(s)", "57 degrees of freedom", "noise model ols",
                           "  a  ", "  minus  ", "largest |z|", " mm", "written: "})
    EXPECT_TRUE(has(result.err, word)) << word << " is not in " << result.err;
}

TEST(Help, OfABareCallAndOfHelp) {
  const CommandResult bare = run_program({});
  EXPECT_TRUE(exits_with(bare, 0));
  EXPECT_TRUE(has(bare.out, "Commands:"));
  EXPECT_EQ(run_program({"help"}).out, bare.out);
  EXPECT_EQ(run_program({"help", "fit"}).out, run_program({"fit", "--help"}).out);
  EXPECT_EQ(run_program({"help", "roi", "test"}).out, run_program({"roi", "test", "-h"}).out);
  EXPECT_EQ(run_program({"roi"}).out, run_program({"help", "roi"}).out);
  EXPECT_TRUE(fails_with(run_program({"help", "fti"}), 2, {"did you mean fit?"}));
}

TEST(Help, IsInGroupsOfAtMostAHundredColumns) {
  for (const Words& command :
       {Words{"fit"}, Words{"group"}, Words{"learn"}, Words{"power"}, Words{"simulate"},
        Words{"design"}, Words{"contrast"}, Words{"merge"}, Words{"roi", "make"},
        Words{"roi", "extract"}, Words{"roi", "fit"}, Words{"roi", "test"},
        Words{"roi", "dissociate"}, Words{"roi", "individual"}}) {
    Words words = command;
    words.push_back("--help");
    const std::string help = run_program(words).out;
    std::istringstream lines(help);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u) << line;
    EXPECT_TRUE(has(help, "\nRun:\n")) << help;
    EXPECT_TRUE(has(help, "\nOutput:\n") || command[0] == "learn") << help;
    EXPECT_FALSE(has(help, "TEXT")) << help;  // each value has a descriptive name
  }
  const std::string fit = run_program({"fit", "--help"}).out;
  for (const char* part : {"--bold FILE ..", "-o, --output DIR", "{none,psc,grand}", "\nInput:\n",
                           "\nDesign:\n", "\nNoise model:\n", "[default: none]", "(required)"})
    EXPECT_TRUE(has(fit, part)) << part;
}

TEST(Help, IsAsWideAsTheTerminal) {
  if (!has_terminals()) GTEST_SKIP() << "this machine gives no pseudo-terminals";
  const std::string help = run_on_terminal({"roi", "test", "--help"}, 70).err;
  const std::string options = help.substr(0, help.find("Example:"));
  EXPECT_LE(longest_drawn(options), 70u) << options;
  EXPECT_GT(longest_drawn(options), 55u);
}

struct Misspelt {
  Words words, told;
  friend void PrintTo(const Misspelt& c, std::ostream* out) { *out << c.words.back(); }
};
class Spelling : public ::testing::TestWithParam<Misspelt> {};

TEST_P(Spelling, IsPutRight) {
  EXPECT_TRUE(fails_with(run_program(GetParam().words), 2, GetParam().told));
}

INSTANTIATE_TEST_SUITE_P(
    Words, Spelling,
    ::testing::Values(
        Misspelt{{"fit", "--contast", "x"}, {"--contast", "did you mean --contrast?"}},
        Misspelt{{"fit", "--contast=x"}, {"--contast ", "did you mean --contrast?"}},
        Misspelt{{"fit", "-bold", "x"}, {"did you mean --bold?"}},
        Misspelt{{"fit", "--noise_model", "ar1"}, {"did you mean --noise-model?"}},
        Misspelt{{"fit", "--Contrast", "x"}, {"did you mean --contrast?"}},
        Misspelt{{"fit", "--smooth", "6"}, {"did you mean --smoothing-fwhm?"}},
        Misspelt{{"group", "--permutation", "6"}, {"did you mean --permutations?"}},
        Misspelt{{"roi", "extract", "--estimate", "x"}, {"did you mean --estimates?"}},
        Misspelt{{"grup"}, {"grup", "did you mean group?"}},
        Misspelt{{"Fit"}, {"did you mean fit?"}},
        Misspelt{{"roi", "tset"}, {"tset", "did you mean test?"}},
        Misspelt{{"extract"}, {"roi extract"}}, Misspelt{{"fit", "--tr"}, {"--tr needs a value"}},
        Misspelt{{"fit", "--prefix", "-o", "x"}, {"--prefix needs a value", "-o"}},
        Misspelt{{"fit", "--tr", "2", "--tr=3"}, {"--tr", "twice"}},
        Misspelt{{"fit", "--tr", "two", "--bold", "x", "-o", "y"}, {"--tr", "'two'", "number"}},
        Misspelt{{"fit", "-j", "99999999999999999999", "--bold", "x", "-o", "y"},
                 {"--threads", "whole number"}},
        Misspelt{{"fit", "-j", "-2", "--bold", "x", "-o", "y"}, {"--threads is -2", "0 or more"}},
        Misspelt{{"design", "--n-scans", "0", "-o", "x"}, {"--n-scans is 0", "positive"}},
        Misspelt{{"learn", "a", "b", "c", "d"}, {"c, d"}},
        Misspelt{{"fit"}, {"--bold is required", "sociometer fit --help"}},
        Misspelt{{"fit", "--bold", "x", "-o", "y", "--log-level", "loud"},
                 {"error, warning, info, debug"}}));

TEST(Options, AreTakenAsUsersWriteThem) {
  Study study;
  study.only_one_run();
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "x=a-b", "--scaling", "psc"}, "plain"), 0));
  const auto same = [&](const std::string& out) {
    return same_files(study / "plain", study / out, "_statmap.nii.gz");
  };
  ASSERT_TRUE(exits_with(study.fit({"--contrast=x=a-b", "--scaling=PSC"}, "equals"), 0));
  EXPECT_TRUE(same("equals"));
  ASSERT_TRUE(exits_with(
      study.fit({"--contrast", "x=a-b", "--scaling", "psc", "--min-onset", "-24.", "--prefix="},
                "signs"),
      0));
  EXPECT_TRUE(same("signs"));
  Words words = study.arguments({"--contrast", "x=a-b", "--scaling", "psc"}, "short");
  for (size_t i = 0; i < words.size(); ++i)
    if (words[i] == "-o") {
      words[i] += "=" + words[i + 1];
      words.erase(words.begin() + long(i) + 1);
    }
  ASSERT_TRUE(exits_with(run_program(words), 0));
  EXPECT_TRUE(same("short"));
}

TEST(Options, OfFilesExpandGlobsThatTheShellLeft) {
  Study study;
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}, "named"), 0));
  Words words = study.arguments({"--contrast", "a"}, "globs");
  for (const auto& paths : {study.bold, study.events}) {
    const auto at = std::find(words.begin(), words.end(), paths[0]);
    std::string glob = paths[0];
    for (size_t i = 0; i < glob.size(); ++i)
      if (glob[i] != paths[1][i]) glob[i] = '?';
    *at = glob;
    words.erase(at + 1);
  }
  ASSERT_TRUE(exits_with(run_program(words), 0));
  EXPECT_TRUE(same_files(study / "named", study / "globs", "_statmap.nii.gz"));
  EXPECT_TRUE(fails_with(run_program({"contrast", study / "no*.h5", "--contrast=a", "-o", "x"}), 3,
                         {"no*.h5"}));
}

TEST(Choices, AreListedWhenAnotherWordIsGiven) {
  Study study;
  study.only_one_run();
  const std::vector<std::pair<std::string, Words>> choices{
      {"--hrf-grid", {"nilearn", "spm"}},
      {"--center", {"run", "all", "none"}},
      {"--orthogonalise", {"none", "serial"}},
      {"--modulator-scaling", {"none", "sd", "sd-all"}},
      {"--drift", {"cosine", "polynomial", "none"}},
      {"--scaling", {"none", "psc", "grand"}},
      {"--noise-model", {"ols", "arma11", "tukey", "spm-fast"}},
      {"--arma-search", {"continuous", "afni"}},
      {"--fixed-effects", {"precision", "equal", "nilearn", "meier", "pooled"}},
      {"--map-type", {"float32", "float64"}},
      {"--save", {"residual-variance", "betas", "status"}}};
  for (const auto& [option, words] : choices) {
    Words told{"'wrong'"};
    told.insert(told.end(), words.begin(), words.end());
    EXPECT_TRUE(fails_with(study.fit({option, "wrong"}), 2, told)) << option;
  }
}

}  // namespace
}  // namespace sociometer::testing
