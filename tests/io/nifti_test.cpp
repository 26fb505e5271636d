#include "io/images/nifti.hpp"

#include <cmath>
#include <limits>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/io/raw_nifti.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

Eigen::MatrixXd expected_values(const RawNifti& raw, double slope = 1, double inter = 0) {
  const auto n = Eigen::Index(raw.n_values());
  Eigen::MatrixXd values(n, 1);
  for (Eigen::Index i = 0; i < n; ++i) values(i, 0) = slope * raw.stored(size_t(i)) + inter;
  const Eigen::Index n_volumes = raw.dim[0] >= 4 ? raw.dim[4] : 1;
  return values.reshaped(n / n_volumes, n_volumes);
}

/// Values at both ends of a type's range; beyond 2^53 only those representable as a double.
std::vector<double> extremes(int datatype) {
  switch (datatype) {
    case 2:
      return {0, 1, 127, 128, 254, 255};
    case 256:
      return {-128, -1, 0, 1, 126, 127};
    case 4:
      return {-32768, -257, -1, 0, 258, 32767};
    case 512:
      return {0, 1, 257, 32768, 65534, 65535};
    case 8:
      return {-2147483648.0, -65537, -1, 0, 66051, 2147483647};
    case 768:
      return {0, 1, 66051, 2147483648.0, 4294967294.0, 4294967295.0};
    case 1024:
      return {-std::ldexp(1, 63), -1, 0, 1, 72623859790382856.0, std::ldexp(1, 62)};
    case 1280:
      return {0, 1, 2, 256, 72623859790382856.0, std::ldexp(1, 63)};
    case 16:
      return {-1.5, 0.1f, 3.4e38f, 1e-38f, 0, NAN};
    default:
      return {-1.5, 0.1, 1.7e308, 1e-308, 0, NAN};
  }
}

/// Datatype, big-endian, version, container (0 .nii, 1 .nii.gz, 2 .hdr/.img).
using Storage = std::tuple<int, bool, int, int>;
class NiftiStorage : public ::testing::TestWithParam<Storage> {};

std::string store(const TemporaryFolder& folder, const RawNifti& raw, int container) {
  const std::string path = folder / (container == 0   ? "a.nii"
                                     : container == 1 ? "a.nii.gz"
                                                      : "a.hdr");
  if (container == 0) write_text(path, raw.file());
  if (container == 1) write_text(path, gzipped(raw.file()));
  if (container == 2) {
    write_text(path, raw.header());
    write_text(folder / "a.img", raw.voxels());
  }
  return path;
}

TEST_P(NiftiStorage, GivesTheNumbersThatWereStored) {
  const auto [datatype, big_endian, version, container] = GetParam();
  RawNifti raw;
  raw.datatype = datatype;
  raw.big_endian = big_endian;
  raw.version = version;
  raw.pair = container == 2;
  raw.dim = {4, 1, 3, 1, 2, 1, 1, 1};
  raw.values = extremes(datatype);
  const TemporaryFolder folder;
  const Image image = read_nifti(store(folder, raw, container));
  EXPECT_TRUE(same_bits(image.values, expected_values(raw)));
  EXPECT_EQ(image.header.grid.size, (std::array<Eigen::Index, 3>{1, 3, 1}));
}

INSTANTIATE_TEST_SUITE_P(
    All, NiftiStorage,
    ::testing::Combine(::testing::Values(2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280),
                       ::testing::Bool(), ::testing::Values(1, 2), ::testing::Values(0, 1, 2)));

Image read_scaled(double slope, double inter, int version) {
  RawNifti raw;
  raw.datatype = 4;
  raw.version = version;
  raw.slope = slope;
  raw.inter = inter;
  const TemporaryFolder folder;
  write_text(folder / "a.nii", raw.file());
  return read_nifti(folder / "a.nii");
}

TEST(NiftiScaling, IsSlopeTimesStoredPlusIntercept) {
  const double slope = 0.05f;  // as stored in the file
  EXPECT_TRUE(close_relative(read_scaled(slope, 500, 1).values,
                             expected_values(RawNifti{}, slope, 500), 1e-15));
  EXPECT_TRUE(close_relative(read_scaled(0.05, -500, 2).values,
                             expected_values(RawNifti{}, 0.05, -500), 1e-15));
}

TEST(NiftiScaling, IsAbsentWithSlopeZeroNanOrInfinite) {
  for (int version : {1, 2})
    for (double slope : {0.0, double(NAN), double(INFINITY)})
      EXPECT_TRUE(same_bits(read_scaled(slope, 7, version).values, expected_values(RawNifti{})))
          << "slope " << slope << " in NIfTI-" << version;
}

TEST(NiftiScaling, TakesInterceptNanForZero) {
  EXPECT_TRUE(same_bits(read_scaled(2, NAN, 1).values, expected_values(RawNifti{}, 2, 0)));
}

