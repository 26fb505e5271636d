#include "io/images/nifti_write.hpp"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "io/images/nifti.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

Image written_and_read(const TemporaryFolder& folder, const std::vector<uint8_t>& bytes) {
  write_text(folder / "a.nii.gz", std::string(bytes.begin(), bytes.end()));
  return read_nifti(folder / "a.nii.gz");
}

double uniform(double low, double high) {
  return low + (high - low) * *rc::gen::inRange(0, 1 << 24) / double(1 << 24);
}

/// A grid rotated about all axes, possibly mirrored, with a distant origin.
Grid any_grid() {
  Grid grid;
  for (auto& n : grid.size) n = *rc::gen::inRange(1, 7);
  const Eigen::Matrix3d turned = (Eigen::AngleAxisd(uniform(-3, 3), Eigen::Vector3d::UnitX()) *
                                  Eigen::AngleAxisd(uniform(-3, 3), Eigen::Vector3d::UnitY()) *
                                  Eigen::AngleAxisd(uniform(-3, 3), Eigen::Vector3d::UnitZ()))
                                     .toRotationMatrix();
  Eigen::Vector3d sizes(uniform(0.5, 4), uniform(0.5, 4), uniform(0.5, 4));
  if (*rc::gen::arbitrary<bool>()) sizes[0] = -sizes[0];
  grid.world_from_voxel.topLeftCorner<3, 3>() = turned * sizes.asDiagonal();
  for (int i = 0; i < 3; ++i) grid.world_from_voxel(i, 3) = uniform(-200, 200);
  return grid;
}

double any_value(ScalarType type) {
  if (type == ScalarType::uint8) return *rc::gen::inRange(0, 256);
  const double value = uniform(-1, 1) * std::exp(uniform(-60, 60));
  return type == ScalarType::float32 ? double(float(value)) : value;
}

TEST(NiftiWrite, IsUndoneByReading) {
  const TemporaryFolder folder;
  EXPECT_TRUE(rc::check([&] {
    Mask mask{any_grid(), {}};
    for (uint32_t v = 0; v < uint32_t(mask.grid.n_voxels()); ++v)
      if (*rc::gen::arbitrary<bool>()) mask.voxels.push_back(v);
    const auto type =
        *rc::gen::element(ScalarType::uint8, ScalarType::float32, ScalarType::float64);
    Eigen::MatrixXd values(mask.n_voxels(), *rc::gen::inRange(1, 4));
    for (auto& v : values.reshaped()) v = any_value(type);
    const Image image = written_and_read(folder, nifti_bytes(mask, values, type, "a test"));
    Eigen::MatrixXd expected = Eigen::MatrixXd::Zero(mask.grid.n_voxels(), values.cols());
    for (size_t i = 0; i < mask.voxels.size(); ++i)
      expected.row(mask.voxels[i]) = values.row(Eigen::Index(i));
    RC_ASSERT(image.header.format.type == type);
    RC_ASSERT(bool(same_bits(image.values, expected)));
    RC_ASSERT(image.header.grid.size == mask.grid.size);
    RC_ASSERT(bool(
        close_relative(image.header.grid.world_from_voxel, mask.grid.world_from_voxel, 1e-6, 1)));
    RC_ASSERT(image.header.sform_code > 0 && image.header.qform_code > 0);
  }));
}

TEST(NiftiWrite, SetsAQformEqualToTheSform) {
  const TemporaryFolder folder;
  EXPECT_TRUE(rc::check([&] {
    const Mask mask{any_grid(), {}};
    written_and_read(folder, nifti_bytes(mask, Eigen::MatrixXd(0, 1), ScalarType::uint8, ""));
    // Without its sform the file must have the same position.
    const auto stream = open_byte_stream(folder / "a.nii.gz");
    std::string bytes(size_t(352 + mask.grid.n_voxels()), '\0');
    RC_ASSERT(stream->read(std::as_writable_bytes(std::span(bytes))) == bytes.size());
    bytes[254] = bytes[255] = 0;
    write_text(folder / "b.nii", bytes);
    const NiftiHeader header = read_nifti_header(folder / "b.nii");
    // Near half a turn the quaternion's first component is the root of a float32 rounding error.
    RC_ASSERT(header.sform_code == 0);
    RC_ASSERT(
        bool(close_relative(header.grid.world_from_voxel, mask.grid.world_from_voxel, 2e-3, 1)));
  }));
}

