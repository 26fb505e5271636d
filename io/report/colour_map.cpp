#include "io/report/colour_map.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sociometer {
namespace {

// sRGB's primaries and white point (IEC 61966-2-1), CIE 1976 L*a*b*.
constexpr double kWhite[3] = {0.95047, 1.0, 1.08883};
constexpr double kCut = 6.0 / 29;

double gamma_of(double linear) {
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1 / 2.4) - 0.055;
}
double linear_of(double value) {
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

/// Outside [0, 1] where no screen shows the colour.
Rgb unbounded_colour(double lightness, double a, double b) {
  const auto back = [](double f) {
    return f > kCut ? f * f * f : 3 * kCut * kCut * (f - 4.0 / 29);
  };
  const double fy = (lightness + 16) / 116;
  const double x = kWhite[0] * back(fy + a / 500), y = kWhite[1] * back(fy),
               z = kWhite[2] * back(fy - b / 200);
  return {gamma_of(3.2404542 * x - 1.5371385 * y - 0.4985314 * z),
          gamma_of(-0.9692660 * x + 1.8760108 * y + 0.0415560 * z),
          gamma_of(0.0556434 * x - 0.2040259 * y + 1.0572252 * z)};
}

bool is_shown(Rgb c) {
  const auto inside = [](double v) { return v >= -1e-6 && v <= 1 + 1e-6; };
  return inside(c.r) && inside(c.g) && inside(c.b);
}

/// The colour of this lightness and hue with the chroma asked for, or the most that there is.
Rgb colour_of_hue(double lightness, double hue_degrees, double chroma) {
  const double hue = hue_degrees * std::numbers::pi / 180;
  const auto colour = [&](double c) {
    return unbounded_colour(lightness, c * std::cos(hue), c * std::sin(hue));
  };
  double low = 0, high = chroma;
  if (is_shown(colour(high))) return colour(high);
  for (int step = 0; step < 40; ++step)
    (is_shown(colour((low + high) / 2)) ? low : high) = (low + high) / 2;
  return colour(low);
}

constexpr int kSteps = 256;
using Table = std::array<Rgb, kSteps + 1>;

template <typename Colour>
Table table_of(const Colour& colour) {
  Table table;
  for (int i = 0; i <= kSteps; ++i) {
    const Rgb c = colour(double(i) / kSteps);
    table[size_t(i)] = {std::clamp(c.r, 0.0, 1.0), std::clamp(c.g, 0.0, 1.0),
                        std::clamp(c.b, 0.0, 1.0)};
  }
  return table;
}

Rgb look_up(const Table& table, double at) {
  const double place = std::clamp(at, 0.0, 1.0) * kSteps;
  const size_t i = std::min(size_t(place), size_t(kSteps - 1));
  const double part = place - double(i);
  const Rgb &a = table[i], &b = table[i + 1];
  return {a.r + part * (b.r - a.r), a.g + part * (b.g - a.g), a.b + part * (b.b - a.b)};
}

/// Both halves have the same lightness at the same size of a value.
double lightness_at(double t) { return 16 + 77 * t; }

const Table& warm() {  // dark red, orange, pale yellow
  static const Table table =
      table_of([](double t) { return colour_of_hue(lightness_at(t), 22 + 80 * t, 92 - 22 * t); });
  return table;
}

const Table& cold() {  // dark blue, blue, pale cyan
  static const Table table =
      table_of([](double t) { return colour_of_hue(lightness_at(t), 300 - 98 * t, 92 - 50 * t); });
  return table;
}

const Table& blue_to_yellow() {
  static const Table table = table_of([](double t) {
    const double b = -42 + 106 * t;  // the axis on which all kinds of colour vision but one agree
    return colour_of_hue(12 + 80 * t, b < 0 ? 280 : 92, std::abs(b));
  });
  return table;
}

}  // namespace

Rgb colour_of_lab(double lightness, double a, double b) {
  const Rgb c = unbounded_colour(lightness, a, b);
  return {std::clamp(c.r, 0.0, 1.0), std::clamp(c.g, 0.0, 1.0), std::clamp(c.b, 0.0, 1.0)};
}

double lightness_of(Rgb c) {
  const double y =
      0.2126729 * linear_of(c.r) + 0.7151522 * linear_of(c.g) + 0.0721750 * linear_of(c.b);
  return y > kCut * kCut * kCut ? 116 * std::cbrt(y) - 16 : 116 * y / (3 * kCut * kCut);
}

Rgb colour_of(ColourScale scale, double at) {
  switch (scale) {
    case ColourScale::two_sided:
      return at < 0 ? look_up(cold(), -at) : look_up(warm(), at);
    case ColourScale::one_sided:
      return look_up(warm(), at);
    case ColourScale::amount:
      return look_up(blue_to_yellow(), at);
  }
  return {};
}

}  // namespace sociometer
