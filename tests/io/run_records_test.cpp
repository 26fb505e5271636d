// Records of what runs wrote, when their results go.
#include "io/bytes/run_records.hpp"

#include <gtest/gtest.h>

#include "io/bytes/output_set.hpp"
#include "tests/support/files.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;

class RunRecords : public ::testing::Test {
 protected:
  void write_run(const std::string& run, const std::vector<std::string>& names) const {
    OutputSet outputs(folder / "out", {run, false, false, nullptr, false, {}});
    for (const auto& name : names) outputs.write(name, name);
    outputs.commit();
  }
  bool there(const std::string& name) const { return fs::exists(folder / ("out/" + name)); }
  testing::TemporaryFolder folder;
};

TEST_F(RunRecords, GoWithTheLastFileOfTheirRun) {
  write_run("fit_a", {"a/map.txt", "a/other.txt"});
  write_run("fit_b", {"b/map.txt", "dataset_description.json"});
  EXPECT_EQ(remove_spent_records(folder / "out"), 0u);
  fs::remove(folder / "out/a/map.txt");
  EXPECT_EQ(remove_spent_records(folder / "out"), 0u) << "a file of it is left";
  fs::remove(folder / "out/a/other.txt");
  EXPECT_EQ(remove_spent_records(folder / "out"), 1u);
  EXPECT_FALSE(there(".outputs/fit_a.txt"));
  EXPECT_TRUE(there(".outputs/fit_b.txt"));
  fs::remove_all(folder / "out/a");
  fs::remove_all(folder / "out/b");
  EXPECT_EQ(remove_spent_records(folder / "out"), 1u) << "the description is shared by all runs";
  EXPECT_FALSE(there(".outputs"));
  EXPECT_FALSE(there("dataset_description.json")) << "nothing else was beside it";
  EXPECT_EQ(remove_spent_records(folder / "out"), 0u);
}

TEST_F(RunRecords, ARunIsRemovedWithItsFolder) {
  write_run("report", {"index.html", "parts/picture.txt"});
  EXPECT_EQ(remove_run(folder / "out", "report"), 2u);
  EXPECT_FALSE(there(""));
  write_run("report", {"index.html"});
  testing::write_text(folder / "out/mine.txt", "");
  EXPECT_EQ(remove_run(folder / "out", "report"), 1u);
  EXPECT_TRUE(there("mine.txt"));
  EXPECT_FALSE(there(".outputs"));
  EXPECT_EQ(remove_run(folder / "nowhere", "report"), 0u);
}

TEST_F(RunRecords, NothingOutsideOfTheFolderIsTouched) {
  testing::write_text(folder / "precious.txt", "");
  fs::create_directories(folder / "elsewhere");
  testing::write_text(folder / "elsewhere/precious.txt", "");
  write_run("report", {"index.html"});
  fs::create_directory_symlink(folder / "elsewhere", folder / "out/link");
  testing::write_text(
      folder / "out/.outputs/report.txt",
      "../precious.txt\n" + (folder / "precious.txt") + "\nlink/precious.txt\nindex.html\n");
  EXPECT_EQ(remove_run(folder / "out", "report"), 1u);
  EXPECT_TRUE(fs::exists(folder / "precious.txt"));
  EXPECT_TRUE(fs::exists(folder / "elsewhere/precious.txt"));
  // A folder that is a link belongs to others.
  fs::remove_all(folder / "out");
  write_run("report", {"index.html"});
  fs::create_directory_symlink(folder / "out", folder / "alias");
  EXPECT_EQ(remove_run(folder / "alias", "report"), 0u);
  EXPECT_TRUE(there("index.html"));
}

}  // namespace
}  // namespace sociometer
