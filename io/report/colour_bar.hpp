#pragma once
#include <functional>
#include <string>
#include <vector>

#include "io/report/canvas.hpp"

namespace sociometer {

/// A horizontal scale of colours with its values.
struct ColourBar {
  double low = 0, high = 1;
  std::function<Rgb(double)> colour;
  std::vector<double> thresholds;                ///< marked across the bar, values above it
  std::string name;                              ///< below it, with the unit
  bool beyond_low = false, beyond_high = false;  ///< values beyond an end have its colour
};

/// Height of the bar with its three lines of text.
constexpr double kColourBarHeight = 62;

void draw_colour_bar(Canvas& canvas, const ColourBar& bar, double x, double y, double width,
                     Rgb ink);

/// A value with three significant digits, a proper minus sign.
std::string short_number(double value);

}  // namespace sociometer
