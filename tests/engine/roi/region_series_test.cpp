#include "engine/roi/region_series.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/roi/collinearity.hpp"
#include "engine/roi/percent_signal.hpp"
#include "engine/roi/voxel_dissociation.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;

/// MarsBaR's means of five regions over SPM's auditory run, which it scales as SPM does.
TEST(RegionSeries, HasTheMeansOfMarsBaR) {
  SOCIOMETER_NEEDS_DATA(folder, "moae_spm12_3mm");
  const std::string derived = folder + "/derived_from_SPM.mat/";
  const Table table = read_table(derived + "marsbar_roi_mean.tsv");
  std::vector<Region> regions;
  for (const auto& name : table.names) {
    const Image mask = read_nifti(derived + "roi_" + name + ".nii.gz");
    regions.push_back(region_where({mask.values.data(), size_t(mask.values.size())},
                                   [](double v) { return v != 0; }));
  }
  NiftiSource source(folder + "/swfM00223_4d.nii.gz");
  const RegionSeries found = read_region_series(source, RegionGather(regions),
                                                RegionStatistic::mean, SeriesCoverage::nonzero);
  constexpr double kGrandMeanScaling = 0.18811772330099494;  // gSF of SPM.mat
  EXPECT_TRUE(testing::close_relative(found.values * kGrandMeanScaling,
                                      testing::tsv_values(table.path), 1e-13));
  for (double coverage : found.coverage) EXPECT_EQ(coverage, 1);
}

/// A 3 x 1 x 1 image: voxel 0 is outside the brain.
Eigen::MatrixXd three_voxels() {
  Eigen::MatrixXd y(6, 3);
  y << 0, 10, 20, 0, 12, 26, 0, 9, 17, 0, 11, 23, 0, 0, 10, 0, 13, 29;
  return y;
}

TEST(RegionSeries, LeavesOutVoxelsThatStartAtZeroByDefault) {
  const std::vector<Region> regions{{"a", {0, 1, 2}, {}}, {"outside", {0}, {}}};
  const RegionGather gather(regions);
  SeriesSource source(three_voxels()), again(three_voxels());
  const RegionSeries inside =
      read_region_series(source, gather, RegionStatistic::mean, SeriesCoverage::nonzero);
  EXPECT_TRUE(close_number(inside.values(0, 0), 15, 1e-15));
  EXPECT_TRUE(close_number(inside.values(4, 0), 5, 1e-15));  // a zero in a later scan is a value
  EXPECT_TRUE(close_number(inside.coverage[0], 2.0 / 3, 1e-15));
  EXPECT_EQ(inside.n_voxels[1], 0);
  EXPECT_TRUE(std::isnan(inside.values(0, 1)));
  const RegionSeries all =
      read_region_series(again, gather, RegionStatistic::mean, SeriesCoverage::all);
  EXPECT_TRUE(close_number(all.values(0, 0), 10, 1e-15));
}

TEST(RegionSeries, EigenvariateFollowsWhatVoxelsShare) {
  SeriesSource source(three_voxels());
  const RegionGather gather({Region{"a", {1, 2}, {}}});
  const RegionSeries found =
      read_region_series(source, gather, RegionStatistic::eigenvariate, SeriesCoverage::nonzero);
  const Eigen::MatrixXd y = three_voxels().rightCols(2);
  const Eigen::MatrixXd centred = y.rowwise() - y.colwise().mean();
  const Eigen::VectorXd expected = first_eigenvariate(centred).array() + y.mean();
  EXPECT_TRUE(testing::close_relative(found.values, expected, 1e-12));
  EXPECT_GT(testing::correlation(found.values.col(0), y.col(1)), 0.95);
}

TEST(SeriesSource, GivesBackTheSeries) {
  const Eigen::MatrixXd y = three_voxels();
  SeriesSource source(y);
  std::vector<std::byte> bytes(source.volume_bytes());
  std::vector<double> values(3);
  for (Eigen::Index t = 0; t < 6; ++t) {
    source.read(bytes);
    decode_range(bytes, source.format(), 0, 3, values.data());
    for (Eigen::Index v = 0; v < 3; ++v) EXPECT_EQ(values[size_t(v)], y(t, v));
  }
  EXPECT_THROW(source.read(bytes), std::logic_error);
}

/// The double gamma from its formula, convolved with a box by hand.
TEST(EventHeight, IsThePeakOfTheResponseToOneEvent) {
  constexpr double kTr = 2, kDt = kTr / 50, kDuration = 3;
  const Eigen::VectorXd kernel = nilearn_kernels({}, kTr, 50).col(0);
  const auto n_box = Eigen::Index(std::lround(kDuration / kDt));
  double peak = 0;
  for (Eigen::Index t = 0; t < kernel.size() + n_box; ++t) {
    double sum = 0;
    for (Eigen::Index k = 0; k < n_box; ++k)
      if (t - k >= 0 && t - k < kernel.size()) sum += kernel[t - k];
    peak = std::max(peak, sum);
  }
  EXPECT_TRUE(close_number(event_height({}, kDuration, kTr), peak, 1e-9));
  // Longer events approach the plateau; an impulse is one grid point long.
  EXPECT_LT(event_height({}, 1, kTr), event_height({}, 5, kTr));
  EXPECT_TRUE(close_number(event_height({}, 0, kTr), kernel.maxCoeff(), 1e-9));
  EXPECT_TRUE(
      testing::refuses(ErrorCode::usage, {"FIR"}, [] { event_height({HrfShape::fir}, 1, kTr); }));
}

