#include "engine/learning/study_fit.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/learning/model_selection.hpp"
#include "engine/learning/recovery.hpp"
#include "tests/support/game.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

std::vector<std::shared_ptr<const Learner>> learners_of(const std::vector<std::string>& names) {
  std::vector<std::shared_ptr<const Learner>> out;
  for (const auto& name : names) out.push_back(make_learner(name, {}));
  return out;
}

/// Participants whose w and log beta are normal on the transformed scale.
std::vector<Participant> normal_group(int n, double mean_w, double sd_w, double mean_beta,
                                      double sd_beta) {
  const CounterRandom random(21, 1);
  std::vector<Participant> out;
  for (int i = 0; i < n; ++i) {
    const double w = logistic(mean_w + sd_w * random.normal(uint64_t(2 * i)));
    const double beta = std::exp(mean_beta + sd_beta * random.normal(uint64_t(2 * i + 1)));
    out.push_back(game_participant(std::to_string(i), "hybrid", {w, beta}, uint64_t(100 + i)));
  }
  return out;
}

TEST(StudyFit, IsTheSameForAnyThreadCount) {
  const auto people = normal_group(5, 0, 1, 1.5, 0.4);
  const auto models = learners_of({"hybrid", "rw-signed+stick"});
  const StudyFit one = fit_study(models, {}, people, {}, 1);
  for (int threads : {2, 7}) {
    const StudyFit other = fit_study(models, {}, people, {}, threads);
    EXPECT_TRUE(same_bits(log_evidences(one), log_evidences(other)));
    for (size_t i = 0; i < people.size(); ++i)
      EXPECT_EQ(one.fits[i][1].estimate, other.fits[i][1].estimate);
  }
}

TEST(StudyFit, GoesOnWithoutThoseWhoCannotBeFitted) {
  auto people = normal_group(3, 0, 1, 1.5, 0.4);
  for (auto& trial : people[1].trials) trial.chosen = -1;
  const StudyFit study = fit_study(learners_of({"hybrid"}), {}, people, {}, 2);
  EXPECT_EQ(study.usable_participants(), (std::vector<size_t>{0, 2}));
  EXPECT_NE(study.failures[1].find("no response"), std::string::npos);
  EXPECT_EQ(log_evidences(study).rows(), 2);
}

TEST(StudyFit, FindsTheModelThatTheGroupFollows) {
  const auto people = normal_group(20, 0, 0.5, 2, 0.3);
  const StudyFit study =
      fit_study(learners_of({"hybrid", "rank", "outcome", "random"}), {}, people, {}, 2);
  const ModelSelection s = select_models(log_evidences(study));
  EXPECT_GT(s.protected_exceedance[0], 0.95);
}

TEST(GroupPriors, FindTheDistributionOfTheGroup) {
  const auto people = normal_group(40, 0.5, 0.7, 1.8, 0.4);
  const StudyFit study = fit_study_with_group_priors({"hybrid"}, {}, people, {}, {}, 2);
  const auto& parameters = study.learners[0]->parameters();
  EXPECT_EQ(parameters[0].prior.family, PriorFamily::normal_transformed);
  // Standard errors of a mean over 40 participants, each known to about .7 and .2.
  EXPECT_NEAR(parameters[0].prior.first, 0.5, 0.5);
  EXPECT_NEAR(parameters[1].prior.first, 1.8, 0.25);
  EXPECT_NEAR(std::log(parameters[1].prior.second), std::log(0.4), 0.5);
  // A group prior fits its group better than the fixed one.
  FitOptions options;
  options.space = DensitySpace::transformed;
  const StudyFit fixed = fit_study(learners_of({"hybrid"}), {}, people, options, 2);
  EXPECT_GT(log_evidences(study).sum(), log_evidences(fixed).sum());
}

