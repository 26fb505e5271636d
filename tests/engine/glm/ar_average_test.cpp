// The posterior of AR processes compared with exact likelihoods, and the resulting estimates with
// dense generalised least squares.
#include "engine/glm/ar_average.hpp"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/design/drift.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index kScans = 150;

/// Blocks, a slow confound, a fast one, drift and the constant.
MatrixXd make_design() {
  const CounterRandom random(3, 1);
  const MatrixXd drift = cosine_drift(kScans, 2.0, 1.0 / 100);
  MatrixXd x(kScans, 5 + drift.cols());
  for (Index t = 0; t < kScans; ++t) {
    x.row(t).head(4) << double(t / 12 % 2), double(t / 5 % 3 == 0), std::sin(double(t) / 25),
        random.normal(uint64_t(t));
    x(t, x.cols() - 1) = 1;
  }
  x.middleCols(4, drift.cols()) = drift;
  return x;
}

/// AR(1) of increasing strength plus white noise, one column per voxel.
MatrixXd make_series(Index n_voxels) {
  MatrixXd y(kScans, n_voxels);
  for (Index v = 0; v < n_voxels; ++v) {
    const CounterRandom random(4, uint64_t(v));
    const double rho = 0.9 * double(v) / double(n_voxels);
    double slow = random.normal(0);
    for (Index t = 0; t < kScans; ++t) {
      slow = rho * slow + std::sqrt(1 - rho * rho) * random.normal(uint64_t(2 * t + 1));
      y(t, v) = 100 + slow + 0.7 * random.normal(uint64_t(2 * t + 2));
    }
  }
  return y;
}

/// Columns whitened for a process, the first scans by their own predictions.
/// @param log_det  output: ln|V| for innovations of unit variance.
MatrixXd whitened(const MatrixXd& columns, const ArCoordinates& eta, double* log_det) {
  const Index order = eta.size();
  MatrixXd out(columns.rows(), columns.cols());
  *log_det = 0;
  for (Index t = 0; t < columns.rows(); ++t) {
    const Index k = std::min(t, order);
    const ArCoefficients phi = ar_coefficients(eta.head(k));
    Eigen::RowVectorXd e = columns.row(t);
    for (Index i = 0; i < k; ++i) e -= phi[i] * columns.row(t - 1 - i);
    double variance = 1;  // of the prediction error
    for (Index i = k; i < order; ++i) variance *= std::pow(std::cosh(eta[i]), 2);
    out.row(t) = e / std::sqrt(variance);
    *log_det += std::log(variance);
  }
  return out;
}

/// -2 ln of the posterior density of eta, from the design and the series themselves.
double exact_posterior(const MatrixXd& x, const VectorXd& y, const ArCoordinates& eta) {
  MatrixXd both(x.rows(), x.cols() + 1);
  both << x, y;
  double log_det = 0;
  const MatrixXd w = whitened(both, eta, &log_det);
  const MatrixXd xw = w.leftCols(x.cols());
  const Eigen::LLT<MatrixXd> normal(xw.transpose() * xw);
  const VectorXd beta = normal.solve(xw.transpose() * w.rightCols(1));
  const double squares = (w.rightCols(1) - xw * beta).squaredNorm();
  double value = double(x.rows() - x.cols()) * std::log(squares) + log_det +
                 2 * normal.matrixLLT().diagonal().array().log().sum();
  for (double k : eta)
    value += 4 * std::log(std::cosh(k));  // uniform in the partial autocorrelation
  return value;
}

struct Moments {
  VectorXd mean;
  MatrixXd covariance;
};

/// Weighted moments of points, given -2 ln of their weights.
Moments weighted(const std::vector<VectorXd>& points, const std::vector<double>& values) {
  const double least = *std::min_element(values.begin(), values.end());
  const Index n = points[0].size();
  Moments m{VectorXd::Zero(n), MatrixXd::Zero(n, n)};
  double sum = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    const double w = std::exp(-0.5 * (values[i] - least));
    sum += w;
    m.mean += w * points[i];
    m.covariance += w * points[i] * points[i].transpose();
  }
  m.mean /= sum;
  m.covariance = m.covariance / sum - m.mean * m.mean.transpose();
  return m;
}

