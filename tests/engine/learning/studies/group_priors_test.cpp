#include <gtest/gtest.h>

#include "engine/learning/study_fit.hpp"
#include "tests/support/game.hpp"

namespace sociometer::testing {
namespace {

std::vector<Participant> planted_group(int n, uint64_t seed, double mean_w, double sd_w,
                                       double mean_beta, double sd_beta) {
  const CounterRandom random(seed, 1);
  std::vector<Participant> out;
  for (int i = 0; i < n; ++i) {
    const double w = logistic(mean_w + sd_w * random.normal(uint64_t(2 * i)));
    const double beta = std::exp(mean_beta + sd_beta * random.normal(uint64_t(2 * i + 1)));
    out.push_back(
        game_participant(std::to_string(i), "hybrid", {w, beta}, 1000 * seed + uint64_t(i)));
  }
  return out;
}

struct Bias {
  double sd_w = 0, sd_beta = 0, error_w = 0, error_beta = 0;  ///< relative, and standard errors
};

/// Mean of (estimated SD / true SD - 1) over simulated groups.
Bias bias_of(Evidence evidence, int n_groups, int n_people, double sd_w, double sd_beta) {
  Eigen::MatrixXd ratio(n_groups, 2);
  for (int g = 0; g < n_groups; ++g) {
    FitOptions options;
    options.evidence = evidence;
    const StudyFit study = fit_study_with_group_priors(
        {"hybrid"}, {}, planted_group(n_people, uint64_t(g + 1), 0.3, sd_w, 1.8, sd_beta), options,
        {}, 2);
    ratio(g, 0) = study.learners[0]->parameters()[0].prior.second / sd_w - 1;
    ratio(g, 1) = study.learners[0]->parameters()[1].prior.second / sd_beta - 1;
  }
  const Eigen::RowVectorXd mean = ratio.colwise().mean();
  const Eigen::RowVectorXd error =
      ((ratio.rowwise() - mean).array().square().colwise().sum() / (n_groups - 1.0) / n_groups)
          .sqrt();
  return {mean[0], mean[1], error[0], error[1]};
}

TEST(GroupPriorStudies, PlantedDeviationsAreFoundWithoutBias) {
  for (int n_people : {20, 40}) {
    const Bias b = bias_of(Evidence::importance, n_people == 20 ? 24 : 12, n_people, 0.8, 0.4);
    const auto tell = [&](const char* name, double value, double error) {
      RecordProperty(name + std::to_string(n_people),
                     std::to_string(value) + " +- " + std::to_string(error));
      EXPECT_LT(std::abs(value), 3 * error) << name << ", " << n_people << " people";
      EXPECT_LT(std::abs(value), 0.12) << name << ", " << n_people << " people";
    };
    tell("sd_w_", b.sd_w, b.error_w);
    tell("sd_beta_", b.sd_beta, b.error_beta);
  }
}

}  // namespace
}  // namespace sociometer::testing
