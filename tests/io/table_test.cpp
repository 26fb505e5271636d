#include "io/tables/table.hpp"

#include <cmath>
#include <functional>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "io/bytes/byte_stream.hpp"
#include "tests/io/raw_nifti.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

using Cells = std::vector<std::string>;

Table table_of(const std::string& text) {
  const TemporaryFolder folder;
  write_text(folder / "a.tsv", text);
  return read_table(folder / "a.tsv");
}

TEST(Table, PassesOverByteOrderMarkCarriageReturnsBlankLinesAndPadding) {
  const Table t = table_of("\xEF\xBB\xBFonset\tduration \r\n\r\n 1.5 \t  2\r\n \t \r\n\"3\"\t4");
  EXPECT_EQ(t.names, (Cells{"onset", "duration"}));
  ASSERT_EQ(t.rows.size(), 2u);
  EXPECT_EQ(t.rows[0], (Cells{"1.5", "2"}));
  EXPECT_EQ(t.rows[1], (Cells{"3", "4"}));
  EXPECT_EQ(t.line_numbers, (std::vector<int>{3, 5}));
}

TEST(Table, HasTheChecksumOfItsFileAndNotOfItsText) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.tsv.gz";
  write_text(path, gzipped("\xEF\xBB\xBFonset\tduration\n1\t2\n"));
  const FileContent text = read_text_file(path);
  EXPECT_EQ(text.value.substr(0, 5), "onset");
  EXPECT_EQ(text.file.path, path);
  EXPECT_EQ(text.file.checksum, input_file(path, checksum_of_file(path)).checksum);
  const Table table = read_table(path);
  EXPECT_EQ(table.file().path, path);
  EXPECT_EQ(table.file().checksum, text.file.checksum);
  EXPECT_EQ(sociometer::table_of(text).rows, table.rows);
}

TEST(Table, KeepsEmptyCells) {
  const Table t = table_of("\ta\tb\n1\t\t3\n2\t4\t\n");
  EXPECT_EQ(t.names, (Cells{"", "a", "b"}));
  EXPECT_EQ(t.rows[0], (Cells{"1", "", "3"}));
  EXPECT_EQ(t.rows[1], (Cells{"2", "4", ""}));
}

TEST(Table, ReadsCommasAndBlanks) {
  EXPECT_EQ(table_of("a, b\n1,2\n").rows[0], (Cells{"1", "2"}));
  EXPECT_EQ(table_of("  a   b\n  1    2  \n").rows[0], (Cells{"1", "2"}));
}

TEST(Table, ReadsQuotedCells) {
  const Table t = table_of(
      "id,\"what, who\",note\r\n1,\"a,b\",\"said \"\"no\"\"\"\r\n\r\n2,\"two\nlines\", \"x\" "
      "\n3,5\" disk,\n");
  EXPECT_EQ(t.names, (Cells{"id", "what, who", "note"}));
  ASSERT_EQ(t.rows.size(), 3u);
  EXPECT_EQ(t.rows[0], (Cells{"1", "a,b", "said \"no\""}));
  EXPECT_EQ(t.rows[1], (Cells{"2", "two\nlines", "x"}));
  EXPECT_EQ(t.rows[2], (Cells{"3", "5\" disk", ""}));
  EXPECT_EQ(t.line_numbers, (std::vector<int>{2, 4, 6}));
  EXPECT_EQ(table_of("a\tb\n\"x\ty\"\t2\n").rows[0], (Cells{"x\ty", "2"}));
}

TEST(Table, ReadsSemicolonsAndNamesDecimalCommas) {
  const Table t = table_of("id;\"a, b\";rt\n1;x;0,53\n");
  EXPECT_EQ(t.names, (Cells{"id", "a, b", "rt"}));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {t.path, "line 2", "rt", "0,53", "decimal comma"},
                      [&] { number_in(t, 0, 2); }));
}

TEST(Table, RefusesQuotesThatDoNotClose) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.csv";
  for (const char* text : {"a,b\n1,\"x\n2,3\n", "a,b\n1,\"x\"y\n"}) {
    write_text(path, text);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "line 2", "quote"}, [&] { read_table(path); }))
        << text;
  }
}

TEST(Table, TakesRowNamesOfROnlyWhenAsked) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.txt";
  write_text(path, "\"a\" \"b\"\n\"1\" 5 6\n\"2\" 7 8\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"line 2", "3 cells"}, [&] { read_table(path); }));
  const Table t = read_table(path, RowNames::as_r_writes_them);
  EXPECT_TRUE(t.has_row_names);
  EXPECT_EQ(t.names, (Cells{"", "a", "b"}));
  EXPECT_EQ(t.rows[1], (Cells{"2", "7", "8"}));
  write_text(path, "a b\n1 5 6\n3 7 8\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"line 2", "3 cells"},
                      [&] { read_table(path, RowNames::as_r_writes_them); }));
}

TEST(Table, NamesTheColumnsOfHeaderlessNumbers) {
  for (const char* text : {"  0.1  -2e-3 +3  \n  4 5 6\n", "0.1\t-2e-3\t3\n4\t5\t6\n"}) {
    const Table t = table_of(text);
    EXPECT_EQ(t.names, (Cells{"confound_1", "confound_2", "confound_3"})) << text;
    ASSERT_EQ(t.rows.size(), 2u) << text;
    EXPECT_TRUE(close_number(number_in(t, 0, 1), -2e-3, 0)) << text;
    EXPECT_TRUE(close_number(number_in(t, 1, 2), 6, 0)) << text;
  }
}

TEST(Table, IsReadThroughGzip) {
  EXPECT_EQ(table_of(gzipped("a\tb\n1\t2\n")).rows[0], (Cells{"1", "2"}));
}

