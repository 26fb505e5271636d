// The lines of use that headers show: they compile, and hold what they say.
#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/group/permutation.hpp"
#include "tests/engine/group/permutation_cases.hpp"

namespace sociometer::testing {
namespace {

/// Twenty participants, 60 voxels, the first five of which have an effect.
Eigen::MatrixXd made_up_effects() {
  Eigen::MatrixXd values(20, 60);
  for (Eigen::Index v = 0; v < values.cols(); ++v)
    for (Eigen::Index i = 0; i < values.rows(); ++i)
      values(i, v) = CounterRandom(1, uint64_t(v)).normal(uint64_t(i)) + (v < 5 ? 2 : 0);
  return values;
}

TEST(Usage, OfContrastPermutation) {
  const Eigen::MatrixXd values = made_up_effects();
  const auto data = as_group_data(values);
  const Mask mask = line(60);
  const GroupDesign design = one_sample_design(20);
  const GroupContrast contrast = contrast_of("[1]", design);
  const int n_threads = 2;

  PermutationOptions options;
  options.n = 5000;
  options.spatial.tfce = true;
  const ContrastPermutation test(
      {data, presence_patterns(*data, 20), mask, design, contrast, options});
  const ShuffleResults all = test.run(0, test.shuffles().size(), n_threads);
  const PermutationP p = test.p_values(all, n_threads);

  ASSERT_EQ(p.tfce_fwe.size(), 60u);
  for (size_t v = 0; v < 5; ++v) EXPECT_LE(p.tfce_fwe[v], .05) << v;
  EXPECT_GT(p.tfce_fwe[40], .05);
  EXPECT_EQ(test.shuffles().size(), 5001u);
}

TEST(Usage, OfShuffledStatistics) {
  const Eigen::MatrixXd values = made_up_effects();
  const GroupMatrix data(values);
  const GroupDesign design = one_sample_design(20);
  const GroupContrast contrast = contrast_of("[1]", design);
  const ShuffleSet set(design.values, ShuffleScheme::flips, {}, BlockExchange::within);
  const uint64_t seed = 1;
  const int n_threads = 2;

  const ShuffleSequence shuffles(set, 999, seed);
  const SubsetModels models(design, contrast, {});
  const auto patterns = presence_patterns(data, 20);
  const ShuffledStatistics<float> statistics({data, shuffles, models, patterns});
  Eigen::MatrixXf maps = Eigen::MatrixXf::Zero(data.n_voxels(), kShuffleBatch);
  statistics.evaluate(0, 1, n_threads, maps);

  for (Eigen::Index v = 0; v < values.cols(); ++v) {
    const Eigen::ArrayXd y = values.col(v).array();
    const double sd = std::sqrt((y - y.mean()).square().sum() / 19);
    EXPECT_NEAR(double(maps(v, 0)), y.mean() / sd * std::sqrt(20.0), 1e-3) << v;
    EXPECT_TRUE(statistics.valid()[size_t(v)]);
  }
  EXPECT_NE(maps(0, 1), maps(0, 0));
}

}  // namespace
}  // namespace sociometer::testing
