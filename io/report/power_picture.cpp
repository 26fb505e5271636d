#include "io/report/power_picture.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "io/report/canvas.hpp"

namespace sociometer {
namespace {

constexpr double kPlotWide = 214, kPlotHigh = 176, kMarginLeft = 54, kMarginRight = 16,
                 kMarginTop = 50, kMarginBottom = 50, kHead = 50, kBlockHead = 30, kTickSize = 12,
                 kTextSize = 14, kTitleSize = 18;
constexpr size_t kPanelsInARow = 4;
constexpr Rgb kFaint{0.91, 0.91, 0.91}, kTarget{0.45, 0.45, 0.45}, kDark{0.2, 0.2, 0.2};
/// Okabe & Ito's colours, distinguishable with all types of colour vision.
constexpr std::array<Rgb, 7> kColours{{{0.00, 0.45, 0.70},
                                       {0.90, 0.62, 0.00},
                                       {0.00, 0.62, 0.45},
                                       {0.80, 0.40, 0.00},
                                       {0.80, 0.47, 0.65},
                                       {0.34, 0.71, 0.91},
                                       {0.60, 0.55, 0.10}}};

Rgb colour_of(int number) {
  return number < 0 ? kDark : kColours[size_t(number) % kColours.size()];
}

/// Positions of participant numbers, and which of them get a label.
class ParticipantAxis {
 public:
  explicit ParticipantAxis(const std::vector<double>& values) : values_(values) {
    const double room = std::max(1.0, 0.05 * (values.back() - values.front()));
    low_ = values.front() - room, high_ = values.back() + room;
  }
  double place(double value) const { return (value - low_) / (high_ - low_) * kPlotWide; }
  /// Values whose labels do not overlap.
  std::vector<double> labelled() const {
    std::vector<double> out;
    for (const double value : values_)
      if (out.empty() || place(value) - place(out.back()) > 26) out.push_back(value);
    return out;
  }

 private:
  const std::vector<double>& values_;
  double low_, high_;
};

void draw_frame(Canvas& canvas, const ParticipantAxis& axis, double target, double x, double y) {
  for (int tick = 0; tick <= 100; tick += 20) {
    const double at = y + kPlotHigh * (1 - tick / 100.0);
    canvas.line(x, at, x + kPlotWide, at, kFaint);
    canvas.text(x - 6, at + 4, fmt::format("{}", tick), kTickSize, 1);
  }
  for (const double value : axis.labelled()) {
    canvas.line(x + axis.place(value), y, x + axis.place(value), y + kPlotHigh, kFaint);
    canvas.text(x + axis.place(value), y + kPlotHigh + 16, fmt::format("{:g}", value), kTickSize,
                0.5);
  }
  const double at = y + kPlotHigh * (1 - target);
  for (double dash = 0; dash < kPlotWide; dash += 8)
    canvas.line(x + dash, at, x + std::min(dash + 4, kPlotWide), at, kTarget);
}

void draw_curve(Canvas& canvas, const ParticipantAxis& axis, const std::vector<double>& at,
                const PowerCurve& curve, double x, double y) {
  const Rgb colour = colour_of(curve.colour);
  const auto high = [&](size_t k) { return y + kPlotHigh * (1 - curve.rate[k]); };
  for (size_t k = 0; k < at.size(); ++k) {
    if (k > 0)
      canvas.line(x + axis.place(at[k - 1]), high(k - 1), x + axis.place(at[k]), high(k), colour,
                  2);
    canvas.dot(x + axis.place(at[k]), high(k), 3, colour);
  }
}

double fitting_size(Canvas& canvas, const std::string& text, double size, double width) {
  const double needed = canvas.text_width(text, size);
  return needed > width ? std::max(8.0, size * width / needed) : size;
}

void draw_panel_of(Canvas& canvas, const ParticipantAxis& axis, const std::vector<double>& at,
                   const PowerPanel& panel, double target, double x, double y) {
  draw_frame(canvas, axis, target, x, y);
  for (const auto& curve : panel.curves) draw_curve(canvas, axis, at, curve, x, y);
  canvas.outline(x, y, kPlotWide, kPlotHigh);
  const double width = kPlotWide + kMarginRight;
  canvas.text(x, y - 24, panel.title, fitting_size(canvas, panel.title, kTextSize, width));
  canvas.text(x, y - 8, panel.caption, fitting_size(canvas, panel.caption, kTickSize, width));
  canvas.text(x + kPlotWide / 2, y + kPlotHigh + 34, "participants", kTickSize, 0.5);
  canvas.text(x - 36, y + kPlotHigh / 2, "% of studies", kTickSize, 0.5, -std::numbers::pi / 2);
}

void draw_legend(Canvas& canvas, const std::vector<std::string>& legend, const std::string& title,
                 double target, double x, double y) {
  const double width = kPlotWide + kMarginRight - 34;
  canvas.text(x, y + 4, title, fitting_size(canvas, title, kTextSize, width + 34));
  double at = y + 28;
  const auto entry = [&](const std::string& text, int number) {
    canvas.line(x, at, x + 26, at, colour_of(number), 2);
    canvas.dot(x + 13, at, 3, colour_of(number));
    canvas.text(x + 34, at + 4.5, text, fitting_size(canvas, text, kTickSize, width));
    at += 22;
  };
  for (size_t k = 0; k < legend.size(); ++k) entry(legend[k], int(k));
  entry("of any size", -1);
  for (double dash = 0; dash < 26; dash += 8)
    canvas.line(x + dash, at, x + std::min(dash + 4, 26.0), at, kTarget);
  canvas.text(x + 34, at + 4.5, fmt::format("{:g} % of studies", 100 * target), kTickSize);
}

}  // namespace

void draw_power(const std::string& title, const std::vector<double>& participants,
                const std::vector<std::string>& legend, const std::string& legend_title,
                double target, const std::vector<PowerBlock>& blocks, const std::string& path) {
  require(!participants.empty() && !blocks.empty(), "curves to draw");
  const double wide = kMarginLeft + kPlotWide + kMarginRight,
               high = kMarginTop + kPlotHigh + kMarginBottom;
  const auto rows_of = [](const PowerBlock& block) {  // including space for the legend
    return double(block.panels.size() / kPanelsInARow + 1);
  };
  double total = kHead;
  for (const auto& block : blocks) total += kBlockHead + rows_of(block) * high;
  Canvas canvas(double(kPanelsInARow) * wide + 16, total + 4);
  canvas.text(20, 32, title,
              fitting_size(canvas, title, kTitleSize, double(kPanelsInARow) * wide - 24));
  const ParticipantAxis axis(participants);
  double top = kHead;
  for (size_t b = 0; b < blocks.size(); ++b) {
    const auto& panels = blocks[b].panels;
    canvas.text(
        20, top + 18, blocks[b].title,
        fitting_size(canvas, blocks[b].title, kTextSize, double(kPanelsInARow) * wide - 24));
    top += kBlockHead;
    const auto x_of = [&](size_t k) { return double(k % kPanelsInARow) * wide + kMarginLeft; };
    const auto y_of = [&](size_t k) { return top + double(k / kPanelsInARow) * high + kMarginTop; };
    for (size_t k = 0; k < panels.size(); ++k)
      draw_panel_of(canvas, axis, participants, panels[k], target, x_of(k), y_of(k));
    if (b == 0)
      draw_legend(canvas, legend, legend_title, target, x_of(panels.size()), y_of(panels.size()));
    top += rows_of(blocks[b]) * high;
  }
  canvas.save(path);
}

}  // namespace sociometer
