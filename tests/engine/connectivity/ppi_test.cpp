// Interactions with a seed against numpy, and their false positives.
#include "engine/connectivity/ppi.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/connectivity/beta_series.hpp"
#include "engine/connectivity/deconvolution.hpp"
#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/stats/distributions.hpp"
#include "io/tables/table.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace ppi_goldens {

Eigen::VectorXd column(const std::string& table, const std::string& name) {
  const Table all = read_table(golden("numpy/ppi/" + table + ".tsv"));
  Eigen::VectorXd out(Eigen::Index(all.rows.size()));
  for (size_t i = 0; i < all.rows.size(); ++i)
    out[Eigen::Index(i)] = number_in(all, i, all.find(name));
  return out;
}

Events golden_events() {
  const Table all = read_table(golden("numpy/ppi/events.tsv"));
  Events out;
  for (size_t i = 0; i < all.rows.size(); ++i)
    out.push_back({number_in(all, i, 0),
                   number_in(all, i, 1),
                   all.rows[i][2],
                   1,
                   {{"value", number_in(all, i, 3)}}});
  return out;
}

constexpr int kBins = 8, kOffset = 4;

DesignOptions golden_options() {
  DesignOptions out;
  out.drift = DriftModel::none;
  out.modulators = {{"b", {"value"}}};
  out.start_time_s = 1;
  return out;
}

DesignMatrix golden_design() {
  NamedColumns confounds{{"c1", "c2"}, Eigen::MatrixXd(90, 2)};
  confounds.values << column("scans", "c1"), column("scans", "c2");
  return make_design(golden_events(), confounds, 2, 90, golden_options());
}

TEST(Deconvolution, EqualsNumpys) {
  Eigen::MatrixXd nuisance(90, 3);
  nuisance << column("scans", "c1"), column("scans", "c2"), Eigen::VectorXd::Ones(90);
  const Eigen::VectorXd response = column("response", "response");
  const Deconvolved found = deconvolve(column("scans", "seed"), nuisance, response, kBins, kOffset);
  const Eigen::VectorXd neural = column("neural", "neural");
  EXPECT_LT((found.neural - neural).norm(), 1e-4 * neural.norm());
  EXPECT_NEAR(found.log_likelihood, column("figures", "log_likelihood")[0], 1e-6);
  const Eigen::VectorXd again = convolved_at_scans(found.neural, response, kBins, kOffset);
  EXPECT_LT((again - column("scans", "convolved")).norm(), 1e-5 * again.norm());
  EXPECT_GT(found.signal_share, 0.9);
}

TEST(Interactions, EqualNumpysWithDeconvolution) {
  const PpiColumns found = ppi_columns(golden_design(), golden_events(), golden_options(),
                                       column("scans", "seed"), {true, kBins});
  ASSERT_EQ(found.names, (std::vector<std::string>{"seed", "ppi:a", "ppi:b", "ppi:b:value"}));
  const char* names[] = {"adjusted", "a", "b", "b:value"};
  for (Eigen::Index k = 0; k < 4; ++k) {
    const Eigen::VectorXd reference = column("scans", names[k]);
    EXPECT_LT((found.values.col(k) - reference).norm(), 1e-4 * reference.norm()) << names[k];
  }
}

TEST(Interactions, EqualNumpysForVolumesAtTheEndOfTheirAcquisition) {
  DesignOptions options = golden_options();
  options.start_time_s = 2;
  NamedColumns confounds{{"c1", "c2"}, Eigen::MatrixXd(90, 2)};
  confounds.values << column("scans", "c1"), column("scans", "c2");
  const DesignMatrix design = make_design(golden_events(), confounds, 2, 90, options);
  const PpiColumns found =
      ppi_columns(design, golden_events(), options, column("scans", "seed"), {true, kBins});
  const char* names[] = {"a", "b", "b:value"};
  for (Eigen::Index k = 0; k < 3; ++k) {
    const Eigen::VectorXd reference = column("late", names[k]);
    EXPECT_LT((found.values.col(k + 1) - reference).norm(), 1e-4 * reference.norm()) << names[k];
  }
}

