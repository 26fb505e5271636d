// The lines of use that headers show, kept true.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/core/series_source.hpp"
#include "engine/glm/arma_search.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "engine/glm/run_analysis.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr Index kScans = 180;

/// Two regressors and the constant.
MatrixXd make_design() {
  MatrixXd x = MatrixXd::Ones(kScans, 3);
  for (Index t = 0; t < kScans; ++t) {
    x(t, 0) = t / 10 % 2 ? 1 : 0;
    x(t, 1) = std::sin(0.13 * double(t));
  }
  return x;
}

/// AR(1) noise of coefficient .6 about 100, and as much white noise as `white` says.
MatrixXd make_series(Index n_voxels, double white) {
  const CounterRandom random(11, 1), more(11, 2);
  MatrixXd y(kScans, n_voxels);
  uint64_t at = 0;
  for (Index v = 0; v < n_voxels; ++v)
    for (Index t = 0; t < kScans; ++t, ++at)
      y(t, v) = (t > 0 ? 0.6 * y(t - 1, v) : 0) + random.normal(at);
  at = 0;
  for (double& value : y.reshaped()) value += 100 + white * more.normal(at++);
  return y;
}

DesignMatrix named(const MatrixXd& x) {
  DesignMatrix design;
  design.names = {"a", "b", "constant"};
  design.roles = {ColumnRole::task, ColumnRole::task, ColumnRole::constant};
  design.values = x;
  return design;
}

TEST(Usage, OfRunDesignAndTileSolver) {
  const MatrixXd x = make_design(), y = make_series(70, 0);
  const std::vector<uint8_t> kept(size_t(kScans), 1);
  SeriesSource source(y);
  const Mask mask = source.all_voxels();
  const MatrixXd contrast = MatrixXd::Identity(1, 3);

  const RunDesign design(x, kept, 1);
  const LagSums sums = sum_run(source, design, mask, kernels::best_kernels(), {});
  const GlsSystem system(design, parse_noise_model("ar1"), on_coordinates(design, {contrast}));
  TileSolver solver(system, kernels::best_kernels());
  for (Index lane = 0; lane < TileSolver::kWidth; ++lane)
    solver.set_noise(lane, ArCoefficients::Constant(1, 0.3));
  solver.solve(sums.tile(0));
  const TileSolver::Row s2 = solver.residual_squares() / design.dof;
  const TileSolver::Row variance = s2 * solver.covariance(system.pairs_at(0));

  MatrixXd v(kScans, kScans);  // of unit innovation variance
  for (Index i = 0; i < kScans; ++i)
    for (Index j = 0; j < kScans; ++j) v(i, j) = std::pow(0.3, std::abs(i - j)) / (1 - 0.3 * 0.3);
  const MatrixXd w = v.inverse();
  const MatrixXd inverse = (x.transpose() * w * x).inverse();
  const Eigen::VectorXd beta = inverse * x.transpose() * w * y.col(5);
  const Eigen::VectorXd left = y.col(5) - x * beta;
  EXPECT_TRUE(testing::close_number(s2[5], left.dot(w * left) / (kScans - 3), 1e-9));
  EXPECT_TRUE(testing::close_number(variance[5], s2[5] * inverse(0, 0), 1e-9));
}

TEST(Usage, OfNoiseModels) {
  const MatrixXd x = make_design();
  const std::vector<uint8_t> kept(size_t(kScans), 1);
  SeriesSource source(make_series(3, 0));
  MaskedSeries series = read_series(source, kScans, source.all_voxels(), {});

  NoiseModel model = parse_noise_model("tukey");
  model = noise_model_of_run(model, {.n_scans = 180, .tr_s = 2});
  EXPECT_EQ(model.tukey_lags, 13);
  EXPECT_EQ(to_string(model), "tukey");
  EXPECT_EQ(model.parameter_names()[0], "autocorrelation1");
  EXPECT_FALSE(model.streams());
  const RunDesign design(x, kept, model.order);
  const RunResults results = fit_run(design, std::move(series), {.noise_model = model});
  EXPECT_EQ(results.estimates.noise.rows(), 12);
  EXPECT_TRUE(results.estimates.betas.allFinite());
}

TEST(Usage, OfEveryNoiseModelByItsNames) {
  for (const char* name : {"ols", "ar1", "ar5", "ar2-corrected", "ar4-averaged", "auto",
                           "ar1-nilearn", "arma11", "mixture", "spm-ar1", "spm-fast", "tukey"})
    EXPECT_EQ(to_string(parse_noise_model(name)), name);
  EXPECT_EQ(to_string(default_noise_model()), "mixture");
  EXPECT_EQ(to_string(default_series_noise_model()), "ar4-averaged");
  for (const char* name : {"", "ar", "ar0", "ar6", "ar1-", "ar1-averaged2", "AR1", "arma"})
    EXPECT_THROW(parse_noise_model(name), Error) << name;
}

