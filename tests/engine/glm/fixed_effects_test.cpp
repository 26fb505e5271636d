// Runs weighted by estimated precisions: Meier's variance against integrals, and null studies.
#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "engine/glm/contrast_statistics.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace fixed_effects_test {

using testing::close_number;
using testing::close_relative;

/// Runs of one contrast with q rows, and their degrees of freedom.
struct Combination {
  Combination(Eigen::Index n_rows, ContrastKind kind) : q(n_rows) { contrast.spec.kind = kind; }
  void add(ContrastValues run, double nu) {
    values.push_back(std::move(run));
    dof.push_back(nu);
    contrast.rows.push_back(Eigen::MatrixXd::Identity(q, q));
    contrast.why_not.emplace_back();
  }
  ContrastMaps maps(FixedEffects how, int n_threads = 1) const {
    std::vector<const ContrastValues*> pointers;
    for (const auto& run : values) pointers.push_back(&run);
    return combine_runs(contrast, pointers, dof, how, n_threads);
  }

  Eigen::Index q;
  ResolvedContrast contrast;
  std::vector<ContrastValues> values;
  std::vector<double> dof;
};

Combination golden_runs(Eigen::Index q, ContrastKind kind) {
  const std::string folder = "scipy/fixed_effects/";
  const Eigen::MatrixXd table =
      testing::number_table(testing::golden(folder + "runs_" + std::to_string(q) + ".tsv"));
  const Eigen::Index n_pairs = q * (q + 1) / 2;
  Combination runs(q, kind);
  for (Eigen::Index r = 0; r < table.rows(); ++r) {
    ContrastValues run;
    run.effect = table.row(r).head(q).transpose();
    run.unit_covariance = table.row(r).segment(q, n_pairs).transpose() / 2;
    run.residual_variance = Eigen::VectorXd::Constant(1, 2);
    runs.add(run, table(r, q + n_pairs));
  }
  return runs;
}

TEST(MeiersVariance, IsThatOfTheFormulaWithMatrices) {
  for (const Eigen::Index q : {1, 2}) {
    const ContrastMaps maps = golden_runs(q, ContrastKind::F).maps(FixedEffects::meier);
    const Eigen::VectorXd expected =
        testing::number_table(
            testing::golden("scipy/fixed_effects/meier_" + std::to_string(q) + ".tsv"))
            .transpose();
    Eigen::VectorXd found(2 * q + 2);
    found << maps.effect, maps.variance, maps.statistic, maps.own_dof;
    EXPECT_TRUE(close_relative(found, expected, 1e-10)) << q;
  }
}

TEST(MeiersVariance, OfTIsThatOfFWithOneRow) {
  const ContrastMaps t = golden_runs(1, ContrastKind::t).maps(FixedEffects::meier);
  const ContrastMaps f = golden_runs(1, ContrastKind::F).maps(FixedEffects::meier);
  EXPECT_TRUE(close_relative(t.statistic.cwiseAbs2(), f.statistic, 1e-12));
  EXPECT_TRUE(close_relative(t.variance, f.variance, 1e-12));
  EXPECT_TRUE(close_relative(t.own_dof, f.own_dof, 1e-12));
}

TEST(MeiersVariance, OfOneRunIsItsOwn) {
  Combination runs(1, ContrastKind::t);
  runs.add(golden_runs(1, ContrastKind::t).values[0], 17);
  const ContrastMaps corrected = runs.maps(FixedEffects::meier);
  EXPECT_EQ(corrected.own_dof.size(), 0);
  EXPECT_TRUE(testing::same_bits(corrected.z, runs.maps(FixedEffects::precision).z));
}

TEST(MeiersVariance, HasTheWeightsOfPrecision) {
  for (const Eigen::Index q : {1, 2}) {
    const Combination runs = golden_runs(q, ContrastKind::F);
    EXPECT_TRUE(testing::same_bits(runs.maps(FixedEffects::meier).effect,
                                   runs.maps(FixedEffects::precision).effect));
  }
}

