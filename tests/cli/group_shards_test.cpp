// Permutation tests split into shards, and runs that were killed.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/cli/group_study.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;

/// Compares all files of two folders by content.
void expect_same_outputs(const std::string& a, const std::string& b) {
  EXPECT_EQ(everything_in(a), everything_in(b));
  for (const char* ending : {".nii.gz", ".json", ".tsv"}) EXPECT_TRUE(same_files(a, b, ending));
}

/// A study whose commands all write to the same folder, since sidecars contain the command.
class Shards : public ::testing::Test {
 protected:
  /// Runs without shards; the results are in folder/whole.
  void run_whole(const Words& words) {
    ASSERT_TRUE(exits_with(study_.run(words), 0));
    fs::rename(study_ / "out", study_ / "whole");
  }

  /// Runs shard I of N and returns its file.
  std::string run_shard(Words words, int shard, int of, const std::string& kept = "") {
    words.insert(words.end(),
                 {"--shard", fmt::format("{}/{}", shard, of), "-j", std::to_string(1 + shard % 2)});
    EXPECT_TRUE(exits_with(study_.run(words), 0));
    const std::string name = fmt::format("shard-{}-of-{}.h5", shard, of);
    EXPECT_EQ(everything_in(study_ / "out"), Words{name});
    const std::string path = study_ / (kept.empty() ? name : kept);
    fs::rename(study_ / ("out/" + name), path);
    return path;
  }

  CommandResult merge(const Words& parts) {
    Words words{"merge", "--log-level", "error", "--out", study_ / "out"};
    words.insert(words.end(), parts.begin(), parts.end());
    return run_program(words);
  }

  GroupStudy study_{1, 16};
};

const Words kRandom{"--permutations", "300", "--statistic", "voxel,tfce,extent,mass",
                    "--seed",         "3",   "--sided",     "two"};

TEST_F(Shards, MergeToTheBytesOfTheWholeRun) {
  Words words = kRandom;
  write_text(study_ / "design.tsv", [] {
    std::string text = "one\tage\tsex\n";
    for (int i = 0; i < 16; ++i) text += fmt::format("1\t{}\t{}\n", (i * 7) % 16, i % 2);
    return text;
  }());
  words.insert(words.end(),
               {"--design", study_ / "design.tsv", "--contrast", "age", "sexes=[0,0,1]",
                "--f-contrast", "both=age;sex", "--corrections", "fdr"});
  run_whole(words);
  Words parts;
  for (const int shard : {3, 1, 2}) parts.push_back(run_shard(words, shard, 3));
  ASSERT_TRUE(exits_with(merge(parts), 0));
  expect_same_outputs(study_ / "whole", study_ / "out");
}

TEST_F(Shards, OfAllShufflesAndMoreThanThereAreBatches) {
  study_.effects.resize(6);
  study_.put_nan(2, 10);
  const Words words{"--permutations",     "1000", "--statistic", "voxel,extent",
                    "--min-participants", "5",    "--prefix",    "six"};
  run_whole(words);
  Words parts;
  for (int shard = 1; shard <= 7; ++shard) {
    Words more = words;
    more.insert(more.end(), {"--shard", fmt::format("{}/7", shard)});
    ASSERT_TRUE(exits_with(study_.run(more), 0));
    parts.push_back(study_ / fmt::format("{}.h5", shard));
    fs::rename(study_ / fmt::format("out/six_shard-{}-of-7.h5", shard), parts.back());
  }
  ASSERT_TRUE(exits_with(merge(parts), 0));
  expect_same_outputs(study_ / "whole", study_ / "out");
}

TEST_F(Shards, CorrectOverContrastsAsTheWholeRun) {
  Words words{"--permutations", "100", "--correct-contrasts", "--contrast", "up=[1]", "down=[-1]"};
  run_whole(words);
  const Words parts{run_shard(words, 1, 2), run_shard(words, 2, 2)};
  ASSERT_TRUE(exits_with(merge(parts), 0));
  expect_same_outputs(study_ / "whole", study_ / "out");
}

