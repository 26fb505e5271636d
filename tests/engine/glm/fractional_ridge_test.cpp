// Fractional ridge against ridge regression with the penalty that leaves the fraction.
#include "engine/glm/fractional_ridge.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Overlapping bumps as trials' responses, a slope and a constant.
SingleTrials example_trials(Index n_scans, Index n_trials) {
  SingleTrials out;
  out.columns.resize(n_scans, n_trials);
  for (Index t = 0; t < n_trials; ++t) {
    out.events.push_back(size_t(t));
    for (Index s = 0; s < n_scans; ++s)
      out.columns(s, t) = std::exp(-0.05 * std::pow(double(s) - 5 - 6 * double(t), 2));
  }
  out.model.values.resize(n_scans, n_trials + 2);
  out.model.values.leftCols(n_trials) = out.columns;
  out.model.values.col(n_trials) = VectorXd::LinSpaced(n_scans, -1, 1);
  out.model.values.col(n_trials + 1).setOnes();
  for (Index j = 0; j < n_trials + 2; ++j) {
    out.model.names.push_back("c" + std::to_string(j));
    out.model.roles.push_back(ColumnRole::task);
  }
  return out;
}

MatrixXd random_matrix(Index rows, Index columns, uint64_t seed) {
  const CounterRandom random(seed, 1);
  MatrixXd out(rows, columns);
  uint64_t at = 0;
  for (double& value : out.reshaped()) value = random.normal(at++);
  return out;
}

TEST(FractionalRidge, IsTheRidgeEstimateOfThatLength) {
  constexpr Index kScans = 100, kTrials = 12, kVoxels = 5;
  const SingleTrials trials = example_trials(kScans, kTrials);
  const std::vector<uint8_t> kept(size_t(kScans), 1);
  const std::vector<TrialFacts> facts(kTrials);
  const MatrixXd y = random_matrix(kScans, kVoxels, 3), &x = trials.model.values;
  const MatrixXd betas = x.colPivHouseholderQr().solve(y).topRows(kTrials);
  const FractionalRidge ridge(trials, facts, kept);
  const MatrixXd nuisance = x.rightCols(2);
  const MatrixXd project = MatrixXd::Identity(kScans, kScans) -
                           nuisance * nuisance.completeOrthogonalDecomposition().pseudoInverse();
  const MatrixXd t = project * x.leftCols(kTrials);
  for (double fraction : {0.05, 0.3, 0.75, 0.99}) {
    const MatrixXd shrunken = ridge.shrink(betas, VectorXd::Constant(kVoxels, fraction), 2);
    for (Index v = 0; v < kVoxels; ++v) {
      EXPECT_TRUE(
          testing::close_number(shrunken.col(v).norm(), fraction * betas.col(v).norm(), 1e-10));
      // The penalty for which the normal equations hold: one for all trials.
      const VectorXd gradient = t.transpose() * (y.col(v) - t * shrunken.col(v));
      const double a = gradient.dot(shrunken.col(v)) / shrunken.col(v).squaredNorm();
      EXPECT_GT(a, 0);
      const VectorXd direct = (t.transpose() * t + a * MatrixXd::Identity(kTrials, kTrials))
                                  .ldlt()
                                  .solve(t.transpose() * y.col(v));
      EXPECT_TRUE(testing::close_relative(shrunken.col(v), direct, 1e-8, direct.norm()));
    }
  }
  EXPECT_TRUE(testing::same_bits(ridge.shrink(betas, VectorXd::Ones(kVoxels), 1), betas));
}

TEST(FractionalRidge, LeavesTrialsWithoutAmplitudeAlone) {
  const SingleTrials trials = example_trials(60, 6);
  std::vector<TrialFacts> facts(6);
  facts[2].status = TrialStatus::not_separable;
  MatrixXd betas = random_matrix(6, 3, 4);
  betas.row(2).setConstant(NAN);
  const MatrixXd shrunken = FractionalRidge(trials, facts, std::vector<uint8_t>(60, 1))
                                .shrink(betas, VectorXd::Constant(3, 0.5), 1);
  EXPECT_TRUE(shrunken.row(2).array().isNaN().all());
  const std::vector<Index> others{0, 1, 3, 4, 5};
  for (Index v = 0; v < 3; ++v)
    EXPECT_TRUE(
        testing::close_number(shrunken(others, v).norm(), 0.5 * betas(others, v).norm(), 1e-10));
}

/// Two runs whose trials have labels; the voxel's amplitudes are the labels' plus noise.
struct TwoRuns {
  explicit TwoRuns(double noise) : trials(example_trials(80, 10)), facts(10) {
    for (uint64_t r = 0; r < 2; ++r) {
      betas[r] = noise * random_matrix(10, 40, 10 + r);
      for (Index t = 0; t < 10; ++t) betas[r].row(t).array() += t % 2 ? 1.0 : -1.0;
      runs.push_back({&ridge, &betas[r], {}});
      for (int t = 0; t < 10; ++t) runs.back().labels.push_back(t % 2 ? "odd" : "even");
    }
  }
  SingleTrials trials;
  std::vector<TrialFacts> facts;
  FractionalRidge ridge{trials, facts, std::vector<uint8_t>(80, 1)};
  MatrixXd betas[2];
  std::vector<ShrunkenRun> runs;
};

TEST(FractionalRidge, CrossValidationShrinksNoiseAndKeepsSignal) {
  const TwoRuns quiet(0.05), loud(8);
  const VectorXd of_quiet = cross_validated_fractions(quiet.runs, default_fractions(), 1),
                 of_loud = cross_validated_fractions(loud.runs, default_fractions(), 3);
  EXPECT_GT(of_quiet.minCoeff(), 0.85);
  EXPECT_LT(of_loud.mean(), 0.5);
  EXPECT_TRUE(
      testing::same_bits(of_loud, cross_validated_fractions(loud.runs, default_fractions(), 1)));
}

TEST(FractionalRidge, CrossValidationNeedsLabelsThatRepeatOverRuns) {
  TwoRuns runs(1);
  EXPECT_THROW(cross_validated_fractions({runs.runs[0]}, default_fractions(), 1), Error);
  for (auto& label : runs.runs[1].labels) label += "2";
  EXPECT_THROW(cross_validated_fractions(runs.runs, default_fractions(), 1), Error);
}

}  // namespace
}  // namespace sociometer
