// Tapered autocorrelations against FSL's film_gls (tests/golden/fsl/film/README.md) and a dense
// twin.
#include "engine/glm/tapered_noise.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "io/images/nifti.hpp"
#include "tests/support/dense_gls.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_relative;
using testing::golden;
using testing::masked;

constexpr Eigen::Index kScans = 120;
const std::string kFilm = "fsl/film/";

Eigen::MatrixXd film_design() {
  std::ifstream file(golden(kFilm + "film.mat"));
  for (std::string line; std::getline(file, line) && line != "/Matrix";) {
  }
  Eigen::MatrixXd x(kScans, 14);
  for (Eigen::Index t = 0; t < kScans; ++t)
    for (Eigen::Index c = 0; c < 14; ++c) file >> x(t, c);
  return x;
}

/// The voxels used by FILM: mean above 500.
Mask film_mask() {
  const Image image = read_nifti(golden("spm/data/run1.nii.gz"));
  const Eigen::VectorXd above = (image.values.rowwise().mean().array() > 500).cast<double>();
  return mask_from_values(image.header.grid, {above.data(), size_t(above.size())});
}

NoiseModel tukey(Eigen::Index lags) {
  NoiseModel model = parse_noise_model("tukey");
  model.tukey_lags = lags;
  return model;
}

TEST(TaperedNoise, FollowsFilm) {
  const Mask mask = film_mask();
  ASSERT_EQ(mask.n_voxels(), 744);
  const Eigen::MatrixXd series = masked(golden("spm/data/run1.nii.gz"), mask).transpose();
  std::vector<Eigen::MatrixXd> contrasts;
  for (int c = 0; c < 4; ++c) {
    contrasts.push_back(Eigen::MatrixXd::Zero(1, 14));
    contrasts.back()(0, c) = 1;
  }
  ASSERT_EQ(default_tukey_lags(kScans), 10);
  const auto fit = testing::fit_series(film_design(), series, tukey(10), contrasts);
  // Autocorrelations: FILM retains the factor by which its taper scales lag 0.
  const Eigen::MatrixXd theirs =
      masked(golden(kFilm + "threshac1.nii.gz"), mask).leftCols(10).transpose();
  const Eigen::MatrixXd expected = theirs.bottomRows(9).array().rowwise() / theirs.row(0).array();
  EXPECT_TRUE(close_relative(fit.estimates.noise, expected, 1e-4, 1));
  for (int c = 0; c < 4; ++c) {
    const auto& v = fit.values[size_t(c)];
    const Eigen::VectorXd t =
        v.effect.row(0).transpose().array() /
        (v.unit_covariance.row(0).transpose().array() * v.residual_variance.array()).sqrt();
    const Eigen::VectorXd film =
        masked(golden(kFilm + "tstat" + std::to_string(c + 1) + ".nii.gz"), mask).col(0);
    // FILM first removes the mean from data and design and has no whitened constant.
    EXPECT_TRUE(close_relative(t, film, 1e-3, film.cwiseAbs().maxCoeff())) << c;
  }
}

