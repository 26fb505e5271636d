#include <algorithm>

#include <fmt/format.h>

#include "io/report/canvas_image.hpp"
#include "io/report/colour_bar.hpp"
#include "io/report/motion_picture.hpp"
#include "io/report/picture_file.hpp"
#include "io/report/svg_markup.hpp"

namespace sociometer {
namespace {

constexpr double kWidth = 960, kLeft = 76, kRight = 16, kTitle = 15, kFont = 11, kTop = 30,
                 kTraceHeight = 54, kCarpetHead = 14, kCarpetHeight = 260, kFoot = 104;
constexpr int kGreys = 16;  // of noise, which does not compress otherwise
constexpr Eigen::Index kMostColumns = 900;
constexpr Rgb kCensored{0.90, 0.40, 0.10};
// Colours of bands, told apart without colour vision by their names and places.
constexpr Rgb kBands[] = {
    {0.00, 0.36, 0.62}, {0.80, 0.47, 0.00}, {0.00, 0.55, 0.42}, {0.55, 0.30, 0.55}};

Rgb grey_of(double z, double limit) {
  const double part = std::clamp(0.5 + 0.5 * z / limit, 0.0, 1.0);
  const double level = std::round(part * (kGreys - 1)) / (kGreys - 1);
  return {level, level, level};
}

/// At most kMostColumns columns, the mean of neighbouring scans each.
Pixels pixels_of(const CarpetPlot& carpet) {
  const Eigen::Index n = carpet.rows.cols(), columns = std::min(n, kMostColumns);
  Pixels pixels(columns, carpet.rows.rows());
  for (Eigen::Index c = 0; c < columns; ++c) {
    const Eigen::Index from = c * n / columns, to = (c + 1) * n / columns;
    for (Eigen::Index r = 0; r < carpet.rows.rows(); ++r) {
      const double z = double(carpet.rows.row(r).segment(from, to - from).mean());
      pixels.set(c, r, std::isfinite(z) ? grey_of(z, carpet.limit) : Rgb{1, 1, 1});
    }
  }
  return pixels;
}

class CarpetDrawing {
 public:
  explicit CarpetDrawing(const CarpetPlot& carpet) : carpet_(carpet) {
    require(carpet.rows.rows() > 0 && carpet.rows.cols() > 0, "a carpet with values");
  }
  DrawnPicture drawn() const {
    return {kWidth, carpet_top() + kCarpetHeight + kFoot, [this](Canvas& canvas) { draw(canvas); }};
  }

 private:
  double carpet_top() const {
    return kTop + height_of_traces(carpet_.motion, kTraceHeight) + kCarpetHead;
  }
  void draw(Canvas& canvas) const {
    const double width = kWidth - kLeft - kRight, top = carpet_top();
    canvas.text(kLeft, 20, carpet_.title, kTitle);
    const std::vector<MotionTrace> runs{carpet_.motion};
    draw_traces(canvas, carpet_.motion, kLeft, kTop, width, kTraceHeight, most_displacement(runs),
                most_dvars(runs));
    const double end =
        double(carpet_.rows.cols()) * (carpet_.motion.tr_s > 0 ? carpet_.motion.tr_s : 1);
    const Axes axes{kLeft, top, width, kCarpetHeight, 0, end, 0, 1};
    draw_pixels(canvas, pixels_of(carpet_), axes.x, axes.y, axes.width, axes.height, false, kGreys);
    draw_censored(canvas, carpet_.motion.censored, {kLeft, top - 8, width, 5, 0, end, 0, 1},
                  kCensored);
    draw_bands(canvas, top);
    draw_x_axis(canvas, axes, time_name(carpet_.motion.tr_s));
    ColourBar bar{-carpet_.limit, carpet_.limit, {}, {}, "z of each row", true, true};
    bar.colour = [this](double z) { return grey_of(z, carpet_.limit); };
    draw_colour_bar(canvas, bar, kWidth - kRight - 170, top + kCarpetHeight + 34, 170, kInk);
  }

  void draw_bands(Canvas& canvas, double top) const {
    double row = 0;
    for (size_t b = 0; b < carpet_.bands.size(); ++b) {
      const CarpetPlot::Band& band = carpet_.bands[b];
      const double per_row = kCarpetHeight / double(carpet_.rows.rows());
      const double y = top + row * per_row, height = double(band.n_rows) * per_row;
      canvas.fill(kLeft - 9, y + 0.5, 7, height - 1, kBands[b % std::size(kBands)]);
      canvas.text(kLeft - 13, y + height / 2 + 4, band.name, kFont, 1);
      row += double(band.n_rows);
    }
  }
  const CarpetPlot& carpet_;
};

}  // namespace

Html draw_carpet(const CarpetPlot& carpet, std::string_view id) {
  return svg_markup(svg_of(CarpetDrawing(carpet).drawn()), id);
}

}  // namespace sociometer
