#include "engine/learning/hierarchical.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/support/game.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// A biased coin that repeats with log odds s: `random+stick`, whose likelihood is concave in s.
Participant sticky_person(int number, double stickiness, int n_trials) {
  return game_participant(std::to_string(number), "random+stick", {stickiness},
                          uint64_t(500 + number), 1, n_trials);
}

std::vector<Participant> sticky_group(int n, double mean, double sd, int n_trials) {
  const CounterRandom random(5, 2);
  std::vector<Participant> people;
  for (int i = 0; i < n; ++i)
    people.push_back(sticky_person(i, mean + sd * random.normal(uint64_t(i)), n_trials));
  return people;
}

/// Log likelihood of each participant on a grid of stickiness.
struct Grid {
  double low = -4, high = 6;
  int n = 400;
  double at(int i) const { return low + (high - low) * (i + 0.5) / n; }
};

/// The exact posterior of one model's group on a grid of mean and log precision, with participants'
/// own parameters integrated out on another grid.
struct ExactGroup {
  double mean = 0, mean_sd = 0, precision = 0, log_evidence = 0;
};
ExactGroup exact_group(const std::vector<Participant>& people, const HierarchicalOptions& o) {
  const auto learner = make_learner("random+stick", {});
  const Grid h;
  Eigen::MatrixXd likelihood(Eigen::Index(people.size()), h.n);
  for (size_t p = 0; p < people.size(); ++p)
    for (int i = 0; i < h.n; ++i) {
      const std::vector<double> x{h.at(i)};
      likelihood(Eigen::Index(p), i) =
          std::exp(log_likelihood<double>(*learner, {}, people[p], x) + 20);
    }
  const double step = (h.high - h.low) / h.n;
  std::vector<std::array<double, 4>> points;  // log density, mu, tau, -
  for (int a = 0; a < 120; ++a)
    for (int b = 0; b < 80; ++b) {
      const double mu = -1 + 4 * (a + 0.5) / 120, log_tau = -3 + 8 * (b + 0.5) / 80;
      const double tau = std::exp(log_tau);
      Eigen::VectorXd prior(h.n);
      for (int i = 0; i < h.n; ++i)
        prior[i] =
            std::sqrt(tau / (2 * M_PI)) * std::exp(-tau / 2 * std::pow(h.at(i) - mu, 2)) * step;
      double f = (likelihood * prior).array().log().sum() - 20.0 * double(people.size());
      // Gamma(v, s) for tau, over log tau; normal for mu with precision b tau around 0.
      f += o.precision_shape * std::log(o.precision_rate) - std::lgamma(o.precision_shape) +
           o.precision_shape * log_tau - o.precision_rate * tau;
      f += 0.5 * std::log(o.mean_weight * tau / (2 * M_PI)) - 0.5 * o.mean_weight * tau * mu * mu;
      points.push_back({f, mu, tau, 0});
    }
  double top = -1e300, sum = 0, first = 0, second = 0, precision = 0;
  for (const auto& p : points) top = std::max(top, p[0]);
  for (const auto& p : points) {
    const double w = std::exp(p[0] - top);
    sum += w;
    first += w * p[1];
    second += w * p[1] * p[1];
    precision += w * p[2];
  }
  const double mean = first / sum;
  return {mean, std::sqrt(second / sum - mean * mean), precision / sum,
          top + std::log(sum * (4.0 / 120) * (8.0 / 80))};
}

TEST(Hierarchical, OneModelAgreesWithTheExactPosteriorOfItsGroup) {
  const auto people = sticky_group(12, 1, 0.6, 60);
  const HierarchicalOptions options;
  const ExactGroup exact = exact_group(people, options);
  const HierarchicalFit fit = fit_hierarchical({"random+stick"}, {}, people, {}, options, 2);
  ASSERT_TRUE(fit.converged);
  const GroupPosterior& group = fit.groups[0];
  EXPECT_NEAR(group.mean[0], exact.mean, 0.15 * exact.mean_sd);
  EXPECT_NEAR(group.mean_error()[0] / exact.mean_sd, 1, 0.25);
  EXPECT_NEAR(std::log(group.precision()[0] / exact.precision), 0, 0.3);
  // A lower bound, and a tight one.
  EXPECT_LT(fit.bound, exact.log_evidence + 0.1);
  EXPECT_GT(fit.bound, exact.log_evidence - 1.5);
  RecordProperty("mean",
                 fmt::format("{} exact {} sd {}", group.mean[0], exact.mean, exact.mean_sd));
  RecordProperty("error", fmt::format("{}", group.mean_error()[0]));
  RecordProperty("precision", fmt::format("{} exact {}", group.precision()[0], exact.precision));
  RecordProperty("bound", fmt::format("{} exact {}", fit.bound, exact.log_evidence));
}

