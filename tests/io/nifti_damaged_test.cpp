// Files damaged in typical ways: each must be rejected by name, and none may crash.
#include <array>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "io/images/nifti.hpp"
#include "tests/io/raw_nifti.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

/// The damage, the file's name, and its bytes.
struct Damaged {
  std::string what, name;
  std::function<std::string()> bytes;
};
std::ostream& operator<<(std::ostream& out, const Damaged& d) { return out << d.what; }

/// Noise, which does not compress, so that damage falls in the middle of the data.
RawNifti noisy() {
  RawNifti raw = raw_series({8, 8, 8, 6}, {});
  uint32_t state = 1;
  for (size_t i = 0; i < raw.n_values(); ++i)
    raw.values.push_back(double((state = state * 1664525u + 1013904223u) >> 8));
  return raw;
}

std::string edited(const std::function<void(RawNifti&)>& edit, int version = 1) {
  RawNifti raw = raw_series({2, 3, 4, 2}, std::vector<double>(4096, 1));
  raw.version = version;
  edit(raw);
  // Enough bytes for any dimension below, so that the header is what must be rejected.
  return raw.header() + std::string(65536, '\0');
}

std::string with_datatype(int datatype) {
  RawNifti raw = raw_series({2, 3, 4, 2}, {});
  raw.datatype = datatype;
  return raw.file();
}

std::string without_end(const std::string& bytes, size_t n) {
  return bytes.substr(0, bytes.size() - n);
}

std::string flipped(std::string bytes, size_t from_end) {
  bytes[bytes.size() - from_end] = char(bytes[bytes.size() - from_end] ^ 0x40);
  return bytes;
}

const Damaged kCorpus[] = {
    {"Empty", "a.nii", [] { return std::string(); }},
    {"EmptyGzip", "a.nii.gz", [] { return std::string(); }},
    {"GzipOfNothing", "a.nii.gz", [] { return gzipped(""); }},
    {"TextRenamed", "a.nii", [] { return std::string("onset\tduration\n1\t2\n"); }},
    {"LongTextRenamed", "a.nii", [] { return std::string(5000, 'x'); }},
    {"TextRenamedGzip", "a.nii.gz", [] { return std::string(5000, 'x'); }},
    {"HeaderOnlyHalf", "a.nii", [] { return noisy().file().substr(0, 170); }},
    {"HeaderWithoutVoxels", "a.nii", [] { return noisy().header(); }},
    {"Truncated", "a.nii", [] { return without_end(noisy().file(), 1); }},
    {"TruncatedNifti2", "a.nii",
     [] {
       RawNifti raw = noisy();
       raw.version = 2;
       return without_end(raw.file(), 1000);
     }},
    {"TruncatedBeforeGzip", "a.nii.gz", [] { return gzipped(without_end(noisy().file(), 1)); }},
    {"GzipCutInTheMiddle", "a.nii.gz",
     [] {
       const std::string bytes = gzipped(noisy().file());
       return bytes.substr(0, bytes.size() / 2);
     }},
    {"GzipCutBeforeItsTrailer", "a.nii.gz", [] { return without_end(gzipped(noisy().file()), 8); }},
    {"GzipCutInItsTrailer", "a.nii.gz", [] { return without_end(gzipped(noisy().file()), 3); }},
    {"GzipCutByOneByte", "a.nii.gz", [] { return without_end(gzipped(noisy().file()), 1); }},
    {"GzipByteFlipped", "a.nii.gz",
     [] {
       const std::string bytes = gzipped(noisy().file());
       return flipped(bytes, bytes.size() / 2);
     }},
    {"GzipWrongChecksum", "a.nii.gz", [] { return flipped(gzipped(noisy().file()), 7); }},
    {"GzipWrongLength", "a.nii.gz", [] { return flipped(gzipped(noisy().file()), 2); }},
    {"ZeroX", "a.nii", [] { return edited([](RawNifti& r) { r.dim[1] = 0; }); }},
    {"ZeroY", "a.nii", [] { return edited([](RawNifti& r) { r.dim[2] = 0; }); }},
    {"NegativeZ", "a.nii", [] { return edited([](RawNifti& r) { r.dim[3] = -4; }); }},
    {"ZeroVolumes", "a.nii", [] { return edited([](RawNifti& r) { r.dim[4] = 0; }); }},
    {"NegativeVolumes", "a.nii", [] { return edited([](RawNifti& r) { r.dim[4] = -2; }); }},
    {"ZeroYNifti2", "a.nii", [] { return edited([](RawNifti& r) { r.dim[2] = 0; }, 2); }},
    {"ZeroDimensions", "a.nii", [] { return edited([](RawNifti& r) { r.dim[0] = 0; }); }},
    {"EightDimensions", "a.nii", [] { return edited([](RawNifti& r) { r.dim[0] = 8; }); }},
    {"MoreVoxelsThanABillionDisks", "a.nii",
     [] { return edited([](RawNifti& r) { r.dim[1] = r.dim[2] = int64_t{1} << 32; }, 2); }},
    {"MoreVolumesThanABillionDisks", "a.nii",
     [] { return edited([](RawNifti& r) { r.dim[4] = int64_t{1} << 62; }, 2); }},
    {"Complex64", "a.nii", [] { return with_datatype(32); }},
    {"Complex128", "a.nii", [] { return with_datatype(1792); }},
    {"Rgb", "a.nii", [] { return with_datatype(128); }},
    {"Rgba", "a.nii", [] { return with_datatype(2304); }},
    {"Float128", "a.nii", [] { return with_datatype(1536); }},
    {"SformAllZero", "a.nii", [] { return edited([](RawNifti& r) { r.srow = {}; }); }},
    {"SformFlat", "a.nii",
     [] { return edited([](RawNifti& r) { r.srow = {2, 0, 0, 0, 0, 2, 0, 0, 2, 2, 0, 0}; }); }},
    {"SformNan", "a.nii", [] { return edited([](RawNifti& r) { r.srow[0] = NAN; }); }},
};

