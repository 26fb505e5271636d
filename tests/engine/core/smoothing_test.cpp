#include "engine/core/smoothing.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"
#include "io/images/nifti.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer {
namespace {

using testing::golden;

class NilearnSmoothing : public ::testing::TestWithParam<std::pair<const char*, Eigen::Vector3d>> {
};

TEST_P(NilearnSmoothing, IsReproduced) {
  const Image image = read_nifti(golden("nilearn/data/run-1_bold.nii.gz"));
  const Image expected = read_nifti(golden(std::string("nilearn/first_level/") + GetParam().first));
  std::vector<double> volume(image.values.col(0).data(),
                             image.values.col(0).data() + image.values.rows());
  GaussianSmoother(image.header.grid, GetParam().second).smooth(volume);
  // nilearn smooths float32 data in float32.
  EXPECT_TRUE(testing::close_by_column(
      Eigen::Map<Eigen::VectorXd>(volume.data(), Eigen::Index(volume.size())), expected.values,
      2e-7));
}
INSTANTIATE_TEST_SUITE_P(
    Goldens, NilearnSmoothing,
    ::testing::Values(std::pair{"smooth_fwhm6_vol0.nii.gz", Eigen::Vector3d(6, 6, 6)},
                      std::pair{"smooth_fwhm4-5-8_vol0.nii.gz", Eigen::Vector3d(4, 5, 8)}),
    [](const auto& tested) { return "Case" + std::to_string(tested.index); });

Grid cube(Eigen::Index n) {
  Grid grid;
  grid.size = {n, n, n};
  return grid;
}

TEST(Smoothing, LeavesAConstantImageConstantUpToTheEdge) {
  const Grid grid = cube(7);
  std::vector<double> volume(343, 42.5);
  GaussianSmoother(grid, {5, 5, 5}).smooth(volume);
  for (double v : volume) EXPECT_TRUE(testing::close_number(v, 42.5, 1e-13));
}

TEST(Smoothing, GivesNaNVoxelsNoWeightAndLeavesThemNaN) {
  const Grid grid = cube(9);
  std::vector<double> volume(729, 3.0);
  const auto hole = size_t(grid.index(4, 4, 4));
  volume[hole] = NAN;
  GaussianSmoother(grid, {3, 3, 3}).smooth(volume);
  for (size_t i = 0; i < volume.size(); ++i) {
    if (i == hole)
      EXPECT_TRUE(std::isnan(volume[i]));
    else
      ASSERT_TRUE(testing::close_number(volume[i], 3, 1e-13)) << i;
  }
}

TEST(Smoothing, OfZeroWidthChangesNothing) {
  std::vector<double> volume(27);
  for (size_t i = 0; i < 27; ++i) volume[i] = double(i * i);
  const auto before = volume;
  GaussianSmoother(cube(3), {0, 0, 0}).smooth(volume);
  EXPECT_EQ(volume, before);
}

TEST(Smoothing, RefusesNegativeWidths) {
  EXPECT_THROW(GaussianSmoother(cube(3), {-1, 2, 2}), Error);
}

}  // namespace
}  // namespace sociometer
