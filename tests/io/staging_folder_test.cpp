#include "io/bytes/staging_folder.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/bytes/output_set.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

size_t staging_folders_in(const fs::path& folder) {
  size_t n = 0;
  for (const auto& entry : fs::directory_iterator(folder))
    n += is_staging_name(entry.path().filename().string());
  return n;
}

/// Another process creates a staging folder with a file in it, and dies without cleaning up.
void leave_one_in(const fs::path& folder) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::ofstream(make_staging_folder(folder, {}) / "half.nii") << "x";
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
}

TEST(StagingFolder, OfADeadProcessGoesWhenTheNextIsMade) {
  const TemporaryFolder folder;
  leave_one_in(folder.path());
  ASSERT_EQ(staging_folders_in(folder.path()), 1u);
  {
    OutputSet outputs(folder.path());
    EXPECT_EQ(staging_folders_in(folder.path()), 1u);  // its own
    outputs.write("a.txt", std::string("a"));
    outputs.commit();
  }
  EXPECT_EQ(staging_folders_in(folder.path()), 0u);
}

TEST(StagingFolder, OfALiveProcessStays) {
  const TemporaryFolder folder;
  OutputSet first(folder.path());
  { const OutputSet second(folder.path()); }
  EXPECT_EQ(staging_folders_in(folder.path()), 1u);
  first.write("a.txt", std::string("a"));
  first.commit();
  EXPECT_TRUE(fs::exists(folder / "a.txt"));
}

TEST(StagingFolder, OfAnotherMachineOrUnknownMakerStays) {
  const TemporaryFolder folder;
  for (const char* name : {".sociometer-00000000-999999999-1-abcdef", ".sociometer-abcdef"})
    fs::create_directory(folder / name);
  { const OutputSet outputs(folder.path()); }
  EXPECT_EQ(staging_folders_in(folder.path()), 2u);
}

TEST(StagingFolder, GoesWithFoldersMadeForItWhenAllAreRemoved) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    OutputSet outputs(folder / "new/deeper");
    outputs.write("a.txt", std::string("a"));
    remove_all_staging();
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace sociometer::testing
