#include "io/tables/afni_tables.hpp"

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

class AfniFile {
 public:
  explicit AfniFile(const std::string& text) { write_text(path(), text); }
  std::string path() const { return folder_ / "a.1D"; }

 private:
  TemporaryFolder folder_;
};

TEST(StimTimes, HoldALinePerRun) {
  const AfniFile file("# made by hand\n5 17.5 *\n*\n3*2,0.5:4 9*-1\n");
  EXPECT_EQ(count_stim_times(read_text_file(file.path())), 3u);
  const auto runs = read_stim_times(read_text_file(file.path()), "a", 1.5, 3);
  ASSERT_EQ(runs[0].size(), 2u);
  EXPECT_TRUE(close_number(runs[0][1].onset_s, 17.5, 0));
  EXPECT_TRUE(close_number(runs[0][1].duration_s, 1.5, 0));
  EXPECT_TRUE(runs[1].empty());
  ASSERT_EQ(runs[2].size(), 2u);
  EXPECT_TRUE(close_number(runs[2][0].duration_s, 4, 0));
  EXPECT_EQ(runs[2][0].values,
            (std::map<std::string, double>{{"amplitude_1", 2}, {"amplitude_2", .5}}));
  EXPECT_TRUE(close_number(runs[2][1].duration_s, 1.5, 0));
  EXPECT_EQ(runs[2][1].values, (std::map<std::string, double>{{"amplitude_1", -1}}));
}

TEST(StimTimes, OfOneRunMayStandInAColumn) {
  EXPECT_EQ(read_stim_times(read_text_file(AfniFile("1\n2\n3\n").path()), "a", 0, 1)[0].size(), 3u);
}

TEST(StimTimes, AreRefusedInAnyOtherForm) {
  for (const char* text :
       {"1 2\n3 4\n", "1 x\n", "1:-2\n", "1*\n", "1*2,\n", "1:\n", "nan\n", "\n"}) {
    const AfniFile file(text);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {file.path()}, [&] {
      read_stim_times(read_text_file(file.path()), "a", 0, 1);
    })) << text;
  }
}

const char* const kMatrix =
    "# <matrix\n#  ni_type = \"3*double\"\n#  ni_dimen = \"3\"\n"
    "#  ColumnLabels = \"Run#1Pol#0 ; A#0 ; B#0\"\n#  GoodList = \"0,2..3\"\n#  NRowFull = \"5\"\n"
    "#  GltLabels = \"A-B ; both\"\n#  GltMatrix_000000 = \"1,3,0,1,-1\"\n"
    "#  GltMatrix_000001 = \"2,3,0,1,3@0,1\"\n# >\n 1 2 3\n 1 4 5\n 1 6 8\n# </matrix>\n";

TEST(AfniDesign, PutsCensoredScansWhereTheyWere) {
  const AfniFile file(kMatrix);
  EXPECT_TRUE(is_afni_design(read_text_file(file.path())));
  const AfniDesign afni = read_afni_design(read_text_file(file.path()));
  EXPECT_EQ(afni.design.names, (std::vector<std::string>{"Run#1Pol#0", "A#0", "B#0"}));
  EXPECT_EQ(afni.kept, (std::vector<uint8_t>{1, 0, 1, 1, 0}));
  EXPECT_TRUE(
      same_bits(afni.design.values,
                (Eigen::MatrixXd(5, 3) << 1, 2, 3, 0, 0, 0, 1, 4, 5, 1, 6, 8, 0, 0, 0).finished()));
  ASSERT_EQ(afni.contrasts.size(), 2u);
  EXPECT_EQ(afni.contrasts[0].name, "AMinusB");
  EXPECT_EQ(afni.contrasts[0].rows, (std::vector<std::string>{"[0, 1, -1]"}));
  EXPECT_TRUE(afni.contrasts[1].kind == ContrastKind::F);
  EXPECT_EQ(afni.contrasts[1].rows, (std::vector<std::string>{"[0, 1, 0]", "[0, 0, 1]"}));
}

TEST(AfniDesign, IsRefusedWhereItContradictsItself) {
  const std::string good = kMatrix;
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"0,2..3", "0,2..4"},
                                                        {"0,2..3", "0,2..5"},
                                                        {"0,2..3", "3..1"},
                                                        {"GoodList", "Good"},
                                                        {"A#0 ; B#0", "A#0"},
                                                        {"A#0 ; B#0", "A#0 ; A#0"},
                                                        {" 1 4 5", " 1 4 x"},
                                                        {"NRowFull = \"5\"", "NRowFull = \"-5\""},
                                                        {"2,3,0,1,3@0,1", "2,3,0,1"}}) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const AfniFile file(text);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {}, [&] {
      read_afni_design(read_text_file(file.path()));
    })) << to;
  }
}

TEST(AfniDesign, KnowsWhereItsRunsBegin) {
  EXPECT_EQ(read_afni_design(read_text_file(golden("afni/first_level/X2.xmat.1D"))).run_starts,
            (std::vector<Eigen::Index>{0, 60}));
  EXPECT_EQ(read_afni_design(read_text_file(golden("afni/first_level/X1.xmat.1D"))).run_starts,
            std::vector<Eigen::Index>{0});
}

}  // namespace
}  // namespace sociometer::testing
