#include "engine/roi/region_values.hpp"

#include <cmath>

#include <Eigen/SVD>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;
using testing::golden;

// 3dROIstats prints six decimals, 3dmaskave six digits.
constexpr double kPrinted = 6e-7, kDigits = 6e-6;

std::span<const double> volume(const Image& image, Eigen::Index v = 0) {
  return {image.values.col(v).data(), size_t(image.values.rows())};
}

/// The regions of the AFNI golden: labels 1, 2, 3, 7.
std::vector<Region> afni_regions() {
  const Image labels = read_nifti(golden("afni/roi/in_roi.nii.gz"));
  std::vector<Region> regions;
  for (int label : require_labels(labels.header.grid, volume(labels), "in_roi"))
    regions.push_back(label_region(volume(labels), std::vector<int>{label}));
  return regions;
}

std::vector<double> at(const RegionGather& gather, std::span<const double> values) {
  std::vector<double> out;
  for (uint32_t v : gather.voxels()) out.push_back(values[v]);
  return out;
}

TEST(RegionSummary, HasTheNumbersOf3dROIstats) {
  const std::vector<Region> regions = afni_regions();
  ASSERT_EQ(regions.size(), 4u);
  const RegionGather gather(regions);
  const Image map = read_nifti(golden("afni/roi/in_subA01.nii.gz"));
  const auto found = gather.summarise(at(gather, volume(map)));
  const Table table = read_table(golden("afni/roi/roistats_all.txt"));
  const Table nz = read_table(golden("afni/roi/roistats_nzmedian.txt"));
  const int names[] = {1, 2, 3, 7};
  for (size_t r = 0; r < 4; ++r) {
    const auto figure = [&](const Table& t, const std::string& what) {
      return number_in(t, 0, t.find(what + "_" + std::to_string(names[r])));
    };
    const RegionSummary& s = found[r];
    EXPECT_EQ(double(s.n_covered), figure(table, "NZcount"));
    EXPECT_TRUE(close_number(s.mean, figure(table, "Mean"), kPrinted, 1));
    EXPECT_TRUE(close_number(s.minimum, figure(table, "Min"), kPrinted, 1));
    EXPECT_TRUE(close_number(s.peak, figure(table, "Max"), kPrinted, 1));
    EXPECT_TRUE(close_number(s.median, figure(table, "Med"), kPrinted, 1));
    EXPECT_TRUE(close_number(s.median, figure(nz, "NZMed"), kPrinted, 1));
    EXPECT_TRUE(close_number(s.sum, figure(table, "NZSum"), kPrinted, 10));
    const double n = double(s.n_covered);
    EXPECT_TRUE(close_number(s.sd * std::sqrt((n - 1) / n), figure(table, "Sigma"), kPrinted, 1));
    EXPECT_EQ(s.coverage, 1);
    EXPECT_TRUE(close_number(s.weighted_mean, s.mean, 1e-14));
  }
}

TEST(RegionSummary, HasTheNumbersOf3dmaskave) {
  const std::vector<Region> regions = afni_regions();
  const Region first = regions[0];
  const Region rest = union_of(union_of(regions[1], regions[2]), regions[3]);
  const RegionGather gather({first, rest});
  const Image map = read_nifti(golden("afni/roi/in_subA01.nii.gz"));
  const auto found = gather.summarise(at(gather, volume(map)));
  const auto figure = [](const char* name) {
    return testing::number_table(golden(std::string("afni/roi/maskave_roi") + name + ".txt"))(0, 0);
  };
  EXPECT_TRUE(close_number(found[0].sum, figure("1_sum"), kDigits));
  EXPECT_TRUE(close_number(found[0].median, figure("1_median"), kDigits));
  EXPECT_TRUE(close_number(found[0].peak, figure("1_max"), kDigits));
  EXPECT_TRUE(close_number(found[0].minimum, figure("1_min"), kDigits));
  const Eigen::MatrixXd both = testing::number_table(golden("afni/roi/maskave_roi2to7_sigma.txt"));
  EXPECT_TRUE(close_number(found[1].mean, both(0, 0), kDigits));
  EXPECT_TRUE(close_number(found[1].sd, both(0, 1), kDigits));
}

