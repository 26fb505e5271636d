#include <array>
#include <cctype>
#include <cmath>
#include <cstring>
#include <memory>

#include <cairo.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/report/canvas_image.hpp"
#include "io/report/contours.hpp"
#include "io/report/glass_brain.hpp"
#include "io/report/map_overlay.hpp"
#include "io/report/png.hpp"
#include "io/report/shared_images.hpp"
#include "io/report/svg_markup.hpp"

namespace sociometer::testing {
namespace {

/// Pixels of a PNG as cairo's reader (libpng) has them.
Pixels read_png(const std::string& png) {
  struct Reader {
    const std::string& bytes;
    size_t at = 0;
  } reader{png};
  const std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> image(
      cairo_image_surface_create_from_png_stream(
          [](void* closure, unsigned char* data, unsigned int n) {
            auto& r = *static_cast<Reader*>(closure);
            if (r.at + n > r.bytes.size()) return CAIRO_STATUS_READ_ERROR;
            std::memcpy(data, r.bytes.data() + r.at, n);
            r.at += n;
            return CAIRO_STATUS_SUCCESS;
          },
          &reader),
      cairo_surface_destroy);
  EXPECT_EQ(cairo_surface_status(image.get()), CAIRO_STATUS_SUCCESS);
  Pixels pixels(cairo_image_surface_get_width(image.get()),
                cairo_image_surface_get_height(image.get()));
  for (Eigen::Index y = 0; y < pixels.height; ++y)
    for (Eigen::Index x = 0; x < pixels.width; ++x) {
      uint32_t v = 0;
      std::memcpy(&v,
                  cairo_image_surface_get_data(image.get()) +
                      y * cairo_image_surface_get_stride(image.get()) + 4 * x,
                  4);
      uint8_t* p = pixels.at(x, y);
      p[0] = uint8_t(v >> 16), p[1] = uint8_t(v >> 8), p[2] = uint8_t(v);
      const bool has_alpha = cairo_image_surface_get_format(image.get()) == CAIRO_FORMAT_ARGB32;
      p[3] = has_alpha ? uint8_t(v >> 24) : 255;
    }
  return pixels;
}

TEST(PalettePng, KeepsFewColoursExactly) {
  // 2 n - 1 colours: of half a byte, of odd widths, of a byte.
  for (const Eigen::Index n : {1, 2, 3, 8, 9, 128}) {
    Pixels pixels(n, 3);
    for (Eigen::Index y = 0; y < 3; ++y)
      for (Eigen::Index x = 0; x < n; ++x)
        pixels.set(x, y,
                   {double(x) / 255, double(x * 7 % 256) / 255, y == 1 ? 0 : double(x) / 255});
    EXPECT_EQ(read_png(palette_png(pixels)).rgba, pixels.rgba) << n;
  }
}

TEST(PalettePng, KeepsTransparentPixels) {
  Pixels pixels(5, 1);
  for (Eigen::Index x = 0; x < 5; ++x) pixels.set(x, 0, {0.2 * double(x), 1, 0}, x == 2 ? 0 : 1);
  const Pixels back = read_png(palette_png(pixels));
  for (Eigen::Index x = 0; x < 5; ++x) {
    EXPECT_EQ(back.at(x, 0)[3], x == 2 ? 0 : 255) << x;
    if (x == 2) continue;
    EXPECT_EQ(back.at(x, 0)[0], pixels.at(x, 0)[0]) << x;
  }
}

TEST(PalettePng, MergesManyColoursIntoNearOnes) {
  Pixels pixels(128, 128);
  for (Eigen::Index y = 0; y < 128; ++y)
    for (Eigen::Index x = 0; x < 128; ++x)
      pixels.set(x, y, {double(x) / 127, double(y) / 127, double(x + y) / 254});
  const std::string png = palette_png(pixels);
  const Pixels back = read_png(png);
  ASSERT_EQ(back.rgba.size(), pixels.rgba.size());
  int worst = 0;
  for (size_t i = 0; i < pixels.rgba.size(); ++i)
    worst = std::max(worst, std::abs(int(back.rgba[i]) - int(pixels.rgba[i])));
  EXPECT_LE(worst, 16);  // 16 384 colours on a plane: 256 boxes have sides of a sixteenth
  EXPECT_EQ(palette_png(pixels), png);
}

/// Entries that follow `value`, with half of the palette partly transparent.
template <typename Value>
IndexedPixels indexed(Eigen::Index width, Eigen::Index height, int n, const Value& value) {
  IndexedPixels pixels{width, height, {}, {}};
  for (int i = 0; i < n; ++i) {
    const auto level = uint8_t(i);
    pixels.palette.push_back({level, uint8_t(255 - level), 7, uint8_t(i < n / 2 ? 51 : 255)});
  }
  for (Eigen::Index y = 0; y < height; ++y)
    for (Eigen::Index x = 0; x < width; ++x) pixels.entries.push_back(uint8_t(value(x, y) % n));
  return pixels;
}

TEST(IndexedPng, KeepsEveryEntryWithItsOpacity) {
  const auto slope = [](Eigen::Index x, Eigen::Index y) { return int(3 * x + 2 * y); };
  const auto noise = [](Eigen::Index x, Eigen::Index y) { return int(x * 7919 + y * 104729) >> 3; };
  for (const int n : {3, 16, 17, 256})
    for (const bool smooth : {true, false})
      for (const Eigen::Index width : {1, 7, 60}) {
        const IndexedPixels pixels =
            smooth ? indexed(width, 40, n, slope) : indexed(width, 40, n, noise);
        const std::string png = indexed_png(pixels);
        EXPECT_EQ(indexed_png(pixels), png);
        const Pixels back = read_png(png);
        ASSERT_EQ(back.width, width);
        for (size_t i = 0; i < pixels.entries.size(); ++i) {
          const auto& colour = pixels.palette[pixels.entries[i]];
          const uint8_t* found = back.rgba.data() + 4 * i;
          ASSERT_EQ(found[3], colour[3]) << n << ' ' << i;
          for (size_t c = 0; c < 3; ++c)  // cairo has colours times alpha
            ASSERT_NEAR(found[c], colour[c] * colour[3] / 255.0, 1) << n << ' ' << i;
        }
      }
}

TEST(IndexedPng, IsSmallWhereNeighboursAreNear) {
  const auto hills = [](Eigen::Index x, Eigen::Index y) {
    return int(120 + 60 * std::sin(0.07 * double(x)) + 60 * std::cos(0.05 * double(y + x)));
  };
  IndexedPixels pixels = indexed(300, 300, 256, hills);
  const size_t ordered = indexed_png(pixels).size();
  for (uint8_t& entry : pixels.entries) entry = uint8_t(entry * 77);  // the same in another order
  EXPECT_LT(ordered, indexed_png(pixels).size() * 2 / 3);
}

TEST(IndexedPng, RefusesEntriesBeyondItsPalette) {
  IndexedPixels pixels = indexed(4, 4, 3, [](Eigen::Index, Eigen::Index) { return 1; });
  pixels.entries[5] = 3;
  EXPECT_THROW(indexed_png(pixels), std::logic_error);
}

MapOverlay::Paint paint_of_test() {
  return [](double at, Shown shown) {
    return std::array<double, 4>{at > 0 ? at : 0, at < 0 ? -at : 0, 0,
                                 shown == Shown::opaque ? 1 : 0.5};
  };
}

TEST(MapOverlay, IsCutToWhatHasAColourAndKeepsPlacesAndColours) {
  MapOverlay overlay(30, 20, paint_of_test());
  overlay.set(4, 6, 1, Shown::opaque);
  overlay.set(25, 9, -0.5, Shown::faded);
  overlay.set(7, 8, NAN, Shown::faded);
  overlay.set(1, 1, 0, Shown::faded_in_glass);
  const MapOverlay::Cut cut = overlay.cut();
  EXPECT_EQ(cut.x, 4);
  EXPECT_EQ(cut.y, 6);
  ASSERT_EQ(cut.pixels.width, 22);
  ASSERT_EQ(cut.pixels.height, 4);
  const auto at = [&](Eigen::Index column, Eigen::Index row) {
    return cut.pixels.palette[cut.pixels.entries[size_t((row - 6) * 22 + column - 4)]];
  };
  EXPECT_EQ(at(4, 6), (std::array<uint8_t, 4>{255, 0, 0, 255}));
  EXPECT_NEAR(at(25, 9)[1], 127.5, 4);  // steps of 4 / 126
  EXPECT_EQ(at(25, 9)[3], 128);
  EXPECT_EQ(at(7, 8)[3], 0);
  EXPECT_EQ(at(5, 7)[3], 0);
  EXPECT_EQ(MapOverlay(5, 5, paint_of_test()).cut().pixels.width, 0);
}

TEST(MapOverlay, FitsIntoAPaletteWithStepsThatAreNotSeen) {
  MapOverlay overlay(1000, 3, paint_of_test());
  for (Eigen::Index x = 0; x < 1000; ++x)
    for (const Shown shown : {Shown::faded, Shown::faded_in_glass, Shown::opaque})
      overlay.set(x, Eigen::Index(shown), double(x) / 499.5 - 1, shown);
  const MapOverlay::Cut cut = overlay.cut();
  EXPECT_LE(cut.pixels.palette.size(), 256U);
  EXPECT_GT(cut.pixels.palette.size(), 150U);
  const auto opaque = size_t(Shown::opaque);
  for (Eigen::Index x = 0; x < cut.pixels.width; ++x) {
    const double value = double(x + cut.x) / 499.5 - 1;
    const auto& colour =
        cut.pixels.palette[cut.pixels.entries[opaque * size_t(cut.pixels.width) + size_t(x)]];
    EXPECT_NEAR(colour[value > 0 ? 0 : 1] / 255.0, std::abs(value), 0.5 / 70 + 0.004) << value;
  }
}

TEST(SharedImages, StayOnceAndAreReferredTo) {
  const std::string head = "<image id=\"",
                    data = "\" width=\"2\" xlink:href=\"data:image/png;base64,";
  const std::string markup = head + "a-0" + data + "AAAA\"/><use xlink:href=\"#a-0\"/>" + head +
                             "b-0" + data + "AAAA\"/>" + head + "b-1" + data +
                             "BBBB\"/><use xlink:href=\"#b-0\"/><use xlink:href=\"#b-1\"/>" +
                             "<a href=\"#b-0x\">&lt;image id=\"b-0</a>";
  EXPECT_EQ(with_shared_images(markup),
            head + "a-0" + data + "AAAA\"/><use xlink:href=\"#a-0\"/>" + head + "b-1" + data +
                "BBBB\"/><use xlink:href=\"#a-0\"/><use xlink:href=\"#b-1\"/>" +
                "<a href=\"#b-0x\">&lt;image id=\"b-0</a>");
  EXPECT_EQ(with_shared_images("<p>text"), "<p>text");
}

TEST(ContourLines, AreClosedAroundWhatIsAbove) {
  Raster raster;
  raster.width = 5, raster.height = 4;
  raster.values.assign(20, 0);
  raster.values[size_t(1 * 5 + 2)] = 4;  // column 2, row 1
  const auto lines = contour_lines(raster, 1);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].front(), lines[0].back());
  ASSERT_EQ(lines[0].size(), 5U);
  // Interpolated: three quarters of the way from the peak to its four neighbours.
  for (const auto& [column, row] : lines[0])
    EXPECT_NEAR(std::abs(column - 2) + std::abs(row - 1), 0.75, 1e-12);
}

