#include "io/bytes/hdf5_driver.hpp"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "io/bytes/hdf5.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

/// While it exists, no file of this process can grow beyond a size.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

/// Adds an array to a file through the driver. @return whether each call of HDF5 succeeded.
bool add_array(const std::string& path, hsize_t n, const std::shared_ptr<int>& error) {
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  bool good = remember_errors(access, error);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, access);
  const hid_t space = H5Screate_simple(1, &n, nullptr);
  const hid_t set =
      H5Dcreate2(file, "x", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const std::vector<double> values(n, 1.5);
  good &= H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0;
  good &= H5Dclose(set) >= 0;
  good &= H5Sclose(space) >= 0;
  good &= H5Fclose(file) >= 0;
  good &= H5Pclose(access) >= 0;
  return good;
}

void make_file(const std::string& path) {
  Hdf5File file(path, Hdf5File::Mode::create);
  file.write_attribute("/", "number", 1);
  file.close();
}

// 1,000 values wait in HDF5's buffer until the array is closed; 100,000 are written at once.
class WriteErrors : public ::testing::TestWithParam<hsize_t> {};

TEST_P(WriteErrors, AreRememberedAndTheFileIsClosed) {
  const TemporaryFolder folder;
  make_file(folder / "a.h5");
  const auto error = std::make_shared<int>(0);
  {
    const FileSizeLimit limit(std::filesystem::file_size(folder / "a.h5"));
    EXPECT_TRUE(add_array(folder / "a.h5", GetParam(), error));
  }
  EXPECT_EQ(*error, EFBIG);
}

TEST_P(WriteErrors, AreNoneWithoutAFault) {
  const TemporaryFolder folder;
  make_file(folder / "a.h5");
  const auto error = std::make_shared<int>(0);
  EXPECT_TRUE(add_array(folder / "a.h5", GetParam(), error));
  EXPECT_EQ(*error, 0);
  EXPECT_GT(std::filesystem::file_size(folder / "a.h5"), 8 * GetParam());
}

INSTANTIATE_TEST_SUITE_P(Arrays, WriteErrors, ::testing::Values(1000, 100000));

}  // namespace
}  // namespace sociometer::testing
