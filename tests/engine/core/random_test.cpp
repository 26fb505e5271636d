#include "engine/core/random.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

// Known answers from the authors' own library (Random123 kat_vectors, philox4x32 10 rounds).
TEST(Philox, EqualsTheKnownAnswers) {
  using Words = std::array<uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CounterRandom, DependsOnSeedStreamAndPositionOnly) {
  const CounterRandom a(1, 2), b(1, 2), other_stream(1, 3), other_seed(2, 2);
  EXPECT_EQ(a.normal(7), b.normal(7));
  EXPECT_NE(a.normal(7), a.normal(8));
  EXPECT_NE(a.normal(7), other_stream.normal(7));
  EXPECT_NE(a.normal(7), other_seed.normal(7));
}

TEST(CounterRandom, HasTheMomentsOfItsDistributions) {
  constexpr int kDraws = 200000;
  const CounterRandom random(11, 1);
  double sum = 0, squares = 0, fourth = 0, uniform = 0;
  for (uint64_t i = 0; i < kDraws; ++i) {
    const double z = random.normal(i), u = random.uniform(i);
    ASSERT_GT(u, 0);
    ASSERT_LT(u, 1);
    sum += z, squares += z * z, fourth += z * z * z * z, uniform += u;
  }
  // Five standard errors each.
  EXPECT_LT(std::abs(sum / kDraws), 5 / std::sqrt(kDraws));
  EXPECT_LT(std::abs(squares / kDraws - 1), 5 * std::sqrt(2.0 / kDraws));
  EXPECT_LT(std::abs(fourth / kDraws - 3), 5 * std::sqrt(96.0 / kDraws));
  EXPECT_LT(std::abs(uniform / kDraws - 0.5), 5 * std::sqrt(1.0 / 12 / kDraws));
}

}  // namespace
}  // namespace sociometer
