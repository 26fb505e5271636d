#pragma once
#include <filesystem>
#include <string>

namespace sociometer::testing {

/// A temporary folder, removed on destruction.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void write_text(const std::string& path, const std::string& text);
std::string read_bytes(const std::string& path);

/// Path below tests/golden.
std::string golden(const std::string& name);

/// Path in the real data ($SOCIOMETER_TEST_DATA, else ../shared/data of the source tree); empty if
/// it does not exist: then skip the test with SOCIOMETER_NEEDS_DATA.
std::string test_data(const std::string& name);

}  // namespace sociometer::testing

/// Declares `path`, or skips the test and reports what is missing.
#define SOCIOMETER_NEEDS_DATA(path, name)                          \
  const std::string path = ::sociometer::testing::test_data(name); \
  if (path.empty())                                                \
  GTEST_SKIP() << "no real data: set SOCIOMETER_TEST_DATA to a folder with " << (name)
