// Power of the study's claims, against what is known without simulation: R's noncentral t and
// slopes on random scores (tests/golden/r/power), products of independent tests, least squares by
// hand, and series made and fitted one by one.
#include "engine/simulate/power.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/roi/percent_signal.hpp"
#include "engine/stats/bayes_factors.hpp"
#include "engine/stats/distributions.hpp"
#include "io/tables/table.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

using Eigen::Index;

double r_power(const std::string& test, Index n, double size) {
  static const Table table = read_table(golden("r/power/figures.tsv"));
  for (size_t i = 0; i < table.rows.size(); ++i)
    if (table.rows[i][0] == test && number_in(table, i, 1) == double(n) &&
        number_in(table, i, 2) == size)
      return number_in(table, i, 3);
  ADD_FAILURE() << "no figure of R for " << test << " " << n << " " << size;
  return std::nan("");
}

/// A design that measures both signals with these variances, for noise of 1 percent.
StudyDesigns design_with(double variance_x, double variance_y) {
  StudyDesigns design;
  design.error = {Eigen::Vector2d(variance_x, variance_y).asDiagonal()};
  return design;
}

/// Cells are independent and estimates have variance 1, so effects are d.
PowerPlan independent_plan(std::vector<Index> participants, uint64_t studies) {
  PowerPlan plan;
  plan.participants = std::move(participants);
  plan.studies = studies;
  plan.people.between_sd = std::sqrt(0.5);
  plan.people.noise_sd = {std::sqrt(0.5), std::sqrt(0.5)};
  plan.people.region_correlation = plan.people.signal_correlation = 0;
  plan.people.noise_correlation = 0;
  return plan;
}

/// Four standard errors of a rate whose true value is `expected`.
double margin_of(double expected, uint64_t studies) {
  return 4 * rate_error(expected, studies) + 1e-9;
}

TEST(Power, OfTheInteractionIsTheNoncentralT) {
  // A_X - A_Y - B_X + B_Y of four independent cells has mean 2 d and variance 4.
  PowerPlan plan = independent_plan({20, 40, 80}, 3000);
  plan.effects = {0.3, 0.5, 0.8};
  for (const PowerRow& row : power_rows(plan, {design_with(1, 1)}, 2)) {
    EXPECT_TRUE(close_number(row.d[0], row.effect[0], 1e-12));
    const double expected = r_power("mean", row.participants, plan.effects[row.effect_index]);
    EXPECT_NEAR(row.of(Claim::interaction), expected, margin_of(expected, plan.studies))
        << row.participants << " " << row.d[0];
  }
}

TEST(Power, OfADoubleDissociationIsAProductWhereItsHalvesAreIndependent) {
  // B is measured almost without noise. A_X decides one half, and A_Y, whose true effect is zero,
  // the other: B_Y - A_Y is d standard deviations of A_Y. A_Y significant in the opposite direction
  // costs at most alpha / 2 of the second half (the sum is then tested as well).
  PowerPlan plan = independent_plan({20, 40}, 3000);
  plan.effects = {0.5};
  plan.people.between_sd = 0;
  plan.people.noise_sd = {1, 1e-4};
  for (const PowerRow& row : power_rows(plan, {design_with(1, 1)}, 2)) {
    const double one = r_power("mean", row.participants, 0.5);
    const double rate = row.of(Claim::double_dissociation);
    EXPECT_LT(rate, one * one + margin_of(one * one, plan.studies));
    EXPECT_GT(rate, one * (one - plan.rule.alpha / 2) - margin_of(one * one, plan.studies));
  }
}

/// Largest |t| for n values at which a zero is supported.
double largest_t_of_zero(Index n, const EvidenceRule& rule) {
  double low = 0, high = 5;
  for (int step = 0; step < 60; ++step) {
    const double t = (low + high) / 2, dof = double(n - 1);
    const bool supported =
        log_bayes_factor_one_sample(t, double(n), rule.cauchy_scale) <= -std::log(rule.evidence) &&
        p_from_t(rule.equivalence_d * std::sqrt(double(n)) - t, dof) < rule.alpha;
    (supported ? low : high) = t;
  }
  return low;
}

