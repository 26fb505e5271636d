#include "engine/group/shuffling.hpp"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "tests/engine/group/group_goldens.hpp"

namespace sociometer::testing {
namespace {

using Key = std::vector<double>;

/// A permutation as seen by the design: its rows in the order of the observations, with signs.
Key seen_by(const Eigen::MatrixXd& design, const Shuffle& shuffle) {
  Eigen::MatrixXd rows(design.rows(), design.cols() + 1);
  for (Eigen::Index i = 0; i < design.rows(); ++i)
    rows.row(shuffle.from[size_t(i)]) << design.row(i), double(shuffle.sign[size_t(i)]);
  return {rows.data(), rows.data() + rows.size()};
}

size_t different(const Eigen::MatrixXd& design, const ShuffleSequence& sequence) {
  std::set<Key> seen;
  for (uint64_t k = 0; k < sequence.size(); ++k) seen.insert(seen_by(design, sequence[k]));
  return seen.size();
}

Eigen::MatrixXd paired() { return group_csv("palm/group/inputs/paired8.csv"); }
std::vector<int> pairs() { return {0, 0, 1, 1, 2, 2, 3, 3}; }

struct Count {
  std::string what;
  Eigen::MatrixXd design;
  ShuffleScheme scheme;
  std::vector<int> blocks;
  BlockExchange exchange;
  uint64_t expected;
};
std::ostream& operator<<(std::ostream& out, const Count& c) { return out << c.what; }

class NumberOfShuffles : public ::testing::TestWithParam<Count> {};

TEST_P(NumberOfShuffles, IsThatOfPeersAndEachIsAnother) {
  const Count& c = GetParam();
  const ShuffleSet set(c.design, c.scheme, c.blocks, c.exchange);
  EXPECT_EQ(set.size(), c.expected);
  EXPECT_NEAR(set.log_size(), std::log(double(c.expected)), 1e-9);
  const ShuffleSequence sequence(set, 100000, 1);
  ASSERT_TRUE(sequence.exhaustive());
  EXPECT_EQ(different(c.design, sequence), c.expected);
  EXPECT_EQ(seen_by(c.design, sequence[0]), seen_by(c.design, set.in_place()));
}

const auto kFlips = ShuffleScheme::flips;
const auto kOrders = ShuffleScheme::permutations;
// Counts of PALM's goldens (tests/golden/palm/group/README.md).
INSTANTIATE_TEST_SUITE_P(
    Goldens, NumberOfShuffles,
    ::testing::Values(
        Count{"OneSample", Eigen::MatrixXd::Ones(8, 1), kFlips, {}, BlockExchange::within, 256},
        Count{"TwoSamples", two_groups(4).values, kOrders, {}, BlockExchange::within, 70},
        Count{"ThreeGroups",
              group_csv("palm/group/inputs/three9.csv"),
              kOrders,
              {},
              BlockExchange::within,
              1680},
        Count{"Covariates",
              group_csv("palm/group/inputs/cov6.csv"),
              kOrders,
              {},
              BlockExchange::within,
              720},
        Count{"Pairs", paired(), kOrders, pairs(), BlockExchange::within, 16},
        Count{"PairsFlipped", paired(), kFlips, pairs(), BlockExchange::within, 256},
        Count{"WholeBlocks", group_csv("palm/group/inputs/whole8.csv"), kOrders, pairs(),
              BlockExchange::whole, 6},
        Count{"WholeBlocksFlipped", Eigen::MatrixXd::Ones(8, 1), kFlips, pairs(),
              BlockExchange::whole, 16},
        Count{"Both", two_groups(2).values, ShuffleScheme::both, {}, BlockExchange::within, 96}),
    [](const auto& tested) { return tested.param.what; });

TEST(ShuffleSequence, RandomShufflesComeOnceAndDoNotDependOnOthers) {
  const Eigen::MatrixXd ones = Eigen::MatrixXd::Ones(12, 1);
  const ShuffleSet set(ones, kFlips, {}, BlockExchange::within);
  const ShuffleSequence sequence(set, 3000, 7);
  EXPECT_FALSE(sequence.exhaustive());
  EXPECT_EQ(sequence.size(), 3001u);
  EXPECT_EQ(different(ones, sequence), 3001u);
  EXPECT_EQ(ShuffleSequence(set, 100, 7)[50].sign, sequence[50].sign);
  EXPECT_NE(ShuffleSequence(set, 100, 8)[50].sign, sequence[50].sign);
}

TEST(ShuffleSequence, FlipsAreFair) {
  // Sets of 2^40 (enumerated) and 2^100 (drawn): each sign is -1 in half of the permutations.
  for (const Eigen::Index n : {40, 100}) {
    const ShuffleSet set(Eigen::MatrixXd::Ones(n, 1), kFlips, {}, BlockExchange::within);
    const ShuffleSequence sequence(set, 4000, 3);
    Eigen::VectorXd negative = Eigen::VectorXd::Zero(n);
    for (uint64_t k = 1; k <= 4000; ++k) {
      const Shuffle shuffle = sequence[k];
      for (Eigen::Index i = 0; i < n; ++i) negative[i] += shuffle.sign[size_t(i)] < 0;
    }
    // Five standard deviations of a binomial.
    EXPECT_LT((negative.array() - 2000).abs().maxCoeff(), 5 * std::sqrt(1000.0)) << n;
  }
}

TEST(ShuffleSequence, PermutationsStayWithinTheirBlocks) {
  std::vector<int> blocks;
  for (int i = 0; i < 60; ++i) blocks.push_back(i % 3);
  Eigen::MatrixXd design(60, 1);
  for (Eigen::Index i = 0; i < 60; ++i) design(i, 0) = double(i);
  const ShuffleSequence sequence(ShuffleSet(design, kOrders, blocks, BlockExchange::within), 50, 3);
  for (uint64_t k = 0; k < sequence.size(); ++k) {
    std::set<int32_t> all;
    const Shuffle shuffle = sequence[k];
    for (size_t i = 0; i < 60; ++i) {
      EXPECT_EQ(blocks[size_t(shuffle.from[i])], blocks[i]);
      all.insert(shuffle.from[i]);
    }
    EXPECT_EQ(all.size(), 60u);
  }
}

}  // namespace
}  // namespace sociometer::testing
