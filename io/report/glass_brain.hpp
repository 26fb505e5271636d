#pragma once
#include <array>
#include <vector>

#include "io/report/contours.hpp"
#include "io/report/raster.hpp"

namespace sociometer {

/// A mask as seen along the normal of each plane: what a glass brain is drawn on.
struct GlassBrain {
  struct View {
    Raster thickness;  ///< mm of the mask along each line of sight; 0 beside it
    std::vector<Polyline> outline;
  };
  std::array<View, 3> views;  ///< by Plane
};

/// @param mask  of any orientation; resampled along the axes of the world.
/// @cost  one value per pixel_mm cubed of the box.
GlassBrain glass_brain(const Mask& mask, const WorldBox& box, double pixel_mm);

}  // namespace sociometer
