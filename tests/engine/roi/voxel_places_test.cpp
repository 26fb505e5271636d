#include "engine/roi/voxel_places.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

/// One voxel for each label, and one without a value; 20 participants.
VoxelDissociation example() {
  VoxelDissociation d;
  const double high = 6, low = 0.1;
  d.n = Eigen::VectorXd::Constant(7, 20);
  d.t_a.resize(7);
  d.t_b.resize(7);
  d.t_a << low, high, low, high, high, low, kNaN;
  d.t_b << low, low, high, high, low, high, kNaN;
  d.both = d.t_a.cwiseMin(d.t_b);
  d.zero_a = {1, 0, 1, 0, 0, 0, 0};
  d.zero_b = {1, 1, 0, 0, 0, 0, 0};
  d.p_goes_with_a = d.p_goes_with_b = Eigen::VectorXd::Constant(7, 0.5);
  d.p_goes_with_a[1] = d.p_goes_with_b[2] = 1e-5;
  d.p_goes_with_a[6] = d.p_goes_with_b[6] = kNaN;
  return d;
}

Eigen::VectorXd labels(std::initializer_list<double> values) {
  return Eigen::Map<const Eigen::VectorXd>(values.begin(), Eigen::Index(values.size()));
}

TEST(VoxelPlaces, NameWhatIsShownAndWhatIsOpen) {
  const VoxelPlaces found = places(example(), VoxelCorrection::none, 0.001);
  EXPECT_EQ(found.label, labels({0, 1, 2, 3, 4, 5, 0}));
  EXPECT_EQ(found.first.n, 3);
  EXPECT_EQ(found.second.n, 3);
  EXPECT_EQ(found.both.n, 1);
  EXPECT_EQ(found.first.limit, 0.001);
}

TEST(VoxelPlaces, PassOnlyAfterTheCorrection) {
  Eigen::VectorXd p(5);
  p << 0.0001, 0.012, 0.02, 0.9, kNaN;
  const auto passes = [&](VoxelCorrection correction) {
    return passing(p, correction, 0.025).passes;
  };
  using Flags = std::vector<uint8_t>;
  EXPECT_EQ(passes(VoxelCorrection::none), (Flags{1, 1, 1, 0, 0}));
  EXPECT_EQ(passes(VoxelCorrection::fdr), (Flags{1, 1, 0, 0, 0}));
  EXPECT_EQ(passes(VoxelCorrection::holm), (Flags{1, 0, 0, 0, 0}));
  const PassingVoxels none = passing(p.tail(2), VoxelCorrection::fdr, 0.025);
  EXPECT_EQ(none.n, 0);
  EXPECT_TRUE(std::isnan(none.limit));
}

TEST(VoxelCrossovers, StateWhichSignalTheVoxelGoesWith) {
  const VoxelCrossovers found = crossovers(example(), VoxelCorrection::none, 0.001);
  EXPECT_EQ(found.label, labels({0, 1, 2, 0, 0, 0, 0}));
  EXPECT_EQ(found.first.n, 1);
  EXPECT_EQ(found.second.n, 1);
}

TEST(ReferenceMeans, AreOverTheVoxelsThatHaveBothValues) {
  const std::vector<double> a{1, 2, kNaN, 6}, b{5, kNaN, 1, 7};
  const std::vector<size_t> positions{0, 1, 2, 3}, second{1};
  const ReferenceValues means = reference_means(a, b, positions);
  EXPECT_EQ(means.a, 3.5);
  EXPECT_EQ(means.b, 6);
  EXPECT_TRUE(std::isnan(reference_means(a, b, second).a));
}

TEST(VoxelPlaces, AreCountedByLabel) {
  EXPECT_EQ(n_voxels_with(1, labels({0, 1, 1, 2})), 2);
  EXPECT_EQ(n_voxels_with(3, labels({0, 1, 1, 2})), 0);
}

TEST(TurnedSigns, AreThoseOfEveryEffect) {
  std::vector<double> effects{1, -2, kNaN};
  turn_sign(effects);
  EXPECT_EQ(effects[0], -1);
  EXPECT_EQ(effects[1], 2);
  EXPECT_TRUE(std::isnan(effects[2]));
}

}  // namespace
}  // namespace sociometer
