#include "engine/learning/learner.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/engine/learning/random_participant.hpp"
#include "tests/engine/learning/wide_participant.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

std::vector<std::string> all_models() {
  std::vector<std::string> names = learner_names();
  for (const auto& name : learner_names())
    for (const char* add_on : {"+stick", "+lapse", "+stick+lapse"}) names.push_back(name + add_on);
  return names;
}

std::vector<double> inner_point(const Learner& learner, double at) {
  std::vector<double> p;
  for (const auto& parameter : learner.parameters())
    p.push_back(parameter.transform == Transform::logit ? 0.2 + 0.1 * at + 0.07 * double(p.size())
                                                        : 0.8 + at);
  return p;
}

double likelihood_at(const Learner& learner, const Participant& person,
                     const std::vector<double>& p) {
  return log_likelihood<double>(learner, {}, person, p);
}

template <class T>
T likelihood_with_derivatives(const Learner& learner, const Participant& person,
                              const std::vector<double>& p) {
  std::vector<T> variables;
  for (size_t i = 0; i < p.size(); ++i) {
    if constexpr (std::is_same_v<T, Learner::First>)
      variables.push_back(T::variable(p[i], i));
    else
      variables.push_back(T::variable(Learner::First::variable(p[i], i), i));
  }
  return log_likelihood<T>(learner, {}, person, variables);
}

TEST(IdealObserver, UpdatesAsByHand) {
  const auto learner = make_learner("hybrid", {});
  const std::vector<double> p{0.25, 2};
  const auto state = learner->start(2, std::span<const double>(p));
  EXPECT_TRUE(close_number(state->value(0), 0.5, 1e-15));
  state->learn({0, {0, 1}, 0, 2, 1});
  // K = 5.25 / 6.25 = .84: mu = 4.5 - .84 * 2.5 = 2.4, s2 = .16 * 5.25 = .84; a = 2, b = 1.
  const Belief b = state->belief(0);
  EXPECT_TRUE(close_number(b.rank_mean, 2.4, 1e-14));
  EXPECT_TRUE(close_number(b.rank_variance, 0.84, 1e-14));
  EXPECT_TRUE(close_number(b.rank_value, 0.8, 1e-14));
  EXPECT_TRUE(close_number(b.outcome_value, 2.0 / 3, 1e-14));
  EXPECT_TRUE(close_number(state->value(0), 0.25 * 0.8 + 0.75 * 2 / 3, 1e-14));
  EXPECT_TRUE(close_number(state->preference(0, 1), 2 * (0.2 + 0.5 - 0.5), 1e-14));
}

TEST(IdealObserver, HiddenRankLeavesTheRankBelief) {
  const auto learner = make_learner("hybrid", {});
  const std::vector<double> p{0.5, 1};
  const auto state = learner->start(2, std::span<const double>(p));
  state->learn({0, {0, 1}, 1, kMissing, 0});
  EXPECT_TRUE(close_number(state->belief(1).rank_mean, 4.5, 1e-15));
  EXPECT_TRUE(close_number(state->belief(1).outcome_value, 1.0 / 3, 1e-14));
}

TEST(Hybrid, HoldsRankAndOutcomeModelsAtItsEnds) {
  const Participant person = random_participant(80, 3);
  const double w1 = likelihood_at(*make_learner("hybrid", {}), person, {1, 1.7});
  const double w0 = likelihood_at(*make_learner("hybrid", {}), person, {0, 1.7});
  EXPECT_TRUE(close_number(w1, likelihood_at(*make_learner("rank", {}), person, {1.7}), 1e-13));
  EXPECT_TRUE(close_number(w0, likelihood_at(*make_learner("outcome", {}), person, {1.7}), 1e-13));
}

TEST(RescorlaWagner, UpdatesAsByHand) {
  const auto learner = make_learner("rw-signed", {});
  const std::vector<double> p{0.4, 0.1, 0.5, 1};
  const auto state = learner->start(2, std::span<const double>(p));
  state->learn({0, {0, 1}, 0, 8, 1});
  // Outcome: .5 + .4 * .5; rank value 0: .5 - .1 * .5.
  EXPECT_TRUE(close_number(state->belief(0).outcome_value, 0.7, 1e-14));
  EXPECT_TRUE(close_number(state->belief(0).rank_value, 0.45, 1e-14));
}

