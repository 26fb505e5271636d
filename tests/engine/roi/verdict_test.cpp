#include "engine/roi/verdict.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/roi/claim_rates.hpp"
#include "engine/roi/dissociation.hpp"
#include "engine/roi/signal_units.hpp"
#include "tests/engine/roi/r_figures.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;
using testing::RFigures;

#ifndef SOCIOMETER_VERDICT_STUDIES
#define SOCIOMETER_VERDICT_STUDIES 4000
#endif

/// Cells whose sample has exactly these means and standard deviations, uncorrelated, so that the
/// test results are known.
Eigen::MatrixXd exact_cells(Eigen::Index n, const Eigen::Vector4d& mean,
                            const Eigen::Vector4d& sd = Eigen::Vector4d::Ones()) {
  Eigen::MatrixXd z(n, 5);
  const CounterRandom random(7, 7);
  for (Eigen::Index i = 0; i < z.size(); ++i) z.data()[i] = random.normal(uint64_t(i));
  z.col(0).setOnes();
  const Eigen::MatrixXd q =
      Eigen::HouseholderQR<Eigen::MatrixXd>(z).householderQ() * Eigen::MatrixXd::Identity(n, 5);
  Eigen::MatrixXd cells(n, 4);
  for (int c = 0; c < 4; ++c)
    cells.col(c) = q.col(c + 1).array() * (sd[c] * std::sqrt(double(n - 1))) + mean[c];
  return cells;
}

PairVerdict verdict(const Eigen::MatrixXd& cells, const EvidenceRule& rule = {}) {
  return judge({pair_figures(cells, rule)}, rule)[0];
}

TEST(MeanFigures, AreThoseOfR) {
  const RFigures r;
  for (const char* column : {"A_x", "B_y"}) {
    const MeanFigures f = mean_figures(r.column(column), {});
    EXPECT_TRUE(close_number(f.t, r("one", column, "t"), 1e-10));
    EXPECT_TRUE(close_number(f.p, r("one", column, "p"), 1e-10));
  }
}

/// TOST by its formulas: t for the nearer bound is (bound - |d|) sqrt(n), one-sided.
TEST(MeanFigures, TestsEquivalenceByTwoOneSidedTests) {
  const Eigen::MatrixXd cells = exact_cells(40, {0.1, -0.1, 0, 0.6});
  EvidenceRule rule;
  rule.equivalence_d = 0.5;
  // R: pt((.5 - .1) * sqrt(40), 39, lower.tail = FALSE)
  EXPECT_TRUE(close_number(mean_figures(cells.col(0), rule).p_equivalence, 0.00778168122666, 1e-9));
  EXPECT_TRUE(close_number(mean_figures(cells.col(1), rule).p_equivalence,
                           mean_figures(cells.col(0), rule).p_equivalence, 1e-9));
  EXPECT_GT(mean_figures(cells.col(3), rule).p_equivalence, 0.5);
}

TEST(EvidenceWord, IsTheSameOnBothSides) {
  for (double sign : {-1.0, 1.0}) {
    EXPECT_STREQ(evidence_word(sign * std::log(2.9)), "anecdotal");
    EXPECT_STREQ(evidence_word(sign * std::log(3.1)), "moderate");
    EXPECT_STREQ(evidence_word(sign * std::log(11)), "strong");
    EXPECT_STREQ(evidence_word(sign * std::log(31)), "very strong");
    EXPECT_STREQ(evidence_word(sign * std::log(101)), "extreme");
  }
}

TEST(Verdict, NamesTheCleanCrossoverSelective) {
  const PairVerdict v = verdict(exact_cells(40, {0.8, 0, 0, 0.7}));
  EXPECT_EQ(v.verdict, Verdict::selective_double_dissociation);
  EXPECT_EQ(v.signal_of_first, 0);
  EXPECT_TRUE(v.crosses);
  // Paired tests of .8 and .7 with SD sqrt 2; the smaller decides. R: 2 * pt(-.7 / sqrt(2/40), 39)
  EXPECT_TRUE(close_number(v.p_crossover, 0.00330070785387, 1e-9));
  EXPECT_EQ(v.p, v.p_crossover);
}

TEST(Verdict, FindsTheRegionsTheOtherWayRound) {
  const PairVerdict v = verdict(exact_cells(40, {0, 0.8, 0.7, 0}));
  EXPECT_EQ(v.verdict, Verdict::selective_double_dissociation);
  EXPECT_EQ(v.signal_of_first, 1);
}

TEST(Verdict, WithoutBothZerosIsADoubleDissociationAndNoMore) {
  EXPECT_EQ(verdict(exact_cells(40, {1.0, 0.4, 0, 1.2})).verdict, Verdict::double_dissociation);
  // In small samples equivalence decides in addition to the Bayes factor.
  EvidenceRule strict;
  strict.equivalence_d = 0.2;
  EXPECT_EQ(verdict(exact_cells(40, {0.9, 0, 0, 0.9}), strict).verdict,
            Verdict::double_dissociation);
}

