// Censored scans do not affect the fit at all, and autoregressive noise keeps the
// true time lag across the gap.
#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "tests/support/dense_gls.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kScans = 60;

Eigen::MatrixXd example_design(bool with_constant) {
  Eigen::MatrixXd x(kScans, 4);
  const CounterRandom random(3, 1);
  for (Eigen::Index t = 0; t < kScans; ++t)
    x.row(t) << std::sin(double(t) / 5), random.normal(uint64_t(t)), double(t) / kScans,
        with_constant ? 1.0 : std::cos(double(t));
  return x;
}

Eigen::MatrixXd example_series(Eigen::Index n_voxels) {
  Eigen::MatrixXd y(kScans, n_voxels);
  const CounterRandom random(4, 2);
  for (Eigen::Index v = 0; v < n_voxels; ++v) {
    double noise = 0;
    for (Eigen::Index t = 0; t < kScans; ++t) {
      noise = 0.5 * noise + random.normal(uint64_t(v * 1000 + t));
      y(t, v) = 800 + 3 * std::sin(double(t) / 5) + noise;
    }
  }
  return y;
}

std::vector<uint8_t> censored(std::initializer_list<size_t> scans) {
  std::vector<uint8_t> kept(kScans, 1);
  for (size_t scan : scans) kept[scan] = 0;
  return kept;
}

/// Fits with the streaming solver and, with its AR coefficients, densely over the kept scans only.
void expect_dense_twin(const Eigen::MatrixXd& x, Eigen::MatrixXd y,
                       const std::vector<uint8_t>& kept, int order) {
  std::vector<Eigen::Index> scans;
  for (Eigen::Index t = 0; t < kScans; ++t)
    if (kept[size_t(t)]) scans.push_back(t);
  const Eigen::MatrixXd clean = y;
  for (Eigen::Index t = 0; t < kScans; ++t)
    if (!kept[size_t(t)])
      y.row(t).setConstant(t % 2 ? 1e6 : NAN);  // the content of a censored scan must not matter
  Eigen::MatrixXd row = Eigen::MatrixXd::Zero(1, x.cols());
  row(0, 0) = 1;
  row(0, 1) = -0.5;
  const NoiseModel model = order == 0 ? NoiseModel{} : NoiseModel{NoiseModel::Kind::ar, order};
  const auto fit = testing::fit_series(x, y, model, {row}, Scaling::none, kept);
  EXPECT_EQ(fit.estimates.dof, double(scans.size()) - double(x.cols()));
  for (Eigen::Index v = 0; v < y.cols(); ++v) {
    ASSERT_EQ(fit.estimates.status[size_t(v)], VoxelStatus::ok);
    const Eigen::MatrixXd cov =
        order == 0
            ? Eigen::MatrixXd::Identity(Eigen::Index(scans.size()), Eigen::Index(scans.size()))
            : testing::ar_covariance(fit.estimates.noise.col(v), scans);
    const auto twin = testing::dense_gls(x(scans, Eigen::all), clean(scans, v), cov);
    EXPECT_TRUE(testing::close_relative(fit.estimates.betas.col(v), twin.beta, 1e-8,
                                        twin.beta.cwiseAbs().maxCoeff()));
    EXPECT_TRUE(
        testing::close_number(fit.estimates.residual_variance[v], twin.residual_variance, 1e-8));
    EXPECT_TRUE(testing::close_number(fit.values[0].unit_covariance(0, v),
                                      (row * twin.unit_covariance * row.transpose())(0, 0), 1e-8));
  }
}

TEST(Censoring, EqualsDenseLeastSquaresOfTheKeptScans) {
  const auto kept = censored({0, 1, 7, 8, 9, 30, 59});
  for (bool with_constant : {true, false})
    for (int order = 0; order <= 5; ++order) {
      SCOPED_TRACE(std::string("order ") + std::to_string(order) +
                   (with_constant ? " with" : " without") + " constant");
      expect_dense_twin(example_design(with_constant), example_series(3), kept, order);
    }
}

TEST(Censoring, OfNoScanEqualsTheDenseFit) {
  for (bool with_constant : {true, false})
    for (int order = 0; order <= 5; ++order)
      expect_dense_twin(example_design(with_constant), example_series(2), censored({}), order);
}

TEST(Censoring, LeavesRSquaredToTheKeptScans) {
  const auto kept = censored({0, 5, 6, 33});
  std::vector<Eigen::Index> scans;
  for (Eigen::Index t = 0; t < kScans; ++t)
    if (kept[size_t(t)]) scans.push_back(t);
  const Eigen::MatrixXd x = example_design(true), y = example_series(2);
  for (int order : {0, 1, 3}) {
    const NoiseModel model = order == 0 ? NoiseModel{} : NoiseModel{NoiseModel::Kind::ar, order};
    const auto fit = testing::fit_series(x, y, model, {}, Scaling::none, kept);
    for (Eigen::Index v = 0; v < 2; ++v) {
      const Eigen::Index n = Eigen::Index(scans.size());
      const Eigen::MatrixXd cov = order == 0
                                      ? Eigen::MatrixXd::Identity(n, n)
                                      : testing::ar_covariance(fit.estimates.noise.col(v), scans);
      const auto full = testing::dense_gls(x(scans, Eigen::all), y(scans, v), cov);
      const auto mean = testing::dense_gls(Eigen::MatrixXd::Ones(n, 1), y(scans, v), cov);
      const double expected = 1 - full.residual_variance * double(n - x.cols()) /
                                      (mean.residual_variance * double(n - 1));
      EXPECT_TRUE(testing::close_number(fit.estimates.r_squared[v], expected, 1e-9))
          << "order " << order;
    }
  }
}

TEST(Censoring, ThatLeavesNoNeighboursIsRefusedForAutoregressiveNoise) {
  std::vector<uint8_t> kept(kScans, 1);
  for (size_t t = 1; t < kept.size(); t += 2) kept[t] = 0;
  EXPECT_THROW(testing::fit_series(example_design(true), example_series(1),
                                   parse_noise_model("ar1"), {}, Scaling::none, kept),
               Error);
  EXPECT_NO_THROW(testing::fit_series(example_design(true), example_series(1),
                                      parse_noise_model("ols"), {}, Scaling::none, kept));
}

TEST(Censoring, EstimatesAutocorrelationFromPairsOfKeptScans) {
  const auto kept = censored({10, 11, 40});
  const Eigen::MatrixXd x = Eigen::MatrixXd::Ones(kScans, 1), y = example_series(1);
  const auto fit = testing::fit_series(x, y, {NoiseModel::Kind::ar, 1}, {}, Scaling::none, kept);
  double mean = 0, n = 0;
  for (Eigen::Index t = 0; t < kScans; ++t)
    if (kept[size_t(t)]) mean += y(t, 0), n += 1;
  mean /= n;
  double c0 = 0, c1 = 0, pairs = 0;
  for (Eigen::Index t = 0; t < kScans; ++t) {
    if (!kept[size_t(t)]) continue;
    c0 += std::pow(y(t, 0) - mean, 2);
    if (t > 0 && kept[size_t(t - 1)]) c1 += (y(t, 0) - mean) * (y(t - 1, 0) - mean), pairs += 1;
  }
  EXPECT_TRUE(testing::close_number(fit.estimates.noise(0, 0), (c1 / pairs) / (c0 / n), 1e-10));
}

}  // namespace
}  // namespace sociometer
