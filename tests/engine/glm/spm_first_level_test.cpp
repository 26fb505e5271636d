// SPM12's estimates without prewhitening (tests/golden/spm/README.md): SPM's design and filter,
// our streaming sums.
#include <fstream>

#include <gtest/gtest.h>

#include "engine/design/drift.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "io/images/nifti.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_relative;
using testing::golden;
using testing::masked;

// SPM writes con and spmT as float32, the design with 12 digits.
constexpr double kFloat32 = 1e-5;

struct SpmCase {
  std::string folder;
  int n_runs;
  bool filtered;
  friend void PrintTo(const SpmCase& c, std::ostream* out) { *out << c.folder; }
};

double scalar(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.rfind(key + " ", 0) == 0) return std::stod(line.substr(key.size() + 1));
  throw std::runtime_error("no " + key);
}

/// The grand-mean factors that SPM applied to each run's data: since these affect the constants'
/// betas only through the data, recovered from the first run's documented value and the images.
std::vector<double> grand_mean_factors(const std::string& folder, int n_runs) {
  const double first = scalar(golden("spm/first_level/" + folder + "/scalars.txt"), "gSF_first");
  std::vector<double> factors{first};
  if (n_runs == 1) return factors;
  // spm_global of each scan: mean of the voxels above one eighth of the mean; averaged over scans.
  const auto global = [](const std::string& path) {
    const Image image = read_nifti(path);
    double sum = 0;
    for (Eigen::Index t = 0; t < image.values.cols(); ++t) {
      const Eigen::ArrayXd v = image.values.col(t).array();
      const auto above = (v > v.mean() / 8).cast<double>();
      sum += (v * above).sum() / above.sum();
    }
    return sum / double(image.values.cols());
  };
  EXPECT_TRUE(testing::close_number(100 / global(golden("spm/data/run1.nii.gz")), first, 1e-9));
  factors.push_back(100 / global(golden("spm/data/run2.nii.gz")));
  return factors;
}

class SpmFirstLevel : public ::testing::TestWithParam<SpmCase> {};

TEST_P(SpmFirstLevel, ContrastsAreReproduced) {
  const SpmCase& c = GetParam();
  const std::string folder = golden("spm/first_level/" + c.folder + "/");
  const Mask mask = read_mask(folder + "mask.nii.gz");
  const Eigen::MatrixXd x = testing::number_table(folder + "X.tsv");
  const Eigen::MatrixXd contrasts = testing::number_table(folder + "contrasts.tsv");
  const auto factors = grand_mean_factors(c.folder, c.n_runs);
  // Projecting a run's cosines out of data and design is equivalent to
  // including them in the design.
  const Eigen::MatrixXd cosines =
      c.filtered ? cosine_drift(120, 2, 1.0 / 128) : Eigen::MatrixXd(120, 0);
  Eigen::MatrixXd design = Eigen::MatrixXd::Zero(x.rows(), x.cols() + c.n_runs * cosines.cols());
  Eigen::MatrixXd series(x.rows(), mask.n_voxels());
  design.leftCols(x.cols()) = x;
  for (int r = 0; r < c.n_runs; ++r) {
    design.block(120 * r, x.cols() + r * cosines.cols(), 120, cosines.cols()) = cosines;
    series.middleRows(120 * r, 120) =
        factors[size_t(r)] *
        masked(golden("spm/data/run" + std::to_string(r + 1) + ".nii.gz"), mask).transpose();
  }
  std::vector<Eigen::MatrixXd> rows;
  for (Eigen::Index i = 0; i < contrasts.rows(); ++i) {
    Eigen::MatrixXd row = Eigen::MatrixXd::Zero(1, design.cols());
    row.leftCols(x.cols()) = contrasts.row(i);
    rows.push_back(row);
  }
  Eigen::MatrixXd all(4, design.cols());
  for (int i = 0; i < 4; ++i) all.row(i) = rows[size_t(i)];
  rows.push_back(all);
  const auto fit = testing::fit_series(design, series, parse_noise_model("ols"), rows);
  EXPECT_TRUE(
      testing::close_number(fit.estimates.dof, scalar(folder + "scalars.txt", "trRV"), 1e-6));
  const Eigen::MatrixXd res_ms = masked(folder + "ResMS.nii.gz", mask);
  EXPECT_TRUE(close_relative(fit.estimates.residual_variance, res_ms, kFloat32));
  for (size_t i = 0; i < 5; ++i) {
    ResolvedContrast contrast;
    contrast.spec.kind = i < 4 ? ContrastKind::t : ContrastKind::F;
    contrast.rows = {rows[i]};
    contrast.why_not = {""};
    const ContrastMaps maps =
        combine_runs(contrast, {&fit.values[i]}, {fit.estimates.dof}, FixedEffects::precision, 1);
    const std::string number = "000" + std::to_string(i + 1);
    const Eigen::MatrixXd statistic =
        masked(folder + (i < 4 ? "spmT_" : "spmF_") + number + ".nii.gz", mask);
    EXPECT_TRUE(
        close_relative(maps.statistic, statistic, kFloat32, statistic.cwiseAbs().maxCoeff()))
        << "statistic " << i + 1;
    if (i == 4) continue;
    const Eigen::MatrixXd effect = masked(folder + "con_" + number + ".nii.gz", mask);
    EXPECT_TRUE(
        close_relative(maps.effect.transpose(), effect, kFloat32, effect.cwiseAbs().maxCoeff()))
        << "effect " << i + 1;
  }
}
INSTANTIATE_TEST_SUITE_P(Goldens, SpmFirstLevel,
                         ::testing::Values(SpmCase{"B_deriv_orth0_none", 2, true},
                                           SpmCase{"C_deriv_orth1_none", 1, true},
                                           SpmCase{"E_T16_T01_orth0_none", 1, false}),
                         [](const auto& tested) { return tested.param.folder; });

