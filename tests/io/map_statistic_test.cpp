#include "io/images/map_statistic.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/support/files.hpp"

namespace sociometer {
namespace {

NiftiHeader named(const std::string& path) {
  NiftiHeader header;
  header.path = path;
  return header;
}

TEST(MapStatistic, OfSpmIsInTheDescription) {
  const MapStatistic told = statistic_of_map(
      read_nifti_header(testing::golden("spm/group/onesample/spmT_0001.nii.gz")), Json());
  EXPECT_EQ(told.word, "t");
  EXPECT_EQ(told.source, "description");
  EXPECT_EQ(told.dof, 15);
  NiftiHeader f = named("spmF_0001.nii");
  f.description = "SPM{F_[2.0,11.5]} - contrast 2: any";
  EXPECT_EQ(statistic_of_map(f, Json()).numerator_dof, 2);
  EXPECT_EQ(statistic_of_map(f, Json()).dof, 11.5);
}

TEST(MapStatistic, OfFslIsInTheIntentWithoutDegreesOfFreedom) {
  const MapStatistic told = statistic_of_map(
      read_nifti_header(testing::golden("fsl/group/one_flame1/tstat1.nii.gz")), Json());
  EXPECT_EQ(told.word, "t");
  EXPECT_EQ(told.source, "intent code");
  EXPECT_FALSE(told.dof);
}

TEST(MapStatistic, NamesAreTheLastResort) {
  EXPECT_EQ(statistic_of_map(named("contrast-a_stat-z_statmap.nii.gz"), Json()).word, "z");
  EXPECT_EQ(statistic_of_map(named("anatomy.nii.gz"), Json()).word, "");
  NiftiHeader t = named("contrast-a_stat-z_statmap.nii.gz");
  t.statistic = "t";
  t.statistic_parameters = {7, 0};
  const MapStatistic told = statistic_of_map(t, Json());
  EXPECT_EQ(told.word, "t");
  EXPECT_EQ(told.dof, 7);
}

TEST(MapStatistic, SidecarsComeFirst) {
  NiftiHeader header = named("a.nii.gz");
  header.statistic = "z";
  const auto told = [&](const char* text) { return statistic_of_map(header, Json::parse(text)); };
  const MapStatistic t = told(R"({"Statistic": "t", "Contrast": {"DegreesOfFreedom": 15}})");
  EXPECT_EQ(t.word, "t");
  EXPECT_EQ(t.source, "sidecar");
  EXPECT_EQ(t.dof, 15);
  const MapStatistic f = told(
      R"({"Statistic": "F", "Contrast": {"DegreesOfFreedom": 15, "NumeratorDegreesOfFreedom": 2}})");
  EXPECT_EQ(f.word, "f");
  EXPECT_EQ(f.numerator_dof, 2);
  const MapStatistic range =
      told(R"({"Statistic": "t", "Contrast": {"DegreesOfFreedom": {"Least": 4, "Most": 11}}})");
  EXPECT_FALSE(range.dof);
  EXPECT_EQ(range.dof_range, (std::array<double, 2>{4, 11}));
  // This program writes no degrees of freedom that are infinite; of others nothing is known.
  EXPECT_TRUE(std::isinf(
      *told(R"({"Statistic": "t", "Contrast": {}, "Record": "sociometer/group-map 1"})").dof));
  EXPECT_FALSE(told(R"({"Statistic": "t", "Contrast": {}})").dof);
  EXPECT_EQ(told(R"({"Statistic": 3})").word, "z");
}

}  // namespace
}  // namespace sociometer
