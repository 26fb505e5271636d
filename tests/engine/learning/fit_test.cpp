#include "engine/learning/fit.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/learning/choices.hpp"
#include "tests/engine/learning/random_participant.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// A participant following the hybrid, shown the ranks and matches of random_participant.
Participant hybrid_participant(int n_trials, uint64_t seed, double w, double beta) {
  const Participant source = random_participant(n_trials, seed, false);
  const CounterRandom random(seed, 3);
  std::vector<Round> rounds;
  for (size_t i = 0; i < source.trials.size(); ++i) {
    const Trial& t = source.trials[i];
    const auto feedback = [&](int option, uint64_t at) {
      const double rank = 1 + (option % 2) * 3 + int(4 * random.uniform(at));
      return Feedback{option < 3 ? rank : kMissing,
                      double(random.uniform(at + 1) < (option < 2 ? 0.35 : 0.8))};
    };
    rounds.push_back(
        {t.run, t.options, {feedback(t.options[0], 8 * i), feedback(t.options[1], 8 * i + 2)}});
  }
  const std::vector<double> p{w, beta};
  Participant out = source;
  out.trials =
      simulate_choices(*make_learner("hybrid", {}), {}, 4, rounds, p, CounterRandom(seed, 4));
  return out;
}

double log_posterior(const Learner& learner, const Participant& person,
                     const std::vector<double>& x) {
  double sum = log_likelihood<double>(learner, {}, person, x);
  for (size_t i = 0; i < x.size(); ++i) {
    const Parameter& p = learner.parameters()[i];
    sum += log_prior_kernel(p, x[i], transformed(p.transform, x[i])) + log_prior_constant(p.prior);
  }
  return sum;
}

/// The entire posterior of w and beta on a grid: no optimiser, no derivatives.
struct Grid2 {
  double w, beta, log_density, log_evidence;
};
Grid2 brute_force(const Learner& learner, const Participant& person, int n = 400) {
  Grid2 best{0, 0, -1e300, 0};
  std::vector<double> all;
  // w by midpoints; beta over its logarithm, from .001 to 100.
  const double low = std::log(1e-3), step = (std::log(100.0) - low) / n;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      const double w = (i + 0.5) / n, beta = std::exp(low + (j + 0.5) * step);
      const double f = log_posterior(learner, person, {w, beta});
      if (f > best.log_density) best = {w, beta, f, 0};
      all.push_back(f + std::log(beta) + std::log(step / n));
    }
  double sum = 0;
  for (double f : all) sum += std::exp(f - best.log_density);
  best.log_evidence = best.log_density + std::log(sum);
  return best;
}

TEST(Fit, FindsTheTopOfABruteForceGrid) {
  const auto learner = make_learner("hybrid", {});
  for (uint64_t seed : {1, 2, 3}) {
    const Participant person = hybrid_participant(120, seed, 0.3 + 0.2 * double(seed), 4);
    const LearnerFit fit = fit_learner(*learner, {}, person, {});
    const Grid2 grid = brute_force(*learner, person);
    EXPECT_NEAR(fit.estimate[0], grid.w, 1.0 / 400);
    EXPECT_NEAR(std::log(fit.estimate[1]), std::log(grid.beta), 0.03);
    EXPECT_GE(fit.log_posterior, grid.log_density);
    EXPECT_TRUE(
        close_number(fit.log_posterior, log_posterior(*learner, person, fit.estimate), 1e-12));
    EXPECT_TRUE(fit.converged);
    EXPECT_EQ(fit.n_starts_agreeing, 14);  // 8 and six near the bounds of w
  }
}

double evidence_in(DensitySpace space, const Learner& learner, const Participant& person) {
  FitOptions options;
  options.evidence = Evidence::laplace;
  options.evidence_space = space;
  const LearnerFit fit = fit_learner(learner, {}, person, options);
  EXPECT_EQ(fit.method, EvidenceMethod::laplace);
  return fit.log_evidence;
}

TEST(Fit, LaplaceEvidenceIsNearTheIntegral) {
  const auto learner = make_learner("hybrid", {});
  for (uint64_t seed : {1, 2, 3}) {
    const Participant person = hybrid_participant(120, seed, 0.5, 5);
    const double exact = brute_force(*learner, person).log_evidence;
    EXPECT_NEAR(evidence_in(DensitySpace::parameter, *learner, person), exact, 0.15);
    EXPECT_NEAR(evidence_in(DensitySpace::transformed, *learner, person), exact, 0.3);
  }
}

