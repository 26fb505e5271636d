#include "io/report/design_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/core/error.hpp"
#include "io/report/canvas.hpp"

namespace sociometer {
namespace {

/// Blue through white to red, for values in [-1, 1].
Rgb diverging(double v) {
  const Rgb ends[2] = {{0.13, 0.40, 0.67}, {0.70, 0.09, 0.17}};
  const Rgb end = ends[v > 0];
  const double a = std::min(1.0, std::abs(v));
  return {1 + a * (end.r - 1), 1 + a * (end.g - 1), 1 + a * (end.b - 1)};
}

Rgb gray(double v) {
  const double level = 0.5 + 0.5 * std::clamp(v, -1.0, 1.0);
  return {level, level, level};
}

constexpr double kMargin = 24, kFont = 12, kTitle = 15, kMatrixHeight = 520, kVifHeight = 70,
                 kGap = 60;

struct Layout {
  double cell = 18;         // width of a column, and of a correlation cell
  double label_height = 0;  // room for slanted column names
  double label_width = 0;   // room for names beside the correlations
  double top = 0;
};

void draw_labels(Canvas& canvas, const std::vector<std::string>& names, double x, double y,
                 double cell) {
  for (size_t j = 0; j < names.size(); ++j)
    canvas.text(x + (double(j) + 0.65) * cell, y - 5, names[j], kFont, 0, -std::numbers::pi / 3);
}

void draw_matrix(Canvas& canvas, const DesignMatrix& design, double x, double y, double cell) {
  const double row = kMatrixHeight / double(design.n_scans());
  for (Eigen::Index j = 0; j < design.n_columns(); ++j) {
    const double size = std::max(design.values.col(j).cwiseAbs().maxCoeff(), 1e-300);
    for (Eigen::Index t = 0; t < design.n_scans(); ++t)
      canvas.fill(x + double(j) * cell, y + double(t) * row, cell, row + 1,
                  gray(design.values(t, j) / size));
  }
  canvas.fill(x, y + kMatrixHeight, cell * double(design.n_columns()), 2, {1, 1, 1});
  canvas.outline(x, y, cell * double(design.n_columns()), kMatrixHeight);
  canvas.text(x - 14, y + kMatrixHeight / 2, "scans", kFont, 0.5, -std::numbers::pi / 2);
  canvas.text(x - 4, y + 10, "0", kFont, 1);
  canvas.text(x - 4, y + kMatrixHeight, std::to_string(design.n_scans() - 1), kFont, 1);
}

/// Bars on a logarithmic scale from 1 to 100, with a line at 5.
void draw_vif(Canvas& canvas, const Eigen::VectorXd& vif, const std::vector<ColumnRole>& roles,
              double x, double y, double cell) {
  const auto height = [](double v) { return kVifHeight * std::clamp(std::log10(v) / 2, 0.0, 1.0); };
  for (Eigen::Index j = 0; j < vif.size(); ++j) {
    if (std::isnan(vif[j])) continue;
    const double h = std::max(1.0, height(vif[j]));
    canvas.fill(x + double(j) * cell + 3, y + kVifHeight - h, cell - 6, h,
                vif[j] > 5 && roles[size_t(j)] != ColumnRole::confound &&
                        roles[size_t(j)] != ColumnRole::drift
                    ? Rgb{0.70, 0.09, 0.17}
                    : Rgb{0.35, 0.45, 0.55});
  }
  const double line = y + kVifHeight - height(5);
  canvas.fill(x, line, cell * double(vif.size()), 1, {0.70, 0.09, 0.17});
  canvas.fill(x, y + kVifHeight, cell * double(vif.size()), 1, {0.3, 0.3, 0.3});
  for (double tick : {1.0, 5.0, 10.0, 100.0})
    canvas.text(x - 8, y + kVifHeight - height(tick) + 4, fmt::format("{}", tick), kFont, 1);
  canvas.text(x, y + kVifHeight + 18, "variance inflation factor", kFont);
}

void draw_correlations(Canvas& canvas, const std::vector<std::string>& names,
                       const Eigen::MatrixXd& r, double x, double y, double cell) {
  const Eigen::Index n = r.rows();
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < n; ++j)
      canvas.fill(x + double(j) * cell, y + double(i) * cell, cell, cell, diverging(r(i, j)));
    canvas.text(x - 6, y + (double(i) + 0.5) * cell + 4, names[size_t(i)], kFont, 1);
  }
  canvas.outline(x, y, cell * double(n), cell * double(n));
  const double key = y + cell * double(n) + 14;
  constexpr int kSteps = 60;
  for (int i = 0; i <= kSteps; ++i)
    canvas.fill(x + i * 2, key, 2, 10, diverging(2.0 * i / kSteps - 1));
  canvas.text(x, key + 24, "-1", kFont, 0.5);
  canvas.text(x + kSteps, key + 24, "0", kFont, 0.5);
  canvas.text(x + 2 * kSteps, key + 24, "1", kFont, 0.5);
  canvas.text(x + 2 * kSteps + 16, key + 10, "correlation", kFont);
}

}  // namespace

void draw_design(const std::string& path, const std::string& title, const DesignMatrix& design,
                 const DesignDiagnostics& diagnostics) {
  std::vector<Eigen::Index> varying;
  std::vector<std::string> names;
  for (Eigen::Index j = 0; j < design.n_columns(); ++j)
    if (!std::isnan(diagnostics.correlation(j, j))) {
      varying.push_back(j);
      names.push_back(design.names[size_t(j)]);
    }
  Canvas ruler(1, 1);
  Layout layout;
  const double p = double(design.n_columns());
  layout.cell = std::clamp(900 / std::max(p, 1.0), 6.0, 22.0);
  for (const auto& name : design.names)
    layout.label_width = std::max(layout.label_width, ruler.text_width(name, kFont));
  layout.label_height = layout.label_width * 0.87 + 12;
  layout.top = kMargin + kTitle + 16 + layout.label_height;
  const double left = kMargin + 34, right = left + p * layout.cell + kGap + layout.label_width;
  const double n = double(varying.size());
  const double width = right + n * layout.cell + 0.5 * layout.label_width + kMargin + 40;
  const double height =
      layout.top + std::max(kMatrixHeight + kVifHeight + 60, n * layout.cell + 70) + kMargin;

  Canvas canvas(std::max(width, ruler.text_width(title, kTitle) + 2 * kMargin), height);
  canvas.text(kMargin, kMargin + kTitle, title, kTitle);
  draw_labels(canvas, design.names, left, layout.top, layout.cell);
  draw_matrix(canvas, design, left, layout.top, layout.cell);
  draw_vif(canvas, diagnostics.vif, design.roles, left, layout.top + kMatrixHeight + 14,
           layout.cell);
  draw_labels(canvas, names, right, layout.top, layout.cell);
  draw_correlations(canvas, names, diagnostics.correlation(varying, varying), right, layout.top,
                    layout.cell);
  canvas.save(path);
}

}  // namespace sociometer
