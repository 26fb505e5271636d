#include "io/report/map_sheet.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "io/report/canvas_image.hpp"

namespace sociometer {
namespace {

constexpr double kMargin = 4;          // mm around the mask
constexpr double kBrightest = 0.74;    // grey of the background, which leaves room for colours
constexpr double kGlassFading = 0.35;  // of the opacity of what did not pass, in projections
constexpr double kInside = 0.24;       // grey of a mask without a background
constexpr Rgb kOutline{0.55, 0.55, 0.55};

uint8_t grey(double level) { return uint8_t(std::lround(255 * std::clamp(level, 0.0, 1.0))); }

/// The 99th percentile of a background at the voxels of a mask; 1 if there is none.
double bright_value(const GridValues& background, const Mask& mask) {
  const size_t step = std::max<size_t>(1, mask.voxels.size() / 20000);
  std::vector<float> values;
  for (size_t i = 0; i < mask.voxels.size(); i += step) {
    const Eigen::Vector3d at = mask.grid.world(mask.voxels[i]);
    const float v = resampled(background, {at, at}, 1, SliceInterpolation::nearest).values[0];
    if (std::isfinite(v)) values.push_back(v);
  }
  if (values.empty()) return 1;
  const auto place = values.begin() + long(double(values.size() - 1) * 0.99);
  std::nth_element(values.begin(), place, values.end());
  return *place > 0 ? double(*place) : 1;
}

}  // namespace

PaintedLayer::PaintedLayer(const MapLayer& layer, SliceInterpolation interpolation)
    : layer_(layer), paint_(paint_of(layer)), interpolation_(interpolation) {
  require(layer.statistic.values.size() == layer.statistic.grid.n_voxels(),
          "one value per voxel of a map");
  level_ = layer.passed       ? 0.5
           : paint_.threshold ? *paint_.threshold
                              : std::numeric_limits<double>::infinity();
  if (!layer.passed) return;
  passed_ = *layer.passed;
  for (float& v : passed_->values) v = std::isfinite(v) && v != 0 ? 1.0F : 0.0F;
}

float PaintedLayer::height_of(float statistic) const {
  return float(tested_size(paint_.sign, double(statistic)));
}

PaintedLayer::View PaintedLayer::slice(Plane plane, double position_mm, const WorldBox& box,
                                       double pixel_mm) const {
  View view{sample_slice(layer_.statistic, plane, position_mm, box, pixel_mm, interpolation_),
            {},
            level_};
  if (passed_) {
    view.height = sample_slice(*passed_, plane, position_mm, box, pixel_mm, interpolation_);
  } else {
    view.height = view.statistic;
    for (float& v : view.height.values) v = height_of(v);
  }
  return view;
}

void PaintedLayer::fill_cubes(const WorldBox& box, double pixel_mm) {
  constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
  statistic_cube_ = resampled(layer_.statistic, box, pixel_mm, interpolation_);
  for (float& v : statistic_cube_->values)
    if (height_of(v) == 0) v = kNone;
  height_cube_ = passed_ ? resampled(*passed_, box, pixel_mm, interpolation_) : *statistic_cube_;
  if (!passed_)
    for (float& v : height_cube_->values) v = height_of(v);
  passed_cube_ = *statistic_cube_;
  for (Eigen::Index v = 0; v < passed_cube_->values.size(); ++v)
    if (!(double(height_cube_->values[v]) >= level_)) passed_cube_->values[v] = kNone;
}

PaintedLayer::View PaintedLayer::projection(Plane plane, const WorldBox& box, double pixel_mm) {
  if (!statistic_cube_) fill_cubes(box, pixel_mm);
  View view{project(*statistic_cube_, plane, box, pixel_mm, Projection::largest_magnitude),
            project(*height_cube_, plane, box, pixel_mm, Projection::largest), level_};
  const Raster passed = project(*passed_cube_, plane, box, pixel_mm, Projection::largest_magnitude);
  for (size_t i = 0; i < passed.values.size(); ++i)
    if (std::isfinite(passed.values[i])) view.statistic.values[i] = passed.values[i];
  return view;
}

MapSheet::MapSheet(const Anatomy& anatomy, double pixel_mm, bool radiological)
    : anatomy_(anatomy),
      solid_(on_grid(anatomy.mask)),
      pixel_mm_(pixel_mm),
      radiological_(radiological),
      box_(box_around(anatomy.mask, kMargin, pixel_mm)) {
  if (anatomy.background) bright_ = bright_value(*anatomy.background, anatomy.mask);
}

void share_glass(Anatomy& anatomy) {
  const double pixel_mm = MapPictureOptions{}.pixel_mm;
  anatomy.glass = std::make_shared<GlassBrain>(
      glass_brain(anatomy.mask, box_around(anatomy.mask, kMargin, pixel_mm), pixel_mm));
}

Eigen::Index MapSheet::tile_width(Plane plane) const {
  return empty_raster(plane, box_, pixel_mm_).width;
}
Eigen::Index MapSheet::tile_height(Plane plane) const {
  return empty_raster(plane, box_, pixel_mm_).height;
}

void MapSheet::resize(Eigen::Index width, Eigen::Index height) {
  width_ = width, height_ = height;
  greys_.assign(size_t(width * height), 0);
  occupied_.clear();
  overlays_.clear();
}

Eigen::Index MapSheet::column_on_sheet(const SheetTile& tile, const Raster& raster,
                                       Eigen::Index column) const {
  return tile.x + (is_mirrored(tile.plane) ? raster.width - 1 - column : column);
}

template <typename GreyOf>
void MapSheet::draw_greys(const SheetTile& tile, const Raster& raster, const GreyOf& grey_of) {
  for (Eigen::Index row = 0; row < raster.height; ++row)
    for (Eigen::Index column = 0; column < raster.width; ++column)
      if (const double v = double(raster.at(column, row)); std::isfinite(v))
        greys_[size_t((tile.y + row) * width_ + column_on_sheet(tile, raster, column))] =
            grey_of(v);
}

MapOverlay& MapSheet::overlay_of(const void* map, const MapOverlay::Paint& paint) {
  for (auto& [drawn, overlay] : overlays_)
    if (drawn == map) return overlay;
  return overlays_.emplace_back(map, MapOverlay(width_, height_, paint)).second;
}

std::vector<Polyline> MapSheet::moved(const SheetTile& tile, const Raster& raster,
                                      std::vector<Polyline> lines) const {
  for (Polyline& line : lines)
    for (auto& [column, row] : line) {
      if (is_mirrored(tile.plane)) column = double(raster.width - 1) - column;
      // From centres of pixels to the corner of the sheet.
      column += double(tile.x) + 0.5;
      row += double(tile.y) + 0.5;
    }
  return lines;
}

void MapSheet::add_contour(const SheetTile& tile, const Raster& raster, double level) {
  for (Polyline& line : moved(tile, raster, contour_lines(raster, level)))
    contours_.push_back(std::move(line));
}

/// Glass is darker where it is thin.
void MapSheet::draw_glass(const SheetTile& tile) {
  if (!glass_ && anatomy_.glass && anatomy_.glass->views[0].thickness.pixel_mm == pixel_mm_)
    glass_ = anatomy_.glass;
  if (!glass_) glass_ = std::make_shared<GlassBrain>(glass_brain(anatomy_.mask, box_, pixel_mm_));
  const GlassBrain::View& view = glass_->views[size_t(tile.plane)];
  const float thickest =
      *std::max_element(view.thickness.values.begin(), view.thickness.values.end());
  draw_greys(tile, view.thickness, [&](double mm) {
    return grey(mm == 0 ? 0 : 0.06 + 0.2 * mm / std::max(1.0, double(thickest)));
  });
  for (Polyline& line : moved(tile, view.thickness, view.outline))
    outlines_.push_back(std::move(line));
}

void MapSheet::draw_anatomy(const SheetTile& tile) {
  occupied_.push_back({tile.y, tile.y + tile_height(tile.plane)});
  if (!tile.position_mm) return draw_glass(tile);
  const auto slice = [&](const GridValues& image) {
    return sample_slice(image, tile.plane, *tile.position_mm, box_, pixel_mm_,
                        SliceInterpolation::linear);
  };
  if (anatomy_.background) {
    // Every fourth grey: in images that is not seen, and takes fewer bytes.
    draw_greys(tile, slice(*anatomy_.background), [&](double v) {
      return uint8_t(grey(kBrightest * std::min(v / bright_, 1.0)) & 0xfc);
    });
    return;
  }
  const Raster solid = slice(solid_);
  draw_greys(tile, solid, [](double part) { return grey(kInside * part); });
  for (Polyline& line : moved(tile, solid, contour_lines(solid, 0.5)))
    outlines_.push_back(std::move(line));
}

void MapSheet::draw_map(const SheetTile& tile, PaintedLayer& layer) {
  const PaintedLayer::View view = tile.position_mm
                                      ? layer.slice(tile.plane, *tile.position_mm, box_, pixel_mm_)
                                      : layer.projection(tile.plane, box_, pixel_mm_);
  const MapPaint& paint = layer.paint();
  MapOverlay& overlay = overlay_of(&layer, [paint](double at, Shown shown) {
    // The largest of many values along a line of sight is nearly always close to a threshold.
    const double fading = shown == Shown::faded_in_glass ? kGlassFading : 1;
    const Rgb colour = paint.colour(at * paint.limit);
    const double opacity = paint.opacity(at * paint.limit, shown == Shown::opaque);
    return std::array<double, 4>{colour.r, colour.g, colour.b, fading * opacity};
  });
  const Raster& raster = view.statistic;
  for (Eigen::Index row = 0; row < raster.height; ++row)
    for (Eigen::Index column = 0; column < raster.width; ++column) {
      const double value = double(raster.at(column, row));
      if (tested_size(paint.sign, value) == 0) continue;
      const bool passed = double(view.height.at(column, row)) >= view.level;
      overlay.set(column_on_sheet(tile, raster, column), tile.y + row, value / paint.limit,
                  passed             ? Shown::opaque
                  : tile.position_mm ? Shown::faded
                                     : Shown::faded_in_glass);
    }
  if (std::isfinite(view.level)) add_contour(tile, view.height, view.level);
}

void MapSheet::draw_amounts(const SheetTile& tile, const Raster& raster, double low, double high) {
  MapOverlay& overlay = overlay_of(nullptr, [](double at, Shown) {
    const Rgb colour = colour_of(ColourScale::amount, (at + 1) / 2);
    return std::array<double, 4>{colour.r, colour.g, colour.b, 1};
  });
  for (Eigen::Index row = 0; row < raster.height; ++row)
    for (Eigen::Index column = 0; column < raster.width; ++column)
      if (const double v = double(raster.at(column, row)); std::isfinite(v))
        overlay.set(column_on_sheet(tile, raster, column), tile.y + row,
                    2 * (v - low) / (high - low) - 1, Shown::opaque);
}

std::vector<std::array<Eigen::Index, 2>> MapSheet::bands() const {
  auto tiles = occupied_;
  std::sort(tiles.begin(), tiles.end());
  std::vector<std::array<Eigen::Index, 2>> bands;
  for (const auto& [top, bottom] : tiles)
    if (bands.empty() || top >= bands.back()[1])
      bands.push_back({top, bottom});
    else
      bands.back()[1] = std::max(bands.back()[1], bottom);
  return bands;
}

IndexedPixels MapSheet::greys_of(const std::array<Eigen::Index, 2>& band) const {
  IndexedPixels pixels{width_, band[1] - band[0], {}, {}};
  const auto from = greys_.begin() + band[0] * width_, to = greys_.begin() + band[1] * width_;
  std::array<bool, 256> used{};
  std::for_each(from, to, [&](uint8_t grey) { used[grey] = true; });
  std::array<uint8_t, 256> entry_of{};
  for (size_t grey = 0; grey < used.size(); ++grey)
    if (used[grey]) {
      entry_of[grey] = uint8_t(pixels.palette.size());
      const auto level = uint8_t(grey);
      pixels.palette.push_back({level, level, level, 255});
    }
  std::transform(from, to, std::back_inserter(pixels.entries),
                 [&](uint8_t grey) { return entry_of[grey]; });
  return pixels;
}

Pixels MapSheet::pixels() const {
  Pixels out(width_, height_);
  for (size_t i = 0; i < greys_.size(); ++i) {
    for (size_t c = 0; c < 3; ++c) out.rgba[4 * i + c] = greys_[i];
    out.rgba[4 * i + 3] = 255;
  }
  for (const auto& [map, overlay] : overlays_) {
    const MapOverlay::Cut cut = overlay.cut();
    for (Eigen::Index row = 0; row < cut.pixels.height; ++row)
      for (Eigen::Index column = 0; column < cut.pixels.width; ++column) {
        const auto& front =
            cut.pixels.palette[cut.pixels.entries[size_t(row * cut.pixels.width + column)]];
        uint8_t* behind = out.at(cut.x + column, cut.y + row);
        for (size_t c = 0; c < 3; ++c)
          behind[c] =
              uint8_t((int(behind[c]) * (255 - front[3]) + int(front[c]) * front[3] + 127) / 255);
      }
  }
  return out;
}

void MapSheet::draw_on(Canvas& canvas, double x, double y, double scale) const {
  const auto draw_part = [&](const IndexedPixels& pixels, Eigen::Index left, Eigen::Index top) {
    draw_indexed(canvas, pixels, x + scale * double(left), y + scale * double(top),
                 scale * double(pixels.width), scale * double(pixels.height));
  };
  for (const auto& band : bands()) draw_part(greys_of(band), 0, band[0]);
  for (const auto& [map, overlay] : overlays_)
    if (const MapOverlay::Cut cut = overlay.cut(); cut.pixels.width > 0)
      draw_part(cut.pixels, cut.x, cut.y);
  cairo_t* cairo = canvas.cairo();
  cairo_set_antialias(cairo, CAIRO_ANTIALIAS_DEFAULT);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  // An eighth of a pixel is enough, and keeps numbers short.
  const auto place = [&](double from, double v) { return std::round(8 * (from + scale * v)) / 8; };
  const auto draw_lines = [&](const std::vector<Polyline>& lines, Rgb colour, double width) {
    for (const Polyline& line : lines) {
      cairo_new_sub_path(cairo);
      for (const auto& [column, row] : line) cairo_line_to(cairo, place(x, column), place(y, row));
      cairo_close_path(cairo);
    }
    cairo_set_source_rgb(cairo, colour.r, colour.g, colour.b);
    cairo_set_line_width(cairo, width);
    cairo_stroke(cairo);
  };
  draw_lines(outlines_, kOutline, 1);
  draw_lines(contours_, contour_colour_, 1);
}

}  // namespace sociometer
