#include "engine/glm/fitted_series.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/series_source.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

constexpr Eigen::Index kFittedScans = 30, kFittedVoxels = 7;

struct FittedRun {
  Eigen::MatrixXd design{kFittedScans, 2}, series{kFittedScans, kFittedVoxels};
  std::vector<uint8_t> kept = std::vector<uint8_t>(kFittedScans, 1);
  RunEstimates estimates;

  FittedRun() {
    for (Eigen::Index t = 0; t < kFittedScans; ++t) {
      design.row(t) << std::sin(double(t)), 1;
      for (Eigen::Index v = 0; v < kFittedVoxels; ++v)
        series(t, v) = 100 + double(v) + std::cos(double(t * (v + 2)));
    }
    series.col(3).setConstant(50);
    kept[4] = 0;
    estimates.mean = series.colwise().mean().transpose();
    estimates.grand_mean = estimates.mean.mean();
    estimates.betas = Eigen::MatrixXd::Random(2, kFittedVoxels);
  }
  /// Predictions and residuals reassembled, (n_scans, n_voxels) each.
  std::pair<Eigen::MatrixXd, Eigen::MatrixXd> fitted(Scaling scaling, Eigen::VectorXd& tsnr) {
    SeriesSource source(series);
    Eigen::MatrixXd predicted(kFittedScans, kFittedVoxels), residual(kFittedScans, kFittedVoxels);
    tsnr = for_each_fitted_scan(source, design, kept, estimates, scaling, source.all_voxels(), {},
                                [&](const FittedScan& scan) {
                                  predicted.row(scan.scan) = scan.predicted.transpose();
                                  residual.row(scan.scan) = scan.residual.transpose();
                                });
    return {predicted, residual};
  }
};

TEST(FittedSeries, IsTheDesignTimesBetasAndWhatIsLeft) {
  FittedRun run;
  Eigen::VectorXd tsnr;
  const auto [predicted, residual] = run.fitted(Scaling::none, tsnr);
  EXPECT_TRUE(
      close_relative(predicted, Eigen::MatrixXd(run.design * run.estimates.betas), 1e-12, 1));
  EXPECT_TRUE(close_relative(Eigen::MatrixXd(predicted + residual), run.series, 1e-12, 1));
}

TEST(FittedSeries, HasTheUnitsOfTheScaledSignal) {
  FittedRun run;
  Eigen::VectorXd tsnr;
  const auto [p, r] = run.fitted(Scaling::psc, tsnr);
  Eigen::MatrixXd percent = run.series;
  for (Eigen::Index v = 0; v < kFittedVoxels; ++v)
    percent.col(v) = (100 * run.series.col(v).array() / run.estimates.mean[v] - 100).matrix();
  EXPECT_TRUE(close_relative(Eigen::MatrixXd(p + r), percent, 1e-10, 1));
  const auto [p2, r2] = run.fitted(Scaling::grand, tsnr);
  EXPECT_TRUE(close_relative(Eigen::MatrixXd(p2 + r2),
                             Eigen::MatrixXd(run.series * (100 / run.estimates.grand_mean)), 1e-12,
                             1));
}

TEST(FittedSeries, TemporalSnrIsMeanOverSdOfTheKeptScans) {
  FittedRun run;
  Eigen::VectorXd tsnr;
  run.fitted(Scaling::psc, tsnr);
  for (Eigen::Index v = 0; v < kFittedVoxels; ++v) {
    double sum = 0, squares = 0;
    for (Eigen::Index t = 0; t < kFittedScans; ++t)
      if (t != 4) sum += run.series(t, v);
    const double mean = sum / (kFittedScans - 1);
    for (Eigen::Index t = 0; t < kFittedScans; ++t)
      if (t != 4) squares += (run.series(t, v) - mean) * (run.series(t, v) - mean);
    if (v == 3)
      EXPECT_TRUE(std::isnan(tsnr[v]));
    else
      EXPECT_TRUE(close_number(tsnr[v], mean / std::sqrt(squares / (kFittedScans - 2)), 1e-10));
  }
}

}  // namespace
}  // namespace sociometer::testing
