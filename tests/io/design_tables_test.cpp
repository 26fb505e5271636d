#include "io/tables/design_tables.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "io/tables/json_object.hpp"
#include "io/tables/table.hpp"
#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

using Names = std::vector<std::string>;
using Flags = std::vector<uint8_t>;

/// A file that exists as long as this object.
class TextFile {
 public:
  explicit TextFile(const std::string& text) { write_text(path(), text); }
  std::string path() const { return folder_ / "a.tsv"; }

 private:
  TemporaryFolder folder_;
};

const char* const kConfounds =
    "trans_x\trot_x\ta_comp_cor_00\ta_comp_cor_10\tfd\n"
    "1\t2\t3\t4\tn/a\n"
    "5\t6\t7\t8\t0.5\n";

TEST(Confounds, AreChosenByGlobsInTheOrderOfTheGlobs) {
  const TextFile file(kConfounds);
  Warnings warnings;
  const auto c = read_confounds(read_confounds_table(file.path()),
                                {"rot_*", "trans_?", "*_x", "a_comp_cor_0?"}, {}, warnings);
  EXPECT_EQ(c.names, (Names{"rot_x", "trans_x", "a_comp_cor_00"}));
  EXPECT_TRUE(same_bits(c.values, (Eigen::MatrixXd(2, 3) << 2, 1, 3, 6, 5, 7).finished()));
  EXPECT_TRUE(warnings.empty());
}

TEST(Confounds, AreAllTakenButTheExcludedWithoutGlobs) {
  const TextFile file(kConfounds);
  Warnings warnings;
  EXPECT_EQ(read_confounds(read_confounds_table(file.path()), {}, {"fd"}, warnings).names,
            (Names{"trans_x", "rot_x", "a_comp_cor_00", "a_comp_cor_10"}));
  EXPECT_EQ(read_confounds(read_confounds_table(file.path()), {"fd"}, {"fd"}, warnings).names,
            (Names{"fd"}));
}

TEST(Confounds, ThatNoColumnMatchesAreRefused) {
  const TextFile file(kConfounds);
  Warnings warnings;
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {file.path(), "csf*"}, [&] {
    read_confounds(read_confounds_table(file.path()), {"rot_*", "csf*"}, {}, warnings);
  }));
}

TEST(Confounds, MissingInTheFirstRowsAreFilledWithOneLine) {
  const TextFile file("a\tb\tc\nn/a\t1\tn/a\nNaN\t2\t5\n3\t4\t6\n");
  Warnings notes;
  const auto c = read_confounds(read_confounds_table(file.path()), {}, {}, notes);
  EXPECT_TRUE(same_bits(c.values, (Eigen::MatrixXd(3, 3) << 0, 1, 0, 0, 2, 5, 3, 4, 6).finished()));
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("2 column(s) start with up to 2 missing"), std::string::npos) << notes[0];
  EXPECT_NE(notes[0].find("taken as 0 (a, c)"), std::string::npos) << notes[0];
}

TEST(Confounds, MissingInTheFirstRowsAreTheNextValueOnRequest) {
  const TextFile file("a\tb\nn/a\t1\nNaN\t2\n3\t4\n");
  Warnings notes;
  const auto c =
      read_confounds(read_confounds_table(file.path()), {}, {}, notes, MissingConfounds::next);
  EXPECT_TRUE(same_bits(c.values, (Eigen::MatrixXd(3, 2) << 3, 1, 3, 2, 3, 4).finished()));
}

TEST(Confounds, MissingLaterAreRefused) {
  for (const char* text : {"a\tb\n1\t1\nn/a\t2\n3\t4\n", "a\tb\n1\t1\n2\t2\nn/a\t4\n"}) {
    const TextFile file(text);
    Warnings warnings;
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {file.path(), "'a'", "line"}, [&] {
      read_confounds(read_confounds_table(file.path()), {}, {}, warnings);
    }));
  }
}

TEST(Confounds, WithoutAnyValueOrWithWordsAreRefused) {
  Warnings warnings;
  const TextFile none("a\tb\nn/a\t1\nn/a\t2\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {none.path(), "'a'", "no value"}, [&] {
    read_confounds(read_confounds_table(none.path()), {}, {}, warnings);
  }));
  const TextFile word("a\tb\n1\t1\n2\tx\n");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {word.path(), "line 3", "'b'", "'x'"}, [&] {
    read_confounds(read_confounds_table(word.path()), {}, {}, warnings);
  }));
}

TEST(Confounds, OfMotionParametersNeedNoHeader) {
  const TextFile file("  1 2 3 4 5 6  \n  7 8 9 10 11 12  \n");
  Warnings warnings;
  const auto c =
      read_confounds(read_confounds_table(file.path()), {"confound_[1-3]"}, {}, warnings);
  EXPECT_EQ(c.names, (Names{"confound_1", "confound_2", "confound_3"}));
  EXPECT_TRUE(same_bits(c.values, (Eigen::MatrixXd(2, 3) << 1, 2, 3, 7, 8, 9).finished()));
}