TEST(RescorlaWagner, EqualRatesAreOneRate) {
  const Participant person = random_participant(80, 4);
  const double one = likelihood_at(*make_learner("rw", {}), person, {0.3, 0.6, 2});
  for (const char* name : {"rw-dual", "rw-signed"})
    EXPECT_TRUE(close_number(likelihood_at(*make_learner(name, {}), person, {0.3, 0.3, 0.6, 2}),
                             one, 1e-13));
}

TEST(BetaDecay, WithoutDecayIsTheHybrid) {
  const Participant person = random_participant(80, 5);
  EXPECT_TRUE(close_number(likelihood_at(*make_learner("beta-decay", {}), person, {0, 0.6, 2}),
                           likelihood_at(*make_learner("hybrid", {}), person, {0.6, 2}), 1e-13));
}

TEST(BetaDecay, CountsFallBackToThePrior) {
  const auto learner = make_learner("beta-decay", {});
  const std::vector<double> p{0.5, 0.5, 1};
  const auto state = learner->start(2, std::span<const double>(p));
  state->learn({0, {0, 1}, 0, kMissing, 1});
  state->learn({0, {0, 1}, 1, kMissing, 1});
  // Option 0: a = 1 + .5 * (2 - 1) after the second feedback, b = 1.
  EXPECT_TRUE(close_number(state->belief(0).matches, 1.5, 1e-14));
  EXPECT_TRUE(close_number(state->belief(1).matches, 2, 1e-14));
}

TEST(RandomLearner, TossesACoinPerResponse) {
  const Participant person = random_participant(80, 6);
  int responses = 0;
  for (const auto& trial : person.trials) responses += trial.chosen >= 0;
  ASSERT_LT(responses, 80);
  EXPECT_TRUE(close_number(likelihood_at(*make_learner("random", {}), person, {}),
                           -responses * std::log(2), 1e-14));
}

TEST(Stickiness, FavoursWhatWasChosenWhenLastOffered) {
  const auto learner = make_learner("random+stick", {});
  const std::vector<double> p{0.7};
  const auto state = learner->start(4, std::span<const double>(p));
  EXPECT_EQ(state->preference(0, 1), 0);
  state->learn({0, {0, 1}, 1});
  state->learn({0, {2, 3}, 2});
  EXPECT_TRUE(close_number(state->preference(0, 1), -0.7, 1e-14));
  EXPECT_TRUE(close_number(state->preference(1, 2), 0, 1e-14, 1));
  LearningSettings previous;
  previous.repetition = Repetition::previous_round;
  const auto other = make_learner("random+stick", previous)->start(4, std::span<const double>(p));
  other->learn({0, {0, 1}, 1});
  other->learn({0, {2, 3}, 2});
  EXPECT_EQ(other->preference(0, 1), 0);
  EXPECT_TRUE(close_number(other->preference(1, 2), -0.7, 1e-14));
}

TEST(Learners, RestartEachRunWhenAsked) {
  const Participant person = random_participant(80, 8);
  LearningSettings settings;
  settings.restart_each_run = true;
  Participant halves[2] = {person, person};
  for (int r = 0; r < 2; ++r)
    std::erase_if(halves[r].trials, [&](const Trial& t) { return t.run != r; });
  const std::vector<double> p{0.6, 2};
  const auto learner = make_learner("hybrid", settings);
  EXPECT_TRUE(close_number(
      log_likelihood<double>(*learner, settings, person, p),
      likelihood_at(*learner, halves[0], p) + likelihood_at(*learner, halves[1], p), 1e-13));
}

TEST(Choices, AmongTwoAreLogisticAndAmongMoreSoftmax) {
  const auto learner = make_learner("hybrid", {});
  const std::vector<double> p{0.4, 3};
  const auto state = learner->start(3, std::span<const double>(p));
  state->learn({0, {0, 1, 2}, 0, 2, 1});
  state->learn({0, {0, 1, 2}, 1, 7, 0});
  double u[3], sum = 0;
  for (int i = 0; i < 3; ++i) sum += std::exp(u[i] = 3 * state->value(i));
  const int three[] = {2, 0, 1}, two[] = {1, 0};
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(
        close_number(log_choice_probability(*state, three, i), u[i] - std::log(sum), 1e-13));
  EXPECT_EQ(log_choice_probability(*state, two, 1), log_logistic(state->preference(1, 0)));
  EXPECT_EQ(log_choice_probability(*state, two, 0), log_logistic(state->preference(0, 1)));
}

