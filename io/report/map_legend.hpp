#pragma once
#include "io/report/colour_bar.hpp"
#include "io/report/map_paint.hpp"

namespace sociometer {

/// Colours of pictures of brains, which are on black.
constexpr Rgb kBrainGround{0, 0, 0}, kBrainInk{0.96, 0.96, 0.96}, kBrainSoftInk{0.74, 0.74, 0.74};

/// The scale of a map's colours as its picture shows them, faded parts on grey.
ColourBar bar_of(const MapLayer& layer, const MapPaint& paint);

}  // namespace sociometer
