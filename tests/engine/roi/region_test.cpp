#include "engine/roi/region.hpp"

#include <cmath>
#include <limits>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/core/error.hpp"
#include "io/images/nifti.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::refuses;

/// 3-mm voxels, first axis from right to left if `las`.
Grid small_grid(bool las = false) {
  Grid grid;
  grid.size = {11, 9, 7};
  grid.world_from_voxel.diagonal() << 3, 3, 3, 1;
  grid.world_from_voxel.col(3) << -15, -12, -9, 1;
  if (las) {
    grid.world_from_voxel(0, 0) = -3;
    grid.world_from_voxel(0, 3) = 15;
  }
  return grid;
}

std::set<std::array<double, 3>> places(const Grid& grid, const Region& region) {
  std::set<std::array<double, 3>> out;
  for (uint32_t v : region.voxels) {
    const Eigen::Vector3d w = grid.world(v);
    out.insert({w[0], w[1], w[2]});
  }
  return out;
}

TEST(SphereRegion, HoldsTheVoxelsWhoseCentresAreWithinTheRadius) {
  const Grid grid = small_grid();
  // On the centre of a voxel: itself and its 6 neighbours at exactly 3 mm.
  EXPECT_EQ(sphere_region(grid, {3, 0, -3}, 3).n_voxels(), 7);
  EXPECT_EQ(sphere_region(grid, {3, 0, -3}, 2.99).n_voxels(), 1);
  EXPECT_EQ(sphere_region(grid, {3, 0, -3}, 3 * std::sqrt(2.0)).n_voxels(), 19);
  EXPECT_EQ(sphere_region(grid, {1.5, 1.5, 1.5}, 1).n_voxels(), 0);
  EXPECT_EQ(sphere_region(grid, {500, 0, 0}, 10).n_voxels(), 0);
}

RC_GTEST_PROP(SphereRegion, IsThatOfASearchThroughAllVoxels, ()) {
  Grid grid = small_grid(*rc::gen::arbitrary<bool>());
  const double angle = *rc::gen::inRange(0, 90) * M_PI / 180;
  Eigen::Matrix4d turn = Eigen::Matrix4d::Identity();
  turn(0, 0) = turn(1, 1) = std::cos(angle);
  turn(1, 0) = std::sin(angle);
  turn(0, 1) = -turn(1, 0);
  grid.world_from_voxel = turn * grid.world_from_voxel;
  const Eigen::Vector3d centre(*rc::gen::inRange(-200, 200) / 10.0,
                               *rc::gen::inRange(-200, 200) / 10.0,
                               *rc::gen::inRange(-200, 200) / 10.0);
  const double radius = *rc::gen::inRange(1, 120) / 10.0;
  Region expected;
  for (Eigen::Index i = 0; i < grid.n_voxels(); ++i)
    if ((grid.world(i) - centre).norm() <= radius + 1e-6) expected.voxels.push_back(uint32_t(i));
  RC_ASSERT(sphere_region(grid, centre, radius).voxels == expected.voxels);
}

TEST(BoxRegion, HoldsTheVoxelsWhoseCentresAreWithinHalfAnEdge) {
  const Grid grid = small_grid();
  EXPECT_EQ(box_region(grid, {0, 0, 0}, {6, 6, 6}).n_voxels(), 27);
  EXPECT_EQ(box_region(grid, {0, 0, 0}, {6, 5.9, 12}).n_voxels(), 3 * 1 * 5);
}

TEST(LabelRegion, TakesOneOrSeveralLabels) {
  const std::vector<double> values{0, 1, 2, 3, 2, 1, 7};
  EXPECT_EQ(label_region(values, std::vector<int>{2}).voxels, (std::vector<uint32_t>{2, 4}));
  EXPECT_EQ(label_region(values, std::vector<int>{7, 1}).voxels, (std::vector<uint32_t>{1, 5, 6}));
}

