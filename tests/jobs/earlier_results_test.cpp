// What --clean removes, and what it must not whatever records on disk name.
#include "cli/jobs/study/earlier_results.hpp"

#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/support/files.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using testing::write_text;

/// A study's folder with a job of the study and one of an earlier model.
class EarlierResults : public ::testing::Test {
 protected:
  EarlierResults() {
    for (const char* name : {"out/new", "out/old", "elsewhere"})
      fs::create_directories(folder / name);
    for (const char* name : {"out/new/a", "out/old/b", "out/old/shared",
                             "out/dataset_description.json", "elsewhere/keep"})
      write_text(folder / name, "x");
    ledger = std::make_unique<StudyLedger>(folder / "out");
    put("current", {"<output>/new/a", "<output>/old/shared"});
  }
  void put(const std::string& id, const std::vector<std::string>& outputs) const {
    StudyJob job;
    job.id = id;
    job.kind = StudyJobKind::fit;
    ledger->write_job(job);
    StudyResult result;
    result.id = id;
    for (const auto& path : outputs) result.outputs.push_back({path, 1, 0, ""});
    ledger->write_result(result);
  }
  size_t clean() const {
    const std::set<std::string> known{"current"};
    return remove_results(jobs_of_others(*ledger, known), known, *ledger,
                          {folder / "out", folder / "bids", {}});
  }
  TemporaryFolder folder;
  std::unique_ptr<StudyLedger> ledger;
};

TEST_F(EarlierResults, OfOtherJobsAreRemovedWithTheirEmptyFolders) {
  put("other", {"<output>/old/b", "<output>/old/shared", "<output>/dataset_description.json"});
  EXPECT_EQ(clean(), 1u);
  EXPECT_FALSE(fs::exists(folder / "out/old/b"));
  for (const char* kept : {"out/new/a", "out/old/shared", "out/dataset_description.json"})
    EXPECT_TRUE(fs::exists(folder / kept)) << kept;
  EXPECT_EQ(ledger->job_ids(), std::vector<std::string>{"current"});
}

TEST_F(EarlierResults, OutsideTheFolderStayWhateverNamesThem) {
  fs::create_directory_symlink(folder / "elsewhere", folder / "out/link");
  fs::create_directories(folder / "out/deep");
  put("other", {"<output>/../elsewhere/keep", "<output>/link/keep", folder / "elsewhere/keep",
                "<output>/deep/../../elsewhere/keep", "<output>/logs/sociometer/jobs/current.json",
                "<output>", "<output>/new"});
  EXPECT_EQ(clean(), 0u);
  for (const char* kept : {"elsewhere/keep", "out/new/a", "out/logs/sociometer/jobs/current.json"})
    EXPECT_TRUE(fs::exists(folder / kept)) << kept;
}

TEST_F(EarlierResults, OfRunningJobsStay) {
  put("other", {"<output>/old/b"});
  fs::create_directories(ledger->lock_file("other").parent_path());
  const int lock = ::open(ledger->lock_file("other").c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_GE(lock, 0);
  ASSERT_EQ(::flock(lock, LOCK_EX), 0);
  EXPECT_EQ(clean(), 0u);
  EXPECT_TRUE(fs::exists(folder / "out/old/b"));
  ::close(lock);
  EXPECT_EQ(clean(), 1u);
  EXPECT_FALSE(fs::exists(folder / "out/old/b"));
}

}  // namespace
}  // namespace sociometer::jobs