TEST(Power, OfBothZerosIsTheSquareOfOne) {
  PowerPlan plan = independent_plan({20, 40, 80}, 3000);
  plan.effects = {0.5};
  for (const PowerRow& row : power_rows(plan, {design_with(1, 1)}, 2)) {
    const double t = largest_t_of_zero(row.participants, plan.rule);
    const double one = 1 - 2 * p_from_t(t, double(row.participants - 1)), both = one * one;
    EXPECT_NEAR(row.of(Claim::zeros), both, margin_of(both, plan.studies)) << row.participants;
    if (row.participants == 40) EXPECT_NEAR(both, 0.58, 0.02);
    EXPECT_LE(row.of(Claim::selective), row.of(Claim::double_dissociation));
  }
}

TEST(Power, OfASlopeIsThatOfItsAttenuatedCorrelation) {
  // Reliability .5: a true correlation of .4 sqrt(2) is observed as .4.
  PowerPlan plan = independent_plan({20, 40, 80}, 3000);
  plan.effects = {0.5};
  plan.people.score_correlation = 0.4 * std::sqrt(2.0);
  for (const PowerRow& row : power_rows(plan, {design_with(1, 1)}, 2)) {
    EXPECT_TRUE(close_number(row.reliability[0], 0.5, 1e-12));
    const double expected = r_power("slope", row.participants, 0.4);
    EXPECT_NEAR(row.of(Claim::slope), expected, margin_of(expected, plan.studies));
  }
}

TEST(Power, OfSlopesThatDifferIsThatOfTheDifferenceWithinPeople) {
  // X - Y has variance 2 and covariance (r_x - r_y) sqrt(.5) with the score: a correlation of .4.
  PowerPlan plan = independent_plan({20, 40, 80}, 3000);
  plan.effects = {0.5};
  plan.people.score_correlation = 0.5;
  plan.people.other_score_correlation = -0.3;
  for (const PowerRow& row : power_rows(plan, {design_with(1, 1)}, 2)) {
    const double expected = r_power("slope", row.participants, 0.4);
    EXPECT_NEAR(row.of(Claim::slopes_differ), expected, margin_of(expected, plan.studies));
  }
}

TEST(Power, OfNothingIsNoMoreThanAlpha) {
  PowerPlan plan = independent_plan({20, 40}, 3000);
  plan.effects = {0};
  plan.people.score_correlation = 0;
  plan.people.region_correlation = plan.people.noise_correlation = 0.3;
  for (const PowerRow& row : power_rows(plan, {design_with(1, 2)}, 2)) {
    EXPECT_NEAR(row.of(Claim::slope), 0.05, margin_of(0.05, plan.studies));
    EXPECT_NEAR(row.of(Claim::slopes_differ), 0.05, margin_of(0.05, plan.studies));
    EXPECT_NEAR(row.of(Claim::interaction), 0.05, margin_of(0.05, plan.studies));
    EXPECT_LT(row.of(Claim::double_dissociation) + row.of(Claim::reversed), 0.05);
  }
}

TEST(Power, VerdictsAddToOneAndRatiosScaleBothRegions) {
  PowerPlan plan;
  plan.participants = {20, 60};
  plan.studies = 300;
  plan.unit = EffectUnit::d;
  plan.effects = {0.4, 0.8};
  plan.people.effect_ratio = 0.5;
  const auto rows = power_rows(plan, {design_with(0.01, 0.04), design_with(0.005, 0.02)}, 2);
  ASSERT_EQ(rows.size(), 8u);
  for (const PowerRow& row : rows) {
    double sum = 0;
    for (const Claim c :
         {Claim::double_dissociation, Claim::reversed, Claim::single, Claim::alike, Claim::open})
      sum += row.of(c);
    EXPECT_TRUE(close_number(sum, 1, 1e-12));
    EXPECT_TRUE(close_number(row.d[0], plan.effects[row.effect_index], 1e-12));
    EXPECT_TRUE(close_number(row.d[1], plan.effects[row.effect_index] / 2, 1e-12));
  }
  // Better designs do not change d, which was given, but the reliability, on which slopes depend.
  EXPECT_GT(rows[4].reliability[1], rows[0].reliability[1]);
  EXPECT_GE(rows[5].of(Claim::slope), rows[1].of(Claim::slope));
}

