// Quoted globs have the meaning they have in a shell.
#include "io/bytes/path_glob.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "engine/core/error.hpp"
#include "io/bytes/folder_walk.hpp"
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

/// Links that lead back, and links that double at each level: 2^30 ways to one folder.
void make_link_mazes(const TemporaryFolder& folder) {
  namespace fs = std::filesystem;
  fs::create_directories(folder / "sub-1/func");
  write_text(folder / "sub-1/func/a.nii", "x");
  fs::create_directory_symlink("..", folder / "sub-1/up");
  fs::create_directory_symlink(".", folder / "here");
  fs::create_directory_symlink("itself", folder / "itself");
  fs::create_directory_symlink("nowhere", folder / "broken");
  for (int level = 0; level < 30; ++level) {
    const std::string at = folder / ("maze/" + std::to_string(level));
    fs::create_directories(at);
    for (const char* way : {"/left", "/right"})
      fs::create_directory_symlink("../" + std::to_string(level + 1), at + way);
  }
  fs::create_directories(folder / "maze/30");
  write_text(folder / "maze/30/a.nii", "x");
}

TEST(PathGlob, LinksThatLeadInCirclesOrMultiplyEnd) {
  const TemporaryFolder folder;
  make_link_mazes(folder);
  EXPECT_EQ(expand_globs({folder / "**/a.nii"}),
            (Paths{folder / "maze/30/a.nii", folder / "sub-1/func/a.nii"}));
  EXPECT_EQ(folders_below(folder / "sub-1").front(), folder / "sub-1");
  EXPECT_EQ(folders_below(folder / "itself"), Paths{});
  EXPECT_EQ(folders_below(folder / "none"), Paths{});
}

/// While it lives, no file and no folder can be opened.
class WithoutFileHandles {
 public:
  WithoutFileHandles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~WithoutFileHandles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  WithoutFileHandles(const WithoutFileHandles&) = delete;
  WithoutFileHandles& operator=(const WithoutFileHandles&) = delete;

 private:
  rlimit before_{};
};

TEST(FolderWalk, RefusesAFolderThatCannotBeListed) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "sub-1/func");
  const auto refusal = [&](const auto& list) -> std::string {
    const WithoutFileHandles none;
    try {
      list();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const std::string wanted = folder / "sub-1" + " cannot be listed: Too many open files";
  EXPECT_EQ(refusal([&] { entries_of_folder(folder / "sub-1"); }), wanted);
  EXPECT_EQ(refusal([&] { folders_below(folder / "sub-1"); }), wanted);
  EXPECT_EQ(entries_of_folder(folder / "sub-1").size(), 1u);
}

TEST(PathGlob, FoldersBehindLinksAreSearched) {
  const TemporaryFolder folder, elsewhere;
  std::filesystem::create_directories(elsewhere / "deep/er");
  write_text(elsewhere / "deep/er/a.nii", "x");
  std::filesystem::create_directory_symlink(elsewhere.path(), folder / "link");
  EXPECT_EQ(expand_globs({folder / "**/a.nii"}), (Paths{folder / "link/deep/er/a.nii"}));
}

TEST(PathGlob, NamesOfFoldersAreNoPatterns) {
  const TemporaryFolder folder;
  for (const char* name : {"[ab]", "a", "{x,y}", "q?*"}) {
    std::filesystem::create_directories(folder / name);
    write_text(folder / (std::string(name) + "/1.nii"), "x");
  }
  EXPECT_EQ(expand_globs({folder / "**/1.nii"}),
            (Paths{folder / "[ab]/1.nii", folder / "a/1.nii", folder / "q?*/1.nii",
                   folder / "{x,y}/1.nii"}));
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

TEST(PathGlob, BracesThatMultiplyWithoutEndAreRefused) {
  std::string pattern = "nowhere/";
  for (int i = 0; i < 24; ++i) pattern += "{a,b}";
  try {
    expand_globs({pattern});
    ADD_FAILURE() << "2^24 names were looked for";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("stands for 16777216 names"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace sociometer