TEST(Verdict, IsNoDoubleDissociationWhereOneSignalIsShared) {
  const PairVerdict v = verdict(exact_cells(40, {0.9, 0.6, 0, 0.6}));
  EXPECT_EQ(v.verdict, Verdict::single_dissociation);
  ASSERT_EQ(v.singles.size(), 1u);
  EXPECT_EQ(v.singles[0].region, 0);
  EXPECT_EQ(v.singles[0].signal, 0);
}

/// A noisy region whose effect is not detected, though it is as large as the other's.
TEST(Verdict, IsNotMadeByNoise) {
  const PairVerdict v = verdict(exact_cells(40, {2.5, 0.5, 0, 0.5}, {3.4, 3.4, 1, 1}));
  EXPECT_NE(v.verdict, Verdict::double_dissociation);
  EXPECT_NE(v.verdict, Verdict::selective_double_dissociation);
  // What an interaction test together with the four effects would have called a dissociation.
  const EvidenceRule rule;
  const PairFigures f = pair_figures(exact_cells(40, {2.5, 0.5, 0, 0.5}, {3.4, 3.4, 1, 1}), rule);
  EXPECT_TRUE(is_shown(finding_of(f.cell[0][0], rule)) && is_shown(finding_of(f.cell[1][1], rule)));
  EXPECT_TRUE(finding_of(f.cell[0][1], rule) == Finding::absent &&
              finding_of(f.cell[1][0], rule) == Finding::absent);
}

TEST(Verdict, OfMereGainIsAlikeInKind) {
  const PairVerdict v = verdict(exact_cells(40, {1.6, 1.2, 0.8, 0.6}));
  EXPECT_EQ(v.verdict, Verdict::alike);
  EXPECT_TRUE(v.only_gain);
  EXPECT_FALSE(v.crosses);
  // Also if the ratio is exact in all participants, which leaves no variance to test.
  Eigen::MatrixXd cells = exact_cells(40, {1.6, 1.2, 0.8, 0.6});
  cells.rightCols(2) = 0.5 * cells.leftCols(2);
  EXPECT_EQ(verdict(cells).verdict, Verdict::alike);
  // Nor does a region that responds with the opposite sign differ in kind.
  cells.rightCols(2) = -cells.leftCols(2) + 0.01 * exact_cells(40, {0, 0, 0, 0}).rightCols(2);
  EXPECT_EQ(verdict(cells).verdict, Verdict::alike);
  EXPECT_TRUE(verdict(cells).opposite_ratio);
}

/// Signals are taken as coded: a region that follows one downwards contributes to a crossover once
/// the sign of the signal is reversed.
TEST(Verdict, TakesSignalsInTheDirectionInWhichTheyAreCoded) {
  Eigen::MatrixXd cells = exact_cells(40, {0.8, 0, 0, -0.8});
  const PairVerdict v = verdict(cells);
  EXPECT_EQ(v.verdict, Verdict::single_dissociation);
  EXPECT_EQ(v.singles.size(), 2u);
  EXPECT_FALSE(v.crosses);
  for (int c : {1, 3}) cells.col(c) *= -1;
  EXPECT_EQ(verdict(cells).verdict, Verdict::selective_double_dissociation);
}

TEST(Verdict, IsAlikeOnlyWithEvidenceAndElseOpen) {
  EXPECT_EQ(verdict(exact_cells(40, {0.8, 0.8, 0.8, 0.8})).verdict, Verdict::alike);
  EXPECT_EQ(verdict(exact_cells(40, {0.8, 0.3, 0.4, 0.6})).verdict, Verdict::open);
  EXPECT_EQ(verdict(exact_cells(4, {0.1, 0.3, 0.4, 0.2})).verdict, Verdict::open);
}

/// Scaling of the signals' units and of the regions' gains, and the order of regions and signals.
TEST(Verdict, DoesNotDependOnUnits) {
  const RegionSignalWorld world = region_signal_world({0.5, 0.1, 0, 0.5}, 1, 1.4);
  for (uint64_t study = 0; study < 300; ++study) {
    const CounterRandom random(11, study);
    const Eigen::Matrix4d root = world.covariance.llt().matrixL();
    Eigen::MatrixXd cells(30, 4);
    for (Eigen::Index i = 0; i < 30; ++i) {
      Eigen::Vector4d z;
      for (int c = 0; c < 4; ++c) z[c] = random.normal(uint64_t(4 * i + c));
      cells.row(i) = (world.mean + root * z).transpose();
    }
    const PairVerdict v = verdict(cells);
    Eigen::MatrixXd scaled = cells;
    for (int c : {0, 2}) scaled.col(c) *= 700;
    EXPECT_EQ(verdict(scaled).verdict, v.verdict);
    Eigen::MatrixXd swapped(30, 4);
    swapped << cells.rightCols(2), cells.leftCols(2);
    EXPECT_EQ(verdict(swapped).verdict, v.verdict);
    swapped << cells.col(1), cells.col(0), cells.col(3), cells.col(2);
    EXPECT_EQ(verdict(swapped).verdict, v.verdict);
    swapped << -cells;
    EXPECT_EQ(verdict(swapped).verdict, v.verdict);
  }
}

