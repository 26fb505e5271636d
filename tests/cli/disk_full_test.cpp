// A full disk, simulated by the shell's file size limit.
#include <gtest/gtest.h>

#include "tests/cli/study.hpp"

namespace sociometer::testing {
namespace {

/// In sh, `ulimit -f` is in units of 512 bytes.
std::string limit_kib(int kib) { return "ulimit -f " + std::to_string(2 * kib) + ";"; }

TEST(DiskFull, WhileMapsAreWritten) {
  const TemporaryFolder folder;
  const auto words = golden_fit({1}, {"--contrast", "a", "--no-estimates"}, folder / "out");
  EXPECT_TRUE(fails_with(run_program(words, limit_kib(1)), 4, {folder / "out"}));
  EXPECT_EQ(everything_in(folder.path().string()), Words{});
  // Control: it succeeds without the limit.
  EXPECT_TRUE(exits_with(run_program(words), 0));
}

TEST(DiskFull, WhileEstimatesAreWritten) {
  const TemporaryFolder folder;
  const auto words =
      golden_fit({1}, {"--confounds", golden("nilearn/data/run-1_confounds.tsv")}, folder / "out");
  // Enough for the design and the sidecars, but not for the coefficients of 744 voxels.
  EXPECT_TRUE(fails_with(run_program(words, limit_kib(40)), 4, {"estimates.h5"}));
  EXPECT_EQ(everything_in(folder.path().string()), Words{});
  EXPECT_TRUE(exits_with(run_program(words), 0));
  EXPECT_GT(std::filesystem::file_size(folder / "out/estimates.h5"), 40u * 1024);
  EXPECT_LT(std::filesystem::file_size(folder / "out/design.tsv"), 40u * 1024);
}

TEST(DiskFull, AtEverySizeLeavesAllOrNothing) {
  Study study;
  study.only_one_run();
  const Words words = study.arguments({"--contrast", "a", "--f-contrast", "f=a;b"});
  for (int kib = 1; kib <= 64; kib *= 2) {
    const CommandResult result = run_program(words, limit_kib(kib));
    if (result.exit_code == 0) {
      EXPECT_FALSE(names_ending_in(study / "out", "estimates.h5").empty());
      return;
    }
    EXPECT_TRUE(fails_with(result, 4, {study / "out"})) << kib << " KiB";
    EXPECT_FALSE(std::filesystem::exists(study / "out")) << kib << " KiB";
  }
  FAIL() << "64 KiB should be enough for 24 voxels";
}

TEST(DiskFull, WhileADesignIsDrawn) {
  const Study study;
  const Words words{"design", "--log-level", "error", "--events", study.events[0], "--tr",
                    "2",      "--n-scans",   "60",    "-o",       study / "out"};
  for (int kib : {1, 8}) {
    EXPECT_TRUE(fails_with(run_program(words, limit_kib(kib)), 4, {study / "out"}))
        << kib << " KiB";
    EXPECT_FALSE(std::filesystem::exists(study / "out")) << kib << " KiB";
  }
  EXPECT_TRUE(exits_with(run_program(words), 0));
}

}  // namespace
}  // namespace sociometer::testing
