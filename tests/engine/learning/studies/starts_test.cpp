#include <gtest/gtest.h>

#include "engine/core/parallel.hpp"
#include "engine/learning/fit.hpp"
#include "engine/learning/recovery.hpp"
#include "tests/support/game.hpp"

namespace sociometer::testing {
namespace {

/// The best of 200 random starts over a range three times that of the fit's own starts.
double best_of_many(const Posterior& posterior, uint64_t seed) {
  const CounterRandom random(seed, 31);
  std::vector<Eigen::VectorXd> starts;
  uint64_t at = 0;
  for (int s = 0; s < 200; ++s) {
    Eigen::VectorXd u(Eigen::Index(posterior.size()));
    for (size_t k = 0; k < posterior.size(); ++k) {
      const bool logit = posterior.parameters()[k].transform == Transform::logit;
      u[Eigen::Index(k)] = logit ? -7 + 14 * random.uniform(at++) : -3 + 7 * random.uniform(at++);
    }
    starts.push_back(u);
  }
  return modes_from(posterior, starts, 1).front().log_density;
}

class NoBetterMode : public ::testing::TestWithParam<std::string> {};

TEST_P(NoBetterMode, IsMissed) {
  constexpr int kPeople = 300;
  const auto learner = make_learner(GetParam(), {});
  std::vector<double> gain(kPeople);
  parallel_for(kPeople, 2, [&](Eigen::Index i) {
    const CounterRandom random(uint64_t(i), 17);
    std::vector<double> truth;
    for (const auto& p : learner->parameters())
      truth.push_back(prior_quantile(p, random.uniform(truth.size())));
    const Participant person =
        game_participant(std::to_string(i), GetParam(), truth, uint64_t(1000 + i));
    const LearningSettings settings;
    const Posterior posterior(*learner, settings, person, DensitySpace::parameter);
    gain[size_t(i)] = best_of_many(posterior, uint64_t(i)) -
                      find_modes(posterior, FitOptions{}.n_starts).front().log_density;
  });
  int missed = 0;
  for (double g : gain) missed += g > 1e-4;
  EXPECT_EQ(missed, 0) << "of " << kPeople << ", the largest by "
                       << *std::max_element(gain.begin(), gain.end()) << " nats";
}

INSTANTIATE_TEST_SUITE_P(Models, NoBetterMode, ::testing::Values("beta-decay", "rw"),
                         [](const auto& model) {
                           std::string name = model.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace sociometer::testing