TEST(RequireLabels, NamesTheValueThatIsNoLabel) {
  const Grid grid = small_grid();
  std::vector<double> values(size_t(grid.n_voxels()), 0.0);
  values[5] = 12;
  values[7] = -3;
  EXPECT_EQ(require_labels(grid, values, "atlas"), (std::vector<int>{-3, 12}));
  values[size_t(grid.index(4, 2, 1))] = 0.25;
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"atlas", "0.25", "(4, 2, 1)", "whole numbers"},
                      [&] { require_labels(grid, values, "atlas"); }));
  values[size_t(grid.index(4, 2, 1))] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"nan"}, [&] { require_labels(grid, values, "a"); }));
}

TEST(LabelOf, TakesWholeNumbersWithinTheRoundingOfAStoredScale) {
  EXPECT_EQ(label_of(double(100 * 0.01f)), 1);  // 0.99999997...
  EXPECT_EQ(label_of(2035 * double(0.01f) * 100), 2035);
  EXPECT_EQ(label_of(1073741824.0), 1073741824);
  EXPECT_EQ(label_of(-3), -3);
  for (const double value : {0.5, 1.001, 2147483648.0, 1e300, double(NAN), double(INFINITY)})
    EXPECT_EQ(label_of(value), std::nullopt) << value;
}

TEST(RequireLabels, ReportsALabelThatIsTooLarge) {
  const Grid grid = small_grid();
  std::vector<double> values(size_t(grid.n_voxels()), 0.0);
  values[0] = 4294967296.0;
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"4294967296", "2147483647"},
                      [&] { require_labels(grid, values, "atlas"); }));
}

/// Ten voxels of 2 mm in a row; `to` covers the first four of them, at 1 mm.
TEST(SizeBeyond, CountsWhatTheOtherGridLacksInItsVoxels) {
  Grid from, to;
  from.size = {10, 1, 1};
  from.world_from_voxel.diagonal().head<3>().setConstant(2);
  to.size = {8, 2, 2};
  to.world_from_voxel.topRightCorner<3, 1>().setConstant(-0.5);
  const Region plain{"", {2, 3, 4, 5, 6, 7, 8, 9}, {}};
  EXPECT_EQ(size_beyond(from, plain, to), 6 * 8);
  const Region weighted{"", {3, 4, 9}, {1, 0.5, -2}};
  EXPECT_EQ(size_beyond(from, weighted, to), 2.5 * 8);
  Region part{"", {0, 1, 2}, {}};
  part.outside = 5;
  EXPECT_EQ(part.share_in_grid(), 0.375);
}

TEST(SetOperations, KeepOrderAndWeights) {
  const Region a{"a", {1, 3, 5}, {}}, b{"b", {3, 4, 5}, {0.5, 2, 3}};
  EXPECT_EQ(union_of(a, b).voxels, (std::vector<uint32_t>{1, 3, 4, 5}));
  EXPECT_EQ(union_of(a, b).weights, (std::vector<double>{1, 1, 2, 3}));
  EXPECT_EQ(intersection_of(a, b).voxels, (std::vector<uint32_t>{3, 5}));
  EXPECT_EQ(intersection_of(a, b).weights, (std::vector<double>{0.5, 3}));
  EXPECT_EQ(difference_of(b, a).voxels, (std::vector<uint32_t>{4}));
  EXPECT_EQ(difference_of(b, a).weights, (std::vector<double>{2}));
  EXPECT_EQ(difference_of(a, Region{}).voxels, a.voxels);
  EXPECT_FALSE(union_of(a, a).weighted());
}

TEST(RegionShapes, LieAtTheSamePlaceHoweverTheGridIsStored) {
  const Grid ras = small_grid(false), las = small_grid(true);
  const Eigen::Vector3d right(7.5, 1.2, -3);
  EXPECT_EQ(places(ras, sphere_region(ras, right, 6)), places(las, sphere_region(las, right, 6)));
  EXPECT_EQ(places(ras, box_region(ras, right, {6, 9, 6})),
            places(las, box_region(las, right, {6, 9, 6})));
}