class DamagedNifti : public ::testing::TestWithParam<Damaged> {};

TEST_P(DamagedNifti, IsRefusedByName) {
  const TemporaryFolder folder;
  const std::string path = folder / GetParam().name;
  write_text(path, GetParam().bytes());
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, [&] { read_nifti(path); }));
}

INSTANTIATE_TEST_SUITE_P(Corpus, DamagedNifti, ::testing::ValuesIn(kCorpus),
                         [](const auto& param) { return param.param.what; });

/// A few bytes whose header claims much: refused from the header, with both numbers.
TEST(DamagedNiftiFile, IsRefusedWhenItClaimsMoreThanItCanHold) {
  const auto claiming = [](std::array<int64_t, 8> dim, int version) {
    RawNifti raw = raw_series({1, 1, 1, 1}, {0});
    raw.version = version;
    raw.dim = dim;
    return raw.header();
  };
  const std::string plain = claiming({4, 1000, 1000, 500, 300, 1, 1, 1}, 1);
  const std::string huge = claiming({4, 4096, 4096, 16, int64_t{1} << 20, 1, 1, 1}, 2);
  std::string late = claiming({3, 2, 2, 2, 1, 1, 1, 1}, 1);
  const float offset = 2147483520.0f;
  std::memcpy(late.data() + 108, &offset, sizeof(offset));
  const auto size_of = [](const std::string& bytes) { return std::to_string(bytes.size()); };
  const auto most_of = [](const std::string& bytes) { return std::to_string(1032 * bytes.size()); };
  const struct {
    const char* name;
    std::string bytes;
    std::vector<std::string> words;
  } cases[] = {
      {"a.nii", plain, {size_of(plain) + " bytes", "600000000352"}},
      {"a.nii.gz",
       gzipped(plain),
       {size_of(gzipped(plain)) + " bytes", most_of(gzipped(plain)), "600000000352"}},
      {"b.nii.gz",
       gzipped(huge),
       {size_of(gzipped(huge)) + " bytes", most_of(gzipped(huge)), "1125899906843168"}},
      {"c.nii", late, {size_of(late) + " bytes", "2147483520", "vox_offset"}},
      {"c.nii.gz", gzipped(late), {size_of(gzipped(late)) + " bytes", "2147483520", "vox_offset"}},
  };
  const TemporaryFolder folder;
  for (const auto& [name, bytes, words] : cases) {
    const std::string path = folder / name;
    write_text(path, bytes);
    std::vector<std::string> all = words;
    all.push_back(path);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, all, [&] { read_nifti_header(path); })) << name;
  }
}

