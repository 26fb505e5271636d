// The examples in README and in each command's help, run verbatim on a small study.
#include <filesystem>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// The commands in README's "Use it": its indented lines.
std::string commands_of_readme() {
  std::istringstream lines(read_bytes(SOCIOMETER_SOURCE_DIR "/README.md"));
  std::string out, line;
  while (std::getline(lines, line) && line != "## Use it") {
  }
  while (std::getline(lines, line) && !line.starts_with("#"))
    if (line.starts_with("    ")) out += line + "\n";
  return out;
}

/// The same with six participants and few permutations, so that it takes seconds.
std::string made_small(std::string script) {
  const std::pair<const char*, const char*> changes[] = {
      {"--participants 20 --grid", "--participants 6 --trials 20 --grid"},
      {"sub-%02g' 20", "sub-%02g' 6"},
      {"--permutations 1000", "--permutations 16"},
      {"--permutations 10000", "--permutations 16"},
      {"docs/models/model-dissociation_smdl.json", "small.json"},
      {"sociometer power ", "sociometer power --studies 20 --schedules 2 "}};
  for (const auto& [from, to] : changes)
    for (size_t at; (at = script.find(from)) != std::string::npos && std::string(to) != from;) {
      script.replace(at, std::string(from).size(), to);
      if (std::string(to).find(from) != std::string::npos) break;
    }
  return script;
}

/// A folder in which README's commands have been run, once for all tests.
struct ReadStudy {
  ReadStudy() {
    fs::create_directories(folder / "docs");
    fs::copy(SOCIOMETER_SOURCE_DIR "/docs/models", folder / "docs/models");
    std::string model = read_bytes(folder / "docs/models/model-dissociation_smdl.json");
    const std::string many = "\"Permutations\": 1000";
    model.replace(model.find(many), many.size(), "\"Permutations\": 16");
    write_text(folder / "small.json", model);
    result = run_script("set -e; cd '" + folder.path().string() + "'\n" +
                        made_small(commands_of_readme()));
    std::string table = "participant_id\tpatients\tcontrols\tanxiety\n";
    const char* rows[] = {"1\t0\t0.5", "0\t1\t-1",   "1\t0\t2",
                          "0\t1\t0.3", "1\t0\t-0.7", "0\t1\t1.1"};
    for (int i = 0; i < 6; ++i) table += "sub-0" + std::to_string(i + 1) + "\t" + rows[i] + "\n";
    write_text(folder / "group.tsv", table);
  }
  TemporaryFolder folder;
  CommandResult result;
};
const ReadStudy& read_study() {
  static const ReadStudy study;
  return study;
}

TEST(Examples, OfReadmeRun) {
  ASSERT_NE(commands_of_readme(), "");
  EXPECT_TRUE(exits_with(read_study().result, 0)) << commands_of_readme();
  for (const char* path : {"group", "merged", "values/roi_values.tsv", "dissociation", "power"})
    EXPECT_TRUE(fs::exists(read_study().folder / path)) << path;
  EXPECT_TRUE(same_files(read_study().folder / "group", read_study().folder / "merged", ".nii.gz"));
}

TEST(Examples, OfHelpRun) {
  const ReadStudy& study = read_study();
  // In the order of a study: later examples read what earlier ones wrote.
  for (const std::string command : {"simulate",
                                    "example",
                                    "run",
                                    "status",
                                    "model check",
                                    "model default",
                                    "model from-command",
                                    "learn",
                                    "design",
                                    "fit",
                                    "contrast",
                                    "group",
                                    "merge",
                                    "clusters",
                                    "roi make",
                                    "trials",
                                    "mixed",
                                    "ppi",
                                    "beta-series",
                                    "rsa",
                                    "roi extract",
                                    "roi fit",
                                    "roi test",
                                    "roi dissociate",
                                    "roi individual",
                                    "power",
                                    "completion"}) {
    SCOPED_TRACE(command);
    const std::string help = run_script("sociometer " + command + " --help").out;
    const size_t start = help.find("Example:\n");
    ASSERT_NE(start, std::string::npos) << help;
    const std::string script = help.substr(start + 9);
    EXPECT_NE(script.find("sociometer " + command), std::string::npos) << script;
    // Outputs of README's commands under the same name.
    std::string before;
    if (command == "simulate" || command == "example")
      before += "mkdir " + command + "d; cd " + command + "d\n";
    const std::regex output(" -o ([^ \n]+)");
    for (auto at = std::sregex_iterator(script.begin(), script.end(), output);
         at != std::sregex_iterator(); ++at)
      before += "rm -rf " + (*at)[1].str() + "\n";
    const CommandResult result = run_script("set -e; cd '" + study.folder.path().string() + "'\n" +
                                            before + made_small(script));
    EXPECT_TRUE(exits_with(result, 0)) << script;
  }
}

}  // namespace
}  // namespace sociometer::testing