TEST(Judge, AdjustsForTheNumberOfPairs) {
  const EvidenceRule rule;
  // p = .0330 for each of the paired tests.
  const double d = 2.21 * std::sqrt(2.0 / 40);
  const PairFigures weak = pair_figures(exact_cells(40, {d, 0, 0, d}), rule);
  EXPECT_EQ(judge({weak}, rule)[0].verdict, Verdict::selective_double_dissociation);
  const PairFigures none = pair_figures(exact_cells(40, {0, 0, 0, 0}), rule);
  const auto three = judge({weak, none, none}, rule);
  EXPECT_TRUE(close_number(three[0].p_holm, 3 * three[0].p, 1e-12));
  EXPECT_NE(three[0].verdict, Verdict::selective_double_dissociation);
  EXPECT_TRUE(three[0].lost_among_pairs && three[0].crossover_shown);
  EXPECT_FALSE(judge({weak}, rule)[0].lost_among_pairs);
  EXPECT_FALSE(three[1].lost_among_pairs || three[1].crossover_shown);
  EXPECT_EQ(three[1].verdict, Verdict::alike);
}

// ---- Simulated populations --------------------------------------------------------------------

struct FalseWorld {
  const char* name;
  RegionSignalWorld world;
};
std::ostream& operator<<(std::ostream& out, const FalseWorld& w) { return out << w.name; }

std::vector<FalseWorld> false_worlds() {
  std::vector<FalseWorld> worlds{
      {"nothing", region_signal_world({0, 0, 0, 0}, 1, 1)},
      {"nothing, noise 1 : 3.4", region_signal_world({0, 0, 0, 0}, 1, 3.4)}};
  static const std::pair<double, const char*> ratios[] = {
      {1, "1"}, {1.5, "1.5"}, {2, "2"}, {3.4, "3.4"}};
  static std::vector<std::string> names;
  names.reserve(100);
  const auto add = [&](const std::string& name, const Eigen::Vector4d& mean, double a, double b) {
    names.push_back(name);
    worlds.push_back({names.back().c_str(), region_signal_world(mean, a, b)});
  };
  for (const auto& [ratio, text] : ratios) {
    const std::string noise = std::string(", noise ") + text + " : 1";
    add("one signal in both" + noise, {0, .8, 0, .8}, ratio, 1);
    add("one signal in both, .5" + noise, {0, .5, 0, .5}, ratio, 1);
    add("outcome in A, rank in both" + noise, {.8, .6, 0, .6}, ratio, 1);
    add("both signals in both" + noise, {.8, .8, .8, .8}, ratio, 1);
    add("gain of .5" + noise, {.8, .6, .4, .3}, ratio, 1);
    add("gain of -.5" + noise, {.8, .6, -.4, -.3}, ratio, 1);
    add("gain of -1" + noise, {.8, .6, -.8, -.6}, ratio, 1);
    add("gain of -1, .35" + noise, {.35, .35, -.35, -.35}, ratio, 1);
    add("one region, one signal" + noise, {.8, 0, 0, 0}, ratio, 1);
    add("one region, one signal, the other noisy" + noise, {.8, 0, 0, 0}, 1, ratio);
    add("one region, both signals" + noise, {.8, .8, 0, 0}, ratio, 1);
  }
  return worlds;
}

class FalseClaims : public ::testing::TestWithParam<FalseWorld> {};

TEST_P(FalseClaims, ComeInFivePercentOfStudiesOrFewer) {
  for (Eigen::Index n : {20, 40}) {
    const ClaimRates rates = claim_rates(GetParam().world, n, SOCIOMETER_VERDICT_STUDIES, {}, 1, 2);
    RecordProperty("double_dissociation_" + std::to_string(n),
                   std::to_string(rates.double_dissociation));
    // For a claim made in 5 % of studies.
    const double three_errors = 3 * std::sqrt(0.05 * 0.95 / SOCIOMETER_VERDICT_STUDIES);
    EXPECT_LE(rates.double_dissociation, 0.05 + three_errors) << "N = " << n;
  }
}
INSTANTIATE_TEST_SUITE_P(Worlds, FalseClaims, ::testing::ValuesIn(false_worlds()));

