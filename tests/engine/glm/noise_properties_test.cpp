#include "engine/glm/noise_properties.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/glm/noise_strategy.hpp"

namespace sociometer {
namespace noise_properties {

const std::vector<std::string> kAll{"ols",     "ar1",         "ar2-corrected", "ar4-averaged",
                                    "auto",    "ar1-nilearn", "arma11",        "mixture",
                                    "spm-ar1", "spm-fast",    "tukey"};

template <class Property>
std::string with(const Property& property) {
  std::string names;
  for (const std::string& name : kAll)
    if (property(parse_noise_model(name))) names += (names.empty() ? "" : " ") + name;
  return names;
}

TEST(NoiseProperties, AreThoseOfTheKinds) {
  EXPECT_EQ(with(is_white), "ols");
  EXPECT_EQ(with(needs_equal_times), "spm-fast");
  EXPECT_EQ(with(separates_runs), "arma11");
  EXPECT_EQ(with(tapers), "tukey");
  EXPECT_EQ(with([](const NoiseModel& m) { return !has_one_process(m); }), "mixture");
}

TEST(NoiseProperties, DescribeTheOptionsThatAModelHas) {
  EXPECT_EQ(with([](const NoiseModel& m) { return describe(m).averages; }), "ar4-averaged");
  EXPECT_EQ(with([](const NoiseModel& m) { return describe(m).corrects_bias.has_value(); }),
            "ar1 ar2-corrected auto");
  EXPECT_EQ(with([](const NoiseModel& m) { return describe(m).corrects_bias.value_or(false); }),
            "ar2-corrected auto");
  EXPECT_EQ(with([](const NoiseModel& m) { return describe(m).arma.has_value(); }), "arma11");
  EXPECT_EQ(with([](const NoiseModel& m) { return describe(m).smoothing_fwhm_mm.has_value(); }),
            "ar1 ar2-corrected auto ar1-nilearn arma11 tukey");
  NoiseModel tukey = parse_noise_model("tukey");
  tukey.tukey_lags = 7;
  tukey.smoothing_fwhm_mm = 5;
  EXPECT_EQ(describe(tukey).tukey_lags, 7);
  EXPECT_EQ(describe(tukey).smoothing_fwhm_mm, 5);
}

}  // namespace noise_properties
}  // namespace sociometer