TEST_F(Shards, WithTailsMergeToTheBytesOfTheWholeRun) {
  const Words words{"--permutations", "300", "--statistic", "voxel,tfce", "--tfce-uncorrected",
                    "--sided",        "two", "--tail",      "gpd"};
  run_whole(words);
  const Words parts{run_shard(words, 1, 2), run_shard(words, 2, 2)};
  ASSERT_TRUE(exits_with(merge(parts), 0));
  expect_same_outputs(study_ / "whole", study_ / "out");
}

TEST_F(Shards, ThatDoNotBelongTogetherAreRefused) {
  const Words words{"--permutations", "100"};
  const std::string one = run_shard(words, 1, 3), two = run_shard(words, 2, 3),
                    three = run_shard(words, 3, 3);
  EXPECT_TRUE(fails_with(merge({one, three}), 3, {"shard 2 of 3 is missing"}));
  EXPECT_TRUE(fails_with(merge({two}), 3, {"shards 1, 3 of 3 are missing"}));
  EXPECT_TRUE(fails_with(merge({one, two, two, three}), 3, {"shard 2 of 3 is there twice", two}));
  EXPECT_TRUE(fails_with(merge({one, run_shard(words, 2, 2, "half.h5")}), 3,
                         {"half.h5 is shard 2 of 2", one + " is one of 3"}));
  Words other = words;
  other.insert(other.end(), {"--seed", "4"});
  const std::string seed = run_shard(other, 2, 3, "seed.h5");
  EXPECT_TRUE(
      fails_with(merge({one, seed, three}), 3,
                 {one, seed, "different runs", "permutation.seed is 0 in the first and 4"}));
  study_.replace_with_constant(3, 7);
  const std::string data = run_shard(words, 2, 3, "data.h5");
  // Maps may lie elsewhere, but not hold something else.
  EXPECT_TRUE(fails_with(merge({one, data, three}), 3, {"different runs", "XXH3 of", "effect_04"}));
  EXPECT_TRUE(everything_in(study_ / "out").empty());
}

TEST_F(Shards, OfInputsThatChangedAreRefused) {
  study_.name_participants();
  const Words words{"--permutations", "100"};
  const std::string one = run_shard(words, 1, 2);
  const std::string changed = study_.effects[2];
  study_.replace_with_constant(2, 7);  // same path, different content
  ASSERT_EQ(study_.effects[2], changed);
  const std::string two = run_shard(words, 2, 2);
  EXPECT_TRUE(fails_with(merge({one, two}), 3, {"different runs", "XXH3 of " + changed}));
  const std::string first = run_shard(words, 1, 2);
  study_.replace_with_constant(2, 8);
  EXPECT_TRUE(fails_with(merge({first, two}), 3, {"what merge finds", "XXH3 of " + changed}));
  fs::remove(changed);
  EXPECT_TRUE(fails_with(merge({first, two}), 3, {changed, fs::current_path().string()}));
}

TEST_F(Shards, ThatAreDamagedAreRefused) {
  const Words words{"--permutations", "100"};
  const std::string one = run_shard(words, 1, 2), two = run_shard(words, 2, 2);
  const std::string bytes = read_bytes(two);
  write_text(two, bytes.substr(0, bytes.size() / 2));
  EXPECT_TRUE(fails_with(merge({one, two}), 3, {two}));
  write_text(two, "not HDF5");
  EXPECT_TRUE(fails_with(merge({one, two}), 3, {two, "not an HDF5 file"}));
  EXPECT_TRUE(fails_with(merge({one, study_ / "none.h5"}), 3, {"none.h5"}));
  write_text(two, bytes);
  EXPECT_TRUE(exits_with(merge({one, two}), 0));
}

