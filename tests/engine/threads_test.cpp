// What runs on several threads at a time, on few voxels, for the thread sanitizer (preset tsan):
// runs side by side with readers ahead of them, every way of fitting, and permutations.
#include <cmath>
#include <memory>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/core/series_source.hpp"
#include "engine/glm/run_analysis.hpp"
#include "engine/group/permutation.hpp"

namespace sociometer::testing {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr Index kScans = 60, kVoxels = 200;

DesignMatrix design_of_threads() {
  DesignMatrix design;
  design.names = {"a", "constant"};
  design.roles = {ColumnRole::task, ColumnRole::constant};
  design.values = MatrixXd::Ones(kScans, 2);
  for (Index t = 0; t < kScans; ++t) design.values(t, 0) = t / 10 % 2 ? 1 : 0;
  return design;
}

MatrixXd series_of_run(uint64_t run) {
  const CounterRandom random(5, run);
  MatrixXd y(kScans, kVoxels);
  uint64_t at = 0;
  for (double& value : y.reshaped()) value = 100 + random.normal(at++);
  return y;
}

/// t of a contrast over three runs.
Eigen::VectorXd fitted(const char* noise_model, int n_threads, int runs_at_once) {
  const auto open = [](size_t r) { return std::make_unique<SeriesSource>(series_of_run(r)); };
  FirstLevel first{.plan = {.noise_model = parse_noise_model(noise_model),
                            .runs_at_once = runs_at_once,
                            .n_threads = n_threads}};
  for (int run = 1; run <= 3; ++run)
    first.runs.push_back(prepare_run(
        {.name = std::to_string(run), .design = design_of_threads(), .tr_s = 2}, first.plan));
  first.contrasts = resolve_contrasts({parse_contrast("a", ContrastKind::t)}, first.runs);
  RecordingJournal journal;
  FirstLevelFit fit = fit_first_level(first, open, open(0)->all_voxels(), &journal);
  return combine_contrast(first, fit, 0).statistic;
}

class ThreadsOfFit : public ::testing::TestWithParam<const char*> {};

TEST_P(ThreadsOfFit, GiveTheSameNumbers) {
  const Eigen::VectorXd alone = fitted(GetParam(), 1, 1);
  EXPECT_TRUE(alone.allFinite());
  for (const int at_once : {1, 3}) EXPECT_EQ(fitted(GetParam(), 4, at_once), alone) << at_once;
}

INSTANTIATE_TEST_SUITE_P(NoiseModels, ThreadsOfFit,
                         ::testing::Values("ols", "ar1", "ar2-averaged", "arma11", "tukey"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           return name.substr(0, name.find('-'));
                         });

TEST(ThreadsOfPermutation, GiveTheSameNumbers) {
  MatrixXd values(12, 60);
  for (Index v = 0; v < values.cols(); ++v)
    for (Index i = 0; i < values.rows(); ++i)
      values(i, v) = CounterRandom(1, uint64_t(v)).normal(uint64_t(i)) + (v < 5 ? 2 : 0);
  const auto data = as_group_data(values);
  Mask mask;
  mask.grid.size = {60, 1, 1};
  for (uint32_t v = 0; v < 60; ++v) mask.voxels.push_back(v);
  const GroupDesign design = one_sample_design(12);
  const GroupContrast contrast =
      resolve_group_contrast(parse_contrast("c=[1]", ContrastKind::t), design);
  PermutationOptions options;
  options.n = 200;
  options.spatial.tfce = true;
  const ContrastPermutation test(
      {data, presence_patterns(*data, 12), mask, design, contrast, options});
  const auto p_by = [&](int n_threads) {
    return test.p_values(test.run(0, test.shuffles().size(), n_threads), n_threads).tfce_fwe;
  };
  EXPECT_EQ(p_by(4), p_by(1));
}

}  // namespace
}  // namespace sociometer::testing
