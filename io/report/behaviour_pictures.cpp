#include "io/report/behaviour_pictures.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/report/plot.hpp"

namespace sociometer {
namespace {

constexpr double kWidth = 760, kDotRadius = 3;
constexpr double kRow = 26;  // of a partner, model or term

/// A shift in [-1, 1] that spreads dots evenly and is the same for every run.
double spread(size_t i) { return 2 * std::fmod(0.5 + double(i) * 0.6180339887498949, 1.0) - 1; }

std::string partner_label(const PartnerCurves& p) {
  const std::string rank =
      std::isnan(p.mean_rank) ? "rank hidden" : fmt::format("mean rank {:.1f}", p.mean_rank);
  return std::isnan(p.match_rate)
             ? fmt::format("{} ({})", p.partner, rank)
             : fmt::format("{} ({}, match {:.2f})", p.partner, rank, p.match_rate);
}

void finish_label_column(Plot& plot, double right, double y, const std::string& text) {
  plot.text(right, y, fitted_text(text, right - 6), Plot::Anchor::end);
}

/// The mean of each block with its interval as a band.
void draw_curve(Plot& plot, const std::vector<MeanOverPeople>& blocks, const Scale& x,
                const Scale& y, const Paint& paint, bool with_band, std::string_view name) {
  Plot::Points line, band;
  for (size_t b = 0; b < blocks.size(); ++b) {
    line.emplace_back(x.place(double(b + 1)), y.place(blocks[b].mean));
    if (std::isfinite(blocks[b].low))
      band.emplace_back(x.place(double(b + 1)), y.place(blocks[b].low));
  }
  for (size_t b = blocks.size(); b-- > 0;)
    if (std::isfinite(blocks[b].high))
      band.emplace_back(x.place(double(b + 1)), y.place(blocks[b].high));
  if (with_band) plot.polygon(band, {.colour = paint.colour, .opacity = 0.2});
  plot.polyline(line, {paint.colour, 1, 2, paint.dash});
  for (size_t b = 0; b < blocks.size(); ++b)
    plot.dot(
        x.place(double(b + 1)), y.place(blocks[b].mean), kDotRadius, {.colour = paint.colour},
        fmt::format("{}, block {}: {}, {} people", name, b + 1,
                    interval_text(blocks[b].mean, blocks[b].low, blocks[b].high), blocks[b].n));
}

Scale block_scale(int n_blocks) { return {0.6, double(n_blocks) + 0.4}; }

/// An axis of blocks: whole numbers.
void draw_blocks_axis(Plot& plot, const PanelBox& box, Scale& x, int n_blocks) {
  x.first = box.x;
  x.last = box.x + box.width;
  const double bottom = box.y + box.height;
  for (int b = 1; b <= n_blocks; ++b)
    plot.text(x.place(b), bottom + 16, std::to_string(b), Plot::Anchor::middle, 11.5,
              paint::kQuiet);
  plot.line(box.x, bottom, box.x + box.width, bottom, paint::kAxis);
  plot.text(box.x + box.width / 2, bottom + 34, "block of rounds", Plot::Anchor::middle);
}

/// The simulated studies of a curve, by block; empty unless they are of as many blocks.
std::vector<const PredictiveRow*> simulated_blocks(const StoredPredictive* predictive,
                                                   const std::string& statistic, int n_blocks) {
  std::vector<const PredictiveRow*> rows;
  if (predictive)
    for (const auto& row : predictive->rows)
      if (row.statistic == statistic) rows.push_back(&row);
  if (int(rows.size()) != n_blocks) rows.clear();
  return rows;
}

void draw_better_panel(Plot& plot, const PanelBox& box, const std::string& title,
                       const std::vector<MeanOverPeople>& blocks,
                       const std::vector<const PredictiveRow*>& simulated, size_t colour) {
  std::vector<double> values{0.5};
  for (const auto& b : blocks) values.insert(values.end(), {b.low, b.high, b.mean});
  for (const auto* row : simulated) values.insert(values.end(), {row->low, row->high});
  Scale x = block_scale(int(blocks.size())), y = scale_over(values);
  y.low = std::max(0.0, y.low);
  y.high = std::min(1.0, y.high);
  draw_y_axis(plot, box, y, "share of choices");
  draw_blocks_axis(plot, box, x, int(blocks.size()));
  plot.bold(box.x, box.y - 12, title);
  plot.line(box.x, y.place(0.5), box.x + box.width, y.place(0.5), {.opacity = 0.6, .dash = "4 3"});
  for (size_t b = 0; b < simulated.size(); ++b) {
    const double at = x.place(double(b + 1)), top = y.place(simulated[b]->high);
    plot.rectangle(
        at - 11, top, 22, y.place(simulated[b]->low) - top, {.opacity = 0.16},
        fmt::format("simulated, block {}: {}", b + 1,
                    interval_text(simulated[b]->mean, simulated[b]->low, simulated[b]->high)));
    plot.line(at - 11, y.place(simulated[b]->mean), at + 11, y.place(simulated[b]->mean),
              {.opacity = 0.5, .width = 1.5});
  }
  draw_curve(plot, blocks, x, y, {.colour = series_colour(colour)}, false, title);
  for (size_t b = 0; b < blocks.size(); ++b)
    if (std::isfinite(blocks[b].low))
      plot.line(x.place(double(b + 1)), y.place(blocks[b].low), x.place(double(b + 1)),
                y.place(blocks[b].high), {.colour = series_colour(colour), .width = 1.5});
}

/// Positions of labels that keep a distance, in the order of the wanted ones.
std::vector<double> keep_apart(std::vector<double> wanted, double gap, double low, double high) {
  std::vector<size_t> order(wanted.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return wanted[a] < wanted[b]; });
  double least = low;
  for (size_t i : order) {
    wanted[i] = std::max(wanted[i], least);
    least = wanted[i] + gap;
  }
  double most = high;
  for (size_t k = order.size(); k-- > 0;) {
    wanted[order[k]] = std::min(wanted[order[k]], most);
    most = wanted[order[k]] - gap;
  }
  return wanted;
}

struct BeliefLine {
  const PartnerCurves* partner;
  const std::vector<MeanOverPeople>* blocks;
  size_t number;  ///< of the partner: its colour in all panels
};

void draw_belief_panel(Plot& plot, const PanelBox& box, const std::string& title,
                       const std::string& unit, Scale y, const std::vector<BeliefLine>& lines,
                       int n_blocks) {
  Scale x = block_scale(n_blocks);
  draw_y_axis(plot, box, y, unit);
  draw_blocks_axis(plot, box, x, n_blocks);
  plot.bold(box.x, box.y - 12, title);
  std::vector<double> ends;
  for (const auto& line : lines) {
    const Paint paint{.colour = series_colour(line.number),
                      .dash = line.number >= kSeriesColours ? "5 3" : ""};
    draw_curve(plot, *line.blocks, x, y, paint, false, line.partner->partner);
    double end = y.first;
    for (const auto& b : *line.blocks)
      if (!std::isnan(b.mean)) end = y.place(b.mean);
    ends.push_back(end + 4);
  }
  ends = keep_apart(ends, 14, box.y + 8, box.y + box.height + 4);
  for (size_t k = 0; k < lines.size(); ++k) {
    const double x0 = box.x + box.width + 4;
    plot.line(x0, ends[k] - 4, x0 + 15, ends[k] - 4,
              {.colour = series_colour(lines[k].number),
               .width = 2.5,
               .dash = lines[k].number >= kSeriesColours ? "5 3" : ""});
    plot.text(x0 + 20, ends[k], fitted_text(lines[k].partner->partner, 58, 11.5),
              Plot::Anchor::start, 11.5);
  }
}

}  // namespace

