#include "io/report/design_section.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <cairo.h>
#include <fmt/format.h>

#include "io/report/drawing.hpp"
#include "io/report/figures_in_text.hpp"

namespace sociometer {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
using Anchor = Drawing::Anchor;

bool is_task(const std::string& role) { return role == "task" || role == "given"; }

double widest(const std::vector<std::string>& names) {
  double most = 0;
  for (const auto& name : names) most = std::max(most, approximate_width(name));
  return most;
}

std::vector<std::string> column_names(const ReportedDesign& design) {
  std::vector<std::string> names;
  for (const auto& column : design.record.design.columns) names.push_back(column.name);
  return names;
}

void slanted_labels(Drawing& drawing, const std::vector<std::string>& names, double x, double y,
                    double cell) {
  for (size_t j = 0; j < names.size(); ++j)
    drawing.text(x + (double(j) + 0.6) * cell, y - 5, names[j], Anchor::start, "ink", -60);
}

/// Columns divided by their largest magnitude.
Eigen::MatrixXd scaled_columns(const Eigen::MatrixXd& values) {
  Eigen::MatrixXd out = values;
  for (Eigen::Index j = 0; j < out.cols(); ++j)
    if (const double most = out.col(j).cwiseAbs().maxCoeff(); most > 0) out.col(j) /= most;
  return out;
}

Html matrix_figure(const ReportedDesign& design, const std::string& id) {
  const std::vector<std::string> names = column_names(design);
  const double n = double(names.size()), cell = std::clamp(700 / n, 8.0, 24.0);
  const double top = 0.87 * widest(names) + 16, left = 44, height = 320;
  const double right = 0.5 * widest(names) + 10;
  Drawing drawing(left + n * cell + right, top + height + 10);
  slanted_labels(drawing, names, left, top, cell);
  drawing.image(left, top, n * cell, height, grey_png(scaled_columns(design.values)));
  drawing.rectangle(left, top, n * cell, height, "frame");
  drawing.text(left - 6, top + 10, "0", Anchor::end, "faint");
  drawing.text(left - 6, top + height, std::to_string(design.values.rows() - 1), Anchor::end,
               "faint");
  drawing.text(left - 22, top + height / 2, "scans", Anchor::middle, "faint", -90);
  return html_figure(id, drawing.html(),
                     fmt::format("Design matrix of {} scans and {} columns: {}",
                                 design.values.rows(), names.size(), fmt::join(names, ", ")),
                     "Design matrix: time downwards, each column divided by its largest magnitude; "
                     "white is positive, black is negative.");
}

/// The trials of a modulator that became a column; null if the record has none.
const TrialModulatorRecord* trials_of(const DesignRecord& record, const std::string& column,
                                      const std::vector<double>*& onsets) {
  if (record.checks.trials)
    for (const TrialsRecord& type : *record.checks.trials)
      for (const auto& modulator : type.modulators)
        if (modulator.name == column && modulator.values && type.onset_s &&
            type.onset_s->size() == modulator.values->size()) {
          onsets = &*type.onset_s;
          return &modulator;
        }
  return nullptr;
}

/// One strip: a regressor over time, and the trials it was made of.
void draw_strip(Drawing& drawing, const ReportedDesign& design, Eigen::Index column, double left,
                double top, double width, double height) {
  const Eigen::VectorXd values = design.values.col(column);
  const std::string& name = design.record.design.columns[size_t(column)].name;
  const double unit = design.tr_s > 0 ? design.tr_s : 1;
  const double duration = double(values.size()) * unit, middle = top + height / 2;
  const double most = std::max(values.cwiseAbs().maxCoeff(), 1e-300);
  drawing.line(left, middle, left + width, middle);
  const std::vector<double>* onsets = nullptr;
  const TrialModulatorRecord* trials = trials_of(design.record, name, onsets);
  if (trials && design.tr_s > 0) {
    double largest = 1e-300;
    for (const double v : *trials->values) largest = std::max(largest, std::abs(v));
    for (size_t i = 0; i < onsets->size(); ++i) {
      const double x = left + width * (*onsets)[i] / duration;
      if (x < left || x > left + width) continue;
      const double y = middle - 0.45 * height * (*trials->values)[i] / largest;
      drawing.line(x, middle, x, y, "axis");
      drawing.dot(x, y, 1.8, "series-2");
    }
  }
  std::vector<std::pair<double, double>> points;
  for (Eigen::Index t = 0; t < values.size(); ++t)
    points.emplace_back(left + width * double(t) * unit / duration,
                        middle - 0.45 * height * values[t] / most);
  drawing.polyline(points, "series-1");
  drawing.text(left - 8, middle + 4, name, Anchor::end);
}

Html traces_figure(const ReportedDesign& design, const std::string& id) {
  std::vector<Eigen::Index> task;
  std::vector<std::string> names;
  for (size_t j = 0; j < design.record.design.columns.size(); ++j)
    if (is_task(design.record.design.columns[j].role)) {
      task.push_back(Eigen::Index(j));
      names.push_back(design.record.design.columns[j].name);
    }
  if (task.empty()) return {};
  constexpr size_t kMost = 24;
  const size_t n = std::min(task.size(), kMost);
  const double left = widest(names) + 14, width = 720, strip = 44;
  Drawing drawing(left + width + 10, double(n) * strip + 34);
  for (size_t i = 0; i < n; ++i)
    draw_strip(drawing, design, task[i], left, double(i) * strip, width, strip);
  const double bottom = double(n) * strip + 6;
  const double unit = design.tr_s > 0 ? design.tr_s : 1;
  drawing.line(left, bottom, left + width, bottom, "axis");
  drawing.text(left, bottom + 16, "0", Anchor::middle, "faint");
  drawing.text(
      left + width, bottom + 16,
      fmt::format("{:g} {}", double(design.values.rows()) * unit, design.tr_s > 0 ? "s" : "scans"),
      Anchor::end, "faint");
  const bool any_trials = design.record.checks.trials && !design.record.checks.trials->empty();
  std::string caption = "Regressors of the task over time, each divided by its largest magnitude.";
  if (any_trials)
    caption += " Dots on stems are the values of single trials, before convolution, as used.";
  if (task.size() > n) caption += fmt::format(" The first {} of {} are shown.", n, task.size());
  return html_figure(id, drawing.html(), fmt::format("Time courses of {}", fmt::join(names, ", ")),
                     caption);
}

/// Correlations of the task's columns with their variance inflation at the right.
Html correlation_figure(const ReportedDesign& design, const std::string& id) {
  const ColumnCorrelations& r = design.record.design.correlations;
  if (r.columns.empty()) return {};
  const double n = double(r.columns.size()), cell = std::clamp(520 / n, 14.0, 44.0);
  const double left = widest(r.columns) + 12, top = 0.87 * widest(r.columns) + 16;
  const bool words = cell >= 34;
  Drawing drawing(left + (n + 1) * cell + 18 + 0.5 * widest(r.columns) + 40, top + n * cell + 10);
  std::vector<std::string> heads = r.columns;
  slanted_labels(drawing, heads, left, top, cell);
  const double vif_x = left + n * cell + 14;
  drawing.text(vif_x + 0.5 * cell, top - 5, "VIF", Anchor::middle);
  for (size_t i = 0; i < r.columns.size(); ++i) {
    const double y = top + double(i) * cell;
    drawing.text(left - 6, y + 0.5 * cell + 4, r.columns[i], Anchor::end);
    for (size_t j = 0; j < r.columns.size(); ++j) {
      const double value = r.values[i][j], x = left + double(j) * cell;
      drawing.cell(x, y, cell, cell, diverging_colour(value),
                   fmt::format("{} and {}: r = {:.2f}", r.columns[i], r.columns[j], value));
      if (words && std::isfinite(value))
        drawing.text(x + 0.5 * cell, y + 0.5 * cell + 4, fmt::format("{:.2f}", value),
                     Anchor::middle, std::abs(value) > 0.6 ? "on-dark" : "on-light");
    }
    double vif = kNone;
    for (const auto& column : design.record.design.columns)
      if (column.name == r.columns[i]) vif = column.vif;
    const double share = std::clamp(std::log10(std::max(vif, 1.0)), 0.0, 1.0);
    drawing.cell(vif_x, y, cell, cell, diverging_colour(std::isnan(vif) ? kNone : share),
                 fmt::format("VIF of {}: {:.2f}", r.columns[i], vif));
    if (words)
      drawing.text(vif_x + 0.5 * cell, y + 0.5 * cell + 4,
                   std::isnan(vif) ? "n/a" : fmt::format("{:.1f}", vif), Anchor::middle,
                   share > 0.6 ? "on-dark" : "on-light");
  }
  return html_figure(
      id, drawing.html(),
      fmt::format("Correlations of {} and their variance inflation factors, as in the table below",
                  fmt::join(r.columns, ", ")),
      fmt::format(
          "Correlations between columns of the task (blue negative, red positive), and how "
          "many times all other columns together inflate the variance of each (VIF, darkest "
          "at 10). Beyond |r| = {:g} or VIF = {:g} effects can hardly be told apart.",
          kCorrelationLimit, kVifLimit));
}

Html columns_table(const ReportedDesign& design, const std::string& id) {
  HtmlTable table;
  table.id = id;
  table.caption = "Columns of the design";
  table.file_name = id + ".tsv";
  table.columns = {
      {"column", false, ""},
      {"role", false, ""},
      {"vif", true, "variance inflation by all other columns"},
      {"explained_by_drift", true, "share of its variance that the drift explains"},
      {"explained_by_nuisance", true, "share that drift and confounds explain together"},
      {"closest_confound", false, "the confound that correlates most with it"},
      {"r", true, "correlation with that confound"}};
  for (const auto& column : design.record.design.columns) {
    const NuisanceShareRecord* share = nullptr;
    if (design.record.checks.nuisance)
      for (const auto& one : *design.record.checks.nuisance)
        if (one.column == column.name) share = &one;
    const bool explained = column.note.has_value();
    table.rows.push_back(
        {{column.name, "", {}, {}},
         {column.role, "", {}, {}},
         explained ? HtmlTable::Cell{"inf", "", {}, {}} : number_cell(column.vif, 2),
         number_cell(share ? share->by_drift : kNone, 3),
         number_cell(share ? share->by_nuisance : kNone, 3),
         {share && share->closest ? *share->closest : "n/a", "", {}, {}},
         number_cell(share && share->correlation ? *share->correlation : kNone, 2)});
  }
  return html_table(table);
}

Html weights_figure(const ReportedDesign& design, const std::string& id) {
  if (design.weights.empty()) return {};
  std::vector<std::string> names, rows;
  std::vector<std::vector<double>> weights;
  for (const auto& [name, of_contrast] : design.weights)
    for (size_t i = 0; i < of_contrast.size(); ++i) {
      rows.push_back(of_contrast.size() == 1 ? name : fmt::format("{} [{}]", name, i + 1));
      weights.push_back(of_contrast[i]);
    }
  std::vector<size_t> used;
  for (size_t j = 0; j < design.record.design.columns.size(); ++j) {
    const bool any = std::any_of(weights.begin(), weights.end(),
                                 [&](const auto& row) { return j < row.size() && row[j] != 0; });
    if (any || is_task(design.record.design.columns[j].role)) {
      used.push_back(j);
      names.push_back(design.record.design.columns[j].name);
    }
  }
  double most = 1e-300;
  for (const auto& row : weights)
    for (const double w : row) most = std::max(most, std::abs(w));
  const double cell = std::clamp(600 / std::max(1.0, double(used.size())), 16.0, 40.0), high = 26;
  const double left = widest(rows) + 12, top = 0.87 * widest(names) + 16;
  Drawing drawing(left + double(used.size()) * cell + 0.5 * widest(names) + 20,
                  top + double(rows.size()) * high + 8);
  slanted_labels(drawing, names, left, top, cell);
  for (size_t i = 0; i < rows.size(); ++i) {
    const double y = top + double(i) * high;
    drawing.text(left - 6, y + high / 2 + 4, rows[i], Anchor::end);
    for (size_t k = 0; k < used.size(); ++k) {
      const double w = used[k] < weights[i].size() ? weights[i][used[k]] : 0;
      drawing.cell(left + double(k) * cell, y, cell, high, diverging_colour(w / most),
                   fmt::format("{}: {:g} x {}", rows[i], w, names[k]));
      if (w != 0 && cell >= 26)
        drawing.text(left + (double(k) + 0.5) * cell, y + high / 2 + 4, fmt::format("{:.3g}", w),
                     Anchor::middle, std::abs(w / most) > 0.6 ? "on-dark" : "on-light");
    }
  }
  return html_figure(id, drawing.html(),
                     fmt::format("Weights of the contrasts {}", fmt::join(rows, ", ")),
                     "Weights of the contrasts; columns without a weight that are not of the task "
                     "are left out.");
}

Html efficiency_table(const ReportedDesign& design, const std::string& id) {
  if (!design.record.checks.contrasts)
    return html_missing(
        "This record has no efficiencies, nor what drift and confounds explain of the task's "
        "columns: it is of an earlier version. Run fit again.");
  HtmlTable table;
  table.id = id;
  table.caption = "Contrasts in this run";
  table.file_name = id + ".tsv";
  table.columns = {{"contrast", false, ""},
                   {"expression", false, ""},
                   {"estimable", false, ""},
                   {"efficiency", true,
                    "1 / trace(C (X'X)^+ C'): comparable between designs of the same contrast"}};
  for (const auto& one : *design.record.checks.contrasts)
    table.rows.push_back({{one.name, "", {}, {}},
                          {fmt::format("{}", fmt::join(one.expressions, "; ")), "", {}, {}},
                          {one.estimable ? "yes" : "no: " + one.reason.value_or(""), "", {}, {}},
                          number_cell(one.efficiency, -3)});
  if (table.rows.empty()) return {};
  return html_table(table);
}

}  // namespace