/// SPM's prewhitened estimates follow from its filtered, whitened design: T = c b / sqrt(ResMS c
/// Bcov c').
TEST(SpmAuditory, TMapOfSpmsOwnDesignFilterAndWhiteningIsReproduced) {
  SOCIOMETER_NEEDS_DATA(path, "moae_spm12_3mm");
  const std::string derived = path + "/derived_from_SPM.mat/";
  const Mask mask = read_mask(path + "/spm/mask.nii");
  EXPECT_EQ(mask.n_voxels(), 70853);
  const Eigen::MatrixXd w = testing::number_table(derived + "W_whitening.tsv"),
                        dct = testing::number_table(derived + "K_X0_dct.tsv");
  const Eigen::MatrixXd x = testing::number_table(derived + "X.tsv");
  constexpr double kGrandMeanFactor = 0.18811772330099494;  // gSF of spm_params.json
  const Eigen::MatrixXd whitened =
      w * (kGrandMeanFactor * masked(path + "/swfM00223_4d.nii.gz", mask).transpose());
  Eigen::MatrixXd design(84, 2 + dct.cols());
  design << w * x, dct;
  Eigen::MatrixXd row = Eigen::MatrixXd::Zero(1, design.cols());
  row(0, 0) = 1;
  const auto fit =
      testing::fit_series(design, whitened, parse_noise_model("ols"), {row}, Scaling::none, {}, 2);
  EXPECT_EQ(fit.estimates.dof, 73);
  ResolvedContrast contrast;
  contrast.rows = {row};
  contrast.why_not = {""};
  const ContrastMaps maps =
      combine_runs(contrast, {&fit.values[0]}, {73}, FixedEffects::precision, 2);
  const Eigen::MatrixXd theirs = masked(path + "/spm/spmT_0001.nii", mask);
  EXPECT_TRUE(close_relative(maps.statistic, theirs, 1e-5, theirs.cwiseAbs().maxCoeff()));
  EXPECT_TRUE(testing::close_number(maps.statistic.maxCoeff(), 16.56, 1e-3));
}

}  // namespace
}  // namespace sociometer
