#include "tests/support/files.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <stdlib.h>

namespace sociometer::testing {
namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "sociometer-test-XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}
TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file) throw std::runtime_error("cannot write " + path);
}

std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string golden(const std::string& name) {
  return std::string(SOCIOMETER_GOLDEN_DIR) + "/" + name;
}

std::string test_data(const std::string& name) {
  const char* given = std::getenv("SOCIOMETER_TEST_DATA");
  const fs::path path = fs::path(given ? given : SOCIOMETER_DEFAULT_TEST_DATA) / name;
  return fs::exists(path) ? path.string() : "";
}

}  // namespace sociometer::testing
