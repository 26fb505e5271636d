#include "io/report/colour_map.hpp"

#include <cmath>

#include <Eigen/Dense>
#include <gtest/gtest.h>

namespace sociometer::testing {
namespace {

// Lightness of sRGB's corners: CIE's formula worked out by hand with Y of the primaries.
TEST(Lightness, OfCorners) {
  EXPECT_NEAR(lightness_of({0, 0, 0}), 0, 1e-9);
  EXPECT_NEAR(lightness_of({1, 1, 1}), 100, 1e-4);
  EXPECT_NEAR(lightness_of({1, 0, 0}), 116 * std::cbrt(0.2126729) - 16, 1e-6);
  EXPECT_NEAR(lightness_of({0, 0, 1}), 116 * std::cbrt(0.0721750) - 16, 1e-6);
}

TEST(Lightness, OfColoursMadeFromIt) {
  for (const double lightness : {5.0, 20.0, 50.0, 90.0})
    EXPECT_NEAR(lightness_of(colour_of_lab(lightness, 4, -5)), lightness, 1e-3);
}

/// Whether lightness rises by at least `least` in each of 100 steps.
void expect_rising(ColourScale scale, double from, double to, double least) {
  double before = lightness_of(colour_of(scale, from));
  for (int i = 1; i <= 100; ++i) {
    const double at = from + i * (to - from) / 100;
    const double lightness = lightness_of(colour_of(scale, at));
    EXPECT_GT(lightness, before + least) << name_of(scale) << " at " << at;
    before = lightness;
  }
}

TEST(ColourScale, LightnessRisesWithTheSizeOfAValue) {
  expect_rising(ColourScale::two_sided, 0, 1, 0.5);
  expect_rising(ColourScale::two_sided, 0, -1, 0.5);
  expect_rising(ColourScale::one_sided, 0, 1, 0.5);
  expect_rising(ColourScale::amount, 0, 1, 0.5);
}

TEST(ColourScale, BothSignsHaveTheSameLightness) {
  for (double at = 0.02; at <= 1; at += 0.02)
    EXPECT_NEAR(lightness_of(colour_of(ColourScale::two_sided, at)),
                lightness_of(colour_of(ColourScale::two_sided, -at)), 1.5)
        << at;
}

double linear_of(double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); }

/// What a deuteranope (`green` 1) or a protanope (0) sees, in linear RGB.
/// Source: Vienot, Brettel & Mollon 1999, Color Research & Application 24: cone responses from RGB,
/// the plane of colours that dichromats see.
Eigen::Vector3d seen(Rgb colour, bool green) {
  Eigen::Matrix3d lms_from_rgb;
  lms_from_rgb << 17.8824, 43.5161, 4.11935, 3.45565, 27.1554, 3.86714, 0.0299566, 0.184309,
      1.46709;
  Eigen::Vector3d lms =
      lms_from_rgb * Eigen::Vector3d(linear_of(colour.r), linear_of(colour.g), linear_of(colour.b));
  if (green)
    lms[1] = 0.494207 * lms[0] + 1.24827 * lms[2];
  else
    lms[0] = 2.02344 * lms[1] - 2.52581 * lms[2];
  return lms_from_rgb.inverse() * lms;
}

TEST(ColourScale, SignsDifferForThoseWithoutRedOrGreenCones) {
  for (const bool green : {false, true})
    for (double at = 0.3; at <= 1; at += 0.05) {
      const Eigen::Vector3d warm = seen(colour_of(ColourScale::two_sided, at), green),
                            cold = seen(colour_of(ColourScale::two_sided, -at), green);
      // Yellow against blue is what they tell apart: the share of blue in the light.
      const double share_warm = warm[2] / warm.cwiseMax(0).sum(),
                   share_cold = cold[2] / cold.cwiseMax(0).sum();
      EXPECT_GT(share_cold, share_warm + 0.15) << green << ' ' << at;
    }
}

TEST(ColourScale, IsClampedAtItsEnds) {
  EXPECT_EQ(colour_of(ColourScale::one_sided, 7).r, colour_of(ColourScale::one_sided, 1).r);
  EXPECT_EQ(colour_of(ColourScale::two_sided, -7).b, colour_of(ColourScale::two_sided, -1).b);
  EXPECT_EQ(colour_of(ColourScale::amount, -7).b, colour_of(ColourScale::amount, 0).b);
}

}  // namespace
}  // namespace sociometer::testing
