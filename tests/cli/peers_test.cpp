// Whole commands against what peers computed, from events and images to maps
// (tests/golden/nilearn/README.md).
#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

// Maps are float32.
constexpr double kFloat32 = 1e-5;

struct PeerCase {
  std::string name;
  std::string golden_folder;
  std::vector<int> runs;
  Words options;
  friend void PrintTo(const PeerCase& c, std::ostream* out) { *out << c.name; }
};

Words command(const PeerCase& c, const std::string& output) {
  Words words{
      "fit",        "--log-level",  "error",      "--mask", golden("nilearn/data/mask.nii.gz"),
      "-o",         output,         "--contrast", "a",      "aMinusB=a - b",
      "aMod=a_mod", "--f-contrast", "F=a;b;a_mod"};
  for (const auto& [option, ending] : {std::pair{"--bold", "_bold.nii.gz"},
                                       {"--events", "_events.tsv"},
                                       {"--confounds", "_confounds.tsv"}}) {
    words.emplace_back(option);
    for (int run : c.runs)
      words.push_back(golden("nilearn/data/run-" + std::to_string(run) + ending));
  }
  words.insert(words.end(), c.options.begin(), c.options.end());
  return words;
}

class NilearnByCommand : public ::testing::TestWithParam<PeerCase> {};

TEST_P(NilearnByCommand, MapsAreReproduced) {
  const PeerCase& c = GetParam();
  const TemporaryFolder folder;
  ASSERT_TRUE(exits_with(run_program(command(c, folder / "out")), 0));
  const Mask mask = read_mask(golden("nilearn/data/mask.nii.gz"));
  const std::pair<const char*, const char*> stats[] = {
      {"effect", "effect_size"}, {"variance", "effect_variance"}, {"t", "stat"}, {"z", "z_score"}};
  const std::pair<const char*, const char*> contrasts[] = {
      {"a", "a"}, {"aMinusB", "a-b"}, {"aMod", "a_mod"}, {"F", "F"}};
  for (const auto& [ours, theirs] : contrasts)
    for (const auto& [stat, their_stat] : stats) {
      const bool is_f = std::string(ours) == "F";
      if (is_f && (std::string(stat) == "effect" || std::string(stat) == "variance"))
        continue;  // nilearn's are of another kind
      const std::string ours_stat = is_f && std::string(stat) == "t" ? "F" : stat;
      const Eigen::MatrixXd expected =
          masked(golden(c.golden_folder + theirs + "_" + their_stat + ".nii.gz"), mask);
      const Eigen::MatrixXd actual =
          masked(folder / "out/contrast-" + ours + "_stat-" + ours_stat + "_statmap.nii.gz", mask);
      EXPECT_TRUE(close_relative(actual, expected, kFloat32, expected.cwiseAbs().maxCoeff()))
          << ours << " " << stat;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Goldens, NilearnByCommand,
    ::testing::Values(
        PeerCase{"Ols", "nilearn/first_level/spm_cosine_ols/", {1}, {"--noise-model", "ols"}},
        PeerCase{
            "Ar1", "nilearn/first_level/spm_cosine_ar1/", {1}, {"--noise-model", "ar1-nilearn"}},
        PeerCase{"Ar1Run2",
                 "nilearn/first_level/run-2_spm_cosine_ar1/",
                 {2},
                 {"--noise-model", "ar1-nilearn"}},
        PeerCase{"PercentSignalChange",
                 "nilearn/first_level/spm_cosine_ar1_scale0/",
                 {1},
                 {"--noise-model", "ar1-nilearn", "--scaling", "psc"}},
        PeerCase{"GloverDerivativePolynomial",
                 "nilearn/first_level/gloverd_poly3_ar1/",
                 {1},
                 {"--noise-model", "ar1-nilearn", "--hrf", "glover + derivative", "--drift",
                  "polynomial", "--drift-order", "3"}},
        PeerCase{"Smoothed",
                 "nilearn/first_level/spm_cosine_ols_fwhm6/",
                 {1},
                 {"--noise-model", "ols", "--smoothing-fwhm", "6"}},
        PeerCase{"TwoRuns",
                 "nilearn/fixed_effects/spm_cosine_ar1_2runs/",
                 {1, 2},
                 {"--noise-model", "ar1-nilearn", "--fixed-effects", "nilearn"}},
        PeerCase{"TwoRunsOls",
                 "nilearn/fixed_effects/spm_cosine_ols_2runs/",
                 {1, 2},
                 {"--noise-model", "ols", "--fixed-effects", "nilearn"}}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace sociometer::testing