TEST(Choices, DoNotOverflow) {
  const auto learner = make_learner("outcome", {});
  const std::vector<double> p{1e6};
  const auto state = learner->start(3, std::span<const double>(p));
  state->learn({0, {0, 1, 2}, 0, kMissing, 1});
  const int three[] = {0, 1, 2};
  EXPECT_TRUE(close_number(log_choice_probability(*state, three, 0), 0, 1e-12, 1));
  EXPECT_TRUE(close_number(log_choice_probability(*state, three, 1), -1e6 / 6, 1e-12));
}

TEST(Choices, OfChanceAreAsManyAsOptions) {
  const Participant person = wide_participant(60, 6, true);
  EXPECT_TRUE(close_number(likelihood_at(*make_learner("random", {}), person, {}),
                           chance_log_likelihood(person), 1e-13));
  int n[5] = {};
  for (const auto& trial : person.trials) n[trial.options.size()] += trial.chosen >= 0;
  EXPECT_TRUE(close_number(chance_log_likelihood(person),
                           -n[2] * std::log(2) - n[3] * std::log(3) - n[4] * std::log(4), 1e-13));
}

TEST(Counterfactual, TeachesAsTheChosenOptionDoesUnlessIgnored) {
  Trial both{0, {0, 1}, 0, 2, 1, {{}, {6, 0.25}}};
  Trial first{0, {0, 1}, 0, 2, 1}, second{0, {0, 1}, 1, 6, 0.25};
  LearningSettings ignoring;
  ignoring.counterfactual = Counterfactual::ignore;
  for (const char* model : {"hybrid", "rw-signed", "wsls"}) {
    const auto learner = make_learner(model, {});
    const std::vector<double> p = inner_point(*learner, 0.5);
    const auto shown = learner->start(2, std::span<const double>(p));
    const auto in_turn = learner->start(2, std::span<const double>(p));
    const auto deaf = make_learner(model, ignoring)->start(2, std::span<const double>(p));
    const double before = deaf->value(1);
    shown->learn(both);
    deaf->learn(both);
    in_turn->learn(first);
    in_turn->learn(second);
    for (int option : {0, 1})
      EXPECT_EQ(shown->value(option), in_turn->value(option)) << model << option;
    EXPECT_EQ(deaf->value(0), shown->value(0)) << model;
    EXPECT_EQ(deaf->value(1), before) << model;
  }
}

TEST(Counterfactual, CountsDecayOnceARound) {
  const auto learner = make_learner("beta-decay", {});
  const std::vector<double> p{0.5, 0.5, 1};
  const auto state = learner->start(2, std::span<const double>(p));
  state->learn({0, {0, 1}, 0, kMissing, 1});
  state->learn({0, {0, 1}, 1, kMissing, 1, {{kMissing, 1}, {}}});
  EXPECT_TRUE(close_number(state->belief(0).matches, 1 + 0.5 + 1, 1e-14));
  EXPECT_TRUE(close_number(state->belief(1).matches, 2, 1e-14));
}

TEST(GradedOutcomes, AreFractionalCounts) {
  const auto learner = make_learner("outcome", {});
  const std::vector<double> p{2};
  const auto state = learner->start(2, std::span<const double>(p));
  state->learn({0, {0, 1}, 0, kMissing, 0.75});
  EXPECT_TRUE(close_number(state->belief(0).matches, 1.75, 1e-15));
  EXPECT_TRUE(close_number(state->belief(0).outcome_value, 1.75 / 3, 1e-15));
}

class EveryLearner : public ::testing::TestWithParam<std::string> {};

