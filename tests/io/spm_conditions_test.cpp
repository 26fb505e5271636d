#include "io/tables/spm_conditions.hpp"

#include <cstring>

#include <gtest/gtest.h>
#include <matio.h>

#include "io/bytes/gzip_write.hpp"
#include "io/bytes/hdf5.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

using Numbers = std::vector<double>;

matvar_t* array_of(const char* name, Numbers values, size_t rows = 1) {
  size_t dims[2] = {rows, values.size() / rows};
  return Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, dims, values.data(), 0);
}

matvar_t* text_of_name(const char* name, std::string text) {
  size_t dims[2] = {1, text.size()};
  return Mat_VarCreate(name, MAT_C_CHAR, MAT_T_UTF8, 2, dims, text.data(), 0);
}

matvar_t* cell_of(const char* name, const std::vector<matvar_t*>& parts) {
  size_t dims[2] = {1, parts.size()};
  matvar_t* cell = Mat_VarCreate(name, MAT_C_CELL, MAT_T_CELL, 2, dims, nullptr, 0);
  for (size_t i = 0; i < parts.size(); ++i) Mat_VarSetCell(cell, int(i), parts[i]);
  return cell;
}

/// A MATLAB file with these variables, which it frees.
class MatlabTestFile {
 public:
  explicit MatlabTestFile(const std::vector<matvar_t*>& variables, mat_ft form = MAT_FT_MAT5) {
    mat_t* file = Mat_CreateVer(path().c_str(), nullptr, form);
    for (matvar_t* variable : variables) {
      Mat_VarWrite(file, variable, MAT_COMPRESSION_ZLIB);
      Mat_VarFree(variable);
    }
    Mat_Close(file);
  }
  std::string path() const { return folder_ / "c.mat"; }

 private:
  TemporaryFolder folder_;
};

matvar_t* names_of_two() {
  return cell_of("names", {text_of_name(nullptr, "faces"), text_of_name(nullptr, "a house")});
}
matvar_t* two_cells(const char* name, const Numbers& a, const Numbers& b) {
  return cell_of(name, {array_of(nullptr, a), array_of(nullptr, b)});
}

TEST(SpmConditions, HoldEventsOfEachName) {
  const MatlabTestFile file(
      {names_of_two(), two_cells("onsets", {1, 21, 41}, {11}), two_cells("durations", {0}, {4.5})});
  EXPECT_TRUE(is_matlab_file(read_content(file.path())));
  Warnings notes;
  const SpmConditions c = read_spm_conditions(read_content(file.path()), notes);
  ASSERT_EQ(c.events.size(), 4u);
  EXPECT_EQ(c.events[2].type, "faces");
  EXPECT_TRUE(close_number(c.events[2].onset_s, 41, 0));
  EXPECT_TRUE(close_number(c.events[2].duration_s, 0, 0)) << "one duration is that of all";
  EXPECT_EQ(c.events[3].type, "a house");
  EXPECT_TRUE(close_number(c.events[3].duration_s, 4.5, 0));
  EXPECT_TRUE(c.modulators.empty());
  EXPECT_EQ(notes.size(), 1u) << "the unit of time is said";
}

TEST(SpmConditions, HoldModulatorsWithTheirPowers) {
  const char* fields[] = {"name", "param", "poly"};
  size_t dims[2] = {1, 1};
  matvar_t* pmod = Mat_VarCreateStruct("pmod", 2, dims, fields, 3);
  Mat_VarSetStructFieldByName(pmod, "name", 0, cell_of(nullptr, {text_of_name(nullptr, "rank")}));
  Mat_VarSetStructFieldByName(pmod, "param", 0, cell_of(nullptr, {array_of(nullptr, {1, -2, 3})}));
  Mat_VarSetStructFieldByName(pmod, "poly", 0, cell_of(nullptr, {array_of(nullptr, {2})}));
  const MatlabTestFile file({names_of_two(), two_cells("onsets", {1, 21, 41}, {11}),
                             two_cells("durations", {0}, {4.5}), pmod});
  Warnings notes;
  const SpmConditions c = read_spm_conditions(read_content(file.path()), notes);
  ASSERT_EQ(c.modulators.size(), 1u);
  EXPECT_EQ(c.modulators[0].event_type, "faces");
  EXPECT_EQ(c.modulators[0].columns, (std::vector<std::string>{"rank", "rank^2"}));
  EXPECT_EQ(c.events[1].values, (std::map<std::string, double>{{"rank", -2}, {"rank^2", 4}}));
  EXPECT_TRUE(c.events[3].values.empty());
}

