#include "io/tables/censoring.hpp"

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

using Flags = std::vector<uint8_t>;

/// A table that exists as long as this object.
class CensorFile {
 public:
  explicit CensorFile(const std::string& text) { write_text(path(), text); }
  std::string path() const { return folder_ / "c.tsv"; }

 private:
  TemporaryFolder folder_;
};

Flags kept(const CensorFile& file, const std::string& rules, Eigen::Index n_scans) {
  Warnings notes;
  return read_censor_columns(read_confounds_table(file.path()), parse_censor_rules(rules), n_scans,
                             notes);
}

TEST(CensorColumns, LeaveOutScansThatAreNotZero) {
  const CensorFile file("m0\tm1\tfd\n0\tn/a\t1\n1\t0\t1\n0\t0\t1\n0\t-0.1\t1\n");
  EXPECT_EQ(kept(file, "m?", 4), (Flags{1, 0, 1, 0}));
  EXPECT_EQ(kept(file, "m0", 4), (Flags{1, 0, 1, 1}));
}

TEST(CensorColumns, AreRefusedWithOtherLengthOrName) {
  const CensorFile file("m0\n0\n1\n");
  EXPECT_TRUE(refuses(ErrorCode::shape_mismatch, {file.path(), "2 rows", "3 scans"},
                      [&] { kept(file, "m0", 3); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {file.path(), "fd"}, [&] { kept(file, "fd", 2); }));
}

TEST(CensorList, CountsScansFromZero) {
  EXPECT_EQ(parse_censor_list("0,3-4", 6), (Flags{0, 1, 1, 0, 0, 1}));
  EXPECT_EQ(parse_censor_list("5", 6), (Flags{1, 1, 1, 1, 1, 0}));
}

TEST(CensorList, IsRefusedInAnyOtherForm) {
  for (const char* list : {"a", "3-", "-3", "4-2", "1,,2", "1;2", "1-2-3", "1.5", " "})
    EXPECT_TRUE(refuses(ErrorCode::usage, {list}, [&] { parse_censor_list(list, 6); })) << list;
  for (const char* list : {"6", "2-6", "99999999999999999999"})
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {list, "6 scans"}, [&] {
      parse_censor_list(list, 6);
    })) << list;
}

TEST(CensorColumns, CompareWithThresholdsAndAreJoinedByCommas) {
  const CensorFile file("fd\tdvars\tout\nn/a\tn/a\t0\n0.5\t1\t0\n0.51\t1\t0\n0\t2\t0\n0\t1\t1\n");
  EXPECT_EQ(kept(file, "fd>0.5", 5), (Flags{1, 1, 0, 1, 1}));
  EXPECT_EQ(kept(file, "fd >= 0.5", 5), (Flags{1, 0, 0, 1, 1}));
  EXPECT_EQ(kept(file, "fd>0.5, dvars > 1.5,out", 5), (Flags{1, 1, 0, 0, 0}));
  EXPECT_EQ(kept(file, "dvars==1", 5), (Flags{1, 0, 0, 1, 0}));
  EXPECT_EQ(kept(file, "dvars!=1", 5), (Flags{1, 1, 1, 0, 1}));
  EXPECT_EQ(kept(file, "fd<0.5", 5), (Flags{1, 1, 1, 0, 0}));
  EXPECT_EQ(kept(file, "fd<=0.5", 5), (Flags{1, 0, 1, 0, 0}));
}

TEST(CensorColumns, MayLackTheFirstRowsAlone) {
  const CensorFile file("fd\tout\nn/a\t0\n1\tn/a\n0\t0\n");
  Warnings notes;
  EXPECT_EQ(read_censor_columns(read_confounds_table(file.path()), parse_censor_rules("fd>0.5"), 3,
                                notes),
            (Flags{1, 0, 1}));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("first 1 value(s) of 'fd'"), std::string::npos) << notes[0];
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {file.path(), "line 3", "'out'"},
                      [&] { kept(file, "out", 3); }));
}

TEST(CensorRules, AreRefusedInAnyOtherForm) {
  for (const char* text : {"", "fd>", "fd>x", ">0.5", "fd>nan", "fd>inf", "fd=1", "fd>1>2", "a,,b"})
    EXPECT_TRUE(refuses(ErrorCode::usage, {}, [&] { parse_censor_rules(text); })) << text;
}

TEST(CensorWidened, TakesTheScansAroundAndStopsAtTheEnds) {
  EXPECT_EQ(widened({1, 1, 1, 0, 1, 1, 1}, 1, 2), (Flags{1, 1, 0, 0, 0, 0, 1}));
  EXPECT_EQ(widened({0, 1, 1, 1, 1, 1, 0}, 1, 1000000000000), (Flags{0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(widened({0, 1, 1}, 5, 0), (Flags{0, 1, 1}));
}

}  // namespace
}  // namespace sociometer::testing
