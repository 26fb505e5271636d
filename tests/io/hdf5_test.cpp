#include "io/bytes/hdf5.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

TEST(Hdf5File, GivesMatricesBackBitByBit) {
  const TemporaryFolder folder;
  EXPECT_TRUE(rc::check([&] {
    // The layout of the file changes beyond 64 and 4096 rows.
    const auto rows = *rc::gen::inRange(1, 6),
               columns = *rc::gen::element(1, 5, 64, 65, 4096, 4097);
    Eigen::MatrixXd values = Eigen::MatrixXd::Random(rows, columns);
    values(0, columns / 2) = *rc::gen::element<double>(NAN, -0.0, INFINITY, 5e-324);
    {
      Hdf5File file(folder / "a.h5", Hdf5File::Mode::create);
      file.write("x", values);
      file.close();
    }
    const Hdf5File file(folder / "a.h5", Hdf5File::Mode::read);
    RC_ASSERT(bool(same_bits(file.read_matrix("x"), values)));
  }));
}

/// Writes one dataset of each kind.
void write_all(const std::string& path, int n_numbers) {
  Hdf5File file(path, Hdf5File::Mode::create);
  file.make_group("/g");
  file.write("/g/words", std::vector<std::string>{"", "a b", "\xCE\xB2", std::string(5000, 'x')});
  std::vector<uint32_t> numbers(size_t(n_numbers), 7);
  numbers.back() = std::numeric_limits<uint32_t>::max();
  file.write("/g/numbers", numbers);
  file.write("/g/flags", std::vector<uint8_t>{0, 1, 255});
  file.write_attribute("/g", "text", "a\tb \xCE\xB2");
  file.write_attribute("/", "number", 0.1);
  file.close();
}

TEST(Hdf5File, GivesWordsNumbersAndAttributesBack) {
  const TemporaryFolder folder;
  write_all(folder / "a.h5", 10000);
  const Hdf5File file(folder / "a.h5", Hdf5File::Mode::read);
  EXPECT_EQ(file.read_strings("/g/words"),
            (std::vector<std::string>{"", "a b", "\xCE\xB2", std::string(5000, 'x')}));
  const auto numbers = file.read_uint32("/g/numbers");
  ASSERT_EQ(numbers.size(), 10000u);
  EXPECT_EQ(numbers.front(), 7u);
  EXPECT_EQ(numbers.back(), std::numeric_limits<uint32_t>::max());
  EXPECT_EQ(file.read_uint8("/g/flags"), (std::vector<uint8_t>{0, 1, 255}));
  EXPECT_EQ(file.read_string_attribute("/g", "text"), "a\tb \xCE\xB2");
  EXPECT_TRUE(close_number(file.read_number_attribute("/", "number"), 0.1, 0));
  EXPECT_TRUE(file.exists("/g/words"));
  EXPECT_FALSE(file.exists("/g/none"));
}

TEST(Hdf5File, HasTheSameBytesEachTime) {
  const TemporaryFolder folder;
  write_all(folder / "a.h5", 100);
  write_all(folder / "b.h5", 100);
  EXPECT_TRUE(read_bytes(folder / "a.h5") == read_bytes(folder / "b.h5"));
}

TEST(Hdf5File, RefusesWhatItLacksByName) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.h5";
  write_all(path, 10);
  const Hdf5File file(path, Hdf5File::Mode::read);
  const auto bad = ErrorCode::bad_input;
  EXPECT_TRUE(refuses(bad, {path, "/g/none"}, [&] { file.read_matrix("/g/none"); }));
  EXPECT_TRUE(refuses(bad, {path, "/g/none"}, [&] { file.read_uint8("/g/none"); }));
  EXPECT_TRUE(refuses(bad, {path, "/g/none"}, [&] { file.read_strings("/g/none"); }));
  EXPECT_TRUE(refuses(bad, {path, "none"}, [&] { file.read_string_attribute("/", "none"); }));
  EXPECT_TRUE(refuses(bad, {path, "none"}, [&] { file.read_number_attribute("/g", "none"); }));
  EXPECT_TRUE(refuses(bad, {path, "not a matrix"}, [&] { file.read_matrix("/g/numbers"); }));
}

TEST(Hdf5File, RefusesFilesThatAreMissingOrDamaged) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.h5";
  const auto open = [&] { Hdf5File(path, Hdf5File::Mode::read); };
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, open));
  write_text(path, "onset\tduration\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, open));
  write_all(path, 100);
  const std::string bytes = read_bytes(path);
  write_text(path, bytes.substr(0, bytes.size() / 2));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, open));
}

TEST(Hdf5File, CannotBeMadeInNoFolder) {
  const TemporaryFolder folder;
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {folder / "none/a.h5"}, [&] {
    Hdf5File file(folder / "none/a.h5", Hdf5File::Mode::create);
    file.close();
  }));
}

}  // namespace
}  // namespace sociometer::testing
