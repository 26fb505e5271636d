#include "engine/roi/voxel_overlap.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/roi/percent_signal.hpp"

namespace sociometer {
namespace {

TEST(VoxelOverlap, FindsWhatBothHaveAndSpreadsIt) {
  const VoxelOverlap overlap = overlap_of({2, 5, 7, 30}, {1, 5, 6, 7, 9});
  EXPECT_EQ(overlap.positions, (std::vector<Eigen::Index>{1, 3}));
  EXPECT_EQ(overlap.places, (std::vector<size_t>{1, 2}));
  const std::vector<double> out = overlap.spread(Eigen::Vector2d(0.5, -1));
  ASSERT_EQ(out.size(), 4u);
  EXPECT_TRUE(std::isnan(out[0]) && std::isnan(out[3]));
  EXPECT_EQ(out[1], 0.5);
  EXPECT_EQ(out[2], -1);
  EXPECT_TRUE(overlap_of({3, 4}, {}).positions.empty());
  EXPECT_EQ(overlap_of({3, 4}, {}).spread(Eigen::VectorXd()).size(), 2u);
}

TEST(SignalLevel, IsTheMeanOverRuns) {
  RunEstimates a, b;
  a.mean = Eigen::Vector2d(100, 300);
  b.mean = Eigen::Vector2d(200, 100);
  a.grand_mean = 1000;
  b.grand_mean = 500;
  const SignalLevel level = signal_level({&a, &b});
  EXPECT_EQ(level.mean, Eigen::VectorXd(Eigen::Vector2d(150, 200)));
  EXPECT_EQ(level.grand_mean, 750);
}

TEST(SignalLevel, IsOfOneRunOrMoreOfTheSameVoxels) {
  RunEstimates a, b;
  a.mean = Eigen::Vector2d(100, 300);
  b.mean = Eigen::Vector3d(1, 2, 3);
  EXPECT_EQ(signal_level({&a}).mean, a.mean);
  EXPECT_THROW(signal_level({&a, &b}), std::logic_error);
  EXPECT_THROW(signal_level({}), std::logic_error);
}

}  // namespace
}  // namespace sociometer
