#include "io/report/motion_picture.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "io/report/picture_file.hpp"
#include "io/report/svg_markup.hpp"

namespace sociometer {
namespace {

constexpr double kWidth = 960, kLeft = 56, kRight = 16, kTitle = 15, kFont = 11, kTraceHeight = 78,
                 kTraceHead = 22, kRunHead = 30, kRunFoot = 44;
constexpr Rgb kDisplacement{0.00, 0.36, 0.62}, kDvars{0.62, 0.33, 0.00}, kLimit{0.35, 0.35, 0.35},
    kCensored{1.00, 0.86, 0.72};

/// Of values and limits; outliers may leave the axis, so that the others can be seen.
double most_of(const std::vector<const Eigen::VectorXd*>& traces,
               const std::vector<std::optional<double>>& limits) {
  std::vector<double> values;
  for (const Eigen::VectorXd* trace : traces)
    for (const double v : *trace)
      if (std::isfinite(v)) values.push_back(v);
  double most = 0;
  if (!values.empty()) {
    const auto place = values.begin() + long(0.995 * double(values.size() - 1));
    std::nth_element(values.begin(), place, values.end());
    most = *place;
  }
  for (const auto& limit : limits)
    if (limit) most = std::max(most, 1.4 * *limit);
  return most > 0 ? 1.08 * most : 1;
}

void draw_trace(Canvas& canvas, const MotionTrace& run, const Eigen::VectorXd& values,
                const std::string& name, const std::optional<double>& limit, const Axes& axes,
                Rgb colour) {
  draw_censored(canvas, run.censored, axes, kCensored);
  draw_y_axis(canvas, axes, name);
  if (limit) {
    const double dashes[] = {5, 4};
    cairo_set_dash(canvas.cairo(), dashes, 2, 0);
    canvas.line(axes.x, axes.up(*limit), axes.x + axes.width, axes.up(*limit), kLimit);
    cairo_set_dash(canvas.cairo(), nullptr, 0, 0);
  }
  draw_curve(canvas, axes, time_axis(values.size(), run.tr_s), values, colour);
}

class MotionDrawing {
 public:
  explicit MotionDrawing(const std::vector<MotionTrace>& runs) : runs_(runs) {}
  DrawnPicture drawn() const {
    double height = 10;
    for (const MotionTrace& run : runs_)
      height += kRunHead + height_of_traces(run, kTraceHeight) + kRunFoot;
    return {kWidth, height, [this](Canvas& canvas) { draw(canvas); }};
  }

 private:
  void draw(Canvas& canvas) const {
    double y = 6;
    const double displacement = most_displacement(runs_), dvars = most_dvars(runs_);
    for (const MotionTrace& run : runs_) {
      const auto n_censored =
          std::count_if(run.censored.begin(), run.censored.end(), [](uint8_t c) { return c != 0; });
      canvas.text(kLeft, y + 18, run.title, kTitle);
      std::string note;
      if (!run.censored.empty())
        note = n_censored == 0 ? "no scan censored"
                               : fmt::format("{} of {} scans censored (bands)", n_censored,
                                             run.censored.size());
      canvas.text(kWidth - kRight, y + 18, note, kFont + 1, 1);
      y += kRunHead;
      const double width = kWidth - kLeft - kRight;
      y += draw_traces(canvas, run, kLeft, y, width, kTraceHeight, displacement, dvars);
      const double end = run.tr_s > 0 ? run.tr_s : 1;
      draw_x_axis(canvas, {kLeft, y - 1, width, 1, 0, end * double(n_scans_of(run)), 0, 1},
                  time_name(run.tr_s));
      y += kRunFoot;
    }
  }
  const std::vector<MotionTrace>& runs_;
};

}  // namespace

Eigen::Index n_scans_of(const MotionTrace& run) {
  return std::max({run.framewise_displacement_mm.size(), run.dvars.size(),
                   Eigen::Index(run.censored.size()), Eigen::Index(1)});
}

Eigen::VectorXd time_axis(Eigen::Index n_scans, double tr_s) {
  const double step = tr_s > 0 ? tr_s : 1;
  return step * (Eigen::VectorXd::LinSpaced(n_scans, 0, double(n_scans - 1)).array() + 0.5);
}

std::string time_name(double tr_s) { return tr_s > 0 ? "time (s)" : "scan"; }

double most_displacement(const std::vector<MotionTrace>& runs) {
  std::vector<const Eigen::VectorXd*> traces;
  std::vector<std::optional<double>> limits;
  for (const MotionTrace& run : runs) {
    traces.push_back(&run.framewise_displacement_mm);
    limits.push_back(run.displacement_limit_mm);
  }
  return most_of(traces, limits);
}

double most_dvars(const std::vector<MotionTrace>& runs) {
  std::vector<const Eigen::VectorXd*> traces;
  std::vector<std::optional<double>> limits;
  for (const MotionTrace& run : runs) {
    traces.push_back(&run.dvars);
    limits.push_back(run.dvars_limit);
  }
  return most_of(traces, limits);
}

void draw_censored(Canvas& canvas, const std::vector<uint8_t>& censored, const Axes& axes,
                   Rgb colour) {
  const double scan = axes.width / double(std::max<size_t>(1, censored.size()));
  for (size_t t = 0; t < censored.size(); ++t)
    if (censored[t])
      canvas.fill(axes.x + double(t) * scan, axes.y, std::max(1.0, scan), axes.height, colour);
}

double height_of_traces(const MotionTrace& run, double trace_height) {
  const int n = (run.framewise_displacement_mm.size() > 0) + (run.dvars.size() > 0);
  return n * (trace_height + kTraceHead);
}

double draw_traces(Canvas& canvas, const MotionTrace& run, double x, double y, double width,
                   double trace_height, double most_mm, double most_of_dvars) {
  const double start = y;
  const double end = double(n_scans_of(run)) * (run.tr_s > 0 ? run.tr_s : 1);
  const auto axes = [&](double most) {
    y += kTraceHead;
    const Axes out{x, y, width, trace_height, 0, end, 0, most};
    y += trace_height;
    return out;
  };
  if (run.framewise_displacement_mm.size() > 0)
    draw_trace(canvas, run, run.framewise_displacement_mm, "framewise displacement (mm)",
               run.displacement_limit_mm, axes(most_mm), kDisplacement);
  if (run.dvars.size() > 0)
    draw_trace(canvas, run, run.dvars, run.dvars_name, run.dvars_limit, axes(most_of_dvars),
               kDvars);
  return y - start;
}

Html draw_motion(const std::vector<MotionTrace>& runs, std::string_view id) {
  return svg_markup(svg_of(MotionDrawing(runs).drawn()), id);
}

}  // namespace sociometer