TEST(Power, IsTheSameOnAnyNumberOfThreads) {
  PowerPlan plan;
  plan.participants = {12, 30};
  plan.studies = 101;
  StudyDesigns design = design_with(0.01, 0.02);
  design.error.push_back(3 * design.error[0]);
  const auto one = power_rows(plan, {design}, 1);
  for (const int threads : {2, 7}) {
    const auto many = power_rows(plan, {design}, threads);
    ASSERT_EQ(many.size(), one.size());
    for (size_t i = 0; i < one.size(); ++i) EXPECT_EQ(many[i].rate, one[i].rate);
  }
}

template <class Change>
std::string refusal_of(Change change) {
  PowerPlan plan;
  change(plan);
  try {
    check(plan);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Power, RefusesWhatCannotBe) {
  const auto says = [](const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos ? ::testing::AssertionSuccess()
                                                 : ::testing::AssertionFailure() << text;
  };
  EXPECT_EQ(refusal_of([](PowerPlan&) {}), "");
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) { p.participants = {2}; }), "2 participants"));
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) { p.participants = {30, 20}; }), "20 comes after"));
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) { p.effects = {}; }), "no effect"));
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) { p.people.between_sd = -1; }), "-1"));
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) { p.people.noise_sd = {0.5, 0}; }), "noise is 0"));
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) { p.people.region_correlation = 1; }), "regions"));
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) {
                     p.people.signal_correlation = 0.9;
                     p.people.score_correlation = 0.9;
                     p.people.other_score_correlation = 0;
                   }),
                   "no score correlates"));
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) { p.rule.alpha = 0; }), "alpha"));
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) { p.slope_tests = 0; }), "slopes"));
  EXPECT_TRUE(says(refusal_of([](PowerPlan& p) { p.studies = 0; }), "studies"));
}

// ---- designs

constexpr double kRunTr = 2, kNoiseAr = 0.4;
constexpr Index kRunScans = 180;

/// A run of 30 events with random values; every third value of the second signal is missing.
Events random_run(uint64_t stream) {
  const CounterRandom random(11, stream);
  Events events;
  for (int i = 0; i < 30; ++i) {
    const auto at = uint64_t(10 * i);
    const double time = 6 + 11 * i + 4 * random.uniform(at);
    events.push_back({time, 3, "choice", 1, {}});
    events.push_back(
        {time + 4 + 2 * random.uniform(at + 1),
         0,
         "feedback",
         1,
         {{"outcome_update", 0.1 * random.normal(at + 2)},
          {"rank_update_unsigned", i % 3 == 0 ? std::nan("") : std::abs(random.normal(at + 3))}}});
  }
  return events;
}

/// Generalised least squares by hand, one run: rows that map a series to both coefficients.
struct SlowFit {
  DesignMatrix design;
  Eigen::MatrixXd estimator;   ///< (2, n_scans)
  Eigen::Matrix2d covariance;  ///< of both, for noise with variance 1
  SlowFit(const Events& events) {
    DesignOptions options;
    options.modulators = {{"feedback", {"outcome_update", "rank_update_unsigned"}}};
    design = make_design(events, std::nullopt, kRunTr, kRunScans, options);
    Eigen::MatrixXd v(kRunScans, kRunScans);
    for (Index s = 0; s < kRunScans; ++s)
      for (Index t = 0; t < kRunScans; ++t) v(s, t) = std::pow(kNoiseAr, double(std::abs(s - t)));
    const Eigen::MatrixXd vx = v.llt().solve(design.values);
    const Eigen::MatrixXd inverse = (design.values.transpose() * vx).inverse();
    const Eigen::MatrixXd all = inverse * vx.transpose();
    const Index x = design.find("feedback:outcome_update"),
                y = design.find("feedback:rank_update_unsigned");
    estimator.resize(2, kRunScans);
    estimator << all.row(x), all.row(y);
    covariance << inverse(x, x), inverse(x, y), inverse(y, x), inverse(y, y);
  }
};

TEST(PowerDesign, CovarianceIsThatOfLeastSquaresByHand) {
  const SlowFit slow(random_run(1));
  const Eigen::Matrix2d fast =
      estimation_covariance(slow.design.values, slow.design.find("feedback:outcome_update"),
                            slow.design.find("feedback:rank_update_unsigned"), kNoiseAr);
  EXPECT_TRUE(close_relative(fast, slow.covariance, 1e-9));
}

