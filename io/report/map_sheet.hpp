#pragma once
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "io/report/canvas.hpp"
#include "io/report/glass_brain.hpp"
#include "io/report/map_overlay.hpp"
#include "io/report/map_paint.hpp"
#include "io/report/png.hpp"

namespace sociometer {

/// Where a slice, or a view of the glass brain, is on a sheet.
struct SheetTile {
  Plane plane = Plane::axial;
  std::optional<double> position_mm;  ///< none: a view of the glass brain
  Eigen::Index x = 0, y = 0;          ///< top left, in pixels of the sheet
};

/// A map that is drawn on several tiles.
class PaintedLayer {
 public:
  PaintedLayer(const MapLayer& layer, SliceInterpolation interpolation);
  const MapPaint& paint() const { return paint_; }

  /// Values in a plane. What is `height` or more of `level` has passed.
  struct View {
    Raster statistic, height;
    double level;
  };
  View slice(Plane plane, double position_mm, const WorldBox& box, double pixel_mm) const;
  /// Along each line of sight the largest value of those that passed, else of all.
  View projection(Plane plane, const WorldBox& box, double pixel_mm);

 private:
  float height_of(float statistic) const;
  void fill_cubes(const WorldBox& box, double pixel_mm);
  const MapLayer& layer_;
  MapPaint paint_;
  SliceInterpolation interpolation_;
  std::optional<GridValues> passed_;  ///< 1 or 0
  double level_;
  /// For projections: what is tested, its heights, what passed.
  std::optional<GridValues> statistic_cube_, height_cube_, passed_cube_;
};

/// Slices side by side: the anatomy as grey pictures, one for each row of tiles, each map in front
/// of it as one, and lines on top. Pictures of the same slices thus share the anatomy
/// (shared_images.hpp), and all pictures of a page the glass brain.
class MapSheet {
 public:
  /// @param radiological  mirrors axial and coronal tiles.
  MapSheet(const Anatomy& anatomy, double pixel_mm, bool radiological);

  const WorldBox& box() const { return box_; }
  double pixel_mm() const { return pixel_mm_; }
  Eigen::Index tile_width(Plane plane) const;
  Eigen::Index tile_height(Plane plane) const;

  /// Makes the sheet this large and black.
  void resize(Eigen::Index width, Eigen::Index height);
  void draw_anatomy(const SheetTile& tile);
  /// A map in front of the anatomy that is there.
  void draw_map(const SheetTile& tile, PaintedLayer& layer);
  /// A raster of data in opaque colours (ColourScale::amount) from `low` to `high`.
  void draw_amounts(const SheetTile& tile, const Raster& raster, double low, double high);
  void add_contour(const SheetTile& tile, const Raster& raster, double level);

  void set_contour_colour(Rgb colour) { contour_colour_ = colour; }
  /// All without the lines, as one picture.
  Pixels pixels() const;
  /// Draws all on a canvas, `scale` of its pixels per pixel of the sheet.
  void draw_on(Canvas& canvas, double x, double y, double scale) const;

 private:
  bool is_mirrored(Plane plane) const { return radiological_ && plane != Plane::sagittal; }
  Eigen::Index column_on_sheet(const SheetTile& tile, const Raster& raster,
                               Eigen::Index column) const;
  /// Greys of a raster where it has values: `grey_of` gives 0 (black) to 255.
  template <typename GreyOf>
  void draw_greys(const SheetTile& tile, const Raster& raster, const GreyOf& grey_of);
  MapOverlay& overlay_of(const void* map, const MapOverlay::Paint& paint);
  /// Rows [first, second) of the sheet that have tiles.
  std::vector<std::array<Eigen::Index, 2>> bands() const;
  IndexedPixels greys_of(const std::array<Eigen::Index, 2>& band) const;
  std::vector<Polyline> moved(const SheetTile& tile, const Raster& raster,
                              std::vector<Polyline> lines) const;
  void draw_glass(const SheetTile& tile);

  const Anatomy& anatomy_;
  GridValues solid_;  ///< the mask
  double pixel_mm_;
  bool radiological_;
  WorldBox box_;
  double bright_ = 1;  ///< value of the background that is light grey; black is 0
  std::shared_ptr<const GlassBrain> glass_;
  Eigen::Index width_ = 0, height_ = 0;
  std::vector<uint8_t> greys_;                                ///< of the anatomy, 0 black to 255
  std::vector<std::array<Eigen::Index, 2>> occupied_;         ///< rows of each tile
  std::vector<std::pair<const void*, MapOverlay>> overlays_;  ///< with what is drawn on it
  std::vector<Polyline> contours_, outlines_;
  Rgb contour_colour_{0.02, 0.02, 0.02};
};

}  // namespace sociometer
