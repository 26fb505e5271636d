#include "io/report/design_picture.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

DesignMatrix design_of(Eigen::Index n_scans, Eigen::Index n_columns) {
  DesignMatrix design;
  design.values = Eigen::MatrixXd::Random(n_scans, n_columns);
  design.values.rightCols(1).setOnes();
  for (Eigen::Index j = 0; j < n_columns; ++j) {
    design.names.push_back("column_" + std::to_string(j));
    design.roles.push_back(ColumnRole::task);
  }
  return design;
}

struct PngSize {
  uint32_t width = 0, height = 0;
};

/// From the header of a PNG; zero if it is not a PNG or is truncated.
PngSize size_of_png(const std::string& bytes) {
  if (bytes.size() < 33 || bytes.substr(0, 8) != "\x89PNG\r\n\x1a\n") return {};
  if (bytes.substr(bytes.size() - 8, 4) != "IEND") return {};
  const auto number = [&](size_t at) {
    uint32_t n = 0;
    for (size_t i = 0; i < 4; ++i) n = n << 8 | uint8_t(bytes[at + i]);
    return n;
  };
  return {number(16), number(20)};
}

PngSize picture_of(const DesignMatrix& design) {
  const TemporaryFolder folder;
  draw_design(folder / "a.png", "A title", design, diagnose(design.values));
  return size_of_png(read_bytes(folder / "a.png"));
}

TEST(DesignPicture, IsAPngOfPlausibleSize) {
  const PngSize size = picture_of(design_of(200, 12));
  EXPECT_GT(size.width, 300u);
  EXPECT_LT(size.width, 4000u);
  EXPECT_GT(size.height, 200u);
  EXPECT_LT(size.height, 4000u);
}

TEST(DesignPicture, GrowsWithTheColumns) {
  EXPECT_GT(picture_of(design_of(200, 60)).width, picture_of(design_of(200, 12)).width);
}

TEST(DesignPicture, CopesWithOneColumnManyScansAndZeros) {
  EXPECT_GT(picture_of(design_of(10, 1)).width, 0u);
  EXPECT_GT(picture_of(design_of(20000, 3)).width, 0u);
  DesignMatrix zeros = design_of(30, 4);
  zeros.values.setZero();
  EXPECT_GT(picture_of(zeros).width, 0u);
  DesignMatrix twins = design_of(30, 4);
  twins.values.col(1) = twins.values.col(0);  // infinite variance inflation
  EXPECT_GT(picture_of(twins).width, 0u);
}

TEST(DesignPicture, ShowsTheDesign) {
  const DesignMatrix design = design_of(50, 4);
  DesignMatrix other = design;
  other.values.col(0) = -other.values.col(0);
  const TemporaryFolder folder;
  draw_design(folder / "a.png", "A title", design, diagnose(design.values));
  draw_design(folder / "b.png", "A title", other, diagnose(other.values));
  EXPECT_FALSE(read_bytes(folder / "a.png") == read_bytes(folder / "b.png"));
}

TEST(DesignPicture, IsRefusedWhereItCannotBeWritten) {
  const TemporaryFolder folder;
  const DesignMatrix design = design_of(50, 4);
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {folder / "none/a.png"}, [&] {
    draw_design(folder / "none/a.png", "A title", design, diagnose(design.values));
  }));
}

}  // namespace
}  // namespace sociometer::testing
