#include "engine/simulate/population.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <fmt/format.h>

#include "engine/simulate/streams.hpp"

namespace sociometer {
namespace {

enum Draw : uint64_t { kAge, kAnxiety, kDepression, kW, kBeta, kShare, kOutcome, kRank, kEvent };
enum RatingDraw : uint64_t { kPersonMean, kRankEffect, kOutcomeEffect, kFirstRating };

/// +1/2, -1/2 or 0 for values above, below or at the midpoint of the range.
std::vector<double> codes(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const double middle = 0.5 * (*least + *most), width = *most - *least;
  std::vector<double> out;
  for (const double v : values)
    out.push_back(std::abs(v - middle) < 1e-9 * width || width == 0 ? 0 : v > middle ? 0.5 : -0.5);
  return out;
}

/// Codes of the partners.
struct PartnerCodes {
  std::vector<double> rank, outcome;
};

PartnerCodes codes_of(const std::vector<Decider>& deciders, const GameSettings& game) {
  std::vector<double> goodness, chance;
  for (const auto& decider : deciders) {
    goodness.push_back(-decider.mean_rank);
    chance.push_back(match_probability(decider, game));
  }
  return {codes(goodness), codes(chance)};
}

/// Mean rating with code 1/2 less that with code -1/2; NaN without either.
double difference_of(const std::vector<Rating>& ratings, const std::vector<double>& code) {
  double sums[2] = {0, 0}, n[2] = {0, 0};
  for (const auto& rating : ratings)
    if (const double c = code[size_t(rating.decider)]; c != 0)
      sums[c > 0] += rating.value, ++n[c > 0];
  return sums[1] / n[1] - sums[0] / n[0];
}

/// Variance contributed by single ratings' noise to the difference between good and bad partners.
double noise_of_difference(const std::vector<double>& code, double noise_sd) {
  const auto good = double(std::count(code.begin(), code.end(), 0.5)),
             bad = double(std::count(code.begin(), code.end(), -0.5));
  return good > 0 && bad > 0 ? noise_sd * noise_sd * (1 / good + 1 / bad) : 0;
}

void draw_learner(const PopulationSettings& p, const CounterRandom& random, double anxiety,
                  double depression, Person& person) {
  const double w = boost::math::ibeta_inv(p.w_a, p.w_b, random.uniform(kW));
  const double shift = p.anxiety_on_w * anxiety + p.depression_on_w * depression;
  // Multiplies the odds by exp(shift), in a form that leaves w bit-identical for shift 0.
  person.w = shift == 0 ? w : w / (w + (1 - w) * std::exp(-shift));
  person.beta = p.beta_scale * boost::math::gamma_p_inv(p.beta_shape, random.uniform(kBeta)) *
                std::exp(p.anxiety_on_beta * anxiety + p.depression_on_beta * depression);
}

}  // namespace

RoleResponse mean_response(const ResponseSettings& settings, RegionRole role) {
  return {settings.outcome_gain.of(role) * settings.outcome_percent,
          settings.rank_gain.of(role) * settings.rank_percent};
}

Person draw_person(const SimulationSettings& settings, uint64_t seed, int number, int n_people) {
  const auto& p = settings.population;
  const auto& r = settings.response;
  const CounterRandom random(seed, stream_of(RandomUse::person, uint64_t(number)));
  Person person;
  const int digits = std::max(2, int(fmt::format("{}", n_people).size()));
  person.label = fmt::format("{:0{}}", number, digits);
  person.age = int(std::floor(p.age_min + (p.age_max + 1 - p.age_min) * random.uniform(kAge)));
  const double anxiety = random.normal(kAnxiety);
  const double depression =
      p.score_correlation * anxiety +
      std::sqrt(1 - p.score_correlation * p.score_correlation) * random.normal(kDepression);
  const auto score = [&](double z) {
    return std::round(10 * (p.score_mean + p.score_sd * z)) / 10;
  };
  person.social_anxiety = score(anxiety);
  person.depression = score(depression);
  draw_learner(p, random, anxiety, depression, person);
  person.share_log_odds =
      settings.game.share_log_odds + settings.game.share_log_odds_sd * random.normal(kShare);
  const auto response = [&](RegionRole role) {
    const double scores = r.score_gain.of(role);
    RoleResponse out = mean_response(r, role);
    out.outcome_percent *=
        1 + scores * (r.outcome_per_depression * depression + r.outcome_per_anxiety * anxiety) +
        r.effect_sd * random.normal(kOutcome);
    out.rank_percent *=
        1 + scores * (r.rank_per_anxiety * anxiety + r.rank_per_depression * depression) +
        r.effect_sd * random.normal(kRank);
    return out;
  };
  person.reward = response(RegionRole::reward);
  person.rejection = response(RegionRole::rejection);
  person.control = response(RegionRole::control);
  person.event_scale = 1 + r.event_sd * random.normal(kEvent);
  return person;
}

double rating_bias(uint64_t seed, int number) {
  return CounterRandom(seed, stream_of(RandomUse::ratings, uint64_t(number)))
      .normal(kOutcomeEffect);
}

RatingEffects rating_effects(const std::vector<Rating>& ratings,
                             const std::vector<Decider>& deciders, const GameSettings& game) {
  const PartnerCodes code = codes_of(deciders, game);
  return {difference_of(ratings, code.rank), difference_of(ratings, code.outcome)};
}

std::vector<Rating> draw_ratings(const SimulationSettings& settings,
                                 const std::vector<Decider>& deciders, uint64_t seed, int number) {
  const auto& r = settings.ratings;
  const CounterRandom random(seed, stream_of(RandomUse::ratings, uint64_t(number)));
  const auto [rank_code, outcome_code] = codes_of(deciders, settings.game);
  const auto effect = [&](double dz, const std::vector<double>& code, uint64_t draw) {
    const double spread =
        std::sqrt(r.effect_sd * r.effect_sd + noise_of_difference(code, r.noise_sd));
    return dz * spread + r.effect_sd * random.normal(draw);
  };
  const double person = r.person_sd * random.normal(kPersonMean);
  const double rank = effect(r.rank_dz, rank_code, kRankEffect);
  const double outcome = effect(r.outcome_dz, outcome_code, kOutcomeEffect);
  std::vector<Rating> ratings;
  for (size_t d = 0; d < deciders.size(); ++d) {
    const double value = r.mean + person + rank * rank_code[d] + outcome * outcome_code[d] +
                         r.noise_sd * random.normal(kFirstRating + d);
    ratings.push_back({int(d), std::clamp(std::round(value), r.minimum, r.maximum)});
  }
  return ratings;
}

}  // namespace sociometer
