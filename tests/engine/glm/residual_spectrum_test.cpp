#include "engine/glm/residual_spectrum.hpp"

#include <cmath>
#include <complex>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace sociometer::testing {
namespace {

constexpr double kTr = 2;

/// Series of e(t) = phi e(t - 1) + white noise, on a level of 1000.
Eigen::MatrixXf autoregressive(double phi, Eigen::Index n_scans, Eigen::Index n_voxels) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal;
  Eigen::MatrixXf series(n_scans, n_voxels);
  for (Eigen::Index v = 0; v < n_voxels; ++v) {
    double e = normal(random) / std::sqrt(1 - phi * phi);
    for (Eigen::Index t = 0; t < n_scans; ++t) {
      series(t, v) = float(1000 + e);
      e = phi * e + normal(random);
    }
  }
  return series;
}

Eigen::MatrixXd unwhitened() { return {}; }
Eigen::MatrixXd constant(Eigen::Index n_scans) { return Eigen::MatrixXd::Ones(n_scans, 1); }

TEST(ResidualSpectrum, IsThatOfTheProcessAndFlatWhereItIsWhitened) {
  constexpr double kPhi = 0.5;
  const Eigen::MatrixXf series = autoregressive(kPhi, 200, 400);
  const ResidualSpectrum raw = residual_spectrum(series, constant(200), unwhitened(), kTr);
  ASSERT_EQ(raw.n_voxels, 400);
  ASSERT_EQ(raw.power.size(), 100);
  EXPECT_DOUBLE_EQ(raw.frequency_hz[99], 0.25);
  for (Eigen::Index k = 5; k < 95; ++k) {
    const double w = 2 * std::acos(-1.0) * raw.frequency_hz[k] * kTr;
    const double expected = (1 - kPhi * kPhi) / (1 - 2 * kPhi * std::cos(w) + kPhi * kPhi);
    // The mean of 5 x 400 exponential values: a standard error of 2.2 %.
    EXPECT_NEAR(raw.power[k] / expected, 1, 0.1) << k;
  }
  const ResidualSpectrum white =
      residual_spectrum(series, constant(200), Eigen::MatrixXd::Constant(1, 400, kPhi), kTr);
  for (Eigen::Index k = 5; k < white.power.size(); ++k) EXPECT_NEAR(white.power[k], 1, 0.1) << k;
}

TEST(ResidualSpectrum, IsTheSlowTransformOfTheResiduals) {
  const Eigen::Index n = 31;
  const Eigen::MatrixXf series = autoregressive(0.3, n, 1);
  Eigen::MatrixXd design(n, 3);  // of rank 2
  design.col(0).setOnes();
  design.col(1) = Eigen::VectorXd::LinSpaced(n, -1, 1);
  design.col(2) = design.col(0) + 2 * design.col(1);
  const Eigen::MatrixXd x = design.leftCols(2);
  const Eigen::VectorXd y = series.col(0).cast<double>();
  const Eigen::VectorXd e = y - x * (x.transpose() * x).inverse() * (x.transpose() * y);
  std::vector<double> power;
  for (Eigen::Index k = 1; k <= n / 2; ++k) {
    std::complex<double> sum = 0;
    for (Eigen::Index t = 0; t < n; ++t)
      sum += e[t] * std::polar(1.0, -2 * std::acos(-1.0) * double(k * t) / double(n));
    power.push_back(std::norm(sum) / double(n) / (e.squaredNorm() / double(n - 2)));
  }
  const ResidualSpectrum found = residual_spectrum(series, design, unwhitened(), kTr);
  ASSERT_EQ(found.power.size(), 15);
  EXPECT_NEAR(found.power[7], (power[5] + power[6] + power[7] + power[8] + power[9]) / 5, 1e-9);
  EXPECT_NEAR(found.power[0], (power[0] + power[1] + power[2]) / 3, 1e-9);
}

TEST(ResidualSpectrum, LeavesOutVoxelsWithoutResiduals) {
  Eigen::MatrixXf series = autoregressive(0, 40, 3);
  series.col(0).setConstant(5);
  series(3, 1) = NAN;
  EXPECT_EQ(residual_spectrum(series, constant(40), unwhitened(), kTr).n_voxels, 1);
  EXPECT_THROW(residual_spectrum(series, constant(39), unwhitened(), kTr), std::logic_error);
}

}  // namespace
}  // namespace sociometer::testing
