#include "io/bytes/output_set.hpp"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "io/bytes/byte_stream.hpp"
#include "io/records/sidecar.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> everything_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    names.push_back(fs::relative(entry.path(), folder).string());
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

TEST(OutputSet, LeavesNothingBehindWithoutCommit) {
  const TemporaryFolder folder;
  {
    OutputSet outputs(folder / "new/deeper");
    outputs.write("a.txt", std::string("a"));
    outputs.write("sub/b.txt", std::string("b"));
    write_text(outputs.stage("c.h5").string(), "c");
  }
  EXPECT_EQ(everything_in(folder.path()), Names{});
}

TEST(OutputSet, ShowsEverythingAfterCommitAndNothingBefore) {
  const TemporaryFolder folder;
  {
    OutputSet outputs(folder / "out");
    outputs.write("a.txt", std::string("a"));
    outputs.write("sub/deep/b.txt", std::string("b"));
    write_text(outputs.stage("c.h5").string(), "c");
    EXPECT_FALSE(fs::exists(folder / "out/a.txt"));
    EXPECT_FALSE(fs::exists(folder / "out/sub"));
    outputs.commit();
  }
  EXPECT_EQ(everything_in(folder / "out"),
            (Names{"a.txt", "c.h5", "sub", "sub/deep", "sub/deep/b.txt"}));
  EXPECT_EQ(read_bytes(folder / "out/sub/deep/b.txt"), "b");
  EXPECT_EQ(read_bytes(folder / "out/c.h5"), "c");
}

TEST(OutputSet, LeavesWhatWasThereBeforeWithoutCommit) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "out");
  write_text(folder / "out/a.txt", "old");
  {
    OutputSet outputs(folder / "out");
    outputs.write("a.txt", std::string("new"));
  }
  EXPECT_EQ(everything_in(folder / "out"), Names{"a.txt"});
  EXPECT_EQ(read_bytes(folder / "out/a.txt"), "old");
}

TEST(OutputSet, ReplacesFilesOfTheSameNameAndKeepsOthers) {
  const TemporaryFolder folder;
  write_text(folder / "a.txt", "old");
  write_text(folder / "mine.txt", "mine");
  {
    OutputSet outputs(folder.path(), {"", true});
    outputs.write("a.txt", std::string("new"));
    outputs.commit();
  }
  EXPECT_EQ(everything_in(folder.path()), (Names{"a.txt", "mine.txt"}));
  EXPECT_EQ(read_bytes(folder / "a.txt"), "new");
  EXPECT_EQ(read_bytes(folder / "mine.txt"), "mine");
}

TEST(OutputSet, IsWrittenFromSeveralThreads) {
  const TemporaryFolder folder;
  {
    OutputSet outputs(folder / "out");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&outputs, t] {
        for (int i = 0; i < 25; ++i)
          outputs.write("sub-" + std::to_string(i) + "/" + std::to_string(t), std::to_string(t));
      });
    for (auto& thread : threads) thread.join();
    outputs.commit();
  }
  EXPECT_EQ(everything_in(folder / "out").size(), 25u + 100u);  // folders and files
  EXPECT_EQ(read_bytes(folder / "out/sub-24/3"), "3");
}

TEST(OutputSet, IsRefusedBelowAFile) {
  const TemporaryFolder folder;
  write_text(folder / "file", "x");
  for (const char* name : {"file", "file/out"})
    EXPECT_TRUE(
        refuses(ErrorCode::cannot_write, {folder / name}, [&] { OutputSet(folder / name); }));
  EXPECT_EQ(everything_in(folder.path()), Names{"file"});
}

TEST(OutputSet, ThatCannotBeMadeLeavesNoHalfOfItsFolders) {
  const TemporaryFolder folder;
  const std::string too_long = "new/" + std::string(300, 'x');
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {}, [&] { OutputSet(folder / too_long); }));
  EXPECT_EQ(everything_in(folder.path()), Names{});
}