Moments exact_moments(const MatrixXd& x, const VectorXd& y, const Moments& about) {
  const Index n = about.mean.size();
  const MatrixXd l = MatrixXd(about.covariance).llt().matrixL();
  std::vector<VectorXd> points;
  std::vector<double> values;
  if (n <= 2) {  // a fine grid out to 8 standard deviations
    const int half = n == 1 ? 400 : 40;
    for (int i = -half; i <= half; ++i)
      for (int j = n == 1 ? 0 : -half; j <= (n == 1 ? 0 : half); ++j) {
        VectorXd z(n);
        z[0] = 8.0 * i / half;
        if (n == 2) z[1] = 8.0 * j / half;
        points.push_back(about.mean + l * z);
        values.push_back(exact_posterior(x, y, points.back()));
      }
  } else {
    const CounterRandom random(5, 5);
    for (int i = 0; i < 6000; ++i) {
      VectorXd z(n);
      for (Index k = 0; k < n; ++k) z[k] = 1.6 * random.normal(uint64_t(i * n + k));
      points.push_back(about.mean + l * z);
      values.push_back(exact_posterior(x, y, points.back()) - z.squaredNorm() / (1.6 * 1.6));
    }
  }
  return weighted(points, values);
}

Moments ours(const VectorXd& noise, int order) {
  Moments m{ar_coordinates(noise.head(order)), MatrixXd(order, order)};
  for (Index i = 0, at = order; i < order; ++i)
    for (Index j = 0; j <= i; ++j, ++at) m.covariance(i, j) = m.covariance(j, i) = noise[at];
  return m;
}

NoiseModel averaged(int order) {
  return parse_noise_model("ar" + std::to_string(order) + "-averaged");
}

class ArAverageOfOrder : public ::testing::TestWithParam<int> {};

// Order 1 is as good as exact. With more coefficients the nodes miss part of the tail toward unit
// roots: means are up to a seventh of a standard deviation too low on average, standard deviations
// an eighth too small.
TEST_P(ArAverageOfOrder, HasTheMomentsOfTheExactPosterior) {
  const int order = GetParam();
  const Index n_voxels = 12;
  const MatrixXd x = make_design(), y = make_series(n_voxels);
  const auto fit = testing::fit_series(x, y, averaged(order));
  double shift = 0, widening = 0;
  for (Index v = 0; v < n_voxels; ++v) {
    const Moments found = ours(fit.estimates.noise.col(v), order);
    const Moments exact = exact_moments(x, y.col(v), found);
    for (int k = 0; k < order; ++k) {
      const double sd = std::sqrt(exact.covariance(k, k));
      EXPECT_NEAR((found.mean[k] - exact.mean[k]) / sd, 0, order == 1 ? 0.15 : 0.6)
          << v << ", " << k;
      EXPECT_NEAR(std::sqrt(found.covariance(k, k)) / sd, 1, order == 1 ? 0.15 : 0.6)
          << v << ", " << k;
      shift += (found.mean[k] - exact.mean[k]) / sd;
      widening += std::log(std::sqrt(found.covariance(k, k)) / sd);
    }
  }
  EXPECT_NEAR(shift / double(n_voxels * order), 0, order == 1 ? 0.05 : 0.17);
  EXPECT_NEAR(widening / double(n_voxels * order), 0, order == 1 ? 0.02 : 0.17);
}

INSTANTIATE_TEST_SUITE_P(Orders, ArAverageOfOrder, ::testing::Values(1, 2, 4));

TEST(ArAverage, WhiteNoiseIsKnownToOneOverN) {
  MatrixXd y(kScans, 64);
  const CounterRandom random(6, 1);
  for (Index i = 0; i < y.size(); ++i) y(i) = random.normal(uint64_t(i));
  const auto fit = testing::fit_series(MatrixXd::Ones(kScans, 1), y, averaged(2));
  const VectorXd mean = fit.estimates.noise.rowwise().mean();
  EXPECT_NEAR(mean[0], 0, 0.03);
  EXPECT_NEAR(mean[1], 0, 0.03);
  EXPECT_NEAR(mean[2] * double(kScans), 1, 0.2);  // variance of eta_1
  EXPECT_NEAR(mean[4] * double(kScans), 1, 0.2);  // of eta_2
  EXPECT_EQ(fit.estimates.dof, double(kScans - 1 - 2));
}