/// SPM centres and orthogonalises the modulators of a condition unless `orth` is false.
TEST(SpmConditions, StateWhetherModulatorsAreOrthogonalised) {
  const auto pmod = [] {
    const char* fields[] = {"name", "param", "poly"};
    size_t dims[2] = {1, 2};
    matvar_t* made = Mat_VarCreateStruct("pmod", 2, dims, fields, 3);
    for (size_t i = 0; i < 2; ++i) {
      matvar_t* values = i == 0 ? array_of(nullptr, {1, -2, 3}) : array_of(nullptr, {4});
      Mat_VarSetStructFieldByName(made, "name", i, cell_of(nullptr, {text_of_name(nullptr, "x")}));
      Mat_VarSetStructFieldByName(made, "param", i, cell_of(nullptr, {values}));
      Mat_VarSetStructFieldByName(made, "poly", i, cell_of(nullptr, {array_of(nullptr, {1})}));
    }
    return made;
  };
  const auto read = [&](matvar_t* orth) {
    std::vector<matvar_t*> all{names_of_two(), two_cells("onsets", {1, 21, 41}, {11}),
                               two_cells("durations", {0}, {4.5}), pmod()};
    if (orth) all.push_back(orth);
    const MatlabTestFile file(all);
    Warnings notes;
    const SpmConditions c = read_spm_conditions(read_content(file.path()), notes);
    return std::pair(c.some_orthogonal, c.some_plain);
  };
  EXPECT_EQ(read(nullptr), std::pair(true, false));
  EXPECT_EQ(read(two_cells("orth", {1}, {1})), std::pair(true, false));
  EXPECT_EQ(read(two_cells("orth", {0}, {0})), std::pair(false, true));
  EXPECT_EQ(read(two_cells("orth", {1}, {0})), std::pair(true, true));
}

TEST(SpmConditions, AreRefusedWhereCountsDiffer) {
  const auto refused = [](const std::vector<matvar_t*>& variables) {
    const MatlabTestFile file(variables);
    return refuses(ErrorCode::bad_input, {file.path()}, [&] {
      Warnings notes;
      read_spm_conditions(read_content(file.path()), notes);
    });
  };
  EXPECT_TRUE(refused({names_of_two(), two_cells("onsets", {1, 2}, {3})}));
  EXPECT_TRUE(refused(
      {names_of_two(), two_cells("onsets", {1, 2, 3}, {3}), two_cells("durations", {0, 1}, {0})}));
  EXPECT_TRUE(refused({names_of_two(), cell_of("onsets", {array_of(nullptr, {1})}),
                       two_cells("durations", {0}, {0})}));
  EXPECT_TRUE(
      refused({names_of_two(), two_cells("onsets", {NAN}, {3}), two_cells("durations", {0}, {0})}));
  EXPECT_TRUE(
      refused({names_of_two(), two_cells("onsets", {1}, {3}), two_cells("durations", {-1}, {0})}));
  EXPECT_TRUE(
      refused({array_of("names", {1}), array_of("onsets", {1}), array_of("durations", {1})}));
  EXPECT_TRUE(refused({array_of("x", {1})}));
}

TEST(SpmConditions, ThatAreDamagedAreRefused) {
  const MatlabTestFile file(
      {names_of_two(), two_cells("onsets", {1}, {3}), two_cells("durations", {0}, {0})});
  std::string bytes = read_bytes(file.path());
  for (size_t keep : {size_t(10), size_t(128), size_t(150), bytes.size() / 2, bytes.size() - 1}) {
    write_text(file.path(), bytes.substr(0, keep));
    Warnings notes;
    EXPECT_THROW(read_spm_conditions(read_content(file.path()), notes), Error) << keep;
  }
}

/// Writes numbers of 4 bytes over those of a file.
class Patched {
 public:
  explicit Patched(std::string bytes) : bytes_(std::move(bytes)) {}
  Patched& put(size_t at, uint32_t value) {
    std::memcpy(bytes_.data() + at, &value, sizeof(value));
    return *this;
  }
  uint32_t at(size_t place) const {
    uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + place, sizeof(value));
    return value;
  }
  /// Whether it is refused in these words, before matio sees it.
  ::testing::AssertionResult refused(const std::vector<std::string>& words) const {
    const TemporaryFolder folder;
    write_text(folder / "c.mat", bytes_);
    std::vector<std::string> all = words;
    all.push_back(folder / "c.mat");
    return refuses(ErrorCode::bad_input, all,
                   [&] { read_spm_regressors(read_content(folder / "c.mat")); });
  }

 private:
  std::string bytes_;
};

std::string uncompressed_file(matvar_t* variable) {
  const TemporaryFolder folder;
  mat_t* file = Mat_CreateVer((folder / "c.mat").c_str(), nullptr, MAT_FT_MAT5);
  Mat_VarWrite(file, variable, MAT_COMPRESSION_NONE);
  Mat_VarFree(variable);
  Mat_Close(file);
  return read_bytes(folder / "c.mat");
}

