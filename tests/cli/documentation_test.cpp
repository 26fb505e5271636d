// Manual pages, completions and the reference are generated from the declarations.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// Runs lines of bash; empty result if there is no bash.
CommandResult run_bash(const TemporaryFolder& folder, const std::string& script) {
  write_text(folder / "script", script);
  return run_script("bash " + (folder / "script"));
}

TEST(Completion, OfBashCompletesCommandsOptionsAndChoices) {
  const TemporaryFolder folder;
  const CommandResult script = run_program({"completion", "bash"});
  ASSERT_TRUE(exits_with(script, 0));
  write_text(folder / "completion", script.out);
  const auto completed = [&](const std::string& words) {
    return run_bash(folder, "set -e; source " + (folder / "completion") + "\nCOMP_WORDS=(" + words +
                                ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_sociometer || true\n"
                                "echo \" ${COMPREPLY[*]} \"\n")
        .out;
  };
  EXPECT_NE(completed("sociometer gr").find(" group "), std::string::npos);
  EXPECT_NE(completed("sociometer roi diss").find(" dissociate "), std::string::npos);
  EXPECT_NE(completed("sociometer fit --noise-m").find(" --noise-model "), std::string::npos);
  EXPECT_NE(completed("sociometer fit --bold x --scaling ps").find(" psc "), std::string::npos);
  EXPECT_NE(completed("sociometer roi test x --alternative gr").find(" greater "),
            std::string::npos);
  EXPECT_EQ(completed("sociometer roi test --bold").find("--bold"), std::string::npos);
  EXPECT_NE(completed("sociometer help lea").find(" learn "), std::string::npos);
}

TEST(Completion, KnowsThreeShells) {
  EXPECT_NE(run_program({"completion", "zsh"}).out.find("#compdef sociometer"), std::string::npos);
  EXPECT_NE(run_program({"completion", "fish"}).out.find("complete -c sociometer"),
            std::string::npos);
  EXPECT_TRUE(fails_with(run_program({"completion", "tcsh"}), 2, {"bash, zsh, fish"}));
}

TEST(Documentation, HasAPageOfEveryCommand) {
  const TemporaryFolder folder;
  ASSERT_TRUE(exits_with(run_program({"documentation", folder / "share"}), 0));
  for (const char* name : {"", "-fit", "-group", "-learn", "-roi", "-roi-test", "-simulate"}) {
    const std::string path = folder / "share/man/man1/sociometer" + name + ".1";
    ASSERT_TRUE(fs::exists(path)) << path;
    const std::string page = read_bytes(path);
    EXPECT_EQ(page.find(".TH SOCIOMETER"), 0u);
    EXPECT_NE(page.find(".SH SYNOPSIS\n"), std::string::npos);
  }
  const std::string fit = read_bytes(folder / "share/man/man1/sociometer-fit.1");
  EXPECT_NE(fit.find("\\-\\-noise\\-model"), std::string::npos);
  EXPECT_NE(fit.find(".SH EXAMPLE\n"), std::string::npos);
  EXPECT_TRUE(fs::exists(folder / "share/bash-completion/completions/sociometer"));
  const std::string reference = read_bytes(folder / "share/doc/sociometer/commands.md");
  for (const char* part : {"\n## fit\n", "\n## roi test\n", "- `-o, --output DIR`:", "Example:"})
    EXPECT_NE(reference.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace sociometer::testing
