#include "engine/roi/study_regions.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <gtest/gtest.h>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

TEST(StudyRegions, HaveLabelsThatBidsAllowsASourceAndARadius) {
  std::set<std::string> names;
  for (const auto& region : study_regions()) {
    EXPECT_TRUE(std::all_of(region.name.begin(), region.name.end(), [](unsigned char c) {
      return std::isalnum(c);
    })) << region.name;
    EXPECT_FALSE(region.source.empty()) << region.name;
    EXPECT_GT(region.radius_mm, 0) << region.name;
    // Whatever is not stated must be explained.
    if (region.radius_known != Knowledge::stated) {
      EXPECT_FALSE(region.note.empty()) << region.name;
    }
    names.insert(region.name);
  }
  EXPECT_EQ(names.size(), study_regions().size());
}

TEST(StudyRegions, OfOneRoleDoNotMeetThoseOfAnother) {
  for (const auto& a : study_regions())
    for (const auto& b : study_regions())
      if (a.role != b.role) {
        EXPECT_GT((a.centre_mm - b.centre_mm).norm(), 9) << a.name << " " << b.name;
      }
}

TEST(StudyRegions, AreFoundByName) {
  EXPECT_EQ(study_region("dACC").centre_mm, Eigen::Vector3d(8, 24, 24));
  EXPECT_EQ(study_region("ventralStriatumR").role, RegionRole::reward);
  try {
    study_region("amygdala");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::usage);
    EXPECT_NE(std::string(error.what()).find("dACC"), std::string::npos);
  }
}

}  // namespace
}  // namespace sociometer