TEST(NiftiImage, StartsWhereTheHeaderPutsTheFirstVoxel) {
  for (const bool pair : {false, true}) {
    RawNifti raw;
    raw.extra_offset = 160;
    raw.pair = pair;
    const TemporaryFolder folder;
    EXPECT_TRUE(
        same_bits(read_nifti(store(folder, raw, pair ? 2 : 1)).values, expected_values(raw)));
  }
}

TEST(NiftiImage, ReadsPairsByEitherName) {
  RawNifti raw;
  raw.pair = true;
  const TemporaryFolder folder;
  store(folder, raw, 2);
  const Image image = read_nifti(folder / "a.img");
  EXPECT_TRUE(same_bits(image.values, expected_values(raw)));
  EXPECT_EQ(image.header.data_path, folder / "a.img");
}

TEST(NiftiImage, ReadsGzipUnderAnyName) {
  const RawNifti raw;
  const TemporaryFolder folder;
  write_text(folder / "a.nii", gzipped(raw.file()));
  write_text(folder / "b.nii.gz", raw.file());
  for (const char* name : {"a.nii", "b.nii.gz"}) {
    EXPECT_TRUE(same_bits(read_nifti(folder / name).values, expected_values(raw))) << name;
    EXPECT_EQ(read_nifti_header(folder / name).n_volumes, raw.dim[4]) << name;
  }
}

TEST(NiftiImage, HasTheChecksumOfTheFileThatWasNamed) {
  RawNifti raw;
  raw.pair = true;
  const TemporaryFolder folder;
  store(folder, raw, 2);
  raw.pair = false;
  write_text(folder / "b.nii.gz", gzipped(raw.file()));
  for (const char* name : {"a.hdr", "a.img", "b.nii.gz"}) {
    const std::string path = folder / name;
    const std::string sum = input_file(path, checksum_of_file(path)).checksum;
    EXPECT_EQ(read_nifti(path).file.path, path);
    EXPECT_EQ(read_nifti(path).file.checksum, sum) << name;
  }
}

TEST(NiftiImage, ReadsGzipOfSeveralMembers) {
  const RawNifti raw = raw_series({3, 4, 5, 6}, {});
  const std::string bytes = raw.file();
  const TemporaryFolder folder;
  // One boundary lies in the header, one within a volume, as bgzip and pigz -i produce.
  write_text(folder / "a.nii.gz", gzipped(bytes.substr(0, 100)) + gzipped(bytes.substr(100, 501)) +
                                      gzipped("") + gzipped(bytes.substr(601)));
  EXPECT_TRUE(same_bits(read_nifti(folder / "a.nii.gz").values, expected_values(raw)));
}

TEST(NiftiImage, TakesADimensionBeyondTheFourthForVolumes) {
  RawNifti raw;
  raw.dim = {5, 2, 2, 1, 1, 6, 1, 1};
  const TemporaryFolder folder;
  EXPECT_EQ(read_nifti_header(store(folder, raw, 0)).n_volumes, 6);
}

TEST(NiftiMask, HoldsFiniteVoxelsThatAreNotZero) {
  RawNifti raw;
  raw.dim = {3, 6, 1, 1, 1, 1, 1, 1};
  raw.values = {0, 1, NAN, -2, 0.5, INFINITY};
  const TemporaryFolder folder;
  EXPECT_EQ(read_mask(store(folder, raw, 1)).voxels, (std::vector<uint32_t>{1, 3, 4}));
}

TEST(NiftiMask, IsRefusedWhenEmptyOrWithSeveralVolumes) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.nii";
  write_text(path, raw_series({2, 2, 1, 1}, std::vector<double>(4, 0)).file());
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "empty"}, [&] { read_mask(path); }));
  write_text(path, raw_series({2, 2, 1, 2}, {}).file());
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "2 volumes"}, [&] { read_mask(path); }));
}

TEST(NiftiRealData, BigEndianPairsEqualTheirCompressedSeries) {
  SOCIOMETER_NEEDS_DATA(folder, "moae_spm12_3mm");
  const Image series = read_nifti(folder + "/swfM00223_4d.nii.gz");
  for (int volume : {0, 1}) {
    const std::string name = folder + "/original_pairs/swfM00223_0" + std::to_string(16 + volume);
    const Image pair = read_nifti(name + ".hdr");
    EXPECT_TRUE(pair.header.format.swap_bytes);
    EXPECT_TRUE(pair.header.format.type == ScalarType::int16);
    EXPECT_TRUE(close_number(pair.header.format.slope, 0.125, 0));
    EXPECT_TRUE(same_bits(pair.values, series.values.col(volume)));
    EXPECT_TRUE(same_grid(pair.header.grid, series.header.grid));
  }
}

TEST(NiftiRealData, ScaledIntegersHaveTheMeanThatNilearnSaw) {
  const Image scaled = read_nifti(golden("nilearn/data/run-1_int16_scaled.nii.gz"));
  const Image mean = read_nifti(golden("nilearn/data/run-1_int16_scaled_mean_float64.nii.gz"));
  EXPECT_TRUE(close_relative(scaled.values.rowwise().mean(), mean.values, 1e-12));
}

}  // namespace
}  // namespace sociometer::testing
