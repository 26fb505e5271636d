#include "engine/group/clusters.hpp"

#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "io/tables/table.hpp"
#include "tests/engine/group/group_data.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

std::vector<double> values_of(const Eigen::VectorXd& map) { return {map.begin(), map.end()}; }

std::vector<size_t> sizes(const std::vector<Cluster>& clusters) {
  std::vector<size_t> out;
  for (const Cluster& c : clusters) out.push_back(c.voxels.size());
  return out;
}

/// Voxels of a label image by label; 0 is outside.
std::set<std::vector<uint32_t>> parts_of(const Eigen::VectorXd& labels) {
  std::map<double, std::vector<uint32_t>> by_label;
  for (Index v = 0; v < labels.size(); ++v)
    if (labels[v] != 0) by_label[labels[v]].push_back(uint32_t(v));
  std::set<std::vector<uint32_t>> parts;
  for (auto& [label, voxels] : by_label) parts.insert(voxels);
  return parts;
}

class AfniClusters : public ::testing::TestWithParam<int> {};

TEST_P(AfniClusters, AreReproducedForBothSigns) {
  const int nn = GetParam();
  const Mask mask = read_mask(testing::golden("afni/group/in_mask.nii.gz"));
  const Eigen::MatrixXd t = testing::masked(testing::golden("afni/group/tt_1samp.nii.gz"), mask);
  const std::string name = "afni/group/clust_nn" + std::to_string(nn);
  const Eigen::VectorXd labels =
      testing::masked(testing::golden(name + "_map.nii.gz"), mask).col(0);
  const int connectivity[] = {6, 18, 26};
  ClusterOptions options;
  options.threshold = 2.2;
  options.min_size = 3;
  const Neighbourhood near(mask, connectivity[nn - 1]);
  std::set<std::vector<uint32_t>> found;
  for (const double sign : {1.0, -1.0})
    for (const Cluster& c : find_clusters(mask, near, values_of(sign * t.col(1)), options))
      found.insert(c.voxels);
  EXPECT_EQ(found, parts_of(labels));
  EXPECT_GT(found.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(ByConnectivity, AfniClusters, ::testing::Values(1, 2, 3));

TEST(Clusters, PeaksAndCentreOfGravityEqualFsl) {
  const testing::GroupGolden group;
  ClusterOptions options;
  options.threshold = 2.3;
  options.min_size = 50;
  options.peak_distance_mm = 0;
  const auto clusters =
      find_clusters(group.mask, Neighbourhood(group.mask, 26),
                    values_of(group.map("fsl/group/one_flame1/zstat1.nii.gz")), options);
  const Table table = read_table(testing::golden("fsl/group/cl_table.txt"));
  ASSERT_EQ(clusters.size(), 1u);
  EXPECT_EQ(double(clusters[0].voxels.size()), number_in(table, 0, 1));
  EXPECT_NEAR(clusters[0].peaks[0].value, number_in(table, 0, 4), 0.005);
  const Eigen::Vector3d cog =
      (group.mask.grid.world_from_voxel.inverse() * clusters[0].centre_of_gravity_mm.homogeneous())
          .head<3>();
  const auto peak = group.mask.grid.position(group.mask.voxels[clusters[0].peaks[0].voxel]);
  for (int d = 0; d < 3; ++d) {
    EXPECT_NEAR(cog[d], number_in(table, 0, 8 + d), 0.005);
    EXPECT_EQ(double(peak[size_t(d)]), number_in(table, 0, 5 + d));
  }
  // Its list of local maxima has a second one.
  const Eigen::MatrixXd maxima = testing::number_table(testing::golden("fsl/group/cl_lmax.txt"));
  ASSERT_EQ(maxima.rows(), 2);
  bool found = false;
  for (const Peak& p : clusters[0].peaks) {
    const auto at = group.mask.grid.position(group.mask.voxels[p.voxel]);
    found |= double(at[0]) == maxima(1, 2) && double(at[1]) == maxima(1, 3) &&
             double(at[2]) == maxima(1, 4);
  }
  EXPECT_TRUE(found);
}

class NilearnClusters : public ::testing::TestWithParam<int> {};

TEST_P(NilearnClusters, TablesAreReproduced) {
  const int distance = GetParam();
  const Mask mask = read_mask(testing::golden("nilearn/data/mask.nii.gz"));
  const Eigen::VectorXd z =
      testing::masked(testing::golden("nilearn/first_level/spm_cosine_ar1/a-b_z_score.nii.gz"),
                      mask)
          .col(0);
  ClusterOptions options;
  options.threshold = 2.0;
  options.above_only = true;
  options.peak_distance_mm = distance;
  auto clusters = find_clusters(mask, Neighbourhood(mask, 6), values_of(z), options);
  // nilearn numbers clusters by their maximum.
  std::stable_sort(clusters.begin(), clusters.end(), [](const Cluster& a, const Cluster& b) {
    return a.peaks[0].value > b.peaks[0].value;
  });
  const Table table = read_table(testing::golden("nilearn/thresholding/clusters_thr2.0_k0_two0_md" +
                                                 std::to_string(distance) + ".tsv"));
  const double voxel_mm3 = std::abs(mask.grid.world_from_voxel.determinant());
  size_t row = 0;
  for (const Cluster& cluster : clusters)
    for (size_t k = 0; k < cluster.peaks.size(); ++k, ++row) {
      ASSERT_LT(row, table.rows.size());
      const Eigen::Vector3d at = mask.grid.world(mask.voxels[cluster.peaks[k].voxel]);
      for (int d = 0; d < 3; ++d) EXPECT_NEAR(at[d], number_in(table, row, 1 + d), 1e-4);
      EXPECT_NEAR(cluster.peaks[k].value, number_in(table, row, 4), 1e-9);
      if (k > 0) continue;
      // The table holds whole mm3.
      EXPECT_EQ(std::floor(double(cluster.voxels.size()) * voxel_mm3 + 1e-6),
                number_in(table, row, 5));
    }
  EXPECT_EQ(row, table.rows.size());
}

INSTANTIATE_TEST_SUITE_P(ByPeakDistance, NilearnClusters, ::testing::Values(4, 8));

TEST(Clusters, RealFeatSizesAreReproducedExactly) {
  SOCIOMETER_NEEDS_DATA(folder, "fsl_feat_doors_sub1240");
  const Mask mask = read_mask(folder + "/mask.nii.gz");
  ClusterOptions options;
  options.threshold = 2.3;
  options.min_size = 60;
  options.above_only = true;
  const Neighbourhood near(mask, 26);
  const auto of = [&](int k) {
    const auto z = testing::masked(folder + "/stats/zstat" + std::to_string(k) + ".nii.gz", mask);
    return find_clusters(mask, near, values_of(z.col(0)), options);
  };
  EXPECT_EQ(sizes(of(1)), (std::vector<size_t>{12479, 563, 433, 161, 133, 97, 86}));
  EXPECT_EQ(of(2)[0].voxels.size(), 80u);
  const Eigen::VectorXd labels =
      testing::masked(folder + "/cluster_mask_zstat1.nii.gz", mask).col(0);
  std::set<std::vector<uint32_t>> found;
  for (const Cluster& c : of(1)) found.insert(c.voxels);
  EXPECT_EQ(found, parts_of(labels));
}

Mask line(Index n) {
  Mask mask;
  mask.grid.size = {n, 1, 1};
  for (uint32_t v = 0; v < n; ++v) mask.voxels.push_back(v);
  return mask;
}

TEST(Clusters, MassSubPeaksAndPlateausByHand) {
  const Mask mask = line(12);
  const std::vector<double> values = {0, 3, 5, 3, 4, 4, 3, NAN, 6, 2, 2.5, 1};
  ClusterOptions options;
  options.threshold = 2;
  options.peak_distance_mm = 1.5;
  const auto clusters = find_clusters(mask, Neighbourhood(mask, 6), values, options);
  ASSERT_EQ(sizes(clusters), (std::vector<size_t>{6, 3}));
  EXPECT_EQ(clusters[0].mass, 1 + 3 + 1 + 2 + 2 + 1);
  ASSERT_EQ(clusters[0].peaks.size(), 2u);  // the plateau 4, 4 is one peak
  EXPECT_EQ(clusters[0].peaks[1].voxel, 4u);
  EXPECT_EQ(clusters[1].peaks.size(), 2u);
  options.peak_distance_mm = 2;  // a sub-peak must be farther away than the distance, not at it
  EXPECT_EQ(find_clusters(mask, Neighbourhood(mask, 6), values, options)[0].peaks.size(), 1u);
  options.above_only = true;  // 2 no longer passes: 6 | 2.5
  EXPECT_EQ(sizes(find_clusters(mask, Neighbourhood(mask, 6), values, options)),
            (std::vector<size_t>{6, 1, 1}));
  EXPECT_EQ(cluster_labels(clusters, 12)[8], 2u);
}

TEST(Clusters, NothingAboveAndWrongSizes) {
  const Mask mask = line(3);
  const Neighbourhood near(mask, 26);
  EXPECT_TRUE(find_clusters(mask, near, std::vector<double>{1, 1, 1}, {.threshold = 2}).empty());
  EXPECT_THROW(find_clusters(mask, near, std::vector<double>{1, 1}, {}), Error);
}

}  // namespace
}  // namespace sociometer
