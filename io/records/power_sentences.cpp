#include <cmath>

#include <fmt/format.h>

#include "engine/stats/correlation.hpp"
#include "io/records/power_record.hpp"

namespace sociometer {
namespace {

/// Rows of one design and effect, by participants.
std::vector<PowerRow> rows_at(const std::vector<PowerRow>& rows, size_t design, size_t effect) {
  std::vector<PowerRow> out;
  for (const auto& row : rows)
    if (row.design == design && row.effect_index == effect) out.push_back(row);
  return out;
}

std::string percent(double rate) { return fmt::format("{:.0f} %", 100 * rate); }

/// "from 60 participants for a double dissociation", or how far the largest study gets.
std::string reached(const std::vector<PowerRow>& rows, size_t design, size_t effect, Claim claim,
                    const std::string& name, double target) {
  const auto enough = enough_participants(rows, design, effect, claim, target);
  if (enough) return fmt::format("from {} participants for {}", *enough, name);
  const PowerRow last = rows_at(rows, design, effect).back();
  return fmt::format("not with {} for {} ({})", last.participants, name, percent(last.of(claim)));
}

std::string first_line(const PowerRecord& record) {
  const PowerAssumptions& a = record.plan.people;
  return fmt::format(
      "Each figure is a share of {} simulated studies (standard error at most {:.1f} %), with the "
      "designs of {} people of {}; assumed: noise of {:g} and {:g} % (AR(1) {:g}), true effects "
      "with a standard deviation of {:g} % over people. {:g} % power is reached:",
      record.plan.studies, 100 * rate_error(0.5, record.plan.studies), record.n_people,
      record.source == DesignSource::game ? "the simulated game" : "the events tables",
      a.noise_sd[0], a.noise_sd[1], record.noise_ar, a.between_sd, 100 * record.target);
}

std::string design_words(const StudyDesigns& design) {
  return fmt::format("{:.3g} run(s) of {:.4g} trials", design.runs, design.trials);
}

std::string effect_line(const PowerRecord& record, size_t d, size_t e) {
  const PowerRow row = rows_at(record.rows, d, e).front();
  const auto of = [&](Claim claim, const std::string& name) {
    return reached(record.rows, d, e, claim, name, record.target);
  };
  return fmt::format(
      "{}, own effects of {:.3g} and {:.3g} % per SD (d {:.2f} and {:.2f}): {}, {}, {}.",
      design_words(record.designs[d]), row.effect[0], row.effect[1], row.d[0], row.d[1],
      of(Claim::double_dissociation, "a double dissociation"),
      of(Claim::selective, "a selective one"),
      of(Claim::interaction, "the region x signal interaction"));
}

std::string slope_line(const PowerRecord& record, size_t d) {
  const PowerAssumptions& a = record.plan.people;
  const double reliability = rows_at(record.rows, d, 0).front().reliability[0];
  const auto of = [&](Claim claim, const std::string& name) {
    return reached(record.rows, d, 0, claim, name, record.target);
  };
  std::string text = fmt::format(
      "{}, a score that correlates {:g} with the true effect of X in A, {:.2f} with its estimates "
      "(reliability {:.2f}): ",
      design_words(record.designs[d]), a.score_correlation,
      attenuated_correlation(a.score_correlation, reliability), reliability);
  if (a.score_correlation == 0)
    return text + fmt::format("there is no slope to find; one is claimed in {} of studies of {}.",
                              percent(rows_at(record.rows, d, 0).back().of(Claim::slope)),
                              rows_at(record.rows, d, 0).back().participants);
  text += of(Claim::slope, "its slope");
  if (a.score_correlation != a.other_score_correlation)
    text += ", " + of(Claim::slopes_differ,
                      fmt::format("the difference from the slope of Y (true correlation {:g})",
                                  a.other_score_correlation));
  return text + ".";
}

/// Depends on the number of participants only where both shared effects are 0.
std::string zeros_line(const PowerRecord& record, size_t d) {
  const PowerAssumptions& a = record.plan.people;
  const EvidenceRule& rule = record.plan.rule;
  std::string shares;
  for (const auto& row : rows_at(record.rows, d, 0))
    shares += fmt::format("{}{} with {}", shares.empty() ? "" : ", ", percent(row.of(Claim::zeros)),
                          row.participants);
  std::string needed = fmt::format("BF01 of {:g} or more", rule.evidence);
  if (std::isfinite(rule.equivalence_d))
    needed += fmt::format(" and equivalence within {:g} SD", rule.equivalence_d);
  const bool true_zeros = a.shared_effect[0] == 0 && a.shared_effect[1] == 0;
  if (true_zeros)
    return fmt::format(
        "Both other-signal effects are truly 0, and both are supported as such ({}) in {} "
        "participants; elsewhere a double dissociation cannot be called selective.",
        needed, shares);
  return fmt::format(
      "The other-signal effects are not 0 ({:g} % of Y in A, {:g} % of X in B); both would be "
      "supported as zeros all the same ({}) in {} participants ({}).",
      a.shared_effect[0], a.shared_effect[1], needed, shares, design_words(record.designs[d]));
}

}  // namespace

std::vector<std::string> power_sentences(const PowerRecord& record) {
  std::vector<std::string> lines{first_line(record)};
  for (size_t d = 0; d < record.designs.size(); ++d) {
    for (size_t e = 0; e < record.plan.effects.size(); ++e)
      lines.push_back(effect_line(record, d, e));
    lines.push_back(slope_line(record, d));
  }
  // True zeros depend on no design; others are found out the sooner the better it is.
  const auto& shared = record.plan.people.shared_effect;
  const bool true_zeros = shared[0] == 0 && shared[1] == 0;
  for (size_t d = 0; d < (true_zeros ? 1 : record.designs.size()); ++d)
    lines.push_back(zeros_line(record, d));
  return lines;
}

}  // namespace sociometer
