#include "engine/roi/dissociation.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "tests/engine/roi/r_figures.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;
using testing::golden;
using testing::RFigures;

void expect_effect(const RFigures& r, const std::string& test, const WithinEffect& found) {
  SCOPED_TRACE(test + " " + found.name);
  EXPECT_TRUE(close_number(found.f, r(test, found.name, "f"), 1e-11));
  EXPECT_EQ(found.dof, r(test, found.name, "dof"));
  EXPECT_EQ(found.error_dof, r(test, found.name, "error_dof"));
  EXPECT_TRUE(close_number(found.p, r(test, found.name, "p"), 1e-10));
  EXPECT_TRUE(close_number(found.partial_eta2, r(test, found.name, "partial_eta2"), 1e-11));
  EXPECT_TRUE(
      close_number(found.p_greenhouse_geisser, r(test, found.name, "p_greenhouse_geisser"), 1e-9));
  // Printed with four digits.
  EXPECT_TRUE(
      close_number(found.greenhouse_geisser, r(test, found.name, "greenhouse_geisser"), 6e-5));
}

TEST(WithinAnova, HasTheFiguresOfRsAov) {
  const RFigures r;
  const WithinAnova two = within_anova(r.cells(4), 2, 2), three = within_anova(r.cells(6), 3, 2);
  for (const auto& effect : {two.region, two.signal, two.interaction})
    expect_effect(r, "anova2", effect);
  for (const auto& effect : {three.region, three.signal, three.interaction})
    expect_effect(r, "anova3", effect);
}

TEST(Interval, HasTheEndsOfRsBoot) {
  const RFigures r;
  const Eigen::VectorXd d =
      (r.column("A_x") - r.column("A_y")) - (r.column("B_x") - r.column("B_y"));
  const Eigen::MatrixXd table = testing::tsv_values(golden("r/roi/bootstrap.tsv"));
  const std::vector<double> replicates(table.data(), table.data() + table.size());
  const std::vector<double> values(d.data(), d.data() + d.size());
  for (BootstrapInterval kind : {BootstrapInterval::bca, BootstrapInterval::percentile})
    for (const auto& [level, name] : {std::pair{0.9, "0.9"}, {0.95, "0.95"}}) {
      const Interval found = interval_from_replicates(values, replicates, kind, level);
      EXPECT_TRUE(close_number(found.lower, r(to_string(kind), name, "lower"), 1e-9));
      EXPECT_TRUE(close_number(found.upper, r(to_string(kind), name, "upper"), 1e-9));
      // Different draws; the limits agree up to Monte Carlo error.
      const Interval own = bootstrap_mean(values, kind, level, 20000, 3);
      EXPECT_NEAR(own.lower, found.lower, 0.15);
      EXPECT_NEAR(own.upper, found.upper, 0.15);
    }
}

/// Of six people every 65th replicate draws everybody once: rounding must not say on which side of
/// the mean it is.
TEST(BootstrapMean, DoesNotHangOnRounding) {
  const std::vector<double> values{0.1, 0.7, 1.3, 2.9, 3.1, 4.7};
  const Interval exact = bootstrap_mean(values, BootstrapInterval::bca, 0.95, 2000, 1);
  const CounterRandom random(5, 5);
  for (uint64_t trial = 0; trial < 20; ++trial) {
    std::vector<double> shaken = values;
    for (size_t i = 0; i < shaken.size(); ++i)
      shaken[i] *= 1 + 4e-15 * (random.uniform(6 * trial + i) - 0.5);
    const Interval one = bootstrap_mean(shaken, BootstrapInterval::bca, 0.95, 2000, 1);
    EXPECT_NEAR(one.lower, exact.lower, 1e-9);
    EXPECT_NEAR(one.upper, exact.upper, 1e-9);
  }
}

/// `a` follows x and `b` follows y by `effect` standard deviations over participants.
DissociationData study(uint64_t number, Eigen::Index n, double effect) {
  DissociationData d{{"striatum", "rejection"}, {"outcome", "rank"}, {}, {}};
  d.cells.resize(n, 4);
  const CounterRandom random(2024, number);
  for (Eigen::Index i = 0; i < n; ++i) {
    d.participants.push_back(fmt::format("sub-{:02}", i + 1));
    const double level = random.normal(uint64_t(5 * i));
    for (Eigen::Index c = 0; c < 4; ++c)
      d.cells(i, c) =
          0.3 * level + random.normal(uint64_t(5 * i + c + 1)) + (c == 0 || c == 3 ? effect : 0.0);
  }
  return d;
}

