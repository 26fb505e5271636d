#include "engine/roi/slope_verdict.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

/// A slope that is shown by every measure, in a group whose mean is positive.
ScoreSlope shown_slope() {
  ScoreSlope s{};
  s.finding = Finding::positive;
  s.slope.estimate = 0.5, s.slope.t = 4, s.slope.p = 0.001, s.slope.log_bf10 = std::log(20);
  s.mean.estimate = 1, s.mean.p = 0.01;
  s.spearman.r = 0.6, s.spearman.p = 0.002;
  s.robust.slope = 0.4, s.robust.p = 0.003;
  s.prediction.q2 = 0.2, s.prediction.p_q2 = 0.01;
  return s;
}

template <class Change>
SlopeVerdict verdict_after(Change change) {
  ScoreSlope s = shown_slope();
  change(s);
  return slope_verdict(s, IndividualOptions{});
}

TEST(SlopeVerdict, FollowsTheSignalMoreStronglyOnlyWhereTheGroupFollowsIt) {
  const auto claim_after = [](auto change) { return verdict_after(change).claim; };
  EXPECT_EQ(claim_after([](auto&) {}), SlopeClaim::stronger);
  const auto down = [](ScoreSlope& s) { s.finding = Finding::negative, s.slope.estimate = -0.5; };
  EXPECT_EQ(claim_after(down), SlopeClaim::weaker);
  EXPECT_EQ(claim_after([](ScoreSlope& s) { s.mean.estimate = -1; }), SlopeClaim::weaker);
  EXPECT_TRUE(verdict_after([](ScoreSlope& s) { s.mean.estimate = -1; }).mean_is_negative);
  EXPECT_FALSE(verdict_after([](auto&) {}).mean_is_negative);
  // A mean that is not shown has no direction to follow.
  EXPECT_EQ(claim_after([](ScoreSlope& s) { s.mean.p = 0.05; }), SlopeClaim::higher);
  EXPECT_EQ(claim_after([&](ScoreSlope& s) { down(s), s.mean.p = kNaN; }), SlopeClaim::lower);
}

TEST(SlopeVerdict, SeparatesLostFromUndecidedByTheSlopesOwnFigures) {
  const auto undecided = [](double p, double bf10) {
    return verdict_after([=](ScoreSlope& s) {
             s.finding = Finding::undecided, s.slope.p = p, s.slope.log_bf10 = std::log(bf10);
           })
        .claim;
  };
  EXPECT_EQ(undecided(0.04, 1.5), SlopeClaim::lost);
  EXPECT_EQ(undecided(0.06, 1.5), SlopeClaim::undecided);
  EXPECT_EQ(undecided(0.04, 0.2), SlopeClaim::undecided) << "the Bayes factor supports zero";
  EXPECT_EQ(verdict_after([](ScoreSlope& s) { s.finding = Finding::absent; }).claim,
            SlopeClaim::absent);
  EXPECT_EQ(verdict_after([](ScoreSlope& s) { s.slope.t = kNaN; }).claim, SlopeClaim::unknown);
}

TEST(SlopeVerdict, AsksOtherMeasuresForTheSameDirection) {
  const SlopeVerdict all = verdict_after([](auto&) {});
  EXPECT_TRUE(all.by_ranks && all.robustly && all.predicts);
  EXPECT_FALSE(verdict_after([](ScoreSlope& s) { s.spearman.p = 0.05; }).by_ranks);
  EXPECT_FALSE(verdict_after([](ScoreSlope& s) { s.spearman.r = -0.6; }).by_ranks);
  EXPECT_FALSE(verdict_after([](ScoreSlope& s) { s.robust.slope = -0.4; }).robustly);
  EXPECT_FALSE(verdict_after([](ScoreSlope& s) { s.robust.p = kNaN; }).robustly);
  EXPECT_FALSE(verdict_after([](ScoreSlope& s) { s.prediction.q2 = -0.1; }).predicts);
  EXPECT_FALSE(verdict_after([](ScoreSlope& s) { s.prediction.p_q2 = 0.2; }).predicts);
}

/// Slopes of one signal on one score in two regions, and their difference.
struct TwoRegions {
  IndividualDifferences result;
  SlopeDifference difference{};

  TwoRegions(Finding first, Finding second, Finding of_difference) {
    for (const Finding finding : {first, second}) {
      ScoreSlope s = shown_slope();
      s.region = result.slopes.size();
      s.finding = finding;
      result.slopes.push_back(s);
    }
    difference.contrast = SlopeContrast::regions;
    difference.other_region = 1;
    difference.first = 0.5, difference.second = 0.1, difference.t = 2;
    difference.finding = of_difference;
  }
  DifferenceVerdict verdict() const { return difference_verdict(result, difference); }
};

TEST(DifferenceVerdict, DoesNotTakeOneShownSlopeForADifference) {
  const auto verdict =
      TwoRegions(Finding::positive, Finding::undecided, Finding::undecided).verdict();
  EXPECT_EQ(verdict.claim, DifferenceClaim::not_shown);
  EXPECT_TRUE(verdict.one_of_two_shown);
  const auto both = TwoRegions(Finding::positive, Finding::positive, Finding::absent).verdict();
  EXPECT_EQ(both.claim, DifferenceClaim::alike);
  EXPECT_FALSE(both.one_of_two_shown);
  TwoRegions interaction(Finding::positive, Finding::undecided, Finding::undecided);
  interaction.difference.contrast = SlopeContrast::interaction;
  EXPECT_FALSE(interaction.verdict().one_of_two_shown) << "it has no two slopes";
}

TEST(DifferenceVerdict, NamesGainWhereSlopesOfOneSignDiffer) {
  TwoRegions same(Finding::positive, Finding::undecided, Finding::positive);
  EXPECT_EQ(same.verdict().claim, DifferenceClaim::differ);
  EXPECT_TRUE(same.verdict().may_be_gain);
  EXPECT_FALSE(same.verdict().one_of_two_shown);
  same.difference.second = -0.1;
  EXPECT_FALSE(same.verdict().may_be_gain);
  same.difference.t = kNaN;
  EXPECT_EQ(same.verdict().claim, DifferenceClaim::unknown);
}

}  // namespace
}  // namespace sociometer
