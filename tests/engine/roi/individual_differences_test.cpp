#include "engine/roi/individual_differences.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "tests/engine/roi/individual_figures.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::close_number;
using testing::individual_data;
using testing::individual_figures;
using testing::RFigures;

IndividualOptions unshuffled() {
  IndividualOptions o;
  o.tests.permutations = 0;
  return o;
}

const ScoreSlope& slope_at(const IndividualDifferences& all, size_t region, size_t signal,
                           size_t score) {
  return *std::find_if(all.slopes.begin(), all.slopes.end(), [&](const ScoreSlope& s) {
    return s.region == region && s.signal == signal && s.score == score;
  });
}

const SlopeDifference& difference_at(const IndividualDifferences& all, SlopeContrast contrast,
                                     size_t region, size_t signal, size_t other_signal,
                                     size_t score) {
  return *std::find_if(
      all.differences.begin(), all.differences.end(), [&](const SlopeDifference& d) {
        return d.contrast == contrast && d.region == region && d.signal == signal &&
               d.other_signal == other_signal && d.score == score;
      });
}

void expect_slope(const RFigures& r, const std::string& test, const std::string& column,
                  const RegionTestResult& found) {
  SCOPED_TRACE(test + " " + column);
  EXPECT_TRUE(close_number(found.estimate, r(test, column, "slope"), 1e-10, 1e-3));
  EXPECT_TRUE(close_number(found.standard_error, r(test, column, "se"), 1e-10));
  EXPECT_TRUE(close_number(found.t, r(test, column, "t"), 1e-10, 1e-2));
  EXPECT_TRUE(close_number(found.p, r(test, column, "p"), 1e-9));
  EXPECT_TRUE(close_number(found.lower, r(test, column, "lower"), 1e-9, 1e-2));
  EXPECT_TRUE(close_number(found.upper, r(test, column, "upper"), 1e-9, 1e-2));
}

TEST(IndividualDifferences, HaveTheSlopesOfLm) {
  const RFigures r = individual_figures();
  IndividualOptions together = unshuffled();
  together.together = true;
  const auto alone =
      individual_differences(individual_data(r, {"anxiety", "depression"}), unshuffled());
  const auto beside =
      individual_differences(individual_data(r, {"anxiety", "depression"}), together);
  const auto with_age =
      individual_differences(individual_data(r, {"anxiety"}, {"age"}), unshuffled());
  for (size_t c = 0; c < 4; ++c) {
    const std::string& name = r.columns[c];
    expect_slope(r, "anxiety", name, slope_at(alone, c / 2, c % 2, 0).slope);
    expect_slope(r, "anxiety+depression", name, slope_at(beside, c / 2, c % 2, 0).slope);
    expect_slope(r, "anxiety+age", name, slope_at(with_age, c / 2, c % 2, 0).slope);
    EXPECT_TRUE(close_number(slope_at(alone, c / 2, c % 2, 0).standardised,
                             r("anxiety", name, "standardised"), 1e-10, 1e-2));
  }
}

TEST(IndividualDifferences, HaveTheRobustSlopesOfRlm) {
  const RFigures r = individual_figures();
  const auto found = individual_differences(individual_data(r, {"anxiety"}), unshuffled());
  for (size_t c = 0; c < 4; ++c) {
    const RobustSlope& robust = slope_at(found, c / 2, c % 2, 0).robust;
    EXPECT_TRUE(close_number(robust.slope, r("huber", r.columns[c], "slope"), 1e-7, 1e-2));
    EXPECT_TRUE(close_number(robust.standard_error, r("huber", r.columns[c], "se"), 1e-7));
    EXPECT_TRUE(close_number(robust.t, r("huber", r.columns[c], "t"), 1e-7, 1e-1));
  }
}

