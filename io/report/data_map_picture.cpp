#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/report/colour_map.hpp"
#include "io/report/data_pictures.hpp"
#include "io/report/map_legend.hpp"
#include "io/report/map_sheet.hpp"
#include "io/report/picture_file.hpp"
#include "io/report/svg_markup.hpp"
#include "io/report/tile_layout.hpp"

namespace sociometer {
namespace {

constexpr double kWidth = 960, kPadding = 14, kTitle = 15, kFont = 11, kHead = 34, kBarWidth = 170,
                 kBarGap = 24, kFoot = 8, kWords = 48;
constexpr double kMostScale = 2, kPixel = 2;
constexpr Rgb kPoor{0.95, 0.32, 0.25};

struct Range {
  double low = 0, high = 1, median = 0;
  Eigen::Index n = 0, n_poor = 0;
};

Range range_of(const DataMap& map) {
  std::vector<float> values;
  Range range;
  for (const float v : map.values.values) {
    if (!std::isfinite(v)) continue;
    values.push_back(v);
    range.n_poor += map.poor && double(v) <= *map.poor;
  }
  range.n = Eigen::Index(values.size());
  if (values.empty()) return range;
  std::sort(values.begin(), values.end());
  const auto at = [&](double part) {
    return double(values[size_t(std::llround(part * double(values.size() - 1)))]);
  };
  range.median = at(0.5);
  range.low = map.low.value_or(map.whole_numbers ? at(0) : at(0.02));
  range.high = map.high.value_or(map.whole_numbers ? at(1) : at(0.98));
  if (!(range.high > range.low)) range.high = range.low + 1;
  return range;
}

/// A row of slices with its colour bar.
class DataMapDrawing {
 public:
  DataMapDrawing(const DataMap& map, const Anatomy& anatomy, double pixel_mm)
      : map_(map), sheet_(anatomy, pixel_mm, false), range_(range_of(map)) {
    TileRow row;
    const auto add = [&](Plane plane, int n) {
      for (const double mm : choose_slices(anatomy.mask, plane, n, {}))
        row.tiles.push_back({plane, mm, 0, 0});
    };
    add(Plane::axial, 5);
    add(Plane::coronal, 1);
    add(Plane::sagittal, 1);
    row.least_height = kColourBarHeight + kWords;
    layout_ = lay_out(sheet_, {row}, kPadding, kHead, kWidth - 2 * kPadding - kBarWidth - kBarGap,
                      kMostScale);
  }
  DrawnPicture drawn() {
    return {kWidth, layout_.bottom() + kFoot, [this](Canvas& canvas) { draw(canvas); }};
  }

 private:
  Rgb colour(double v) const {
    return colour_of(ColourScale::amount, (v - range_.low) / (range_.high - range_.low));
  }

  void draw(Canvas& canvas) {
    canvas.fill(0, 0, kWidth, layout_.bottom() + kFoot, kBrainGround);
    canvas.text(kPadding, 23, map_.title, kTitle, 0, 0, kBrainInk);
    sheet_.resize(layout_.width, layout_.height);
    for (const SheetTile& tile : layout_.rows[0]) {
      // Values as they are: counts have no values between them.
      const Raster slice = sample_slice(map_.values, tile.plane, *tile.position_mm, sheet_.box(),
                                        sheet_.pixel_mm(), SliceInterpolation::nearest);
      sheet_.draw_amounts(tile, slice, range_.low, range_.high);
      if (!map_.poor) continue;
      Raster poverty = slice;
      for (float& v : poverty.values) v = std::isfinite(v) && double(v) <= *map_.poor ? 1.0F : 0.0F;
      sheet_.add_contour(tile, poverty, 0.5);
    }
    sheet_.set_contour_colour(kPoor);
    sheet_.draw_on(canvas, layout_.x, layout_.y, layout_.scale);
    draw_tile_labels(canvas, sheet_, layout_, false);
    draw_legend(canvas);
  }

  void draw_legend(Canvas& canvas) {
    ColourBar bar;
    bar.low = range_.low, bar.high = range_.high, bar.name = map_.unit;
    bar.colour = [this](double v) { return colour(v); };
    for (const float v : map_.values.values) {
      bar.beyond_low |= double(v) < range_.low;
      bar.beyond_high |= double(v) > range_.high;
    }
    const TileLayout::Place& place = layout_.places[0];
    const double x = kWidth - kPadding - kBarWidth - 6,
                 y = (place.top + place.bottom - kColourBarHeight - kWords) / 2;
    draw_colour_bar(canvas, bar, x, y, kBarWidth, kBrainInk);
    double line = y + kColourBarHeight + 16;
    const auto add = [&](const std::string& text) {
      canvas.text(x + kBarWidth / 2, line, text, kFont, 0.5, 0, kBrainSoftInk);
      line += 15;
    };
    add("median " + short_number(range_.median));
    if (!map_.poor) return;
    add("outlined: \u2264 " + short_number(*map_.poor));
    add(fmt::format("{} of {} voxels", range_.n_poor, range_.n));
  }

  const DataMap& map_;
  MapSheet sheet_;
  Range range_;
  TileLayout layout_;
};

}  // namespace

Html draw_data_map(const DataMap& map, const Anatomy& anatomy, std::string_view id) {
  DataMapDrawing drawing(map, anatomy, kPixel);
  return svg_markup(svg_of(drawing.drawn()), id);
}

}  // namespace sociometer