DissociationOptions quick() {
  DissociationOptions o;
  o.tests.permutations = 0;
  o.bootstraps = 0;
  return o;
}

TEST(Dissociate, OfTwoByTwoIsOneDifferenceOfDifferences) {
  const DissociationData d = study(1, 20, 0.5);
  DissociationOptions o;
  o.tests.permutations = 2000;
  o.bootstraps = 2000;
  const Dissociation found = dissociate(d, o);
  ASSERT_EQ(found.interactions.size(), 1u);
  EXPECT_EQ(found.cells.size(), 4u);
  EXPECT_EQ(found.simple.size(), 4u);
  const RegionTestResult& t = found.interactions[0].test;
  EXPECT_TRUE(close_number(t.t * t.t, found.anova.interaction.f, 1e-11));
  EXPECT_TRUE(close_number(t.p, found.anova.interaction.p, 1e-10));
  EXPECT_TRUE(close_number(t.p_permutation, found.interaction_p_permutation, 1e-12));
  EXPECT_LT(found.interactions[0].bootstrap.lower, t.estimate);
  EXPECT_GT(found.interactions[0].bootstrap.upper, t.estimate);
  const Eigen::VectorXd by_hand = d.cells.col(0) - d.cells.col(1) - d.cells.col(2) + d.cells.col(3);
  EXPECT_TRUE(close_number(t.estimate, by_hand.mean(), 1e-12));
  EXPECT_TRUE(close_number(find_test(found.simple, "striatum", "", "outcome", "rank").test.estimate,
                           (d.cells.col(0) - d.cells.col(1)).mean(), 1e-12));
  EXPECT_TRUE(
      close_number(find_test(found.simple, "striatum", "rejection", "rank", "").test.estimate,
                   (d.cells.col(1) - d.cells.col(3)).mean(), 1e-12));
}

TEST(Dissociate, CountsTheFlipsThatItDoes) {
  DissociationOptions o = quick();
  const Dissociation none = dissociate(study(1, 20, 0.5), o);
  EXPECT_EQ(none.shuffles, 0u);
  o.tests.permutations = 10000;
  const Dissociation few = dissociate(study(1, 3, 0.5), o);
  EXPECT_EQ(few.shuffles, 8u);
  EXPECT_TRUE(few.exhaustive);
  const double eighths = 8 * few.interactions[0].test.p_permutation;
  EXPECT_EQ(eighths, std::round(eighths));
  o.tests.permutations = 500;
  const Dissociation many = dissociate(study(1, 20, 0.5), o);
  EXPECT_EQ(many.shuffles, 501u);
  EXPECT_FALSE(many.exhaustive);
}

TEST(Dissociate, TakesMoreRegionsAndSignals) {
  const RFigures r;
  const DissociationData d{{"A", "B", "C"}, {"x", "y"}, {}, r.cells()};
  const Dissociation found = dissociate(d, quick());
  EXPECT_EQ(found.cells.size(), 6u);
  EXPECT_EQ(found.simple.size(), 3u + 6u);
  EXPECT_EQ(found.interactions.size(), 3u);
  EXPECT_TRUE(close_number(found.anova.interaction.f, r("anova3", "region:signal", "f"), 1e-11));
}

TEST(Dissociate, RefusesWhatHasNoInteraction) {
  DissociationData d = study(1, 20, 0);
  d.cells = Eigen::MatrixXd(d.cells.leftCols(2));
  d.regions.pop_back();
  EXPECT_TRUE(testing::refuses(ErrorCode::bad_input, {"two regions", "1 and 2"},
                               [&] { dissociate(d, quick()); }));
  DissociationData alone = study(1, 1, 0);
  EXPECT_TRUE(testing::refuses(ErrorCode::bad_input, {"1 participant"},
                               [&] { dissociate(alone, quick()); }));
}

