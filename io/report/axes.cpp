#include "io/report/axes.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sociometer {
namespace {

constexpr double kFont = 11;
constexpr Rgb kGrid{0.88, 0.88, 0.88}, kAxis{0.45, 0.45, 0.45};

template <typename Take>
void for_ticks(double low, double high, int n, const Take& take) {
  const double step = tick_step(high - low, n);
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k)
    take(k * step, fmt::format("{:.4g}", k == 0 ? 0.0 : k * step));
}

}  // namespace

double tick_step(double span, int n) {
  if (!(span > 0) || !std::isfinite(span)) return 1;
  const double least = span / n, power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  return 10 * power;
}

void draw_x_axis(Canvas& canvas, const Axes& axes, const std::string& name) {
  const double bottom = axes.y + axes.height;
  canvas.line(axes.x, bottom, axes.x + axes.width, bottom, kAxis);
  for_ticks(axes.x_low, axes.x_high, 10, [&](double v, const std::string& text) {
    canvas.line(axes.across(v), bottom, axes.across(v), bottom + 4, kAxis);
    canvas.text(axes.across(v), bottom + 16, text, kFont, 0.5);
  });
  canvas.text(axes.x + axes.width / 2, bottom + 31, name, kFont + 1, 0.5);
}

void draw_y_axis(Canvas& canvas, const Axes& axes, const std::string& name) {
  for_ticks(axes.y_low, axes.y_high, std::max(2, int(axes.height / 22)),
            [&](double v, const std::string& text) {
              canvas.line(axes.x, axes.up(v), axes.x + axes.width, axes.up(v), kGrid);
              canvas.text(axes.x - 6, axes.up(v) + 4, text, kFont, 1);
            });
  canvas.line(axes.x, axes.y, axes.x, axes.y + axes.height, kAxis);
  canvas.text(axes.x, axes.y - 6, name, kFont + 1);
}

void draw_curve(Canvas& canvas, const Axes& axes, const Eigen::VectorXd& x,
                const Eigen::VectorXd& y, Rgb colour, double width) {
  require(x.size() == y.size(), "one y for each x");
  cairo_t* cairo = canvas.cairo();
  cairo_save(cairo);
  cairo_new_path(cairo);  // a text leaves a point
  cairo_rectangle(cairo, axes.x, axes.y - 1, axes.width, axes.height + 2);
  cairo_clip(cairo);
  bool is_drawing = false;
  const auto rounded = [](double v) { return std::round(8 * v) / 8; };
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    const bool has_value = std::isfinite(y[i]);
    // Far outside the rectangle cairo's own numbers would overflow.
    const double up = std::clamp(axes.up(y[i]), axes.y - 1000, axes.y + axes.height + 1000);
    if (has_value && is_drawing) cairo_line_to(cairo, rounded(axes.across(x[i])), rounded(up));
    if (has_value && !is_drawing) cairo_move_to(cairo, rounded(axes.across(x[i])), rounded(up));
    is_drawing = has_value;
  }
  cairo_set_antialias(cairo, CAIRO_ANTIALIAS_DEFAULT);
  cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
  cairo_set_source_rgb(cairo, colour.r, colour.g, colour.b);
  cairo_set_line_width(cairo, width);
  cairo_stroke(cairo);
  cairo_restore(cairo);
}

}  // namespace sociometer
