#include "engine/group/whole_maps.hpp"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "engine/core/missing.hpp"

namespace sociometer {
namespace {

using Eigen::Index;

/// Effects, zeros, missing and infinite values; map 2 has none at all.
Eigen::MatrixXd mixed_maps(Index n_maps, Index n_voxels) {
  std::mt19937 random(4);
  Eigen::MatrixXd maps(n_maps, n_voxels);
  for (Index m = 0; m < n_maps; ++m)
    for (Index v = 0; v < n_voxels; ++v) {
      const auto dice = random() % 8;
      maps(m, v) = dice == 0   ? 0
                   : dice == 1 ? kNaN
                   : dice == 2 ? std::numeric_limits<double>::infinity()
                               : double(random() % 1000) - 500.5;
      if (v < n_voxels / 3 || m == 2) maps(m, v) = m == 2 ? kNaN : 0;
    }
  return maps;
}

WholeMaps put_all(const Eigen::MatrixXd& maps, Zeros zeros) {
  WholeMaps out(maps.rows(), maps.cols(), zeros);
  for (Index m = 0; m < maps.rows(); ++m) {
    const Eigen::VectorXd map = maps.row(m).transpose();
    EXPECT_EQ(out.put(m, {map.data(), size_t(map.size())}), m != 2);
  }
  return out;
}

class WholeMapsWith : public ::testing::TestWithParam<Zeros> {};

TEST_P(WholeMapsWith, FindTheVoxelsThatACountFinds) {
  const Eigen::MatrixXd maps = mixed_maps(6, 900);
  const WholeMaps whole = put_all(maps, GetParam());
  const std::vector<MapPair> rows{{0, {}}, {1, {}}, {3, 4}, {5, {}}};
  for (const Index least : {2, 4}) {
    PresenceCount presence(maps.cols(), GetParam());
    for (const MapPair& row : rows) {
      const Eigen::VectorXd one = maps.row(Index(row.map)).transpose();
      if (row.other) {
        const Eigen::VectorXd other = maps.row(Index(*row.other)).transpose();
        presence.add({one.data(), size_t(one.size())}, {other.data(), size_t(other.size())});
      } else {
        presence.add({one.data(), size_t(one.size())});
      }
    }
    EXPECT_EQ(whole.reached_by(rows, least), presence.reached_by(least));
  }
}

TEST_P(WholeMapsWith, GiveTheValuesOfAMask) {
  const Eigen::MatrixXd maps = mixed_maps(6, 900);
  std::vector<uint32_t> voxels;
  for (uint32_t v = 0; v < 900; ++v)
    if (v % 7 < 3) voxels.push_back(v);
  std::vector<Index> empty;
  const auto data = put_all(maps, GetParam()).take(voxels, empty);
  EXPECT_EQ(empty, std::vector<Index>{2});
  ASSERT_EQ(data->n_participants(), 6);
  ASSERT_EQ(data->n_voxels(), Index(voxels.size()));
  Eigen::MatrixXd space;
  const GroupBlock block = data->block(0, data->n_voxels(), space);
  for (Index k = 0; k < block.cols(); ++k)
    for (Index m = 0; m < 6; ++m) {
      const double value = maps(m, Index(voxels[size_t(k)]));
      if (is_present(value, GetParam()))
        EXPECT_EQ(block(m, k), value);
      else
        EXPECT_TRUE(std::isnan(block(m, k)));
    }
}

INSTANTIATE_TEST_SUITE_P(Zeros, WholeMapsWith, ::testing::Values(Zeros::missing, Zeros::value));

}  // namespace
}  // namespace sociometer
