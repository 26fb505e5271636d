// Quoted globs have the meaning they have in a shell.
#include "io/bytes/path_glob.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/support/files.hpp"

namespace sociometer {
namespace {

using testing::TemporaryFolder;
using testing::write_text;
using Paths = std::vector<std::string>;

TEST(PathGlob, MatchesAreSortedAndFoldersCrossed) {
  const TemporaryFolder folder;
  for (const char* name : {"sub-2/func", "sub-1/func", ".hidden/func"})
    std::filesystem::create_directories(folder / name);
  for (const char* name :
       {"sub-2/a.nii", "sub-1/a.nii", "sub-1/func/a.nii", ".hidden/func/a.nii", "b.nii"})
    write_text(folder / name, "x");
  EXPECT_EQ(expand_globs({folder / "sub-*/a.nii"}),
            (Paths{folder / "sub-1/a.nii", folder / "sub-2/a.nii"}));
  EXPECT_EQ(expand_globs({folder / "{b,c}.nii", folder / "sub-[1]/?.nii"}),
            (Paths{folder / "b.nii", folder / "sub-1/a.nii"}));
  EXPECT_EQ(expand_globs({folder / "**/a.nii"}),
            (Paths{folder / "sub-1/a.nii", folder / "sub-1/func/a.nii", folder / "sub-2/a.nii"}));
}

TEST(PathGlob, PathsThatExistOrAreNoGlobsStay) {
  const TemporaryFolder folder;
  write_text(folder / "odd[1]*.nii", "x");
  write_text(folder / "odd1.nii", "x");
  EXPECT_EQ(expand_globs({folder / "odd[1]*.nii", "nowhere.nii"}),
            (Paths{folder / "odd[1]*.nii", "nowhere.nii"}));
}

TEST(PathGlob, GlobThatNothingMatchesIsNamed) {
  try {
    expand_globs({"nowhere/*.nii"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'nowhere/*.nii'"), std::string::npos);
  }
}

}  // namespace
}  // namespace sociometer
