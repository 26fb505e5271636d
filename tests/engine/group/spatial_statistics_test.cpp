#include "engine/group/spatial_statistics.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/random.hpp"
#include "engine/group/clusters.hpp"
#include "tests/engine/group/group_goldens.hpp"

namespace sociometer::testing {
namespace {

Mask box(Eigen::Index x, Eigen::Index y, Eigen::Index z) {
  Mask mask;
  mask.grid.size = {x, y, z};
  for (uint32_t v = 0; v < uint32_t(x * y * z); ++v)
    if (v % 11 != 3) mask.voxels.push_back(v);
  return mask;
}

/// Normal noise, summed over list neighbours so that clusters exceed one voxel.
std::vector<float> noise(size_t n, uint64_t seed) {
  const CounterRandom random(seed, 0);
  std::vector<float> out(n);
  for (size_t v = 0; v < n; ++v)
    for (size_t k = 0; k < 4; ++k) out[v] += float(random.normal(v + k)) / 2;
  return out;
}

/// The slow, obvious way: clusters recomputed between every two heights.
std::vector<double> slow_tfce(const Mask& mask, const std::vector<float>& values,
                              const SpatialOptions& o) {
  std::vector<double> heights{0}, as_double(values.begin(), values.end());
  for (const float v : values)
    if (v > 0) heights.push_back(double(v));
  std::sort(heights.begin(), heights.end());
  std::vector<double> out(values.size(), 0);
  const Neighbourhood neighbourhood(mask, o.tfce_connectivity);
  for (size_t k = 1; k < heights.size(); ++k) {
    ClusterOptions at;
    at.threshold = heights[k];
    const double part =
        (std::pow(heights[k], o.tfce_h + 1) - std::pow(heights[k - 1], o.tfce_h + 1)) /
        (o.tfce_h + 1);
    for (const auto& cluster : sociometer::find_clusters(mask, neighbourhood, as_double, at))
      for (const uint32_t v : cluster.voxels)
        out[v] += std::pow(double(cluster.voxels.size()), o.tfce_e) * part;
  }
  return out;
}

class Enhancement : public ::testing::TestWithParam<std::tuple<int, double, double>> {};

TEST_P(Enhancement, IsThatOfClustersAtEveryHeight) {
  const Mask mask = box(7, 6, 5);
  SpatialOptions options;
  options.tfce = true;
  std::tie(options.tfce_connectivity, options.tfce_e, options.tfce_h) = GetParam();
  const SpatialStatistics statistics(mask, options);
  auto work = statistics.workspace();
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const auto values = noise(mask.voxels.size(), seed);
    const auto expected = slow_tfce(mask, values, options);
    const auto found = statistics.maps(values, 1, work).tfce;
    const double largest = *std::max_element(expected.begin(), expected.end());
    for (size_t v = 0; v < values.size(); ++v)
      EXPECT_NEAR(found[v], expected[v], 1e-10 * largest) << v;
    EXPECT_NEAR(statistics.maxima(values, 1, work).tfce, largest, 1e-10 * largest);
    std::vector<float> negated(values);
    for (float& v : negated) v = -v;
    EXPECT_EQ(statistics.maxima(negated, -1, work).tfce, statistics.maxima(values, 1, work).tfce);
  }
}
INSTANTIATE_TEST_SUITE_P(Options, Enhancement,
                         ::testing::Values(std::tuple{6, .5, 2.}, std::tuple{18, .5, 2.},
                                           std::tuple{26, .5, 2.}, std::tuple{6, 1., 1.},
                                           std::tuple{26, .7, 2.5}));

TEST(ClusterStatistics, AreThoseOfTheClusters) {
  const Mask mask = box(9, 8, 7);
  for (const int connectivity : {6, 18, 26}) {
    SpatialOptions options;
    options.extent = options.mass = true;
    options.cluster_threshold = 0.7;
    options.cluster_connectivity = connectivity;
    const SpatialStatistics statistics(mask, options);
    auto work = statistics.workspace();
    const auto values = noise(mask.voxels.size(), 5);
    const std::vector<double> as_double(values.begin(), values.end());
    ClusterOptions at;
    at.threshold = double(0.7f);
    const auto clusters =
        sociometer::find_clusters(mask, Neighbourhood(mask, connectivity), as_double, at);
    const auto maps = statistics.maps(values, 1, work);
    double largest = 0;
    for (const auto& cluster : clusters) {
      const double mass = cluster.mass + at.threshold * double(cluster.voxels.size());
      largest = std::max(largest, mass);
      for (const uint32_t v : cluster.voxels) {
        EXPECT_EQ(maps.extent[v], double(cluster.voxels.size()));
        EXPECT_NEAR(maps.mass[v], mass, 1e-10 * mass);
      }
    }
    const auto maxima = statistics.maxima(values, 1, work);
    EXPECT_EQ(maxima.extent, double(clusters[0].voxels.size()));
    EXPECT_NEAR(maxima.mass, largest, 1e-10 * largest);
  }
}

}  // namespace
}  // namespace sociometer::testing