TEST(Interactions, AreProductsWithoutDeconvolution) {
  const DesignMatrix design = golden_design();
  const PpiColumns found =
      ppi_columns(design, golden_events(), golden_options(), column("scans", "seed"), {});
  const Eigen::VectorXd seed = column("scans", "adjusted");
  for (Eigen::Index k = 0; k < 3; ++k) {
    const Eigen::VectorXd task =
        design.values.col(design.find(found.names[size_t(k) + 1].substr(4)));
    EXPECT_LT((found.values.col(k + 1) - task.cwiseProduct(seed)).norm(), 1e-9);
  }
  EXPECT_TRUE(std::isnan(found.signal_share));
  const DesignMatrix with = with_ppi(design, found);
  EXPECT_EQ(with.n_columns(), design.n_columns() + 4);
  EXPECT_EQ(with.names[3], "seed");
  EXPECT_EQ(with.names.back(), design.names.back());
  EXPECT_EQ(with.values.col(3), found.values.col(0));
}

TEST(Deconvolution, SaysThatThereIsNoSignal) {
  // Noise that alternates from scan to scan has nothing of a response of seconds.
  Eigen::VectorXd seed(90);
  const CounterRandom random(4, 4);
  for (Eigen::Index i = 0; i < 90; ++i)
    seed[i] = (i % 2 ? 1 : -1) * (1 + 0.1 * random.normal(uint64_t(i)));
  const Deconvolved found =
      deconvolve(seed, Eigen::VectorXd::Ones(90), column("response", "response"), kBins, kOffset);
  EXPECT_TRUE(found.no_signal);
  EXPECT_LT(found.signal_share, 0.05);
  EXPECT_THROW(ppi_columns(golden_design(), golden_events(), golden_options(), seed, {true, kBins}),
               Error);
}

TEST(Interactions, RefuseASeedWithoutSpread) {
  EXPECT_THROW(ppi_columns(golden_design(), golden_events(), golden_options(),
                           Eigen::VectorXd::Constant(90, 5), {}),
               Error);
  EXPECT_THROW(ppi_columns(golden_design(), golden_events(), golden_options(),
                           Eigen::VectorXd::Constant(80, 5), {}),
               Error);
}

struct Simulated {
  double beta = 0, p = 0;  ///< of the interaction with b
};

/// A target that follows the seed's activity and the task, by `gain` more of it during b.
Simulated simulated(uint64_t study, bool deconvolve, double gain) {
  constexpr Eigen::Index kScans = 150;
  constexpr int kFine = 8;
  const CounterRandom random(study, 7);
  Events events;
  for (int e = 0; e < 24; ++e)
    events.push_back(
        {e * 12.0 + 4 * random.uniform(uint64_t(90000 + e)), 2, e % 2 ? "b" : "a", 1, {}});
  DesignOptions options;
  options.drift = DriftModel::none;
  const DesignMatrix design = make_design(events, std::nullopt, 2, kScans, options);
  const Eigen::VectorXd response = nilearn_kernels(options.hrf, 2, kFine).col(0);
  Eigen::VectorXd own(kScans * kFine);
  for (Eigen::Index t = 0; t < own.size(); ++t) own[t] = random.normal(uint64_t(t));
  Eigen::VectorXd shared = 4 * convolved_at_scans(own, response, kFine, 0);
  Eigen::VectorXd more = Eigen::VectorXd::Zero(own.size());
  for (const auto& event : events)
    for (Eigen::Index t = 0; event.type == "b" && t < 8; ++t) {
      const Eigen::Index at = Eigen::Index(std::ceil(event.onset_s * 4)) + t;
      if (at < own.size()) more[at] = gain * own[at];
    }
  Eigen::VectorXd seed = shared + design.values.col(0) + design.values.col(1),
                  target = shared + 4 * convolved_at_scans(more, response, kFine, 0);
  target += 0.5 * design.values.col(0) + 0.8 * design.values.col(1);
  for (Eigen::Index i = 0; i < kScans; ++i) {
    seed[i] += 0.1 * random.normal(uint64_t(50000 + i));
    target[i] += 0.5 * random.normal(uint64_t(60000 + i));
  }
  const DesignMatrix with =
      with_ppi(design, ppi_columns(design, events, options, seed, {deconvolve, kFine}));
  const Eigen::MatrixXd& x = with.values;
  const Eigen::MatrixXd inverse = (x.transpose() * x).inverse();
  const Eigen::VectorXd beta = inverse * (x.transpose() * target);
  const double dof = double(x.rows() - x.cols());
  const double variance = (target - x * beta).squaredNorm() / dof;
  const Eigen::Index k = with.find("ppi:b");
  return {beta[k], 2 * p_from_t(std::abs(beta[k]) / std::sqrt(variance * inverse(k, k)), dof)};
}