/// A value that encodes its position.
std::vector<double> coordinates_image(const Grid& grid) {
  std::vector<double> values;
  for (Eigen::Index i = 0; i < grid.n_voxels(); ++i) {
    const Eigen::Vector3d w = grid.world(i);
    values.push_back(1000 + 1.0 * w[0] + 0.1 * w[1] + 0.01 * w[2]);
  }
  return values;
}

TEST(Resample, GivesALinearImageItsValuesAndTheSameImageTheSameBits) {
  const Grid ras = small_grid(false), las = small_grid(true);
  const std::vector<double> image = coordinates_image(ras);
  EXPECT_EQ(resample(ras, image, ras, Interpolation::linear), image);
  EXPECT_EQ(resample(ras, image, ras, Interpolation::nearest), image);
  EXPECT_EQ(resample(ras, image, las, Interpolation::linear), coordinates_image(las));
  Grid fine = ras;
  fine.size = {12, 9, 7};
  fine.world_from_voxel.col(3) << -12.4, -11, -8.2, 1;
  fine.world_from_voxel.diagonal() << 2, 2, 2, 1;
  const auto resampled = resample(ras, image, fine, Interpolation::linear);
  const auto expected = coordinates_image(fine);
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_TRUE(testing::close_number(resampled[i], expected[i], 1e-12)) << i;
}

TEST(Resample, DoesNotDependOnTheOrderInWhichTheImageIsStored) {
  const Grid ras = small_grid(false), las = small_grid(true);
  Grid target = ras;
  // Every voxel of the target lies halfway between two voxels of the image.
  target.world_from_voxel(0, 3) += 1.5;
  for (Interpolation how : {Interpolation::nearest, Interpolation::linear})
    EXPECT_EQ(resample(ras, coordinates_image(ras), target, how),
              resample(las, coordinates_image(las), target, how));
}

TEST(Resample, IsZeroOutsideTheImage) {
  const Grid grid = small_grid();
  Grid far = grid;
  far.world_from_voxel(2, 3) += 1000;
  const std::vector<double> ones(size_t(grid.n_voxels()), 1.0);
  for (Interpolation how : {Interpolation::nearest, Interpolation::linear})
    EXPECT_EQ(resample(grid, ones, far, how), std::vector<double>(ones.size(), 0.0));
}

/// The same published signature, stored once from right to left and once from left to right.
TEST(Resample, FindsTheSameValuesInLasAndRasCopies) {
  SOCIOMETER_NEEDS_DATA(folder, "masks_atlases/signatures_rejection_reward");
  const Image las =
      read_nifti(folder + "/space-MNI152FSL/rejection_threshold_space-MNI152FSL_weights.nii.gz");
  const Image ras = read_nifti(
      folder + "/space-MNI152NLin6Asym/rejection_threshold_space-MNI152NLin6Asym_weights.nii.gz");
  ASSERT_LT(las.header.grid.world_from_voxel(0, 0), 0);
  ASSERT_GT(ras.header.grid.world_from_voxel(0, 0), 0);
  const auto values = [](const Image& image) {
    return std::span<const double>(image.values.data(), size_t(image.values.size()));
  };
  const auto found =
      resample(ras.header.grid, values(ras), las.header.grid, Interpolation::nearest);
  Eigen::Index nonzero = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    const double expected = std::isfinite(values(las)[i]) ? values(las)[i] : 0.0;
    ASSERT_EQ(found[i], expected) << i;
    nonzero += expected != 0;
  }
  EXPECT_GT(nonzero, 1000);
  // A sphere right of the midline selects the same voxels in world space, and the same weights.
  for (double side : {-1.0, 1.0}) {
    const Eigen::Vector3d centre(side * 36, 20, 4);
    double sum_las = 0, sum_ras = 0;
    for (uint32_t v : sphere_region(las.header.grid, centre, 10).voxels) sum_las += values(las)[v];
    for (uint32_t v : sphere_region(ras.header.grid, centre, 10).voxels) sum_ras += values(ras)[v];
    EXPECT_TRUE(testing::close_number(sum_las, sum_ras, 1e-9));
  }
}

}  // namespace
}  // namespace sociometer
