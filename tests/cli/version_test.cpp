#include <gtest/gtest.h>

#include "tests/cli/program.hpp"

namespace sociometer::testing {
namespace {

TEST(Version, NamesCommitCompilerFlagsAndLibraries) {
  const CommandResult result = run_program({"--version"});
  EXPECT_TRUE(exits_with(result, 0));
  for (const char* word : {"sociometer 0", "(commit ", "compiler: ", "flags: -",
                           "kernels: ", "libraries:", "Eigen 3", "HDF5 1", "ISA-L ", "CLI11 "})
    EXPECT_NE(result.out.find(word), std::string::npos) << word << " is not in " << result.out;
  EXPECT_EQ(result.err, "");
}

TEST(Kernels, AreChosenByTheEnvironment) {
  const CommandResult result = run_program({"--version"}, "SOCIOMETER_KERNELS=sse2");
  EXPECT_TRUE(exits_with(result, 0));
  EXPECT_NE(result.out.find("kernels: sse2\n"), std::string::npos) << result.out;
  EXPECT_EQ(run_program({"--version"}, "SOCIOMETER_KERNELS=").out, run_program({"--version"}).out);
  for (const char* name : {"mmx", "SSE2", "avx"})
    EXPECT_TRUE(fails_with(run_program({"--version"}, std::string("SOCIOMETER_KERNELS=") + name), 2,
                           {"SOCIOMETER_KERNELS", std::string("'") + name + "'", "sse2"}));
}

class Help : public ::testing::TestWithParam<const char*> {};

TEST_P(Help, HasAnExample) {
  const std::string command = GetParam();
  const CommandResult result = run_program({command, "--help"});
  EXPECT_TRUE(exits_with(result, 0));
  const auto example = result.out.find("Example:");
  ASSERT_NE(example, std::string::npos) << result.out;
  EXPECT_NE(result.out.find("sociometer " + command, example), std::string::npos) << result.out;
  EXPECT_NE(run_program({"--help"}).out.find(command), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Commands, Help, ::testing::Values("fit", "design", "contrast", "example"));

TEST(Usage, NeedsACommandThatExists) {
  EXPECT_TRUE(fails_with(run_program({"frobnicate"}), 2, {"frobnicate"}));
  EXPECT_TRUE(fails_with(run_program({"fit", "--no-such-option"}), 2, {}));
}

}  // namespace
}  // namespace sociometer::testing
