#include "io/report/tile_layout.hpp"

#include <algorithm>
#include <array>

#include "io/report/colour_bar.hpp"

namespace sociometer {
namespace {

constexpr double kGapMm = 3, kLabelHeight = 15, kFont = 11;
constexpr Rgb kPale{0.85, 0.85, 0.85};

/// Spreads tiles over a width, the first and the last at its ends.
void justify(std::vector<SheetTile>& tiles, const MapSheet& sheet, Eigen::Index width) {
  const SheetTile& last = tiles.back();
  const Eigen::Index spare = width - last.x - sheet.tile_width(last.plane);
  for (size_t i = 0; i < tiles.size(); ++i)
    tiles[i].x += spare * Eigen::Index(i) / Eigen::Index(tiles.size() - 1);
}

}  // namespace

TileRow slice_row(Plane plane, const std::vector<double>& positions_mm) {
  TileRow row;
  row.justified = true;
  for (const double mm : positions_mm) row.tiles.push_back({plane, mm, 0, 0});
  return row;
}

TileRow glass_row() {
  TileRow row;
  for (const Plane plane : {Plane::sagittal, Plane::coronal, Plane::axial})
    row.tiles.push_back({plane, std::nullopt, 0, 0});
  return row;
}

TileLayout lay_out(const MapSheet& sheet, std::vector<TileRow> rows, double x, double y,
                   double room_px, double most_px_per_mm) {
  TileLayout layout;
  layout.x = x, layout.y = y;
  const Eigen::Index gap = std::max<Eigen::Index>(1, std::llround(kGapMm / sheet.pixel_mm()));
  for (TileRow& row : rows) {
    Eigen::Index at = 0;
    for (SheetTile& tile : row.tiles) {
      tile.x = at;
      at += sheet.tile_width(tile.plane) + gap;
    }
    layout.width = std::max(layout.width, at - gap);
  }
  for (TileRow& row : rows)
    if (row.tiles.size() > 1 && row.justified) justify(row.tiles, sheet, layout.width);
  layout.scale = std::min(room_px / double(layout.width), most_px_per_mm * sheet.pixel_mm());
  const auto pixels = [&](double px) { return Eigen::Index(std::ceil(px / layout.scale)); };
  Eigen::Index top = 0;
  for (TileRow& row : rows) {
    top += pixels(row.head_px);
    Eigen::Index tallest = 0, right = 0;
    for (const SheetTile& tile : row.tiles)
      tallest = std::max(tallest, sheet.tile_height(tile.plane));
    tallest = std::max(tallest, pixels(row.least_height));
    for (SheetTile& tile : row.tiles) {
      tile.y = top + (tallest - sheet.tile_height(tile.plane)) / 2;
      right = tile.x + sheet.tile_width(tile.plane);
    }
    layout.places.push_back({y + layout.scale * double(top), x + layout.scale * double(right),
                             y + layout.scale * double(top + tallest)});
    top += tallest + pixels(kLabelHeight);
    layout.rows.push_back(std::move(row.tiles));
  }
  layout.height = std::max<Eigen::Index>(1, top);
  return layout;
}

void draw_tile_labels(Canvas& canvas, const MapSheet& sheet, const TileLayout& layout,
                      bool radiological) {
  constexpr std::array kAxes{"x", "y", "z"};
  for (size_t r = 0; r < layout.rows.size(); ++r) {
    const auto& row = layout.rows[r];
    for (size_t i = 0; i < row.size(); ++i) {
      const SheetTile& tile = row[i];
      const double left = layout.x + layout.scale * double(tile.x),
                   width = layout.scale * double(sheet.tile_width(tile.plane)),
                   top = layout.y + layout.scale * double(tile.y);
      if (tile.position_mm)
        canvas.text(left + width / 2, layout.places[r].bottom + 9,
                    std::string(kAxes[size_t(normal_axis(tile.plane))]) + " = " +
                        short_number(*tile.position_mm),
                    kFont, 0.5, 0, kPale);
      const bool is_first = i == 0 || row[i - 1].plane != tile.plane || !tile.position_mm;
      if (!is_first || tile.plane == Plane::sagittal) continue;
      canvas.text(left + 3, top + 12, radiological ? "R" : "L", kFont, 0, 0, kPale);
      canvas.text(left + width - 3, top + 12, radiological ? "L" : "R", kFont, 1, 0, kPale);
    }
  }
}

std::vector<std::string> picture_notes(const Anatomy& anatomy, bool radiological) {
  std::vector<std::string> notes;
  notes.push_back(radiological ? "The left of the picture is the right of the brain (radiological)."
                               : "The left of the picture is the left of the brain.");
  notes.push_back(!anatomy.background               ? "On the analysis mask."
                  : anatomy.background_name.empty() ? ""
                                                    : "On " + anatomy.background_name + ".");
  std::erase(notes, "");
  return notes;
}

}  // namespace sociometer