TEST(RegionSummary, HasTheMeanSeriesOf3dROIstats) {
  const RegionGather gather(afni_regions());
  const Image bold = read_nifti(golden("afni/first_level/in_bold.nii.gz"));
  const Eigen::MatrixXd expected = testing::number_table(golden("afni/roi/roistats_ts.txt"));
  ASSERT_EQ(expected.rows(), bold.values.cols());
  Eigen::MatrixXd found(expected.rows(), expected.cols());
  for (Eigen::Index t = 0; t < found.rows(); ++t) {
    const auto summaries = gather.summarise(at(gather, volume(bold, t)));
    for (size_t r = 0; r < 4; ++r) found(t, Eigen::Index(r)) = summaries[r].mean;
  }
  EXPECT_TRUE(testing::close_relative(found, expected, 1e-9, 1));
}

TEST(RegionSummary, WeighsAndCountsOnlyWhatIsCovered) {
  const RegionGather gather({Region{"a", {2, 4, 9}, {1, 2, 5}}, Region{"b", {4, 7}, {}},
                             Region{"c", {7}, {}}, Region{"pattern", {2, 4}, {1, -1}}});
  EXPECT_EQ(gather.voxels(), (std::vector<uint32_t>{2, 4, 7, 9}));
  const auto s = gather.summarise(std::vector<double>{10, 4, kNaN, kNaN});
  EXPECT_EQ(s[0].n_covered, 2);
  EXPECT_TRUE(close_number(s[0].coverage, 3.0 / 8, 1e-15));
  EXPECT_TRUE(close_number(s[0].mean, 7, 1e-15));
  EXPECT_TRUE(close_number(s[0].weighted_mean, 6, 1e-15));
  EXPECT_TRUE(close_number(s[0].weighted_sum, 18, 1e-15));
  EXPECT_TRUE(close_number(s[1].coverage, 0.5, 1e-15));
  EXPECT_TRUE(std::isnan(s[1].sd));
  EXPECT_EQ(s[2].coverage, 0);
  EXPECT_TRUE(std::isnan(s[2].mean));
  EXPECT_TRUE(close_number(s[3].weighted_sum, 6, 1e-15));
  EXPECT_TRUE(std::isnan(s[3].weighted_mean));
  EXPECT_EQ(statistic_of(s[0], RegionStatistic::count), 2);
}

RC_GTEST_PROP(FirstEigenvariate, IsTheLeadingPartOfTheSingularValueDecomposition, ()) {
  const auto rows = Eigen::Index(*rc::gen::inRange(2, 14)),
             columns = Eigen::Index(*rc::gen::inRange(1, 14));
  std::srand(unsigned(*rc::gen::inRange(1, 10000)));
  const Eigen::MatrixXd y = Eigen::MatrixXd::Random(rows, columns);
  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(y, Eigen::ComputeThinU | Eigen::ComputeThinV);
  // Nearly tied leading singular values leave the direction undetermined. RC_PRE evaluates both
  // sides of an `or`.
  const bool apart =
      svd.singularValues().size() == 1 || svd.singularValues()[1] < 0.99 * svd.singularValues()[0];
  RC_PRE(apart);
  RC_PRE(std::abs(svd.matrixV().col(0).sum()) > 1e-3);
  const double sign = svd.matrixV().col(0).sum() < 0 ? -1 : 1;
  const Eigen::VectorXd expected =
      sign * svd.matrixU().col(0) * svd.singularValues()[0] / std::sqrt(double(columns));
  RC_ASSERT(testing::close_relative(first_eigenvariate(y), expected, 1e-9, 1));
}