TEST(NiftiWrite, KeepsNanAndInfinity) {
  Mask mask{{{3, 1, 1}, Eigen::Matrix4d::Identity()}, {0, 1, 2}};
  const Eigen::MatrixXd values = Eigen::Vector3d(NAN, INFINITY, -INFINITY);
  const TemporaryFolder folder;
  for (ScalarType type : {ScalarType::float32, ScalarType::float64})
    EXPECT_TRUE(
        same_bits(written_and_read(folder, nifti_bytes(mask, values, type, "")).values, values));
}

TEST(NiftiWrite, TurnsToNifti2ForLongDimensions) {
  Mask mask{{{40000, 1, 1}, Eigen::Matrix4d::Identity()}, {0, 39999}};
  const TemporaryFolder folder;
  const Image image = written_and_read(
      folder, nifti_bytes(mask, Eigen::Vector2d(1.5, -2.5), ScalarType::float32, ""));
  EXPECT_EQ(image.header.grid.size, mask.grid.size);
  EXPECT_TRUE(close_number(image.values(39999, 0), -2.5, 0));
  EXPECT_TRUE(close_number(image.values.cwiseAbs().sum(), 4, 0));
}

TEST(NiftiWrite, SeriesHoldTheirScaleAndRepetitionTime) {
  const Grid grid{{2, 2, 1}, Eigen::Matrix4d::Identity()};
  Eigen::MatrixXf volumes(4, 3);
  volumes << 0, 500, 1000, 10, 510, 1010, 0.04f, 499.99f, 1e9f, -1e9f, 3, 4;
  const TemporaryFolder folder;
  const Image image = written_and_read(
      folder, nifti_series_bytes(grid, volumes, 0.735, ScalarType::int16, 0.05, 500));
  ASSERT_TRUE(image.header.tr_s.has_value());
  EXPECT_TRUE(close_number(*image.header.tr_s, 0.735, 1e-15));
  EXPECT_TRUE(image.header.tr_unit_known);
  // Half a step of the scale; values out of range are clipped to int16.
  const Eigen::MatrixXd expected =
      volumes.cast<double>().cwiseMin(500 + 0.05 * 32767).cwiseMax(500 - 0.05 * 32768);
  EXPECT_LE((image.values - expected).cwiseAbs().maxCoeff(), 0.0251);
}

TEST(NiftiWrite, GivesTheSameBytesEachTime) {
  Mask mask{{{5, 6, 7}, Eigen::Matrix4d::Identity()}, {3, 50, 209}};
  const auto make = [&](const char* description) {
    return nifti_bytes(mask, Eigen::Vector3d(1, 2, 3), ScalarType::float32, description);
  };
  EXPECT_EQ(make("a"), make("a"));
  EXPECT_NE(make("a"), make("b"));
}

TEST(NiftiWrite, CutsADescriptionThatIsTooLong) {
  Mask mask{{{2, 1, 1}, Eigen::Matrix4d::Identity()}, {0, 1}};
  const TemporaryFolder folder;
  const Image image = written_and_read(
      folder, nifti_bytes(mask, Eigen::Vector2d(1, 2), ScalarType::float32, std::string(200, 'd')));
  EXPECT_TRUE(same_bits(image.values, Eigen::Vector2d(1, 2)));
}

TEST(NiftiSeriesWriter, WritesVolumeByVolumeWhatTheWholeSeriesWouldBe) {
  const TemporaryFolder folder;
  Mask mask{{}, {1, 5, 6, 22}};
  mask.grid.size = {4, 3, 2};
  mask.grid.world_from_voxel.diagonal() << 2, 2, 3, 1;
  Eigen::MatrixXd values(4, 3);
  values << 1, 2, 3, -4, 5.25, 6, 7, 8000, 9, 10, 11, 12;
  NiftiSeriesWriter writer(mask, 3, 1.5, ScalarType::int16, 0.25, "a test");
  for (Eigen::Index t = 0; t < 3; ++t) writer.add(values.col(t));
  const Image image = written_and_read(folder, writer.finish());
  EXPECT_EQ(image.header.format.type, ScalarType::int16);
  EXPECT_EQ(image.header.grid.size, mask.grid.size);
  Eigen::MatrixXd expected = Eigen::MatrixXd::Zero(24, 3);
  for (size_t i = 0; i < 4; ++i) expected.row(mask.voxels[i]) = values.row(Eigen::Index(i));
  EXPECT_EQ(image.values, expected);
}

}  // namespace
}  // namespace sociometer::testing