Html draw_choice_shares(const LearningCurves& curves) {
  if (curves.partners.empty()) return {};
  double left = 60;
  for (const auto& p : curves.partners) left = std::max(left, text_room(partner_label(p)) + 16);
  left = std::min(left, 300.0);
  const PanelBox box{left, 16, kWidth - left - 20, kRow * double(curves.partners.size()) + 8};
  Plot plot(kWidth, box.y + box.height + 46);
  Scale x{0, 1};
  draw_x_axis(plot, box, x, fmt::format("share of choices when offered (n = {})", curves.n_people));
  plot.line(x.place(0.5), box.y, x.place(0.5), box.y + box.height, {.opacity = 0.6, .dash = "4 3"});
  for (size_t k = 0; k < curves.partners.size(); ++k) {
    const PartnerCurves& p = curves.partners[k];
    const double y = box.y + kRow * (double(k) + 0.5) + 4;
    finish_label_column(plot, left - 10, y + 4, partner_label(p));
    for (size_t i = 0; i < p.person_shares.size(); ++i)
      plot.dot(x.place(p.person_shares[i]), y + 7 * spread(i), 2.2,
               {.colour = series_colour(0), .opacity = 0.45});
    const MeanOverPeople& m = p.choice_share;
    draw_interval(
        plot, x, y, m.mean, m.low, m.high, "currentColor",
        fmt::format("{}: {}, {} people", p.partner, interval_text(m.mean, m.low, m.high), m.n));
  }
  return plot.html();
}

