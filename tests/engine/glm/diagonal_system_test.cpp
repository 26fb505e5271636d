// AR(1) normal equations by 2 x 2 systems, compared with the Cholesky factorisation for any order.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/core/series_source.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/tile_solver.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using kernels::kTileWidth;
constexpr Eigen::Index kRunScans = 80;

struct Case {
  const char* kernels;
  const char* model;
  bool with_constant;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.kernels << " " << c.model; }
};

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  std::string name = std::string(info.param.kernels) + "_" + info.param.model +
                     (info.param.with_constant ? "" : "_no_constant");
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class DiagonalSystem : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    set_ = kernels::find_kernels(GetParam().kernels);
    if (!set_) GTEST_SKIP() << "this processor does not run " << GetParam().kernels;
  }
  const kernels::KernelSet* set_ = nullptr;
};

/// A slow design: trends, since white columns would hardly depend on the ends of the series.
Eigen::MatrixXd make_design(Eigen::Index n_scans, bool with_constant) {
  const CounterRandom random(4, 1);
  Eigen::MatrixXd x(n_scans, with_constant ? 7 : 6);
  for (Eigen::Index t = 0; t < n_scans; ++t) {
    const double at = double(t) / double(n_scans);
    x.row(t).head(6) << at - 0.4, at * at, std::cos(9 * at), random.normal(uint64_t(t)),
        double(t % 20 < 10), random.normal(uint64_t(n_scans + t));
    if (with_constant) x(t, 6) = 1;
  }
  return x;
}

struct Solution {
  std::vector<double> coordinates, covariance, weights;
  Eigen::ArrayXd residual = Eigen::ArrayXd::Zero(kTileWidth), total = residual;
};

Solution solve(const kernels::KernelSet& set, const kernels::NormalSystem& system,
               const LagSums& sums, const Eigen::ArrayXXd& coefficients, bool with_series) {
  const auto& rows = sums.rows();
  Solution s;
  s.coordinates.resize(size_t(system.n * kTileWidth));
  s.covariance.resize(size_t(system.n_pairs * kTileWidth));
  s.weights.resize(size_t(system.n_contrasts * system.n * kTileWidth));
  std::vector<double> work(
      size_t(kernels::solver_work_size(system.n, system.n_working, system.n_contrasts)));
  set.solve_tile(system,
                 {int(rows.lags_at), int(rows.head_at), int(rows.recent_at), int(rows.shift_at)},
                 with_series ? sums.tile(0) : nullptr, coefficients.data(), work.data(),
                 {s.coordinates.data(), s.residual.data(), s.total.data(), s.covariance.data(),
                  s.weights.data()});
  return s;
}

Eigen::Map<const Eigen::VectorXd> vector_of(const std::vector<double>& v) {
  return {v.data(), Eigen::Index(v.size())};
}

/// Coefficients of AR(1) processes from -.99 to .99, one per lane: 1 + rho^2 on the diagonal; the
/// corner coefficient subtracts the squares at both ends.
Eigen::ArrayXXd coefficients_of_lanes() {
  Eigen::ArrayXXd c(kTileWidth, 3);
  for (Eigen::Index lane = 0; lane < kTileWidth; ++lane) {
    const double rho = 0.99 * (2.0 * double(lane) / (kTileWidth - 1) - 1);
    c.row(lane) << 1 + rho * rho, -rho, -rho * rho;
  }
  return c;
}