TEST_F(Shards, AreNamedByTwoNumbers) {
  for (const char* wrong : {"2", "a/b", "1/", "/2", "1/2/3", "-1/2", "1.5/2"})
    EXPECT_TRUE(
        fails_with(study_.run({"--permutations", "10", "--shard", wrong}), 2, {"--shard", wrong}));
  for (const char* wrong : {"0/3", "4/3"})
    EXPECT_TRUE(fails_with(study_.run({"--permutations", "10", "--shard", wrong}), 2,
                           {"--shard", wrong, "1 to 3"}));
  EXPECT_TRUE(fails_with(study_.run({"--shard", "1/2"}), 2, {"--permutations"}));
  EXPECT_TRUE(everything_in(study_ / "out").empty());
}

class Killed : public Shards, public ::testing::WithParamInterface<const char*> {};

TEST_P(Killed, RunGoesOnToTheSameBytes) {
  Words command{"group", "-o", study_ / "out", "--mask", study_.mask, "--effects"};
  command.insert(command.end(), study_.effects.begin(), study_.effects.end());
  command.insert(command.end(), {"--permutations", "4000", "--statistic", "voxel,tfce", "-j", "1"});
  if (*GetParam()) command.insert(command.end(), {"--shard", GetParam()});
  ASSERT_TRUE(exits_with(run_program(command), 0));
  fs::rename(study_ / "out", study_ / "whole");
  const std::string checkpoint = study_ / "checkpoint.h5";
  command.insert(command.end(), {"--checkpoint", checkpoint, "--checkpoint-every", "0"});
  const CommandResult killed = run_and_kill(command, checkpoint);
  ASSERT_EQ(killed.exit_code, 137);
  ASSERT_FALSE(fs::exists(study_ / "out"));
  const CommandResult again = run_program(command);
  ASSERT_TRUE(exits_with(again, 0));
  EXPECT_NE(again.err.find("going on from there"), std::string::npos) << again.err;
  EXPECT_FALSE(fs::exists(checkpoint));
  if (*GetParam())
    EXPECT_EQ(read_bytes(study_ / "whole/shard-2-of-2.h5"),
              read_bytes(study_ / "out/shard-2-of-2.h5"));
  else
    expect_same_outputs(study_ / "whole", study_ / "out");
}

INSTANTIATE_TEST_SUITE_P(Runs, Killed, ::testing::Values("", "2/2"),
                         [](const auto& tested) { return *tested.param ? "Shard" : "Whole"; });

TEST_F(Shards, CheckpointOfAnotherRunIsRefused) {
  const std::string checkpoint = study_ / "checkpoint.h5";
  const Words words{"--permutations", "300", "--checkpoint", checkpoint, "--checkpoint-every", "0"};
  // When the output cannot be written, the checkpoint with all permutations remains.
  fs::create_directories(study_ / "out");
  write_text(study_ / "out/design.tsv", "mine");
  EXPECT_TRUE(exits_with(study_.run(words), 4));
  ASSERT_TRUE(fs::exists(checkpoint));
  Words other = words;
  other.insert(other.end(), {"--seed", "5"});
  EXPECT_TRUE(fails_with(study_.run(other), 3,
                         {checkpoint, "permutation.seed is 0 in the first and 5 in the second"}));
  Words shard = words;
  shard.insert(shard.end(), {"--shard", "1/2"});
  EXPECT_TRUE(fails_with(study_.run(shard), 3, {checkpoint, "shard 1/1", "shard 1/2"}));
  EXPECT_TRUE(fails_with(merge({checkpoint}), 3, {checkpoint, "is a checkpoint"}));
  write_text(checkpoint, "something else");
  EXPECT_TRUE(fails_with(study_.run(words), 3, {checkpoint, "not an HDF5 file"}));
  EXPECT_EQ(read_bytes(checkpoint), "something else");
}

}  // namespace
}  // namespace sociometer::testing