TEST(FirstEigenvariate, OfEqualVoxelsIsTheirSeriesAndOfZerosZero) {
  const Eigen::VectorXd series = Eigen::VectorXd::LinSpaced(7, -1, 4);
  EXPECT_TRUE(
      testing::close_relative(first_eigenvariate(series.replicate(1, 5)), series, 1e-12, 1));
  EXPECT_TRUE(first_eigenvariate(Eigen::MatrixXd::Zero(4, 3)).isZero(0));
}

TEST(StatisticOf, IsANumberOfTheSummary) {
  RegionSummary s{};
  s.weighted_mean = 3;
  EXPECT_EQ(statistic_of(s, RegionStatistic::weighted_mean), 3);
  EXPECT_THROW(statistic_of(s, RegionStatistic::psc), std::logic_error);
}

TEST(StatisticOf, OfScansIsOneOfTheSummaryOrTheEigenvariate) {
  EXPECT_NO_THROW(require_statistic_of_scans(RegionStatistic::count));
  EXPECT_NO_THROW(require_statistic_of_scans(RegionStatistic::eigenvariate));
  EXPECT_TRUE(testing::refuses(ErrorCode::usage, {"psc", "weighted-mean"},
                               [] { require_statistic_of_scans(RegionStatistic::psc); }));
}

/// Regions of two voxels and of one, on a line of three.
RegionGather two_regions() {
  Region a, b;
  a.voxels = {0, 1};
  b.voxels = {2};
  return RegionGather({a, b});
}

TEST(Eigenvariates, AreOverTheVoxelsThatAllMapsOfTheRegionHave) {
  const std::vector<double> first{1, 2, kNaN}, second{3, 4, 5}, third{6, kNaN, 7},
      none{kNaN, kNaN, kNaN};
  Eigen::MatrixXd both(2, 2);
  both << 1, 2, 3, 4;
  const Eigen::MatrixXd two = eigenvariates({first, second, none}, two_regions());
  EXPECT_TRUE(testing::close_relative(two.col(0).head(2), first_eigenvariate(both), 1e-14, 1));
  EXPECT_TRUE(std::isnan(two(2, 0)));
  EXPECT_TRUE(std::isnan(two(0, 1)));
  EXPECT_EQ(two(1, 1), 5);
  // The second voxel is missing in one map: only the first is left, whose values are themselves.
  const Eigen::MatrixXd three = eigenvariates({first, second, third}, two_regions());
  EXPECT_TRUE(testing::close_relative(three.col(0), Eigen::Vector3d(1, 3, 6), 1e-14, 1));
}

TEST(Baselines, AreMeansOfTheSignalWhereEffectsAre) {
  const std::vector<double> effects{1, kNaN, kNaN}, signal{100, 200, 300};
  const auto found = baselines(two_regions(), effects, signal);
  EXPECT_EQ(found[0], 100);
  EXPECT_TRUE(std::isnan(found[1]));
}

TEST(UncoveredValues, AreThoseOutsideTheMaskOrElseZeros) {
  const std::vector<double> values{0, 1, 2, 3}, mask{1, 0, kNaN, 1};
  std::vector<double> by_mask = values, by_zero = values, all = values;
  drop_uncovered(by_mask, mask, false);
  EXPECT_EQ(by_mask[0], 0);
  EXPECT_TRUE(std::isnan(by_mask[1]) && std::isnan(by_mask[2]));
  EXPECT_EQ(by_mask[3], 3);
  drop_uncovered(by_zero, {}, false);
  EXPECT_TRUE(std::isnan(by_zero[0]));
  EXPECT_EQ(by_zero[1], 1);
  drop_uncovered(all, {}, true);
  EXPECT_EQ(all, values);
}

TEST(MeanOfMaps, IsTakenVoxelByVoxel) {
  const auto mean = mean_of_maps({{1, 2, kNaN}, {3, 5, 1}});
  EXPECT_EQ(mean[0], 2);
  EXPECT_EQ(mean[1], 3.5);
  EXPECT_TRUE(std::isnan(mean[2]));
}

}  // namespace
}  // namespace sociometer
