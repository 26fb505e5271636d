#include "engine/stats/finite_values.hpp"

#include <gtest/gtest.h>

#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

Eigen::VectorXd some_values() {
  Eigen::VectorXd values(6);
  values << 4, kNone, -3, kInfinite, 0.5, -kInfinite;
  return values;
}

TEST(FiniteValues, RangeAndMeanLeaveOutWhatIsNotFinite) {
  const ValueRange range = finite_range(some_values());
  EXPECT_DOUBLE_EQ(range.low, -3);
  EXPECT_DOUBLE_EQ(range.high, 4);
  EXPECT_TRUE(range.varies());
  EXPECT_DOUBLE_EQ(finite_mean(some_values()), 0.5);
}

TEST(FiniteValues, RangeIsEmptyAndMeanMissingWithoutAny) {
  const Eigen::VectorXd none = Eigen::VectorXd::Constant(3, kNone);
  EXPECT_TRUE(finite_range(none).is_empty());
  EXPECT_FALSE(finite_range(none).varies());
  EXPECT_FALSE(finite_range(Eigen::VectorXd::Constant(3, 2.)).varies());
  EXPECT_FALSE(finite_range(Eigen::VectorXd::Constant(3, 2.)).is_empty());
  EXPECT_TRUE(std::isnan(finite_mean(none)));
}

TEST(FiniteValues, InfinitiesAreNotMissing) {
  EXPECT_TRUE(all_missing(Eigen::VectorXd::Constant(2, kNone)));
  EXPECT_TRUE(all_missing(Eigen::VectorXd()));
  EXPECT_FALSE(all_missing(Eigen::Vector2d(kNone, kInfinite)));
}

TEST(FiniteValues, LargestMagnitudeIsThatOfEitherSign) {
  EXPECT_DOUBLE_EQ(largest_magnitude(Eigen::Vector3d(2, -5, 3)), 5);
  EXPECT_DOUBLE_EQ(largest_magnitude(Eigen::VectorXd()), 0);
}

TEST(FiniteValues, InfinitiesBecomeMissingAndTheRestStays) {
  const Eigen::VectorXd out = finite_or_missing(some_values());
  for (Eigen::Index v = 0; v < out.size(); ++v)
    EXPECT_EQ(std::isnan(out[v]), !std::isfinite(some_values()[v])) << v;
  EXPECT_DOUBLE_EQ(out[4], 0.5);
}

TEST(FiniteValues, StandardDeviationsAreRootsOfVariances) {
  Eigen::VectorXd variances(4), expected(4);
  variances << 9, 0, -1, kNone;
  expected << 3, 0, kNone, kNone;
  const Eigen::VectorXd found = standard_deviations(variances);
  for (Eigen::Index v = 0; v < 2; ++v) EXPECT_DOUBLE_EQ(found[v], expected[v]);
  EXPECT_TRUE(std::isnan(found[2]) && std::isnan(found[3]));
}

TEST(FiniteValues, CopiesAgreeInEveryVoxelAndHaveEnoughOfThem) {
  const Eigen::VectorXd map = some_values();
  EXPECT_TRUE(are_copies(map, map, 3));
  EXPECT_FALSE(are_copies(map, map, 4)) << "three values only";
  Eigen::VectorXd other = map;
  other[4] = std::nextafter(0.5, 1);
  EXPECT_FALSE(are_copies(map, other, 1));
  other = map;
  other[1] = 0;
  EXPECT_FALSE(are_copies(map, other, 1)) << "a value where the other has none";
  EXPECT_FALSE(are_copies(map, map.head(5), 1));
  const Eigen::VectorXd rounded = map * (1 + 1e-13);
  EXPECT_FALSE(are_copies(map, rounded, 3));
  EXPECT_TRUE(are_copies(map, rounded, 3, 1e-10));
  EXPECT_FALSE(are_copies(map, Eigen::VectorXd(map * (1 + 1e-9)), 3, 1e-10));
  EXPECT_FALSE(are_copies(Eigen::VectorXd::Zero(9), Eigen::VectorXd::Zero(9), 1));
}

}  // namespace
}  // namespace sociometer
