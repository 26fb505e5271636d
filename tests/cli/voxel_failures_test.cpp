// Voxels that cannot be fitted are NaN with a status, are counted, and do not affect others.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// Voxels 1 to 4: NaN in one scan, Inf in one scan, constant, all zero.
constexpr std::array<int, 4> kBad{1, 2, 3, 4};
constexpr std::array<int, 4> kStatus{1, 1, 3, 2};
constexpr int kBadScan = 31;

std::vector<double> damaged_values(double nan = NAN) {
  auto values = study_values(1);
  values[1 + kStudyVoxels * kBadScan] = nan;
  values[2 + kStudyVoxels * kBadScan] = std::numeric_limits<double>::infinity();
  for (int t = 0; t < kStudyScans; ++t) {
    values[size_t(3 + kStudyVoxels * t)] = 700;
    values[size_t(4 + kStudyVoxels * t)] = 0;
  }
  return values;
}

bool is_bad(Eigen::Index voxel) { return voxel >= 1 && voxel <= 4; }

class VoxelFailures : public ::testing::TestWithParam<const char*> {
 protected:
  VoxelFailures() {
    study_.only_one_run();
    write_text(study_.bold[0], gzipped(raw_series(kStudySize, damaged_values()).file()));
  }
  Study study_;
};

TEST_P(VoxelFailures, AreNanInEveryMapAndCounted) {
  const Words options{"--noise-model", GetParam(), "--contrast",       "a", "--f-contrast", "f=a;b",
                      "--save",        "betas",    "residual-variance"};
  const CommandResult result = study_.fit(options);
  EXPECT_TRUE(exits_with(result, 0));  // counted, but the run does not fail

  const auto maps = names_ending_in(study_ / "out", "_statmap.nii.gz");
  const size_t n_dof = std::string(GetParam()) == "mixture" ? 2 : 0;
  EXPECT_EQ(maps.size(), 5u + 5u + 2u + 1u + n_dof);  // t, F, saved, status
  for (const auto& name : maps) {
    if (name == "stat-status_statmap.nii.gz") continue;
    const Image map = read_nifti(study_ / "out/" + name);
    for (Eigen::Index v = 0; v < map.values.rows(); ++v)
      EXPECT_EQ(map.values.row(v).array().isNaN().all(), is_bad(v)) << name << ", voxel " << v;
  }
  const Image status = read_nifti(study_ / "out/stat-status_statmap.nii.gz");
  for (size_t i = 0; i < kBad.size(); ++i)
    EXPECT_EQ(int(status.values(kBad[i], 0)), kStatus[i]) << "voxel " << kBad[i];
  EXPECT_EQ((status.values.array() == 0).count(), kStudyVoxels - 4);

  for (const char* sidecar : {"out/contrast-a_stat-t_statmap.json", "out/estimates.json"}) {
    const Json counts = read_json(study_ / sidecar)["VoxelStatusCounts"];
    EXPECT_EQ(counts["ok"], kStudyVoxels - 4) << sidecar;
    EXPECT_EQ(counts["non_finite"], 2) << sidecar;
    EXPECT_EQ(counts["constant"], 1) << sidecar;
    EXPECT_EQ(counts["all_zero"], 1) << sidecar;
  }
}

TEST_P(VoxelFailures, LeaveTheOthersAsTheyWere) {
  const Words options{"--noise-model", GetParam(), "--contrast", "a"};
  ASSERT_TRUE(exits_with(study_.fit(options), 0));
  std::vector<double> ones(kStudyVoxels, 1);
  for (int v : kBad) ones[size_t(v)] = 0;
  write_text(study_.mask, raw_series({4, 3, 2, 1}, ones).file());
  ASSERT_TRUE(exits_with(study_.fit(options, "without"), 0));
  for (const char* stat : {"effect", "variance", "t", "z", "p"}) {
    const std::string name = std::string("contrast-a_stat-") + stat + "_statmap.nii.gz";
    Eigen::MatrixXd with = read_nifti(study_ / "out/" + name).values;
    const bool p = std::string(stat) == "p";
    for (int v : kBad) with(v, 0) = p ? NAN : 0;  // as outside a mask: 0, but p is NaN
    EXPECT_TRUE(same_bits(with, read_nifti(study_ / "without/" + name).values)) << name;
  }
}

TEST_P(VoxelFailures, DoNotComeFromCensoredScans) {
  auto values = study_values(1);
  values[1 + kStudyVoxels * kBadScan] = NAN;
  write_text(study_.bold[0], gzipped(raw_series(kStudySize, values).file()));
  const Words options{"--noise-model",         GetParam(), "--contrast", "a", "--censor",
                      std::to_string(kBadScan)};
  ASSERT_TRUE(exits_with(study_.fit(options), 0));
  const std::string map = "contrast-a_stat-t_statmap.nii.gz";
  const Eigen::MatrixXd t = read_nifti(study_ / "out/" + map).values;
  EXPECT_TRUE(t.allFinite());
  // The content of a censored scan must not matter.
  values[1 + kStudyVoxels * kBadScan] = 1000;
  write_text(study_.bold[0], gzipped(raw_series(kStudySize, values).file()));
  ASSERT_TRUE(exits_with(study_.fit(options, "clean"), 0));
  EXPECT_TRUE(close_relative(t, read_nifti(study_ / "clean/" + map).values, 1e-6, 1));
}

INSTANTIATE_TEST_SUITE_P(NoiseModels, VoxelFailures,
                         ::testing::Values("ols", "ar1", "ar1-nilearn", "auto", "arma11",
                                           "ar4-averaged", "mixture"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(VoxelFailuresMessage, ReportsTheNumbers) {
  Study study;
  study.only_one_run();
  write_text(study.bold[0], gzipped(raw_series(kStudySize, damaged_values()).file()));
  Words words = study.arguments({"--contrast", "a"});
  words[2] = "warning";
  const std::string err = run_program(words).err;
  for (const char* word : {"warning: ", "2 non_finite", "1 all_zero", "1 constant"})
    EXPECT_NE(err.find(word), std::string::npos) << word << " is not in " << err;
}

}  // namespace
}  // namespace sociometer::testing