TEST(IndividualDifferences, CompareSlopesOnOneScoreAsALongModelDoes) {
  const RFigures r = individual_figures();
  IndividualOptions o = unshuffled();
  o.units = SlopeUnits::given;
  const auto found = individual_differences(individual_data(r, {"anxiety"}), o);
  const auto& signals = difference_at(found, SlopeContrast::signals, 0, 0, 1, 0);
  EXPECT_TRUE(close_number(signals.t * signals.t, r("signals", "A", "F"), 1e-10));
  EXPECT_TRUE(close_number(signals.p, r("signals", "A", "p"), 1e-9));
  EXPECT_TRUE(close_number(signals.estimate, r("signals", "A", "slope"), 1e-10));
  EXPECT_TRUE(close_number(signals.lower, r("signals", "A", "lower"), 1e-9));
  EXPECT_TRUE(close_number(signals.upper, r("signals", "A", "upper"), 1e-9));
  EXPECT_NEAR(signals.first - signals.second, signals.estimate, 1e-12);
  const auto& regions = difference_at(found, SlopeContrast::regions, 0, 0, 0, 0);
  EXPECT_TRUE(close_number(regions.estimate, r("regions", "x", "slope"), 1e-10, 1e-2));
  EXPECT_TRUE(close_number(regions.p, r("regions", "x", "p"), 1e-9));
  // Region x signal x score.
  const auto& all = difference_at(found, SlopeContrast::interaction, 0, 0, 1, 0);
  EXPECT_TRUE(close_number(all.estimate, r("interaction", "x", "slope"), 1e-10, 1e-2));
  EXPECT_TRUE(close_number(all.t, r("interaction", "x", "t"), 1e-10, 1e-2));
  EXPECT_TRUE(close_number(all.p, r("interaction", "x", "p"), 1e-9));
  EXPECT_NEAR(all.first - all.second, all.estimate, 1e-12);
}

TEST(IndividualDifferences, CompareSlopesOnTwoScoresWithTheirCovariance) {
  const RFigures r = individual_figures();
  IndividualOptions o = unshuffled();
  o.units = SlopeUnits::given;
  const auto found = individual_differences(individual_data(r, {"anxiety", "depression"}), o);
  const auto& d = difference_at(found, SlopeContrast::scores, 0, 1, 0, 0);
  EXPECT_TRUE(close_number(d.estimate, r("scores", "A_y,A_x", "difference"), 1e-10));
  EXPECT_TRUE(close_number(d.standard_error, r("scores", "A_y,A_x", "se"), 1e-10));
  EXPECT_EQ(d.dof, 34);
}

TEST(IndividualDifferences, TakeRegionsInTheUnitsOfTheirSignal) {
  const RFigures r = individual_figures();
  IndividualData data = individual_data(r, {"anxiety", "depression"});
  const auto before = individual_differences(data, unshuffled());
  EXPECT_EQ(before.units, SlopeUnits::given_and_participant_sd);
  for (size_t region = 0; region < 2; ++region)
    data.brain.cells.col(data.brain.column(region, 0)) *= 100;
  const auto after = individual_differences(data, unshuffled());
  for (size_t i = 0; i < before.differences.size(); ++i) {
    const auto &a = before.differences[i], &b = after.differences[i];
    // In standard deviations over participants the unit does not matter.
    EXPECT_TRUE(close_number(a.p, b.p, 1e-8));
    EXPECT_EQ(std::isnan(a.p_other_unit), a.signal == a.other_signal);
    EXPECT_GE(a.p_claim, a.p);
  }
}

TEST(IndividualDifferences, TakeTheRegressorsSpreadWhereItIsKnown) {
  const RFigures r = individual_figures();
  IndividualOptions o = unshuffled();
  o.regressor_sd = {2, 0.5};
  const auto found = individual_differences(individual_data(r, {"anxiety"}), o);
  EXPECT_EQ(found.units, SlopeUnits::regressor_sd);
  IndividualOptions given = unshuffled();
  given.units = SlopeUnits::given;
  const auto raw = individual_differences(individual_data(r, {"anxiety"}), given);
  const auto& a = difference_at(found, SlopeContrast::signals, 0, 0, 1, 0);
  const auto& b = difference_at(raw, SlopeContrast::signals, 0, 0, 1, 0);
  EXPECT_NEAR(a.first, 2 * b.first, 1e-12);
  EXPECT_NEAR(a.second, 0.5 * b.second, 1e-12);
  o.regressor_sd = {2, std::nan("")};
  EXPECT_EQ(individual_differences(individual_data(r, {"anxiety"}), o).units,
            SlopeUnits::given_and_participant_sd);
  o.units = SlopeUnits::regressor_sd;
  EXPECT_TRUE(testing::refuses(ErrorCode::usage, {"regressor", "y"}, [&] {
    individual_differences(individual_data(r, {"anxiety"}), o);
  }));
}

