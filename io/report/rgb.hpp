#pragma once

namespace sociometer {

/// sRGB, each from 0 to 1.
struct Rgb {
  double r, g, b;
};

}  // namespace sociometer
