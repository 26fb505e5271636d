#pragma once
#include "io/report/canvas.hpp"
#include "io/report/png.hpp"

namespace sociometer {

/// Draws pixels as an image of w x h at (x, y). In an SVG they are a PNG with a palette.
/// @param smooth  values between the centres of pixels; else pixels are squares.
void draw_pixels(Canvas& canvas, const Pixels& pixels, double x, double y, double w, double h,
                 bool smooth, int n_colours = 256);

/// The same of indexed pixels, which may be partly transparent, interpolated between their centres.
/// In an SVG they are a PNG that other pictures of a page can share (shared_images.hpp).
void draw_indexed(Canvas& canvas, const IndexedPixels& pixels, double x, double y, double w,
                  double h);

}  // namespace sociometer