TEST(OutputSet, NamesTheFileThatCannotBeWritten) {
  const TemporaryFolder folder;
  {
    OutputSet outputs(folder / "out");
    outputs.write("a", std::string("a file"));
    EXPECT_TRUE(refuses(ErrorCode::cannot_write, {folder / "out/a/b"},
                        [&] { outputs.write("a/b", std::string("x")); }));
  }
  EXPECT_EQ(everything_in(folder.path()), Names{});
}

OutputPolicy run_named(const char* name, bool overwrite = false) { return {name, overwrite}; }

void write_run(const fs::path& folder, const OutputPolicy& policy,
               const std::vector<std::pair<std::string, std::string>>& files) {
  OutputSet outputs(folder, policy);
  for (const auto& [name, text] : files) outputs.write(name, text);
  outputs.commit();
}

TEST(OutputSet, RefusesTheSameRunInTheSameFolder) {
  const TemporaryFolder folder;
  write_run(folder / "out", run_named("fit"), {{"a.txt", "1"}});
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {folder / "out", "a.txt", "--overwrite"},
                      [&] { OutputSet(folder / "out", run_named("fit")); }));
  write_run(folder / "out", run_named("fit_sub-02"), {{"b.txt", "2"}});  // another run may
  EXPECT_EQ(read_bytes(folder / "out/a.txt"), "1");
}

TEST(OutputSet, ReplacesARunAsAWhole) {
  const TemporaryFolder folder;
  write_run(folder / "out", run_named("fit"), {{"old.txt", "1"}, {"both.txt", "1"}});
  write_run(folder / "out", run_named("group"), {{"other.txt", "3"}});
  write_run(folder / "out", run_named("fit", true), {{"both.txt", "2"}, {"new.txt", "2"}});
  EXPECT_FALSE(fs::exists(folder / "out/old.txt"));
  EXPECT_EQ(read_bytes(folder / "out/both.txt"), "2");
  EXPECT_EQ(read_bytes(folder / "out/other.txt"), "3");
  write_run(folder / "out", run_named("fit", true), {{"both.txt", "2"}});
  EXPECT_FALSE(fs::exists(folder / "out/new.txt"));
}

TEST(OutputSet, LeavesFilesOfOthersAlone) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "out");
  write_text(folder / "out/a.txt", "mine");
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {folder / "out/a.txt"}, [&] {
    write_run(folder / "out", run_named("fit"), {{"a.txt", "theirs"}, {"b.txt", "x"}});
  }));
  EXPECT_EQ(read_bytes(folder / "out/a.txt"), "mine");
  EXPECT_FALSE(fs::exists(folder / "out/b.txt"));
  write_run(folder / "out", run_named("fit"), {{"a.txt", "mine"}});  // identical content may stay
}

TEST(OutputSet, SharesTheDatasetDescription) {
  const TemporaryFolder folder;
  const std::string one = dataset_description("1", "abc"), two = dataset_description("2", "abc");
  write_run(folder / "out", run_named("fit"), {{"dataset_description.json", one}, {"a", "1"}});
  write_run(folder / "out", run_named("group"), {{"dataset_description.json", two}, {"b", "1"}});
  EXPECT_EQ(read_bytes(folder / "out/dataset_description.json"), two);
}

TEST(OutputSet, OverwriteLeavesFilesOfAnotherCommandAlone) {
  const TemporaryFolder folder;
  write_run(folder / "out", run_named("fit"), {{"a.txt", "fit"}});
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {folder / "out/a.txt", "another command"}, [&] {
    write_run(folder / "out", run_named("contrast", true), {{"a.txt", "contrast"}});
  }));
  EXPECT_EQ(read_bytes(folder / "out/a.txt"), "fit");
}

TEST(OutputSet, OverwriteIsRefusedWhereItWouldTakeAFileThatWasRead) {
  const TemporaryFolder folder;
  {
    OutputSet outputs(folder / "out", {"fit", false});
    outputs.write("mask.txt", std::string("old"));
    outputs.write("gone.txt", std::string("old"));
    outputs.commit();
  }
  {
    // Read during the run: refused at its end if replaced, else kept.
    OutputSet outputs(folder / "out", {"fit", true});
    checksum_of_file(folder / "out/mask.txt");
    outputs.write("mask.txt", std::string("other"));
    EXPECT_TRUE(
        refuses(ErrorCode::cannot_write, {"mask.txt", "is read"}, [&] { outputs.commit(); }));
  }
  EXPECT_EQ(read_bytes(folder / "out/mask.txt"), "old");
  // Read before: refused immediately.
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {"mask.txt", "is read"}, [&] {
    OutputSet(folder / "out", {"fit", true});
  }));
}

