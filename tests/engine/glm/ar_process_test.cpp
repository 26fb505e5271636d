#include "engine/glm/ar_process.hpp"

#include <gtest/gtest.h>

#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

/// Covariance of n scans of a stationary AR process with unit innovations, from its impulse
/// response.
Eigen::MatrixXd covariance(const ArCoefficients& phi, Eigen::Index n) {
  constexpr Eigen::Index kLong = 4000;
  Eigen::VectorXd psi = Eigen::VectorXd::Zero(kLong);
  psi[0] = 1;
  for (Eigen::Index t = 1; t < kLong; ++t)
    for (Eigen::Index k = 1; k <= std::min<Eigen::Index>(t, phi.size()); ++k)
      psi[t] += phi[k - 1] * psi[t - k];
  Eigen::MatrixXd v(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j) {
      const Eigen::Index lag = std::abs(i - j);
      v(i, j) = psi.head(kLong - lag).dot(psi.tail(kLong - lag));
    }
  return v;
}

Eigen::MatrixXd dense(const ArPrecision& p, Eigen::Index n) {
  Eigen::MatrixXd m = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j)
      if (std::abs(i - j) <= p.order) m(i, j) = p.w[size_t(std::abs(i - j))];
  for (int i = 0; i < p.order; ++i)
    for (int j = 0; j < p.order; ++j) {
      m(i, j) -= p.corner[size_t(i)][size_t(j)];
      m(n - 1 - i, n - 1 - j) -= p.corner[size_t(i)][size_t(j)];
    }
  return m;
}

std::vector<ArCoefficients> processes() {
  std::vector<ArCoefficients> all;
  for (const std::vector<double>& phi :
       std::vector<std::vector<double>>{{0.4},
                                        {-0.7},
                                        {0.5, 0.2},
                                        {1.2, -0.5},
                                        {0.3, 0.2, 0.1},
                                        {0.5, -0.3, 0.2, -0.1},
                                        {0.2, 0.1, 0.1, 0.05, 0.2}})
    all.emplace_back(Eigen::Map<const Eigen::VectorXd>(phi.data(), Eigen::Index(phi.size())));
  return all;
}

TEST(ArPrecision, IsTheInverseCovariance) {
  for (const auto& phi : processes()) {
    ASSERT_TRUE(is_stationary(phi));
    const Eigen::MatrixXd product = dense(ar_precision(phi), 12) * covariance(phi, 12);
    EXPECT_TRUE(testing::close_relative(product, Eigen::MatrixXd::Identity(12, 12), 1e-10, 1))
        << phi.transpose();
  }
}

TEST(ArPrecision, HoldsWhereBothCornersOverlap) {
  for (const auto& phi : processes()) {
    const Eigen::Index n = std::max<Eigen::Index>(phi.size(), 2);
    const Eigen::MatrixXd product = dense(ar_precision(phi), n) * covariance(phi, n);
    EXPECT_TRUE(testing::close_relative(product, Eigen::MatrixXd::Identity(n, n), 1e-10, 1))
        << phi.transpose();
  }
}

TEST(YuleWalker, RecoversTheProcessFromItsCovariance) {
  for (const auto& phi : processes()) {
    const Eigen::VectorXd r = covariance(phi, phi.size() + 1).row(0).transpose();
    EXPECT_TRUE(testing::close_relative(yule_walker(r), phi, 1e-9, 1));
  }
}

TEST(Stationarity, IsDeniedBeyondTheUnitCircle) {
  const auto phi = [](std::initializer_list<double> v) {
    return ArCoefficients(Eigen::Map<const Eigen::VectorXd>(v.begin(), Eigen::Index(v.size())));
  };
  EXPECT_FALSE(is_stationary(phi({1.0})));
  EXPECT_FALSE(is_stationary(phi({-1.2})));
  EXPECT_FALSE(is_stationary(phi({0.7, 0.4})));
  EXPECT_FALSE(is_stationary(phi({0.1, -1.0})));
  EXPECT_TRUE(is_stationary(phi({1.9, -0.95})));
}

}  // namespace
}  // namespace sociometer
