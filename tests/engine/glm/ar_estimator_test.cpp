#include "engine/glm/ar_estimator.hpp"

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "tests/support/dense_gls.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kScans = 90;

/// A constant, slow cosines and noise: a design that removes low frequencies from the residuals.
Eigen::MatrixXd design() {
  Eigen::MatrixXd x(kScans, 12);
  const CounterRandom random(3, 1);
  for (Eigen::Index t = 0; t < kScans; ++t)
    for (Eigen::Index c = 0; c < x.cols(); ++c)
      x(t, c) = c < 8 ? std::cos(M_PI * double(c) * (double(t) + 0.5) / kScans)
                      : random.normal(uint64_t(t * 12 + c));
  return x;
}

std::vector<uint8_t> some_censored() {
  std::vector<uint8_t> kept(size_t(kScans), 1);
  for (int t : {4, 5, 6, 30, 71}) kept[size_t(t)] = 0;
  return kept;
}

NoiseModel model(int order, bool corrects) {
  return {.kind = NoiseModel::Kind::ar, .order = order, .corrects_bias = corrects};
}

/// E[e_t e_{t+k}] summed over pairs, from dense matrices.
Autocovariances dense_expectation(const RunDesign& run, const Eigen::VectorXd& phi) {
  std::vector<Eigen::Index> scans;
  for (Eigen::Index t = 0; t < kScans; ++t)
    if (run.kept[size_t(t)]) scans.push_back(t);
  const Eigen::MatrixXd v = testing::ar_covariance(phi, scans);
  const Eigen::MatrixXd z = run.space.basis();
  const Eigen::MatrixXd r = Eigen::MatrixXd::Identity(z.rows(), z.rows()) - z * z.transpose();
  const Eigen::MatrixXd residual = r * v * r / v(0, 0);
  Autocovariances out = Autocovariances::Zero(run.order + 1);
  for (size_t i = 0; i < scans.size(); ++i)
    for (size_t j = i; j < scans.size(); ++j)
      if (const auto lag = scans[j] - scans[i]; lag <= run.order)
        out[lag] += residual(Eigen::Index(i), Eigen::Index(j)) / run.n_pairs[size_t(lag)];
  return out;
}

TEST(ResidualMoments, EqualDenseExpectations) {
  for (const auto& kept : {std::vector<uint8_t>(size_t(kScans), 1), some_censored()})
    for (const Eigen::VectorXd& phi : {Eigen::VectorXd(Eigen::VectorXd::Constant(1, 0.7)),
                                       Eigen::VectorXd(Eigen::Vector3d(0.5, -0.3, 0.2)),
                                       Eigen::VectorXd(Eigen::VectorXd::Constant(1, -0.4))}) {
      const RunDesign run(design(), kept, int(phi.size()));
      const Autocovariances ours = ResidualMoments(run).expected(phi);
      EXPECT_TRUE(testing::close_relative(Eigen::MatrixXd(ours),
                                          Eigen::MatrixXd(dense_expectation(run, phi)), 1e-7, 1));
    }
}

TEST(ArEstimator, FindsTheProcessWhoseResidualsLookSo) {
  for (const auto& kept : {std::vector<uint8_t>(size_t(kScans), 1), some_censored()})
    for (const Eigen::VectorXd& phi : {Eigen::VectorXd(Eigen::VectorXd::Constant(1, 0.6)),
                                       Eigen::VectorXd(Eigen::Vector2d(0.5, 0.2)),
                                       Eigen::VectorXd(Eigen::Vector3d(0.5, -0.3, 0.2))}) {
      const RunDesign run(design(), kept, int(phi.size()));
      const Autocovariances seen = 7.5 * dense_expectation(run, phi);
      const ArCoefficients found = ArEstimator(run, model(int(phi.size()), true))(seen);
      EXPECT_TRUE(testing::close_relative(Eigen::MatrixXd(found), Eigen::MatrixXd(phi), 1e-5, 1));
      const ArCoefficients plain = ArEstimator(run, model(int(phi.size()), false))(seen);
      EXPECT_GT((plain - phi).norm(), 0.02) << "there is a bias to correct";
    }
}

TEST(ArEstimator, IsUnbiasedOverManyVoxels) {
  constexpr Eigen::Index kVoxels = 3000;
  constexpr double kPhi = 0.5;
  const CounterRandom random(11, 4);
  Eigen::MatrixXd y(kScans, kVoxels);
  for (Eigen::Index v = 0; v < kVoxels; ++v)
    for (Eigen::Index t = 0; t < kScans; ++t) {
      const double e = random.normal(uint64_t(v * kScans + t));
      y(t, v) = t == 0 ? e / std::sqrt(1 - kPhi * kPhi) : kPhi * y(t - 1, v) + e;
    }
  const double corrected =
      testing::fit_series(design(), y, model(1, true)).estimates.noise.row(0).mean();
  const double plain =
      testing::fit_series(design(), y, model(1, false)).estimates.noise.row(0).mean();
  EXPECT_NEAR(corrected, kPhi, 0.02);  // a ratio of two moments remains slightly biased
  EXPECT_LT(plain, kPhi - 0.08);
}

TEST(ArEstimator, ChoosesAnOrderThatFits) {
  const RunDesign run(design(), std::vector<uint8_t>(size_t(kScans), 1), kMaxArOrder);
  NoiseModel chooses = parse_noise_model("auto");
  Eigen::VectorXd white = Eigen::VectorXd::Zero(kMaxArOrder), second = white;
  second[0] = 0.4;
  second[1] = 0.4;
  EXPECT_EQ(ArEstimator(run, chooses)(dense_expectation(run, white)).cwiseAbs().maxCoeff(), 0);
  const ArCoefficients found = ArEstimator(run, chooses)(dense_expectation(run, second));
  EXPECT_NEAR(found[0], 0.4, 1e-4);
  EXPECT_NEAR(found[1], 0.4, 1e-4);
  EXPECT_EQ(found.tail(3).cwiseAbs().maxCoeff(), 0);
}

TEST(ArEstimator, StaysStationaryWhateverItSees) {
  const RunDesign run(design(), std::vector<uint8_t>(size_t(kScans), 1), 3);
  for (const auto& seen : {Eigen::Vector4d(1, 1, 1, 1), Eigen::Vector4d(1, -1, 1, -1),
                           Eigen::Vector4d(1, 0.9, -0.9, 0.9), Eigen::Vector4d(1, 1.2, 1.3, 1.1)})
    EXPECT_TRUE(is_stationary(ArEstimator(run, model(3, true))(Autocovariances(seen))));
  EXPECT_TRUE(ArEstimator(run, model(3, true))(Autocovariances::Zero(4)).hasNaN());
}

}  // namespace
}  // namespace sociometer