double false_positives(bool deconvolve, int n_studies) {
  double positive = 0;
  for (int s = 0; s < n_studies; ++s)
    positive += simulated(uint64_t(1 + s), deconvolve, 0).p < 0.05;
  return positive / n_studies;
}

TEST(Interactions, HaveFewFalsePositives) {
  const double share = false_positives(false, 400);
  EXPECT_GT(share, 0.02);
  EXPECT_LT(share, 0.09);
}

TEST(Interactions, HaveFewFalsePositivesWithDeconvolution) {
  const double share = false_positives(true, 200);
  EXPECT_GT(share, 0.015);
  EXPECT_LT(share, 0.10);
}

/// The activity is white: a grid of cosines sees a part of it, so that the coefficient is a part of
/// the gain, of its sign, and follows it.
TEST(Interactions, FindAGainOfTheActivity) {
  double low = 0, high = 0, opposite = 0, found = 0;
  constexpr int kStudies = 30;
  for (uint64_t s = 0; s < kStudies; ++s) {
    low += simulated(1000 + s, true, 1).beta / kStudies;
    const Simulated own = simulated(1000 + s, true, 2);
    high += own.beta / kStudies;
    found += own.p < 0.05 && own.beta > 0;
    opposite += simulated(1000 + s, true, -2).beta / kStudies;
  }
  EXPECT_GT(low, 0.3);
  EXPECT_NEAR(high, 2 * low, 0.35 * low);
  EXPECT_NEAR(opposite, -high, 0.35 * high);
  EXPECT_GT(found / kStudies, 0.5);
}

TEST(BetaSeries, CorrelateTrials) {
  Eigen::VectorXd a(6), b(6);
  a << 1, 2, 3, 4, NAN, 9;
  b << 2, 1, 4, 3, 5, NAN;
  const SeriesCorrelation found = correlate_series(a, b);
  EXPECT_EQ(found.n, 4);
  EXPECT_NEAR(found.r, 0.6, 1e-15);
  EXPECT_NEAR(found.fisher_z, 0.5 * std::log(1.6 / 0.4), 1e-15);
  EXPECT_TRUE(std::isnan(correlate_series(a.head(3), b.head(3)).r));
}

TEST(BetaSeries, DoNotTakeShiftsBetweenRunsForCoupling) {
  const CounterRandom random(9, 1);
  const Eigen::Index n = 400;
  Eigen::VectorXd a(n), b(n);
  std::vector<std::string> run;
  for (Eigen::Index i = 0; i < n; ++i) {
    run.push_back(i < n / 2 ? "1" : "2");
    a[i] = random.normal(uint64_t(2 * i)) + (i < n / 2 ? 0 : 2);
    b[i] = random.normal(uint64_t(2 * i + 1)) + (i < n / 2 ? 0 : 2);
  }
  EXPECT_GT(correlate_series(a, b).fisher_z, 0.4);
  const SeriesCorrelation found = correlate_series(a, b, run);
  EXPECT_LT(std::abs(found.fisher_z), 3 / std::sqrt(double(n)));
  EXPECT_EQ(found.n_runs, 2);
  // Two runs with the same slope, by hand: (-1, 1), (-1, 1) with (-1, 1), (0, 0) and a third of
  // one.
  Eigen::VectorXd x(7), y(7);
  x << 1, 3, 11, 13, 5, 12, 8;
  y << 4, 6, 20, 20, 9, 20, 7;
  const SeriesCorrelation by_hand = correlate_series(x, y, {"1", "1", "2", "2", "3", "2", "3"});
  // x - mean: -1 1 -1 1 -1.5 0 1.5; y - mean: -1 1 0 0 1 0 -1.
  EXPECT_NEAR(by_hand.r, (2 - 3) / std::sqrt(8.5 * 4), 1e-12);
}

TEST(BetaSeries, TestTheMeanOfFisherZ) {
  const ZTest found = test_mean({1, 2, NAN, 3});
  EXPECT_EQ(found.n, 3);
  EXPECT_NEAR(found.t, 2 * std::sqrt(3.), 1e-12);
  // t = 3.4641, 2 degrees of freedom: 1 - t / sqrt(t^2 + 2).
  EXPECT_NEAR(found.p, 1 - std::sqrt(12. / 14), 1e-12);
}

}  // namespace ppi_goldens
}  // namespace sociometer::testing
