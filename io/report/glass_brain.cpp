#include "io/report/glass_brain.hpp"

namespace sociometer {

GlassBrain glass_brain(const Mask& mask, const WorldBox& box, double pixel_mm) {
  const GridValues solid = resampled(on_grid(mask), box, pixel_mm, SliceInterpolation::linear);
  GlassBrain brain;
  for (const Plane plane : {Plane::sagittal, Plane::coronal, Plane::axial}) {
    GlassBrain::View& view = brain.views[size_t(plane)];
    view.thickness = empty_raster(plane, box, pixel_mm);
    std::fill(view.thickness.values.begin(), view.thickness.values.end(), 0.0F);
    for (Eigen::Index v = 0; v < solid.values.size(); ++v) {
      if (!(solid.values[v] >= 0.5F)) continue;
      const auto [column, row] = view.thickness.pixel_of(solid.grid.world(v));
      view.thickness.values[size_t(row * view.thickness.width + column)] += float(pixel_mm);
    }
    view.outline = contour_lines(project(solid, plane, box, pixel_mm, Projection::largest), 0.5);
  }
  return brain;
}

}  // namespace sociometer