TEST(ContourLines, CloseAtEdgesAndMissingValues) {
  Raster raster;
  raster.width = 3, raster.height = 1;
  raster.values = {5, 5, NAN};
  const auto lines = contour_lines(raster, 1);
  ASSERT_EQ(lines.size(), 1U);
  double area = 0;  // shoelace; 2 x 1 pixels with their corners cut
  for (size_t i = 0; i + 1 < lines[0].size(); ++i)
    area += lines[0][i][0] * lines[0][i + 1][1] - lines[0][i + 1][0] * lines[0][i][1];
  EXPECT_NEAR(std::abs(area) / 2, 1.5, 1e-12);
  EXPECT_TRUE(contour_lines(raster, 9).empty());
}

TEST(GlassBrain, HasThicknessAndOutline) {
  Mask mask;
  mask.grid.size = {5, 5, 5};
  mask.grid.world_from_voxel.diagonal() << 2, 2, 2, 1;
  for (Eigen::Index v = 0; v < 125; ++v) {
    const auto p = mask.grid.position(v);
    if (p[0] > 0 && p[0] < 4 && p[1] > 0 && p[1] < 4 && p[2] == 2)
      mask.voxels.push_back(uint32_t(v));
  }
  const GlassBrain brain = glass_brain(mask, {{0, 0, 0}, {8, 8, 8}}, 2);
  const auto& axial = brain.views[size_t(Plane::axial)];
  const auto& coronal = brain.views[size_t(Plane::coronal)];
  EXPECT_EQ(axial.thickness.at(2, 2), 2);
  EXPECT_EQ(axial.thickness.at(0, 0), 0);
  EXPECT_EQ(coronal.thickness.at(2, 2), 6);
  ASSERT_EQ(axial.outline.size(), 1U);
  for (const auto& [column, row] : axial.outline[0]) {
    EXPECT_GE(column, 0.5);
    EXPECT_LE(column, 3.5);
  }
}

