#include <algorithm>

#include <gtest/gtest.h>

#include "engine/learning/fit.hpp"
#include "tests/engine/learning/random_participant.hpp"
#include "tests/support/game.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// The evidence from a dense grid over transformed parameters, cut where the prior has no mass
/// left. No mode, no derivatives, no sampling.
double grid_evidence(const std::string& model, const LearningSettings& settings,
                     const Participant& person, int n) {
  const auto learner = make_learner(model, settings);
  const Posterior posterior(*learner, settings, person, DensitySpace::transformed);
  const size_t k = learner->parameters().size();
  std::vector<double> low, step;
  for (const auto& p : learner->parameters()) {
    low.push_back(p.transform == Transform::logit ? -14 : p.transform == Transform::log ? -9 : -5);
    const double high = p.transform == Transform::logit ? 14 : 5;
    step.push_back((high - low.back()) / n);
  }
  std::vector<double> all;
  std::vector<int> at(k, 0);
  for (bool more = true; more;) {
    Eigen::VectorXd u(k);
    for (size_t i = 0; i < k; ++i) u[Eigen::Index(i)] = low[i] + (at[i] + 0.5) * step[i];
    all.push_back(posterior.log_prior(u) + posterior.log_likelihood_at(u));
    more = false;
    for (size_t i = 0; i < k && !more; ++i) {
      more = ++at[i] < n;
      if (!more) at[i] = 0;
    }
  }
  double top = *std::max_element(all.begin(), all.end()), sum = 0;
  for (double f : all) sum += std::exp(f - top);
  for (double s : step) top += std::log(s);
  return top + std::log(sum);
}

Participant some_person(uint64_t seed) {
  if (seed % 4 == 0) return random_participant(100, seed, false);
  const CounterRandom random(seed, 77);
  const double w = random.uniform(0), beta = std::exp(3 * random.uniform(1) - 0.5);
  return game_participant(std::to_string(seed), "hybrid", {w, beta}, seed, 2, 30);
}

struct GridCase {
  std::string model;
  int n_grid, n_people;
  friend void PrintTo(const GridCase& c, std::ostream* out) { *out << c.model; }
};
class EvidenceAgainstGrid : public ::testing::TestWithParam<GridCase> {};

TEST_P(EvidenceAgainstGrid, AgreesWithinItsStatedError) {
  const auto& [model, n_grid, n_people] = GetParam();
  const auto learner = make_learner(model, {});
  double laplace_bias = 0, bias = 0, chi = 0;
  for (int i = 0; i < n_people; ++i) {
    const Participant person = some_person(uint64_t(i + 1));
    const double exact = grid_evidence(model, {}, person, n_grid);
    const LearnerFit fit = fit_learner(*learner, {}, person, {});
    ASSERT_EQ(fit.method, EvidenceMethod::importance);
    EXPECT_LE(fit.evidence_error, 0.0101);
    EXPECT_GT(fit.effective_points, 200);
    EXPECT_NEAR(fit.log_evidence, exact, 0.03) << i << " stated error " << fit.evidence_error;
    bias += (fit.log_evidence - exact) / n_people;
    chi +=
        std::pow((fit.log_evidence - exact) / std::hypot(fit.evidence_error, 1e-3), 2) / n_people;
    FitOptions laplace;
    laplace.evidence = Evidence::laplace;
    laplace_bias += (fit_learner(*learner, {}, person, laplace).log_evidence - exact) / n_people;
  }
  RecordProperty("bias", std::to_string(bias));
  RecordProperty("laplace_bias", std::to_string(laplace_bias));
  RecordProperty("mean_square_of_stated_errors", std::to_string(chi));
  EXPECT_LT(std::abs(bias), 0.005);
  // What it corrects: Laplace's evidence is too small, the more so the more parameters there are.
  EXPECT_LT(laplace_bias, -0.03 * double(learner->parameters().size()));
}

INSTANTIATE_TEST_SUITE_P(Models, EvidenceAgainstGrid,
                         ::testing::Values(GridCase{"outcome", 4000, 12},
                                           GridCase{"rank", 4000, 12}, GridCase{"hybrid", 200, 12},
                                           GridCase{"rw-outcome", 200, 12}, GridCase{"rw", 70, 4}),
                         [](const auto& test) {
                           std::string name = test.param.model;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Evidence, OfParametersThatTheChoicesDoNotInform) {
  // One choice before any feedback: the posterior is the prior, and the evidence is one half.
  Participant person = random_participant(1, 1, false);
  for (const char* model : {"outcome", "hybrid", "rw", "rw-dual+stick"}) {
    const LearnerFit fit = fit_learner(*make_learner(model, {}), {}, person, {});
    EXPECT_EQ(fit.method, EvidenceMethod::importance) << model;
    EXPECT_NEAR(fit.log_evidence, std::log(0.5), 0.03) << model;
  }
}

TEST(Evidence, FallsBackWhenFewPointsAreEffective) {
  FitOptions options;
  options.importance.least_effective = 1e9;
  const Participant person = some_person(3);
  const LearnerFit fit = fit_learner(*make_learner("hybrid", {}), {}, person, options);
  EXPECT_EQ(fit.method, EvidenceMethod::laplace_transformed);
  EXPECT_TRUE(is_fallback(fit.method, options));
  options.evidence = Evidence::bic;
  const LearnerFit bic = fit_learner(*make_learner("hybrid", {}), {}, person, options);
  EXPECT_EQ(bic.method, EvidenceMethod::bic);
  EXPECT_FALSE(is_fallback(bic.method, options));
  EXPECT_TRUE(close_number(bic.log_evidence, -0.5 * bic.bic, 1e-14));
}

TEST(Evidence, MomentsOfThePosteriorAreThoseOfAGrid) {
  const Participant person = some_person(5);
  const auto learner = make_learner("outcome", {});
  const LearningSettings settings;
  const Posterior posterior(*learner, settings, person, DensitySpace::transformed);
  double sum = 0, first = 0, second = 0;
  for (double u = -9; u < 5; u += 1e-3) {
    const Eigen::VectorXd at = Eigen::VectorXd::Constant(1, u);
    const double p = std::exp(posterior.log_prior(at) + posterior.log_likelihood_at(at) + 40);
    sum += p;
    first += p * u;
    second += p * u * u;
  }
  FitOptions options;
  options.importance.n_points = 8192;
  const LearnerFit fit = fit_learner(*learner, {}, person, options);
  const double mean = first / sum, variance = second / sum - mean * mean;
  EXPECT_NEAR(fit.posterior_mean[0], mean, 0.02 * std::sqrt(variance));
  EXPECT_NEAR(fit.posterior_covariance[0], variance, 0.05 * variance);
}

}  // namespace
}  // namespace sociometer::testing