TEST(ReadyDesign, IsUndoneByWriting) {
  const TextFile file("frame_time\ta\tb x\n0.5\t1e-300\t0.1\n2.5\t-3\t0.30000000000000004\n");
  const DesignMatrix design = read_design(file.path());
  EXPECT_EQ(design.names, (Names{"a", "b x"}));
  EXPECT_TRUE(close_number(design.frame_times_s[1], 2.5, 0));
  const DesignMatrix again = read_design(TextFile(design_to_tsv(design)).path());
  EXPECT_EQ(again.names, design.names);
  EXPECT_TRUE(same_bits(again.values, design.values));
  EXPECT_EQ(again.frame_times_s.size(), 0);  // regressors alone, for pandas
}

TEST(ReadyDesign, NeedsNoTimesAndTakesPandasIndexForThem) {
  EXPECT_EQ(read_design(TextFile("a\tb\n1\t2\n3\t4\n").path()).frame_times_s.size(), 0);
  EXPECT_EQ(read_design(TextFile("\ta\tb\n0\t1\t2\n1\t3\t4\n").path()).names, (Names{"a", "b"}));
}

TEST(ReadyDesign, IsRefusedWithGapsInfinitiesAndTwins) {
  for (const char* cell : {"n/a", "NaN", "inf", ""}) {
    const TextFile file(std::string("a\tb\n1\t2\n3\t") + cell + "\n");
    EXPECT_TRUE(
        refuses(ErrorCode::bad_input, {file.path(), "'b'"}, [&] { read_design(file.path()); }));
  }
  const TextFile twins("a\ta\n1\t2\n");
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {twins.path(), "'a'"}, [&] { read_design(twins.path()); }));
}

TEST(ReadyDesign, IsRefusedWithoutRows) {
  const TextFile file("a\tconstant\n");
  EXPECT_TRUE(
      refuses(ErrorCode::bad_input, {file.path(), "0 row"}, [&] { read_design(file.path()); }));
}

TEST(Events, WithoutAnAmplitudeInAModulationColumnAreRefused) {
  const TextFile file("onset\tduration\ttrial_type\tmodulation\n1\t0\ta\t2\n3\t0\ta\tn/a\n");
  Warnings warnings;
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {file.path(), "line 3", "modulation"},
                      [&] { read_events(read_table(file.path()), {}, warnings); }));
}

TEST(NumberInJson, IsFoundAbsentOrRefused) {
  const TextFile good(R"({"RepetitionTime": 0.8, "StartTime": null, "TaskName": "x"})");
  EXPECT_TRUE(
      close_number(number_in_json(read_text_file(good.path()), "RepetitionTime").value(), 0.8, 0));
  EXPECT_FALSE(number_in_json(read_text_file(good.path()), "EchoTime").has_value());
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {good.path(), "TaskName"},
                      [&] { number_in_json(read_text_file(good.path()), "TaskName"); }));
  for (const char* text : {"", "{", "[1, 2]", "RepetitionTime: 2"}) {
    const TextFile bad(text);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {bad.path(), "JSON"},
                        [&] { number_in_json(read_text_file(bad.path()), "RepetitionTime"); }));
  }
}

TEST(NumberInJson, IsFoundBesideWhatJsonDoesNotKnow) {
  const TextFile odd(
      "\xEF\xBB\xBF{\"A\": Infinity, \"B\": [NaN, -Infinity],\n\"C\": \"NaN \\\" Infinity\",\n"
      "\"Name\": \"M\xFCller\", \"RepetitionTime\": 2}");
  EXPECT_TRUE(
      close_number(number_in_json(read_text_file(odd.path()), "RepetitionTime").value(), 2, 0));
  EXPECT_EQ(read_json_object(odd.path())["C"], "NaN \" Infinity");
  EXPECT_EQ(read_json_object(odd.path())["Name"], "M\xC3\xBCller");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {odd.path(), "A", "infinite"},
                      [&] { number_in_json(read_text_file(odd.path()), "A"); }));
}

TEST(NumberInJson, NamesTheLineThatIsNoJson) {
  const TextFile bad("{\"A\": 1,\n\"B\" 2}");
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {bad.path(), "line 2"},
                      [&] { number_in_json(read_text_file(bad.path()), "A"); }));
}

TEST(SquareTable, HasNamesOnBothSides) {
  EXPECT_EQ(square_to_tsv({"a", "b"}, (Eigen::MatrixXd(2, 2) << 1, NAN, 0.5, 1).finished()),
            "column\ta\tb\na\t1\tn/a\nb\t0.5\t1\n");
}

}  // namespace
}  // namespace sociometer::testing
