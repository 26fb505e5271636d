// Headers that contradict NIfTI or are incomplete: either read as is customary in the field, with a
// note, or rejected.
#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

#include "io/images/nifti.hpp"
#include "tests/io/raw_nifti.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

constexpr size_t kVoxOffset = 108, kOriginator = 253, kScale = 112, kMagic = 344;

template <typename T>
void put(std::string& bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(value));
}

std::string with_offset(float offset) {
  RawNifti raw;
  raw.sform_code = 1;
  raw.srow = {2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0};
  std::string bytes = raw.file();
  put(bytes, kVoxOffset, offset);
  return bytes;
}

TEST(NiftiOffset, OfZeroMeansBehindTheHeader) {
  const TemporaryFolder folder;
  write_text(folder / "a.nii", with_offset(0));
  const Image image = read_nifti(folder / "a.nii");
  EXPECT_EQ(image.header.data_offset, 352);
  EXPECT_EQ(image.values(0, 0), 0);
  EXPECT_EQ(image.values(5, 0), 5);
}

TEST(NiftiOffset, ThatCannotBeIsRefused) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.nii";
  for (const float offset : {1.0f, 348.0f, 351.0f, -352.0f, 352.5f, 3e9f, 1e30f, NAN,
                             std::numeric_limits<float>::infinity()}) {
    write_text(path, with_offset(offset));
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, [&] { read_nifti(path); })) << offset;
    write_text(path, gzipped(with_offset(offset)));
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, [&] { read_nifti(path); })) << offset;
  }
}

TEST(NiftiDimensions, BeyondSpaceMayBeOneOnly) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.nii";
  RawNifti raw;
  raw.dim = {5, 2, 2, 2, 3, 2, 1, 1};  // scans and echoes
  write_text(path, raw.file());
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "2 x 2 x 2 x 3 x 2", "4D"},
                      [&] { read_nifti_header(path); }));
  raw.dim = {5, 2, 2, 2, 1, 3, 1, 1};  // as AFNI and ANTs store vectors
  write_text(path, raw.file());
  EXPECT_EQ(read_nifti_header(path).n_volumes, 3);
  raw.dim = {6, 2, 2, 2, 1, 3, 2, 1};
  write_text(path, raw.file());
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, [&] { read_nifti_header(path); }));
}

TEST(NiftiOrientation, ThatIsMissingIsReportedAndItsCodeKept) {
  const TemporaryFolder folder;
  RawNifti raw;
  write_text(folder / "a.nii", raw.file());
  const Grid grid = read_nifti_header(folder / "a.nii").grid;
  EXPECT_EQ(grid.space_code, 0);
  EXPECT_NE(grid.orientation_note.find("no orientation"), std::string::npos);
  raw.sform_code = 1;
  raw.srow = {2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0};
  write_text(folder / "b.nii", raw.file());
  EXPECT_EQ(read_nifti_header(folder / "b.nii").grid.orientation_note, "");
}

/// A pair as written by SPM99: no magic, the origin in `originator`, a scale in `funused1`.
void write_analyze(const TemporaryFolder& folder, std::array<int16_t, 3> origin, float scale) {
  RawNifti raw;
  raw.pair = true;
  raw.dim = {4, 5, 4, 3, 1, 1, 1, 1};
  raw.pixdim = {0, 3, 3, 3, 0, 0, 0, 0};
  raw.datatype = 4;
  std::string header = raw.header().substr(0, 348);
  std::fill(header.begin() + 252, header.end(), '\0');
  for (size_t i = 0; i < 3; ++i) put(header, kOriginator + 2 * i, origin[i]);
  put(header, kScale, scale);
  put(header, kMagic, 0);
  write_text(folder / "con_0001.hdr", header);
  write_text(folder / "con_0001.img", raw.voxels());
}

TEST(Analyze, IsReadAsSpmReadsIt) {
  const TemporaryFolder folder;
  write_analyze(folder, {3, 4, 3}, 0.5f);
  const Image image = read_nifti(folder / "con_0001.img");
  Eigen::Matrix4d expected;
  expected << -3, 0, 0, 6, 0, 3, 0, -9, 0, 0, 3, -6, 0, 0, 0, 1;
  EXPECT_TRUE(same_bits(image.header.grid.world_from_voxel, expected));
  EXPECT_EQ(image.values(7, 0), 3.5);
  EXPECT_NE(image.header.grid.orientation_note.find("Analyze"), std::string::npos);
}

TEST(Analyze, WithoutAnOriginHasItInTheMiddle) {
  const TemporaryFolder folder;
  write_analyze(folder, {0, 0, 0}, 0);
  const Image image = read_nifti(folder / "con_0001.hdr");
  Eigen::Matrix4d expected;
  expected << -3, 0, 0, 6, 0, 3, 0, -4.5, 0, 0, 3, -3, 0, 0, 0, 1;
  EXPECT_TRUE(same_bits(image.header.grid.world_from_voxel, expected));
  EXPECT_EQ(image.values(7, 0), 7);  // a scale of 0 means none
}

TEST(Analyze, WithAMatBesideItIsRefused) {
  const TemporaryFolder folder;
  write_analyze(folder, {3, 4, 3}, 1);
  write_text(folder / "con_0001.mat", "x");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {folder / "con_0001.img", folder / "con_0001.mat"},
                      [&] { read_nifti_header(folder / "con_0001.img"); }));
}

}  // namespace
}  // namespace sociometer::testing
