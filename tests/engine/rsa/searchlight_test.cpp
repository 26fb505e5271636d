// Searchlights: the sliding sum beside a new RDM for each sphere.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "engine/core/random.hpp"
#include "engine/roi/region.hpp"
#include "engine/rsa/rsa_analysis.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace searchlight_test {

using testing::close_relative;
using testing::same_bits;

/// A mask with a hole, a gap and an oblique grid.
Mask odd_mask() {
  Grid grid;
  grid.size = {11, 8, 6};
  grid.world_from_voxel << 2.5, 0.4, 0, -10, -0.3, 3, 0.2, 4, 0, 0.1, 3.5, 2, 0, 0, 0, 1;
  Mask mask{grid, {}};
  for (Eigen::Index v = 0; v < grid.n_voxels(); ++v) {
    const auto [x, y, z] = grid.position(v);
    if ((x == 4 && y > 2) || (x > 6 && x < 10 && z == 3) || (x + y + z) % 7 == 0) continue;
    mask.voxels.push_back(uint32_t(v));
  }
  return mask;
}

/// Three conditions and more in three runs; noise and a model.
struct Data {
  Mask mask = odd_mask();
  ParticipantRsa person;
  Eigen::MatrixXd amplitudes;
  PatternNoise noise;
  explicit Data(PatternUnit unit) {
    std::vector<PatternTrial> trials;
    for (int run = 1; run <= 3; ++run)
      for (int t = 0; t < 10; ++t)
        if (run != 2 || t % 5 != 4)
          trials.push_back({int(trials.size()) + 1, run, std::to_string(t % 5), 4.0 * t});
    const CounterRandom random(3, 5);
    amplitudes.resize(Eigen::Index(trials.size()), mask.n_voxels());
    noise.residuals.resize(30, mask.n_voxels());
    noise.dof = 29;
    uint64_t at = 0;
    for (double& value : amplitudes.reshaped()) value = 100 + random.normal(at++);
    for (double& value : noise.residuals.reshaped()) value = random.normal(at++);
    person.items = make_items(trials, unit);
    person.run_items = make_items(trials, PatternUnit::condition_run);
    Eigen::MatrixXd values(person.items.size(), 2);
    for (double& value : values.reshaped()) value = random.normal(at++);
    person.rdms.models.resize(n_pairs_of(person.items.size()), 2);
    person.rdms.models << difference_rdm(values.col(0)), difference_rdm(values.col(1));
    person.rdms.nuisance.resize(person.rdms.models.rows(), 0);
    person.rdms.used = chosen_pairs(person.items, PairChoice::all);
  }
};

/// Each sphere by sphere_region and region_rdm.
Eigen::MatrixXd slow_search(const Data& data, const RsaOptions& options, double radius_mm) {
  Eigen::MatrixXd out(data.mask.n_voxels(), 2);
  for (Eigen::Index v = 0; v < data.mask.n_voxels(); ++v) {
    const Region sphere =
        sphere_region(data.mask.grid, data.mask.grid.world(data.mask.voxels[size_t(v)]), radius_mm);
    std::vector<Eigen::Index> inside;
    for (Eigen::Index w = 0; w < data.mask.n_voxels(); ++w)
      if (std::binary_search(sphere.voxels.begin(), sphere.voxels.end(),
                             data.mask.voxels[size_t(w)]))
        inside.push_back(w);
    PatternNoise own{data.noise.residuals(Eigen::all, inside), data.noise.dof};
    const auto rdm = region_rdm(data.person, options, data.amplitudes(Eigen::all, inside), own).rdm;
    const auto values = model_values(data.person, options, rdm);
    for (size_t m = 0; m < values.size(); ++m) out(v, Eigen::Index(m)) = values[m].value;
  }
  return out;
}