TEST(Fit, EvidenceOverTransformedParametersHoldsWhenOneIsIdle) {
  // Random choices imply a small beta, and then carry no information on w.
  const auto learner = make_learner("hybrid", {});
  double parameter = 0, transformed_error = 0;
  for (uint64_t seed : {1, 2, 3}) {
    const Participant person = random_participant(120, seed, false);
    const double exact = brute_force(*learner, person).log_evidence;
    parameter += evidence_in(DensitySpace::parameter, *learner, person) - exact;
    transformed_error += evidence_in(DensitySpace::transformed, *learner, person) - exact;
  }
  // Sums over three participants: about +1.5 and -1.0.
  EXPECT_LT(std::abs(transformed_error), 1.2);
  EXPECT_GT(parameter, 1.2);
}

class EveryFit : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryFit, StandsOnAStationaryPointWithTheCurvatureItReports) {
  const auto learner = make_learner(GetParam(), {});
  const Participant person = hybrid_participant(150, 9, 0.6, 6);
  FitOptions options;
  options.evidence = Evidence::laplace;
  options.evidence_space = DensitySpace::parameter;
  const LearnerFit fit = fit_learner(*learner, {}, person, options);
  ASSERT_TRUE(fit.converged);
  ASSERT_EQ(fit.method, EvidenceMethod::laplace);
  const auto n = Eigen::Index(fit.estimate.size());
  const auto at = [&](Eigen::Index i, double di, Eigen::Index j, double dj) {
    auto x = fit.estimate;
    x[size_t(i)] += di;
    x[size_t(j)] += dj;
    return log_posterior(*learner, person, x);
  };
  Eigen::MatrixXd hessian(n, n);
  Eigen::VectorXd step(n);
  for (Eigen::Index i = 0; i < n; ++i) {
    step[i] = 1e-3 * fit.standard_error[size_t(i)];
    const double slope = (at(i, step[i], i, 0) - at(i, -step[i], i, 0)) / (2 * step[i]);
    EXPECT_NEAR(slope * fit.standard_error[size_t(i)], 0, 1e-5) << i;
  }
  step *= 3;
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j)
      hessian(i, j) = -(at(i, step[i], j, step[j]) - at(i, step[i], j, -step[j]) -
                        at(i, -step[i], j, step[j]) + at(i, -step[i], j, -step[j])) /
                      (4 * step[i] * step[j]);
  // Evidence from the numerical Hessian over the parameters themselves.
  const double evidence = fit.log_posterior + 0.5 * double(n) * std::log(2 * M_PI) -
                          0.5 * std::log(hessian.determinant());
  EXPECT_NEAR(fit.log_evidence, evidence, 0.01);
}

INSTANTIATE_TEST_SUITE_P(Models, EveryFit,
                         ::testing::Values("hybrid", "rank", "outcome", "rw", "rw-dual",
                                           "rw-signed", "beta-decay", "wsls", "hybrid+stick"),
                         [](const auto& model) {
                           std::string name = model.param;
                           for (char& c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           return name;
                         });

TEST(Fit, OfTheRandomLearnerIsItsLikelihood) {
  const Participant person = random_participant(100, 2);
  const LearnerFit fit = fit_learner(*make_learner("random", {}), {}, person, {});
  EXPECT_TRUE(close_number(fit.log_evidence, -fit.n_choices * std::log(2), 1e-14));
  EXPECT_EQ(fit.method, EvidenceMethod::exact);
  EXPECT_TRUE(close_number(fit.bic, 2 * fit.n_choices * std::log(2), 1e-14));
}

TEST(Fit, NamesTheFallbackWhenTheModeHasNoCurvature) {
  // A uniform prior on w and choices uninformative about w: the posterior is flat along w.
  LearningSettings settings;
  settings.priors["w"] = {PriorFamily::beta, 1, 1};
  Participant person = random_participant(1, 1, false);
  FitOptions options;
  options.evidence = Evidence::laplace;
  options.evidence_space = DensitySpace::parameter;
  const LearnerFit fit = fit_learner(*make_learner("hybrid", settings), settings, person, options);
  EXPECT_EQ(fit.method, EvidenceMethod::laplace_transformed);
  EXPECT_NEAR(fit.log_evidence, std::log(0.5), 0.3);
}

TEST(Fit, NamesWhatTheTrialsLack) {
  Participant person = random_participant(50, 3);
  for (auto& trial : person.trials) trial.rank = kMissing;
  EXPECT_NO_THROW(fit_learner(*make_learner("outcome", {}), {}, person, {}));
  try {
    fit_learner(*make_learner("hybrid", {}), {}, person, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("visible rank"), std::string::npos);
  }
}

}  // namespace
}  // namespace sociometer::testing
