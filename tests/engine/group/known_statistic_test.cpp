#include "engine/group/known_statistic.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

using Kind = RandomField::Kind;

// R: qnorm(pt(2.5, 12, lower.tail = FALSE), lower.tail = FALSE), and the same of pf(4, 2, 20).
TEST(KnownStatistic, HasTheZOfTheSameP) {
  EXPECT_NEAR(z_of({Kind::t, 1, 12}, 2.5), 2.19847323883, 1e-9);
  EXPECT_NEAR(z_of({Kind::f, 2, 20}, 4), 1.81748275782, 1e-9);
  EXPECT_EQ(z_of({Kind::z}, -1.5), -1.5);
  EXPECT_EQ(z_of({Kind::t}, 2.5), 2.5) << "infinite degrees of freedom";
  EXPECT_TRUE(std::isnan(z_of({}, 2.5)));
  EXPECT_TRUE(std::isnan(z_of({Kind::t, 1, 12}, kNaN)));
}

TEST(KnownStatistic, IsTestedAsItIsOrAsZ) {
  const Eigen::VectorXd values = Eigen::VectorXd::LinSpaced(9001, -6, 6);
  const KnownStatistic t{Kind::t, 1, 12};
  const TestedMap as_t = tested_map(t, values, false, 2), as_z = tested_map(t, values, true, 1);
  EXPECT_EQ(as_t.kind, Kind::t);
  EXPECT_EQ(as_t.dof2, 12);
  EXPECT_EQ(as_t.statistic, values);
  EXPECT_EQ(as_z.kind, Kind::z);
  EXPECT_EQ(as_z.statistic, as_t.z);
  for (Eigen::Index v = 0; v < values.size(); v += 500) EXPECT_EQ(as_t.z[v], z_of(t, values[v]));
  const TestedMap other = tested_map({}, values, false, 1);
  EXPECT_EQ(other.statistic, values);
  EXPECT_TRUE(other.z.array().isNaN().all());
}

}  // namespace
}  // namespace sociometer