/// C (X'V^-1 X)^-1 C', and b, by whitening the kept scans' design and series, with indicator
/// columns for the others.
struct Dense {
  MatrixXd covariance;
  VectorXd effect;
  double squares;
};
Dense dense_fit(const MatrixXd& x, const VectorXd& y, const MatrixXd& c, const ArCoordinates& eta,
                const std::vector<uint8_t>& kept) {
  std::vector<Index> censored;
  for (size_t t = 0; t < kept.size(); ++t)
    if (!kept[t]) censored.push_back(Index(t));
  MatrixXd both = MatrixXd::Zero(x.rows(), x.cols() + Index(censored.size()) + 1);
  both.leftCols(x.cols()) = x;
  for (size_t i = 0; i < censored.size(); ++i) both(censored[i], x.cols() + Index(i)) = 1;
  both.rightCols(1) = y;
  double log_det = 0;
  const MatrixXd w = whitened(both, eta, &log_det);
  const MatrixXd xw = w.leftCols(w.cols() - 1);
  const MatrixXd inverse = (xw.transpose() * xw).inverse();
  const VectorXd beta = inverse * xw.transpose() * w.rightCols(1);
  return {c * inverse.topLeftCorner(x.cols(), x.cols()) * c.transpose(), c * beta.head(x.cols()),
          (w.rightCols(1) - xw * beta).squaredNorm()};
}

TEST(ArAverage, WidensCovariancesByTheSpreadOfTheNoise) {
  const int order = 3;
  const MatrixXd x = make_design(), y = make_series(6);
  std::vector<uint8_t> kept(size_t(kScans), 1);
  for (int t : {0, 40, 41, 90, 149}) kept[size_t(t)] = 0;
  MatrixXd t_contrast = MatrixXd::Zero(1, x.cols()), f_contrast = MatrixXd::Zero(2, x.cols());
  t_contrast(0, 0) = 1;
  f_contrast(0, 0) = f_contrast(1, 1) = 1;
  MatrixXd mixed = f_contrast;  // the same row space, other rows
  mixed.row(0) += 3 * f_contrast.row(1);
  mixed.row(1) -= 0.5 * f_contrast.row(0);
  const auto fit = testing::fit_series(x, y, averaged(order), {t_contrast, f_contrast, mixed},
                                       Scaling::none, kept);
  for (Index v = 0; v < y.cols(); ++v) {
    const Moments m = ours(fit.estimates.noise.col(v), order);
    const MatrixXd axes = m.covariance.llt().matrixL();
    const auto at = [&](const ArCoordinates& eta, const MatrixXd& c) {
      return dense_fit(x, y.col(v), c, eta, kept);
    };
    const auto widened = [&](const MatrixXd& c) {
      const MatrixXd own = at(m.mean, c).covariance;
      MatrixXd sum = own;
      for (int k = 0; k < order; ++k) {
        // The estimates' covariance changes by -w' D w, with w their weights and D half the
        // difference of the inverse covariance between the two ends of the axis.
        const ArPrecision above = ar_precision(ar_coefficients(m.mean + axes.col(k))),
                          below = ar_precision(ar_coefficients(m.mean - axes.col(k)));
        const auto omega = [&](const ArPrecision& p) {
          MatrixXd w = MatrixXd::Zero(kScans, kScans);
          for (Index i = 0; i < kScans; ++i)
            for (Index j = std::max<Index>(0, i - order); j <= i; ++j)
              w(i, j) = w(j, i) = p.w[size_t(i - j)];
          for (int i = 0; i < order; ++i)
            for (int j = 0; j < order; ++j) {
              w(i, j) -= p.corner[size_t(i)][size_t(j)];
              w(kScans - 1 - i, kScans - 1 - j) -= p.corner[size_t(i)][size_t(j)];
            }
          return w;
        };
        MatrixXd e = MatrixXd::Zero(kScans, x.cols() + 5);
        Index spike = x.cols();
        e.leftCols(x.cols()) = x;
        for (Index t = 0; t < kScans; ++t)
          if (!kept[size_t(t)]) {
            e.row(t).setZero();
            e(t, spike++) = 1;
          }
        const MatrixXd normal = e.transpose() * omega(ar_precision(ar_coefficients(m.mean))) * e;
        const MatrixXd weights = normal.inverse().leftCols(x.cols()) * c.transpose();
        const MatrixXd change =
            -0.5 * (e * weights).transpose() * (omega(above) - omega(below)) * (e * weights);
        sum += 0.5 * change * own.inverse() * change;
      }
      return sum;
    };
    const MatrixXd t_expected = widened(t_contrast), f_expected = widened(f_contrast);
    EXPECT_NEAR(fit.values[0].unit_covariance(0, v) / t_expected(0, 0), 1, 1e-7);
    EXPECT_GT(t_expected(0, 0), 1.001 * at(m.mean, t_contrast).covariance(0, 0));
    for (Index p = 0; p < 3; ++p) {
      const Index i = p == 0 ? 0 : 1, j = p == 2 ? 1 : 0;
      EXPECT_NEAR(fit.values[1].unit_covariance(p, v), f_expected(i, j),
                  1e-7 * f_expected.cwiseAbs().maxCoeff());
    }
    EXPECT_NEAR(fit.values[0].effect(0, v), at(m.mean, t_contrast).effect[0], 1e-7);
    EXPECT_NEAR(fit.estimates.residual_variance[v],
                at(m.mean, t_contrast).squares / fit.estimates.dof, 1e-7);
    const auto f_of = [&](const ContrastValues& value) {
      Eigen::Matrix2d cov;
      cov << value.unit_covariance(0, v), value.unit_covariance(1, v), value.unit_covariance(1, v),
          value.unit_covariance(2, v);
      return value.effect.col(v).dot(cov.inverse() * value.effect.col(v));
    };
    EXPECT_NEAR(f_of(fit.values[1]) / f_of(fit.values[2]), 1, 1e-7);
  }
}

