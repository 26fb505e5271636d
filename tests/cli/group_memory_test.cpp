// Groups larger than the memory allowed.
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "io/images/nifti_write.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

namespace fs = std::filesystem;
constexpr Eigen::Index kParticipants = 1000;

/// One image of 1000 maps with 3072 voxels (24 MB in float64), and one of their variances.
class LargeGroup : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    Mask all;
    all.grid.size = {16, 16, 12};
    for (uint32_t v = 0; v < uint32_t(all.grid.n_voxels()); ++v) all.voxels.push_back(v);
    Eigen::MatrixXd values(all.n_voxels(), kParticipants);
    for (Eigen::Index i = 0; i < kParticipants; ++i) {
      const CounterRandom random(7, uint64_t(i));
      for (Eigen::Index v = 0; v < values.rows(); ++v) {
        // Neighbours share components, so that smoothness can be estimated.
        values(v, i) = 0.1 * double(v % 16 < 4);
        for (const Eigen::Index near : {0, 1, 2, 16, 32, 256, 512})
          values(v, i) += random.normal(uint64_t(v + near));
      }
    }
    for (Eigen::Index v = 0; v < 300; ++v) values(10 * v, v % 5) = std::nan("");
    write(all, values, "effects.nii.gz");
    write(all, values.cwiseAbs().array() + 0.5, "variances.nii.gz");
    std::string design = "one\tage\n";
    for (Eigen::Index i = 0; i < kParticipants; ++i) design += fmt::format("1\t{}\n", i * 37 % 101);
    write_text(*folder_ / "design.tsv", design);
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static void write(const Mask& mask, const Eigen::MatrixXd& values, const std::string& name) {
    const auto bytes = nifti_bytes(mask, values, ScalarType::float32, "test");
    write_text(*folder_ / name, std::string(bytes.begin(), bytes.end()));
  }
  static std::string at(const std::string& name) { return *folder_ / name; }

  static CommandResult run(Words more, const std::string& memory) {
    Words words{"group",
                "--effects",
                at("effects.nii.gz"),
                "--design",
                at("design.tsv"),
                "--contrast",
                "age",
                "--min-participants",
                "990",
                "-j",
                "2",
                "-o",
                at("out")};
    words.insert(words.end(), more.begin(), more.end());
    if (!memory.empty()) words.insert(words.end(), {"--memory", memory});
    return run_program(words);
  }

  /// Runs in memory, then with little memory, and compares all files.
  static void expect_same(const Words& words, const std::string& memory) {
    ASSERT_TRUE(exits_with(run(words, ""), 0));
    fs::rename(at("out"), at("whole"));
    const CommandResult bounded = run(words, memory);
    ASSERT_TRUE(exits_with(bounded, 0));
    EXPECT_NE(bounded.err.find("maps to a scratch file"), std::string::npos) << bounded.err;
    EXPECT_EQ(everything_in(at("whole")), everything_in(at("out")));
    for (const char* ending : {".nii.gz", ".json", ".tsv"})
      EXPECT_TRUE(same_files(at("whole"), at("out"), ending));
    // The scratch file is unnamed.
    for (const auto& entry : fs::directory_iterator(folder_->path()))
      EXPECT_NE(entry.path().filename().string()[0], '.');
    fs::remove_all(at("whole"));
    fs::remove_all(at("out"));
  }

 private:
  static TemporaryFolder* folder_;
};
TemporaryFolder* LargeGroup::folder_ = nullptr;

TEST_F(LargeGroup, IsShuffledInLittleMemoryToTheSameBytes) {
  expect_same({"--permutations", "40", "--statistic", "voxel,tfce,extent", "--f-contrast",
               "both=one;age", "--corrections", "rft,fdr"},
              "78M");
}

TEST_F(LargeGroup, ReadsTailsInLittleMemoryToTheSameBytes) {
  expect_same({"--permutations", "40", "--statistic", "voxel,tfce", "--tfce-uncorrected", "--tail",
               "gamma"},
              "78M");
}

TEST_F(LargeGroup, WithVarianceGroupsIsShuffledInLittleMemoryToTheSameBytes) {
  std::string groups = "group\n";
  for (Eigen::Index i = 0; i < kParticipants; ++i) groups += i % 3 == 0 ? "a\n" : "b\n";
  write_text(at("groups.tsv"), groups);
  expect_same({"--permutations", "20", "--statistic", "voxel,extent", "--variance-groups",
               at("groups.tsv")},
              "78M");
}

TEST_F(LargeGroup, InShardsAndLittleMemoryMergesToTheSameBytes) {
  const Words words{"--permutations", "40",  "--statistic", "voxel,tfce",
                    "--tail",         "gpd", "--log-level", "error"};
  ASSERT_TRUE(exits_with(run(words, "78M"), 0));
  fs::rename(at("out"), at("whole"));
  Words merge{"merge", "--log-level", "error", "-o", at("out")};
  for (const char* shard : {"1/2", "2/2"}) {
    Words more = words;
    more.insert(more.end(), {"--shard", shard});
    ASSERT_TRUE(exits_with(run(more, "78M"), 0));
    merge.push_back(at(fmt::format("part{}.h5", merge.size())));
    fs::rename(at(fmt::format("out/shard-{}-of-2.h5", shard[0])), merge.back());
  }
  ASSERT_TRUE(exits_with(run_program(merge), 0));
  for (const char* ending : {".nii.gz", ".tsv"})
    EXPECT_TRUE(same_files(at("whole"), at("out"), ending));
  EXPECT_EQ(everything_in(at("whole")), everything_in(at("out")));
  for (const char* folder : {"whole", "out"}) fs::remove_all(at(folder));
}

TEST_F(LargeGroup, HasMixedEffectsInLittleMemoryToTheSameBytes) {
  expect_same({"--method", "mixed", "--variances", at("variances.nii.gz"), "--between-variance",
               "dersimonian-laird"},
              "72M");
}

TEST_F(LargeGroup, IsFittedRobustlyInLittleMemoryToTheSameBytes) {
  expect_same({"--method", "robust", "--smoothness", "differences"}, "60M");
}

TEST_F(LargeGroup, RefusesMemoryThatIsTooLittleAndFoldersThatAreNotThere) {
  EXPECT_TRUE(
      fails_with(run({"--log-level", "error"}, "36M"), 3,
                 {"the memory limit (--memory) of 36.0 MiB is too little", "give at least"}));
  EXPECT_TRUE(fails_with(run({"--log-level", "error", "--scratch", at("none")}, "60M"), 4,
                         {at("none"), "--scratch"}));
  for (const char* wrong : {"8X", "M", "-1G", "0", "8 apples"})
    EXPECT_TRUE(fails_with(run({"--log-level", "error"}, wrong), 2, {"--memory", wrong, "8G"}));
  EXPECT_FALSE(fs::exists(at("out")));
}

}  // namespace
}  // namespace sociometer::testing
