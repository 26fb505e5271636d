#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "io/report/png.hpp"

namespace sociometer {

/// How a value stands in front of the anatomy.
enum class Shown : uint8_t { faded, faded_in_glass, opaque };

/// Values of a map in front of the anatomy of a sheet.
///
/// A pixel's colour and opacity follow from its value alone, so that the palette of the picture is
/// the scale of colours: entries in the order of values differ little between neighbours, which is
/// what makes the picture small. What did not pass has a quarter of the steps of what passed.
class MapOverlay {
 public:
  /// The colour with its opacity: red, green, blue, alpha; 0 to 1.
  using Paint = std::function<std::array<double, 4>(double at, Shown shown)>;

  MapOverlay(Eigen::Index width, Eigen::Index height, Paint paint);
  /// @param at  the value over that at the end of the colour bar: -1 to 1, beyond it as at it; NaN
  ///            has no colour.
  void set(Eigen::Index column, Eigen::Index row, double at, Shown shown);

  struct Cut {
    Eigen::Index x = 0, y = 0;  ///< of its top left corner on the sheet
    IndexedPixels pixels;       ///< none if nothing has a colour
  };
  /// The part of the sheet that has colours.
  /// @cost  a pass over the pixels for each number of steps that is tried, until their colours fit
  ///        into a palette: 126 on each side, then fewer.
  Cut cut() const;

 private:
  int key_of(size_t pixel, int steps) const;
  std::vector<int> keys_used(int steps) const;

  Eigen::Index width_, height_;
  Paint paint_;
  std::vector<float> at_;
  std::vector<Shown> shown_;
};

}  // namespace sociometer
