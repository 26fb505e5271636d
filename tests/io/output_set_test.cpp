#include "io/bytes/output_set.hpp"

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

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

TEST(OutputSet, RefusesNamesThatNoFileMayHave) {
  const std::string longest(255 - 4, 'x'), too_long(256 - 4, 'x');
  const struct {
    std::string name;
    std::vector<std::string> words;
  } cases[] = {
      {"../a", {"../a", "leads out"}},
      {"sub/../../a", {"leads out"}},
      {"/tmp/a", {"leads out"}},
      {"", {"leads out"}},
      {"a\nb.txt", {"control character \\n"}},
      {"a\x1b[2J", {"control character \\x1b"}},
      {std::string("a\0b", 3), {"control character \\x00"}},
      {too_long + ".txt", {"256 bytes", "255"}},
      {"sub/" + too_long + ".txt/x", {"256 bytes", "255"}},
      {"=cmd|'/c calc'!A0", {"begins with '='"}},
      {"sub/+x", {"begins with '+'"}},
      {"-rf", {"begins with '-'"}},
      {"@x", {"begins with '@'"}},
  };
  const TemporaryFolder folder;
  {
    OutputSet outputs(folder / "out");
    for (const auto& [name, words] : cases) {
      EXPECT_TRUE(refuses(ErrorCode::usage, words, [&, &name = name] { outputs.check_name(name); }))
          << name;
      EXPECT_TRUE(refuses(ErrorCode::usage, words,
                          [&, &name = name] { outputs.write(name, std::string("x")); }));
    }
    outputs.write(longest + ".txt", std::string("x"));
    outputs.write("sub/%n {} $(x) `y`", std::string("x"));
    outputs.commit();
  }
  EXPECT_EQ(everything_in(folder / "out"), (Names{"sub", "sub/%n {} $(x) `y`", longest + ".txt"}));
}

TEST(OutputSet, RefusesARunWhoseRecordWouldHaveTooLongAName) {
  const TemporaryFolder folder;
  const std::string run = "fit_" + std::string(248, 'x');
  EXPECT_TRUE(refuses(ErrorCode::usage, {"256 bytes", "255", "--prefix"}, [&] {
    OutputSet(folder / "out", {run, false});
  }));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

/// A folder of others may hold a record made by hand.
TEST(OutputSet, RemovesNothingOutsideOfItsFolder) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "out/.outputs");
  fs::create_directories(folder / "elsewhere");
  write_text(folder / "victim", "precious");
  write_text(folder / "elsewhere/victim", "precious");
  for (const std::string& line :
       {std::string("../victim"), std::string("a/../../victim"), folder / "victim"}) {
    write_text(folder / "out/.outputs/fit.txt", "a.txt\n" + line + "\n");
    EXPECT_TRUE(refuses(ErrorCode::cannot_write, {"fit.txt", line, "outside"}, [&] {
      OutputSet(folder / "out", {"fit", true});
    }));
  }
  fs::create_directory_symlink("../elsewhere", folder / "out/link");
  write_text(folder / "out/.outputs/fit.txt", "link/victim\nold.txt\n");
  write_text(folder / "out/old.txt", "old");
  write_run(folder / "out", {"fit", true}, {{"new.txt", "new"}});
  EXPECT_EQ(read_bytes(folder / "victim"), "precious");
  EXPECT_EQ(read_bytes(folder / "elsewhere/victim"), "precious");
  EXPECT_FALSE(fs::exists(folder / "out/old.txt"));
  EXPECT_TRUE(fs::is_symlink(folder / "out/link"));
}

TEST(OutputSet, FollowsNoLinkWhenItRecordsARun) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "out/.outputs");
  write_text(folder / "victim", "");
  fs::create_symlink("../../victim", folder / "out/.outputs/fit.txt");
  write_run(folder / "out", {"fit", false}, {{"a.txt", "a"}});
  EXPECT_EQ(read_bytes(folder / "victim"), "");
  EXPECT_EQ(read_bytes(folder / "out/.outputs/fit.txt"), "a.txt\n");
  fs::remove_all(folder / "out");
  fs::create_directory(folder / "out");
  fs::create_directory_symlink("..", folder / "out/.outputs");
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {".outputs", "link"}, [&] {
    OutputSet(folder / "out", {"fit", false});
  }));
}