TEST(OutputSet, KeepsWhatIsToBeKept) {
  const TemporaryFolder folder;
  for (const bool overwrite : {false, true, true}) {
    OutputSet outputs(folder / "out", {"fit", overwrite});
    outputs.write(overwrite ? "b.txt" : "a.txt", std::string("x"));
    if (!overwrite)
      outputs.write("notes.txt", std::string("mine"));
    else
      outputs.keep("notes.txt");
    outputs.commit();
  }
  EXPECT_EQ(everything_in(folder / "out"),
            (Names{".outputs", ".outputs/fit.txt", "b.txt", "notes.txt"}));
  EXPECT_EQ(read_bytes(folder / "out/.outputs/fit.txt"), "b.txt\nnotes.txt\n");
}

TEST(OutputSet, LeavesDescriptionsOfOtherProgramsAsTheyAre) {
  const TemporaryFolder folder;
  const std::string theirs =
      R"({"Name": "x", "BIDSVersion": "1.9.0", "DatasetType": "derivative", "GeneratedBy": [{"Name": "fMRIPrep"}]})";
  for (const std::string& text : {theirs, std::string("no JSON"), std::string("[1]")}) {
    fs::create_directories(folder / "out");
    write_text(folder / "out/dataset_description.json", text);
    for (const bool overwrite : {false, true}) {
      OutputSet outputs(folder / "out", {"fit", overwrite});
      outputs.write("dataset_description.json", dataset_description("1", "abc"));
      outputs.write("a.txt", std::string("a"));
      outputs.commit();
    }
    EXPECT_EQ(read_bytes(folder / "out/dataset_description.json"), text);
    fs::remove_all(folder / "out");
  }
}

TEST(OutputSet, IsRefusedInTheRootOfARawDataset) {
  const TemporaryFolder folder;
  for (const char* text :
       {R"({"Name": "x", "BIDSVersion": "1.8.0"})",
        R"({"Name": "x", "BIDSVersion": "1.8.0", "DatasetType": "raw"})",
        R"({"BIDSVersion": 1, "DatasetType": 5, "GeneratedBy": [{"Name": 7}]})"}) {
    write_text(folder / "dataset_description.json", text);
    EXPECT_TRUE(
        refuses(ErrorCode::cannot_write, {"raw BIDS dataset", "derivatives/sociometer"}, [&] {
          OutputSet(folder.path(), {"fit", false});
        }));
    OutputSet(folder / "derivatives/sociometer", {"fit", false});
  }
}

/// Two jobs in one folder at the same time: the second to finish would mix in its files.
TEST(OutputSet, OfTwoAtATimeTheSecondIsRefused) {
  const TemporaryFolder folder;
  OutputSet first(folder / "out", {"fit", false}), second(folder / "out", {"fit", false});
  first.write("a.txt", std::string("a"));
  second.write("b.txt", std::string("b"));
  first.commit();
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {"meanwhile"}, [&] { second.commit(); }));
  EXPECT_EQ(read_bytes(folder / "out/a.txt"), "a");
  EXPECT_FALSE(fs::exists(folder / "out/b.txt"));
}

TEST(OutputSet, ReplacingLeavesNoEmptyFolders) {
  const TemporaryFolder folder;
  write_run(folder / "out", {"fit", false}, {{"sub-1/func/a", "1"}, {"sub-2/func/a", "1"}});
  write_text(folder / "out/sub-2/notes.txt", "mine");
  write_run(folder / "out", {"fit", true}, {{"b", "1"}});
  EXPECT_EQ(everything_in(folder / "out"),
            (Names{".outputs", ".outputs/fit.txt", "b", "sub-2", "sub-2/notes.txt"}));
}

}  // namespace
}  // namespace sociometer::testing
