#include "io/report/predictive_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <fmt/format.h>

#include "io/report/canvas.hpp"

namespace sociometer {
namespace {

constexpr double kHeight = 260, kTop = 96, kBottom = 96, kLeft = 74, kGap = 86, kStep = 46;
constexpr double kFont = 14, kTitle = 17;
constexpr Rgb kPale{0.88, 0.88, 0.88}, kModel{0.62, 0.76, 0.88}, kInk{0.10, 0.10, 0.10},
    kOutside{0.80, 0.20, 0.13};

struct Panel {
  std::string title, unit, below;
  std::vector<const PredictiveCheck*> checks;
  double width() const { return kStep * double(std::max<size_t>(checks.size(), 4)); }
};

std::string label_of(const PredictiveCheck& c) {
  if (c.level == "previous_rank") return "rank";
  if (c.level == "previous_outcome") return "outcome";
  return c.level;
}

std::vector<Panel> panels_of(const PredictiveChecks& all) {
  std::vector<Panel> panels = {{"Choices of each partner", "share when offered", "partner", {}},
                               {"Better partner by outcome", "share chosen", "block of rounds", {}},
                               {"Better partner by rank", "share chosen", "block of rounds", {}},
                               {"Staying after", "log odds", "slope", {}}};
  const char* statistics[] = {"choice_share", "learning_curve_outcome", "learning_curve_rank",
                              "stay_switch"};
  for (const auto& c : all.checks)
    for (size_t i = 0; i < panels.size(); ++i)
      if (c.statistic == statistics[i] && c.level != "intercept") panels[i].checks.push_back(&c);
  std::erase_if(panels, [](const Panel& p) { return p.checks.empty(); });
  return panels;
}

/// Lowest and highest value shown, with a margin, and a step that gives about five ticks.
struct Scale {
  double low = HUGE_VAL, high = -HUGE_VAL, step = 1;
  double place(double v) const { return (high - v) / (high - low) * kHeight; }
};

Scale scale_of(const Panel& panel, bool shares) {
  Scale s;
  for (const auto* c : panel.checks)
    for (double v : {c->data, c->low, c->high})
      if (!std::isnan(v)) {
        s.low = std::min(s.low, v);
        s.high = std::max(s.high, v);
      }
  if (!(s.low <= s.high)) return {0, 1, 0.2};
  if (!shares) s.low = std::min(s.low, 0.0);
  const double room = std::max(0.1 * (s.high - s.low), 1e-3);
  s.low -= room;
  s.high += room;
  if (shares) s = {std::max(0.0, s.low), std::min(1.0, s.high), 1};
  const double raw = (s.high - s.low) / 4, size = std::pow(10, std::floor(std::log10(raw)));
  s.step = size * (raw / size > 5 ? 10 : raw / size > 2 ? 5 : raw / size > 1 ? 2 : 1);
  return s;
}

void draw_check(Canvas& canvas, const PredictiveCheck& c, const Scale& s, double x, double y) {
  if (!std::isnan(c.low)) {
    const double top = y + s.place(c.high),
                 height = std::max(2.0, s.place(c.low) - s.place(c.high));
    canvas.fill(x - 9, top, 18, height, kModel);
    canvas.line(x - 9, y + s.place(c.mean), x + 9, y + s.place(c.mean), kInk, 1.5);
  }
  if (std::isnan(c.data)) return;
  const bool outside = c.data < c.low || c.data > c.high;
  canvas.dot(x, y + s.place(c.data), 5, outside ? kOutside : kInk);
}

void draw_panel(Canvas& canvas, const Panel& panel, double x, double y) {
  const Scale s = scale_of(panel, panel.unit != "log odds");
  for (double t = std::ceil(s.low / s.step - 1e-9) * s.step; t <= s.high + 1e-9; t += s.step) {
    canvas.line(x, y + s.place(t), x + panel.width(), y + s.place(t), kPale);
    canvas.text(x - 6, y + s.place(t) + 5, fmt::format("{:.4g}", std::abs(t) < 1e-9 ? 0 : t), kFont,
                1);
  }
  bool slanted = false;
  for (const auto* c : panel.checks)
    slanted |=
        canvas.text_width(label_of(*c), kFont) > panel.width() / double(panel.checks.size()) - 6;
  for (size_t i = 0; i < panel.checks.size(); ++i) {
    const double at = x + panel.width() * (double(i) + 0.5) / double(panel.checks.size());
    draw_check(canvas, *panel.checks[i], s, at, y);
    if (slanted)
      canvas.text(at + 4, y + kHeight + 16, label_of(*panel.checks[i]), kFont, 1,
                  -std::numbers::pi / 5);
    else
      canvas.text(at, y + kHeight + 20, label_of(*panel.checks[i]), kFont, 0.5);
  }
  canvas.outline(x, y, panel.width(), kHeight);
  canvas.text(x, y - 10, panel.title, kFont);
  canvas.text(x - 56, y + kHeight / 2, panel.unit, kFont, 0.5, -std::numbers::pi / 2);
  if (!slanted) canvas.text(x + panel.width() / 2, y + kHeight + 42, panel.below, kFont, 0.5);
}

}  // namespace

void draw_predictive(const PredictiveChecks& checks, const std::string& path) {
  const auto panels = panels_of(checks);
  const std::string title =
      fmt::format("The study (dots) and {} studies simulated by {} (bars: 95 %)",
                  checks.n_simulated, checks.model);
  const std::string note = "red: the study lies outside the bar";
  Canvas ruler(10, 10);
  double width = kLeft + 30 - kGap;
  for (const auto& p : panels) width += p.width() + kGap;
  Canvas canvas(std::max(width, ruler.text_width(title, kTitle) + 60), kTop + kHeight + kBottom);
  canvas.text(24, 30, title, kTitle);
  canvas.text(24, 52, note, kFont);
  double x = kLeft;
  for (const auto& p : panels) {
    draw_panel(canvas, p, x, kTop);
    x += p.width() + kGap;
  }
  canvas.save(path);
}

}  // namespace sociometer
