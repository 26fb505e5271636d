#include <algorithm>

#include "io/report/axes.hpp"
#include "io/report/data_pictures.hpp"
#include "io/report/picture_file.hpp"
#include "io/report/svg_markup.hpp"

namespace sociometer {
namespace {

constexpr double kWidth = 720, kHeight = 330, kLeft = 56, kRight = 20, kTop = 62, kBottom = 48,
                 kTitle = 15, kFont = 11.5;
constexpr Rgb kLines[] = {
    {0.00, 0.36, 0.62}, {0.78, 0.42, 0.00}, {0.00, 0.50, 0.38}, {0.55, 0.30, 0.55}};
constexpr Rgb kWhiteNoise{0.35, 0.35, 0.35}, kFiltered{0.93, 0.93, 0.93};

class SpectrumDrawing {
 public:
  explicit SpectrumDrawing(const SpectrumPicture& spectrum) : spectrum_(spectrum) {
    require(spectrum.frequency_hz.size() > 1, "frequencies of a spectrum");
    double most = 1.5;
    for (const SpectrumPicture::Line& line : spectrum.lines) {
      require(line.power.size() == spectrum.frequency_hz.size(), "one power per frequency");
      for (const Eigen::VectorXd* values : {&line.power, &line.upper})
        for (const double v : *values)
          if (std::isfinite(v)) most = std::max(most, v);
    }
    axes_ = {kLeft,
             kTop,
             kWidth - kLeft - kRight,
             kHeight - kTop - kBottom,
             0,
             spectrum.frequency_hz.maxCoeff(),
             0,
             1.05 * most};
  }
  DrawnPicture drawn() const {
    return {kWidth, kHeight, [this](Canvas& canvas) { draw(canvas); }};
  }

 private:
  void draw(Canvas& canvas) const {
    canvas.text(kLeft, 20, spectrum_.title, kTitle);
    if (spectrum_.high_pass_hz) {
      const double end = std::min(axes_.across(*spectrum_.high_pass_hz), axes_.x + axes_.width);
      canvas.fill(axes_.x, axes_.y, end - axes_.x, axes_.height, kFiltered);
      canvas.text(end + 4, axes_.y + 12, "\u2190 filtered", kFont);
    }
    draw_y_axis(canvas, axes_, "power relative to white noise");
    for (size_t i = 0; i < spectrum_.lines.size(); ++i)
      draw_band(canvas, spectrum_.lines[i], kLines[i % std::size(kLines)]);
    canvas.line(axes_.x, axes_.up(1), axes_.x + axes_.width, axes_.up(1), kWhiteNoise, 1);
    for (size_t i = 0; i < spectrum_.lines.size(); ++i)
      draw_curve(canvas, axes_, spectrum_.frequency_hz, spectrum_.lines[i].power,
                 kLines[i % std::size(kLines)], 2);
    draw_x_axis(canvas, axes_, "frequency (Hz)");
    draw_names(canvas);
  }

  void draw_band(Canvas& canvas, const SpectrumPicture::Line& line, Rgb colour) const {
    if (line.lower.size() == 0) return;
    require(line.lower.size() == line.power.size() && line.upper.size() == line.power.size(),
            "a band with one value per frequency");
    cairo_t* cairo = canvas.cairo();
    cairo_new_path(cairo);  // a text leaves a point
    const auto to = [&](Eigen::Index i, double v) {
      cairo_line_to(cairo, axes_.across(spectrum_.frequency_hz[i]), axes_.up(v));
    };
    for (Eigen::Index i = 0; i < line.upper.size(); ++i)
      if (std::isfinite(line.upper[i])) to(i, line.upper[i]);
    for (Eigen::Index i = line.lower.size() - 1; i >= 0; --i)
      if (std::isfinite(line.lower[i])) to(i, line.lower[i]);
    cairo_close_path(cairo);
    cairo_set_antialias(cairo, CAIRO_ANTIALIAS_DEFAULT);
    cairo_set_source_rgba(cairo, colour.r, colour.g, colour.b, 0.18);
    cairo_fill(cairo);
  }

  void draw_names(Canvas& canvas) const {
    double right = axes_.x + axes_.width;
    for (size_t i = spectrum_.lines.size(); i-- > 0;) {
      const std::string& name = spectrum_.lines[i].name;
      right -= canvas.text_width(name, kFont);
      canvas.text(right, kTop - 7, name, kFont);
      canvas.line(right - 22, kTop - 11, right - 5, kTop - 11, kLines[i % std::size(kLines)], 3);
      right -= 36;
    }
  }
  const SpectrumPicture& spectrum_;
  Axes axes_;
};

}  // namespace

Html draw_spectrum(const SpectrumPicture& spectrum, std::string_view id) {
  return svg_markup(svg_of(SpectrumDrawing(spectrum).drawn()), id);
}

}  // namespace sociometer
