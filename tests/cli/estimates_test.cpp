// What can be computed from estimates.h5 without the images.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "io/stores/estimates_file.hpp"
#include "tests/cli/study.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

const Words kContrasts{"--contrast", "a", "d=a - 0.5*b", "--f-contrast", "f=a;b", "g=a_mod;b;c"};

Words contrast_of(const Words& stores, const Words& more, const std::string& out) {
  Words words{"contrast"};
  words.insert(words.end(), stores.begin(), stores.end());
  words.insert(words.end(), {"--log-level", "error", "--overwrite", "-o", out});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// Noise model, fixed effects, number of runs.
using Way = std::tuple<const char*, const char*, int>;
class ContrastFromEstimates : public ::testing::TestWithParam<Way> {};

TEST_P(ContrastFromEstimates, HasTheBytesOfTheFit) {
  const auto [noise_model, fixed_effects, n_runs] = GetParam();
  const TemporaryFolder folder;
  Words options = kContrasts;
  options.insert(options.end(), {"--noise-model", noise_model, "--fixed-effects", fixed_effects});
  const std::vector<int> runs = n_runs == 1 ? std::vector<int>{2} : std::vector<int>{1, 2};
  ASSERT_TRUE(exits_with(run_program(golden_fit(runs, options, folder / "fit")), 0));
  Words later = kContrasts;
  later.insert(later.end(), {"--fixed-effects", fixed_effects});
  ASSERT_TRUE(exits_with(
      run_program(contrast_of({folder / "fit/estimates.h5"}, later, folder / "later")), 0));
  const bool has_dof = std::string(noise_model) == "mixture";  // a map more of each contrast
  EXPECT_EQ(names_ending_in(folder / "later", "_statmap.nii.gz").size(), has_dof ? 24u : 20u);
  EXPECT_TRUE(same_files(folder / "fit", folder / "later", "_statmap.nii.gz"));
}

INSTANTIATE_TEST_SUITE_P(
    All, ContrastFromEstimates,
    ::testing::Values(Way{"ols", "precision", 1}, Way{"ar1", "precision", 1},
                      Way{"auto", "precision", 2}, Way{"ar2-corrected", "precision", 1},
                      Way{"arma11", "precision", 2}, Way{"ar4-averaged", "precision", 2},
                      Way{"mixture", "precision", 2}, Way{"ar1-nilearn", "precision", 1},
                      Way{"ols", "equal", 2}, Way{"ar1", "precision", 2},
                      Way{"ar1-nilearn", "nilearn", 2}, Way{"ar3", "precision", 2},
                      Way{"ar1", "meier", 1}, Way{"ar1", "pooled", 2}));

TEST(ContrastFromEstimatesOfTwoFits, EqualsTheFitOfBothRuns) {
  const TemporaryFolder folder;
  ASSERT_TRUE(exits_with(run_program(golden_fit({1, 2}, kContrasts, folder / "both")), 0));
  ASSERT_TRUE(exits_with(run_program(golden_fit({1}, {}, folder / "1")), 0));
  ASSERT_TRUE(exits_with(run_program(golden_fit({2}, {}, folder / "2")), 0));
  ASSERT_TRUE(
      exits_with(run_program(contrast_of({folder / "1/estimates.h5", folder / "2/estimates.h5"},
                                         kContrasts, folder / "joined")),
                 0));
  EXPECT_TRUE(same_files(folder / "both", folder / "joined", "_statmap.nii.gz"));
}

/// A copy under another participant's name would be in the group twice.
TEST(Estimates, OfSomebodyElseByTheirRunsAreWarnedOf) {
  Study study;
  study.only_one_run();
  const std::string bold = study / "sub-01_task-a_bold.nii.gz";
  std::filesystem::rename(study.bold[0], bold);
  study.bold[0] = bold;
  ASSERT_TRUE(exits_with(study.fit({"--contrast", "a", "--prefix", "sub-01"}), 0));
  const auto contrast = [&](const std::string& name) {
    const std::string path = study / (name + "_estimates.h5");
    std::filesystem::copy_file(study / "out/sub-01_estimates.h5", path);
    const CommandResult result = run_program(
        {"contrast", path, "--contrast", "a", "-o", study / name, "--log-level", "warning"});
    EXPECT_TRUE(exits_with(result, 0));
    return result.err.find("is of sub-02 by its name, and of sub-01 by its run") !=
           std::string::npos;
  };
  EXPECT_TRUE(contrast("sub-02"));
  EXPECT_FALSE(contrast("sub-01"));
}

/// Noise models sum a run's mean in several ways: a run that counts twice is refused all the same,
/// and two runs of two models are taken with a warning.
TEST(Estimates, OfTwoNoiseModels) {
  const TemporaryFolder folder;
  const auto fit = [&](int run, const char* model) {
    const std::string out = folder / (std::to_string(run) + model);
    EXPECT_TRUE(exits_with(
        run_program(golden_fit({run}, {"--contrast", "a", "--noise-model", model}, out)), 0));
    return out + "/estimates.h5";
  };
  const std::string one = fit(1, "mixture"), again = fit(1, "ar4-averaged"),
                    other = fit(2, "ar4-averaged");
  const auto joined = [&](const std::string& first, const std::string& second, const char* out) {
    return run_program({"contrast", first, second, "--contrast", "a", "--prefix", "x", "-o",
                        folder / out, "--log-level", "warning"});
  };
  EXPECT_TRUE(fails_with(joined(one, again, "twice"), 3, {"same mean signal", "counts twice"}));
  const CommandResult mixed = joined(one, other, "mixed");
  EXPECT_TRUE(exits_with(mixed, 0));
  EXPECT_NE(mixed.err.find("different noise models (mixture, ar4-averaged)"), std::string::npos)
      << mixed.err;
  EXPECT_EQ(joined(again, other, "alike").err.find("different noise models"), std::string::npos);
}

TEST(ContrastFromEstimatesOfCensoredRun, HasTheBytesOfTheFit) {
  Study study;
  study.only_one_run();
  for (const char* model : {"ols", "ar1", "ar2", "ar3-averaged"}) {
    ASSERT_TRUE(exits_with(study.fit({"--noise-model", model, "--censor", "0,7-9,59", "--contrast",
                                      "a", "--scaling", "psc", "--overwrite"}),
                           0));
    ASSERT_TRUE(exits_with(run_program(contrast_of({study / "out/estimates.h5"},
                                                   {"--contrast", "a"}, study / "later")),
                           0));
    EXPECT_TRUE(same_files(study / "out", study / "later", "_statmap.nii.gz")) << model;
  }
}

TEST(ContrastFromEstimatesOfBadFiles, IsRefusedByName) {
  Study study;
  ASSERT_TRUE(exits_with(study.fit({}), 0));
  const std::string good = study / "out/estimates.h5", bad = study / "bad.h5";
  const auto fails = [&](const Words& stores, const std::string& contrast, int code,
                         const Words& words) {
    return fails_with(run_program(contrast_of(stores, {"--contrast", contrast}, study / "later")),
                      code, words);
  };
  EXPECT_TRUE(fails({study / "none.h5"}, "a", 3, {"none.h5"}));
  EXPECT_TRUE(fails({study.mask}, "a", 3, {"mask.nii"}));
  EXPECT_TRUE(fails({good}, "zebra", 3, {"zebra"}));
  const std::string bytes = read_bytes(good);
  write_text(bad, bytes.substr(0, bytes.size() / 2));
  EXPECT_TRUE(fails({bad}, "a", 3, {"bad.h5"}));
  EXPECT_TRUE(fails({good, bad}, "a", 3, {"bad.h5"}));
  EXPECT_FALSE(std::filesystem::exists(study / "later"));
}

TEST(EstimatesFileFromOutside, IsReadByH5py) {
  if (run_python("import h5py", {}).exit_code != 0)
    GTEST_SKIP() << "no python3 with h5py in /usr/bin";
  Study study;
  ASSERT_TRUE(exits_with(study.fit({"--noise-model", "ar2"}), 0));
  const std::string path = study / "out/estimates.h5";
  const CommandResult seen = run_python(
      "import h5py, sys\n"
      "f = h5py.File(sys.argv[1], 'r')\n"
      "r = f['/runs/2']\n"
      "print(f.attrs['format'], f.attrs['format_version'], r.attrs['noise_model'])\n"
      "print(r['betas'].shape, r['design'].shape, r['noise_parameters'].shape, "
      "f['/mask/voxels'].shape)\n"
      "print(r['column_names'].asstr()[0])\n"
      "print(float(r['betas'][23, 0]).hex())\n",
      {path});
  ASSERT_TRUE(exits_with(seen, 0));
  Mask mask;
  const auto runs = read_estimates(path, mask);
  ASSERT_EQ(runs.size(), 2u);
  std::istringstream lines(seen.out);
  std::string attributes, shapes, name, number;
  std::getline(lines, attributes);
  std::getline(lines, shapes);
  std::getline(lines, name);
  std::getline(lines, number);
  EXPECT_EQ(attributes, "sociometer-estimates 2.0 ar2");
  const auto columns = std::to_string(runs[1].design.n_columns());
  EXPECT_EQ(shapes, "(24, " + columns + ") (60, " + columns + ") (24, 2) (24,)");
  EXPECT_EQ(name, "a");
  EXPECT_TRUE(
      close_number(std::strtod(number.c_str(), nullptr), runs[1].estimates.betas(0, 23), 0));
}

/// One image under two noise models is one run.
TEST(Contrast, OfOneImageTwiceIsRefused) {
  Study study;
  study.only_one_run();
  Words stores;
  for (const char* noise : {"ols", "ar1"}) {
    ASSERT_TRUE(exits_with(
        study.fit({"--contrast", "a", "--noise-model", noise, "--prefix", "x"}, noise), 0));
    stores.push_back(study / (std::string(noise) + "/x_estimates.h5"));
  }
  EXPECT_TRUE(fails_with(
      run_program({"contrast", stores[0], stores[1], "--contrast", "a", "-o", study / "out"}), 3,
      {"one image"}));
}

}  // namespace
}  // namespace sociometer::testing
