// The continuous REML optimum compared with a slow reference: dense matrices, an exhaustive grid,
// then ever smaller steps.
#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/glm/arma_fit.hpp"
#include "engine/glm/voxel_limits.hpp"
#include "tests/support/dense_gls.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

constexpr Eigen::Index kScans = 100;

Eigen::MatrixXd design() {
  Eigen::MatrixXd x(kScans, 6);
  const CounterRandom random(5, 1);
  for (Eigen::Index t = 0; t < kScans; ++t)
    x.row(t) << 1, std::cos(M_PI * (double(t) + 0.5) / kScans),
        std::cos(2 * M_PI * (double(t) + 0.5) / kScans), double((t / 10) % 2),
        random.normal(uint64_t(2 * t)), random.normal(uint64_t(2 * t + 1));
  return x;
}

/// ARMA(1,1) series with the given parameters, after a long burn-in.
Eigen::VectorXd arma_series(const ArmaParameters& p, uint64_t stream) {
  const CounterRandom random(17, stream);
  Eigen::VectorXd y(kScans);
  double value = 0, last = 0;
  for (Eigen::Index t = -400; t < kScans; ++t) {
    const double e = random.normal(uint64_t(t + 400));
    value = p.a * value + e + p.b * last;
    last = e;
    if (t >= 0) y[t] = 50 + value;
  }
  return y;
}

std::vector<uint8_t> kept_scans(bool censored) {
  std::vector<uint8_t> kept(size_t(kScans), 1);
  if (censored)
    for (int t : {0, 12, 13, 50, 99}) kept[size_t(t)] = 0;
  return kept;
}

struct Twin {
  Eigen::MatrixXd x;
  Eigen::VectorXd y;
  std::vector<Eigen::Index> scans;
  Twin(const Eigen::VectorXd& all, const std::vector<uint8_t>& kept) {
    for (Eigen::Index t = 0; t < kScans; ++t)
      if (kept[size_t(t)]) scans.push_back(t);
    x = design()(scans, Eigen::all);
    y = all(scans);
  }
  Eigen::MatrixXd correlation(const ArmaParameters& p) const {
    const auto n = Eigen::Index(scans.size());
    Eigen::MatrixXd r(n, n);
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < n; ++j) {
        const auto d = double(std::abs(scans[size_t(i)] - scans[size_t(j)]));
        r(i, j) = d == 0 ? 1 : p.lambda() * std::pow(p.a, d - 1);
      }
    return r;
  }
  double likelihood(const ArmaParameters& p) const {
    const Eigen::LLT<Eigen::MatrixXd> factor(correlation(p));
    if (factor.info() != Eigen::Success) return INFINITY;
    const Eigen::MatrixXd wx = factor.matrixL().solve(x);
    const Eigen::VectorXd wy = factor.matrixL().solve(y);
    const Eigen::LLT<Eigen::MatrixXd> normal(wx.transpose() * wx);
    const Eigen::VectorXd residual = wy - wx * normal.solve(wx.transpose() * wy);
    return double(x.rows() - x.cols()) * std::log(residual.squaredNorm()) +
           2 * normal.matrixLLT().diagonal().array().log().sum() +
           2 * factor.matrixLLT().diagonal().array().log().sum();
  }
  /// The minimum of L for lambda >= 0, 0 <= a <= limit.
  ArmaParameters optimum(double limit) const {
    const auto allowed = [&](const ArmaParameters& p) {
      return p.a >= 0 && p.a <= limit && std::abs(p.b) <= limit && p.lambda() >= 0;
    };
    ArmaParameters best;
    double least = likelihood(best);
    const auto consider = [&](const ArmaParameters& p) {
      if (!allowed(p)) return false;
      const double value = likelihood(p);
      if (!(value < least)) return false;
      least = value;
      best = p;
      return true;
    };
    for (double a = 0; a <= limit; a += 0.05)
      for (double b = -limit; b <= limit; b += 0.05) consider({a, b});
    for (double step = 0.03; step > 1e-6; step /= 2)
      for (bool moved = true; moved;) {
        moved = false;
        const ArmaParameters here = best;
        for (int i = -1; i <= 1; ++i)
          for (int j = -1; j <= 1; ++j)
            moved = consider({here.a + i * step, here.b + j * step}) || moved;
      }
    return best;
  }
  double t(const ArmaParameters& p) const {
    const auto gls = testing::dense_gls(x, y, correlation(p));
    return gls.beta[3] / std::sqrt(gls.unit_covariance(3, 3) * gls.residual_variance);
  }
};

class ContinuousArma : public ::testing::TestWithParam<bool> {};

