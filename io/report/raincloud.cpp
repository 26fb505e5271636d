#include "io/report/raincloud.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/stats/density.hpp"
#include "engine/stats/mean_interval.hpp"
#include "io/report/plot.hpp"

namespace sociometer {
namespace {

constexpr double kSheetWidth = 760, kRowHeight = 62, kNotes = 232;
constexpr double kCloudHeight = 26;
constexpr int kDensityPoints = 81;
constexpr Eigen::Index kLeastForDensity = 5;

/// Shifts in [-1, 1] that look random and are the same in every run.
double jitter(size_t i) { return 2 * std::fmod(0.5 + double(i) * 0.6180339887498949, 1.0) - 1; }

Eigen::VectorXd present(const std::vector<double>& values) {
  std::vector<double> kept;
  for (double v : values)
    if (std::isfinite(v)) kept.push_back(v);
  return Eigen::Map<Eigen::VectorXd>(kept.data(), Eigen::Index(kept.size()));
}

struct Cloud {
  Eigen::VectorXd at, density;  ///< empty: too few values, or no spread
  MeanOverPeople mean;
};

Cloud cloud_of(const RaincloudRow& row) {
  Cloud cloud;
  cloud.mean = mean_over_people(row.values, 0.95);
  const Eigen::VectorXd values = present(row.values);
  const double bandwidth = values.size() < kLeastForDensity ? 0 : silverman_bandwidth(values);
  if (!(bandwidth > 0)) return cloud;
  cloud.at = Eigen::VectorXd::LinSpaced(kDensityPoints, values.minCoeff() - 2.5 * bandwidth,
                                        values.maxCoeff() + 2.5 * bandwidth);
  cloud.density = kernel_density(values, cloud.at, bandwidth);
  return cloud;
}

void draw_cloud(Plot& plot, const RaincloudRow& row, const Cloud& cloud, const Scale& x, double y) {
  const std::string_view colour = series_colour(row.is_difference ? 1 : 0);
  Plot::Points shape;
  const double most = cloud.at.size() > 0 ? cloud.density.maxCoeff() : 1;
  for (Eigen::Index k = 0; k < cloud.at.size(); ++k)
    shape.emplace_back(x.place(cloud.at[k]), y - 6 - kCloudHeight * cloud.density[k] / most);
  if (!shape.empty()) {
    shape.emplace_back(x.place(cloud.at[cloud.at.size() - 1]), y - 6);
    shape.emplace_back(x.place(cloud.at[0]), y - 6);
    plot.polygon(shape, {.colour = colour, .opacity = 0.38});
  }
  for (size_t i = 0; i < row.values.size(); ++i)
    plot.dot(x.place(row.values[i]), y + 13 + 5 * jitter(i), 2.8,
             {.colour = colour, .opacity = 0.75},
             fmt::format("{}: {}", i < row.people.size() ? row.people[i] : std::string("person"),
                         rounded_number(row.values[i])));
  draw_interval(plot, x, y, cloud.mean.mean, cloud.mean.low, cloud.mean.high, "currentColor",
                fmt::format("mean {} [{}, {}]", rounded_number(cloud.mean.mean),
                            rounded_number(cloud.mean.low), rounded_number(cloud.mean.high)));
}

/// The wider of a label's two lines.
double label_room(const std::string& label) {
  const size_t end = label.find('\n');
  return end == std::string::npos
             ? text_room(label)
             : std::max(text_room(label.substr(0, end)), text_room(label.substr(end + 1)));
}

void draw_row_texts(Plot& plot, const RaincloudRow& row, const MeanOverPeople& mean, double left,
                    double y) {
  const size_t end = row.label.find('\n');
  const bool two_lines = end != std::string::npos;
  plot.text(left - 10, y + (two_lines ? -3 : 4), fitted_text(row.label.substr(0, end), left - 12),
            Plot::Anchor::end);
  if (two_lines)
    plot.text(left - 10, y + 12, fitted_text(row.label.substr(end + 1), left - 12),
              Plot::Anchor::end);
  const double x = kSheetWidth - kNotes + 14;
  plot.text(x, y - 8,
            fmt::format("{} [{}, {}]", rounded_number(mean.mean), rounded_number(mean.low),
                        rounded_number(mean.high)),
            Plot::Anchor::start, 11.5);
  const std::string figures = row.figures.empty() ? "" : ", " + row.figures;
  plot.text(x, y + 7, fitted_text(fmt::format("n = {}{}", mean.n, figures), kNotes - 16, 11.5),
            Plot::Anchor::start, 11.5, paint::kQuiet);
  if (!row.note.empty())
    plot.text(x, y + 22, fitted_text(row.note, kNotes - 16, 11.5), Plot::Anchor::start, 11.5,
              paint::kQuiet);
}

double panel_height(const RaincloudPanel& panel) {
  return kRowHeight * double(panel.rows.size()) + 96;
}

void draw_raincloud_panel(Plot& plot, const RaincloudPanel& panel, double top, double left) {
  const PanelBox box{left, top + 34, kSheetWidth - kNotes - left,
                     kRowHeight * double(panel.rows.size()) + 8};
  std::vector<Cloud> clouds;
  std::vector<double> ends;
  for (const auto& row : panel.rows) {
    clouds.push_back(cloud_of(row));
    ends.insert(ends.end(), row.values.begin(), row.values.end());
    if (clouds.back().at.size() > 0)
      ends.insert(ends.end(), {clouds.back().at.minCoeff(), clouds.back().at.maxCoeff()});
  }
  Scale x = scale_over(ends, true);
  plot.bold(box.x, box.y - 12, panel.title);
  draw_x_axis(plot, box, x, panel.unit, 6);
  plot.line(x.place(0), box.y, x.place(0), box.y + box.height, {.opacity = 0.7});
  for (size_t k = 0; k < panel.rows.size(); ++k) {
    const double y = box.y + kRowHeight * (double(k) + 0.62);
    draw_cloud(plot, panel.rows[k], clouds[k], x, y);
    draw_row_texts(plot, panel.rows[k], clouds[k].mean, left, y);
  }
}

void draw_scatter_panel(Plot& plot, const PlotScatter& panel, const PanelBox& box) {
  Scale x = scale_over(panel.x);
  std::vector<double> values = panel.y;
  values.insert(values.end(), panel.lower.begin(), panel.lower.end());
  values.insert(values.end(), panel.upper.begin(), panel.upper.end());
  Scale y = scale_over(values);
  draw_x_axis(plot, box, x, fitted_text(panel.x_name, box.width), 4);
  draw_y_axis(plot, box, y, fitted_text(panel.y_name, box.height), 4);
  const double room = std::min(box.width + 60, kSheetWidth - box.x);
  plot.bold(box.x, box.y - 25, fitted_text(panel.title, room, 12), 12);
  plot.text(box.x, box.y - 9, fitted_text(panel.figures, room, 11.5), Plot::Anchor::start, 11.5,
            paint::kQuiet);
  Plot::Points band, line;
  for (size_t k = 0; k < panel.at.size(); ++k) {
    band.emplace_back(x.place(panel.at[k]), y.place(panel.upper[k]));
    line.emplace_back(x.place(panel.at[k]), y.place(panel.line[k]));
  }
  for (size_t k = panel.at.size(); k-- > 0;)
    band.emplace_back(x.place(panel.at[k]), y.place(panel.lower[k]));
  plot.polygon(band, {.colour = series_colour(0), .opacity = 0.22});
  plot.polyline(line, {.colour = series_colour(0), .width = 2});
  for (size_t i = 0; i < panel.x.size() && i < panel.y.size(); ++i)
    plot.dot(x.place(panel.x[i]), y.place(panel.y[i]), 3.2, {.opacity = 0.75},
             fmt::format("{}: {}, {}", i < panel.people.size() ? panel.people[i] : "person",
                         rounded_number(panel.x[i]), rounded_number(panel.y[i])));
}

}  // namespace

Html draw_rainclouds(const std::vector<RaincloudPanel>& panels) {
  double left = 60, height = 0;
  for (const auto& panel : panels) {
    for (const auto& row : panel.rows) left = std::max(left, label_room(row.label) + 20);
    height += panel_height(panel);
  }
  if (panels.empty()) return {};
  left = std::min(left, 220.0);
  Plot plot(kSheetWidth, height);
  double top = 0;
  for (const auto& panel : panels) {
    draw_raincloud_panel(plot, panel, top, left);
    top += panel_height(panel);
  }
  return plot.html();
}

Html draw_scatter_plots(const std::vector<PlotScatter>& panels) {
  if (panels.empty()) return {};
  constexpr double kSide = 164, kAcross = kSide + 88, kDown = kSide + 106;
  const size_t columns = std::min<size_t>(3, panels.size());
  Plot plot(kSheetWidth, kDown * double((panels.size() + columns - 1) / columns));
  for (size_t k = 0; k < panels.size(); ++k)
    draw_scatter_panel(
        plot, panels[k],
        {66 + double(k % columns) * kAcross, 42 + double(k / columns) * kDown, kSide, kSide});
  return plot.html();
}

Html draw_intervals(const std::vector<IntervalLine>& lines, const std::string& axis) {
  if (lines.empty()) return {};
  constexpr double kLine = 24;
  double left = 80;
  std::vector<double> ends;
  for (const auto& line : lines) {
    left = std::max(left, text_room(line.label) + 16);
    ends.insert(ends.end(), {line.low, line.high, line.estimate});
  }
  left = std::min(left, 340.0);
  const PanelBox box{left, 10, kSheetWidth - left - 170, kLine * double(lines.size()) + 6};
  Plot plot(kSheetWidth, box.y + box.height + 46);
  Scale x = scale_over(ends, true);
  draw_x_axis(plot, box, x, axis);
  plot.line(x.place(0), box.y, x.place(0), box.y + box.height, {.opacity = 0.7});
  for (size_t k = 0; k < lines.size(); ++k) {
    const double y = box.y + kLine * (double(k) + 0.5) + 3;
    plot.text(left - 10, y + 4, fitted_text(lines[k].label, left - 14), Plot::Anchor::end);
    draw_interval(plot, x, y, lines[k].estimate, lines[k].low, lines[k].high, series_colour(0),
                  lines[k].note);
    plot.text(kSheetWidth - 6, y + 4, fitted_text(lines[k].note, 164, 11.5), Plot::Anchor::end,
              11.5, paint::kQuiet);
  }
  return plot.html();
}

}  // namespace sociometer
