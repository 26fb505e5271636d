#include "engine/simulate/play.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/learning/stay_switch.hpp"

namespace sociometer {
namespace {

Person person(double w = 0.5, double beta = 5) {
  Person p;
  p.label = "01", p.w = w, p.beta = beta, p.share_log_odds = 0.5;
  return p;
}

PlayedGame game_of(const SimulationSettings& settings, const Person& who, int number = 1,
                   int n_rounds = 60) {
  const auto schedule = make_schedule(settings.game, settings.timing, 2, n_rounds,
                                      CounterRandom(uint64_t(number), 3));
  return play(settings, {}, make_deciders(settings.game), schedule, who, 7, number);
}

TEST(Play, FollowsTheRulesOfTheGame) {
  SimulationSettings settings;
  settings.game.miss_probability = 0.1;
  const auto deciders = make_deciders(settings.game);
  const PlayedGame game = game_of(settings, person());
  int missed = 0, shared = 0, asked = 0;
  for (const auto& run : game.runs)
    for (const auto& round : run.rounds) {
      const Trial& t = round.trial;
      if (t.chosen < 0) {
        ++missed;
        EXPECT_TRUE(std::isnan(t.outcome) && std::isnan(t.rank) &&
                    std::isnan(round.response_time_s));
        EXPECT_EQ(round.shared, -1);
        continue;
      }
      EXPECT_TRUE(t.offers(t.chosen));
      EXPECT_EQ(round.rank_shown, deciders[size_t(t.chosen)].rank_shown);
      EXPECT_EQ(std::isnan(t.rank), !round.rank_shown);
      if (round.rank_shown) {
        EXPECT_EQ(t.outcome, t.rank <= round.spots ? 1 : 0);
      }
      EXPECT_EQ(round.shared >= 0, t.outcome == 1);
      EXPECT_GT(round.response_time_s, 0);
      EXPECT_LE(round.response_time_s, settings.timing.choice_s);
      asked += round.shared >= 0, shared += round.shared == 1;
    }
  EXPECT_NEAR(missed, 12, 11);  // of 120, standard deviation 3.3
  EXPECT_NEAR(double(shared) / asked, 1 / (1 + std::exp(-0.5)), 0.25);
  EXPECT_EQ(game.participant.trials.size(), 120u);
  EXPECT_EQ(game.participant.trials[60].run, 1);
}

TEST(Play, KeepsTime) {
  const SimulationSettings settings;
  const TimingSettings& t = settings.timing;
  for (const auto& run : game_of(settings, person()).runs) {
    double free = t.first_choice_s;  // nothing happens earlier
    for (const auto& round : run.rounds) {
      EXPECT_GE(round.choice_s, free - 1e-9);
      free = round.choice_s + t.choice_s;
      if (round.trial.chosen >= 0) {
        EXPECT_GE(round.feedback_s, free + 2 - 1e-9);
        EXPECT_LE(round.feedback_s, free + 6 + 1e-9);
        free = round.feedback_s + t.feedback_s;
        EXPECT_NEAR(round.feedback_s * 1000, std::round(round.feedback_s * 1000), 1e-9);
      }
      if (round.shared >= 0) {
        EXPECT_GE(round.reciprocity_s, free + 1 - 1e-9);
        free = round.reciprocity_s + t.reciprocity_s;
      }
      free += t.between_rounds_s[0];
    }
    EXPECT_GE(double(run.n_scans) * t.tr_s, free + t.tail_s - 1e-9);
    EXPECT_LE(double(run.n_scans) * t.tr_s, free + 4 + t.tail_s + t.tr_s);
  }
}

TEST(Play, GivesTheSignalsOfTheIdealObserver) {
  SimulationSettings settings;
  settings.game.miss_probability = 0;
  const PlayedGame game = game_of(settings, person());
  const double p[] = {0.5, 5};
  const auto signals = trial_signals(*hybrid_learner({}), {}, game.participant, p);
  // The very first feedback: VO from 1/2 to 2/3 or 1/3; mu moves by .84 of the surprise.
  const Trial& first = game.participant.trials[0];
  EXPECT_NEAR(signals[0].outcome_update, first.outcome == 1 ? 1. / 6 : -1. / 6, 1e-12);
  const Events events = events_of_run(game, 1, settings.timing, signals);
  size_t i = 60;
  for (const auto& event : events) {
    if (event.type != "feedback") continue;
    EXPECT_EQ(event.values.at("outcome_update"), signals[i].outcome_update);
    const double rank = event.values.at("rank_update_unsigned");
    EXPECT_EQ(std::isnan(rank), std::isnan(game.participant.trials[i].rank));
    ++i;
  }
  EXPECT_EQ(i, 120u);
}

/// Log odds ratio of staying after good versus bad feedback, and its standard error.
std::pair<double, double> log_odds_ratio(const std::vector<StayTrial>& trials,
                                         double StayTrial::*predictor) {
  double n[2][2] = {{0.5, 0.5}, {0.5, 0.5}};
  for (const auto& t : trials) n[t.*predictor > 0][t.stay] += 1;
  return {std::log(n[1][1] * n[0][0] / (n[1][0] * n[0][1])),
          std::sqrt(1 / n[1][1] + 1 / n[0][0] + 1 / n[1][0] + 1 / n[0][1])};
}

std::vector<StayTrial> stays(double w) {
  std::vector<StayTrial> all;
  for (int i = 1; i <= 100; ++i) {
    const auto some = stay_trials(game_of({}, person(w, 8), i).participant, i, {});
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

TEST(Play, MakesPeopleStayAfterWhatTheyLearnFrom) {
  const auto by_rank = stays(1), by_outcome = stays(0);
  const auto [rank, rank_error] = log_odds_ratio(by_rank, &StayTrial::rank);
  EXPECT_GT(rank, 5 * rank_error);
  const auto [outcome, outcome_error] = log_odds_ratio(by_outcome, &StayTrial::outcome);
  EXPECT_GT(outcome, 5 * outcome_error);
  // Ranks and outcomes are orthogonal by design, but not in single rounds: a good rank gets in.
  EXPECT_LT(log_odds_ratio(by_outcome, &StayTrial::rank).first, outcome / 2);
  EXPECT_LT(log_odds_ratio(by_rank, &StayTrial::outcome).first, rank / 2);
}

TEST(Play, IsDecidedBySeedAndPersonOnly) {
  const auto choices = [](const PlayedGame& game) {
    std::vector<int> out;
    for (const auto& t : game.participant.trials) out.push_back(t.chosen);
    return out;
  };
  EXPECT_EQ(choices(game_of({}, person())), choices(game_of({}, person())));
  EXPECT_NE(choices(game_of({}, person(), 1)), choices(game_of({}, person(), 2)));
}

}  // namespace
}  // namespace sociometer
