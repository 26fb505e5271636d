#include "io/report/scatter_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "io/report/canvas.hpp"

namespace sociometer {
namespace {

constexpr double kWide = 270, kHigh = 220, kLeftRoom = 92, kRightRoom = 18, kTopRoom = 52,
                 kBottomRoom = 54, kHeading = 58, kSmall = 13, kMedium = 15, kLarge = 18;
constexpr Rgb kGrid{0.90, 0.90, 0.90}, kZero{0.55, 0.55, 0.55}, kBand{0.80, 0.88, 0.95},
    kLine{0.10, 0.30, 0.55}, kPoint{0.20, 0.47, 0.72}, kRim{1, 1, 1};

struct Range {
  double low, high;
  double place(double v) const { return (v - low) / (high - low); }
};

void widen(Range& range, const Eigen::VectorXd& values) {
  if (values.size() == 0) return;
  range.low = std::min(range.low, values.minCoeff());
  range.high = std::max(range.high, values.maxCoeff());
}

Range with_room(Range range) {
  double room = 0.06 * (range.high - range.low);
  if (!(room > 0)) room = std::max(1e-12, 0.1 * std::abs(range.high));
  return {range.low - room, range.high + room};
}

std::vector<double> ticks(const Range& range) {
  const double raw = (range.high - range.low) / 6, size = std::pow(10, std::floor(std::log10(raw)));
  const double step = size * (raw / size > 5 ? 10 : raw / size > 2 ? 5 : raw / size > 1 ? 2 : 1);
  std::vector<double> out;
  for (double t = std::ceil(range.low / step - 1e-9) * step; t <= range.high; t += step)
    out.push_back(std::abs(t) < 1e-9 * step ? 0.0 : t);
  return out;
}

/// The largest font size, up to `size`, at which a text fits.
double fitting(Canvas& canvas, const std::string& text, double size, double width) {
  const double needed = canvas.text_width(text, size);
  return needed > width ? std::max(8.0, size * width / needed) : size;
}

double value_at(const Eigen::VectorXd& at, const Eigen::VectorXd& of, double x) {
  Eigen::Index k = 1;
  while (k + 1 < at.size() && at[k] < x) ++k;
  const double share = std::clamp((x - at[k - 1]) / (at[k] - at[k - 1]), 0.0, 1.0);
  return of[k - 1] + share * (of[k] - of[k - 1]);
}

void draw_axes(Canvas& canvas, const Range& x_range, const Range& y_range, double x, double y) {
  for (double tick : ticks(x_range)) {
    const double at = x + x_range.place(tick) * kWide;
    canvas.line(at, y, at, y + kHigh, kGrid);
    canvas.text(at, y + kHigh + 17, fmt::format("{:.4g}", tick), kSmall, 0.5);
  }
  for (double tick : ticks(y_range)) {
    const double at = y + kHigh - y_range.place(tick) * kHigh;
    canvas.line(x, at, x + kWide, at, tick == 0 ? kZero : kGrid);
    canvas.text(x - 6, at + 4.5, fmt::format("{:.4g}", tick), kSmall, 1);
  }
}

/// Drawn one pixel column at a time, so that the band is smooth.
void draw_band(Canvas& canvas, const ScatterPanel& p, const Range& x_range, const Range& y_range,
               double x, double y) {
  if (p.at.size() < 2) return;
  const auto high = [&](double v) {
    return y + kHigh - std::clamp(y_range.place(v), 0.0, 1.0) * kHigh;
  };
  const double first = x_range.place(p.at[0]) * kWide,
               last = x_range.place(p.at[p.at.size() - 1]) * kWide;
  for (double column = std::ceil(first); column < last; ++column) {
    const double score = x_range.low + (column + 0.5) / kWide * (x_range.high - x_range.low);
    const double top = high(value_at(p.at, p.upper, score));
    canvas.fill(x + column, top, 1, high(value_at(p.at, p.lower, score)) - top, kBand);
  }
}

void draw_line(Canvas& canvas, const ScatterPanel& p, const Range& x_range, const Range& y_range,
               double x, double y) {
  for (Eigen::Index k = 1; k < p.at.size(); ++k)
    canvas.line(x + x_range.place(p.at[k - 1]) * kWide,
                y + kHigh - y_range.place(p.line[k - 1]) * kHigh,
                x + x_range.place(p.at[k]) * kWide, y + kHigh - y_range.place(p.line[k]) * kHigh,
                kLine, 2.2);
}

void draw_panel(Canvas& canvas, const ScatterPanel& p, const Range& y_range, double x, double y) {
  Range x_range{p.x.minCoeff(), p.x.maxCoeff()};
  x_range = with_room(x_range);
  draw_band(canvas, p, x_range, y_range, x, y);
  draw_axes(canvas, x_range, y_range, x, y);
  draw_line(canvas, p, x_range, y_range, x, y);
  for (Eigen::Index i = 0; i < p.x.size(); ++i) {
    const double at = x + x_range.place(p.x[i]) * kWide,
                 high = y + kHigh - y_range.place(p.y[i]) * kHigh;
    canvas.dot(at, high, 4.4, kRim);  // a white rim separates overlapping points
    canvas.dot(at, high, 3.5, kPoint);
  }
  canvas.outline(x, y, kWide, kHigh);
  canvas.text(x, y - 26, p.title, fitting(canvas, p.title, kMedium, kWide + kRightRoom));
  canvas.text(x, y - 9, p.caption, fitting(canvas, p.caption, kSmall, kWide + kRightRoom));
  canvas.text(x + kWide / 2, y + kHigh + 38, p.x_name, fitting(canvas, p.x_name, kMedium, kWide),
              0.5);
  canvas.text(x - 64, y + kHigh / 2, p.y_name, fitting(canvas, p.y_name, kSmall, kHigh), 0.5,
              -std::numbers::pi / 2);
}

Range row_range(const std::vector<ScatterPanel>& panels, size_t first, size_t end) {
  Range range{panels[first].y.minCoeff(), panels[first].y.maxCoeff()};
  for (size_t k = first; k < end; ++k) {
    widen(range, panels[k].y);
    widen(range, panels[k].lower);
    widen(range, panels[k].upper);
  }
  return with_room(range);
}

}  // namespace

void draw_scatters(const std::string& title, const std::vector<ScatterPanel>& panels,
                   size_t n_columns, const std::string& path) {
  require(!panels.empty() && n_columns > 0, "panels to draw");
  const double cell_wide = kLeftRoom + kWide + kRightRoom,
               cell_high = kTopRoom + kHigh + kBottomRoom;
  const auto columns = double(std::min(n_columns, panels.size())),
             rows = std::ceil(double(panels.size()) / double(n_columns));
  Canvas canvas(columns * cell_wide + 12, kHeading + rows * cell_high + 6);
  canvas.text(24, 34, title, fitting(canvas, title, kLarge, columns * cell_wide - 36));
  for (size_t first = 0; first < panels.size(); first += n_columns) {
    const size_t end = std::min(panels.size(), first + n_columns);
    const Range range = row_range(panels, first, end);
    for (size_t k = first; k < end; ++k)
      draw_panel(canvas, panels[k], range, double(k - first) * cell_wide + kLeftRoom,
                 kHeading + double(first / n_columns) * cell_high + kTopRoom);
  }
  canvas.save(path);
}

}  // namespace sociometer
