#include <cmath>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/io/raw_nifti.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

NiftiHeader header_of(const RawNifti& raw) {
  const TemporaryFolder folder;
  write_text(folder / "a.nii", raw.file());
  return read_nifti_header(folder / "a.nii");
}

Eigen::Matrix4d matrix(const std::array<double, 12>& rows) {
  Eigen::Matrix4d m = Eigen::Matrix4d::Identity();
  for (int i = 0; i < 12; ++i) m(i / 4, i % 4) = rows[size_t(i)];
  return m;
}

/// Rotation by `degrees` about the z axis, as a quaternion's b, c, d.
std::array<double, 3> about_z(double degrees) {
  return {0, 0, std::sin(degrees / 360 * std::acos(-1.0))};
}

RawNifti with_qform() {
  RawNifti raw;
  raw.pixdim = {1, 2, 3, 4, 2, 1, 1, 1};
  raw.qform_code = 1;
  raw.quatern = about_z(90);
  raw.qoffset = {-10, 20, -30};
  return raw;
}

TEST(NiftiAffine, OfTheSformComesBeforeTheQform) {
  for (int version : {1, 2}) {
    RawNifti raw = with_qform();
    raw.version = version;
    raw.sform_code = 4;
    raw.srow = {-3, 0.5, 0, 90, 0.25, 2.5, -1, -126, 0, 1, 4, -72};  // oblique, left-handed
    EXPECT_TRUE(close_relative(header_of(raw).grid.world_from_voxel, matrix(raw.srow), 1e-7, 1));
  }
}

TEST(NiftiAffine, OfTheQformTurnsAndStretches) {
  // 90 degrees about z: voxel x runs along world y, voxel y along world -x.
  const Eigen::Matrix4d expected = matrix({0, -3, 0, -10, 2, 0, 0, 20, 0, 0, 4, -30});
  for (int version : {1, 2}) {
    RawNifti raw = with_qform();
    raw.version = version;
    EXPECT_TRUE(close_relative(header_of(raw).grid.world_from_voxel, expected, 1e-6, 1));
  }
}

TEST(NiftiAffine, OfTheQformIsLeftHandedWithQfacMinusOne) {
  RawNifti raw = with_qform();
  raw.pixdim[0] = -1;
  const Eigen::Matrix4d expected = matrix({0, -3, 0, -10, 2, 0, 0, 20, 0, 0, -4, -30});
  EXPECT_TRUE(close_relative(header_of(raw).grid.world_from_voxel, expected, 1e-6, 1));
}

TEST(NiftiAffine, OfAnObliqueQformHasTheRotationInIt) {
  RawNifti raw = with_qform();
  raw.quatern = about_z(30);
  const double c = std::cos(std::acos(-1.0) / 6), s = 0.5;
  const Eigen::Matrix4d expected =
      matrix({2 * c, -3 * s, 0, -10, 2 * s, 3 * c, 0, 20, 0, 0, 4, -30});
  EXPECT_TRUE(close_relative(header_of(raw).grid.world_from_voxel, expected, 1e-6, 1));
}

TEST(NiftiAffine, WithoutSformAndQformHasTheVoxelSizes) {
  RawNifti raw;
  raw.pixdim = {1, 2, 3, 4, 2, 1, 1, 1};
  const Eigen::Matrix4d m = header_of(raw).grid.world_from_voxel;
  const Eigen::Vector3d sizes(2, 3, 4);
  EXPECT_TRUE(close_relative(m.topLeftCorner<3, 3>().cwiseAbs(),
                             Eigen::Matrix3d(sizes.asDiagonal()), 1e-7, 1));
}

TEST(NiftiAffine, InMetresOrMicronsBecomesMillimetres) {
  RawNifti raw;
  raw.sform_code = 1;
  raw.srow = {0.002, 0, 0, -0.09, 0, 0.003, 0, 0, 0, 0, 0.004, 0};
  raw.xyzt_units = 1 + 8;
  EXPECT_TRUE(close_relative(header_of(raw).grid.world_from_voxel,
                             matrix({2, 0, 0, -90, 0, 3, 0, 0, 0, 0, 4, 0}), 1e-6, 1));
  raw.srow = {2000, 0, 0, -90000, 0, 3000, 0, 0, 0, 0, 4000, 0};
  raw.xyzt_units = 3 + 8;
  EXPECT_TRUE(close_relative(header_of(raw).grid.world_from_voxel,
                             matrix({2, 0, 0, -90, 0, 3, 0, 0, 0, 0, 4, 0}), 1e-6, 1));
}

TEST(NiftiRepetitionTime, IsReadInItsUnit) {
  const struct {
    double pixdim;
    int unit;
  } cases[] = {{0.8, 8}, {800, 16}, {800000, 24}};
  for (int version : {1, 2})
    for (const auto& c : cases) {
      RawNifti raw = raw_series({2, 2, 2, 3}, {});
      raw.version = version;
      raw.pixdim[4] = c.pixdim;
      raw.xyzt_units = 2 + c.unit;
      const NiftiHeader header = header_of(raw);
      ASSERT_TRUE(header.tr_s.has_value());
      EXPECT_TRUE(header.tr_unit_known);
      EXPECT_TRUE(close_number(*header.tr_s, 0.8, 1e-15)) << "unit code " << c.unit;
    }
}

TEST(NiftiRepetitionTime, WithoutUnitIsReported) {
  RawNifti raw = raw_series({2, 2, 2, 3}, {});
  raw.pixdim[4] = 2.5;
  raw.xyzt_units = 2;
  const NiftiHeader header = header_of(raw);
  EXPECT_FALSE(header.tr_unit_known);
  ASSERT_TRUE(header.tr_s.has_value());
  EXPECT_TRUE(close_number(*header.tr_s, 2.5, 0));
}

TEST(NiftiRepetitionTime, IsNotInventedWhereTheHeaderHasNone) {
  for (int version : {1, 2})
    for (double none : {0.0, -2.0, double(NAN)}) {
      RawNifti raw = raw_series({2, 2, 2, 3}, {});
      raw.version = version;
      raw.pixdim[4] = none;
      const NiftiHeader header = header_of(raw);
      EXPECT_FALSE(header.tr_s.has_value())
          << "pixdim[4] is " << none << ", TR became " << header.tr_s.value_or(0) << " s";
    }
}

}  // namespace
}  // namespace sociometer::testing
