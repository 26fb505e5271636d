// Spatially smoothed noise parameters equal the smoothed unsmoothed ones.
#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kScans = 120, kVoxels = 40;

Eigen::MatrixXd design() {
  Eigen::MatrixXd x(kScans, 2);
  for (Eigen::Index t = 0; t < kScans; ++t) x.row(t) << 1, double((t / 10) % 2);
  return x;
}

Eigen::MatrixXd series() {
  const CounterRandom random(11, 1);
  Eigen::MatrixXd y(kScans, kVoxels);
  for (Eigen::Index v = 0; v < kVoxels; ++v)
    for (Eigen::Index t = 0; t < kScans; ++t)
      y(t, v) =
          100 + (t > 0 ? 0.5 * (y(t - 1, v) - 100) : 0) + random.normal(uint64_t(v * kScans + t));
  return y;
}

class NoiseSmoothing : public ::testing::TestWithParam<const char*> {};

TEST_P(NoiseSmoothing, SmoothsTheParametersThenFits) {
  NoiseModel model = parse_noise_model(GetParam());
  model.tukey_lags = 8;
  Eigen::MatrixXd contrast(1, 2);
  contrast << 0, 1;
  const MaskSmoother smoother(SeriesSource(series()).all_voxels(), 4);  // voxels of 1 mm
  const auto fit = [&](const MaskSmoother* with, int n_threads) {
    return testing::fit_series(design(), series(), model, {contrast}, Scaling::none, {}, n_threads,
                               kernels::best_kernels(), {}, with);
  };
  const auto plain = fit(nullptr, 1), smooth = fit(&smoother, 1), again = fit(&smoother, 3);
  EXPECT_TRUE(testing::same_bits(smooth.estimates.noise, again.estimates.noise));
  EXPECT_TRUE(testing::same_bits(smooth.estimates.betas, again.estimates.betas));
  // The parameters that are smoothed; for AR(1), the coefficient is the autocorrelation.
  const auto smoothed_ones = [&](const Eigen::MatrixXd& noise) {
    if (model.kind != NoiseModel::Kind::arma11) return noise;
    Eigen::MatrixXd a_and_lambda(2, noise.cols());
    for (Eigen::Index v = 0; v < noise.cols(); ++v)
      a_and_lambda.col(v) << noise(0, v), ArmaParameters{noise(0, v), noise(1, v)}.lambda();
    return a_and_lambda;
  };
  Eigen::MatrixXd expected = smoothed_ones(plain.estimates.noise);
  const double before = (expected.row(0).array() - expected.row(0).mean()).square().sum();
  smoother.smooth(expected, 1);
  const Eigen::MatrixXd ours = smoothed_ones(smooth.estimates.noise);
  EXPECT_TRUE(testing::close_relative(ours, expected, 1e-9, 1));
  EXPECT_LT((ours.row(0).array() - ours.row(0).mean()).square().sum(), 0.6 * before);
  // What is stored gives the same statistics again.
  const auto later = contrast_values(*smooth.design, smooth.estimates,
                                     {.noise_model = model, .contrasts = {contrast}});
  EXPECT_TRUE(testing::same_bits(later[0].unit_covariance, smooth.values[0].unit_covariance));
}

INSTANTIATE_TEST_SUITE_P(Models, NoiseSmoothing, ::testing::Values("ar1", "arma11", "tukey"));

}  // namespace
}  // namespace sociometer