TEST(SearchlightMaps, AreThoseOfEachSphereByItself) {
  for (const auto& [unit, dissimilarity, normalisation] :
       {std::tuple{PatternUnit::condition, Dissimilarity::crossnobis, NoiseNormalisation::none},
        {PatternUnit::condition, Dissimilarity::crossnobis, NoiseNormalisation::univariate},
        {PatternUnit::condition, Dissimilarity::crossnobis, NoiseNormalisation::multivariate},
        {PatternUnit::trial, Dissimilarity::euclidean, NoiseNormalisation::univariate},
        {PatternUnit::trial, Dissimilarity::correlation, NoiseNormalisation::none}}) {
    SCOPED_TRACE(name_of(dissimilarity) + " " + name_of(normalisation));
    const Data data(unit);
    RsaOptions options{dissimilarity, normalisation, RdmComparison::pearson};
    const Searchlight spheres(data.mask, 7);
    const auto maps =
        search_models(data.person, options, spheres, data.amplitudes, data.noise, 1e9, 1);
    EXPECT_TRUE(close_relative(maps.values, slow_search(data, options, 7), 1e-7, 1e-2));
  }
}

TEST(SearchlightMaps, ForgetAVoxelThatLeaves) {
  Data data(PatternUnit::condition);
  const Eigen::Index outlier = data.mask.n_voxels() / 2;
  data.amplitudes.col(outlier) *= 1e8;
  const RsaOptions options{Dissimilarity::crossnobis, NoiseNormalisation::none,
                           RdmComparison::pearson};
  const Searchlight spheres(data.mask, 5);
  const auto maps =
      search_models(data.person, options, spheres, data.amplitudes, data.noise, 1e9, 1);
  EXPECT_TRUE(close_relative(maps.values, slow_search(data, options, 5), 1e-9, 1e-2));
}

TEST(SearchlightMaps, HaveNoValueWhereAPatternIsConstantAsRegions) {
  Data data(PatternUnit::trial);
  data.amplitudes.row(3).setConstant(5);
  const RsaOptions options{Dissimilarity::correlation};
  const Searchlight spheres(data.mask, 7);
  const auto maps =
      search_models(data.person, options, spheres, data.amplitudes, data.noise, 1e9, 1);
  const auto region = region_rdm(data.person, options, data.amplitudes, data.noise);
  EXPECT_TRUE(maps.values.array().isNaN().all());
  for (const auto& value : model_values(data.person, options, region.rdm))
    EXPECT_TRUE(std::isnan(value.value));
}

TEST(SearchlightMaps, AreTheSameBytesForAnyThreadsAndMemory) {
  for (const auto dissimilarity : {Dissimilarity::crossnobis, Dissimilarity::correlation}) {
    const Data data(PatternUnit::condition);
    const RsaOptions options{dissimilarity};
    const Searchlight spheres(data.mask, 6);
    const auto maps =
        search_models(data.person, options, spheres, data.amplitudes, data.noise, 1e9, 1);
    for (const int threads : {2, 7}) {
      const auto again =
          search_models(data.person, options, spheres, data.amplitudes, data.noise, 0, threads);
      EXPECT_TRUE(same_bits(maps.values, again.values));
      EXPECT_TRUE(same_bits(maps.n_voxels, again.n_voxels));
    }
  }
}

TEST(SearchlightMaps, CountTheVoxelsOfTheMask) {
  const Mask mask = odd_mask();
  const Searchlight spheres(mask, 6);
  EXPECT_EQ(spheres.full_size(),
            sphere_region(mask.grid, mask.grid.world(5 + 11 * (4 + 8 * 3)), 6).n_voxels());
  EXPECT_THROW(Searchlight(mask, 0), Error);
  EXPECT_THROW(Searchlight(mask, std::nan("")), Error);
}

TEST(SearchlightMaps, SmallSpheresLoseTheirValuesAndAreCounted) {
  SearchlightMaps maps;
  maps.values = Eigen::MatrixXd::Ones(4, 2);
  maps.values(3, 1) = std::nan("");
  maps.n_voxels = Eigen::Vector4d(7, 2, 3, 9);
  EXPECT_EQ(maps.leave_out_below(3), 1);
  EXPECT_TRUE(maps.values.row(1).array().isNaN().all());
  EXPECT_EQ(maps.values(2, 0), 1);
  EXPECT_EQ(maps.n_missing(0), 1);
  EXPECT_EQ(maps.n_missing(1), 2);
}

}  // namespace searchlight_test
}  // namespace sociometer
