// Ordinary least squares against AFNI's 3dDeconvolve (tests/golden/afni/first_level/README.md);
// AFNI writes float32.
#include <gtest/gtest.h>

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

// float32 input, output and, inside AFNI, series: 3e-5 of a coefficient's spread.
constexpr double kFloat32 = 3e-5;

Mask afni_mask() {
  Mask mask = read_mask(golden("afni/first_level/in_mask.nii.gz"));
  const Eigen::MatrixXd series = masked(golden("afni/first_level/in_bold.nii.gz"), mask);
  // One voxel of the mask is all zero; AFNI leaves 0 there, we NaN.
  std::vector<uint32_t> kept;
  for (size_t v = 0; v < mask.voxels.size(); ++v)
    if (!series.row(Eigen::Index(v)).isZero(0)) kept.push_back(mask.voxels[v]);
  EXPECT_EQ(kept.size() + 1, mask.voxels.size());
  mask.voxels = kept;
  return mask;
}

Eigen::MatrixXd contrast(Eigen::Index n_columns,
                         std::initializer_list<std::vector<std::pair<int, double>>> rows) {
  Eigen::MatrixXd c = Eigen::MatrixXd::Zero(Eigen::Index(rows.size()), n_columns);
  Eigen::Index i = 0;
  for (const auto& row : rows) {
    for (const auto& [column, weight] : row) c(i, column) = weight;
    ++i;
  }
  return c;
}

ContrastMaps maps_of(const testing::SeriesFit& fit, size_t i, ContrastKind kind,
                     const Eigen::MatrixXd& rows) {
  ResolvedContrast c;
  c.spec.kind = kind;
  c.rows = {rows};
  c.why_not = {""};
  return combine_runs(c, {&fit.values[i]}, {fit.estimates.dof}, FixedEffects::precision, 1);
}

void expect_brick(const Eigen::VectorXd& ours, const Eigen::MatrixXd& bucket, int brick,
                  const char* what) {
  const Eigen::VectorXd theirs = bucket.col(brick);
  EXPECT_TRUE(close_relative(ours, theirs, kFloat32, theirs.cwiseAbs().maxCoeff())) << what;
}

TEST(AfniOls, OneRunIsReproduced) {
  const Mask mask = afni_mask();
  const Eigen::MatrixXd x = testing::number_table(golden("afni/first_level/X1.xmat.1D"));
  ASSERT_EQ(x.cols(), 10);
  const std::vector<Eigen::MatrixXd> c{contrast(10, {{{3, 1}}}), contrast(10, {{{3, 1}, {4, -1}}}),
                                       contrast(10, {{{3, 1}}, {{4, 1}}}),
                                       contrast(10, {{{3, .5}, {4, .5}, {5, -1}}})};
  const auto fit =
      testing::fit_series(x, masked(golden("afni/first_level/in_bold.nii.gz"), mask).transpose(),
                          parse_noise_model("ols"), c);
  const Eigen::MatrixXd bucket = masked(golden("afni/first_level/dec1_bucket.nii.gz"), mask);
  const Eigen::MatrixXd betas = masked(golden("afni/first_level/dec1_betas.nii.gz"), mask);
  for (Eigen::Index j = 0; j < 10; ++j) {
    const Eigen::VectorXd ours = fit.estimates.betas.row(j).transpose(), theirs = betas.col(j);
    EXPECT_TRUE(close_relative(ours, theirs, kFloat32, theirs.cwiseAbs().maxCoeff()))
        << "beta " << j;
  }
  expect_brick(fit.estimates.residual_variance, bucket, 0, "mean squared error");
  expect_brick(maps_of(fit, 0, ContrastKind::t, c[0]).effect.transpose(), bucket, 9, "A");
  expect_brick(maps_of(fit, 0, ContrastKind::t, c[0]).statistic, bucket, 10, "A t");
  expect_brick(maps_of(fit, 0, ContrastKind::F, c[0]).statistic, bucket, 12, "A F");
  expect_brick(maps_of(fit, 1, ContrastKind::t, c[1]).effect.transpose(), bucket, 37, "A-B");
  expect_brick(maps_of(fit, 1, ContrastKind::t, c[1]).statistic, bucket, 38, "A-B t");
  expect_brick(maps_of(fit, 2, ContrastKind::F, c[2]).statistic, bucket, 46, "A and B, F");
  expect_brick(maps_of(fit, 3, ContrastKind::t, c[3]).statistic, bucket, 48, "mix t");
}

TEST(AfniOls, TwoRunsWithCensoredScansAreReproduced) {
  const Mask mask = afni_mask();
  const Eigen::MatrixXd censored_x = testing::number_table(golden("afni/first_level/X2.xmat.1D"));
  const Eigen::VectorXd keep =
      testing::number_table(golden("afni/first_level/in_censor.1D")).col(0);
  ASSERT_EQ(censored_x.rows(), 113);
  ASSERT_EQ(keep.size(), 120);
  // AFNI's matrix contains only the kept rows; the values in censored rows must not matter.
  Eigen::MatrixXd x = Eigen::MatrixXd::Constant(120, censored_x.cols(), 777);
  std::vector<uint8_t> kept;
  for (Eigen::Index t = 0, row = 0; t < 120; ++t) {
    kept.push_back(keep[t] != 0);
    if (kept.back()) x.row(t) = censored_x.row(row++);
  }
  const std::vector<Eigen::MatrixXd> c{contrast(13, {{{6, 1}}}), contrast(13, {{{6, 1}, {7, -1}}}),
                                       contrast(13, {{{6, 1}}, {{7, 1}}})};
  const auto fit =
      testing::fit_series(x, masked(golden("afni/first_level/in_bold.nii.gz"), mask).transpose(),
                          parse_noise_model("ols"), c, Scaling::none, kept);
  EXPECT_EQ(fit.estimates.dof, 100);
  const Eigen::MatrixXd bucket =
      masked(golden("afni/first_level/dec2_2run_censor_bucket.nii.gz"), mask);
  expect_brick(maps_of(fit, 0, ContrastKind::t, c[0]).effect.transpose(), bucket, 2, "A");
  expect_brick(maps_of(fit, 0, ContrastKind::t, c[0]).statistic, bucket, 3, "A t");
  expect_brick(maps_of(fit, 1, ContrastKind::t, c[1]).effect.transpose(), bucket, 14, "A-B");
  expect_brick(maps_of(fit, 1, ContrastKind::t, c[1]).statistic, bucket, 15, "A-B t");
  expect_brick(maps_of(fit, 2, ContrastKind::F, c[2]).statistic, bucket, 23, "A and B, F");
}

}  // namespace
}  // namespace sociometer