TEST(IndividualDifferences, RefuseScoresWithoutInformation) {
  const RFigures r = individual_figures();
  IndividualData data = individual_data(r, {"anxiety"}, {"age"});
  data.score_values.col(0) = 3 * data.covariate_values.col(0).array() - 1;
  EXPECT_TRUE(testing::refuses(ErrorCode::bad_input, {"anxiety", "covariates"},
                               [&] { individual_differences(data, unshuffled()); }));
  data.score_values.setConstant(0.1);
  EXPECT_TRUE(testing::refuses(ErrorCode::bad_input, {"anxiety", "same"},
                               [&] { individual_differences(data, unshuffled()); }));
}

TEST(SlopeScatter, HasTheBandOfAPrediction) {
  const RFigures r = individual_figures();
  const IndividualData data = individual_data(r, {"anxiety"});
  const IndividualOptions o = unshuffled();
  const auto found = individual_differences(data, o);
  const ScoreSlope& s = slope_at(found, 0, 1, 0);
  const SlopeScatter scatter = scatter_of(data, o, s, 3);
  EXPECT_NEAR((scatter.line[2] - scatter.line[0]) / (scatter.at[2] - scatter.at[0]),
              s.slope.estimate, 1e-10);
  // At the mean score the half-width of the band is that of the mean: t s / sqrt(n).
  const Eigen::VectorXd x = r.column("anxiety"), y = r.column("A_y");
  const SlopeScatter wide = scatter_of(data, o, s, 201);
  Eigen::Index nearest;
  (wide.at.array() - x.mean()).abs().minCoeff(&nearest);
  const double residual = std::sqrt(
      (y.array() - y.mean() - s.slope.estimate * (x.array() - x.mean())).square().sum() / 34);
  EXPECT_NEAR((wide.upper[nearest] - wide.lower[nearest]) / 2, 2.0322445 * residual / 6,
              2e-4 * residual);
}

// ---- simulated studies

struct World {
  double slope_x = 0, slope_y = 0, noise_x = 1, noise_y = 1;
  bool two_scores = false;  ///< y depends on the second score
};

/// One region, two signals with partly shared noise, two scores with correlation .5.
IndividualData simulated_scores(const World& w, Eigen::Index n, uint64_t number) {
  const CounterRandom random(20261128, number);
  IndividualData d;
  d.brain.regions = {"A"}, d.brain.signals = {"x", "y"};
  d.scores = w.two_scores ? std::vector<std::string>{"a", "b"} : std::vector<std::string>{"a"};
  d.brain.cells.resize(n, 2);
  d.score_values.resize(n, Eigen::Index(d.scores.size()));
  d.covariate_values.resize(n, 0);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto draw = [&](uint64_t k) { return random.normal(8 * uint64_t(i) + k); };
    const double a = draw(0), b = 0.5 * a + std::sqrt(0.75) * draw(1), shared = draw(2);
    d.score_values(i, 0) = a;
    if (w.two_scores) d.score_values(i, 1) = b;
    d.brain.cells(i, 0) = w.slope_x * a + w.noise_x * (0.6 * shared + 0.8 * draw(3));
    d.brain.cells(i, 1) =
        w.slope_y * (w.two_scores ? b : a) + w.noise_y * (0.6 * shared + 0.8 * draw(4));
    d.brain.participants.push_back(std::to_string(i));
  }
  return d;
}