TEST(GroupPriors, ShrinkEstimates) {
  const auto people = normal_group(20, 0.5, 0.3, 1.8, 0.2);
  const StudyFit study = fit_study_with_group_priors({"hybrid"}, {}, people, {}, {}, 2);
  const StudyFit fixed = fit_study(learners_of({"hybrid"}), {}, people, {}, 2);
  const auto spread = [&](const StudyFit& s) {
    Eigen::VectorXd u(20);
    for (int i = 0; i < 20; ++i) u[i] = std::log(s.fits[size_t(i)][0].estimate[1]);
    return (u.array() - u.mean()).square().sum();
  };
  EXPECT_LT(spread(study), spread(fixed));
}

TEST(StudyRounds, DrawFromWhatEachPartnerShowed) {
  const StudyRounds rounds(normal_group(4, 0, 1, 1.5, 0.4));
  ASSERT_EQ(rounds.n_options(), 8);
  for (const auto& round : rounds.draw(1, CounterRandom(1, 1))) {
    ASSERT_EQ(round.options.size(), 2u);
    for (size_t k = 0; k < 2; ++k) {
      const int option = round.options[k];
      const Feedback& feedback = round.feedback[k];
      // Options are numbered by first appearance: names identify the partner.
      const int partner = rounds.options()[size_t(option)][1] - '1';
      EXPECT_EQ(std::isnan(feedback.rank), partner >= 4);
      if (partner < 4) {
        EXPECT_NEAR(feedback.rank, partner < 2 ? 3 : 7, 1);
      }
    }
  }
}

TEST(PriorQuantile, IsThatOfThePrior) {
  const auto learner = make_learner("hybrid+stick", {});
  EXPECT_TRUE(close_number(prior_quantile(learner->parameters()[0], 0.5), 0.5, 1e-10));
  EXPECT_TRUE(close_number(prior_quantile(learner->parameters()[2], 0.975), 1.959963985, 1e-8));
  const Parameter p{"beta", Transform::log, {PriorFamily::gamma, 1, 5}, ""};
  EXPECT_TRUE(close_number(prior_quantile(p, 0.5), 5 * std::log(2), 1e-12));
}

TEST(Recovery, OfTheHybridAtTheDefaultNumberOfRounds) {
  std::vector<Participant> design;
  for (int i = 0; i < 20; ++i)
    design.push_back(game_participant(std::to_string(i), "random", {}, uint64_t(i)));
  RecoveryOptions options;
  options.n_simulated = 100;
  const auto learner = make_learner("hybrid", {});
  const auto r = recover_parameters(*learner, {}, StudyRounds(design), options, 2);
  EXPECT_GT(r.correlation[0], 0.8);
  EXPECT_GT(r.correlation[1], 0.8);
}

TEST(Recovery, OfTheStudysModels) {
  std::vector<Participant> design;
  for (int i = 0; i < 20; ++i)
    design.push_back(game_participant(std::to_string(i), "random", {}, uint64_t(i)));
  RecoveryOptions options;
  options.n_simulated = 50;
  const auto r = recover_models(learners_of({"hybrid", "rank", "outcome"}), {}, StudyRounds(design),
                                options, 2);
  for (int m = 0; m < 3; ++m) {
    // At the group level the model is identified with certainty.
    EXPECT_GT(r.protected_exceedance(m, m), 0.99) << m;
    EXPECT_GT(r.frequency(m, m), 0.8) << m;
    EXPECT_TRUE(close_number(r.best.row(m).sum(), 1, 1e-12)) << m;
  }
  // For single participants only a one-parameter model is; hybrids with a weight near 0 or 1, or
  // with nearly random choices, cannot be distinguished from the models they nest.
  EXPECT_GE(r.best(1, 1), 0.8);
  EXPECT_GE(r.best(2, 2), 0.8);
  EXPECT_GE(r.best(0, 0), 0.5);
  EXPECT_GT(r.best(0, 0), r.best(0, 1) + r.best(0, 2));
}

}  // namespace
}  // namespace sociometer::testing