TEST(InlineSvg, GivesIdsOfTheirOwnInOrderOfAppearance) {
  const std::string svg =
      "<?xml version=\"1.0\"?>\n<svg width=\"10pt\" height=\"20pt\" viewBox=\"0 0 10 20\">"
      "<g id=\"surface77\"/><path clip-path=\"url(#clip9)\" id=\"p\"/>"
      "<use xlink:href=\"#surface77\"/><image xlink:href=\"data:image/png;base64,AA==\"/>"
      "<text>see url(#clip9)</text></svg>";
  const std::string page = inline_svg(svg, "map-3");
  EXPECT_EQ(page.find("<?xml"), std::string::npos);
  EXPECT_NE(page.find("viewBox=\"0 0 10 20\" width=\"10\" height=\"20\""), std::string::npos);
  EXPECT_NE(page.find("<g id=\"map-3-0\"/><path clip-path=\"url(#map-3-1)\" id=\"map-3-2\"/>"
                      "<use xlink:href=\"#map-3-0\"/>"),
            std::string::npos);
  EXPECT_NE(page.find("<text>see url(#clip9)</text>"), std::string::npos);
  EXPECT_THROW(inline_svg(svg, "a b"), std::logic_error);
}

/// Points of a path of relative lines, back in absolute coordinates.
std::vector<std::pair<double, double>> points_of(const std::string& path) {
  std::vector<std::pair<double, double>> points;
  double x = 0, y = 0, start_x = 0, start_y = 0;
  const char* at = path.c_str();
  char command = 0;
  while (*at != 0) {
    if (*at == 'm' || *at == 'l' || *at == 'z') command = *at++;
    if (command == 'z') {
      x = start_x, y = start_y;
      continue;
    }
    char* end = nullptr;
    // Up to the second point of "1.5.5".
    const auto number = [&] {
      std::string word;
      while (*at == ' ') ++at;
      if (*at == '-') word += *at++;
      while (std::isdigit(static_cast<unsigned char>(*at)) != 0) word += *at++;
      if (*at == '.') word += *at++;
      while (std::isdigit(static_cast<unsigned char>(*at)) != 0) word += *at++;
      return std::strtod(word.c_str(), &end);
    };
    x += number();
    y += number();
    if (command == 'm') start_x = x, start_y = y;
    points.emplace_back(x, y);
  }
  return points;
}

