#pragma once
#include <functional>
#include <string>

#include "io/report/canvas.hpp"

namespace sociometer {

/// A picture of a page: its size in px and what draws it.
struct DrawnPicture {
  double width = 0, height = 0;
  std::function<void(Canvas&)> draw;
};

/// As an SVG whose texts are texts.
std::string svg_of(const DrawnPicture& picture);

}  // namespace sociometer
