#include "io/report/model_picture.hpp"

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {
namespace {

/// A Run node and `n_groups` Dataset nodes behind it.
StatsModel fan(int n_groups) {
  StatsModel model;
  model.name = "fan";
  StatsNode run;
  run.name = "run";
  run.x = {"go", "a_very_long_name_of_a_condition_that_no_line_of_a_box_can_hold", kConstantName};
  run.group_by = {"run", "subject"};
  model.nodes.push_back(run);
  for (int i = 0; i < n_groups; ++i) {
    StatsNode group;
    group.level = NodeLevel::dataset;
    group.name = "group" + std::to_string(i);
    group.x = {kConstantName};
    model.nodes.push_back(group);
    model.edges.push_back({"run", group.name, {{"contrast", {"go"}}}, ""});
  }
  return model;
}

uint32_t height_of_png(const std::string& bytes) {
  if (bytes.size() < 33 || bytes.substr(1, 3) != "PNG") return 0;
  uint32_t n = 0;
  for (size_t i = 20; i < 24; ++i) n = n << 8 | uint8_t(bytes[i]);
  return n;
}

TEST(ModelPicture, GrowsWithNodesAndIsAlsoSvg) {
  const TemporaryFolder folder;
  uint32_t before = 0;
  for (int n : {0, 3, 9}) {
    draw_model(fan(n), folder / "a.png", folder / "a.svg");
    const uint32_t height = height_of_png(read_bytes(folder / "a.png"));
    EXPECT_GT(height, before);
    EXPECT_LT(height, 6000u);
    before = height;
    const std::string svg = read_bytes(folder / "a.svg");
    EXPECT_NE(svg.find("<svg"), std::string::npos);
    EXPECT_NE(svg.find("</svg>"), std::string::npos);
  }
}

TEST(ModelPicture, CannotBeWrittenWhereThereIsNoFolder) {
  const TemporaryFolder folder;
  EXPECT_TRUE(refuses(ErrorCode::cannot_write, {"none"},
                      [&] { draw_model(fan(1), folder / "none/a.png", folder / "none/a.svg"); }));
}

}  // namespace
}  // namespace sociometer::testing