TEST(InlineSvg, LongOutlinesAreShortenedToTenthsOfAPixel) {
  std::vector<std::pair<double, double>> given;
  std::string path;
  for (int ring = 0; ring < 20; ++ring)
    for (int i = 0; i < 8; ++i) {
      const double x = 40 + 17.3 * ring + 8 * std::cos(0.7 * i), y = 30 - 5 * std::sin(0.7 * i);
      path += fmt::format("{} {:.3f} {:.3f} {}", i == 0 ? "M" : "L", x, y, i == 7 ? "Z " : "");
      given.emplace_back(x, y);
    }
  const auto inlined = [](const std::string& d) {
    return inline_svg("<svg viewBox=\"0 0 9 9\"><path d=\"" + d + "\"/></svg>", "p");
  };
  const std::string markup = inlined(path);
  const size_t from = markup.find(" d=\"") + 4;
  const std::string shorter = markup.substr(from, markup.find('"', from) - from);
  EXPECT_LT(shorter.size(), path.size() / 2);
  const auto found = points_of(shorter);
  ASSERT_EQ(found.size(), given.size());
  for (size_t i = 0; i < given.size(); ++i) {
    EXPECT_NEAR(found[i].first, given[i].first, 0.0501);
    EXPECT_NEAR(found[i].second, given[i].second, 0.0501);
  }
  // Letters are short, and curves are not touched.
  const std::string letter = path.substr(0, path.find('Z') + 1);
  EXPECT_NE(inlined(letter).find(letter), std::string::npos);
  const std::string curve = path + "C 1 2 3 4 5 6";
  EXPECT_NE(inlined(curve).find(curve), std::string::npos);
}

TEST(Canvas, KeepsTextsAndPixelsInAnSvgInMemory) {
  Canvas canvas(100, 50, Canvas::SvgInMemory{});
  canvas.text(10, 20, "a < b", 12, 0.5);
  canvas.text(10, 20, "up", 12, 0, -std::acos(0.0));
  Pixels pixels(2, 1);
  pixels.set(0, 0, {1, 0, 0});
  pixels.set(1, 0, {0, 0, 1});
  draw_pixels(canvas, pixels, 30, 5, 40, 20, false);
  const std::string svg = canvas.svg();
  EXPECT_NE(svg.find("x=\"10\" y=\"20\" font-size=\"12\""), std::string::npos);
  EXPECT_NE(svg.find("text-anchor=\"middle\">a &lt; b</text>"), std::string::npos);
  EXPECT_NE(svg.find("matrix(0 -1 1 0 10 20)"), std::string::npos);
  EXPECT_EQ(svg.find("glyph"), std::string::npos);
  EXPECT_NE(svg.find("data:image/png;base64,"), std::string::npos);
}

}  // namespace
}  // namespace sociometer::testing