/// Forty participants and effects of .8 standard deviations: the pattern is found.
TEST(Dissociate, FindsTheTruePatternWithFortyParticipants) {
  constexpr int kStudies = 200;
  int shown = 0, dissociated = 0, reversed = 0;
  for (int i = 0; i < kStudies; ++i) {
    const Dissociation found = dissociate(study(uint64_t(i), 40, 0.8), quick());
    shown += found.interactions[0].finding == Finding::positive;
    const PairVerdict& v = found.pairs[0].verdict;
    const bool both = v.verdict == Verdict::double_dissociation ||
                      v.verdict == Verdict::selective_double_dissociation;
    dissociated += both && v.signal_of_first == 0;
    reversed += both && v.signal_of_first == 1;
  }
  EXPECT_GE(shown, kStudies * 98 / 100);
  EXPECT_GE(dissociated, kStudies * 80 / 100);
  EXPECT_EQ(reversed, 0);
}

/// The figures behind the verdicts equal those of the tests reported.
TEST(Dissociate, JudgesByTheTestsThatItReports) {
  const DissociationData d = study(1, 20, 0.5);
  const Dissociation found = dissociate(d, quick());
  ASSERT_EQ(found.pairs.size(), 1u);
  const PairFigures& f = found.pairs[0].figures;
  const auto same = [](const MeanFigures& a, const RegionTestResult& b) {
    return close_number(a.t, b.t, 1e-10) && close_number(a.p, b.p, 1e-10) &&
           close_number(a.log_bf10, b.log_bf10, 1e-9);
  };
  EXPECT_TRUE(same(f.cell[1][0], find_test(found.cells, "rejection", "", "outcome", "").test));
  EXPECT_TRUE(
      same(f.difference[1], find_test(found.simple, "striatum", "rejection", "rank", "").test));
}

TEST(Dissociate, HoldsItsLevelUnderTheNull) {
  constexpr int kStudies = 2000;
  int by_f = 0, by_flips = 0;
  for (int i = 0; i < kStudies; ++i) {
    const DissociationData d = study(uint64_t(100000 + i), 40, 0);
    by_f += within_anova(d.cells, 2, 2).interaction.p < 0.05;
    by_flips += interaction_permutation_p(d.cells, 2, 2, 99, uint64_t(i)) <= 0.05;
  }
  const double four_errors = 4 * std::sqrt(0.05 * 0.95 / kStudies);
  EXPECT_NEAR(by_f / double(kStudies), 0.05, four_errors);
  EXPECT_NEAR(by_flips / double(kStudies), 0.05, four_errors);
}

/// Main effects do not produce an interaction, however large they are.
TEST(Dissociate, IsBlindToMainEffects) {
  DissociationData d = study(3, 30, 0);
  const double before = within_anova(d.cells, 2, 2).interaction.f;
  d.cells.leftCols(2).array() += 5;
  d.cells.col(0).array() -= 2;
  d.cells.col(2).array() -= 2;
  EXPECT_TRUE(close_number(within_anova(d.cells, 2, 2).interaction.f, before, 1e-9));
}

TEST(BootstrapMean, CoversTheMeanAtItsNominalRate) {
  constexpr int kStudies = 600;
  int covered = 0;
  for (int i = 0; i < kStudies; ++i) {
    const CounterRandom random(5, uint64_t(i));
    std::vector<double> values;
    for (uint64_t k = 0; k < 40; ++k) values.push_back(random.normal(k));
    const Interval found =
        bootstrap_mean(values, BootstrapInterval::bca, 0.95, 600, uint64_t(i + 1));
    covered += found.lower <= 0 && found.upper >= 0;
  }
  // The bootstrap interval for a mean of 40 undercovers slightly: about .935.
  EXPECT_NEAR(covered / double(kStudies), 0.94, 0.035);
}

TEST(EquivalenceInterval, LiesWithinTheBoundWhereBothOneSidedTestsPass) {
  RegionTestResult test;
  test.n = 25;
  test.dof = 24;
  test.effect.d = 0.1;
  EvidenceRule rule;
  // t(24) at .05, one-sided: 1.7108821 (tables).
  const auto interval = equivalence_interval(test, rule);
  ASSERT_TRUE(interval);
  EXPECT_NEAR(interval->lower, 0.1 - 1.7108821 / 5, 1e-7);
  EXPECT_NEAR(interval->upper, 0.1 + 1.7108821 / 5, 1e-7);
  EXPECT_TRUE(interval->within);
  rule.equivalence_d = 0.4;
  EXPECT_FALSE(equivalence_interval(test, rule)->within);
  rule.equivalence_d = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(equivalence_interval(test, rule));
  EXPECT_FALSE(equivalence_interval(RegionTestResult{}, EvidenceRule{}));
}

}  // namespace
}  // namespace sociometer