// After the file's header of 128 bytes: the variable's tag (8), its flags (16), then its
// dimensions: a tag (8) and two numbers.
constexpr size_t kVariable = 128, kDimensions = kVariable + 8 + 16 + 8;

TEST(MatlabClaims, OfMoreValuesThanBytesAreRefused) {
  const std::string bytes = uncompressed_file(array_of("R", {1, 2, 3, 4, 5, 6}, 3));
  ASSERT_EQ(Patched(bytes).at(kDimensions), 3u);
  EXPECT_TRUE(Patched(bytes)
                  .put(kDimensions, 2000000000)
                  .refused({"claims 4000000000 values", "48 bytes hold 6"}));
  EXPECT_TRUE(Patched(bytes).put(kDimensions, 0xFFFFFFFF).refused({"the extent -1"}));
  EXPECT_TRUE(Patched(bytes)
                  .put(kDimensions, 0x7FFFFFFF)
                  .put(kDimensions + 4, 0x7FFFFFFF)
                  .refused({"claims 4611686014132420609 values"}));
  EXPECT_TRUE(Patched(bytes).put(kVariable + 4, 1 << 30).refused({"claims 1073741824 bytes"}));
  // The length of the values themselves: the last 8 + 48 bytes.
  EXPECT_TRUE(Patched(bytes).put(bytes.size() - 52, 1 << 30).refused({"claims 1073741824 bytes"}));
  EXPECT_TRUE(Patched(bytes).put(bytes.size() - 56, 99).refused({"values of type 99"}));
  EXPECT_TRUE(Patched(bytes.substr(0, 64)).refused({"64 bytes", "128"}));
}

TEST(MatlabClaims, OfCellsAndCompressedVariablesAreRefused) {
  const std::string cells = uncompressed_file(names_of_two());
  ASSERT_EQ(Patched(cells).at(kDimensions + 4), 2u);
  EXPECT_TRUE(Patched(cells).put(kDimensions + 4, 1000000000).refused({"claims 1000000000 cells"}));
  // A variable of 2 GB in a few bytes: its tag alone, compressed.
  std::vector<std::byte> tag(8);
  const uint32_t words[2] = {14, 2000000000};
  std::memcpy(tag.data(), words, 8);
  const std::vector<uint8_t> packed = zlib_compress(tag);
  std::string bytes = cells.substr(0, 128) + std::string(8, '\0');
  bytes.append(packed.begin(), packed.end());
  EXPECT_TRUE(Patched(bytes)
                  .put(128, 15)
                  .put(132, uint32_t(packed.size()))
                  .refused({"claims 2000000000 bytes", "are read up to"}));
  // Cells within cells, without end.
  std::string inner;
  for (int level = 0; level < 200; ++level) {
    std::string head(48, '\0');
    const uint32_t fields[] = {6, 8, 1, 0, 5, 8, 1, 1, 1, 0};
    std::memcpy(head.data(), fields, sizeof(fields));
    std::string body = head.substr(0, 40) + inner;
    std::string matrix_tag(8, '\0');
    const uint32_t tag_words[2] = {14, uint32_t(body.size())};
    std::memcpy(matrix_tag.data(), tag_words, 8);
    inner = matrix_tag + body;
  }
  EXPECT_TRUE(Patched(cells.substr(0, 128) + inner).refused({"cells within cells"}));
}

TEST(MatlabClaims, OfHdf5FilesThatHoldThemAreRead) {
  const MatlabTestFile file({array_of("R", {1, 2, 3, 4, 5, 6}, 3)}, MAT_FT_MAT73);
  EXPECT_EQ(read_spm_regressors(read_content(file.path())).rows.size(), 3u);
  EXPECT_NO_THROW(check_hdf5_extents(file.path()));
}

TEST(SpmRegressors, AreATableOfNamedColumns) {
  const MatlabTestFile named({array_of("R", {1, 2, 3, 4, 5, 6}, 3), names_of_two()}),
      bare({array_of("R", {1, 2, 3, 4, 5, 6}, 3)});
  Warnings notes;
  const NamedColumns c = read_confounds(read_confounds_table(named.path()), {}, {}, notes);
  EXPECT_EQ(c.names, (std::vector<std::string>{"faces", "a house"}));
  EXPECT_TRUE(same_bits(c.values, (Eigen::MatrixXd(3, 2) << 1, 4, 2, 5, 3, 6).finished()));
  EXPECT_EQ(read_confounds(read_confounds_table(bare.path()), {"R2"}, {}, notes).names,
            std::vector<std::string>{"R2"});
  const MatlabTestFile other({array_of("R", {1, 2, 3, 4, 5, 6}, 2), names_of_two()});
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {other.path(), "3 columns", "2 names"},
                      [&] { read_spm_regressors(read_content(other.path())); }));
}

}  // namespace
}  // namespace sociometer::testing
