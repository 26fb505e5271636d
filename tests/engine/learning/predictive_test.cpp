#include "engine/learning/predictive.hpp"

#include <gtest/gtest.h>

#include "tests/support/game.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

std::vector<Participant> group_of(const std::string& model, const std::vector<double>& p, int n) {
  std::vector<Participant> people;
  for (int i = 0; i < n; ++i)
    people.push_back(game_participant(std::to_string(i), model, p, uint64_t(300 + i)));
  return people;
}

PredictiveChecks checks_of(const std::string& model, const std::vector<Participant>& people,
                           int n_simulated, int n_threads = 2) {
  const StudyFit fit = fit_study({make_learner(model, {})}, {}, people, {}, 2);
  PredictiveOptions options;
  options.n_simulated = n_simulated;
  return check_predictions(fit, 0, {}, people, true, options, n_threads);
}

const PredictiveCheck& check_named(const PredictiveChecks& all, const std::string& statistic,
                                   const std::string& level) {
  for (const auto& c : all.checks)
    if (c.statistic == statistic && c.level == level) return c;
  throw std::logic_error("no check " + statistic + " " + level);
}

TEST(Predictive, StatisticsOfTheDataAreThoseByHand) {
  const auto people = group_of("hybrid", {0.5, 6}, 6);
  const auto all = checks_of("hybrid", people, 3);
  double offered = 0, chosen = 0;
  for (const auto& p : people)
    for (const auto& trial : p.trials)
      for (int option : trial.options) {
        offered += option == 1;
        chosen += option == 1 && trial.chosen == 1;
      }
  EXPECT_TRUE(close_number(check_named(all, "choice_share", "D2").data, chosen / offered, 1e-12));
  EXPECT_EQ(all.checks.size(), 8u + 6 + 6 + 3);
}

TEST(Predictive, TheModelThatMadeTheChoicesIsSeldomOutside) {
  const auto all = checks_of("hybrid", group_of("hybrid", {0.5, 6}, 12), 200);
  int outside = 0;
  for (const auto& c : all.checks) {
    EXPECT_LT(c.low, c.high) << c.statistic << " " << c.level;
    outside += c.p < 0.05;
  }
  EXPECT_LE(outside, 4);  // of 23
}

TEST(Predictive, AModelThatIgnoresRanksMissesHowPeopleChooseByThem) {
  const auto all = checks_of("outcome", group_of("rank", {8}, 12), 200);
  const auto& curve = check_named(all, "learning_curve_rank", "6");
  EXPECT_GT(curve.data, curve.high);
  EXPECT_LT(curve.p, 0.02);
  EXPECT_LT(check_named(all, "stay_switch", "previous_rank").p, 0.02);
}

TEST(Predictive, IsTheSameForAnyThreadCount) {
  const auto people = group_of("hybrid", {0.5, 6}, 4);
  const auto one = checks_of("hybrid", people, 12, 1), seven = checks_of("hybrid", people, 12, 7);
  for (size_t i = 0; i < one.checks.size(); ++i)
    EXPECT_EQ(one.checks[i].mean, seven.checks[i].mean);
}

TEST(StudyRounds, InTheStudysOrderEachPartnerShowsItsFeedbackOneAfterAnother) {
  const auto people = group_of("random", {}, 3);
  const StudyRounds rounds(people);
  const auto learner = make_learner("random", {});
  const auto trials = rounds.simulate(*learner, {}, {}, 1, FeedbackOrder::study,
                                      CounterRandom(1, 1), CounterRandom(1, 2));
  // By name: options are numbered by first appearance over all, which here is the game's order.
  ASSERT_EQ(rounds.options(), people[1].options);
  std::vector<std::vector<Feedback>> own(8);
  for (const auto& trial : people[1].trials)
    own[size_t(trial.chosen)].push_back({trial.rank, trial.outcome});
  std::vector<size_t> times(8, 0);
  ASSERT_EQ(trials.size(), people[1].trials.size());
  for (size_t t = 0; t < trials.size(); ++t) {
    EXPECT_EQ(trials[t].options, people[1].trials[t].options);
    const auto option = size_t(trials[t].chosen);
    const Feedback& expected = own[option][times[option]++ % own[option].size()];
    EXPECT_EQ(trials[t].outcome, expected.outcome);
    EXPECT_EQ(std::isnan(trials[t].rank), std::isnan(expected.rank));
    if (!std::isnan(expected.rank)) {
      EXPECT_EQ(trials[t].rank, expected.rank);
    }
  }
}

TEST(Recovery, AtTheFittedValuesTakesTheParticipantsInTurn) {
  const auto people = group_of("hybrid", {0.5, 6}, 3);
  const auto learner = make_learner("hybrid", {});
  const StudyFit fitted = fit_study({learner}, {}, people, {}, 2);
  RecoveryOptions options;
  options.n_simulated = 5;
  options.at = RecoverAt::fitted;
  options.feedback = FeedbackOrder::study;
  const auto r = recover_parameters(*learner, {}, StudyRounds(people), options, 2, &fitted);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(r.truth(i, 1), fitted.fits[size_t(i % 3)][0].estimate[1]);
}

}  // namespace
}  // namespace sociometer::testing
