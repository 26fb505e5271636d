// Ctrl-C, kill, a closed terminal, and kill -9: no hidden files remain.
#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/cli/terminal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

Words long_simulation(const std::string& folder) {
  return {"simulate", folder, "--grid", "3mm", "--participants", "40", "--trials", "20"};
}
Words short_simulation(const std::string& folder) {
  return {"simulate", folder, "--grid", "tiny", "--participants", "1", "--trials", "4", "-q"};
}

/// Whether there is a hidden folder with images in it.
bool writes_into(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.path().filename().string().starts_with(".sociometer-"))
      return fs::exists(entry.path() / "derivatives/fmriprep", error);
  return false;
}

class Interrupted : public ::testing::TestWithParam<int> {};

TEST_P(Interrupted, LeavesNothingAndEndsByTheSignal) {
  const TemporaryFolder folder;
  const std::string study = folder / "new/study";
  const CommandResult result =
      run_and_signal(long_simulation(study), GetParam(), [&] { return writes_into(study); });
  EXPECT_EQ(result.exit_code, 128 + GetParam()) << result.err;
  EXPECT_NE(result.err.find("interrupted"), std::string::npos) << result.err;
  EXPECT_EQ(everything_in(folder.path().string()), Words{});
}

INSTANTIATE_TEST_SUITE_P(Signals, Interrupted, ::testing::Values(SIGINT, SIGTERM, SIGHUP));

TEST(Interruption, LeavesWhatWasThereBefore) {
  const TemporaryFolder folder;
  write_text(folder / "notes.txt", "mine");
  const CommandResult result =
      run_and_signal({"power", "-o", folder / ".", "--studies", "200000", "-q"}, SIGTERM,
                     [n = 0]() mutable { return ++n > 50; });
  EXPECT_EQ(result.exit_code, 128 + SIGTERM) << result.err;
  EXPECT_EQ(everything_in(folder.path().string()), Words{"notes.txt"});
}

TEST(Interruption, OfAKilledProcessIsTidiedByTheNext) {
  const TemporaryFolder folder;
  const std::string study = folder / "study";
  const CommandResult killed =
      run_and_signal(long_simulation(study), SIGKILL, [&] { return writes_into(study); });
  ASSERT_EQ(killed.exit_code, 137);
  ASSERT_TRUE(writes_into(study));  // kill -9 leaves it behind
  ASSERT_TRUE(exits_with(run_program(short_simulation(study)), 0));
  for (const auto& name : everything_in(study)) EXPECT_FALSE(name.starts_with(".sociometer-"));
}

TEST(Interruption, ThatIsIgnoredStaysIgnored) {
  // nohup: a terminal hang-up does not end the command.
  const TemporaryFolder folder;
  const std::string study = folder / "study";
  Words words = short_simulation(study);
  std::string line = "trap '' HUP; sociometer";
  for (const auto& word : words) line += " '" + word + "'";
  EXPECT_TRUE(exits_with(run_script(line + " & p=$!; kill -HUP $p; wait $p"), 0));
  EXPECT_TRUE(fs::exists(study + "/participants.tsv"));
}

}  // namespace
}  // namespace sociometer::testing
