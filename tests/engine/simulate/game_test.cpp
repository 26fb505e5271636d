#include "engine/simulate/game.hpp"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

constexpr int kRuns = 2, kRounds = 60;

Schedule schedule_of(const GameSettings& game, uint64_t seed = 1, int n_rounds = kRounds) {
  return make_schedule(game, TimingSettings{}, kRuns, n_rounds, CounterRandom(seed, 1));
}

TEST(Game, HasTheProbabilitiesOfAMatchThatCountingGives) {
  // Ranks 2, 3, 4 against spots 1, 2, 3: (2,2), (2,3), (3,3) of nine. Against 3, 4, 5 all but
  // (4,3).
  const GameSettings game;
  const auto deciders = make_deciders(game);
  ASSERT_EQ(deciders.size(), 8u);
  const double expected[] = {3 / 9., 8 / 9., 3 / 9., 8 / 9.};
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(match_probability(deciders[i], game), expected[i % 4], 1e-15) << i;
    EXPECT_EQ(deciders[i].rank_shown, i < 4);
    EXPECT_EQ(deciders[i].mean_rank, i % 4 < 2 ? 3 : 7);
  }
}

TEST(Game, DrawsRanksAndMatchesAsOftenAsCounted) {
  const GameSettings game;
  const auto deciders = make_deciders(game);
  const Schedule schedule = schedule_of(game, 3, 20000);
  std::vector<double> n(8), rank(8), matches(8);
  for (const auto& run : schedule)
    for (const auto& offer : run)
      for (const auto& [who, what] :
           {std::pair{offer.left, offer.from_left}, std::pair{offer.right, offer.from_right}}) {
        n[size_t(who)] += 1, rank[size_t(who)] += what.rank, matches[size_t(who)] += what.match();
        EXPECT_LE(std::abs(what.rank - deciders[size_t(who)].mean_rank), 1);
        EXPECT_LE(what.spots, 8);
      }
  for (size_t i = 0; i < 8; ++i) {
    const double p = match_probability(deciders[i], game);
    EXPECT_NEAR(matches[i] / n[i], p, 5 * std::sqrt(p * (1 - p) / n[i])) << i;
    EXPECT_NEAR(rank[i] / n[i], deciders[i].mean_rank, 5 * std::sqrt(2. / 3 / n[i])) << i;
  }
}

TEST(Game, OffersEveryPairEquallyOftenOnBothSidesAndNeverTwiceInARow) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    std::map<std::pair<int, int>, int> offered, sides;
    std::pair<int, int> last;
    for (const auto& run : schedule_of({}, seed))
      for (const auto& offer : run) {
        EXPECT_NE(offer.left, offer.right);
        const std::pair pair{std::min(offer.left, offer.right), std::max(offer.left, offer.right)};
        EXPECT_NE(pair, last);
        last = pair;
        ++offered[pair];
        sides[pair] += offer.left < offer.right ? 1 : -1;
      }
    ASSERT_EQ(offered.size(), 28u);
    for (const auto& [pair, times] : offered) {
      EXPECT_TRUE(times == 4 || times == 5) << times;  // 120 rounds, 28 pairs
      EXPECT_LE(std::abs(sides[pair]), 1);
    }
  }
}

TEST(Game, KeepsSetsApartWhenAsked) {
  GameSettings game;
  game.pairs = OfferedPairs::same_visibility;
  for (const auto& run : schedule_of(game))
    for (const auto& offer : run) EXPECT_EQ(offer.left < 4, offer.right < 4);
}

TEST(Game, JittersWithinItsIntervals) {
  const TimingSettings timing;
  double least = 100, most = 0;
  for (const auto& run : schedule_of({}))
    for (const auto& offer : run) {
      EXPECT_GE(offer.choice_to_feedback_s, timing.choice_to_feedback_s[0]);
      EXPECT_LE(offer.choice_to_feedback_s, timing.choice_to_feedback_s[1]);
      least = std::min(least, offer.between_rounds_s),
      most = std::max(most, offer.between_rounds_s);
    }
  EXPECT_NEAR(least, 2, 0.3);
  EXPECT_NEAR(most, 6, 0.3);
}

TEST(SimulationSettings, AreCheckedByName) {
  const auto refused = [](auto change, const std::string& word) {
    SimulationSettings settings;
    change(settings);
    try {
      check_settings(settings);
      return false;
    } catch (const Error& error) {
      return std::string(error.what()).find(word) != std::string::npos;
    }
  };
  EXPECT_NO_THROW(check_settings(SimulationSettings{}));
  EXPECT_TRUE(refused([](auto& s) { s.timing.tr_s = 0; }, "timing.tr_s"));
  EXPECT_TRUE(refused([](auto& s) { s.timing.between_rounds_s = {6, 2}; }, "between_rounds_s"));
  EXPECT_TRUE(refused([](auto& s) { s.noise.ar_coefficient = 1; }, "noise.ar_coefficient"));
  EXPECT_TRUE(refused([](auto& s) { s.noise.baseline = NAN; }, "noise.baseline"));
  EXPECT_TRUE(refused([](auto& s) { s.game.mean_spots = {1}; }, "game.mean_spots"));
  EXPECT_TRUE(refused([](auto& s) { s.game.mean_rank[0] = 9; }, "game.mean_rank"));
  EXPECT_TRUE(refused([](auto& s) { s.game.rank_shown_set = s.game.rank_hidden_set = false; },
                      "no two partners"));
}

}  // namespace
}  // namespace sociometer
