#pragma once
#include <array>
#include <span>
#include <type_traits>

#include "engine/core/names.hpp"
#include "io/report/rgb.hpp"

namespace sociometer {

/// Colours of values. Size is lightness and sign is hue, blue against orange, so that people who
/// see no difference between red and green read the same picture, as do those with a grey print.
enum class ColourScale {
  two_sided,  ///< [-1, 1]: pale cyan through dark blue, dark red and orange to pale yellow
  one_sided,  ///< [0, 1]: its upper half
  amount      ///< [0, 1]: dark blue through grey to yellow, for measures of data
};
constexpr std::array<Name<ColourScale>, 3> names_of(std::type_identity<ColourScale>) {
  return {{{ColourScale::two_sided, "two-sided"},
           {ColourScale::one_sided, "one-sided"},
           {ColourScale::amount, "amount"}}};
}

/// @param at  is clamped to the scale's range.
Rgb colour_of(ColourScale scale, double at);

/// CIE 1976 L*, 0 (black) to 100 (white), of an sRGB colour; white point D65.
double lightness_of(Rgb colour);

/// The sRGB colour of these CIE 1976 coordinates, cut to what a screen can show; white point D65.
Rgb colour_of_lab(double lightness, double a, double b);

}  // namespace sociometer
