#include "engine/core/masked_values.hpp"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

namespace sociometer {
namespace {

Mask mask_of(std::vector<uint32_t> voxels) {
  Mask mask;
  mask.grid.size = {3, 2, 2};
  mask.voxels = std::move(voxels);
  return mask;
}

TEST(MaskedValues, AreThoseOfTheVoxelsInTheirOrder) {
  const Eigen::VectorXd image = Eigen::VectorXd::LinSpaced(12, 0, 110);
  const Eigen::VectorXd values = values_at(mask_of({0, 4, 11}), image);
  ASSERT_EQ(values.size(), 3);
  EXPECT_EQ(values[0], image[0]);
  EXPECT_EQ(values[1], image[4]);
  EXPECT_EQ(values[2], image[11]);
  EXPECT_EQ(values_at(mask_of({}), image).size(), 0);
  EXPECT_THROW(values_at(mask_of({0}), image.head(11)), std::logic_error);
}

TEST(MaskedValues, OfSeveralImagesAreThoseOfEach) {
  const Eigen::MatrixXd images = Eigen::MatrixXd::Random(12, 3);
  const Mask mask = mask_of({1, 2, 9});
  const Eigen::MatrixXd rows = rows_at(mask, images);
  ASSERT_EQ(rows.rows(), 3);
  for (Eigen::Index i = 0; i < 3; ++i)
    EXPECT_EQ(Eigen::VectorXd(rows.row(i).transpose()), values_at(mask, images.col(i)));
}

TEST(MaskedValues, SharedPositionsAreThoseThatASearchFinds) {
  const Mask whole = mask_of({0, 2, 3, 7, 8, 11});
  for (const Mask& part : {mask_of({}), mask_of({2, 7, 11}), mask_of({1, 3, 4, 8, 9}), whole}) {
    std::vector<Eigen::Index> expected;
    for (size_t v = 0; v < whole.voxels.size(); ++v)
      if (std::binary_search(part.voxels.begin(), part.voxels.end(), whole.voxels[v]))
        expected.push_back(Eigen::Index(v));
    EXPECT_EQ(shared_positions(whole, part), expected);
  }
}

TEST(MaskedValues, StackedMatricesKeepTheirOrder) {
  const Eigen::MatrixXd a = Eigen::MatrixXd::Random(2, 3), b = Eigen::MatrixXd::Random(1, 3);
  const Eigen::MatrixXd all = stacked({a, b}, 3);
  ASSERT_EQ(all.rows(), 3);
  EXPECT_EQ(Eigen::MatrixXd(all.topRows(2)), a);
  EXPECT_EQ(Eigen::MatrixXd(all.bottomRows(1)), b);
  EXPECT_EQ(stacked({}, 3).rows(), 0);
  EXPECT_EQ(stacked({}, 3).cols(), 3);
  EXPECT_THROW(stacked({a, Eigen::MatrixXd(1, 2)}, 3), std::logic_error);
}

TEST(RegionNumbers, LaterRegionsCoverEarlierOnes) {
  EXPECT_EQ(region_numbers({{0, 1}, {1, 3}}, 4), Eigen::Vector4d(1, 2, 0, 2));
  EXPECT_EQ(region_numbers({}, 2), Eigen::Vector2d::Zero());
}

}  // namespace
}  // namespace sociometer