void expect_exact_derivatives(const std::string& model, const Participant& person) {
  const auto learner = make_learner(model, {});
  const std::vector<double> p = inner_point(*learner, 0.5);
  const auto exact = likelihood_with_derivatives<Learner::Second>(*learner, person, p);
  EXPECT_TRUE(close_number(plain(exact), likelihood_at(*learner, person, p), 1e-13));
  for (size_t i = 0; i < p.size(); ++i) {
    constexpr double kStep = 1e-4;
    const auto moved = [&](double by) {
      auto q = p;
      q[i] += by * kStep;
      return q;
    };
    const auto f = [&](double by) { return likelihood_at(*learner, person, moved(by)); };
    // Central differences of fourth order.
    const double slope = (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * kStep);
    EXPECT_TRUE(close_number(exact.value.slope[i], slope, 1e-8, 1)) << "slope " << i;
    const auto g = [&](double by) {
      return likelihood_with_derivatives<Learner::First>(*learner, person, moved(by)).slope;
    };
    const auto g1 = g(1), g2 = g(2), h1 = g(-1), h2 = g(-2);
    for (size_t j = 0; j < p.size(); ++j) {
      EXPECT_TRUE(close_number(g(0)[j], exact.value.slope[j], 1e-12, 1));
      const double curvature = (8 * (g1[j] - h1[j]) - (g2[j] - h2[j])) / (12 * kStep);
      EXPECT_TRUE(close_number(exact.slope[i].slope[j], curvature, 1e-8, 1))
          << "curvature " << i << ", " << j;
    }
  }
}

TEST_P(EveryLearner, HasExactDerivatives) {
  expect_exact_derivatives(GetParam(), random_participant(120, 11));
}

TEST_P(EveryLearner, HasExactDerivativesAmongManyOptionsWithCounterfactualFeedback) {
  expect_exact_derivatives(GetParam(), wide_participant(120, 12, true));
}

INSTANTIATE_TEST_SUITE_P(All, EveryLearner, ::testing::ValuesIn(all_models()),
                         [](const auto& model) {
                           std::string name = model.param;
                           for (char& c : name)
                             if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                           return name;
                         });

TEST(SignedOutcomeRates, UpdateAsByHand) {
  const std::vector<double> p{0.4, 0.1, 1};
  const auto state = make_learner("rw-outcome-signed", {})->start(2, std::span<const double>(p));
  state->learn({0, {0, 1}, 0, kMissing, 1});
  EXPECT_TRUE(close_number(state->value(0), 0.7, 1e-14));
  state->learn({0, {0, 1}, 0, kMissing, 0});
  EXPECT_TRUE(close_number(state->value(0), 0.63, 1e-14));
  const Participant person = random_participant(80, 4);
  EXPECT_TRUE(
      close_number(likelihood_at(*make_learner("rw-outcome-signed", {}), person, {0.3, 0.3, 2}),
                   likelihood_at(*make_learner("rw-outcome", {}), person, {0.3, 2}), 1e-13));
}

TEST(PearceHall, UpdatesAsByHand) {
  const std::vector<double> p{0.5, 0.2, 0, 1};  // kappa, eta, w, beta
  const auto state = make_learner("pearce-hall", {})->start(2, std::span<const double>(p));
  state->learn({0, {0, 1}, 0, 8, 1});
  // Outcome: Q = .5 + .5 * 1 * .5 = .75, A = .2 * .5 + .8 * 1 = .9; rank 8 has value 0: Q = .25.
  EXPECT_TRUE(close_number(state->belief(0).outcome_value, 0.75, 1e-14));
  EXPECT_TRUE(close_number(state->belief(0).rank_value, 0.25, 1e-14));
  state->learn({0, {0, 1}, 0, kMissing, 0});
  // Q = .75 - .5 * .9 * .75.
  EXPECT_TRUE(close_number(state->belief(0).outcome_value, 0.75 - 0.5 * 0.9 * 0.75, 1e-14));
}

TEST(PearceHall, WithoutEtaIsRescorlaWagner) {
  const Participant person = random_participant(80, 4);
  EXPECT_TRUE(
      close_number(likelihood_at(*make_learner("pearce-hall", {}), person, {0.3, 0, 0.6, 2}),
                   likelihood_at(*make_learner("rw", {}), person, {0.3, 0.6, 2}), 1e-13));
}