/// Null runs whose variances are known up to chi-squares: unit covariance A, true factor `scale`.
class NullRuns {
 public:
  NullRuns(Eigen::Index n_voxels, unsigned seed) : n_voxels_(n_voxels), random_(seed) {}
  ContrastValues draw(const Eigen::MatrixXd& covariance, double scale, double nu) {
    const Eigen::Index q = covariance.rows();
    const Eigen::MatrixXd root = covariance.llt().matrixL();
    std::normal_distribution<double> normal;
    std::chi_squared_distribution<double> chi_squared(nu);
    ContrastValues run;
    run.effect.resize(q, n_voxels_);
    run.unit_covariance.resize(q * (q + 1) / 2, n_voxels_);
    run.residual_variance.resize(n_voxels_);
    Eigen::VectorXd e(q);
    for (Eigen::Index v = 0; v < n_voxels_; ++v) {
      for (double& x : e) x = normal(random_);
      run.effect.col(v) = std::sqrt(scale) * (root * e);
      run.residual_variance[v] = scale * chi_squared(random_) / nu;
      for (Eigen::Index i = 0, at = 0; i < q; ++i)
        for (Eigen::Index j = 0; j <= i; ++j) run.unit_covariance(at++, v) = covariance(i, j);
    }
    return run;
  }

 private:
  Eigen::Index n_voxels_;
  std::mt19937_64 random_;
};

TEST(MeiersVariance, HasTheExpectationsThatIntegralsGive) {
  const Eigen::MatrixXd rows =
      testing::number_table(testing::golden("scipy/fixed_effects/exact.tsv"));
  NullRuns random(100000, 1);
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    const double nu1 = rows(i, 0), nu2 = rows(i, 1), exact = rows(i, 3);
    Combination runs(1, ContrastKind::t);
    const Eigen::MatrixXd one = Eigen::MatrixXd::Ones(1, 1);
    runs.add(random.draw(one, 1, nu1), nu1);
    runs.add(random.draw(one, rows(i, 2), nu2), nu2);
    const ContrastMaps plain = runs.maps(FixedEffects::precision);
    const ContrastMaps corrected = runs.maps(FixedEffects::meier);
    // Five standard errors of these means at most: their spread is below sqrt(2 / nu).
    const double tolerance = 5 * std::sqrt(2 / std::min(nu1, nu2) / 1e5);
    EXPECT_TRUE(close_number(plain.effect.squaredNorm() / 1e5, exact, 5 * std::sqrt(2 / 1e5)));
    EXPECT_TRUE(close_number(plain.variance.mean(), rows(i, 4), tolerance));
    EXPECT_TRUE(close_number(corrected.variance.mean(), rows(i, 5), tolerance));
    // What is left is of second order in 1 / nu.
    EXPECT_TRUE(close_number(rows(i, 5), exact, 2 / std::pow(std::min(nu1, nu2), 2)));
  }
}

/// Share of null voxels with p below .05, two-sided for t.
double rate_at_05(const ContrastMaps& maps) {
  const auto p = maps.numerator_dof > 0 ? maps.p.array().eval()
                                        : (2 * maps.p.array().min(1 - maps.p.array())).eval();
  return double((p < 0.05).count()) / double(p.size());
}

/// Twelve runs of 25 degrees of freedom with unequal noise.
Combination null_study(Eigen::Index q, ContrastKind kind, Eigen::Index n_voxels) {
  NullRuns random(n_voxels, unsigned(10 + q));
  Combination runs(q, kind);
  for (int r = 0; r < 12; ++r) {
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Identity(q, q);
    if (q > 1) covariance(1, 0) = covariance(0, 1) = 0.5 * std::cos(r);
    runs.add(random.draw(covariance, std::exp(0.3 * std::sin(5.0 * r)), 25), 25);
  }
  return runs;
}

TEST(MeiersVariance, KeepsTheSizeOfTestsOverManyShortRuns) {
  constexpr Eigen::Index kVoxels = 40000;  // standard error of .05: .0011
  for (const ContrastKind kind : {ContrastKind::t, ContrastKind::F}) {
    const Combination runs = null_study(kind == ContrastKind::t ? 1 : 2, kind, kVoxels);
    const double plain = rate_at_05(runs.maps(FixedEffects::precision));
    const double corrected = rate_at_05(runs.maps(FixedEffects::meier));
    RecordProperty(kind == ContrastKind::t ? "t" : "F",
                   std::to_string(plain) + " " + std::to_string(corrected));
    EXPECT_GT(plain, 0.065);
    EXPECT_NEAR(corrected, 0.05, 0.006);
  }
}