TEST(ClaimRates, GrowWithTheEffectAndTheSample) {
  double before = 0;
  for (double d : {0.4, 0.6, 0.8}) {
    const auto world = region_signal_world({d, 0, 0, d}, 1, 1);
    const ClaimRates twenty = claim_rates(world, 20, 2000, {}, 3),
                     forty = claim_rates(world, 40, 2000, {}, 3);
    EXPECT_GT(forty.as_expected, before);
    EXPECT_GT(forty.as_expected, twenty.as_expected);
    EXPECT_LE(forty.double_dissociation - forty.as_expected, 0.001);
    // Bayes factors are occasionally misleading when effects are small.
    EXPECT_LT(forty.alike, 0.07);
    before = forty.as_expected;
  }
  EXPECT_GT(before, 0.95);
}

/// With 40 participants both true zeros have a Bayes factor of 3 in 58 % of studies.
TEST(ClaimRates, KnowHowOftenZerosAreSupported) {
  const auto world = region_signal_world({3, 0, 0, 3}, 1, 1, 0, 0);
  EXPECT_NEAR(claim_rates(world, 40, 4000, {}, 5, 2).zeros, 0.58, 0.03);
}

TEST(ClaimRates, AreTheSameOnAnyNumberOfThreads) {
  const auto world = region_signal_world({.5, 0, 0, .5}, 1, 2);
  const ClaimRates one = claim_rates(world, 20, 500, {}, 9, 1),
                   seven = claim_rates(world, 20, 500, {}, 9, 7);
  EXPECT_EQ(one.double_dissociation, seven.double_dissociation);
  EXPECT_EQ(one.open, seven.open);
}

TEST(ClaimRates, RefuseWhatIsNoCovariance) {
  RegionSignalWorld world = region_signal_world({0, 0, 0, 0}, 1, 1);
  world.covariance(0, 1) = world.covariance(1, 0) = 3;
  EXPECT_TRUE(testing::refuses(ErrorCode::bad_input, {"not positive semidefinite"},
                               [&] { claim_rates(world, 20, 10, {}, 1); }));
}

// ---- Units ------------------------------------------------------------------------------------

TEST(ComparableUnits, TakeTheRegressorsSpreadWhereItIsKnown) {
  const DissociationData data{{"A", "B"}, {"x", "y"}, {}, exact_cells(20, {2, 3, 1, 5})};
  const ScaledSignals scaled = in_comparable_units(data, {0.1, 7});
  EXPECT_EQ(scaled.units, SignalUnits::regressor_sd);
  EXPECT_TRUE(close_number(scaled.data.cells.col(0).mean(), 0.2, 1e-12));
  EXPECT_TRUE(close_number(scaled.data.cells.col(3).mean(), 35, 1e-12));
  const ScaledSignals other = in_comparable_units(data, {0.1, std::nan("")});
  EXPECT_EQ(other.units, SignalUnits::difference_sd);
  // The difference of uncorrelated columns with SD 1.
  EXPECT_TRUE(close_number(other.factors[0], 1 / std::sqrt(2.0), 1e-12));
  const SignalUnits wanted = SignalUnits::regressor_sd;
  EXPECT_TRUE(testing::refuses(ErrorCode::usage, {"regressor of y", "difference-sd"}, [&] {
    in_comparable_units(data, {0.1, std::nan("")}, &wanted);
  }));
}

/// One signal in another unit: all conclusions stay, including the interaction.
TEST(ComparableUnits, MakeTheInteractionIndependentOfTheUnit) {
  const DissociationData data{{"A", "B"}, {"x", "y"}, {}, exact_cells(20, {2, 3, 1, 5})};
  DissociationData other = data;
  for (size_t r : {0, 1}) other.cells.col(other.column(r, 1)) *= 0.0143;
  const std::vector<double> unknown(2, std::nan(""));
  DissociationOptions quick;
  quick.tests.permutations = quick.bootstraps = 0;
  const Dissociation a = dissociate(in_comparable_units(data, unknown).data, quick),
                     b = dissociate(in_comparable_units(other, unknown).data, quick);
  EXPECT_TRUE(close_number(a.anova.interaction.f, b.anova.interaction.f, 1e-9));
  EXPECT_TRUE(close_number(a.cells[1].test.t, b.cells[1].test.t, 1e-9));
}

TEST(ComparableUnits, RefuseSignalsWithoutSpread) {
  DissociationData data{{"A", "B"}, {"x", "y"}, {}, exact_cells(20, {2, 3, 1, 5})};
  data.cells.col(2) = data.cells.col(0);
  EXPECT_TRUE(
      testing::refuses(ErrorCode::bad_input, {"x differs between regions by the same"}, [&] {
        in_comparable_units(data, {std::nan(""), std::nan("")});
      }));
}

}  // namespace
}  // namespace sociometer
