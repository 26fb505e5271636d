#include "io/bytes/shell_word.hpp"

#include <cstdio>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

/// What a program gets of a word on a command line of bash.
std::string taken_by_bash(const std::string& word) {
  const std::string inner = "printf %s " + shell_word(word);
  FILE* pipe = ::popen(("exec bash -c " + shell_word(inner)).c_str(), "r");
  if (!pipe) return "no shell";
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += char(c);
  ::pclose(pipe);
  return out;
}

TEST(ShellWord, IsTakenAsItWasMeant) {
  for (const char* word :
       {"plain", "", "a study", "it's", "~", "#5", "{a,b}", "$HOME", "`id`", "a\nb", "x;id", "a&b",
        "(1)", "[12]*", "\\", "\"", "!x", "a=b:c,d/e-f_g%h+i@j", "\xc3\xa4"})
    EXPECT_EQ(taken_by_bash(word), word) << shell_word(word);
}

TEST(ShellWord, LeavesPlainWords) {
  EXPECT_EQ(shell_word("--contrast=a:b,c"), "--contrast=a:b,c");
  EXPECT_EQ(shell_word("*.nii"), "'*.nii'");
}

}  // namespace
}  // namespace sociometer
