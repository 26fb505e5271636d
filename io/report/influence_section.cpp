#include "io/report/influence_section.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/report/plot.hpp"
#include "io/report/record_table.hpp"

namespace sociometer {
namespace {

constexpr double kInfluenceWidth = 760, kTop = 44, kBetween = 22;

/// A column of dots: one figure of each participant.
struct InfluenceColumn {
  std::string title, axis;
  std::vector<double> values;
  std::vector<double> marks;  ///< reference lines
  std::vector<bool> flagged;
};

std::vector<InfluenceColumn> columns_of(const GroupInfluence& g, const InfluenceOptions& options) {
  InfluenceColumn leverage{"Leverage", "h", {}, {2 * g.mean_leverage}, {}},
      distance{"Distance", "standard deviations", {}, {}, {}},
      cook{"Cook's distance", "mean over voxels", {}, {}, {}},
      peak{"Peak without", "t at the peak", {}, {g.peak_t, options.peak_share * g.peak_t}, {}};
  bool levers = false;
  for (const auto& p : g.participants) {
    leverage.values.push_back(p.leverage);
    leverage.flagged.push_back(p.leverage > 2 * g.mean_leverage);
    levers |= std::abs(p.leverage - g.mean_leverage) > 1e-9;
    distance.values.push_back(p.distance);
    distance.flagged.push_back(p.far_away);
    cook.values.push_back(p.cooks_distance);
    cook.flagged.push_back(p.far_away);
    peak.values.push_back(p.t_at_peak);
    peak.flagged.push_back(p.peak_lost);
  }
  // In a design that treats all alike leverage says nothing.
  if (levers) return {leverage, distance, cook, peak};
  return {distance, cook, peak};
}

double row_height(size_t n) { return n <= 60 ? 14 : std::max(4.0, 840 / double(n)); }

void draw_influence_column(Plot& plot, const PanelBox& box, const InfluenceColumn& column,
                           const std::vector<std::string>& people) {
  std::vector<double> ends = column.values;
  ends.insert(ends.end(), column.marks.begin(), column.marks.end());
  Scale x = scale_over(ends);
  if (column.title == "Cook's distance" || column.title == "Leverage") x.low = std::max(x.low, 0.0);
  plot.bold(box.x, box.y - 12, column.title);
  draw_x_axis(plot, box, x, column.axis, 4);
  for (double mark : column.marks)
    plot.line(x.place(mark), box.y, x.place(mark), box.y + box.height,
              {.opacity = 0.7, .dash = "4 3"});
  const double step = box.height / double(column.values.size());
  for (size_t i = 0; i < column.values.size(); ++i) {
    const double y = box.y + step * (double(i) + 0.5);
    plot.line(box.x, y, box.x + box.width, y, {.opacity = 0.07});
    plot.dot(x.place(column.values[i]), y, column.flagged[i] ? 4.5 : 3.2,
             {.colour = column.flagged[i] ? kAlertColour : series_colour(0)},
             fmt::format("{}: {}", people[i], rounded_number(column.values[i])));
  }
}

std::string place_text(const std::array<double, 3>& mm) {
  return fmt::format("{}, {}, {}", fixed_number(mm[0], 0), fixed_number(mm[1], 0),
                     fixed_number(mm[2], 0));
}

HtmlTable influence_table(const InfluenceFindings& f, const std::string& id) {
  HtmlTable table{id, "Influence of participants on " + f.title, "influence.tsv", {}, {}};
  table.columns = {{"participant_id", false, {}},
                   {"leverage", true, "diagonal of the hat matrix: how unusual the covariates are"},
                   {"distance", true, "root mean square over voxels of the studentised residual"},
                   {"distance_z", true, "robust z of its logarithm among the participants"},
                   {"cooks_distance", true, "mean over voxels"},
                   {"t_at_peak", true, "t at the group's peak without the participant"},
                   {"t_change", true, "its change"},
                   {"peak_t", true, "largest |t| of the map without the participant"},
                   {"peak_mm", false, "where that is"},
                   {"flag", false, "far away: distance; carries the peak: t at the peak"}};
  for (size_t i = 0; i < f.participants.size(); ++i) {
    const ParticipantInfluence& p = f.influence.participants[i];
    std::string flag = p.far_away ? "far away" : "";
    if (p.peak_lost) flag += flag.empty() ? "carries the peak" : ", carries the peak";
    table.rows.push_back({text_cell(f.participants[i]), number_cell(p.leverage),
                          number_cell(p.distance), number_cell(p.distance_z),
                          number_cell(p.cooks_distance), number_cell(p.t_at_peak),
                          number_cell(p.t_change), number_cell(p.peak_t),
                          text_cell(i < f.peaks_mm.size() ? place_text(f.peaks_mm[i]) : "n/a"),
                          text_cell(flag.empty() ? "n/a" : flag, flag.empty() ? "\u2013" : flag)});
  }
  return table;
}

/// The root of the mean of a squared t with one degree of freedom less than the group's.
double expected_distance(double dof) {
  return dof > 3 ? std::sqrt((dof - 1) / (dof - 3)) : std::nan("");
}

std::string expected_words(double dof) {
  const double expected = expected_distance(dof);
  if (!std::isfinite(expected)) return "";
  return fmt::format("; about {} for all in a homogeneous group", fixed_number(expected));
}

std::string names_where(const InfluenceFindings& f, bool ParticipantInfluence::*flag) {
  std::vector<std::string> names;
  for (size_t i = 0; i < f.participants.size(); ++i)
    if (f.influence.participants[i].*flag) names.push_back(f.participants[i]);
  return fmt::format("{}", fmt::join(names, ", "));
}

Html sentence(const InfluenceFindings& f) {
  const std::string far = names_where(f, &ParticipantInfluence::far_away),
                    carriers = names_where(f, &ParticipantInfluence::peak_lost);
  long judged = 0, with_peak = 0;
  for (const auto& person : f.influence.participants) {
    judged += std::isfinite(person.distance_z);
    with_peak += std::isfinite(person.t_at_peak);
  }
  const auto n = long(f.influence.participants.size());
  std::string text;
  if (judged == 0)
    text = "Distances of the maps cannot be judged: there are too few people, or all are alike. ";
  else
    text = fmt::format("{} (robust z of the distance above {:g}). ",
                       far.empty() ? "Nobody's map lies far from what the others predict"
                                   : "Far from what the others predict: " + far,
                       f.options.distance_limit);
  if (!carriers.empty())
    text += fmt::format("The peak loses more than {:.0f} % of its t without {}.",
                        100 * (1 - f.options.peak_share), carriers);
  else if (with_peak > 0)
    text += fmt::format(
        "The peak does not rest on one person: leaving out any one person leaves at least {:.0f} % "
        "of its t.",
        100 * f.options.peak_share);
  if (with_peak < n)
    text += fmt::format(" For {} of {} people t at the peak cannot be computed without them.",
                        n - with_peak, n);
  return html_paragraph(text);
}

}  // namespace

Html draw_influence(const InfluenceFindings& f) {
  const auto columns = columns_of(f.influence, f.options);
  const size_t n = f.participants.size();
  if (n == 0 || n != f.influence.participants.size()) return {};
  const double row = row_height(n);
  const bool with_names = row >= 12;
  double left = 24;
  if (with_names)
    for (const auto& name : f.participants) left = std::max(left, text_room(name, 11.5) + 14);
  left = std::min(left, 150.0);
  const double height = row * double(n),
               width = (kInfluenceWidth - left - kBetween * double(columns.size())) /
                       double(columns.size());
  Plot plot(kInfluenceWidth, kTop + height + 48);
  for (size_t k = 0; k < columns.size(); ++k)
    draw_influence_column(plot, {left + double(k) * (width + kBetween), kTop, width, height},
                          columns[k], f.participants);
  if (with_names)
    for (size_t i = 0; i < n; ++i) {
      const ParticipantInfluence& p = f.influence.participants[i];
      const bool flagged = p.far_away || p.peak_lost;
      plot.text(left - 8, kTop + row * (double(i) + 0.5) + 4,
                fitted_text(f.participants[i], left - 10, 11.5), Plot::Anchor::end, 11.5,
                flagged ? Paint{.colour = kAlertColour} : paint::kInk);
    }
  return plot.html();
}

ReportSection influence_section(const std::vector<InfluenceFindings>& contrasts) {
  ReportSection section;
  section.id = "influence";
  section.title = "Influence of single participants";
  for (size_t k = 0; k < contrasts.size(); ++k) {
    const InfluenceFindings& f = contrasts[k];
    const std::string id = fmt::format("influence-{}", k + 1);
    section.body += html_element("h3", {}, Html::text(f.title)) + sentence(f);
    section.body += html_figure(
        id, draw_influence(f), "Influence of each participant on the map of the contrast",
        fmt::format(
            "{} participants, {} voxels. Distance: root mean square over voxels of the residual in "
            "standard deviations of what the others predict{}. "
            "Cook's distance: mean over voxels. Peak without: t at the group's peak ({} mm, "
            "t({:g}) = {:.2f}) when the participant is left out; dashed: with everybody, and "
            "{:.0f} "
            "% of that. Leverage (if shown) depends on the design alone; dashed: twice its mean. "
            "Least squares with equal weights{}.",
            f.participants.size(), f.influence.n_voxels, expected_words(f.influence.peak_dof),
            place_text(f.peak_mm), f.influence.peak_dof, f.influence.peak_t,
            100 * f.options.peak_share,
            f.method.empty() || f.method == "ols"
                ? ""
                : "; the group's own analysis (" + f.method + ") weighs participants"));
    section.body += html_table(influence_table(f, id + "-table"));
  }
  return section;
}

}  // namespace sociometer
