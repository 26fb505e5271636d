#include "engine/simulate/study.hpp"

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

StudyPlan small_plan() {
  StudyPlan plan;
  plan.n_participants = 3, plan.n_runs = 2, plan.n_rounds = 6;
  plan.seed = 5;
  plan.grid = SimulationGrid::tiny;
  return plan;
}

TEST(SimulatedStudy, IsTheSameForAnyThreadCount) {
  const SimulatedStudy a = simulate_study(small_plan(), 1), b = simulate_study(small_plan(), 3);
  ASSERT_EQ(a.participants.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const auto &one = a.participants[i], &other = b.participants[i];
    EXPECT_EQ(one.person.label, "0" + std::to_string(i + 1));
    EXPECT_EQ(one.person.w, other.person.w);
    ASSERT_EQ(one.game.runs.size(), 2u);
    EXPECT_EQ(one.game.runs[1].n_scans, other.game.runs[1].n_scans);
    EXPECT_EQ(one.signals.size(), 12u);
  }
  SimulatedRun first = simulate_run(a, 1, 1), again = simulate_run(b, 1, 1);
  EXPECT_EQ(first.images.n_scans(), a.participants[1].game.runs[1].n_scans);
  EXPECT_TRUE(same_bits(first.motion, again.motion));
  EXPECT_TRUE(same_bits(first.images.next(), again.images.next()));
  SimulatedRun other = simulate_run(a, 1, 0);
  EXPECT_FALSE(same_bits(first.images.next(), other.images.next()));
}

TEST(RegionEffects, AreMeansOverTheSpheres) {
  const Phantom phantom = make_phantom(simulation_grid(SimulationGrid::tiny));
  Eigen::MatrixXd effects = Eigen::MatrixXd::Zero(phantom.brain.n_voxels(), 5);
  effects.col(2).setConstant(3);
  const auto inside =
      voxels_within(phantom.brain, study_regions()[1].centre_mm, study_regions()[1].radius_mm);
  effects(inside.front(), 3) = double(inside.size());
  const auto means = region_effects(phantom, effects);
  ASSERT_EQ(means.size(), study_regions().size());
  EXPECT_EQ(means[1].region.name, study_regions()[1].name);
  EXPECT_EQ(means[1].n_voxels, inside.size());
  EXPECT_TRUE(close_number(means[1].outcome, 3, 1e-12));
  EXPECT_TRUE(close_number(means[1].rank, 1, 1e-12));
}

TEST(SimulationGrid, HasTheNamesOfItsWords) {
  EXPECT_EQ(simulation_grid(SimulationGrid::mm2).size, simulation_grid("2mm").size);
  EXPECT_EQ(name_of(StudyPlan{}.grid), "3mm");
  EXPECT_THROW(simulation_grid("1mm"), Error);
}

}  // namespace
}  // namespace sociometer::testing
