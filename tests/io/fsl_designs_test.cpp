#include "io/tables/fsl_designs.hpp"

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"
#include "tests/support/matchers.hpp"

namespace sociometer::testing {
namespace {

/// A file in FSL's format that exists as long as this object.
class FslFile {
 public:
  explicit FslFile(const std::string& text) { write_text(path(), text); }
  std::string path() const { return folder_ / "design.mat"; }

 private:
  TemporaryFolder folder_;
};

const char* const kDesign =
    "/NumWaves\t2\n/NumPoints\t3\n/PPheights\t\t1.000000e+00 2.000000e+00\n\n/Matrix\n"
    "1.000000e+00\t-5.000000e-01\t\n0 +1\n\n2\t1e-3\n";
const char* const kContrasts =
    "/ContrastName1\tA > B\n/ContrastName2 mean of all\n/NumWaves 2\n/NumContrasts 3\n/Matrix\n"
    "1 -1\n.5 .5\n0 1\n";

std::vector<ContrastSpec> contrasts_in(const FslFile& contrasts, const FslFile& tests) {
  const FileContent f = read_text_file(tests.path());
  return read_fsl_contrasts(read_text_file(contrasts.path()), &f);
}

TEST(FslDesign, IsReadWithItsNumbers) {
  const FslFile file(kDesign);
  EXPECT_TRUE(is_vest(read_text_file(file.path())));
  const DesignMatrix design = read_fsl_design(read_text_file(file.path()));
  EXPECT_EQ(design.names, (std::vector<std::string>{"EV1", "EV2"}));
  EXPECT_TRUE(
      same_bits(design.values, (Eigen::MatrixXd(3, 2) << 1, -.5, 0, 1, 2, 1e-3).finished()));
}

TEST(FslDesign, IsRefusedWhereNumbersContradictTheHeader) {
  for (const char* text :
       {"/NumWaves 2\n/NumPoints 3\n/Matrix\n1 2\n3 4\n", "/NumWaves 3\n/Matrix\n1 2\n",
        "/NumWaves 2\n/Matrix\n1 x\n", "/NumWaves 2\n/Matrix\n", "/NumWaves 0\n/Matrix\n1\n",
        "/NumWaves 1e99\n/Matrix\n1\n", "/Matrix\n1 2\n3\n", "/NumWaves 1\n/Matrix\nnan\n",
        "/ContrastName0 x\n/Matrix\n1\n"}) {
    const FslFile file(text);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {file.path()}, [&] {
      read_vest(read_text_file(file.path()));
    })) << text;
  }
  EXPECT_FALSE(is_vest(read_text_file(FslFile("a\tb\n1\t2\n").path())));
  EXPECT_FALSE(is_vest(read_text_file(FslFile("MATLAB 5.0 MAT-file").path())));
}

TEST(FslContrasts, AreWeightsWithTheFilesNames) {
  const FslFile contrasts(kContrasts), tests("/NumWaves 3\n/NumContrasts 1\n/Matrix\n1 0 1\n");
  const auto specs = contrasts_in(contrasts, tests);
  ASSERT_EQ(specs.size(), 4u);
  EXPECT_EQ(specs[0].name, "AGtB");
  EXPECT_EQ(specs[1].name, "meanOfAll");
  EXPECT_EQ(specs[2].name, "contrast3");
  EXPECT_EQ(specs[3].name, "f1");
  EXPECT_TRUE(specs[3].kind == ContrastKind::F);
  EXPECT_EQ(specs[3].rows.size(), 2u);
  const std::vector<std::string> columns{"EV1", "EV2"};
  EXPECT_EQ(contrast_weights(specs[1].rows[0], columns, columns, columns).weights,
            Eigen::Vector2d(.5, .5));
  EXPECT_EQ(contrast_weights(specs[3].rows[1], columns, columns, columns).weights,
            Eigen::Vector2d(0, 1));
}

TEST(FslContrasts, AreRefusedWithTestsOfAnotherSize) {
  const FslFile contrasts(kContrasts), two("/NumWaves 2\n/Matrix\n1 1\n"),
      none("/NumWaves 3\n/Matrix\n0 0 0\n");
  EXPECT_TRUE(refuses(ErrorCode::shape_mismatch, {two.path(), "2 columns", "3 contrasts"},
                      [&] { contrasts_in(contrasts, two); }));
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {none.path(), "F test 1"},
                      [&] { contrasts_in(contrasts, none); }));
}

TEST(FslGroups, AreWholeNumbers) {
  EXPECT_EQ(read_fsl_groups(FslFile("/NumWaves 1\n/NumPoints 3\n/Matrix\n1\n1\n2\n").path()),
            (std::vector<long>{1, 1, 2}));
  EXPECT_THROW(read_fsl_groups(FslFile("/NumWaves 1\n/Matrix\n1.5\n").path()), Error);
  EXPECT_THROW(read_fsl_groups(FslFile("/NumWaves 1\n/Matrix\n1e12\n").path()), Error);
}

TEST(FslEvents, HaveThreeColumns) {
  const Events events =
      read_fsl_events(read_table(FslFile("10 2.5 1\n20\t0 -0.5\n").path()), "faces");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].type, "faces");
  EXPECT_TRUE(close_number(events[0].duration_s, 2.5, 0));
  EXPECT_TRUE(close_number(events[1].onset_s, 20, 0));
  EXPECT_TRUE(close_number(events[1].amplitude, -.5, 0));
  EXPECT_TRUE(read_fsl_events(read_table(FslFile("0 0 0\n").path()), "x").empty())
      << "FSL's empty EV";
}

TEST(FslEvents, AreRefusedInAnyOtherForm) {
  for (const char* text : {"1 2\n", "onset duration amplitude\n1 2 3\n", "1 -2 3\n", "1 2 3\n4 5\n",
                           "", "1 2 n/a\n"}) {
    const FslFile file(text);
    EXPECT_TRUE(refuses(ErrorCode::bad_input, {file.path()}, [&] {
      read_fsl_events(read_table(file.path()), "x");
    })) << text;
  }
}

}  // namespace
}  // namespace sociometer::testing
