#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "io/report/behaviour_pictures.hpp"
#include "io/report/plot.hpp"

namespace sociometer {
namespace {

constexpr double kPageWidth = 760;
constexpr double kPanelGap = 72, kPersonRow = 11;

/// The scale of a parameter: all of [0, 1] for logits, logarithmic for logs.
Scale parameter_scale(const std::string& transform, const std::vector<double>& values) {
  if (transform == "logit") return {0, 1};
  if (transform != "log") return scale_over(values);
  double low = HUGE_VAL, high = 0;
  for (double v : values)
    if (std::isfinite(v) && v > 0) low = std::min(low, v), high = std::max(high, v);
  if (!(low <= high)) return {0.1, 10, 0, 1, true};
  // One very small value must not take half of the axis.
  low = std::max(low, high * 1e-4);
  return {std::pow(10, std::floor(std::log10(low * 0.95) * 2) / 2),
          std::pow(10, std::ceil(std::log10(high * 1.05) * 2) / 2), 0, 1, true};
}

std::string transform_of(const LearnerFacts& models, const std::string& model,
                         const std::string& parameter) {
  for (const auto& [name, parameters] : models)
    if (name == model)
      for (const auto& [of, facts] : parameters)
        if (of == parameter) return facts.transform;
  return "identity";
}

struct ParameterPanel {
  std::string model, parameter;
  std::vector<const ParameterRow*> people;
};

std::vector<ParameterPanel> panels_of(const StoredParameters& parameters,
                                      const std::string& model) {
  std::vector<ParameterPanel> panels;
  for (const auto& row : parameters.rows) {
    if (row.model != model) continue;
    auto found = std::find_if(panels.begin(), panels.end(),
                              [&](const auto& p) { return p.parameter == row.parameter; });
    if (found == panels.end()) {
      panels.push_back({model, row.parameter, {}});
      found = panels.end() - 1;
    }
    found->people.push_back(&row);
  }
  return panels;
}

/// Estimates of one parameter, people sorted by them.
void draw_estimate_panel(Plot& plot, const PanelBox& box, ParameterPanel panel,
                         const std::string& transform) {
  std::sort(panel.people.begin(), panel.people.end(),
            [](const auto* a, const auto* b) { return a->estimate < b->estimate; });
  std::vector<double> values;
  for (const auto* row : panel.people) {
    values.push_back(row->estimate);
    if (transform == "identity" && std::isfinite(row->standard_error))
      values.insert(values.end(),
                    {row->estimate - row->standard_error, row->estimate + row->standard_error});
  }
  Scale x = parameter_scale(transform, values);
  draw_x_axis(plot, box, x, panel.parameter, 4);
  for (size_t i = 0; i < panel.people.size(); ++i) {
    const ParameterRow& row = *panel.people[i];
    const double y = box.y + kPersonRow * (double(i) + 0.5) + 3;
    if (std::isfinite(row.standard_error))
      plot.line(x.place(row.estimate - row.standard_error), y,
                x.place(row.estimate + row.standard_error), y,
                {.colour = series_colour(0), .opacity = 0.55, .width = 1.5});
    plot.dot(x.place(row.estimate), y, 3.2, {.colour = series_colour(0)},
             fmt::format("{}: {} (SE {})", row.participant, rounded_number(row.estimate),
                         rounded_number(row.standard_error)));
  }
}

using ModelParameter = std::pair<std::string, std::string>;

/// A panel of true against estimated values.
void draw_recovery_panel(Plot& plot, const PanelBox& box, const ModelParameter& which,
                         const std::vector<const RecoveryRow*>& rows, const std::string& transform,
                         const RecoverySummaryRow* summary) {
  std::vector<double> values;
  for (const auto* row : rows) values.insert(values.end(), {row->truth, row->estimate});
  Scale x = parameter_scale(transform, values), y = x;
  draw_x_axis(plot, box, x, "true", 4);
  draw_y_axis(plot, box, y, "estimated", 4);
  plot.line(x.place(x.low), y.place(y.low), x.place(x.high), y.place(y.high),
            {.opacity = 0.5, .dash = "4 3"});
  for (const auto* row : rows)
    plot.dot(x.place(row->truth), y.place(row->estimate), 3,
             {.colour = series_colour(0), .opacity = 0.6},
             fmt::format("true {}, estimated {}", rounded_number(row->truth),
                         rounded_number(row->estimate)));
  plot.bold(box.x, box.y - 24, fmt::format("{}: {}", which.first, which.second));
  std::string figures = fmt::format("n = {}", rows.size());
  if (summary && transform == "log")
    figures += fmt::format(", r = {} (logarithms {})", fixed_number(summary->correlation),
                           fixed_number(summary->transformed_correlation));
  else if (summary)
    figures += fmt::format(", r = {}", fixed_number(summary->correlation));
  plot.text(box.x, box.y - 8, figures, Plot::Anchor::start, 11.5, paint::kQuiet);
}

/// White to blue with the value; the number in a colour that stands out on it.
void draw_share_cell(Plot& plot, double x, double y, double side, double value,
                     const std::string& title) {
  const double amount = std::clamp(value, 0.0, 1.0);
  const auto channel = [&](double white, double blue) {
    return int(std::lround(white + amount * (blue - white)));
  };
  const std::string colour =
      fmt::format("#{:02x}{:02x}{:02x}", channel(246, 18), channel(249, 78), channel(253, 140));
  plot.rectangle(x, y, side - 1, side - 1, {.colour = colour}, title);
  plot.text(x + side / 2, y + side / 2 + 4, fixed_number(value), Plot::Anchor::middle, 12,
            {.colour = amount > 0.55 ? "#ffffff" : "#1b1b1b"});
}

double widest_model(const std::vector<std::string>& models, double most) {
  double widest = 40;
  for (const auto& m : models) widest = std::max(widest, text_room(m) + 10);
  return std::min(widest, most);
}

struct CheckPanel {
  std::string statistic, title, unit;
  std::vector<const PredictiveRow*> rows;
};

std::string check_label(const PredictiveRow& row) {
  if (row.level == "previous_rank") return "rank";
  return row.level == "previous_outcome" ? "outcome" : row.level;
}

std::vector<CheckPanel> check_panels(const StoredPredictive& predictive) {
  std::vector<CheckPanel> panels{
      {"choice_share", "Choices of each partner", "share when offered", {}},
      {"learning_curve_outcome", "Better partner by outcome, by block", "share of choices", {}},
      {"learning_curve_rank", "Better partner by rank, by block", "share of choices", {}},
      {"stay_switch", "Staying after", "slope, log odds", {}}};
  for (const auto& row : predictive.rows)
    for (auto& panel : panels)
      if (panel.statistic == row.statistic && row.level != "intercept") panel.rows.push_back(&row);
  std::erase_if(panels, [](const CheckPanel& p) { return p.rows.empty(); });
  return panels;
}

/// Whether labels of the rows must be slanted to have room.
bool has_long_labels(const CheckPanel& panel, double width) {
  return std::any_of(panel.rows.begin(), panel.rows.end(), [&](const PredictiveRow* row) {
    return text_room(check_label(*row), 11.5) > width / double(panel.rows.size()) - 4;
  });
}

void draw_check_panel(Plot& plot, const PanelBox& box, const CheckPanel& panel) {
  std::vector<double> values;
  for (const auto* row : panel.rows) values.insert(values.end(), {row->low, row->high, row->data});
  Scale y = scale_over(values, panel.statistic == "stay_switch");
  if (panel.statistic != "stay_switch") {
    y.low = std::max(0.0, y.low);
    y.high = std::min(1.0, y.high);
  }
  draw_y_axis(plot, box, y, panel.unit);
  plot.bold(box.x, box.y - 12, panel.title);
  plot.line(box.x, box.y + box.height, box.x + box.width, box.y + box.height, paint::kAxis);
  const double step = box.width / double(panel.rows.size());
  const bool slanted = has_long_labels(panel, box.width);
  for (size_t k = 0; k < panel.rows.size(); ++k) {
    const PredictiveRow& row = *panel.rows[k];
    const double x = box.x + step * (double(k) + 0.5), half = std::min(11.0, step / 3);
    const bool outside = row.data < row.low || row.data > row.high;
    if (std::isfinite(row.low)) {
      plot.rectangle(x - half, y.place(row.high), 2 * half, y.place(row.low) - y.place(row.high),
                     {.colour = series_colour(0), .opacity = 0.35});
      plot.line(x - half, y.place(row.mean), x + half, y.place(row.mean),
                {.colour = series_colour(0), .width = 2});
    }
    plot.dot(x, y.place(row.data), 4.5,
             {.colour = outside ? kAlertColour : std::string_view("currentColor")},
             fmt::format("{}: study {}, simulated {} [{}, {}], {}", check_label(row),
                         rounded_number(row.data), rounded_number(row.mean),
                         rounded_number(row.low), rounded_number(row.high), p_value_text(row.p)));
    const double label_y = box.y + box.height + 16;
    if (slanted)
      plot.text(x + 4, label_y, fitted_text(check_label(row), 70, 11.5), Plot::Anchor::end, 11.5,
                paint::kQuiet, -35);
    else
      plot.text(x, label_y, check_label(row), Plot::Anchor::middle, 11.5, paint::kQuiet);
  }
}

std::string term_words(const std::string& term) {
  if (term == "previous_rank") return "previous rank";
  return term == "previous_outcome" ? "previous outcome" : term;
}

struct OddsLine {
  std::string label;
  double ratio, low, high;
  bool reported;
};

std::vector<OddsLine> odds_lines(const StoredStaySwitch& stay_switch,
                                 const std::vector<ReportedOdds>& reported,
                                 const std::string& reported_by) {
  constexpr double kWald95 = 1.959963984540054;
  std::vector<OddsLine> lines;
  for (const auto& row : stay_switch.rows) {
    if (row.term == "intercept") continue;
    lines.push_back({term_words(row.term) + ", this study", row.odds_ratio, row.odds_ratio_low,
                     row.odds_ratio_high, false});
    for (const auto& other : reported)
      if (other.term == row.term)
        lines.push_back({term_words(row.term) + ", " + reported_by, other.odds_ratio,
                         std::exp(other.log_odds - kWald95 * other.standard_error),
                         std::exp(other.log_odds + kWald95 * other.standard_error), true});
  }
  return lines;
}

}  // namespace

Html draw_estimates(const StoredParameters& parameters, const std::string& model) {
  const auto panels = panels_of(parameters, model);
  if (panels.empty()) return {};
  size_t most = 0;
  for (const auto& p : panels) most = std::max(most, p.people.size());
  const size_t columns = std::min<size_t>(panels.size(), 3);
  const size_t n_rows = (panels.size() + columns - 1) / columns;
  const double width = (kPageWidth - 40 - 40 * double(columns - 1)) / double(columns),
               height = kPersonRow * double(most) + 6;
  Plot plot(kPageWidth, double(n_rows) * (height + 60));
  for (size_t k = 0; k < panels.size(); ++k)
    draw_estimate_panel(plot,
                        {20 + double(k % columns) * (width + 40),
                         8 + double(k / columns) * (height + 60), width, height},
                        panels[k],
                        transform_of(parameters.facts.fit.models, model, panels[k].parameter));
  return plot.html();
}

Html draw_recovered(const StoredRecovery& recovery, const StoredRecoverySummary* summary) {
  std::vector<ModelParameter> order;
  std::map<ModelParameter, std::vector<const RecoveryRow*>> rows;
  for (const auto& row : recovery.rows) {
    const ModelParameter which{row.model, row.parameter};
    if (rows[which].empty()) order.push_back(which);
    rows[which].push_back(&row);
  }
  if (order.empty()) return {};
  constexpr double kSide = 164;
  constexpr size_t kColumns = 3;
  const size_t n_rows = (order.size() + kColumns - 1) / kColumns;
  Plot plot(kPageWidth, double(n_rows) * (kSide + 100));
  for (size_t k = 0; k < order.size(); ++k) {
    const RecoverySummaryRow* figures = nullptr;
    if (summary)
      for (const auto& row : summary->rows)
        if (row.model == order[k].first && row.parameter == order[k].second) figures = &row;
    draw_recovery_panel(
        plot,
        {56 + double(k % kColumns) * (kSide + kPanelGap + 8),
         40 + double(k / kColumns) * (kSide + 100), kSide, kSide},
        order[k], rows[order[k]],
        transform_of(recovery.facts.recovery.models, order[k].first, order[k].second), figures);
  }
  return plot.html();
}

Html draw_confusion(const StoredConfusion& confusion) {
  std::vector<std::string> models;
  for (const auto& row : confusion.rows)
    if (std::find(models.begin(), models.end(), row.true_model) == models.end())
      models.push_back(row.true_model);
  if (models.empty()) return {};
  const auto number = [&](const std::string& m) {
    return double(std::find(models.begin(), models.end(), m) - models.begin());
  };
  struct Matrix {
    const char* title;
    double ConfusionRow::*value;
  };
  const Matrix matrices[] = {{"Best for each person", &ConfusionRow::best},
                             {"Expected frequency", &ConfusionRow::expected_frequency},
                             {"Protected exceedance", &ConfusionRow::protected_exceedance}};
  const double label = widest_model(models, 110);
  const double cell =
      std::min(52.0, (kPageWidth - 24 - 3 * label - 40) / 3 / double(models.size()));
  // Few models fit side by side with labels of rows of their own; many go one below the other.
  const bool beside = cell >= 36;
  const double side = (beside ? cell : 48) * double(models.size());
  const double step_x = label + side + 20, step_y = side + label * 0.75 + 60;
  Plot plot(kPageWidth, beside ? step_y + 4 : 3 * step_y);
  for (size_t m = 0; m < 3; ++m) {
    const double x0 = 24 + label + (beside ? double(m) * step_x : 0),
                 y0 = 40 + label * 0.75 + (beside ? 0 : double(m) * step_y);
    const double size = side / double(models.size());
    plot.bold(x0, y0 - label * 0.75 - 18, matrices[m].title);
    for (const auto& name : models) {
      const double at = (number(name) + 0.5) * size;
      plot.text(x0 - 6, y0 + at + 4, fitted_text(name, label - 8), Plot::Anchor::end);
      plot.text(x0 + at + 2, y0 - 6, fitted_text(name, label - 8), Plot::Anchor::start, 12,
                paint::kInk, -45);
    }
    for (const auto& row : confusion.rows)
      draw_share_cell(plot, x0 + number(row.fitted_model) * size,
                      y0 + number(row.true_model) * size, size, row.*matrices[m].value,
                      fmt::format("true {}, fitted {}: {}", row.true_model, row.fitted_model,
                                  fixed_number(row.*matrices[m].value, 3)));
  }
  return plot.html();
}

Html draw_checks(const StoredPredictive& predictive) {
  const auto panels = check_panels(predictive);
  if (panels.empty()) return {};
  constexpr double kHeight = 180;
  const double width = (kPageWidth - 62 - 84) / 2;
  bool any_slanted = false;
  for (const auto& panel : panels) any_slanted |= has_long_labels(panel, width);
  const double step = any_slanted ? 296 : 250;
  Plot plot(kPageWidth, double((panels.size() + 1) / 2) * step);
  for (size_t k = 0; k < panels.size(); ++k)
    draw_check_panel(plot,
                     {62 + double(k % 2) * (width + 78), 34 + double(k / 2) * step, width, kHeight},
                     panels[k]);
  return plot.html();
}

Html draw_odds_ratios(const StoredStaySwitch& stay_switch,
                      const std::vector<ReportedOdds>& reported, const std::string& reported_by) {
  const auto lines = odds_lines(stay_switch, reported, reported_by);
  if (lines.empty()) return {};
  constexpr double kLine = 28;
  double left = 80, low = 0.8, high = 1.25;
  for (const auto& line : lines) {
    left = std::max(left, text_room(line.label) + 16);
    if (std::isfinite(line.low) && line.low > 0) low = std::min(low, line.low / 1.1);
    if (std::isfinite(line.high)) high = std::max(high, line.high * 1.1);
  }
  left = std::min(left, 330.0);
  const PanelBox box{left, 10, kPageWidth - left - 130, kLine * double(lines.size()) + 6};
  Plot plot(kPageWidth, box.y + box.height + 46);
  // Ratios on a logarithmic scale, but with ticks at round ratios: decades are too far apart.
  Scale x{std::max(low, 1e-3), std::min(high, 1e3), box.x, box.x + box.width, true};
  const double bottom = box.y + box.height;
  for (double tick :
       {0.01, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0, 100.0}) {
    if (tick < x.low || tick > x.high) continue;
    plot.line(x.place(tick), box.y, x.place(tick), bottom,
              tick == 1 ? Paint{.opacity = 0.6, .dash = "4 3"} : paint::kGrid);
    plot.text(x.place(tick), bottom + 16, fmt::format("{:g}", tick), Plot::Anchor::middle, 11.5,
              paint::kQuiet);
  }
  plot.line(box.x, bottom, box.x + box.width, bottom, paint::kAxis);
  plot.text(box.x + box.width / 2, bottom + 34, "odds ratio of staying, 95 % interval",
            Plot::Anchor::middle);
  for (size_t k = 0; k < lines.size(); ++k) {
    const OddsLine& line = lines[k];
    const double y = box.y + kLine * (double(k) + 0.5) + 3;
    plot.text(left - 10, y + 4, fitted_text(line.label, left - 14), Plot::Anchor::end, 12,
              line.reported ? paint::kQuiet : paint::kInk);
    const std::string figures = interval_text(line.ratio, line.low, line.high);
    draw_interval(plot, x, y, line.ratio, line.low, line.high, series_colour(line.reported ? 1 : 0),
                  figures);
    plot.text(kPageWidth - 8, y + 4, figures, Plot::Anchor::end, 11.5, paint::kQuiet);
  }
  return plot.html();
}

}  // namespace sociometer
