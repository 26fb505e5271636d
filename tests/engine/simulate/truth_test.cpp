#include "engine/simulate/truth.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "engine/design/diagnostics.hpp"
#include "engine/simulate/schedule_search.hpp"

namespace sociometer {
namespace {

TEST(Truth, PutsEachSignalWhereItBelongs) {
  const Phantom phantom = make_phantom(simulation_grid("3mm"));
  const ResponseMaps maps = make_response_maps(phantom);
  SimulationSettings settings;
  Person person = mean_person(settings);
  person.reward = {5, 0}, person.rejection = {0, 0.8};
  const Eigen::MatrixXd effects = person_effects(phantom, maps, settings, person);
  ASSERT_EQ(truth_columns()[2], "feedback:outcome_update");
  ASSERT_EQ(truth_columns()[3], "feedback:rank_update_unsigned");
  const double peak = response_peak(0, 2);
  for (const auto& region : study_regions())
    for (const auto v : voxels_within(phantom.brain, region.centre_mm, region.radius_mm)) {
      // In percent of the voxel's own baseline, at the peak.
      const double percent = 100 * peak / (settings.noise.baseline * phantom.baseline[v]);
      const double outcome = effects(v, 2) * percent, rank = effects(v, 3) * percent;
      switch (region.role) {
        case RegionRole::reward:
          EXPECT_NEAR(outcome, 5, 1e-9) << region.name;
          EXPECT_EQ(rank, 0) << region.name;
          break;
        case RegionRole::rejection:
          EXPECT_EQ(outcome, 0) << region.name;
          // vACC and vmPFC are adjacent: the control region takes precedence.
          EXPECT_TRUE(std::abs(rank - 0.8) < 1e-9 || (region.name == "vACC" && rank == 0));
          break;
        case RegionRole::control:
          EXPECT_EQ(outcome, 0) << region.name;
          EXPECT_EQ(rank, 0) << region.name;
      }
      EXPECT_GT(effects(v, 0), 0) << region.name;
    }
  // Most of the brain responds to neither.
  EXPECT_LT((effects.col(2).array() != 0).count(), phantom.brain.n_voxels() / 50);
  EXPECT_LT((effects.col(3).array() != 0).count(), phantom.brain.n_voxels() / 20);
}

TEST(Truth, SharesSignalsAndNoiseBetweenRoles) {
  const Phantom phantom = make_phantom(simulation_grid("tiny"));
  const ResponseMaps maps = make_response_maps(phantom);
  SimulationSettings settings;
  settings.response.outcome_gain = {1, 0.5, 2};
  settings.noise.role_factor = {1, 2, 0.5};
  const Person person = mean_person(settings);
  EXPECT_EQ(person.rejection.outcome_percent, 0.5 * settings.response.outcome_percent);
  const Eigen::MatrixXd effects = person_effects(phantom, maps, settings, person);
  const Eigen::VectorXd noise = noise_factors(maps, settings.noise);
  const double percent = 100 * response_peak(0, 2) / settings.noise.baseline;
  for (const auto& region : study_regions()) {
    if (region.name == "vACC") continue;  // cropped where vmPFC begins
    const double gain = settings.response.outcome_gain.of(region.role);
    for (const auto v : voxels_within(phantom.brain, region.centre_mm, region.radius_mm)) {
      EXPECT_NEAR(effects(v, 2) * percent / phantom.baseline[v],
                  gain * settings.response.outcome_percent, 1e-9)
          << region.name;
      EXPECT_EQ(noise[v], settings.noise.role_factor.of(region.role)) << region.name;
    }
  }
  EXPECT_EQ(
      (noise.array() == 1).count() + (noise.array() == 2).count() + (noise.array() == 0.5).count(),
      noise.size());
}

TEST(Truth, MeasuresPeaksOnTheRegressorsOfADesign) {
  for (const double duration : {0.0, 3.0}) {
    const Events events = {{20, duration, "choice", 1, {}}};
    const Eigen::MatrixXd x = truth_regressors(events, 2, 40);
    EXPECT_NEAR(x.col(0).maxCoeff(), response_peak(duration, 2), 1e-12);
    EXPECT_TRUE(x.rightCols(4).isZero(0));
  }
  EXPECT_GT(response_peak(3, 2), 30 * response_peak(0, 2));  // 150 grid points against one
}

TEST(ScheduleSearch, TakesTheLeastInflatedOfItsCandidates) {
  const SimulationSettings settings;
  const auto one = choose_schedule(settings, {}, 2, 30, 1, 5, 1);
  EXPECT_EQ(one.candidate, 0);
  EXPECT_EQ(one.first.worst_vif(), one.chosen.worst_vif());
  double least = one.chosen.worst_vif();
  for (int k = 2; k <= 12; ++k) {
    const auto more = choose_schedule(settings, {}, 2, 30, k, 5, 1);
    EXPECT_EQ(more.first.worst_vif(), one.first.worst_vif());
    EXPECT_LE(more.chosen.worst_vif(), least);
    least = more.chosen.worst_vif();
  }
  EXPECT_LT(least, one.first.worst_vif());
  EXPECT_GE(least, 1);
}

TEST(ScheduleQuality, IsThatOfTheDesign) {
  Events events;
  const double outcome[] = {0.2, -0.1, 0.15, -0.2, 0.1, 0.05, -0.12, 0.3},
               rank[] = {1, 0.2, kMissing, 0.5, 1.2, 0.1, 0.9, 0.3};
  for (int i = 0; i < 8; ++i) {
    const double onset = 10 + 12.5 * i;
    events.push_back({onset, 3, "choice", 1, {}});
    events.push_back({onset + 5,
                      0,
                      "feedback",
                      1,
                      {{"outcome_update", outcome[i]}, {"rank_update_unsigned", rank[i]}}});
  }
  const ScheduleQuality q = schedule_quality({events}, {70}, 2);
  DesignOptions options = truth_design_options();
  options.drift = DriftModel::cosine;
  const DesignMatrix design = make_design(events, std::nullopt, 2, 70, options);
  // VIF by its other definition: the diagonal of (X'X)^-1 times the centred sum of squares.
  const Eigen::MatrixXd inverse = (design.values.transpose() * design.values).inverse();
  const auto vif = [&](const char* name) {
    const auto c = design.find(name);
    const Eigen::VectorXd x = design.values.col(c);
    return inverse(c, c) * (x.array() - x.mean()).square().sum();
  };
  EXPECT_NEAR(q.vif_outcome, vif("feedback:outcome_update"), 1e-6);
  EXPECT_NEAR(q.vif_rank, vif("feedback:rank_update_unsigned"), 1e-6);
  const auto a = design.find("feedback:outcome_update"),
             b = design.find("feedback:rank_update_unsigned");
  EXPECT_NEAR(q.efficiency * (inverse(a, a) + inverse(b, b)), 1, 1e-6);
}

}  // namespace
}  // namespace sociometer