/// Proportion of studies in which slopes of x (on a) and of y (on the last score) differ.
double share_that_differ(const World& w, Eigen::Index n, int n_studies,
                         std::optional<SlopeUnits> units = std::nullopt) {
  IndividualOptions o = unshuffled();
  o.units = units;
  int differ = 0;
  for (int k = 0; k < n_studies; ++k) {
    const auto found = individual_differences(simulated_scores(w, n, uint64_t(k)), o);
    const auto& d = w.two_scores ? difference_at(found, SlopeContrast::scores, 0, 0, 1, 0)
                                 : difference_at(found, SlopeContrast::signals, 0, 0, 1, 0);
    differ += d.p_claim < 0.05;
  }
  return differ / double(n_studies);
}

constexpr int kSlopeStudies = 500;
/// Three standard errors above .05.
const double kMost = 0.05 + 3 * std::sqrt(0.05 * 0.95 / kSlopeStudies);

TEST(IndividualDifferencesNull, ClaimsADifferenceInAtMostFivePercentOfStudiesWhateverTheNoise) {
  for (const double noise : {1.0, 2.0, 3.4})
    for (const double slope : {0.0, 0.5}) {
      const World one{slope, slope, 1, noise, false}, two{slope, slope, 1, noise, true};
      EXPECT_LT(share_that_differ(one, 40, kSlopeStudies), kMost) << slope << " " << noise;
      EXPECT_LT(share_that_differ(two, 40, kSlopeStudies), kMost) << slope << " " << noise;
      EXPECT_LT(share_that_differ(two, 20, kSlopeStudies, SlopeUnits::given), kMost)
          << slope << " " << noise;
    }
}

TEST(IndividualDifferencesNull, FindsSlopesThatDiffer) {
  EXPECT_GT(share_that_differ({0.8, 0, 1, 1, false}, 40, 200), 0.9);
  EXPECT_GT(share_that_differ({0.8, -0.4, 1, 1, true}, 40, 200), 0.9);
}

TEST(IndividualDifferencesNull, HasUniformP) {
  IndividualOptions o;
  o.tests.permutations = 199;
  const int n = 300;
  std::vector<std::vector<double>> p(5);
  for (int k = 0; k < n; ++k) {
    const ScoreSlope s = individual_differences(simulated_scores({}, 24, uint64_t(k)), o).slopes[0];
    p[0].push_back(s.slope.p), p[1].push_back(s.spearman.p), p[2].push_back(s.robust.p);
    p[3].push_back(s.prediction.p_q2), p[4].push_back(s.slope.p_permutation);
  }
  for (auto& values : p) {
    std::sort(values.begin(), values.end());
    double farthest = 0;
    for (int k = 0; k < n; ++k)
      farthest = std::max({farthest, std::abs(values[size_t(k)] - double(k) / n),
                           std::abs(values[size_t(k)] - double(k + 1) / n)});
    // Kolmogorov: 1.95 / sqrt(n) is exceeded by chance once in a thousand.
    EXPECT_LT(farthest, 1.95 / std::sqrt(double(n))) << &values - p.data();
  }
}

TEST(KeepComplete, LeavesParticipantsWithEveryValueScoreAndCovariate) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  IndividualData data;
  data.brain.regions = {"A"};
  data.brain.signals = {"x"};
  data.brain.participants = {"sub-01", "sub-02", "sub-03", "sub-04"};
  data.brain.cells = Eigen::Vector4d(1, nan, 3, 4);
  data.score_values = Eigen::Vector4d(5, 6, nan, 8);
  data.covariate_values.resize(4, 0);
  EXPECT_EQ(keep_complete(data), (std::vector<std::string>{"sub-02", "sub-03"}));
  EXPECT_EQ(data.brain.participants, (std::vector<std::string>{"sub-01", "sub-04"}));
  EXPECT_EQ(data.brain.cells, Eigen::Vector2d(1, 4));
  EXPECT_EQ(data.score_values, Eigen::Vector2d(5, 8));
  EXPECT_EQ(data.covariate_values.rows(), 2);
}

}  // namespace
}  // namespace sociometer