TEST(Kalman, WithoutDriftHasTheMeansOfTheIdealObserver) {
  const Participant person = random_participant(80, 5);
  const auto kalman = make_learner("kalman", {});
  for (double w : {1.0, 0.0, 0.4})
    EXPECT_TRUE(close_number(likelihood_at(*kalman, person, {1e-300, w, 2}),
                             likelihood_at(*make_learner("hybrid", {}), person, {w, 2}), 1e-12));
}

TEST(Kalman, UpdatesAsByHand) {
  const std::vector<double> p{0.5, 0, 1};
  const auto state = make_learner("kalman", {})->start(2, std::span<const double>(p));
  state->learn({0, {0, 1}, 0, kMissing, 1});
  // s2 / so2 = 1/2 + .5 = 1, K = 1/2.
  EXPECT_TRUE(close_number(state->value(0), 0.75, 1e-14));
  state->learn({0, {0, 1}, 1, kMissing, 1});
  // The other option has drifted twice: 1/2 + 1 = 3/2, K = 3/5.
  EXPECT_TRUE(close_number(state->value(1), 0.8, 1e-14));
}

TEST(FreeBeliefs, AtTheSettingsConstantsAreTheHybrid) {
  const Participant person = random_participant(80, 6);
  EXPECT_TRUE(
      close_number(likelihood_at(*make_learner("hybrid-free", {}), person, {0.5, 1, 0.6, 2}),
                   likelihood_at(*make_learner("hybrid", {}), person, {0.6, 2}), 1e-13));
  const std::vector<double> p{0.8, 5.25, 1, 1};
  const auto state = make_learner("hybrid-free", {})->start(2, std::span<const double>(p));
  EXPECT_TRUE(close_number(state->belief(0).rank_mean, 1 + 0.2 * 7, 1e-14));
  state->learn({0, {0, 1}, 0, 8, 1});
  EXPECT_TRUE(close_number(state->value(0), 0.4, 1e-14));  // K = 1/2
}

TEST(Lapse, MixesInChance) {
  const std::vector<double> p{3, 0.2};
  const auto state = make_learner("outcome+lapse", {})->start(3, std::span<const double>(p));
  state->learn({0, {0, 1}, 0, kMissing, 1});
  const std::vector<int> two{0, 1}, three{0, 1, 2};
  const double odds = 3 * (2.0 / 3 - 0.5);
  EXPECT_TRUE(close_number(std::exp(log_choice_probability<double>(*state, two, 0)),
                           0.8 / (1 + std::exp(-odds)) + 0.1, 1e-14));
  EXPECT_TRUE(close_number(std::exp(log_choice_probability<double>(*state, three, 1)),
                           0.8 / (2 + std::exp(odds)) + 0.2 / 3, 1e-14));
}

TEST(Lapse, AndStickinessGoTogetherInEitherOrder) {
  const Participant person = random_participant(80, 7);
  EXPECT_TRUE(close_number(
      likelihood_at(*make_learner("hybrid+stick+lapse", {}), person, {0.4, 2, 0.5, 0.1}),
      likelihood_at(*make_learner("hybrid+lapse+stick", {}), person, {0.4, 2, 0.1, 0.5}), 1e-13));
  EXPECT_TRUE(close_number(likelihood_at(*make_learner("hybrid+lapse", {}), person, {0.4, 2, 0}),
                           likelihood_at(*make_learner("hybrid", {}), person, {0.4, 2}), 1e-13));
}

TEST(MakeLearner, RefusesUnknownNamesAndPriors) {
  EXPECT_THROW(make_learner("hybird", {}), Error);
  EXPECT_THROW(make_learner("hybrid+stick+stick", {}), Error);
  EXPECT_THROW(make_learner("hybrid+lapse+stick+lapse", {}), Error);
  LearningSettings settings;
  settings.priors["beta"] = {PriorFamily::beta, 2, 2};
  EXPECT_THROW(make_learner("hybrid", settings), Error);
  settings.priors["beta"] = {PriorFamily::gamma, 0.5, 2};
  EXPECT_THROW(make_learner("hybrid", settings), Error);
}

}  // namespace
}  // namespace sociometer::testing
