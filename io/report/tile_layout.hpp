#pragma once
#include <vector>

#include "io/report/map_sheet.hpp"

namespace sociometer {

/// Tiles side by side.
struct TileRow {
  std::vector<SheetTile> tiles;
  bool justified = false;   ///< spread over the width of the widest row
  double head_px = 0;       ///< room above them
  double least_height = 0;  ///< of the row without its head, in px
};

/// Rows of tiles below each other on a sheet that is drawn at (x, y) of a canvas.
struct TileLayout {
  struct Place {
    double top = 0, right = 0, bottom = 0;  ///< of a row's tiles, in px of the canvas
  };
  std::vector<std::vector<SheetTile>> rows;
  std::vector<Place> places;           ///< of rows
  Eigen::Index width = 1, height = 1;  ///< of the sheet, in its pixels
  double x = 0, y = 0;
  double scale = 1;  ///< px per pixel of the sheet
  double bottom() const { return y + scale * double(height); }
};

/// Lays out rows in a width of `room_px`, with at most `most_px_per_mm`.
TileLayout lay_out(const MapSheet& sheet, std::vector<TileRow> rows, double x, double y,
                   double room_px, double most_px_per_mm);

/// A row of slices of one plane.
TileRow slice_row(Plane plane, const std::vector<double>& positions_mm);
TileRow glass_row();

/// Positions in mm below slices; the letters L and R beside the first one of each plane in a row.
void draw_tile_labels(Canvas& canvas, const MapSheet& sheet, const TileLayout& layout,
                      bool radiological);

/// What a picture says about itself: on what, which side is left, what is faded.
std::vector<std::string> picture_notes(const Anatomy& anatomy, bool radiological);

}  // namespace sociometer
