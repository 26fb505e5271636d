#include "engine/roi/value_table.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/io/refusal.hpp"

namespace sociometer {
namespace {

using testing::refuses;

RegionValue value(const std::string& participant, const std::string& roi,
                  const std::string& contrast, double number, const std::string& statistic = "mean",
                  double coverage = 1) {
  RegionValue v;
  v.unit = {participant, "", contrast};
  v.roi = roi;
  v.statistic = statistic;
  v.value = number;
  v.coverage = coverage;
  return v;
}

/// Two participants, two regions, two contrasts; sub-02 lacks the last cell.
std::vector<RegionValue> long_table() {
  return {value("sub-02", "B", "x", 1), value("sub-02", "B", "y", 2), value("sub-02", "A", "x", 3),
          value("sub-01", "B", "x", 5), value("sub-01", "B", "y", 6), value("sub-01", "A", "x", 7),
          value("sub-01", "A", "y", 8)};
}

using Columns = std::vector<std::pair<std::string, std::string>>;
using Names = std::vector<std::string>;

TEST(Pivot, PutsParticipantsInRowsAndRegionsOfContrastsInColumnsAsTheyAppear) {
  const ValueTable table = pivot(long_table(), {}, "v.tsv");
  EXPECT_EQ(table.participants, (Names{"sub-02", "sub-01"}));
  EXPECT_EQ(table.columns, (Columns{{"B", "x"}, {"B", "y"}, {"A", "x"}, {"A", "y"}}));
  EXPECT_EQ(table.statistic, "mean");
  EXPECT_EQ(table.values.row(1), Eigen::RowVector4d(5, 6, 7, 8));
  EXPECT_EQ(table.values(0, 2), 3);
  EXPECT_TRUE(std::isnan(table.values(0, 3)));
  EXPECT_EQ(table.regions(), (Names{"B", "A"}));
  EXPECT_EQ(table.contrasts(), (Names{"x", "y"}));
  EXPECT_EQ(table.find("A", "x"), 2);
  EXPECT_TRUE(refuses(ErrorCode::usage, {"region C", "contrast x", "A, B", "x, y"},
                      [&] { table.find("C", "x"); }));
}

TEST(Pivot, TakesWhatIsChosenAndLeavesOutWhatIsBadlyCovered) {
  auto values = long_table();
  values.push_back(value("sub-01", "A", "x", 9, "peak"));
  values[3].coverage = 0.5;
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"v.tsv", "several statistics", "choose the statistic"},
                      [&] { pivot(values, {}, "v.tsv"); }));
  ValueChoice choice;
  choice.statistic = "mean";
  choice.rois = {"[B-Z]"};
  choice.min_coverage = 0.6;
  const ValueTable table = pivot(values, choice, "v.tsv");
  EXPECT_EQ(table.columns, (Columns{{"B", "x"}, {"B", "y"}}));
  EXPECT_EQ(table.left_out, 1);
  EXPECT_TRUE(std::isnan(table.values(1, 0)));
  choice.rois = {"C*"};
  EXPECT_TRUE(refuses(ErrorCode::bad_input, {"v.tsv", "no region 'C*'", "A, B"},
                      [&] { pivot(values, choice, "v.tsv"); }));
}

TEST(ValueTable, KeepsTheRequestedParticipants) {
  ValueTable table = pivot(long_table(), {}, "v.tsv");
  table.keep({1});
  EXPECT_EQ(table.participants, Names{"sub-01"});
  EXPECT_EQ(table.values, Eigen::RowVector4d(5, 6, 7, 8));
}

TEST(DifferencesOf, AreTheFirstContrastMinusTheSecondInEachRegion) {
  const ValueTable table = differences_of(pivot(long_table(), {}, "v.tsv"), {{"x", "y"}});
  EXPECT_EQ(table.columns, (Columns{{"B", "x - y"}, {"A", "x - y"}}));
  EXPECT_EQ(table.values.row(1), Eigen::RowVector2d(-1, -1));
  EXPECT_EQ(table.values(0, 0), -1);
  EXPECT_TRUE(std::isnan(table.values(0, 1)));
}

TEST(CellsOf, AreInTheOrderAskedForAndCompleteAfterKeepComplete) {
  DissociationData data = cells_of(pivot(long_table(), {}, "v.tsv"), {"A", "B"}, {"y", "x"});
  EXPECT_EQ(data.cells.row(1), Eigen::RowVector4d(8, 7, 6, 5));
  EXPECT_EQ(data.cells(1, data.column(1, 0)), 6);
  EXPECT_EQ(keep_complete(data), Names{"sub-02"});
  EXPECT_EQ(data.participants, Names{"sub-01"});
  EXPECT_EQ(data.cells, Eigen::RowVector4d(8, 7, 6, 5));
}

TEST(RegressorSds, AreMeansOverParticipantsAndNotKnownWhereOneLacksIt) {
  auto values = long_table();
  for (auto& v : values) {
    v.regressor_sd = v.unit.contrast == "y" ? kNaN : v.unit.participant == "sub-01" ? 2 : 4;
    v.correlated_with = "none";
  }
  const ValueTable table = pivot(values, {}, "v.tsv");
  const auto sds = regressor_sds(values, table, "B", {"x", "y"}, {"sub-01", "sub-02"});
  EXPECT_EQ(sds[0], 3);
  EXPECT_TRUE(std::isnan(sds[1]));
  EXPECT_EQ(regressor_sds(values, table, "B", {"x"}, {"sub-01"})[0], 2);
  ValueTable of_t = table;
  of_t.statistic = "t";
  EXPECT_TRUE(std::isnan(regressor_sds(values, of_t, "B", {"x"}, {"sub-01"})[0]));
}

TEST(SignalCollinearity, HasTheMeanAndTheLargestCorrelationOfTwoSignals) {
  auto values = long_table();
  for (auto& v : values) {
    v.correlated_with = v.unit.contrast == "x" ? "y" : "x";
    v.correlation = v.unit.participant == "sub-01" ? 0.25 : -0.75;
    v.vif = v.unit.participant == "sub-01" ? 1.5 : 3;
  }
  const DissociationData data = cells_of(pivot(values, {}, "v.tsv"), {"B"}, {"x", "y"});
  const auto all = signal_collinearity(values, data, "");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].signal + all[0].other, "xy");
  EXPECT_EQ(all[0].n, 2u);
  EXPECT_EQ(all[0].mean_r, -0.25);
  EXPECT_EQ(all[0].largest_r, -0.75);
  EXPECT_EQ(all[0].largest_r_in, "sub-02");
  EXPECT_EQ(all[0].largest_vif, 3);
  EXPECT_EQ(signal_collinearity(values, data, "ses-1")[0].n, 0u);
}

}  // namespace
}  // namespace sociometer