TEST(ArAverage, StoredParametersGiveTheSameBits) {
  const MatrixXd x = make_design(), y = make_series(70);
  MatrixXd c = MatrixXd::Zero(1, x.cols()), f = MatrixXd::Zero(2, x.cols());
  c(0, 0) = f(0, 0) = f(1, 1) = 1;
  const auto one = testing::fit_series(x, y, averaged(4), {c, f}, Scaling::psc);
  const auto three = testing::fit_series(x, y, averaged(4), {c, f}, Scaling::psc, {}, 3);
  EXPECT_TRUE(testing::same_bits(one.estimates.noise, three.estimates.noise));
  const auto later =
      contrast_values(*one.design, one.estimates,
                      {.noise_model = averaged(4), .contrasts = {c, f}, .n_threads = 2});
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(testing::same_bits(later[i].unit_covariance, one.values[i].unit_covariance));
    EXPECT_TRUE(testing::same_bits(three.values[i].unit_covariance, one.values[i].unit_covariance));
    EXPECT_TRUE(testing::same_bits(later[i].effect, one.values[i].effect));
  }
}

TEST(ArAverage, InstructionSetsAgree) {
  const MatrixXd x = make_design(), y = make_series(20);
  const auto plain = testing::fit_series(x, y, averaged(5), {}, Scaling::none, {}, 1,
                                         *kernels::find_kernels("sse2"));
  int compared = 0;
  for (const char* name : {"avx2", "avx512"}) {
    const kernels::KernelSet* set = kernels::find_kernels(name);
    if (!set) continue;
    const auto fit = testing::fit_series(x, y, averaged(5), {}, Scaling::none, {}, 1, *set);
    EXPECT_TRUE(testing::close_relative(fit.estimates.noise, plain.estimates.noise, 1e-8, 1));
    ++compared;
  }
  if (compared == 0) GTEST_SKIP() << "this processor has SSE2 only";
}

TEST(ArAverage, DoesNotDependOnTheUnitsOfTheSeries) {
  const MatrixXd x = make_design(), y = make_series(8);
  const auto one = testing::fit_series(x, y, averaged(4)),
             other = testing::fit_series(x, 1e6 * y, averaged(4));
  EXPECT_TRUE(testing::close_relative(other.estimates.noise, one.estimates.noise, 1e-9, 1));
}

TEST(ArAverage, VoxelsWithoutResidualsAreNamed) {
  MatrixXd y = make_series(3);
  const MatrixXd x = make_design();
  y.col(0).setConstant(7);
  y.col(1) = 3 * x.col(0) + 100 * x.col(x.cols() - 1);
  const auto fit = testing::fit_series(x, y, averaged(4));
  EXPECT_EQ(fit.estimates.status[0], VoxelStatus::constant);
  EXPECT_EQ(fit.estimates.status[1], VoxelStatus::no_residual);
  EXPECT_EQ(fit.estimates.status[2], VoxelStatus::ok);
  EXPECT_TRUE(fit.estimates.noise.col(2).allFinite());
}

TEST(ArAverage, RefusesARunWithoutScansForItsParameters) {
  const MatrixXd x = make_design().topRows(14), y = make_series(1).topRows(14);
  const Index columns = x.cols();
  ASSERT_LT(columns, 14);
  try {
    testing::fit_series(x, y, averaged(5));
    FAIL() << "fitted " << columns << " columns and 5 parameters to 14 scans";
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("5 noise parameters: no degrees of freedom"),
              std::string::npos)
        << e.what();
  }
}

}  // namespace
}  // namespace sociometer