TEST(OutputSet, GivesFilesAndFoldersTheRightsOfTheUmask) {
  for (const mode_t mask : {0022, 0077, 0007}) {
    const TemporaryFolder folder;
    const mode_t before = ::umask(mask);
    write_run(folder / "out", {"fit", false}, {{"sub/a.txt", "a"}});
    ::umask(before);
    const auto rights = [&](const char* name) {
      return unsigned(fs::status(folder / name).permissions()) & 0777u;
    };
    EXPECT_EQ(rights("out"), 0777u & ~mask);
    EXPECT_EQ(rights("out/sub"), 0777u & ~mask);
    EXPECT_EQ(rights("out/sub/a.txt"), 0666u & ~mask);
    EXPECT_EQ(rights("out/.outputs/fit.txt"), 0666u & ~mask);
  }
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

TEST(OutputSet, MissesFilesThatVanishBeforeTheyHaveTheirNames) {
  const TemporaryFolder folder;
  write_run(folder / "out", run_named("fit"), {{"a.txt", "1"}, {"b.txt", "1"}});
  {
    OutputSet outputs(folder / "out", run_named("fit", true));
    outputs.write("a.txt", std::string("2"));
    outputs.write("b.txt", std::string("2"));
    fs::remove(outputs.stage("b.txt"));
    EXPECT_TRUE(refuses(ErrorCode::cannot_write, {folder / "out/b.txt", "vanished"},
                        [&] { outputs.commit(); }));
  }
  EXPECT_EQ(read_bytes(folder / "out/a.txt"), "1");
  EXPECT_EQ(read_bytes(folder / "out/b.txt"), "1");
}

TEST(OutputSet, PutsEverythingBackWhenOneFileCannotGetItsName) {
  const TemporaryFolder folder;
  write_run(folder / "out", run_named("fit"), {{"a.txt", "1"}, {"gone.txt", "1"}});
  fs::create_directories(folder / "out/z.txt/full");  // a folder of that name
  const Names before = everything_in(folder / "out");
  {
    OutputSet outputs(folder / "out", run_named("fit", true));
    for (const char* name : {"a.txt", "deep/new.txt", "z.txt"})
      outputs.write(name, std::string("2"));
    EXPECT_TRUE(
        refuses(ErrorCode::cannot_write, {folder / "out/z.txt"}, [&] { outputs.commit(); }));
  }
  EXPECT_EQ(everything_in(folder / "out"), before);
  EXPECT_EQ(read_bytes(folder / "out/a.txt"), "1");
  EXPECT_EQ(read_bytes(folder / "out/.outputs/fit.txt"), "a.txt\ngone.txt\n");
  fs::remove_all(folder / "out/z.txt");
  write_run(folder / "out", run_named("fit", true), {{"a.txt", "2"}, {"deep/new.txt", "2"}});
  EXPECT_FALSE(fs::exists(folder / "out/gone.txt"));
  EXPECT_EQ(read_bytes(folder / "out/a.txt"), "2");
}

TEST(OutputSet, ReplacesLinksAndLeavesWhatTheyPointTo) {
  const TemporaryFolder folder;
  write_text(folder / "mine.txt", "mine");
  fs::create_directory(folder / "out");
  fs::create_symlink(folder / "mine.txt", folder / "out/a.txt");
  write_run(folder / "out", run_named("fit", true), {{"a.txt", "2"}});
  EXPECT_EQ(read_bytes(folder / "mine.txt"), "mine");
  EXPECT_FALSE(fs::is_symlink(folder / "out/a.txt"));
  EXPECT_EQ(read_bytes(folder / "out/a.txt"), "2");
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

/// What an earlier analysis of the same process read is none of this one's inputs.
TEST(OutputSet, ReadsCountFromTheMarkOn) {
  const TemporaryFolder folder;
  write_run(folder / "out", {"fit", false}, {{"a", "1"}});
  checksum_of_file(folder / "out/a");
  OutputPolicy policy = run_named("fit", true);
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {"out/a", "is read by this command"}, [&] {
    write_run(folder / "out", policy, {{"a", "2"}});
  }));
  policy.reads_since = ReadMark::now();
  write_run(folder / "out", policy, {{"a", "2"}});
  EXPECT_EQ(read_bytes(folder / "out/a"), "2");
  checksum_of_file(folder / "out/a");
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {"out/a", "is read by this command"}, [&] {
    write_run(folder / "out", policy, {{"a", "3"}});
  }));
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