TEST(PowerDesign, ErrorIsTheSpreadOfEstimatesOfSeriesMadeAndFittedOneByOne) {
  const double effect = 0.2;  // percent at the peak per standard deviation, for both signals
  const std::vector<Events> runs{random_run(1), random_run(2)};
  PowerDesignOptions options;
  options.tr_s = kRunTr;
  options.noise_ar = kNoiseAr;
  const StudyDesigns found = designs_of_events({{runs, {kRunScans, kRunScans}}}, options);
  EXPECT_EQ(found.runs, 2);
  EXPECT_TRUE(close_number(found.trials, 30, 1e-12));
  const Eigen::Vector2d unit = found.sd * event_height(DesignOptions().hrf, 0, kRunTr);
  const std::vector<SlowFit> fits{SlowFit(runs[0]), SlowFit(runs[1])};
  constexpr int kSeries = 2000;
  Eigen::MatrixXd estimates(kSeries, 2);
  for (int k = 0; k < kSeries; ++k) {
    Eigen::Vector2d sum = Eigen::Vector2d::Zero(), weights = Eigen::Vector2d::Zero();
    for (size_t r = 0; r < 2; ++r) {
      const CounterRandom random(5, uint64_t(2 * k) + r);
      Eigen::VectorXd series(kRunScans);
      for (Index t = 0; t < kRunScans; ++t)
        series[t] = t == 0 ? random.normal(0)
                           : kNoiseAr * series[t - 1] +
                                 std::sqrt(1 - kNoiseAr * kNoiseAr) * random.normal(uint64_t(t));
      const DesignMatrix& design = fits[r].design;
      series += effect / unit[0] * design.values.col(design.find("feedback:outcome_update")) +
                effect / unit[1] * design.values.col(design.find("feedback:rank_update_unsigned"));
      const Eigen::Vector2d weight = fits[r].covariance.diagonal().cwiseInverse();
      sum += weight.cwiseProduct(fits[r].estimator * series);
      weights += weight;
    }
    estimates.row(k) = (sum.cwiseQuotient(weights).cwiseProduct(unit)).transpose();
  }
  const Eigen::RowVector2d mean = estimates.colwise().mean();
  const Eigen::MatrixXd centred = estimates.rowwise() - mean;
  const Eigen::Matrix2d spread = centred.transpose() * centred / (kSeries - 1);
  for (Index s : {0, 1}) {
    const double variance = found.error[0](s, s);
    EXPECT_NEAR(mean[s], effect, 4 * std::sqrt(variance / kSeries));
    EXPECT_NEAR(spread(s, s) / variance, 1, 4 * std::sqrt(2.0 / kSeries));
  }
  const double both = std::sqrt(found.error[0](0, 0) * found.error[0](1, 1));
  EXPECT_NEAR(spread(0, 1) / both, found.error[0](0, 1) / both, 4 / std::sqrt(double(kSeries)));
}

TEST(PowerDesign, ARunWithoutASignalCountsForTheOther) {
  Events without = random_run(2);
  for (auto& event : without)
    if (event.type == "feedback") event.values["rank_update_unsigned"] = std::nan("");
  PowerDesignOptions options;
  options.noise_ar = kNoiseAr;
  const StudyDesigns one = designs_of_events({{{random_run(1)}, {kRunScans}}}, options),
                     both = designs_of_events({{{random_run(1), without}, {kRunScans, kRunScans}}},
                                              options);
  const Eigen::Vector2d per_unit_one = one.error[0].diagonal().cwiseQuotient(one.sd.cwiseAbs2()),
                        per_unit_both = both.error[0].diagonal().cwiseQuotient(both.sd.cwiseAbs2());
  EXPECT_LT(per_unit_both[0], 0.8 * per_unit_one[0]);
  EXPECT_TRUE(close_number(per_unit_both[1], per_unit_one[1], 1e-9));
  EXPECT_THROW(designs_of_events({{{without}, {kRunScans}}}, options), Error);
}

TEST(PowerDesign, MoreTrialsOfTheGameMeasureBetter) {
  const auto error = [](int trials, int threads) {
    return simulated_designs({}, {}, 1, trials, 2, kNoiseAr, 1, threads).mean_error();
  };
  const Eigen::Matrix2d few = error(20, 1), many = error(60, 1);
  EXPECT_GT(few(0, 0), many(0, 0));
  EXPECT_GT(few(1, 1), many(1, 1));
  EXPECT_TRUE(same_bits(many, error(60, 3)));
}

}  // namespace
}  // namespace sociometer::testing