TEST(MeiersVariance, IsTheSameBitsForAnyNumberOfThreads) {
  const Combination runs = null_study(2, ContrastKind::F, 3000);
  const ContrastMaps one = runs.maps(FixedEffects::meier);
  for (int threads : {2, 7}) {
    const ContrastMaps more = runs.maps(FixedEffects::meier, threads);
    EXPECT_TRUE(testing::same_bits(more.z, one.z));
    EXPECT_TRUE(testing::same_bits(more.own_dof, one.own_dof));
  }
}

TEST(MeiersVariance, OfSessionsTakesTheDegreesOfFreedomOfTheirRuns) {
  const Combination runs = golden_runs(1, ContrastKind::t);
  std::vector<const ContrastValues*> pointers;
  for (const auto& run : runs.values) pointers.push_back(&run);
  const RunSets sets{{0, 0, 1}, FixedEffects::meier, FixedEffects::meier, {}};
  const ContrastMaps maps = combine_sets(runs.contrast, pointers, runs.dof, sets, 1);
  // By hand: the first two runs, then that and the third.
  const auto pair = [](double v1, double nu1, double v2, double nu2) {
    const double p = v2 / (v1 + v2), q = 1 - p;
    return std::pair{v1 * p * (1 + 4 * p * q * (1 / nu1 + 1 / nu2)),
                     1 / (p * p / nu1 + q * q / nu2)};
  };
  const auto v = [&](size_t r) {
    return runs.values[r].unit_covariance(0, 0) * runs.values[r].residual_variance[0];
  };
  const auto first = pair(v(0), 17, v(1), 44.5);
  const auto both = pair(first.first, first.second, v(2), 90);
  EXPECT_TRUE(close_number(maps.variance(0, 0), both.first, 1e-12));
  EXPECT_TRUE(close_number(maps.own_dof[0], both.second, 1e-12));
}

/// Runs of equal designs whose noise differs as a whole, with degrees of freedom of their own.
Combination unequal_study(Eigen::Index q, ContrastKind kind, Eigen::Index n_voxels) {
  NullRuns random(n_voxels, 77);
  Combination runs(q, kind);
  const Eigen::MatrixXd covariance = Eigen::MatrixXd::Identity(q, q);
  for (const auto& [scale, nu] : {std::pair{1.0, 40.0}, {4.0, 40.0}, {2.0, 20.0}})
    runs.add(random.draw(covariance, scale, nu), nu);
  return runs;
}

TEST(PooledWeights, AreThoseOfTheRunsTrueVariances) {
  constexpr Eigen::Index kVoxels = 20000;
  const Combination runs = unequal_study(1, ContrastKind::t, kVoxels);
  const ContrastMaps maps = runs.maps(FixedEffects::pooled);
  // Slow twin: medians of logs over voxels, by sorting.
  std::vector<std::vector<double>> logs(3);
  for (Eigen::Index v = 0; v < kVoxels; ++v) {
    Eigen::Vector3d one;
    for (size_t r = 0; r < 3; ++r)
      one[Eigen::Index(r)] = std::log(runs.values[r].residual_variance[v]);
    for (size_t r = 0; r < 3; ++r) logs[r].push_back(one[Eigen::Index(r)] - one.mean());
  }
  Eigen::Vector3d share;
  for (size_t r = 0; r < 3; ++r) {
    std::sort(logs[r].begin(), logs[r].end());
    share[Eigen::Index(r)] = std::exp(-(logs[r][kVoxels / 2 - 1] + logs[r][kVoxels / 2]) / 2);
  }
  share /= share.sum();
  const Eigen::Vector3d truth = Eigen::Vector3d(4, 1, 2) / 7;
  EXPECT_LT((share - truth).norm(), 0.02);
  for (const Eigen::Index v : {Eigen::Index(0), kVoxels - 1}) {
    double effect = 0, variance = 0;
    for (size_t r = 0; r < 3; ++r) {
      effect += share[Eigen::Index(r)] * runs.values[r].effect(0, v);
      variance += std::pow(share[Eigen::Index(r)], 2) * runs.values[r].residual_variance[v];
    }
    EXPECT_TRUE(close_number(maps.effect(0, v), effect, 1e-12));
    EXPECT_TRUE(close_number(maps.variance(0, v), variance, 1e-12));
  }
  EXPECT_TRUE(close_number(
      maps.dof,
      1 / (share[0] * share[0] / 40 + share[1] * share[1] / 40 + share[2] * share[2] / 20), 1e-9));
  EXPECT_EQ(maps.own_dof.size(), 0);
}