std::string grey_png(const Eigen::MatrixXd& values) {
  const int width = int(values.cols()), height = int(values.rows());
  cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  unsigned char* data = cairo_image_surface_get_data(surface);
  const int stride = cairo_image_surface_get_stride(surface);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const double v = std::isfinite(values(y, x)) ? std::clamp(values(y, x), -1.0, 1.0) : 0;
      const auto grey = static_cast<unsigned char>(std::lround(127.5 + 127.5 * v));
      for (int c = 0; c < 3; ++c) data[y * stride + 4 * x + c] = grey;
    }
  cairo_surface_mark_dirty(surface);
  std::string png;
  cairo_surface_write_to_png_stream(
      surface,
      [](void* out, const unsigned char* bytes, unsigned n) {
        static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), n);
        return CAIRO_STATUS_SUCCESS;
      },
      &png);
  cairo_surface_destroy(surface);
  return png;
}

bool DesignFindings::judges() const {
  return std::isfinite(largest_vif) || std::isfinite(largest_r) || !zero.empty() ||
         !not_estimable.empty();
}

bool DesignFindings::is_sound() const {
  return zero.empty() && not_estimable.empty() && !(largest_vif > kVifLimit) &&
         !(std::abs(largest_r) > kCorrelationLimit);
}

DesignFindings design_findings(const std::vector<ReportedDesign>& designs) {
  DesignFindings f;
  f.largest_vif = f.largest_r = f.largest_share = kNone;
  for (const ReportedDesign& design : designs) {
    const std::string in = design.title.empty() ? "" : " in " + design.title;
    for (const auto& column : design.record.design.columns) {
      if (!is_task(column.role)) continue;
      if (column.note) f.zero.push_back(column.name + in);
      if (!column.note && !(column.vif <= f.largest_vif) && std::isfinite(column.vif)) {
        f.largest_vif = column.vif;
        f.vif_column = column.name;
        f.vif_run = in;
      }
    }
    const ColumnCorrelations& r = design.record.design.correlations;
    for (size_t i = 0; i < r.columns.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (std::isfinite(r.values[i][j]) && !(std::abs(r.values[i][j]) <= std::abs(f.largest_r))) {
          f.largest_r = r.values[i][j];
          f.r_columns = r.columns[j] + " and " + r.columns[i];
          f.r_run = in;
        }
    if (design.record.checks.nuisance)
      for (const auto& share : *design.record.checks.nuisance)
        if (std::isfinite(share.by_nuisance) && !(share.by_nuisance <= f.largest_share)) {
          f.largest_share = share.by_nuisance;
          f.share_column = share.column;
          f.share_run = in;
        }
    if (design.record.checks.contrasts)
      for (const auto& contrast : *design.record.checks.contrasts)
        if (!contrast.estimable) f.not_estimable.push_back(contrast.name + in);
  }
  return f;
}

std::vector<std::string> sentences_of(const DesignFindings& f) {
  std::vector<std::string> out;
  if (std::isfinite(f.largest_vif))
    out.push_back(
        fmt::format("Largest variance inflation of a column of the task: {:.2f} ({}{}); "
                    "the limit is {:g}.",
                    f.largest_vif, f.vif_column, f.vif_run, kVifLimit));
  if (std::isfinite(f.largest_r))
    out.push_back(fmt::format(
        "Largest correlation between columns of the task: {:.2f} ({}{}); the limit is {:g}.",
        f.largest_r, f.r_columns, f.r_run, kCorrelationLimit));
  if (std::isfinite(f.largest_share))
    out.push_back(fmt::format("Drift and confounds explain at most {:.0f} % of a column ({}{}).",
                              100 * f.largest_share, f.share_column, f.share_run));
  if (!f.zero.empty())
    out.push_back(fmt::format("Other columns explain entirely: {}.", fmt::join(f.zero, ", ")));
  if (!f.not_estimable.empty())
    out.push_back(fmt::format("Not estimable: {}.", fmt::join(f.not_estimable, ", ")));
  return out;
}

Html design_parts(const std::vector<ReportedDesign>& designs, const std::string& id) {
  Html out;
  for (size_t r = 0; r < designs.size(); ++r) {
    const ReportedDesign& design = designs[r];
    const std::string own = fmt::format("{}-{}", id, r + 1);
    Html part;
    const bool known = design.values.rows() > 0 &&
                       design.values.cols() == Eigen::Index(design.record.design.columns.size());
    if (known) {
      part += traces_figure(design, own + "-traces");
      part += matrix_figure(design, own + "-matrix");
    } else {
      part += html_missing(
          "The table of this design (design.tsv) is not there, or has other columns than its "
          "record; its time courses cannot be shown.");
    }
    part += correlation_figure(design, own + "-correlation");
    part += weights_figure(design, own + "-weights");
    part += efficiency_table(design, own + "-contrasts");
    part += html_details("All columns: variance inflation, what drift and confounds explain",
                         columns_table(design, own + "-columns"));
    out += designs.size() == 1
               ? part
               : html_details(design.title.empty() ? fmt::format("Run {}", r + 1) : design.title,
                              part, r == 0);
  }
  return out;
}

}  // namespace sociometer
