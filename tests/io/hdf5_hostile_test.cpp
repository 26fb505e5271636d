// HDF5 files that libhdf5 would read past our memory, or for which it would take all memory. They
// have a seal, as anybody can write one.
#include <filesystem>
#include <functional>

#include <gtest/gtest.h>
#include <hdf5.h>

#include "io/bytes/file_seal.hpp"
#include "io/bytes/hdf5.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

using Shape = std::vector<hsize_t>;

void put_dataset(hid_t file, const char* name, hid_t type, const Shape& shape,
                 const std::function<void(hid_t settings)>& set = {}, const void* data = nullptr,
                 bool grows = false) {
  const Shape most(shape.size(), H5S_UNLIMITED);
  const hid_t space = shape.empty() ? H5Screate(H5S_SCALAR)
                                    : H5Screate_simple(int(shape.size()), shape.data(),
                                                       grows ? most.data() : nullptr);
  const hid_t settings = H5Pcreate(H5P_DATASET_CREATE);
  if (set) set(settings);
  const hid_t made = H5Dcreate2(file, name, type, space, H5P_DEFAULT, settings, H5P_DEFAULT);
  ASSERT_GE(made, 0) << name;
  if (data) {
    EXPECT_GE(H5Dwrite(made, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), 0);
  }
  H5Dclose(made);
  H5Pclose(settings);
  H5Sclose(space);
}

void put_attribute(hid_t file, const char* name, hid_t type, hsize_t n) {
  const hid_t space = H5Screate_simple(1, &n, nullptr);
  const hid_t made = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  ASSERT_GE(made, 0) << name;
  H5Aclose(made);
  H5Sclose(space);
}

