#include "io/report/colour_bar.hpp"

#include <fmt/format.h>

#include "io/report/canvas_image.hpp"

namespace sociometer {
namespace {

constexpr double kFont = 11, kThick = 13;

template <typename Place>
void draw_thresholds(Canvas& canvas, const ColourBar& bar, const Place& place, double top,
                     Rgb ink) {
  for (const double threshold : bar.thresholds)
    canvas.line(place(threshold), top - 3, place(threshold), top + kThick + 3, ink, 1.5);
  // Two that are close together share their label.
  if (bar.thresholds.size() == 2 && place(bar.thresholds[1]) - place(bar.thresholds[0]) < 44) {
    const double middle = (place(bar.thresholds[0]) + place(bar.thresholds[1])) / 2;
    canvas.text(middle, top - 5, "\u00b1" + short_number(bar.thresholds[1]), kFont, 0.5, 0, ink);
    return;
  }
  for (const double threshold : bar.thresholds)
    canvas.text(place(threshold), top - 5, short_number(threshold), kFont, 0.5, 0, ink);
}

}  // namespace

std::string short_number(double value) {
  const std::string digits = fmt::format("{:.3g}", std::abs(value));
  return value < 0 && digits != "0" ? "\u2212" + digits : digits;
}

void draw_colour_bar(Canvas& canvas, const ColourBar& bar, double x, double y, double width,
                     Rgb ink) {
  constexpr Eigen::Index kSteps = 200;
  const double top = y + 16;
  Pixels pixels(kSteps, 1);
  for (Eigen::Index i = 0; i < kSteps; ++i)
    pixels.set(i, 0, bar.colour(bar.low + (double(i) + 0.5) / kSteps * (bar.high - bar.low)));
  draw_pixels(canvas, pixels, x, top, width, kThick, false);
  const auto place = [&](double v) { return x + width * (v - bar.low) / (bar.high - bar.low); };
  draw_thresholds(canvas, bar, place, top, ink);
  const double below = top + kThick + 13;
  canvas.text(x, below, (bar.beyond_low ? "\u2264 " : "") + short_number(bar.low), kFont, 0, 0,
              ink);
  canvas.text(x + width, below, (bar.beyond_high ? "\u2265 " : "") + short_number(bar.high), kFont,
              1, 0, ink);
  if (bar.low < 0 && bar.high > 0) canvas.text(place(0), below, "0", kFont, 0.5, 0, ink);
  canvas.text(x + width / 2, below + 16, bar.name, kFont + 1, 0.5, 0, ink);
}

}  // namespace sociometer