/// Least squares on densely filtered data: the inverse transform of gain times transform.
TEST(TaperedNoise, EqualsADenseFilterAlsoWithCensoredScans) {
  constexpr Eigen::Index kShort = 50, kPadded = 64, kLags = 6;
  const CounterRandom random(3, 1);
  Eigen::MatrixXd x(kShort, 3), y(kShort, 4);
  for (Eigen::Index t = 0; t < kShort; ++t) {
    x.row(t) << 1, double((t / 5) % 2), random.normal(uint64_t(t));
    for (Eigen::Index v = 0; v < 4; ++v)
      y(t, v) =
          100 + 0.6 * (t > 0 ? y(t - 1, v) - 100 : 0) + random.normal(uint64_t(100 + 10 * t + v));
  }
  std::vector<uint8_t> kept(size_t(kShort), 1);
  for (int t : {0, 20, 21, 40}) kept[size_t(t)] = 0;
  Eigen::MatrixXd contrast = Eigen::MatrixXd::Zero(1, 3);
  contrast(0, 1) = 1;
  const auto fit = testing::fit_series(x, y, tukey(kLags), {contrast}, Scaling::none, kept, 2);
  Eigen::MatrixXd spikes = Eigen::MatrixXd::Zero(kShort, 4);
  for (Eigen::Index t = 0, s = 0; t < kShort; ++t)
    if (!kept[size_t(t)]) spikes(t, s++) = 1;
  Eigen::MatrixXd full(kShort, 7);
  full << x, spikes;
  for (Eigen::Index v = 0; v < 4; ++v) {
    const Eigen::VectorXd ac = fit.estimates.noise.col(v);
    Eigen::VectorXd gain(kPadded);
    for (Eigen::Index f = 0; f < kPadded; ++f) {
      double power = 1;
      for (Eigen::Index k = 1; k < kLags; ++k)
        power += 2 * ac[k - 1] * std::cos(2 * M_PI * double(f * k) / kPadded);
      ASSERT_GT(power, 0.01);  // otherwise the autocorrelations are shrunk
      gain[f] = 1 / std::sqrt(power);
    }
    gain /= std::sqrt(gain.squaredNorm() / kPadded);
    Eigen::MatrixXd filter(kShort, kShort);
    for (Eigen::Index i = 0; i < kShort; ++i)
      for (Eigen::Index j = 0; j < kShort; ++j) {
        double sum = 0;
        for (Eigen::Index f = 0; f < kPadded; ++f)
          sum += gain[f] * std::cos(2 * M_PI * double(f * (i - j)) / kPadded);
        filter(i, j) = sum / kPadded;
      }
    const Eigen::MatrixXd wx = filter * full;
    const Eigen::VectorXd wy = filter * y.col(v);
    const Eigen::MatrixXd inverse = (wx.transpose() * wx).inverse();
    const Eigen::VectorXd beta = inverse * (wx.transpose() * wy);
    const double variance = (wy - wx * beta).squaredNorm() / double(kShort - 7);
    EXPECT_TRUE(testing::close_number(fit.values[0].effect(0, v), beta[1], 1e-8));
    EXPECT_TRUE(testing::close_number(fit.values[0].unit_covariance(0, v), inverse(1, 1), 1e-8));
    EXPECT_TRUE(testing::close_number(fit.estimates.residual_variance[v], variance, 1e-8));
    // Autocorrelations of the residuals over pairs of kept scans, tapered.
    Eigen::VectorXd residual =
        y.col(v) - full * (full.transpose() * full).inverse() * full.transpose() * y.col(v);
    const auto pairs = [&](Eigen::Index k) {
      double n = 0;
      for (Eigen::Index t = k; t < kShort; ++t) n += kept[size_t(t)] && kept[size_t(t - k)];
      return n;
    };
    const double r0 = residual.squaredNorm() / pairs(0);
    for (Eigen::Index k = 1; k < kLags; ++k) {
      const double r = residual.head(kShort - k).dot(residual.tail(kShort - k)) / pairs(k) / r0;
      const double taper =
          (1 + std::cos(M_PI * double(k + 1) / kLags)) / (1 + std::cos(M_PI / kLags));
      EXPECT_TRUE(testing::close_number(ac[k - 1], r * taper, 1e-9, 1));
    }
  }
  // The same from what is stored.
  const auto again = contrast_values(*fit.design, fit.estimates,
                                     {.noise_model = tukey(kLags), .contrasts = {contrast}});
  EXPECT_TRUE(testing::same_bits(again[0].unit_covariance, fit.values[0].unit_covariance));
  EXPECT_TRUE(testing::same_bits(again[0].effect, fit.values[0].effect));
}

}  // namespace
}  // namespace sociometer
