#include "io/report/learning_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "io/report/canvas.hpp"

namespace sociometer {
namespace {

constexpr double kPanel = 320, kLeft = 76, kTop = 78, kBottom = 62, kPanelGap = 92, kPanelFont = 14,
                 kPanelTitle = 17;
constexpr Rgb kInk{0.15, 0.15, 0.15}, kPale{0.85, 0.85, 0.85}, kBlue{0.13, 0.40, 0.67};

/// A linear axis, or a logarithmic one, from `low` to `high`.
struct Axis {
  double low, high;
  bool logarithmic;
  double place(double v) const {
    if (logarithmic)
      return (std::log(std::clamp(v, low, high)) - std::log(low)) /
             (std::log(high) - std::log(low));
    return (std::clamp(v, low, high) - low) / (high - low);
  }
  std::vector<double> ticks() const {
    std::vector<double> out;
    if (logarithmic) {
      for (double t = std::pow(10, std::ceil(std::log10(low) - 1e-9)); t <= high * 1.0001; t *= 10)
        out.push_back(t);
      return out;
    }
    const double raw = (high - low) / 5, size = std::pow(10, std::floor(std::log10(raw)));
    const double step = size * (raw / size > 5 ? 10 : raw / size > 2 ? 5 : raw / size > 1 ? 2 : 1);
    for (double t = std::ceil(low / step - 1e-9) * step; t <= high + 1e-9 * step; t += step)
      out.push_back(std::abs(t) < 1e-9 * step ? 0.0 : t);
    return out;
  }
};

Axis axis_of(Transform transform, const Eigen::VectorXd& truth, const Eigen::VectorXd& estimate) {
  const double low = std::min(truth.minCoeff(), estimate.minCoeff());
  const double high = std::max(truth.maxCoeff(), estimate.maxCoeff());
  if (transform == Transform::logit) return {0, 1, false};
  if (transform == Transform::log)
    return {std::pow(10, std::floor(std::log10(std::max(low, 1e-2)))),
            std::pow(10, std::ceil(std::log10(high))), true};
  const double room = 0.05 * (high - low);
  return {low - room, high + room, false};
}

void draw_panel(Canvas& canvas, const ParameterRecovery& r, Eigen::Index k, Transform transform,
                double x, double y) {
  const Axis axis = axis_of(transform, r.truth.col(k), r.estimate.col(k));
  for (double tick : axis.ticks()) {
    const double at = axis.place(tick) * kPanel;
    canvas.line(x + at, y, x + at, y + kPanel, kPale);
    canvas.line(x, y + kPanel - at, x + kPanel, y + kPanel - at, kPale);
    const std::string label = fmt::format("{:.6g}", tick);
    canvas.text(x + at, y + kPanel + 18, label, kPanelFont, 0.5);
    canvas.text(x - 6, y + kPanel - at + 5, label, kPanelFont, 1);
  }
  canvas.line(x, y + kPanel, x + kPanel, y, kInk);
  for (Eigen::Index i = 0; i < r.truth.rows(); ++i)
    canvas.dot(x + axis.place(r.truth(i, k)) * kPanel,
               y + kPanel - axis.place(r.estimate(i, k)) * kPanel, 3.5, kBlue);
  canvas.outline(x, y, kPanel, kPanel);
  canvas.text(x, y - 10,
              fmt::format("{}: r = {:.2f}{}", r.names[size_t(k)], r.correlation[k],
                          transform == Transform::log
                              ? fmt::format(", of logarithms {:.2f}", r.log_correlation[k])
                              : ""),
              kPanelFont);
  canvas.text(x + kPanel / 2, y + kPanel + 42, "true", kPanelFont, 0.5);
  canvas.text(x - 52, y + kPanel / 2, "estimated", kPanelFont, 0.5, -std::numbers::pi / 2);
}

/// White to blue.
Rgb shade(double v) {
  const double a = std::clamp(v, 0.0, 1.0);
  return {1 + a * (kBlue.r - 1), 1 + a * (kBlue.g - 1), 1 + a * (kBlue.b - 1)};
}

}  // namespace

void draw_parameter_recovery(const ParameterRecovery& r, const std::vector<Transform>& transforms,
                             const std::string& path) {
  const auto n = double(std::max<size_t>(1, r.names.size()));
  const std::string title =
      fmt::format("Parameter recovery of {}, {} simulated participants", r.model, r.truth.rows());
  Canvas ruler(10, 10);
  const double width = std::max(kLeft + n * kPanel + (n - 1) * kPanelGap + 30,
                                ruler.text_width(title, kPanelTitle) + 60);
  Canvas canvas(width, kTop + kPanel + kBottom);
  canvas.text(24, 32, title, kPanelTitle);
  for (size_t k = 0; k < r.names.size(); ++k)
    draw_panel(canvas, r, Eigen::Index(k), transforms[k], kLeft + double(k) * (kPanel + kPanelGap),
               kTop);
  canvas.save(path);
}

void draw_model_recovery(const ModelRecovery& r, const std::string& path) {
  constexpr double kCell = 72;
  const auto n = Eigen::Index(r.models.size());
  const std::string title = "Model recovery: share of participants best explained by each model";
  Canvas ruler(10, 10);
  double label = 0;
  for (const auto& m : r.models) label = std::max(label, ruler.text_width(m, kPanelFont));
  const double left = 70 + label, top = 84 + label * 0.8, side = kCell * double(n);
  Canvas canvas(std::max(left + side + label, ruler.text_width(title, kPanelTitle) + 60),
                top + side + 30);
  canvas.text(24, 32, title, kPanelTitle);
  canvas.text(left + side / 2, 58, "fitted best", kPanelFont, 0.5);
  canvas.text(30, top + side / 2, "true", kPanelFont, 0.5, -std::numbers::pi / 2);
  for (Eigen::Index i = 0; i < n; ++i) {
    const double at = (double(i) + 0.5) * kCell;
    canvas.text(left - 8, top + at + 5, r.models[size_t(i)], kPanelFont, 1);
    canvas.text(left + at, top - 8, r.models[size_t(i)], kPanelFont, 0, -std::numbers::pi / 4);
    for (Eigen::Index j = 0; j < n; ++j) {
      const double v = r.best(i, j), x = left + double(j) * kCell, y = top + double(i) * kCell;
      // At most halfway to blue, so that the number remains readable in black.
      canvas.fill(x, y, kCell, kCell, shade(0.55 * v));
      canvas.text(x + kCell / 2, y + kCell / 2 + 5, fmt::format("{:.2f}", v), kPanelFont, 0.5);
    }
  }
  canvas.outline(left, top, side, side);
  canvas.save(path);
}

}  // namespace sociometer
