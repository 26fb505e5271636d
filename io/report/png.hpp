#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "io/report/rgb.hpp"

namespace sociometer {

/// Pixels of 8 bits a channel: red, green, blue, alpha (255: opaque), row by row from the top.
struct Pixels {
  Eigen::Index width = 0, height = 0;
  std::vector<uint8_t> rgba;

  Pixels() = default;
  Pixels(Eigen::Index columns, Eigen::Index rows)
      : width(columns), height(rows), rgba(size_t(4 * columns * rows), 0) {}
  uint8_t* at(Eigen::Index column, Eigen::Index row) {
    return rgba.data() + 4 * (row * width + column);
  }
  const uint8_t* at(Eigen::Index column, Eigen::Index row) const {
    return rgba.data() + 4 * (row * width + column);
  }
  void set(Eigen::Index column, Eigen::Index row, Rgb colour, double alpha = 1);
};

/// A PNG with a palette of at most `n_colours` (2 to 256): a third of one with true colours.
///
/// More colours than that are merged by median cut. Pixels are opaque or wholly transparent
/// (alpha below 128).
/// @return the same bytes on every machine.
/// @source Heckbert 1982, SIGGRAPH 16 (median cut).
std::string palette_png(const Pixels& pixels, int n_colours = 256);

/// Pixels that are entries of a palette, row by row from the top.
struct IndexedPixels {
  Eigen::Index width = 0, height = 0;
  std::vector<uint8_t> entries;                 ///< one per pixel
  std::vector<std::array<uint8_t, 4>> palette;  ///< red, green, blue, alpha (255: opaque)
};

/// A PNG of these pixels as they are, of any opacity. Rows are stored as differences from their
/// neighbours where that is smaller: it is if entries that are close in the palette are close in
/// the picture, as the values of a map are.
/// @return the same bytes on every machine.
/// @cost  two compressions at level 9.
std::string indexed_png(const IndexedPixels& pixels);

}  // namespace sociometer
