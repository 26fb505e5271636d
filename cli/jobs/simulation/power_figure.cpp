#include "cli/jobs/simulation/power_figure.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "io/report/power_picture.hpp"

namespace sociometer::jobs {
namespace {

struct PanelWords {
  Claim claim;
  const char* title;
  bool any_effect;  ///< does not depend on the effect
};

constexpr std::array<PanelWords, 7> kPanelWords{{
    {Claim::double_dissociation, "Double dissociation", false},
    {Claim::selective, "Selective double dissociation", false},
    {Claim::single, "Single dissociation only", false},
    {Claim::interaction, "Region x signal interaction", false},
    {Claim::zeros, "Both zeros supported", true},
    {Claim::slope, "Slope on the score", true},
    {Claim::slopes_differ, "Two slopes differ", true},
}};

std::string caption_of(Claim claim, const PowerRecord& record) {
  const PowerAssumptions& a = record.plan.people;
  switch (claim) {
    case Claim::double_dissociation:
      return "A goes with X, B with Y";
    case Claim::selective:
      return "and neither with the other's";
    case Claim::single:
      return "one of the halves, with its zero";
    case Claim::interaction:
      return fmt::format("p < {:g}", record.plan.rule.alpha);
    case Claim::zeros:
      return fmt::format("Y in A, X in B: BF01 of {:g}{}", record.plan.rule.evidence,
                         std::isinf(record.plan.rule.equivalence_d) ? "" : ", equivalence");
    case Claim::slope:
      return fmt::format("true correlation {:g}", a.score_correlation);
    case Claim::slopes_differ:
      return fmt::format("true correlations {:g} (X), {:g} (Y)", a.score_correlation,
                         a.other_score_correlation);
    default:
      return "";
  }
}

PowerPanel panel_for(const PanelWords& words, const PowerRecord& record, size_t design) {
  PowerPanel panel{words.title, caption_of(words.claim, record), {}};
  const size_t n_effects = record.plan.effects.size();
  // Shared effects are not scaled by d: nothing in these panels depends on the own effect.
  for (size_t e = 0; e < (words.any_effect ? 1 : n_effects); ++e) {
    PowerCurve curve{words.any_effect ? -1 : int(e), {}};
    for (const auto& row : record.rows)
      if (row.design == design && row.effect_index == e) curve.rate.push_back(row.of(words.claim));
    panel.curves.push_back(std::move(curve));
  }
  return panel;
}

/// The own effect, with d if it is the same in all designs.
std::vector<std::string> legend_of(const PowerRecord& record) {
  std::vector<std::string> legend;
  for (size_t e = 0; e < record.plan.effects.size(); ++e) {
    const auto row = std::find_if(record.rows.begin(), record.rows.end(),
                                  [&](const PowerRow& r) { return r.effect_index == e; });
    std::string text = record.plan.unit == EffectUnit::d
                           ? fmt::format("d {:g}", record.plan.effects[e])
                           : fmt::format("{:g} %", record.plan.effects[e]);
    if (record.plan.unit == EffectUnit::percent && record.designs.size() == 1)
      text += fmt::format(" (d {:.2f} and {:.2f})", row->d[0], row->d[1]);
    else if (record.plan.people.effect_ratio != 1)
      text += fmt::format(" ({:g} times in B)", record.plan.people.effect_ratio);
    legend.push_back(text);
  }
  return legend;
}

}  // namespace

void draw_power_of(const PowerRecord& record, const std::string& path) {
  std::vector<PowerBlock> blocks;
  for (size_t d = 0; d < record.designs.size(); ++d) {
    const StudyDesigns& design = record.designs[d];
    PowerBlock block;
    block.title = fmt::format("{:.4g} trials in each of {:.3g} run(s)", design.trials, design.runs);
    for (const auto& words : kPanelWords) block.panels.push_back(panel_for(words, record, d));
    blocks.push_back(std::move(block));
  }
  std::vector<double> participants(record.plan.participants.begin(),
                                   record.plan.participants.end());
  draw_power(fmt::format("Power of each claim: X = {}, Y = {}", record.signals.columns[0],
                         record.signals.columns[1]),
             participants, legend_of(record), "Own effect per SD of the signal", record.target,
             blocks, path);
}

}  // namespace sociometer::jobs