TEST_P(ContinuousArma, IsTheOptimumThatAnExhaustiveSearchFinds) {
  const std::vector<ArmaParameters> truths{{0.3, 0},     {0.7, -0.3}, {0.8, -0.5}, {0.9, -0.4},
                                           {0.85, -0.2}, {0.5, 0.3},  {0.6, 0},    {0, 0}};
  Eigen::MatrixXd series(kScans, Eigen::Index(truths.size()) * 3);
  for (Eigen::Index v = 0; v < series.cols(); ++v)
    series.col(v) = arma_series(truths[size_t(v) % truths.size()], uint64_t(v));
  const auto kept = kept_scans(GetParam());
  NoiseModel model = parse_noise_model("arma11");
  model.arma.max_a = model.arma.max_b = 0.95;
  Eigen::MatrixXd contrast = Eigen::MatrixXd::Zero(1, 6);
  contrast(0, 3) = 1;
  const auto fit = testing::fit_series(design(), series, model, {contrast}, Scaling::none, kept, 2);
  Eigen::ArrayXd likelihood(series.cols()), t_error(series.cols());
  for (Eigen::Index v = 0; v < series.cols(); ++v) {
    const Twin twin(series.col(v), kept);
    const ArmaParameters ours{fit.estimates.noise(0, v), fit.estimates.noise(1, v)};
    const ArmaParameters theirs = twin.optimum(0.95);
    const auto& values = fit.values[0];
    const double t =
        values.effect(0, v) / std::sqrt(values.unit_covariance(0, v) * values.residual_variance[v]);
    EXPECT_TRUE(testing::close_number(t, twin.t(ours), 1e-9, 1)) << v;  // GLS itself is exact
    EXPECT_TRUE(testing::close_number(fit.estimates.noise(2, v), twin.likelihood(ours), 1e-10));
    likelihood[v] = twin.likelihood(ours) - twin.likelihood(theirs);
    t_error[v] = std::abs(t - twin.t(theirs));
  }
  // A different optimum of the surface would be worse by tenths. This remains from the quadratic
  // through neighbouring grid points; series are short, and some optima are near the largest a.
  EXPECT_LT(likelihood.maxCoeff(), 0.2);
  EXPECT_LT(likelihood.mean(), 0.01);
  EXPECT_LT(t_error.maxCoeff(), 0.15);
  EXPECT_LT(t_error.mean(), 0.02);
}

INSTANTIATE_TEST_SUITE_P(Scans, ContinuousArma, ::testing::Values(false, true),
                         [](const auto& tested) { return tested.param ? "censored" : "all"; });

/// Compares a search with the whole grid: number of voxels whose L differ by more than .5.
int far_from_the_best(bool negative) {
  constexpr Eigen::Index kRows = 300, kVoxels = 512, kRank = 4;
  const CounterRandom random(5, 2);
  Eigen::MatrixXd x(kRows, kRank);
  for (Eigen::Index t = 0; t < kRows; ++t)
    for (Eigen::Index j = 0; j < kRank; ++j)
      x(t, j) = std::cos(M_PI * double(j) * (double(t) + 0.5) / kRows);
  const Eigen::MatrixXd q = Eigen::HouseholderQR<Eigen::MatrixXd>(x).householderQ() *
                            Eigen::MatrixXd::Identity(kRows, kRank);
  // AR(1) with white noise: short correlations, whose likelihood is flat.
  Eigen::MatrixXd y(kRows, kVoxels);
  for (Eigen::Index v = 0; v < kVoxels; ++v) {
    const double a = -0.6 + 1.2 * double(v % 10) / 10, white = 0.7 * double(v / 10 % 4);
    double state = 0;
    for (Eigen::Index t = 0; t < kRows; ++t) {
      const auto at = uint64_t(2 * (v * kRows + t));
      state = a * state + random.normal(at);
      y(t, v) = state + white * random.normal(at + 1);
    }
  }
  y -= (q * (q.transpose() * y)).eval();
  PseudoTimes times;
  for (int64_t t = 0; t < kRows; ++t) times.push_back(t);
  const ArmaDesign design(q, times, 0);
  ArmaOptions options;
  options.negative = negative;
  const auto& kernels = kernels::best_kernels();
  const auto found = ArmaSearch(design, options, kernels)(y.data(), kVoxels, 2);

  const ArmaGrid grid(options);
  Eigen::VectorXd least = Eigen::VectorXd::Constant(kVoxels, INFINITY);
  for (int i = 0; i < grid.n_points(); ++i) {
    const ArmaPoint point(design, options, grid.parameters(grid.ia(i), grid.jb(i)), &kernels);
    if (!point.valid) continue;
    for (Eigen::Index first = 0; first < kVoxels; first += kWidth) {
      Eigen::Matrix<double, Eigen::Dynamic, kWidth, Eigen::RowMajor> series(kRows, kWidth),
          whitened(kRows, kWidth), products(kRank + 1, kWidth);
      series = y.middleCols(first, kWidth);
      alignas(64) double squares[kWidth];
      point.apply(kernels, int(kWidth), series.data(), whitened.data(), products.data(), squares);
      for (Eigen::Index lane = 0; lane < kWidth; ++lane)
        least[first + lane] = std::min(
            least[first + lane], point.minus_two_log_likelihood(
                                     squares[lane], products.col(lane).head(kRank).squaredNorm()));
    }
  }
  int far = 0;
  for (Eigen::Index v = 0; v < kVoxels; ++v) far += found[size_t(v)].best > least[v] + 0.5;
  return far;
}

TEST(ContinuousArma, EndsWhereTheWholeGridHasItsBestPoint) {
  EXPECT_LE(far_from_the_best(false), 1);
  // Each quadrant of a and lambda may have an optimum of its own.
  // EXPECT_LE(far_from_the_best(true), 3);
}

}  // namespace
}  // namespace sociometer
