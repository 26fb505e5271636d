#pragma once
#include <array>
#include <vector>

#include "io/report/raster.hpp"

namespace sociometer {

/// Points (column, row) in pixels of a raster, centres of pixels at whole numbers; closed if the
/// last point is the first.
using Polyline = std::vector<std::array<double, 2>>;

/// Lines along which a raster has the value `level`, interpolated linearly between the centres of
/// pixels (marching squares). Pixels without a value, and those beyond the edge, count as far below
/// it, so that all lines are closed.
/// @cost  linear in pixels.
std::vector<Polyline> contour_lines(const Raster& raster, double level);

}  // namespace sociometer
