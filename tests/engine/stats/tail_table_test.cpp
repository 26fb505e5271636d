#include "engine/stats/tail_table.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

/// Compared with the exact functions, which other tests compare with 60-digit arithmetic.
void expect_same(const Tails& table, const Tails& exact, double statistic, double least_z) {
  EXPECT_NEAR(table.z, exact.z, 1e-12 * std::max(least_z, std::abs(exact.z))) << statistic;
  if (exact.p == 0) {
    EXPECT_EQ(table.p, 0) << statistic;
    return;
  }
  const double larger = std::max(1.0, std::abs(std::log(exact.p)));
  EXPECT_NEAR(table.p, exact.p, 1e-12 * larger * exact.p) << statistic;
}

TEST(TailTable, OfTAgreesWithTheExactTails) {
  for (double dof : {1.0, 2.0, 2.5, 7.0, 30.0, 273.4, 1e3, 1e5}) {
    const TailTable table = TailTable::of_t(dof);
    for (double t = -25; t <= 25; t += 0.0371) expect_same(table(t), tails_from_t(t, dof), t, 1e-3);
    for (double t = 0; t <= 21; t += 0.25)  // at boundaries between pieces
      for (double beside : {-1e-12, 0.0, 1e-12})
        expect_same(table(t + beside), tails_from_t(t + beside, dof), t + beside, 1e-3);
  }
}

TEST(TailTable, OfFAgreesWithTheExactTails) {
  for (double dof1 : {1.0, 2.0, 3.0, 12.0, 20.0, 60.0, 200.0, 500.0})
    for (double dof2 : {1.0, 4.5, 60.0, 273.0, 1e4}) {
      const TailTable table = TailTable::of_f(dof1, dof2);
      for (double f = 0.01; f <= 150; f *= 1.07)
        expect_same(table(f), tails_from_f(f, dof1, dof2), f, 1);
    }
}

TEST(TailTable, StaysAProbabilityWhereItUnderflows) {
  const TailTable table = TailTable::of_f(200, 1e4);
  for (double f = 1; f <= 99; f += 0.7) {
    const Tails exact = tails_from_f(f, 200, 1e4), found = table(f);
    EXPECT_LE(found.p, 1) << f;
    EXPECT_GE(found.p, 0) << f;
    EXPECT_NEAR(found.z, exact.z, 1e-9 * std::max(1.0, std::abs(exact.z))) << f;
  }
}

TEST(TailTable, KeepsWhatIsNotANumberAndTheEnds) {
  const TailTable table = TailTable::of_t(20);
  EXPECT_TRUE(std::isnan(table(NAN).z));
  EXPECT_EQ(table(INFINITY).p, 0);
  EXPECT_EQ(table(0.0).z, 0);
  EXPECT_NEAR(table(0.0).p, 0.5, 1e-13);
  EXPECT_EQ(table(1.5).z, -table(-1.5).z);
}

}  // namespace
}  // namespace sociometer
