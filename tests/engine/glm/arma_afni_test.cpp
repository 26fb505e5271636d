// ARMA(1,1) by AFNI's search against 3dREMLfit (tests/golden/afni/first_level/README.md), which
// writes float32.
#include <gtest/gtest.h>

#include "engine/glm/contrast_statistics.hpp"
#include "io/images/nifti.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::golden;
using testing::masked;

struct AfniCase {
  const char* name;
  bool two_runs;  ///< with censored scans
  NoiseModel model;
  friend void PrintTo(const AfniCase& c, std::ostream* out) { *out << c.name; }
};

NoiseModel afni(int grid, bool negative = false) {
  NoiseModel model = parse_noise_model("arma11");
  model.arma.search = ArmaOptions::Search::afni;
  model.arma.grid_level = grid;
  model.arma.negative = negative;
  return model;
}

NoiseModel with_limits(NoiseModel model, double max_a, double max_b) {
  model.arma.max_a = max_a;
  model.arma.max_b = max_b;
  return model;
}

std::vector<AfniCase> cases() {
  std::vector<AfniCase> all{{"g3", false, afni(3)},
                            {"g3neg", false, afni(3, true)},
                            {"g5", false, afni(5)},
                            {"g5neg", false, afni(5, true)},
                            {"g5wn", false, afni(5)},
                            {"g4max9", false, with_limits(afni(4), .9, .9)},
                            {"g5a6b1", false, with_limits(afni(5), .6, .1)},
                            {"g3cut01", false, afni(3)},
                            {"ab", false, afni(3)},
                            {"2run_g3", true, afni(3)},
                            {"2run_g5neg", true, afni(5, true)}};
  all[4].model.arma.white_noise_plus = true;
  all[7].model.arma.cutoff = double(float(0.01));  // AFNI reads it as float32
  all[8].model.arma.fixed = ArmaParameters{0.4, -0.2};
  for (auto& c : all)
    if (c.two_runs) c.model.run_starts = {0, 60};
  return all;
}

class AfniReml : public ::testing::TestWithParam<AfniCase> {
 protected:
  void SetUp() override {
    const AfniCase& c = GetParam();
    mask_ = read_mask(golden("afni/first_level/in_mask.nii.gz"));
    const Eigen::MatrixXd x = testing::number_table(
        golden(c.two_runs ? "afni/first_level/X2.xmat.1D" : "afni/first_level/X1.xmat.1D"));
    const Eigen::VectorXd keep =
        testing::number_table(golden("afni/first_level/in_censor.1D")).col(0);
    design_ = Eigen::MatrixXd::Constant(120, x.cols(), 777);  // censored rows must not matter
    for (Eigen::Index t = 0, row = 0; t < 120; ++t) {
      kept_.push_back(!c.two_runs || keep[t] != 0);
      if (kept_.back()) design_.row(t) = x.row(row++);
    }
    const Eigen::Index a = c.two_runs ? 6 : 3;
    Eigen::MatrixXd one = Eigen::MatrixXd::Zero(1, x.cols()), two = one;
    one(0, a) = two(0, a) = 1;
    two(0, a + 1) = -1;
    Eigen::MatrixXd both = Eigen::MatrixXd::Zero(2, x.cols());
    both(0, a) = both(1, a + 1) = 1;
    contrasts_ = {one, two, both};
    fit_ = testing::fit_series(design_,
                               masked(golden("afni/first_level/in_bold.nii.gz"), mask_).transpose(),
                               c.model, contrasts_, Scaling::none, kept_, 2);
  }
  std::string file(const char* what) const {
    return golden("afni/first_level/reml_" + std::string(GetParam().name) + "_" + what + ".nii.gz");
  }
  /// AFNI stores 0 in the one voxel that is all zero; ours is NaN there.
  void expect_brick(const Eigen::VectorXd& ours, const Eigen::VectorXd& theirs, double tolerance,
                    const char* what) const {
    double largest = 0;
    for (Eigen::Index v = 0; v < theirs.size(); ++v)
      if (std::isfinite(ours[v])) largest = std::max(largest, std::abs(ours[v] - theirs[v]));
    EXPECT_LE(largest, tolerance * theirs.cwiseAbs().maxCoeff()) << what;
    EXPECT_EQ(ours.array().isNaN().count(), 1) << what;
  }
  ContrastMaps maps(size_t i, ContrastKind kind) const {
    ResolvedContrast c;
    c.spec.kind = kind;
    c.rows = {contrasts_[i]};
    c.why_not = {""};
    return combine_runs(c, {&fit_.values[i]}, {fit_.estimates.dof}, FixedEffects::precision, 1);
  }

  Mask mask_;
  Eigen::MatrixXd design_;
  std::vector<uint8_t> kept_;
  std::vector<Eigen::MatrixXd> contrasts_;
  testing::SeriesFit fit_;
};

TEST_P(AfniReml, ParametersAreThoseOfEveryVoxel) {
  const Eigen::MatrixXd var = masked(file("var"), mask_);
  const RunEstimates& e = fit_.estimates;
  Eigen::Index others = 0;
  for (Eigen::Index v = 0; v < var.rows(); ++v)
    others += std::isfinite(e.noise(0, v)) && (std::abs(e.noise(0, v) - var(v, 0)) > 1e-6 ||
                                               std::abs(e.noise(1, v) - var(v, 1)) > 1e-6);
  EXPECT_EQ(others, 0);
  Eigen::VectorXd lambda(var.rows());
  for (Eigen::Index v = 0; v < var.rows(); ++v)
    lambda[v] = ArmaParameters{e.noise(0, v), e.noise(1, v)}.lambda();
  expect_brick(lambda, var.col(2), 1e-6, "lambda");
  expect_brick(e.residual_variance.cwiseSqrt(), var.col(3), 1e-5, "standard deviation");
  if (!GetParam().model.arma.fixed)
    expect_brick(e.noise.row(2).transpose(), var.col(4), 1e-6, "likelihood");
  expect_brick(e.ljung_box, var.col(5), 1e-5, "Ljung-Box");
}

TEST_P(AfniReml, StatisticsAreReproduced) {
  if (!std::filesystem::exists(file("bucket"))) GTEST_SKIP() << "its statistics are not kept";
  const Eigen::MatrixXd bucket = masked(file("bucket"), mask_);
  const ContrastMaps a = maps(0, ContrastKind::t), difference = maps(1, ContrastKind::t),
                     both = maps(2, ContrastKind::F);
  constexpr double kPrinted = 2e-5;
  expect_brick(a.effect.transpose(), bucket.col(2), kPrinted, "A");
  expect_brick(a.statistic, bucket.col(3), kPrinted, "t of A");
  expect_brick(difference.effect.transpose(), bucket.col(14), kPrinted, "A - B");
  expect_brick(difference.statistic, bucket.col(15), kPrinted, "t of A - B");
  expect_brick(both.statistic, bucket.col(23), kPrinted, "F of A and B");
}

INSTANTIATE_TEST_SUITE_P(Goldens, AfniReml, ::testing::ValuesIn(cases()),
                         [](const auto& tested) { return "of_" + std::string(tested.param.name); });

}  // namespace
}  // namespace sociometer