TEST(DamagedNiftiFile, MayBeCompressedAsFarAsDeflateGoes) {
  RawNifti raw = raw_series({64, 64, 32, 20}, std::vector<double>(64 * 64 * 32 * 20, 0));
  const TemporaryFolder folder;
  const std::string packed = gzipped(raw.file());
  write_text(folder / "a.nii.gz", packed);
  EXPECT_GT(raw.file().size(), 900 * packed.size());
  EXPECT_EQ(read_nifti_header(folder / "a.nii.gz").n_volumes, 20);
}

TEST(DamagedNiftiFile, WithASubnormalRepetitionTimeHasNone) {
  const TemporaryFolder folder;
  RawNifti raw;
  raw.pixdim[4] = 1e-40;
  write_text(folder / "a.nii", raw.file());
  EXPECT_FALSE(read_nifti_header(folder / "a.nii").tr_s.has_value());
}

TEST(DamagedNiftiFile, OfATypeThatTheLibraryComplainsOfPrintsNothing) {
  const TemporaryFolder folder;
  std::string bytes = RawNifti().file();
  bytes[70] = bytes[71] = 0;  // datatype
  write_text(folder / "a.nii", bytes);
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"a.nii", "UNKNOWN"},
                      [&] { read_nifti_header(folder / "a.nii"); }));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(DamagedNiftiFile, IsRefusedWhenItIsAPipe) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.nii";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "pipe"}, [&] { read_nifti(path); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "pipe"}, [&] { open_byte_stream(path); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"/dev/null", "device"},
                      [&] { open_byte_stream("/dev/null"); }));
}

TEST(DamagedNiftiFile, IsRefusedWhenMissing) {
  const TemporaryFolder folder;
  for (const char* name : {"none.nii", "none.nii.gz", "none.hdr", "none"}) {
    const std::string path = folder / name;
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, [&] { read_nifti(path); }));
  }
}

TEST(DamagedNiftiFile, IsRefusedWhenItIsAFolder) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.nii";
  std::filesystem::create_directory(path);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "folder"}, [&] { read_nifti(path); }));
}

TEST(DamagedNiftiFile, IsRefusedWhenThePairHasNoVoxels) {
  RawNifti raw = noisy();
  raw.pair = true;
  const TemporaryFolder folder;
  write_text(folder / "a.hdr", raw.header());
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {folder / "a."}, [&] { read_nifti(folder / "a.hdr"); }));
}

TEST(DamagedNiftiFile, IsRefusedWhenThePairsVoxelsAreShort) {
  RawNifti raw = noisy();
  raw.pair = true;
  const TemporaryFolder folder;
  write_text(folder / "a.hdr", raw.header());
  write_text(folder / "a.img", without_end(raw.voxels(), 1));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {folder / "a.img", "truncated"},
                      [&] { read_nifti(folder / "a.hdr"); }));
}

TEST(DamagedNiftiFile, IsReadWhenNothingIsWrong) {
  // Control: the files damaged above are valid when left intact.
  const TemporaryFolder folder;
  write_text(folder / "a.nii.gz", gzipped(noisy().file()));
  EXPECT_EQ(read_nifti(folder / "a.nii.gz").values.cols(), 6);
  write_text(folder / "a.nii", edited([](RawNifti&) {}));
  EXPECT_EQ(read_nifti(folder / "a.nii").values.cols(), 2);
}

}  // namespace
}  // namespace sociometer::testing