TEST_P(DiagonalSystem, EqualsTheFactorisation) {
  const RunDesign run(make_design(kRunScans, GetParam().with_constant),
                      std::vector<uint8_t>(kRunScans, 1), 1);
  const CounterRandom random(7, 2);
  Eigen::MatrixXd y(kRunScans, kTileWidth);
  for (Eigen::Index v = 0; v < kTileWidth; ++v) {
    double state = 0;
    for (Eigen::Index t = 0; t < kRunScans; ++t) {
      state = 0.7 * state + random.normal(uint64_t(v * kRunScans + t));
      y(t, v) = 100 + state;
    }
  }
  SeriesSource source(y);
  const Mask mask = source.all_voxels();
  const LagSums sums = sum_run(source, run, mask, *set_, {});
  std::vector<Eigen::MatrixXd> contrasts(2);
  contrasts[0] =
      Eigen::RowVectorXd::Unit(run.design.cols(), 4) * run.space.betas_from_coordinates();
  contrasts[1] =
      Eigen::MatrixXd::Identity(3, run.design.cols()) * run.space.betas_from_coordinates();
  const GlsSystem system(run, parse_noise_model(GetParam().model), contrasts);
  ASSERT_NE(system.kernel().diagonal, nullptr);
  kernels::NormalSystem factored = system.kernel();
  factored.diagonal = nullptr;

  const Eigen::ArrayXXd coefficients = coefficients_of_lanes();
  for (const bool with_series : {true, false}) {
    const Solution fast = solve(*set_, system.kernel(), sums, coefficients, with_series),
                   slow = solve(*set_, factored, sums, coefficients, with_series);
    // Explaining the constant with an autocorrelation of .99 costs three digits.
    EXPECT_TRUE(
        testing::close_relative(vector_of(fast.covariance), vector_of(slow.covariance), 1e-10));
    EXPECT_TRUE(testing::close_relative(vector_of(fast.weights), vector_of(slow.weights), 1e-9, 1));
    if (!with_series) continue;
    EXPECT_TRUE(testing::close_relative(vector_of(fast.coordinates), vector_of(slow.coordinates),
                                        1e-10, 1));
    EXPECT_TRUE(testing::close_relative(fast.residual.matrix(), slow.residual.matrix(), 1e-10));
    EXPECT_TRUE(testing::close_relative(fast.total.matrix(), slow.total.matrix(), 1e-12));
    EXPECT_GT(slow.residual.minCoeff(), 0);
  }
}

TEST_P(DiagonalSystem, IsNaNWhereTheMatrixIsNotPositiveDefinite) {
  const RunDesign run(make_design(kRunScans, GetParam().with_constant),
                      std::vector<uint8_t>(kRunScans, 1), 1);
  SeriesSource source(Eigen::MatrixXd::Random(kRunScans, kTileWidth));
  const Mask mask = source.all_voxels();
  const LagSums sums = sum_run(source, run, mask, *set_, {});
  const std::vector<Eigen::MatrixXd> contrasts{Eigen::RowVectorXd::Unit(run.rank(), 0)};
  const GlsSystem system(run, parse_noise_model(GetParam().model), contrasts);
  Eigen::ArrayXXd coefficients = coefficients_of_lanes();
  coefficients.row(3) << 0.1, 1, 0;   // a negative entry of the diagonal
  coefficients.row(20) << 1, 0, -50;  // subtracts an end that is not there
  coefficients.row(40) << 0, 0, 0;
  const Solution s = solve(*set_, system.kernel(), sums, coefficients, true);
  for (Eigen::Index lane = 0; lane < kTileWidth; ++lane) {
    const bool bad = lane == 3 || lane == 20 || lane == 40;
    EXPECT_EQ(std::isnan(s.residual[lane]), bad) << lane;
    EXPECT_EQ(std::isnan(s.covariance[size_t(lane)]), bad) << lane;
    EXPECT_EQ(std::isnan(s.coordinates[size_t(lane)]), bad) << lane;
  }
}

INSTANTIATE_TEST_SUITE_P(, DiagonalSystem, ::testing::ValuesIn([] {
                           std::vector<Case> cases;
                           for (const char* kernels : {"sse2", "avx2", "avx512"})
                             for (const char* model : {"ar1", "ar1-nilearn"})
                               for (const bool with_constant : {true, false})
                                 cases.push_back({kernels, model, with_constant});
                           return cases;
                         }()),
                         name_of);

}  // namespace
}  // namespace sociometer
