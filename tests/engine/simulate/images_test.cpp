#include "engine/simulate/images.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/simulate/confounds.hpp"

namespace sociometer {
namespace {

const Phantom& tiny() {
  static const Phantom phantom = make_phantom(simulation_grid("tiny"));
  return phantom;
}

/// Settings without noise; tests switch on what they need.
NoiseSettings quiet() {
  NoiseSettings noise;
  noise.ar_percent = noise.white_percent = noise.drift_percent = noise.motion_percent_per_mm = 0;
  return noise;
}

Eigen::MatrixXd series(const NoiseSettings& noise, Eigen::Index n_scans, uint64_t seed = 1,
                       uint64_t run = 0) {
  const Eigen::MatrixXd none = Eigen::MatrixXd::Zero(tiny().brain.n_voxels(), 0);
  RunImages images(tiny(), noise, 2, none, Eigen::MatrixXd::Zero(n_scans, 0),
                   Eigen::MatrixXd::Zero(n_scans, 6),
                   Eigen::VectorXd::Ones(tiny().brain.n_voxels()), seed, 3, run);
  Eigen::MatrixXd out(tiny().brain.n_voxels(), n_scans);
  for (Eigen::Index t = 0; t < n_scans; ++t) out.col(t) = images.next();
  return out;
}

TEST(NoiseField, HasUnitVarianceEverywhereAndTheSmoothnessAskedFor) {
  const Mask& brain = tiny().brain;
  NoiseField field(brain, 12, 5, 7);
  const int n = 400;
  Eigen::VectorXd values, squares = Eigen::VectorXd::Zero(brain.n_voxels());
  double along = 0, pairs = 0;
  for (int i = 0; i < n; ++i) {
    field.next(values);
    squares += values.cwiseAbs2();
    for (Eigen::Index v = 1; v < values.size(); ++v)
      if (brain.voxels[size_t(v)] == brain.voxels[size_t(v) - 1] + 1)
        along += values[v] * values[v - 1], pairs += 1;
  }
  squares /= n;
  EXPECT_NEAR(squares.mean(), 1, 0.02);
  // 5 standard deviations of a variance of 400 numbers; 8,700 voxels.
  EXPECT_GT(squares.minCoeff(), 1 - 5 * std::sqrt(2. / n));
  EXPECT_LT(squares.maxCoeff(), 1 + 6 * std::sqrt(2. / n));
  // White noise smoothed by sigma has correlation exp(-d^2 / (4 sigma^2)).
  const double sigma = 12 / std::sqrt(8 * std::log(2.));
  EXPECT_NEAR(along / pairs, std::exp(-36 / (4 * sigma * sigma)), 0.02);
}

TEST(NoiseField, DrawsStandardNormals) {
  std::vector<double> values(200001);
  fill_normals(3, 9, 0, values);
  double m1 = 0, m2 = 0, m3 = 0, m4 = 0;
  for (const double x : values) m1 += x, m2 += x * x, m3 += x * x * x, m4 += x * x * x * x;
  const double n = double(values.size());
  EXPECT_NEAR(m1 / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(m2 / n, 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(m3 / n, 0, 5 * std::sqrt(15 / n));
  EXPECT_NEAR(m4 / n, 3, 5 * std::sqrt(96 / n));
  std::vector<double> later(8);
  fill_normals(3, 9, 2, later);
  EXPECT_EQ(later[0], values[8]);
}

TEST(RunImages, HaveNoiseOfTheSizeAndTheAutocorrelationOfTheSettings) {
  NoiseSettings noise = quiet();
  noise.ar_percent = 2, noise.ar_coefficient = 0.5;
  const Eigen::MatrixXd y = series(noise, 300);
  double variance = 0, lag = 0, n = 0;
  for (Eigen::Index v = 0; v < y.rows(); ++v) {
    if (tiny().tissue[size_t(v)] == Tissue::csf) continue;
    const double baseline = noise.baseline * tiny().baseline[v];
    const Eigen::VectorXd e = (y.row(v).transpose().array() - baseline) / (0.02 * baseline);
    variance += e.squaredNorm() / 300, lag += e.head(299).dot(e.tail(299)) / 299, n += 1;
  }
  EXPECT_NEAR(variance / n, 1, 0.02);
  EXPECT_NEAR(lag / variance, 0.5, 0.02);
}

TEST(RunImages, DriftOnlyAtPeriodsThatAHighPassFilterOf128SecondsRemoves) {
  NoiseSettings noise = quiet();
  noise.drift_percent = 1;
  const Eigen::Index n = 300;
  const Eigen::MatrixXd y = series(noise, n);
  const Eigen::MatrixXd slow = cosine_drift(n, 2, 1. / 128);
  Eigen::MatrixXd centred = (y.colwise() - y.rowwise().mean()).transpose();
  const double before = centred.norm();
  centred -= slow * (slow.transpose() * centred);
  EXPECT_GT(before, 0);
  EXPECT_LT(centred.norm(), 1e-5 * before);
}

TEST(RunImages, MakeTheNoiseOfAVoxelSoManyTimesAsLarge) {
  const Eigen::Index n = tiny().brain.n_voxels(), n_scans = 30;
  NoiseSettings noise = quiet();
  noise.ar_percent = 0.8, noise.white_percent = 0.4;
  Eigen::VectorXd factor = Eigen::VectorXd::Ones(n);
  factor[7] = 3;
  const Eigen::MatrixXd none = Eigen::MatrixXd::Zero(n, 0);
  const Eigen::MatrixXd still = Eigen::MatrixXd::Zero(n_scans, 6);
  RunImages loud(tiny(), noise, 2, none, Eigen::MatrixXd::Zero(n_scans, 0), still, factor, 1, 1, 1);
  RunImages plain(tiny(), noise, 2, none, Eigen::MatrixXd::Zero(n_scans, 0), still,
                  Eigen::VectorXd::Ones(n), 1, 1, 1);
  const double baseline = 1000 * tiny().baseline[7];
  for (Eigen::Index t = 0; t < n_scans; ++t) {
    const Eigen::VectorXd a = loud.next(), b = plain.next();
    EXPECT_NEAR(a[7] - baseline, 3 * (b[7] - baseline), 1e-3);
    EXPECT_EQ(a[8], b[8]);
  }
}

TEST(RunImages, AddTheEffectsAsTheyAre) {
  const Eigen::Index n_voxels = tiny().brain.n_voxels();
  Eigen::MatrixXd effects = Eigen::MatrixXd::Zero(n_voxels, 2), x(4, 2);
  effects(10, 0) = 3, effects(20, 1) = -2;
  x << 1, 0, 0, 1, 1, 1, 0, 0;
  RunImages images(tiny(), quiet(), 2, effects, x, Eigen::MatrixXd::Zero(4, 6),
                   Eigen::VectorXd::Ones(n_voxels), 1, 1, 1);
  for (Eigen::Index t = 0; t < 4; ++t) {
    const Eigen::VectorXd y = images.next() - 1000 * tiny().baseline;
    EXPECT_NEAR(y[10], 3 * x(t, 0), 1e-4);
    EXPECT_NEAR(y[20], -2 * x(t, 1), 1e-4);
    EXPECT_NEAR(y.cwiseAbs().sum(), 3 * x(t, 0) + 2 * x(t, 1), 1e-4);
  }
}

TEST(RunImages, AreTheSameForTheSameSeedOnly) {
  EXPECT_EQ(series({}, 4), series({}, 4));
  EXPECT_NE(series({}, 4), series({}, 4, 2));
  EXPECT_NE(series({}, 4), series({}, 4, 1, 1));
}

TEST(Confounds, HaveTheFramewiseDisplacementOfPower) {
  Eigen::MatrixXd motion = Eigen::MatrixXd::Zero(3, 6);
  motion.row(1) << 1, -2, 0, 0, 0.01, 0;
  motion.row(2) << 1, -2, 0.5, 0, 0.01, -0.02;
  const Eigen::VectorXd fd = framewise_displacement(motion);
  EXPECT_TRUE(std::isnan(fd[0]));
  EXPECT_NEAR(fd[1], 3.5, 1e-12);
  EXPECT_NEAR(fd[2], 1.5, 1e-12);
}

TEST(Confounds, AreMeansOfTheTissuesAndTheirExpansions) {
  ConfoundCollector collector(tiny());
  const Eigen::Index n = 80;
  const Eigen::MatrixXd motion = simulate_motion({}, n, CounterRandom(1, 1));
  for (Eigen::Index t = 0; t < n; ++t) {
    Eigen::VectorXd volume(tiny().brain.n_voxels());
    for (Eigen::Index v = 0; v < volume.size(); ++v)
      volume[v] = double(t) * (tiny().tissue[size_t(v)] == Tissue::csf ? 3 : 2);
    collector.add(volume);
  }
  const NamedColumns columns = collector.finish(motion, 2);
  const auto column = [&](const std::string& name) {
    const auto found = std::find(columns.names.begin(), columns.names.end(), name);
    EXPECT_NE(found, columns.names.end()) << name;
    return Eigen::VectorXd(columns.values.col(found - columns.names.begin()));
  };
  EXPECT_NEAR(column("csf")[5], 15, 1e-10);
  EXPECT_NEAR(column("white_matter")[5], 10, 1e-10);
  EXPECT_NEAR(column("csf_derivative1_power2")[5], 9, 1e-10);
  EXPECT_TRUE(std::isnan(column("csf_derivative1")[0]));
  EXPECT_TRUE(std::isnan(column("dvars")[0]));
  EXPECT_GT(column("dvars")[1], 2);
  EXPECT_EQ(column("rot_z"), motion.col(5));
  EXPECT_EQ(column("trans_x_power2")[7], motion(7, 0) * motion(7, 0));
  EXPECT_EQ(column("cosine01").size(), n);  // floor(2 * 80 * 2 / 128) = 2 of them
  EXPECT_EQ(columns.names.back(), "cosine01");
}

TEST(Motion, WalksAndJerksAsOftenAsSet) {
  NoiseSettings noise;
  noise.motion_spike_probability = 0.05;
  const Eigen::VectorXd fd =
      framewise_displacement(simulate_motion(noise, 5000, CounterRandom(2, 2)));
  int large = 0;
  for (Eigen::Index t = 1; t < fd.size(); ++t) large += fd[t] > 0.5;
  // Each jerk is a move away and back, unless two are adjacent.
  EXPECT_NEAR(large, 500, 80);
}

}  // namespace
}  // namespace sociometer
