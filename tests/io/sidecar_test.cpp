#include "io/records/sidecar.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace sociometer::testing {
namespace {

TEST(SidecarText, KeepsTheOrderOfKeysAndEndsWithANewline) {
  Json json;
  json["Zeta"] = 1;
  json["Alpha"] = {0.1, "x"};
  EXPECT_EQ(to_text(json), "{\n  \"Zeta\": 1,\n  \"Alpha\": [\n    0.1,\n    \"x\"\n  ]\n}\n");
}

TEST(SidecarText, TurnsNanAndInfinityToNull) {
  EXPECT_EQ(to_text(Json{NAN, INFINITY, -INFINITY}), "[\n  null,\n  null,\n  null\n]\n");
}

TEST(SidecarText, KeepsEveryDigit) {
  const double value = 0.1 + 0.2;
  EXPECT_EQ(Json::parse(to_text(Json{value}))[0].get<double>() - value, 0);
}

TEST(SidecarText, SurvivesFileNamesThatAreNotUtf8) {
  // Latin-1 in a path or a trial type is possible and must not abort an hour-long run.
  std::string text;
  ASSERT_NO_THROW(text = to_text(Json{{"Path", "/data/M\xFCller/bold.nii.gz"}}));
  EXPECT_TRUE(Json::accept(text)) << text;
}

TEST(InputFile, ShowsItsChecksumInEightDigits) {
  EXPECT_EQ(input_file("a.nii", 0x00ab12cd).checksum, "0000000000ab12cd");
  EXPECT_EQ(input_file("a.nii", 0xffffffff).checksum, "00000000ffffffff");
  EXPECT_EQ(input_file("a.nii", 1).path, "a.nii");
}

TEST(DatasetDescription, IsThatOfABidsDerivative) {
  const Json json = Json::parse(dataset_description("1.2.3", "abcdef"));
  EXPECT_EQ(json["DatasetType"], "derivative");
  EXPECT_TRUE(json["Name"].is_string());
  EXPECT_TRUE(json["BIDSVersion"].is_string());
  ASSERT_EQ(json["GeneratedBy"].size(), 1u);
  EXPECT_EQ(json["GeneratedBy"][0]["Name"], "Sociometer");
  EXPECT_EQ(json["GeneratedBy"][0]["Version"], "1.2.3");
}

}  // namespace
}  // namespace sociometer::testing