TEST(Hierarchical, UpdatesAreTheConjugateOnesAtTheSolution) {
  const auto people = sticky_group(8, 1, 0.6, 60);
  HierarchicalOptions o;
  o.tolerance = 1e-9;
  const HierarchicalFit fit = fit_hierarchical({"random+stick", "random"}, {}, people, {}, o, 2);
  ASSERT_TRUE(fit.converged);
  // The group by hand from the participants' fits and responsibilities.
  double n = 0, sum = 0, squares = 0;
  for (size_t i = 0; i < people.size(); ++i) {
    const LearnerFit& f = fit.study.fits[i][0];
    const double r = fit.responsibilities(Eigen::Index(i), 0), h = f.estimate[0];
    n += r;
    sum += r * h;
    squares += r * (h * h + f.transformed_covariance[0]);
  }
  const GroupPosterior& g = fit.groups[0];
  EXPECT_TRUE(close_number(g.beta, n + 1, 1e-6));
  EXPECT_TRUE(close_number(g.nu, 0.5 + n / 2, 1e-6));
  EXPECT_TRUE(close_number(g.mean[0], sum / (n + 1), 1e-6));
  const double mean = sum / n, scatter = squares - n * mean * mean;
  EXPECT_TRUE(close_number(g.sigma[0], 0.01 + 0.5 * (scatter + n / (n + 1) * mean * mean), 1e-6));
  EXPECT_TRUE(close_number(fit.alpha[0], 1 + n, 1e-6));
  EXPECT_TRUE(close_number(fit.alpha.sum(), 2 + double(people.size()), 1e-12));
  for (Eigen::Index i = 0; i < fit.responsibilities.rows(); ++i)
    EXPECT_TRUE(close_number(fit.responsibilities.row(i).sum(), 1, 1e-12));
}

TEST(Hierarchical, GroupMeanTestIsTheStudentPosterior) {
  GroupPosterior g;
  g.mean = Eigen::VectorXd::Constant(1, 0.8);
  g.sigma = Eigen::VectorXd::Constant(1, 6);
  g.beta = 21;
  g.nu = 10.5;
  const GroupMeanTest test = test_group_mean(g, 0, 0.3);
  // Scale sqrt(6 / (10.5 * 21)); R: 2 * pt(-t, 21).
  EXPECT_TRUE(close_number(test.t, 3.031088913, 1e-9));
  EXPECT_TRUE(close_number(test.dof, 21, 1e-15));
  EXPECT_TRUE(close_number(test.p, 0.00635337012476, 1e-9));
}

TEST(Hierarchical, IsTheSameForAnyThreadCount) {
  const auto people = sticky_group(6, 1, 0.6, 60);
  const auto one = fit_hierarchical({"random+stick", "hybrid"}, {}, people, {}, {}, 1);
  const auto two = fit_hierarchical({"random+stick", "hybrid"}, {}, people, {}, {}, 7);
  EXPECT_TRUE(same_bits(one.responsibilities, two.responsibilities));
  EXPECT_EQ(one.bound, two.bound);
}

TEST(Hierarchical, LeavesOutWhoCannotBeFitted) {
  auto people = sticky_group(5, 1, 0.6, 60);
  for (auto& trial : people[2].trials) trial.chosen = -1;
  const auto fit = fit_hierarchical({"random+stick", "random"}, {}, people, {}, {}, 2);
  EXPECT_EQ(fit.responsibilities.rows(), 4);
  EXPECT_NE(fit.study.failures[2].find("no response"), std::string::npos);
  people.resize(3);
  EXPECT_THROW(fit_hierarchical({"random"}, {}, people, {}, {}, 2), Error);
}

}  // namespace
}  // namespace sociometer::testing
