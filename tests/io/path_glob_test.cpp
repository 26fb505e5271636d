#include "io/path_glob.hpp"

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

TEST(ExpandGlobs, MatchesInByteOrderAndLeavesPlainPathsAlone) {
  const TemporaryFolder folder;
  for (const char* name : {"b.nii", "a.nii", "B.nii", "c.txt"}) write_text(folder / name, "x");
  const std::vector<std::string> expected{folder / "B.nii", folder / "a.nii", folder / "b.nii",
                                          "none.nii"};
  EXPECT_EQ(expand_globs({folder / "*.nii", "none.nii"}), expected);
}

TEST(ExpandGlobs, AFileOfThatNameWinsOverThePattern) {
  const TemporaryFolder folder;
  for (const char* name : {"a[1].nii", "a1.nii"}) write_text(folder / name, "x");
  EXPECT_EQ(expand_globs({folder / "a[1].nii"}), std::vector<std::string>{folder / "a[1].nii"});
}

TEST(ExpandGlobs, RefusesAPatternWithoutAMatchByName) {
  const TemporaryFolder folder;
  const std::string pattern = folder / "sub-*.nii";
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {pattern}, [&] { expand_globs({pattern}); }));
}

}  // namespace
}  // namespace sociometer::testing