TEST(PooledWeights, KeepTheSizeOfTestsOverManyShortRuns) {
  constexpr Eigen::Index kVoxels = 40000;  // standard error of .05: .0011
  for (const ContrastKind kind : {ContrastKind::t, ContrastKind::F}) {
    const Combination runs = null_study(kind == ContrastKind::t ? 1 : 2, kind, kVoxels);
    const ContrastMaps pooled = runs.maps(FixedEffects::pooled);
    const double rate = rate_at_05(pooled);
    RecordProperty(kind == ContrastKind::t ? "t" : "F", std::to_string(rate));
    EXPECT_NEAR(rate, 0.05, 0.006);
    // Nearly the least variance that there is; equal weights have more.
    const double scatter = pooled.effect.row(0).squaredNorm(),
                 equal = runs.maps(FixedEffects::equal).effect.row(0).squaredNorm();
    EXPECT_LT(scatter, 0.97 * equal);
  }
}

TEST(PooledWeights, OfTAreThoseOfFWithOneRow) {
  const ContrastMaps t = unequal_study(1, ContrastKind::t, 500).maps(FixedEffects::pooled);
  const ContrastMaps f = unequal_study(1, ContrastKind::F, 500).maps(FixedEffects::pooled);
  EXPECT_TRUE(close_relative(t.statistic.cwiseAbs2(), f.statistic, 1e-10));
  EXPECT_EQ(t.dof, f.dof);
}

TEST(PooledWeights, AreTheSameInAnyUnit) {
  Combination runs = unequal_study(3, ContrastKind::F, 500);
  const ContrastMaps before = runs.maps(FixedEffects::pooled);
  for (auto& run : runs.values) {
    run.effect *= 1e-60;
    run.unit_covariance *= 1e-120;
  }
  const ContrastMaps after = runs.maps(FixedEffects::pooled);
  EXPECT_TRUE(close_relative(after.effect * 1e60, before.effect, 1e-9));
  EXPECT_TRUE(close_relative(Eigen::VectorXd::Constant(1, after.dof),
                             Eigen::VectorXd::Constant(1, before.dof), 1e-9));
}

TEST(PooledWeights, LeaveOutVoxelsWithoutStatisticsAndOneRunAsItIs) {
  Combination runs = unequal_study(1, ContrastKind::t, 501);
  const ContrastMaps whole = runs.maps(FixedEffects::pooled);
  for (auto& run : runs.values) run.residual_variance[500] = std::nan("");
  const ContrastMaps without = runs.maps(FixedEffects::pooled);
  EXPECT_TRUE(std::isnan(without.statistic[500]));
  EXPECT_TRUE(close_relative(without.variance.leftCols(500), whole.variance.leftCols(500), 0.02));
  Combination one(1, ContrastKind::t);
  one.add(runs.values[0], 40);
  EXPECT_TRUE(
      testing::same_bits(one.maps(FixedEffects::pooled).z, one.maps(FixedEffects::equal).z));
}

TEST(PooledWeights, AreTheSameBitsForAnyNumberOfThreads) {
  const Combination runs = unequal_study(2, ContrastKind::F, 3000);
  const ContrastMaps one = runs.maps(FixedEffects::pooled);
  for (int threads : {2, 7})
    EXPECT_TRUE(testing::same_bits(runs.maps(FixedEffects::pooled, threads).z, one.z));
}

}  // namespace fixed_effects_test
}  // namespace sociometer
