#include "io/report/map_picture.hpp"

#include <cmath>
#include <limits>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "io/report/colour_map.hpp"
#include "io/report/map_paint.hpp"
#include "io/report/map_sheet.hpp"
#include "io/report/tile_layout.hpp"

namespace sociometer::testing {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

/// A ball of voxels of 4 mm around (0, 0, 0). @param left  the first axis points to the left.
Mask ball(bool left) {
  Mask mask;
  mask.grid.size = {17, 17, 17};
  mask.grid.world_from_voxel.diagonal() << (left ? -4 : 4), 4, 4, 1;
  mask.grid.world_from_voxel.topRightCorner<3, 1>() << (left ? 32 : -32), -32, -32;
  for (Eigen::Index v = 0; v < mask.grid.n_voxels(); ++v)
    if (mask.grid.world(v).norm() <= 30) mask.voxels.push_back(uint32_t(v));
  return mask;
}

const Eigen::Vector3d kPeak(-12, 16, 8), kDip(8, -20, 8);

/// 1 everywhere but for seven voxels around kPeak, which have up to 6, and kDip, down to -5.
MapLayer layer_on(const Mask& mask) {
  Eigen::VectorXd values(mask.n_voxels());
  for (Eigen::Index v = 0; v < values.size(); ++v) {
    const Eigen::Vector3d at = mask.grid.world(mask.voxels[size_t(v)]);
    const double to_peak = (at - kPeak).norm(), to_dip = (at - kDip).norm();
    values[v] = to_peak < 5 ? 6 - 0.1 * to_peak : to_dip < 5 ? -5 + 0.1 * to_dip : 1;
  }
  MapLayer layer;
  layer.title = "reward";
  layer.statistic = on_grid(mask, values);
  layer.statistic_name = "t(23)";
  layer.threshold = 3;
  layer.threshold_words = "voxelwise p < 0.01, two-sided";
  layer.correction = Correction::uncorrected;
  return layer;
}

TEST(MapPaint, FadesWhatDoesNotPass) {
  MapLayer layer = layer_on(ball(false));
  const MapPaint paint = paint_of(layer);
  EXPECT_EQ(paint.limit, 6);
  EXPECT_EQ(paint.opacity(6, true), 1);
  // A quarter of the way in opacity at half of the threshold, and ever less, but not nothing.
  EXPECT_NEAR(paint.opacity(1.5, false), MapPaint::most_faded / 4, 1e-12);
  EXPECT_NEAR(paint.opacity(-1.5, false), MapPaint::most_faded / 4, 1e-12);
  EXPECT_GT(paint.opacity(0.3, false), 0);
  EXPECT_LT(paint.opacity(0.3, false), paint.opacity(0.6, false));
  EXPECT_LT(paint.opacity(2.99, false), 0.81);
  EXPECT_TRUE(paint.reaches(3) && paint.reaches(-3));
  EXPECT_FALSE(paint.reaches(2.99));
}

TEST(MapPaint, FadesFromAMagnitudeOfItsOwn) {
  MapLayer layer = layer_on(ball(false));
  layer.threshold.reset();
  layer.fading_from = 2;
  MapPaint paint = paint_of(layer);
  EXPECT_NEAR(paint.opacity(1, false), MapPaint::most_faded / 4, 1e-12);
  EXPECT_EQ(paint.opacity(5, false), MapPaint::most_faded);
  layer.fading_from = std::numeric_limits<double>::infinity();  // nothing would be seen
  paint = paint_of(layer);
  EXPECT_NEAR(paint.opacity(3, false), MapPaint::most_faded / 4, 1e-12);
}

TEST(MapPaint, LeavesOutMissingValuesAndSignsThatAreNotTested) {
  MapLayer layer = layer_on(ball(false));
  layer.sign = TestedSign::positive;
  MapPaint paint = paint_of(layer);
  EXPECT_EQ(paint.opacity(kNone, false), 0);
  EXPECT_EQ(paint.opacity(-9, false), 0);
  EXPECT_FALSE(paint.reaches(-9));
  EXPECT_FALSE(paint.reaches(NAN));
  layer.sign = TestedSign::negative;
  paint = paint_of(layer);
  EXPECT_EQ(paint.limit, 5);
  EXPECT_EQ(paint.opacity(9, false), 0);
  EXPECT_TRUE(paint.reaches(-3));
  // Blue, as negative values of a two-sided test.
  EXPECT_GT(paint.colour(-4).b, paint.colour(-4).r);
}

TEST(MapPaint, AThresholdThatNothingReachesFadesAll) {
  MapLayer layer = layer_on(ball(false));
  layer.threshold = std::numeric_limits<double>::infinity();
  const MapPaint paint = paint_of(layer);
  EXPECT_FALSE(paint.reaches(6));
  EXPECT_LT(paint.opacity(6, false), 0.81);
  EXPECT_GT(paint.opacity(3, false), 0);
  EXPECT_NE(threshold_line(layer).find("no value passes"), std::string::npos);
}

TEST(ThresholdLine, SaysWhetherItIsCorrected) {
  MapLayer layer = layer_on(ball(false));
  EXPECT_EQ(threshold_line(layer),
            "voxelwise p < 0.01, two-sided, uncorrected for multiple comparisons, |t(23)| ≥ 3");
  layer.correction = Correction::corrected;
  layer.sign = TestedSign::negative;
  EXPECT_EQ(threshold_line(layer),
            "voxelwise p < 0.01, two-sided, corrected for multiple comparisons, t(23) ≤ −3");
}

/// The colour of a sheet with one tile at a position in world space.
Rgb colour_at(const MapSheet& sheet, Plane plane, const Eigen::Vector3d& world, bool mirrored) {
  const Raster raster = empty_raster(plane, sheet.box(), sheet.pixel_mm());
  auto [column, row] = raster.pixel_of(world);
  if (mirrored) column = raster.width - 1 - column;
  const Pixels pixels = sheet.pixels();
  const uint8_t* p = pixels.at(column, row);
  return {p[0] / 255.0, p[1] / 255.0, p[2] / 255.0};
}

void expect_colour(Rgb found, Rgb expected, const std::string& what, double within = 0.005) {
  EXPECT_NEAR(found.r, expected.r, within) << what;
  EXPECT_NEAR(found.g, expected.g, within) << what;
  EXPECT_NEAR(found.b, expected.b, within) << what;
}

TEST(MapSheet, HasTheColourOfAVoxelWhereItIs) {
  for (const bool left : {false, true})
    for (const bool radiological : {false, true})
      for (const Plane plane : {Plane::sagittal, Plane::coronal, Plane::axial})
        for (const auto& [at, value] : {std::pair{kPeak, 6.0}, std::pair{kDip, -5.0}}) {
          const Anatomy anatomy{ball(left), {}, ""};
          const MapLayer layer = layer_on(anatomy.mask);
          PaintedLayer painted(layer, SliceInterpolation::linear);
          MapSheet sheet(anatomy, 2, radiological);
          sheet.resize(sheet.tile_width(plane), sheet.tile_height(plane));
          const SheetTile tile{plane, at[normal_axis(plane)], 0, 0};
          sheet.draw_anatomy(tile);
          sheet.draw_map(tile, painted);
          const bool mirrored = radiological && plane != Plane::sagittal;
          const std::string what = name_of(plane) + (left ? " LAS" : " RAS");
          expect_colour(colour_at(sheet, plane, at, mirrored),
                        colour_of(ColourScale::two_sided, value / 6), what);
          // On the other side of the midline the background shines through: grey 0.24.
          const Eigen::Vector3d other(-at[0], at[1], at[2]);
          if (plane == Plane::sagittal) continue;
          const Rgb faded = colour_at(sheet, plane, other, mirrored);
          const double front = MapPaint::most_faded / 9;
          const Rgb full = colour_of(ColourScale::two_sided, 1 / 6.0);
          expect_colour(faded,
                        {0.24 + front * (full.r - 0.24), 0.24 + front * (full.g - 0.24),
                         0.24 + front * (full.b - 0.24)},
                        what + " other side", 0.008);  // fewer steps of what is faded
        }
}

TEST(MapSheet, TheGlassBrainShowsWhatPassedAnywhere) {
  const Anatomy anatomy{ball(true), {}, ""};
  const MapLayer layer = layer_on(anatomy.mask);
  PaintedLayer painted(layer, SliceInterpolation::nearest);
  MapSheet sheet(anatomy, 2, false);
  sheet.resize(sheet.tile_width(Plane::axial), sheet.tile_height(Plane::axial));
  const SheetTile tile{Plane::axial, std::nullopt, 0, 0};
  sheet.draw_anatomy(tile);
  sheet.draw_map(tile, painted);
  expect_colour(colour_at(sheet, Plane::axial, {kPeak[0], kPeak[1], -20}, false),
                colour_of(ColourScale::two_sided, 1), "peak");
  expect_colour(colour_at(sheet, Plane::axial, {kDip[0], kDip[1], 0}, false),
                colour_of(ColourScale::two_sided, -5 / 6.0), "dip");
}

TEST(MapSheet, WhatPassedIsWhatTheCallerSays) {
  // A cluster test: kPeak passed, kDip exceeds the threshold but does not pass.
  const Anatomy anatomy{ball(false), {}, ""};
  MapLayer layer = layer_on(anatomy.mask);
  layer.passed = layer.statistic;
  for (float& v : layer.passed->values) v = v > 3 ? 1 : v < 0 ? 0 : kNone;
  PaintedLayer painted(layer, SliceInterpolation::linear);
  const PaintedLayer::View view =
      painted.slice(Plane::axial, 8, {{-32, -32, -32}, {32, 32, 32}}, 4);
  const auto passed = [&](const Eigen::Vector3d& at) {
    const auto [column, row] = view.height.pixel_of(at);
    return double(view.height.at(column, row)) >= view.level;
  };
  EXPECT_TRUE(passed(kPeak));
  EXPECT_FALSE(passed(kDip));
  EXPECT_FALSE(passed({0, 0, 8}));
}

TEST(PeaksOf, AreApartAndOfWhatPassed) {
  const MapLayer layer = layer_on(ball(true));
  const auto peaks = peaks_of(layer, 4);
  ASSERT_EQ(peaks.size(), 2U);
  EXPECT_EQ(peaks[0], kPeak);
  EXPECT_EQ(peaks[1], kDip);
}

TEST(ChooseSlices, SpreadsThemAndGoesThroughPeaks) {
  const Mask mask = ball(false);  // 28 mm to each side
  const auto even = choose_slices(mask, Plane::axial, 3, {});
  EXPECT_EQ(even, (std::vector<double>{-22, 0, 22}));
  EXPECT_EQ(choose_slices(mask, Plane::axial, 3, {kPeak}), (std::vector<double>{-22, 8, 22}));
  // The second peak is in a slice that is there already; the third takes the nearest that is left.
  EXPECT_EQ(choose_slices(mask, Plane::axial, 3, {kPeak, kDip, {0, 0, 14}}),
            (std::vector<double>{-22, 8, 14}));
  EXPECT_EQ(choose_slices(mask, Plane::sagittal, 1, {}), (std::vector<double>{0}));
}

std::set<std::string> ids_of(const std::string& svg) {
  std::set<std::string> ids;
  const std::regex id(" id=\"([^\"]*)\"");
  for (std::sregex_iterator it(svg.begin(), svg.end(), id), end; it != end; ++it)
    ids.insert((*it)[1]);
  return ids;
}

MapPicture picture_on(const Mask& mask) {
  MapPicture picture;
  picture.map = layer_on(mask);
  picture.options.n_axial = picture.options.n_coronal = picture.options.n_sagittal = 2;
  return picture;
}

TEST(DrawMap, IsAnSvgWithTextsAndItsOwnIds) {
  const Anatomy anatomy{ball(false), {}, ""};
  MapPicture picture = picture_on(anatomy.mask);
  picture.map.title = "<script>alert('x')</script> & \" id=\"y";
  const std::string first = draw_map(picture, anatomy, "map-1").markup(),
                    second = draw_map(picture, anatomy, "map-2").markup();
  EXPECT_EQ(first.substr(0, 5), "<svg ");
  EXPECT_EQ(first.find("<script"), std::string::npos);
  EXPECT_NE(first.find("&lt;script&gt;"), std::string::npos);
  EXPECT_NE(first.find("t(23)"), std::string::npos);
  EXPECT_NE(first.find("z = 8"), std::string::npos);
  EXPECT_NE(first.find("uncorrected"), std::string::npos);
  EXPECT_LT(first.find(">L</text>"), first.find(">R</text>"));
  const auto ids = ids_of(first), others = ids_of(second);
  ASSERT_FALSE(ids.empty());
  for (const std::string& id : ids) {
    EXPECT_EQ(id.substr(0, 6), "map-1-");
    EXPECT_FALSE(others.contains(id)) << id;
  }
  // The same bytes, whatever was drawn before in this process.
  EXPECT_EQ(draw_map(picture, anatomy, "map-1").markup(), first);
}

TEST(DrawMap, ChangesSidesForRadiologists) {
  const Anatomy anatomy{ball(false), {}, ""};
  MapPicture picture = picture_on(anatomy.mask);
  picture.options.radiological = true;
  const std::string svg = draw_map(picture, anatomy, "map").markup();
  EXPECT_LT(svg.find(">R</text>"), svg.find(">L</text>"));
  EXPECT_NE(svg.find("radiological"), std::string::npos);
}

TEST(DrawMap, StandsWithoutValuesThresholdOrGlass) {
  const Anatomy anatomy{ball(false), on_grid(ball(true)), "x"};
  MapPicture picture = picture_on(anatomy.mask);
  picture.map.threshold.reset();
  picture.map.statistic.values.setConstant(kNone);
  picture.options.glass_brain = false;
  EXPECT_GT(draw_map(picture, anatomy, "map").markup().size(), 1000U);
}

TEST(DrawMap, PicturesOfTheSameSlicesShareTheAnatomy) {
  const Anatomy anatomy{ball(false), {}, ""};
  MapPicture picture = picture_on(anatomy.mask);
  const std::string first = draw_map(picture, anatomy, "map-1").markup();
  picture.map.threshold = 5;
  const std::string second = draw_map(picture, anatomy, "map-2").markup();
  const auto data_of = [](const std::string& svg) {
    std::set<std::string> data;
    const std::regex image("data:image/png;base64,([^\"]*)");
    for (std::sregex_iterator it(svg.begin(), svg.end(), image), end; it != end; ++it)
      data.insert((*it)[1]);
    return data;
  };
  std::set<std::string> all = data_of(first);
  // The glass brain and three rows of slices, the map, the bar.
  ASSERT_EQ(all.size(), 6U);
  all.merge(data_of(second));
  EXPECT_EQ(all.size(), 8U);
}

TEST(DrawComparison, HasARowForEachMapAtTheSameSlices) {
  const Anatomy anatomy{ball(false), {}, ""};
  MapComparison picture;
  picture.title = "two signals";
  picture.maps = {layer_on(anatomy.mask), layer_on(anatomy.mask)};
  picture.maps[1].title = "relational value";
  picture.options.n_axial = picture.options.n_coronal = picture.options.n_sagittal = 1;
  const std::string svg = draw_comparison(picture, anatomy, "pair").markup();
  EXPECT_NE(svg.find("reward"), std::string::npos);
  EXPECT_NE(svg.find("relational value"), std::string::npos);
  const std::regex label(">z = 8</text>");
  EXPECT_EQ(
      std::distance(std::sregex_iterator(svg.begin(), svg.end(), label), std::sregex_iterator()),
      2);
}

}  // namespace
}  // namespace sociometer::testing