hid_t words_type() {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

void in_chunks(hid_t settings) {
  const hsize_t chunk = 4096;
  H5Pset_chunk(settings, 1, &chunk);
  H5Pset_deflate(settings, 1);
}

struct Hostile {
  const char* what;
  std::function<void(hid_t)> make;  ///< "x" in an HDF5 file
  std::function<void(const Hdf5File&)> read;
  std::vector<std::string> words;
};
std::ostream& operator<<(std::ostream& out, const Hostile& h) { return out << h.what; }

const auto kReadNumbers = [](const Hdf5File& file) { file.read_uint32("x"); };
const auto kReadFlags = [](const Hdf5File& file) { file.read_uint8("x"); };
const auto kReadMatrix = [](const Hdf5File& file) { file.read_matrix("x"); };
const auto kReadWords = [](const Hdf5File& file) { file.read_strings("x"); };
const auto kReadNumber = [](const Hdf5File& file) { file.read_number_attribute("/", "x"); };
const auto kReadWord = [](const Hdf5File& file) { file.read_string_attribute("/", "x"); };

const Hostile kHostile[] = {
    {"MatrixAsList",
     [](hid_t f) {
       put_dataset(f, "x", H5T_NATIVE_UINT32, {4, 5000});
     },
     kReadNumbers,
     {"not a list", "2 dimensions"}},
    {"CubeAsMatrix",
     [](hid_t f) {
       put_dataset(f, "x", H5T_NATIVE_DOUBLE, {4, 5, 6});
     },
     kReadMatrix,
     {"not a matrix", "3 dimensions"}},
    {"ScalarAsList",
     [](hid_t f) { put_dataset(f, "x", H5T_NATIVE_UINT8, {}); },
     kReadFlags,
     {"not a list", "0 dimensions"}},
    {"NumbersAsWords",
     [](hid_t f) { put_dataset(f, "x", H5T_NATIVE_UINT32, {4}); },
     kReadWords,
     {"another type"}},
    {"WordsOfOneLengthAsWords",
     [](hid_t f) { put_dataset(f, "x", H5T_C_S1, {4}); },
     kReadWords,
     {"another type"}},
    {"RealsAsWholeNumbers",
     [](hid_t f) { put_dataset(f, "x", H5T_NATIVE_DOUBLE, {4}); },
     kReadNumbers,
     {"another type"}},
    {"Terabytes",
     [](hid_t f) { put_dataset(f, "x", H5T_NATIVE_UINT32, {hsize_t{1} << 40}, in_chunks); },
     kReadNumbers,
     {"4398046511104 bytes", "0 bytes stored", "at most 0"}},
    {"MoreThanIsStored",
     [](hid_t f) {
       put_dataset(f, "x", H5T_NATIVE_DOUBLE, {1u << 20, 1u << 10});
     },
     kReadMatrix,
     {"1048576 x 1024", "8589934592 bytes", "0 bytes stored"}},
    {"MoreThanDeflateCanHold",
     [](hid_t f) {
       const std::vector<uint32_t> some(4096, 7);
       put_dataset(f, "x", H5T_NATIVE_UINT32, {4096}, in_chunks, some.data(), true);
       const hid_t set = H5Dopen2(f, "x", H5P_DEFAULT);
       const hsize_t more = hsize_t{1} << 32;
       H5Dset_extent(set, &more);
       H5Dclose(set);
     },
     kReadNumbers,
     {"17179869184 bytes"}},
    {"SizesThatOverflow",
     [](hid_t f) {
       put_dataset(f, "x", H5T_NATIVE_DOUBLE, {hsize_t{1} << 40, hsize_t{1} << 40}, [](hid_t s) {
         const hsize_t chunk[2] = {64, 64};
         H5Pset_chunk(s, 2, chunk);
       });
     },
     kReadMatrix,
     {"more than 2^64"}},
    {"ValuesInAnotherFile",
     [](hid_t f) {
       put_dataset(f, "x", H5T_NATIVE_UINT8, {8},
                   [](hid_t s) { H5Pset_external(s, "/etc/passwd", 0, 8); });
     },
     kReadFlags,
     {"another file"}},
    {"AnotherFilter",
     [](hid_t f) {
       put_dataset(f, "x", H5T_NATIVE_UINT32, {64}, [](hid_t s) {
         const hsize_t chunk = 64;
         H5Pset_chunk(s, 1, &chunk);
         H5Pset_nbit(s);
       });
     },
     kReadNumbers,
     {"filter 5"}},
    {"LinkToAnotherFile",
     [](hid_t f) { H5Lcreate_external("other.h5", "/x", f, "x", H5P_DEFAULT, H5P_DEFAULT); },
     kReadNumbers,
     {"no dataset x"}},
    {"ManyNumbersAsOne",
     [](hid_t f) { put_attribute(f, "x", H5T_NATIVE_DOUBLE, 7000); },
     kReadNumber,
     {"7000 values"}},
    {"NoNumber",
     [](hid_t f) { put_attribute(f, "x", H5T_NATIVE_DOUBLE, 0); },
     kReadNumber,
     {"0 values"}},
    {"WordAsNumber",
     [](hid_t f) { put_attribute(f, "x", words_type(), 1); },
     kReadNumber,
     {"another type"}},
    {"ManyWordsAsOne",
     [](hid_t f) { put_attribute(f, "x", words_type(), 3000); },
     kReadWord,
     {"3000 values"}},
    {"NumberAsWord",
     [](hid_t f) { put_attribute(f, "x", H5T_NATIVE_DOUBLE, 1); },
     kReadWord,
     {"another type"}},
};

class HostileHdf5 : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileHdf5, IsRefusedBeforeMemoryIsTaken) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  ASSERT_GE(file, 0);
  GetParam().make(file);
  H5Fclose(file);
  seal_file(path);
  const Hdf5File sealed(path, Hdf5File::Mode::read);
  std::vector<std::string> words = GetParam().words;
  words.push_back(path);
  EXPECT_TRUE(refuses(ErrorCode::bad_input, words, [&] { GetParam().read(sealed); }));
}

INSTANTIATE_TEST_SUITE_P(Files, HostileHdf5, ::testing::ValuesIn(kHostile),
                         [](const auto& param) { return param.param.what; });

TEST(HostileHdf5File, OfWordsThatAreMissingGivesEmptyOnes) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const char* words[] = {nullptr, "b"};
  put_dataset(file, "x", words_type(), {2}, {}, words);
  H5Fclose(file);
  seal_file(path);
  EXPECT_EQ(Hdf5File(path, Hdf5File::Mode::read).read_strings("x"),
            (std::vector<std::string>{"", "b"}));
}

TEST(HostileHdf5File, ReplacesALinkWhenItIsMade) {
  const TemporaryFolder folder;
  write_text(folder / "victim", "precious");
  std::filesystem::create_symlink("victim", folder / "a.h5");
  Hdf5File file(folder / "a.h5", Hdf5File::Mode::create);
  file.write("x", std::vector<uint8_t>{1});
  file.close();
  EXPECT_EQ(read_bytes(folder / "victim"), "precious");
  EXPECT_EQ(Hdf5File(folder / "a.h5", Hdf5File::Mode::read).read_uint8("x"),
            std::vector<uint8_t>{1});
}

}  // namespace
}  // namespace sociometer::testing