Html draw_learning(const LearningCurves& curves, const StoredPredictive* predictive) {
  struct Panel {
    const char *title, *statistic;
    const std::vector<MeanOverPeople>* blocks;
  };
  std::vector<Panel> panels;
  const auto add = [&](const char* title, const char* statistic, const auto& blocks) {
    const bool any = std::any_of(blocks.begin(), blocks.end(),
                                 [](const MeanOverPeople& b) { return !std::isnan(b.mean); });
    if (any) panels.push_back({title, statistic, &blocks});
  };
  add("Better partner by outcome", "learning_curve_outcome", curves.better_by_outcome);
  add("Better partner by rank", "learning_curve_rank", curves.better_by_rank);
  if (panels.empty()) return {};
  const double width = (kWidth - 60 - 80) / 2;
  Plot plot(kWidth, 290);
  for (size_t k = 0; k < panels.size(); ++k)
    draw_better_panel(
        plot, {60 + double(k) * (width + 76), 34, width, 200}, panels[k].title, *panels[k].blocks,
        simulated_blocks(predictive, panels[k].statistic, curves.n_blocks), k == 0 ? 0 : 1);
  return plot.html();
}

Html draw_beliefs(const LearningCurves& curves) {
  std::vector<BeliefLine> ranks, outcomes;
  std::vector<double> rank_values, outcome_values;
  const auto collect = [](const PartnerCurves& p, const std::vector<MeanOverPeople>& blocks,
                          size_t number, auto& lines, auto& values) {
    bool any = false;
    for (const auto& b : blocks) {
      values.push_back(b.mean);
      any |= !std::isnan(b.mean);
    }
    if (any) lines.push_back({&p, &blocks, number});
  };
  for (size_t k = 0; k < curves.partners.size(); ++k) {
    const PartnerCurves& p = curves.partners[k];
    if (!std::isnan(p.mean_rank)) collect(p, p.rank_belief, k, ranks, rank_values);
    collect(p, p.outcome_belief, k, outcomes, outcome_values);
  }
  if (ranks.empty() && outcomes.empty()) return {};
  constexpr double kLabels = 84;
  const double width = (kWidth - 2 * 56 - 2 * kLabels) / 2;
  Plot plot(kWidth, 330);
  double x = 56;
  if (!ranks.empty()) {
    draw_belief_panel(plot, {x, 34, width, 240}, "Believed rank", "mean rank (1 is best)",
                      scale_over(rank_values), ranks, curves.n_blocks);
    x += width + kLabels + 56;
  }
  if (!outcomes.empty())
    draw_belief_panel(plot, {x, 34, width, 240}, "Believed chance of a match", "probability",
                      scale_over(outcome_values), outcomes, curves.n_blocks);
  return plot.html();
}

Html draw_model_bars(const StoredComparison& comparison) {
  const auto& rows = comparison.rows;
  if (rows.size() < 2) return {};
  double left = 60;
  for (const auto& r : rows) left = std::max(left, text_room(r.model) + 16);
  left = std::min(left, 200.0);
  const double gap = 50, width = (kWidth - left - gap - 50) / 2,
               height = kRow * double(rows.size()) + 6;
  Plot plot(kWidth, height + 90);
  for (int panel = 0; panel < 2; ++panel) {
    const PanelBox box{left + panel * (width + gap), 30, width, height};
    Scale x{0, 1};
    draw_x_axis(plot, box, x, "probability");
    plot.bold(box.x, box.y - 12,
              panel == 0 ? "Expected frequency" : "Protected exceedance probability");
    const double chance = 1 / double(rows.size());
    plot.line(x.place(chance), box.y, x.place(chance), box.y + box.height,
              {.opacity = 0.6, .dash = "4 3"});
    for (size_t k = 0; k < rows.size(); ++k) {
      const double value = panel == 0 ? rows[k].expected_frequency : rows[k].protected_exceedance;
      const double y = box.y + kRow * double(k) + 6;
      plot.rectangle(box.x, y, x.place(value) - box.x, kRow - 8,
                     {.colour = series_colour(size_t(panel))},
                     fmt::format("{}: {}", rows[k].model, fixed_number(value, 3)));
      plot.text(x.place(value) + 5, y + kRow / 2, fixed_number(value), Plot::Anchor::start, 11.5);
      if (panel == 0) finish_label_column(plot, left - 8, y + kRow / 2, rows[k].model);
    }
  }
  return plot.html();
}

}  // namespace sociometer
