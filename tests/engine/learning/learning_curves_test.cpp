#include "engine/learning/learning_curves.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/engine/learning/random_participant.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

TEST(MeanOverPeople, IsRsTTest) {
  // R: t.test(c(0.2, 0.5, 0.9, 0.4), conf.level = 0.9)
  const MeanOverPeople m = mean_over_people({0.2, kMissing, 0.5, 0.9, 0.4}, 0.9);
  EXPECT_EQ(m.n, 4);
  EXPECT_TRUE(close_number(m.mean, 0.5, 1e-15));
  EXPECT_TRUE(close_number(m.low, 0.1535942819, 1e-9));
  EXPECT_TRUE(close_number(m.high, 0.8464057181, 1e-9));
  EXPECT_TRUE(std::isnan(mean_over_people({1}, 0.95).low));
  EXPECT_TRUE(std::isnan(mean_over_people({kMissing}, 0.95).mean));
}

/// Two people, partners A (better) and B, four rounds each.
struct SmallStudy {
  std::vector<Participant> people;
  std::vector<std::vector<TrialSignals>> signals;
};

SmallStudy small_study() {
  SmallStudy s;
  const auto round = [](int chosen, double rank, double outcome) {
    Trial t;
    t.options = {0, 1};
    t.chosen = chosen;
    t.rank = rank;
    t.outcome = outcome;
    return t;
  };
  s.people.push_back(
      {"1", {"A", "B"}, {round(1, 6, 0), round(0, 2, 1), round(0, 2, 1), round(0, 2, 1)}});
  // The other one met the partners in the other order, and did not answer once.
  s.people.push_back(
      {"2",
       {"B", "A"},
       {round(0, 6, 0), round(-1, kMissing, kMissing), round(0, 6, 0), round(1, 2, 1)}});
  for (const auto& person : s.people) {
    s.signals.emplace_back(person.trials.size());
    for (size_t t = 0; t < person.trials.size(); ++t) {
      if (person.trials[t].chosen < 0) continue;
      s.signals.back()[t].rank_mean_after = person.trials[t].rank + 0.1 * double(t);
      s.signals.back()[t].outcome_value_after = person.trials[t].outcome / 2 + 0.01 * double(t);
    }
  }
  return s;
}

TEST(LearningCurves, AreThoseCountedByHand) {
  const SmallStudy study = small_study();
  const LearningCurves c = learning_curves(study.people, study.signals, 2);
  ASSERT_EQ(c.partners.size(), 2u);
  const PartnerCurves &a = c.partners[0], &b = c.partners[1];
  EXPECT_EQ(a.partner, "A");
  EXPECT_EQ(a.mean_rank, 2);
  EXPECT_EQ(b.match_rate, 0);
  // Person 1 chose A in 3 of 4 rounds, person 2 in 1 of 3 with a response.
  EXPECT_TRUE(close_number(a.person_shares[0], 0.75, 1e-15));
  EXPECT_TRUE(close_number(a.person_shares[1], 1.0 / 3, 1e-15));
  EXPECT_TRUE(close_number(a.choice_share.mean, (0.75 + 1.0 / 3) / 2, 1e-15));
  EXPECT_TRUE(close_number(a.chosen[0].mean, (0.5 + 0) / 2, 1e-15));
  EXPECT_TRUE(close_number(a.chosen[1].mean, (1 + 0.5) / 2, 1e-15));
  // At the end of the first block only person 1 has met A; later both.
  EXPECT_EQ(a.rank_belief[0].n, 1);
  EXPECT_TRUE(close_number(a.rank_belief[0].mean, 2.1, 1e-15));
  EXPECT_TRUE(close_number(a.rank_belief[1].mean, 2.3, 1e-15));
  EXPECT_TRUE(close_number(a.outcome_belief[1].mean, 0.53, 1e-15));
  // Person 1's belief about B is that of the first round throughout.
  EXPECT_TRUE(close_number(b.rank_belief[1].mean, (6.0 + 6.2) / 2, 1e-15));
  ASSERT_EQ(c.better_by_outcome.size(), 2u);
  EXPECT_TRUE(close_number(c.better_by_outcome[0].mean, 0.25, 1e-15));
  EXPECT_TRUE(close_number(c.better_by_rank[1].mean, 0.75, 1e-15));
}

TEST(LearningCurves, LeaveOutWhatWasNeverShown) {
  SmallStudy study = small_study();
  for (auto& person : study.people)
    for (auto& trial : person.trials) trial.rank = kMissing;
  for (auto& signals : study.signals)
    for (auto& s : signals) s.rank_mean_after = kMissing;
  const LearningCurves c = learning_curves(study.people, study.signals, 2);
  EXPECT_TRUE(c.better_by_rank.empty());
  EXPECT_TRUE(std::isnan(c.partners[0].mean_rank));
  EXPECT_EQ(c.partners[0].rank_belief[1].n, 0);
  EXPECT_EQ(c.better_by_outcome[1].n, 2);
}

TEST(LearningCurves, CountEveryoneAlike) {
  // The same person twice, once with the rounds twice: the mean over people does not move.
  const Participant one = random_participant(60, 3, false);
  Participant twice = one;
  twice.label = "02";
  twice.trials.insert(twice.trials.end(), one.trials.begin(), one.trials.end());
  const std::vector<std::vector<TrialSignals>> signals{std::vector<TrialSignals>(60),
                                                       std::vector<TrialSignals>(120)};
  const LearningCurves c = learning_curves({one, twice}, signals, 1);
  for (const auto& p : c.partners) {
    EXPECT_TRUE(close_number(p.choice_share.mean, p.person_shares[0], 1e-14));
    EXPECT_TRUE(close_number(p.choice_share.high, p.choice_share.low, 1e-12));
  }
}

TEST(LearningCurves, RefuseOtherNumbersOfRounds) {
  SmallStudy study = small_study();
  study.signals[1].pop_back();
  EXPECT_THROW(learning_curves(study.people, study.signals, 2), Error);
  EXPECT_THROW(learning_curves({}, {}, 2), Error);
}

}  // namespace
}  // namespace sociometer::testing