TEST(PercentSignalChange, IsTheHeightOverTheBaseline) {
  EXPECT_TRUE(close_number(percent_signal_change(5, 0.2, 1000, Scaling::none, 0), 0.1, 1e-14));
  EXPECT_TRUE(close_number(percent_signal_change(0.5, 0.2, 0, Scaling::psc, 0), 0.1, 1e-14));
  // Grand-mean scaled: the region is 25 % above the grand mean of 800.
  EXPECT_TRUE(
      close_number(percent_signal_change(0.625, 0.2, 1000, Scaling::grand, 800), 0.1, 1e-14));
  EXPECT_TRUE(std::isnan(percent_signal_change(5, 0.2, -3, Scaling::none, 0)));
}

TEST(Collinearity, OfTwoRegressorsFollowsFromTheirCorrelation) {
  Eigen::MatrixXd x(8, 3);
  x << 1, 2, 1, -1, 0, 1, 2, 3, 1, 0, -1, 1, -2, -1, 1, 1, 1, 1, 3, 2, 1, -1, -2, 1;
  const RunColumns run{x, {Eigen::Vector3d(1, 0, 0), Eigen::Vector3d(0, 1, 0)}};
  const Collinearity c = collinearity({run, run});
  const double r = testing::correlation(x.col(0), x.col(1));
  EXPECT_TRUE(close_number(c.correlation(0, 1), r, 1e-12));
  EXPECT_TRUE(close_number(c.contrasts[0].vif, 1 / (1 - r * r), 1e-12));
  const Eigen::MatrixXd inverse = (x.transpose() * x).inverse();
  EXPECT_TRUE(close_number(c.contrasts[1].efficiency, 2 / inverse(1, 1), 1e-12));
  RunColumns without = run;
  without.contrasts[1].resize(0);
  const Collinearity lacking = collinearity({without});
  EXPECT_TRUE(std::isnan(lacking.correlation(0, 1)));
  EXPECT_TRUE(std::isnan(lacking.contrasts[1].vif));
  EXPECT_TRUE(close_number(collinearity({without, run}).contrasts[1].efficiency,
                           c.contrasts[1].efficiency / 2, 1e-12));
}

double t_of(const Eigen::VectorXd& y) {
  return y.mean() /
         std::sqrt((y.array() - y.mean()).square().sum() / double(y.size() - 1) / double(y.size()));
}

TEST(VoxelDissociation, HasTheTestsOfEachVoxelAndTheirLeast) {
  std::srand(11);
  Eigen::MatrixXd a = Eigen::MatrixXd::Random(40, 30), b = Eigen::MatrixXd::Random(40, 30);
  a.leftCols(10).array() += 0.8;
  b.middleCols(5, 10).array() += 0.8;
  b.middleCols(15, 5) *= 0.02;
  b.middleCols(15, 5).array() += 0.3;
  a(3, 7) = std::nan("");
  a.col(29).head(39).setConstant(std::nan(""));
  const Eigen::MatrixXd reference = Eigen::MatrixXd::Random(40, 2);
  VoxelDissociationSums alone(30, false), beside(30, true);
  for (Eigen::Index i = 0; i < 40; ++i) {
    const Eigen::VectorXd x = a.row(i), y = b.row(i);
    alone.add({x.data(), 30}, {y.data(), 30});
    beside.add({x.data(), 30}, {y.data(), 30},
               ReferenceValues{reference(i, 0), reference(i, 1) + 0.5});
  }
  const EvidenceRule rule;
  const VoxelDissociation d = alone.finish(rule, 3), r = beside.finish(rule, 3);
  int zeros = 0;
  for (Eigen::Index v = 0; v < 29; ++v) {
    std::vector<Eigen::Index> rows;
    for (Eigen::Index i = 0; i < 40; ++i)
      if (std::isfinite(a(i, v))) rows.push_back(i);
    const Eigen::VectorXd x = a(rows, v), y = b(rows, v);
    EXPECT_EQ(d.n[v], double(rows.size()));
    EXPECT_TRUE(close_number(d.t_a[v], t_of(x), 1e-10, 1e-3));
    EXPECT_TRUE(close_number(d.t_b[v], t_of(y), 1e-10, 1e-3));
    EXPECT_TRUE(close_number(d.both[v], std::min(t_of(x), t_of(y)), 1e-10, 1e-3));
    EXPECT_EQ(bool(d.zero_a[size_t(v)]), zero_supported(mean_figures(x, rule), rule));
    EXPECT_EQ(bool(d.zero_b[size_t(v)]), zero_supported(mean_figures(y, rule), rule));
    zeros += d.zero_a[size_t(v)];
    // With a reference, each voxel is region A of a pair.
    Eigen::MatrixXd cells(Eigen::Index(rows.size()), 4);
    cells << x, y, reference(rows, 0), (reference(rows, 1).array() + 0.5).matrix();
    const PairFigures pair = pair_figures(cells, rule);
    EXPECT_TRUE(
        close_number(r.p_goes_with_a[v], x.mean() > 0 ? p_of_claim(pair, 0) : 1, 1e-9, 1e-12));
    EXPECT_TRUE(
        close_number(r.p_goes_with_b[v], y.mean() > 0 ? p_of_claim(pair, 1) : 1, 1e-9, 1e-12));
    EXPECT_TRUE(close_number(r.t_above_b[v], pair.difference[1].t, 1e-9, 1e-3));
  }
  EXPECT_GT(zeros, 3);
  EXPECT_LT(r.p_goes_with_a.head(5).minCoeff(), 0.01);
  EXPECT_TRUE(std::isnan(d.both[29]));
  EXPECT_TRUE(std::isnan(d.p_of(d.both)[29]));
  EXPECT_TRUE(std::isnan(r.p_goes_with_a[29]));
}

}  // namespace
}  // namespace sociometer
