#include "engine/simulate/population.hpp"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "engine/learning/ratings.hpp"

namespace sociometer {
namespace {

constexpr int kPeople = 5000;

std::vector<Person> people(const SimulationSettings& settings = {}) {
  std::vector<Person> out;
  for (int i = 1; i <= kPeople; ++i) out.push_back(draw_person(settings, 9, i, kPeople));
  return out;
}

Eigen::VectorXd column(const std::vector<Person>& all, double Person::*value) {
  Eigen::VectorXd out(Eigen::Index(all.size()));
  for (size_t i = 0; i < all.size(); ++i) out[Eigen::Index(i)] = all[i].*value;
  return out;
}

Eigen::VectorXd response(const std::vector<Person>& all, RoleResponse Person::*role,
                         double RoleResponse::*signal) {
  Eigen::VectorXd out(Eigen::Index(all.size()));
  for (size_t i = 0; i < all.size(); ++i) out[Eigen::Index(i)] = (all[i].*role).*signal;
  return out;
}

double sd(const Eigen::VectorXd& x) { return std::sqrt((x.array() - x.mean()).square().mean()); }

double correlation(const Eigen::VectorXd& x, const Eigen::VectorXd& y) {
  return ((x.array() - x.mean()) * (y.array() - y.mean())).mean() / (sd(x) * sd(y));
}

/// Five standard errors of the mean of these.
double room(const Eigen::VectorXd& x) { return 5 * sd(x) / std::sqrt(double(x.size())); }

TEST(Population, HasTheDistributionsOfTheSettings) {
  const SimulationSettings settings;
  const auto all = people();
  const auto w = column(all, &Person::w), beta = column(all, &Person::beta),
             anxiety = column(all, &Person::social_anxiety);
  EXPECT_NEAR(w.mean(), 1.2 / 2.5, room(w));  // Beta(a, b): a / (a + b)
  EXPECT_NEAR(sd(w), std::sqrt(1.2 * 1.3 / (2.5 * 2.5 * 3.5)), 0.02);
  EXPECT_NEAR(beta.mean(), 1.2 * 5, room(beta));  // Gamma: shape scale
  EXPECT_NEAR(sd(beta), std::sqrt(1.2) * 5, 0.4);
  EXPECT_NEAR(anxiety.mean(), 50, room(anxiety));
  EXPECT_NEAR(sd(anxiety), 10, 0.5);
  std::set<std::string> labels;
  for (const auto& p : all) {
    labels.insert(p.label);
    EXPECT_GE(p.age, 18);
    EXPECT_LE(p.age, 35);
  }
  EXPECT_EQ(labels.size(), all.size());
  EXPECT_EQ(all[0].label, "0001");
}

TEST(Population, LinksTheBrainToTheScores) {
  const auto all = people();
  const auto anxiety = column(all, &Person::social_anxiety),
             depression = column(all, &Person::depression),
             outcome = response(all, &Person::reward, &RoleResponse::outcome_percent),
             rank = response(all, &Person::rejection, &RoleResponse::rank_percent);
  const ResponseSettings r;
  EXPECT_NEAR(correlation(anxiety, depression), 0.5, 0.05);
  EXPECT_NEAR(outcome.mean(), r.outcome_percent, room(outcome));
  EXPECT_NEAR(rank.mean(), r.rank_percent, room(rank));
  // A slope b with residual SD s: correlation b / sqrt(b^2 + s^2).
  const auto expected = [&](double b) { return b / std::hypot(b, r.effect_sd); };
  EXPECT_NEAR(correlation(outcome, depression), expected(r.outcome_per_depression), 0.05);
  EXPECT_NEAR(correlation(rank, anxiety), expected(r.rank_per_anxiety), 0.05);
  // With the other score only through the correlation between scores.
  EXPECT_NEAR(correlation(outcome, anxiety), 0.5 * expected(r.outcome_per_depression), 0.06);
}

/// Slope of y on x over participants, relative to the mean of y, per SD of x.
double share_per_sd(const Eigen::VectorXd& x, const Eigen::VectorXd& y) {
  return correlation(x, y) * sd(y) / y.mean();
}

TEST(Population, SwapsSharesAndScalesTheRolesOfRegions) {
  SimulationSettings settings;
  ResponseSettings& r = settings.response;
  r.outcome_percent = 4, r.rank_percent = 0.7, r.outcome_per_anxiety = 0.4;
  r.outcome_gain = {0.5, 1, 0.25}, r.rank_gain = {1, -1, 0}, r.score_gain = {1, 0, 0.5};
  settings.population.score_correlation = 0;
  const auto all = people(settings);
  const auto anxiety = column(all, &Person::social_anxiety);
  const auto reward = response(all, &Person::reward, &RoleResponse::outcome_percent),
             rejection = response(all, &Person::rejection, &RoleResponse::outcome_percent),
             control = response(all, &Person::control, &RoleResponse::outcome_percent);
  EXPECT_NEAR(reward.mean(), 2, room(reward));
  EXPECT_NEAR(rejection.mean(), 4, room(rejection));
  EXPECT_NEAR(control.mean(), 1, room(control));
  EXPECT_NEAR(share_per_sd(anxiety, reward), 0.4, 0.04);
  EXPECT_NEAR(share_per_sd(anxiety, rejection), 0, 0.04);
  EXPECT_NEAR(share_per_sd(anxiety, control), 0.2, 0.04);
  const auto up = response(all, &Person::reward, &RoleResponse::rank_percent),
             down = response(all, &Person::rejection, &RoleResponse::rank_percent);
  EXPECT_NEAR(up.mean(), 0.7, room(up));
  EXPECT_NEAR(down.mean(), -0.7, room(down));
  EXPECT_EQ(response(all, &Person::control, &RoleResponse::rank_percent).cwiseAbs().maxCoeff(), 0);
}

TEST(Population, LetsScoresActOnBehaviour) {
  SimulationSettings settings;
  settings.population.score_correlation = 0;
  const auto plain = people(settings);
  settings.population.anxiety_on_w = -0.8;
  settings.population.depression_on_beta = 0.3;
  const auto acted = people(settings);
  // The same participants apart from the influence: log odds and logarithm shift by this per SD.
  for (size_t i = 0; i < 50; ++i) {
    const double anxiety = (plain[i].social_anxiety - 50) / 10,
                 depression = (plain[i].depression - 50) / 10;
    const auto odds = [](double w) { return std::log(w / (1 - w)); };
    EXPECT_NEAR(odds(acted[i].w) - odds(plain[i].w), -0.8 * anxiety, 0.01);
    EXPECT_NEAR(std::log(acted[i].beta / plain[i].beta), 0.3 * depression, 0.01);
    EXPECT_EQ(acted[i].reward.outcome_percent, plain[i].reward.outcome_percent);
  }
}

TEST(Population, DrawsAPersonWhateverTheOthersAre) {
  const Person a = draw_person({}, 4, 3, 5), b = draw_person({}, 4, 3, 5000);
  EXPECT_EQ(a.w, b.w);
  EXPECT_EQ(a.depression, b.depression);
  EXPECT_EQ(a.label, "03");
  EXPECT_EQ(b.label, "0003");
  EXPECT_NE(a.w, draw_person({}, 5, 3, 5).w);
}

/// Cells of the 2 x 2 design, low-low, low-high, high-low, high-high of (rank, outcome).
Eigen::MatrixXd cells(const SimulationSettings& settings, int n) {
  const auto deciders = make_deciders(settings.game);
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(n, 4);
  for (int i = 0; i < n; ++i)
    for (const auto& rating : draw_ratings(settings, deciders, 2, i + 1)) {
      const Decider& d = deciders[size_t(rating.decider)];
      const int good_rank = d.mean_rank == 3, good_outcome = d.mean_spots == d.mean_rank + 1;
      out(i, 2 * good_rank + good_outcome) += rating.value / 2;
    }
  return out;
}

TEST(Ratings, HaveTheReportedEffectSizes) {
  const int n = 4000;
  const auto anova = repeated_measures_anova(cells({}, n));
  // dz = sqrt(F / n) with a standard error of about sqrt((1 + dz^2 / 2) / n) = .018; rounding and
  // clipping to the scale reduce it slightly.
  EXPECT_NEAR(std::sqrt(anova.first.f / n), std::sqrt(20.39 / 42), 0.06);
  EXPECT_NEAR(std::sqrt(anova.second.f / n), std::sqrt(13.76 / 42), 0.06);
  EXPECT_GT(anova.first.mean_difference, 0);
  EXPECT_GT(anova.second.mean_difference, 0);
  EXPECT_LT(anova.interaction.f, 10.8);  // no interaction: p > .001
  // Partial eta squared of dof2 = n - 1: F / (F + dof2).
  EXPECT_NEAR(anova.first.partial_eta_squared, 0.33, 0.04);
  EXPECT_NEAR(anova.second.partial_eta_squared, 0.25, 0.04);
}

TEST(Ratings, HaveTheirEffectsAsDifferencesOfMeans) {
  const auto deciders = make_deciders(GameSettings{});  // ranks 3, 3, 7, 7; spots 2, 4, 6, 8; twice
  std::vector<Rating> ratings;
  for (size_t d = 0; d < deciders.size(); ++d) ratings.push_back({int(d), double(10 * d * d)});
  double good = 0, bad = 0, in = 0, out = 0;
  for (size_t d = 0; d < deciders.size(); ++d) {
    (deciders[d].mean_rank == 3 ? good : bad) += ratings[d].value / 4;
    (match_probability(deciders[d], GameSettings{}) > 0.5 ? in : out) += ratings[d].value / 4;
  }
  const RatingEffects found = rating_effects(ratings, deciders, GameSettings{});
  EXPECT_DOUBLE_EQ(found.rank, good - bad);
  EXPECT_DOUBLE_EQ(found.outcome, in - out);
}

TEST(Ratings, FollowTheRatingBias) {
  const SimulationSettings settings;
  const auto deciders = make_deciders(settings.game);
  const int n = 2000;
  Eigen::MatrixXd both(n, 2);
  for (int i = 0; i < n; ++i) {
    both(i, 0) = rating_bias(5, i + 1);
    both(i, 1) =
        rating_effects(draw_ratings(settings, deciders, 5, i + 1), deciders, settings.game).outcome;
  }
  both.rowwise() -= both.colwise().mean().eval();
  // Standard deviation 10 of the effect, and 8 sqrt(1/4 + 1/4) of noise: r = .87.
  EXPECT_NEAR(both.col(0).dot(both.col(1)) / both.col(0).norm() / both.col(1).norm(),
              10 / std::hypot(10, 8 / std::sqrt(2)), 0.02);
}

TEST(Ratings, StayOnTheScale) {
  SimulationSettings settings;
  settings.ratings.person_sd = 60;
  const Eigen::MatrixXd all = cells(settings, 200);
  EXPECT_GE(all.minCoeff(), 0);
  EXPECT_LE(all.maxCoeff(), 100);
}

}  // namespace
}  // namespace sociometer
