#include "io/report/map_picture.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/core/error.hpp"
#include "io/report/map_legend.hpp"
#include "io/report/map_sheet.hpp"
#include "io/report/picture_file.hpp"
#include "io/report/svg_markup.hpp"
#include "io/report/tile_layout.hpp"

namespace sociometer {
namespace {

constexpr double kWidth = 960, kPadding = 14, kTitle = 17, kFont = 12, kHead = 56;
constexpr double kMostScale = 2;  // px per mm, for small brains

/// One map: title, glass brain with the colour bar beside it, rows of slices.
class MapDrawing {
 public:
  MapDrawing(const MapPicture& picture, const Anatomy& anatomy, double pixel_mm)
      : picture_(picture),
        anatomy_(anatomy),
        sheet_(anatomy, pixel_mm, picture.options.radiological),
        layer_(picture.map, picture.options.interpolation) {
    const MapPictureOptions& options = picture.options;
    const std::vector<Eigen::Vector3d> peaks =
        picture.peaks_mm.empty() ? peaks_of(picture.map, 4) : picture.peaks_mm;
    std::vector<TileRow> rows{options.glass_brain ? glass_row() : TileRow{}};
    rows[0].least_height = kColourBarHeight + 40;
    const auto add = [&](Plane plane, int n) {
      if (n > 0) rows.push_back(slice_row(plane, choose_slices(anatomy.mask, plane, n, peaks)));
    };
    add(Plane::axial, options.n_axial);
    add(Plane::coronal, options.n_coronal);
    add(Plane::sagittal, options.n_sagittal);
    layout_ = lay_out(sheet_, std::move(rows), kPadding, kHead, kWidth - 2 * kPadding, kMostScale);
  }

  DrawnPicture drawn() {
    return {kWidth, layout_.bottom() + kPadding, [this](Canvas& canvas) { draw(canvas); }};
  }

 private:
  void draw(Canvas& canvas) {
    canvas.fill(0, 0, kWidth, layout_.bottom() + kPadding, kBrainGround);
    canvas.text(kPadding, 26, picture_.map.title, kTitle, 0, 0, kBrainInk);
    canvas.text(kPadding, 46, threshold_line(picture_.map), kFont, 0, 0, kBrainSoftInk);
    sheet_.resize(layout_.width, layout_.height);
    for (const auto& row : layout_.rows)
      for (const SheetTile& tile : row) {
        sheet_.draw_anatomy(tile);
        sheet_.draw_map(tile, layer_);
      }
    sheet_.draw_on(canvas, layout_.x, layout_.y, layout_.scale);
    draw_tile_labels(canvas, sheet_, layout_, picture_.options.radiological);
    draw_legend(canvas);
  }

  void draw_legend(Canvas& canvas) {
    const TileLayout::Place& place = layout_.places[0];
    const double x = place.right + 40, width = std::min(360.0, kWidth - kPadding - 20 - x);
    draw_colour_bar(canvas, bar_of(picture_.map, layer_.paint()), x, place.top + 6, width,
                    kBrainInk);
    std::vector<std::string> notes;
    if (picture_.map.threshold || picture_.map.passed)
      notes.push_back("Opaque within a contour: passed. Faded: did not pass.");
    for (std::string& note : picture_notes(anatomy_, picture_.options.radiological))
      notes.push_back(std::move(note));
    double y = place.top + kColourBarHeight + 26;
    for (const std::string& note : notes) {
      canvas.text(x, y, note, 11, 0, 0, kBrainSoftInk);
      y += 16;
    }
  }

  const MapPicture& picture_;
  const Anatomy& anatomy_;
  MapSheet sheet_;
  PaintedLayer layer_;
  TileLayout layout_;
};

}  // namespace

Html draw_map(const MapPicture& picture, const Anatomy& anatomy, std::string_view id) {
  MapDrawing drawing(picture, anatomy, picture.options.pixel_mm);
  return svg_markup(svg_of(drawing.drawn()), id);
}

}  // namespace sociometer
