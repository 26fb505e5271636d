#include "io/report/raster.hpp"

#include <cmath>
#include <map>

#include <gtest/gtest.h>

#include "io/tables/table.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

constexpr double kPixel = 5;
const WorldBox kBox{{-25, -28, -19}, {25, 27, 21}};
const std::map<std::string, std::pair<Plane, double>> kPlanes{{"sagittal", {Plane::sagittal, 5}},
                                                              {"coronal", {Plane::coronal, -3}},
                                                              {"axial", {Plane::axial, 4}}};

/// tests/golden/nibabel/orientation: the same values under each of its affines.
std::map<std::string, GridValues> golden_images() {
  const Table affines = read_table(golden("nibabel/orientation/affines.tsv"));
  std::map<std::string, GridValues> images;
  for (size_t row = 0; row < affines.rows.size(); ++row) {
    GridValues image;
    image.grid.size = {7, 9, 5};
    for (int m = 0; m < 12; ++m)
      image.grid.world_from_voxel(m / 4, m % 4) = std::stod(affines.rows[row][size_t(m + 2)]);
    image.values.resize(image.grid.n_voxels());
    for (Eigen::Index v = 0; v < image.values.size(); ++v) {
      const auto [i, j, k] = image.grid.position(v);
      image.values[v] = float((7 * i + 13 * j + 29 * k) % 23 + i);
    }
    images[affines.rows[row][0]] = image;
  }
  return images;
}

/// Compares planes with nibabel's, where it has values.
/// @return the number of values compared.
int compare_planes(SliceInterpolation interpolation, size_t column, double tolerance) {
  const auto images = golden_images();
  const Table planes = read_table(golden("nibabel/orientation/planes.tsv"));
  std::map<std::string, Raster> rasters;
  int n = 0;
  for (const auto& row : planes.rows) {
    if (row[column] == "nan") continue;
    const auto [plane, at] = kPlanes.at(row[1]);
    auto found = rasters.find(row[0] + row[1]);
    if (found == rasters.end())
      found = rasters
                  .emplace(row[0] + row[1],
                           sample_slice(images.at(row[0]), plane, at, kBox, kPixel, interpolation))
                  .first;
    const Eigen::Vector3d world(std::stod(row[2]), std::stod(row[3]), std::stod(row[4]));
    const auto [x, y] = found->second.pixel_of(world);
    EXPECT_NEAR(double(found->second.at(x, y)), std::stod(row[column]), tolerance)
        << row[0] << ' ' << row[1] << " at " << world.transpose();
    ++n;
  }
  return n;
}

TEST(SampleSlice, HasNibabelsNearestVoxelsForAnyOrientation) {
  EXPECT_GT(compare_planes(SliceInterpolation::nearest, 5, 0), 300);
}

TEST(SampleSlice, HasNibabelsLinearValuesForAnyOrientation) {
  EXPECT_GT(compare_planes(SliceInterpolation::linear, 6, 2e-5), 300);
}

TEST(SampleSlice, HasLeftAtTheLeftForAnyOrientation) {
  // One voxel at the left, front and top of the person, found in the top left corner of its planes.
  for (const double sign : {1.0, -1.0}) {
    GridValues image;
    image.grid.size = {11, 11, 11};
    image.grid.world_from_voxel.diagonal() << sign * 2, 2, 2, 1;
    image.grid.world_from_voxel.topRightCorner<3, 1>() << -sign * 10, -10, -10;
    image.values = Eigen::VectorXf::Zero(image.grid.n_voxels());
    image.values[image.grid.index(sign > 0 ? 1 : 9, 8, 9)] = 1;  // at (-8, 6, 8)
    const WorldBox box{{-10, -10, -10}, {10, 10, 10}};
    const auto value = [&](Plane plane, double at, Eigen::Index column, Eigen::Index row) {
      return sample_slice(image, plane, at, box, 2, SliceInterpolation::linear).at(column, row);
    };
    EXPECT_EQ(value(Plane::axial, 8, 1, 2), 1) << sign;
    EXPECT_EQ(value(Plane::coronal, 6, 1, 1), 1) << sign;
    EXPECT_EQ(value(Plane::sagittal, -8, 8, 1), 1) << sign;
    EXPECT_EQ(project(image, Plane::axial, box, 2, Projection::largest).at(1, 2), 1) << sign;
  }
}