TEST(Table, RefusesRaggedRowsWithTheirLine) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.tsv";
  for (const char* row : {"1", "1\t2\t3"}) {
    write_text(path, std::string("a\tb\n\n1\t2\n") + row + "\n");
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {path, "line 4"}, [&] { read_table(path); })) << row;
  }
}

TEST(Table, TakesLinesOfAnyBlanksAsEmpty) {
  const TemporaryFolder folder;
  for (const char* blanks : {"\f", "\v\n", " \f\r\n\t\v\n"}) {
    write_text(folder / "blank.tsv", blanks);
    EXPECT_TRUE(
        refuses(ErrorCode::bad_input, {"is empty"}, [&] { read_table(folder / "blank.tsv"); }));
    write_text(folder / "some.tsv", std::string("a\tb\n1\t2\n") + blanks);
    EXPECT_EQ(read_table(folder / "some.tsv").rows.size(), 1u);
  }
}

TEST(Table, RefusesEmptyMissingAndBinaryFiles) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.tsv";
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, [&] { read_table(path); }));
  for (const std::string& text : {std::string(), std::string("\r\n\r\n"), std::string("a\0b", 3),
                                  std::string("\xEF\xBB\xBF")}) {
    write_text(path, text);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {path}, [&] { read_table(path); }));
  }
}

TEST(Table, DoesNotChooseBetweenColumnsOfOneName) {
  const Table table = table_of("age\tscore\tage\n1\t2\t3\n");
  EXPECT_EQ(table.find("score"), 1);
  EXPECT_EQ(table.find("other"), -1);
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {"two columns named 'age'"}, [&] { table.find("age"); }));
}

TEST(Table, KnowsMissingValues) {
  for (const char* cell : {"", "n/a", "N/A", "NaN", "nan", "NA", "na"}) {
    EXPECT_TRUE(is_missing(cell)) << cell;
    EXPECT_TRUE(std::isnan(number_in(table_of(std::string("a\tb\n1\t") + cell + "\n"), 0, 1)))
        << cell;
  }
  for (const char* cell : {"0", "n", "none", "nano", "-"}) EXPECT_FALSE(is_missing(cell)) << cell;
}

TEST(Table, RefusesCellsThatAreNoNumbers) {
  for (const char* cell : {"x", "1,5", "1.5s", "0x10", "1 2", "--1", "+-5", "+", "1e"}) {
    const Table t = table_of(std::string("a\tonset\n1\t") + cell + "\n");
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {t.path, "line 2", "onset", cell}, [&] {
      number_in(t, 0, 1);
    })) << cell;
  }
}

TEST(FormatNumber, IsUndoneByReading) {
  EXPECT_TRUE(rc::check([](double value) {
    const Table t = table_of(to_tsv({"a"}, {{format_number(value)}, {"x"}}));
    const double back = number_in(t, 0, 0);
    RC_ASSERT(back == value || (std::isnan(back) && std::isnan(value)));
  }));
  EXPECT_EQ(format_number(NAN), "n/a");
}

TEST(ToTsv, QuotesWhatWouldNotReadBack) {
  const Cells cells{"a\tb", "two\nlines", "\"said\" so", "plain \"x\""};
  EXPECT_EQ(table_of(to_tsv({"1a", "b", "c", "d"}, {cells})).rows[0], cells);
  EXPECT_EQ(to_tsv({"a"}, {{"5\" disk"}}), "a\n5\" disk\n");
}

TEST(ToTsv, PutsTabsBetweenAndNewlinesAfter) {
  EXPECT_EQ(to_tsv({"a", "b"}, {{"1", "n/a"}}), "a\tb\n1\tn/a\n");
}

/// Text that unpacks to 100,000 times its size, and tables of more columns than anybody has.
TEST(Table, BeyondTheLimitsIsRefusedWithBothNumbers) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.tsv";
  const std::string text = "a\tb\n" + std::string(100000, '1');
  const std::string wide = "a" + std::string(2 * kMostColumns, '\t');
  std::string apart(2 * (kMostColumns + 1), ' ');
  for (size_t i = 0; i < apart.size(); i += 2) apart[i] = 'x';
  const struct {
    std::string bytes;
    std::vector<std::string> words;
    std::function<void()> read;
  } cases[] = {
      {text, {"100004 bytes", "more than 1000"}, [&] { read_text(path, 1000); }},
      {gzipped(text),
       {fmt::format("{} bytes", gzipped(text).size()), "unpack to more than 100003"},
       [&] { read_text(path, 100003); }},
      {wide + "\n", {"line 1", "100000 columns"}, [&] { read_table(path); }},
      {gzipped("a\tb\n1\t2\n" + wide), {"line 3", "100000 columns"}, [&] { read_table(path); }},
      {apart + "\n", {"line 1", "100000 columns"}, [&] { read_table(path); }},
  };
  for (const auto& [bytes, expected, read] : cases) {
    write_text(path, bytes);
    std::vector<std::string> all = expected;
    all.push_back(path);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, all, read));
  }
  write_text(path, gzipped(text));
  EXPECT_EQ(read_text(path, text.size()), text);  // the limit itself is allowed
}

TEST(ValuesIn, AreTheDifferentTextsOfAColumnWithoutMissingOnes) {
  const TemporaryFolder folder;
  write_text(folder / "a.tsv", "x\tkind\n1\tb\n2\tn/a\n3\ta\n4\tb\n5\tNaN\n");
  const Table table = read_table(folder / "a.tsv");
  EXPECT_EQ(values_in(table, table.find("kind")), (std::set<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace sociometer::testing
