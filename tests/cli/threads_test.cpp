#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "io/records/sidecar.hpp"
#include "tests/cli/study.hpp"

namespace sociometer::testing {
namespace {

class ThreadCount : public ::testing::TestWithParam<const char*> {};

TEST_P(ThreadCount, ChangesNoByteOfMapsEstimatesAndDesigns) {
  const TemporaryFolder folder;
  const auto fit = [&](const std::string& threads) {
    return run_program(golden_fit(
        {1, 2},
        {"--noise-model", GetParam(), "--smoothing-fwhm", "5", "--contrast", "a", "d=a-b",
         "--f-contrast", "f=a;b;c", "--save", "noise", "r-squared", "-j", threads},
        folder / threads));
  };
  for (const char* threads : {"1", "2", "7"}) ASSERT_TRUE(exits_with(fit(threads), 0));
  for (const char* threads : {"2", "7"})
    for (const char* ending : {".nii.gz", "estimates.h5", "design.tsv"})
      EXPECT_TRUE(same_files(folder / "1", folder / threads, ending)) << threads << " threads";
}

INSTANTIATE_TEST_SUITE_P(NoiseModels, ThreadCount,
                         ::testing::Values("ols", "ar1", "ar3", "ar1-corrected", "auto", "arma11",
                                           "ar4-averaged", "mixture"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RunsAtOnce, ChangeNoByte) {
  const TemporaryFolder folder;
  const auto fit = [&](const char* at_once) {
    return run_program(golden_fit({1, 2},
                                  {"--noise-model", "arma11", "--arma-grid", "3", "--contrast", "a",
                                   "-j", "2", "--runs-at-once", at_once},
                                  folder / at_once));
  };
  for (const char* at_once : {"1", "2", "5"}) ASSERT_TRUE(exits_with(fit(at_once), 0));
  for (const char* at_once : {"2", "5"})
    for (const char* ending : {".nii.gz", "estimates.h5"})
      EXPECT_TRUE(same_files(folder / "1", folder / at_once, ending)) << at_once;
}

TEST(RunsAtOnce, ReportOneFailureAndLeaveNothing) {
  Study study;
  const std::string whole = read_bytes(study.bold[1]);
  write_text(study.bold[1], whole.substr(0, whole.size() / 2));
  for (const char* at_once : {"1", "2"})
    EXPECT_TRUE(fails_with(study.fit({"--contrast", "a", "-j", "2", "--runs-at-once", at_once}), 3,
                           {study.bold[1]}));
  EXPECT_TRUE(fails_with(study.fit({"--contrast", "a", "--runs-at-once", "-1"}), 2,
                         {"--runs-at-once", "-1"}));
  EXPECT_TRUE(everything_in(study / "out").empty());
}

/// Voxels of the default have degrees of freedom of their own, at most those of least squares.
TEST(DefaultNoise, IsAMixture) {
  Study study;
  study.only_one_run();
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a"}), 0));
  const Json own = Json::parse(read_bytes(study / "out/contrast-a_stat-t_statmap.json"));
  EXPECT_EQ(own["NoiseModel"], "mixture");
  const auto dof = read_nifti(study / "out/contrast-a_stat-dof_statmap.nii.gz").values;
  const double most = kStudyScans - double(own["Runs"][0]["Rank"]);
  for (Eigen::Index v = 0; v < dof.size(); ++v) {
    if (std::isnan(dof(v)) || dof(v) == 0) continue;  // voxels outside the mask
    EXPECT_LE(dof(v), most * (1 + 1e-6));
    EXPECT_GT(dof(v), 4);
  }
}

TEST(AveragedNoise, ParametersTakeDegreesOfFreedom) {
  Study study;
  study.only_one_run();
  const auto sidecar = [&](const Words& options) {
    Words words = options;
    words.push_back("--overwrite");
    EXPECT_TRUE(exits_with(study.fit(words), 0));
    return Json::parse(read_bytes(study / "out/contrast-a_stat-t_statmap.json"));
  };
  const Json own = sidecar({"--contrast", "a", "--noise-model", "ar4-averaged"}),
             ar4 = sidecar({"--contrast", "a", "--noise-model", "ar4"});
  EXPECT_EQ(own["NoiseModel"], "ar4-averaged");
  EXPECT_FALSE(own.contains("BiasCorrection"));
  const double rank = ar4["Runs"][0]["Rank"];
  EXPECT_EQ(ar4["Runs"][0]["DegreesOfFreedom"], kStudyScans - rank);
  EXPECT_EQ(ar4["Contrast"]["DegreesOfFreedom"], kStudyScans - rank);
  EXPECT_EQ(own["Runs"][0]["DegreesOfFreedom"], kStudyScans - rank - 4);
  EXPECT_EQ(own["Contrast"]["DegreesOfFreedom"], kStudyScans - rank - 4);
}

TEST(ThreadCountOfSidecars, IsNotRecordedBecauseItChangesNothing) {
  Study study;
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a", "-j", "1"}), 0));
  const std::string one = read_bytes(study / "out/contrast-a_stat-t_statmap.json");
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a", "--threads", "2", "--overwrite"}), 0));
  EXPECT_EQ(read_bytes(study / "out/contrast-a_stat-t_statmap.json"), one);
}

}  // namespace
}  // namespace sociometer::testing