TEST(SampleSlice, HasNoValueBesideTheImageAndAmongMissingVoxels) {
  GridValues image;
  image.grid.size = {3, 1, 1};
  image.values = Eigen::Vector3f(4, NAN, 8);
  const auto at = [&](double x, SliceInterpolation interpolation) {
    return sample_slice(image, Plane::axial, 0, {{x, 0, 0}, {x, 0, 0}}, 1, interpolation).at(0, 0);
  };
  for (const SliceInterpolation how : {SliceInterpolation::nearest, SliceInterpolation::linear}) {
    EXPECT_TRUE(std::isnan(at(-0.6, how)));
    EXPECT_FLOAT_EQ(at(-0.4, how), 4);
    EXPECT_FLOAT_EQ(at(0.4, how), 4);
    EXPECT_TRUE(std::isnan(at(0.9, how)));
    EXPECT_FLOAT_EQ(at(1.7, how), 8);
    EXPECT_TRUE(std::isnan(at(2.6, how)));
  }
}

TEST(Resampled, AgreesWithSlices) {
  for (const auto& [name, image] : golden_images()) {
    const GridValues cube = resampled(image, kBox, kPixel, SliceInterpolation::linear);
    const Raster slice = sample_slice(image, Plane::coronal, kBox.low[1] + 5 * kPixel, kBox, kPixel,
                                      SliceInterpolation::linear);
    int n = 0;
    for (Eigen::Index row = 0; row < slice.height; ++row)
      for (Eigen::Index column = 0; column < slice.width; ++column) {
        const float expected = slice.at(column, row);
        const float found = cube.values[cube.grid.index(column, 5, slice.height - 1 - row)];
        if (std::isnan(expected)) {
          EXPECT_TRUE(std::isnan(found)) << name;
          continue;
        }
        EXPECT_FLOAT_EQ(found, expected) << name;
        ++n;
      }
    EXPECT_GT(n, 10) << name;
  }
}

TEST(Project, KeepsTheLargestOfEitherSign) {
  GridValues image;
  image.grid.size = {1, 1, 4};
  image.values = Eigen::Vector4f(2, NAN, -3, 1);
  const WorldBox box{{0, 0, 0}, {0, 0, 3}};
  EXPECT_EQ(project(image, Plane::axial, box, 1, Projection::largest).at(0, 0), 2);
  EXPECT_EQ(project(image, Plane::axial, box, 1, Projection::largest_magnitude).at(0, 0), -3);
}

/// The same for each affine, slice by slice.
TEST(Project, KeepsTheLargestOfAllSlices) {
  for (const auto& [name, image] : golden_images())
    for (const auto& [plane_name, plane] : kPlanes)
      for (const double pixel : {5., 1.}) {
        const Raster projected =
            project(image, plane.first, kBox, pixel, Projection::largest_magnitude);
        std::vector<float> slowly(projected.values.size(), NAN);
        const int normal = normal_axis(plane.first);
        for (double at = kBox.low[normal]; at <= kBox.high[normal] + pixel / 2; at += pixel) {
          const Raster slice =
              sample_slice(image, plane.first, at, kBox, pixel, SliceInterpolation::nearest);
          for (size_t i = 0; i < slowly.size(); ++i)
            if (!(slowly[i] >= slice.values[i]) && !std::isnan(slice.values[i]))
              slowly[i] = slice.values[i];  // no value is negative
        }
        for (size_t i = 0; i < slowly.size(); ++i)
          ASSERT_TRUE(slowly[i] == projected.values[i] ||
                      (std::isnan(slowly[i]) && std::isnan(projected.values[i])))
              << name << ' ' << plane_name << ' ' << pixel << " mm, pixel " << i;
      }
}

TEST(BoxAround, HoldsTheMaskAtMultiplesOfAPixel) {
  Mask mask;
  mask.grid.size = {4, 4, 4};
  mask.grid.world_from_voxel.diagonal() << -3, 3, 3, 1;
  mask.grid.world_from_voxel(0, 3) = 10;
  mask.voxels = {uint32_t(mask.grid.index(1, 1, 1)), uint32_t(mask.grid.index(3, 2, 1))};
  const WorldBox box = box_around(mask, 4, 2);  // x 1..7, y 3..6, z 3
  EXPECT_EQ(box.low, Eigen::Vector3d(-4, -2, -2));
  EXPECT_EQ(box.high, Eigen::Vector3d(12, 10, 8));
}

}  // namespace
}  // namespace sociometer::testing