TEST(Usage, OfArmaSearch) {
  const MatrixXd x = make_design(), y = make_series(40, 0.7);
  const std::vector<uint8_t> kept(size_t(kScans), 1);

  const RunDesign run(x, kept, 0);
  const auto scans = list_kept_scans(run);
  const ArmaDesign design(run.space.basis(), {scans.begin(), scans.end()}, 0);
  const MatrixXd residuals = y - run.space.basis() * (run.space.basis().transpose() * y);
  const ArmaSearch search(design, ArmaOptions{}, kernels::best_kernels());
  const auto found = search(residuals.data(), residuals.cols(), 1);
  EXPECT_GE(found[0].parameters.a, 0);
  EXPECT_GE(found[0].parameters.lambda(), 0);

  double a = 0, lambda = 0;
  for (const auto& voxel : found) {
    a += voxel.parameters.a / double(found.size());
    lambda += voxel.parameters.lambda() / double(found.size());
  }
  EXPECT_NEAR(a, 0.6, 0.1);
  EXPECT_NEAR(lambda, 0.6 * (1 / (1 - 0.36)) / (1 / (1 - 0.36) + 0.49), 0.1);
}

TEST(Usage, OfAFirstLevelAnalysis) {
  const MatrixXd x = make_design();
  const std::vector<MatrixXd> data{make_series(70, 0), 2 * make_series(70, 0.7)};
  const auto open_run = [&](size_t r) { return std::make_unique<SeriesSource>(data[r]); };
  const Mask mask = open_run(0)->all_voxels();
  std::vector<RunSpec> specs{{.name = "run 1", .design = named(x), .tr_s = 2},
                             {.name = "run 2", .design = named(x), .tr_s = 2}};
  specs[1].design.values.col(1).setZero();  // this run cannot tell b

  FirstLevel first{.plan = {.scaling = Scaling::psc, .n_threads = 8}};
  for (RunSpec& spec : specs) first.runs.push_back(prepare_run(std::move(spec), first.plan));
  first.contrasts = resolve_contrasts(
      {parse_contrast("a - b", ContrastKind::t), parse_contrast("a", ContrastKind::t)}, first.runs);
  FirstLevelFit fit = fit_first_level(first, open_run, mask);
  const ContrastMaps maps = combine_contrast(first, fit, 0);

  ASSERT_EQ(first.runs[1].warnings.size(), 1u);
  EXPECT_EQ(first.runs[1].warnings[0],
            "run 2: the design has 3 columns and rank 2; contrasts that need more are refused");
  ASSERT_EQ(first.contrasts.warnings.size(), 1u);
  EXPECT_TRUE(first.contrasts.warnings[0].starts_with("contrast aMinusB leaves out run 2: "));
  EXPECT_LE(maps.own_dof.maxCoeff(), kScans - 3 + 1e-9);
  EXPECT_GT(maps.own_dof.minCoeff(), 4);
  EXPECT_LE(combine_contrast(first, fit, 1).own_dof.maxCoeff(), 2 * kScans - 3 - 2 + 1e-9);
  EXPECT_TRUE(maps.z.allFinite());

  first.plan.runs_at_once = 1;  // one after another, on one thread: the same bits
  first.plan.n_threads = 1;
  RecordingJournal journal;
  FirstLevelFit again = fit_first_level(first, open_run, mask, &journal);
  EXPECT_TRUE(testing::same_bits(combine_contrast(first, again, 0).z, maps.z));
}

TEST(Usage, ContrastsThatNoRunCanEstimateAreRefused) {
  std::vector<PreparedRun> runs;
  DesignMatrix design = named(make_design());
  design.values.col(1) = design.values.col(0);
  runs.push_back(prepare_run({.name = "run", .design = design, .tr_s = 2}, {}));
  const ContrastSpec both = parse_contrast("a + b", ContrastKind::t),
                     apart = parse_contrast("a - b", ContrastKind::t),
                     by_place = parse_contrast("[1 1 1]", ContrastKind::t);
  const ContrastChoice choice = resolve_contrasts({both, apart, by_place}, runs);
  ASSERT_EQ(choice.usable.size(), 2u);
  ASSERT_EQ(choice.refused.size(), 1u);
  EXPECT_TRUE(choice.refused[0].starts_with("contrast aMinusB is refused: not estimable"));
  ASSERT_EQ(choice.warnings.size(), 1u);
  EXPECT_NE(choice.warnings[0].find("has weights on constant, which are not of the task"),
            std::string::npos);
  EXPECT_THROW(resolve_contrasts({apart}, runs), Error);
}

TEST(Usage, NoiseThatWouldCrossRunsInOneImageIsRefused) {
  const RunTiming two{.n_scans = 180, .tr_s = 2, .starts = {0, 90}};
  EXPECT_EQ(noise_model_of_run(parse_noise_model("arma11"), two).run_starts, two.starts);
  EXPECT_TRUE(noise_model_of_run(parse_noise_model("ols"), two).run_starts.empty());
  EXPECT_THROW(noise_model_of_run(parse_noise_model("ar1"), two), Error);
  NoiseModel model = parse_noise_model("arma11");
  model.run_starts = {0, 180};
  EXPECT_THROW(noise_model_of_run(model, {.n_scans = 180}), Error);
  model = parse_noise_model("tukey");
  model.tukey_lags = 20;
  EXPECT_THROW(noise_model_of_run(model, {.n_scans = 20}), Error);
}

}  // namespace
}  // namespace sociometer
