#include <algorithm>

#include "engine/core/error.hpp"
#include "io/report/map_legend.hpp"
#include "io/report/map_picture.hpp"
#include "io/report/map_sheet.hpp"
#include "io/report/picture_file.hpp"
#include "io/report/svg_markup.hpp"
#include "io/report/tile_layout.hpp"

namespace sociometer {
namespace {

constexpr double kWidth = 960, kPadding = 14, kTitle = 17, kName = 14, kFont = 11.5, kHead = 38,
                 kRowHead = 22, kBarWidth = 170, kBarGap = 24, kFoot = 26;
constexpr double kMostScale = 2;  // px per mm, for small brains

/// The peaks of all maps in turn: the first of each, the second of each.
std::vector<Eigen::Vector3d> peaks_in_turn(const std::vector<MapLayer>& maps) {
  std::vector<std::vector<Eigen::Vector3d>> peaks;
  for (const MapLayer& map : maps) peaks.push_back(peaks_of(map, 2));
  std::vector<Eigen::Vector3d> out;
  for (size_t rank = 0; rank < 2; ++rank)
    for (const auto& of_map : peaks)
      if (rank < of_map.size()) out.push_back(of_map[rank]);
  return out;
}

/// Maps one below the other, each with its title, tiles and colour bar; tiles at the same places.
class ComparisonDrawing {
 public:
  ComparisonDrawing(const MapComparison& picture, const Anatomy& anatomy, double pixel_mm)
      : picture_(picture),
        anatomy_(anatomy),
        sheet_(anatomy, pixel_mm, picture.options.radiological) {
    require(!picture.maps.empty(), "maps to compare");
    for (const MapLayer& map : picture.maps)
      layers_.emplace_back(map, picture.options.interpolation);
    layout_ = lay_out(sheet_, std::vector<TileRow>(picture.maps.size(), row()), kPadding, kHead,
                      kWidth - 2 * kPadding - kBarWidth - kBarGap, kMostScale);
  }

  DrawnPicture drawn() {
    return {kWidth, height(), [this](Canvas& canvas) { draw(canvas); }};
  }

 private:
  double height() const { return layout_.bottom() + kFoot; }

  TileRow row() const {
    const MapPictureOptions& options = picture_.options;
    const std::vector<Eigen::Vector3d> peaks =
        picture_.peaks_mm.empty() ? peaks_in_turn(picture_.maps) : picture_.peaks_mm;
    TileRow row;
    row.head_px = kRowHead;
    row.least_height = kColourBarHeight;
    if (options.glass_brain)
      for (const Plane plane : {Plane::sagittal, Plane::axial})
        row.tiles.push_back({plane, std::nullopt, 0, 0});
    const auto add = [&](Plane plane, int n) {
      if (n == 0) return;
      for (const SheetTile& tile :
           slice_row(plane, choose_slices(anatomy_.mask, plane, n, peaks)).tiles)
        row.tiles.push_back(tile);
    };
    add(Plane::axial, options.n_axial);
    add(Plane::coronal, options.n_coronal);
    add(Plane::sagittal, options.n_sagittal);
    return row;
  }

  void draw(Canvas& canvas) {
    canvas.fill(0, 0, kWidth, height(), kBrainGround);
    canvas.text(kPadding, 26, picture_.title, kTitle, 0, 0, kBrainInk);
    sheet_.resize(layout_.width, layout_.height);
    for (size_t m = 0; m < layers_.size(); ++m)
      for (const SheetTile& tile : layout_.rows[m]) {
        sheet_.draw_anatomy(tile);
        sheet_.draw_map(tile, layers_[m]);
      }
    sheet_.draw_on(canvas, layout_.x, layout_.y, layout_.scale);
    draw_tile_labels(canvas, sheet_, layout_, picture_.options.radiological);
    for (size_t m = 0; m < layers_.size(); ++m) draw_words(canvas, m);
    draw_foot(canvas);
  }

  void draw_words(Canvas& canvas, size_t m) {
    const MapLayer& map = picture_.maps[m];
    const TileLayout::Place& place = layout_.places[m];
    canvas.text(kPadding, place.top - 7, map.title, kName, 0, 0, kBrainInk);
    const double after = kPadding + canvas.text_width(map.title, kName) + 14;
    canvas.text(after, place.top - 7, threshold_line(map), kFont, 0, 0, kBrainSoftInk);
    draw_colour_bar(canvas, bar_of(map, layers_[m].paint()), kWidth - kPadding - kBarWidth - 6,
                    (place.top + place.bottom - kColourBarHeight) / 2, kBarWidth, kBrainInk);
  }

  void draw_foot(Canvas& canvas) {
    std::string line;
    for (const MapLayer& map : picture_.maps)
      if (line.empty() && (map.threshold || map.passed))
        line = "Opaque within a contour: passed. Faded: did not pass.";
    for (const std::string& note : picture_notes(anatomy_, picture_.options.radiological))
      line += " " + note;
    canvas.text(kPadding, height() - 10, line, kFont, 0, 0, kBrainSoftInk);
  }

  const MapComparison& picture_;
  const Anatomy& anatomy_;
  MapSheet sheet_;
  std::vector<PaintedLayer> layers_;
  TileLayout layout_;
};

}  // namespace

Html draw_comparison(const MapComparison& picture, const Anatomy& anatomy, std::string_view id) {
  ComparisonDrawing drawing(picture, anatomy, picture.options.pixel_mm);
  return svg_markup(svg_of(drawing.drawn()), id);
}

}  // namespace sociometer
