#include "engine/simulate/game.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace sociometer {
namespace {

using Pair = std::pair<int, int>;

/// Consecutive uniform numbers.
class Draws {
 public:
  explicit Draws(const CounterRandom& random) : random_(random) {}
  double uniform() { return random_.uniform(position_++); }
  /// An integer from `least` to `most`, uniformly distributed.
  int integer(int least, int most) {
    return least + int(std::floor(uniform() * double(most - least + 1)));
  }
  double in(const NumberRange& interval) {
    const double s = interval[0] + (interval[1] - interval[0]) * uniform();
    return std::round(s * 1000) / 1000;
  }

 private:
  const CounterRandom& random_;
  uint64_t position_ = 0;
};

std::string name_of_decider(size_t index) {
  const std::string letter(1, char('A' + index % 26));
  return index < 26 ? letter : letter + std::to_string(index / 26);
}

std::vector<Pair> pairs_to_offer(const std::vector<Decider>& deciders, const GameSettings& game) {
  std::vector<Pair> pairs;
  for (size_t i = 0; i < deciders.size(); ++i)
    for (size_t j = i + 1; j < deciders.size(); ++j)
      if (game.pairs == OfferedPairs::any || deciders[i].rank_shown == deciders[j].rank_shown)
        pairs.emplace_back(int(i), int(j));
  return pairs;
}

/// Shuffles in place (Fisher-Yates).
void shuffle(std::vector<Pair>& pairs, Draws& draws) {
  for (size_t i = pairs.size(); i > 1; --i)
    std::swap(pairs[i - 1], pairs[size_t(draws.integer(0, int(i) - 1))]);
}

/// Pairs with their sides, left first, for all rounds.
std::vector<Pair> order_of_pairs(std::vector<Pair> pairs, size_t n_rounds, Draws& draws) {
  for (auto& pair : pairs)
    if (draws.uniform() < 0.5) std::swap(pair.first, pair.second);
  std::vector<Pair> rounds;
  while (rounds.size() < n_rounds) {
    shuffle(pairs, draws);
    // The pair at the end of the previous block had its sides swapped.
    const bool repeats = !rounds.empty() && pairs.size() > 2 &&
                         pairs[0] == Pair{rounds.back().second, rounds.back().first};
    if (repeats) std::swap(pairs[0], pairs[size_t(draws.integer(1, int(pairs.size()) - 1))]);
    for (auto& pair : pairs) {
      if (rounds.size() < n_rounds) rounds.push_back(pair);
      std::swap(pair.first, pair.second);
    }
  }
  return rounds;
}

Judgement judge(const Decider& decider, const GameSettings& game, Draws& draws) {
  Judgement judgement;
  judgement.rank = std::clamp(
      decider.mean_rank + draws.integer(-game.rank_jitter, game.rank_jitter), 1, game.n_ranks);
  judgement.spots = std::clamp(
      decider.mean_spots + draws.integer(-game.spots_jitter, game.spots_jitter), 0, game.n_ranks);
  return judgement;
}

}  // namespace

std::vector<Decider> make_deciders(const GameSettings& settings) {
  std::vector<Decider> deciders;
  for (const bool shown : {true, false}) {
    if (!(shown ? settings.rank_shown_set : settings.rank_hidden_set)) continue;
    for (size_t kind = 0; kind < settings.mean_rank.size(); ++kind)
      deciders.push_back({name_of_decider(deciders.size()), int(settings.mean_rank[kind]),
                          int(settings.mean_spots[kind]), shown});
  }
  return deciders;
}

double match_probability(const Decider& decider, const GameSettings& settings) {
  int n = 0, n_matches = 0;
  for (int r = -settings.rank_jitter; r <= settings.rank_jitter; ++r)
    for (int s = -settings.spots_jitter; s <= settings.spots_jitter; ++s) {
      const int rank = std::clamp(decider.mean_rank + r, 1, settings.n_ranks);
      n_matches += rank <= std::clamp(decider.mean_spots + s, 0, settings.n_ranks);
      ++n;
    }
  return double(n_matches) / double(n);
}

Schedule make_schedule(const GameSettings& game, const TimingSettings& timing, int n_runs,
                       int n_rounds, const CounterRandom& random) {
  Draws draws(random);
  const auto deciders = make_deciders(game);
  const auto pairs =
      order_of_pairs(pairs_to_offer(deciders, game), size_t(n_runs) * size_t(n_rounds), draws);
  Schedule schedule(size_t(n_runs), std::vector<Offer>{size_t(n_rounds), Offer{}});
  auto pair = pairs.begin();
  for (auto& run : schedule)
    for (auto& offer : run) {
      std::tie(offer.left, offer.right) = *pair++;
      offer.from_left = judge(deciders[size_t(offer.left)], game, draws);
      offer.from_right = judge(deciders[size_t(offer.right)], game, draws);
      offer.choice_to_feedback_s = draws.in(timing.choice_to_feedback_s);
      offer.feedback_to_reciprocity_s = draws.in(timing.feedback_to_reciprocity_s);
      offer.between_rounds_s = draws.in(timing.between_rounds_s);
    }
  return schedule;
}

}  // namespace sociometer
