#include "cli/jobs/regions/dissociation_summary.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "engine/core/joined_words.hpp"

namespace sociometer::jobs {
namespace {

std::string figures_text(double t, double dof, double p, double log_bf10,
                         const char* what = "effect") {
  return fmt::format("t({:g}) = {:.2f}, {}, {}", dof, t, p_text(p), evidence_text(log_bf10, what));
}
/// From the paired test of two regions.
std::string difference_figures(const MeanFigures& f) {
  return figures_text(f.t, double(f.n - 1), f.p, f.log_bf10, "difference");
}
std::string figures_text(const MeanFigures& f) {
  return figures_text(f.t, double(f.n - 1), f.p, f.log_bf10);
}
std::string figures_text(const RegionTestResult& r) {
  return figures_text(r.t, r.dof, r.p, r.log_bf10);
}

/// The 1 - 2 alpha interval in standard deviations over participants, and the equivalence bound it
/// is compared with.
std::string equivalence_text(const RegionTestResult& r, const EvidenceRule& rule) {
  const auto interval = equivalence_interval(r, rule);
  if (!interval) return "";
  return fmt::format(
      "; {:g} % interval [{:.2f}, {:.2f}] standard deviations over participants, {} "
      "+-{:g}",
      100 * (1 - 2 * rule.alpha), interval->lower, interval->upper,
      interval->within ? "within" : "not within", rule.equivalence_d);
}

std::string cell_text(const NamedTest& cell, const EvidenceRule& rule) {
  const std::string figures = fmt::format("mean {:.3g}, d = {:.2f}; {}", cell.test.estimate,
                                          cell.test.effect.d, figures_text(cell.test));
  switch (cell.finding) {
    case Finding::positive:
      return fmt::format("follows {} ({})", cell.signal, figures);
    case Finding::negative:
      return fmt::format("follows {} with the opposite sign ({})", cell.signal, figures);
    case Finding::absent:
      return fmt::format("does not follow {} ({}{})", cell.signal, figures,
                         equivalence_text(cell.test, rule));
    case Finding::undecided:
      return fmt::format("gives no evidence that it follows {} ({})", cell.signal, figures);
  }
  return "";
}

std::string region_sentence(const Dissociation& result, const std::string& region,
                            const EvidenceRule& rule) {
  std::vector<std::string> parts;
  for (const auto& cell : result.cells)
    if (cell.region == region) parts.push_back(cell_text(cell, rule));
  return region + " " + joined_with_and(parts) + ".";
}

std::string units_sentence(const SummaryContext& c) {
  const auto& d = c.scaled.data;
  std::string text = "Effects are in " + unit_text(c.scaled.units, c.statistic);
  std::vector<std::string> sds;
  for (size_t s = 0; s < d.signals.size(); ++s)
    if (c.scaled.units == SignalUnits::regressor_sd)
      sds.push_back(fmt::format("{} {:.3g}", d.signals[s], c.regressor_sd[s]));
  if (!sds.empty()) text += " (standard deviations: " + joined_with_and(sds) + ")";
  return text + fmt::format("; {} participants.", d.cells.rows());
}

std::string interval_text(const NamedTest& test, const DissociationOptions& o) {
  std::string text = fmt::format("{:g} % interval [{:.3g}, {:.3g}]", 100 * o.tests.level,
                                 test.test.lower, test.test.upper);
  if (o.bootstraps > 0)
    text += fmt::format(", {} bootstrap [{:.3g}, {:.3g}]", to_string(o.interval),
                        test.bootstrap.lower, test.bootstrap.upper);
  return text;
}

std::string anova_text(const WithinEffect& e, double p_permutation) {
  std::string text =
      fmt::format("F({:g}, {:g}) = {:.3g}, {}", e.dof, e.error_dof, e.f, p_text(e.p));
  if (e.dof > 1)
    text += fmt::format(" (Greenhouse-Geisser {}, epsilon {:.3g})", p_text(e.p_greenhouse_geisser),
                        e.greenhouse_geisser);
  text += fmt::format(", partial eta2 = {:.2g}", e.partial_eta2);
  if (!std::isnan(p_permutation)) text += fmt::format(", permutation {}", p_text(p_permutation));
  return text;
}

/// A named pair, oriented by its better supported claim: `first` goes with `x`.
struct Named {
  const PairOfRegions& pair;
  std::string first, second, x, y;
  int sx, sy;  ///< indices of x and y among the pair's two signals
  Named(const PairOfRegions& p, const DissociationData& d)
      : pair(p),
        first(d.regions[p.region]),
        second(d.regions[p.other_region]),
        sx(p.verdict.signal_of_first),
        sy(1 - p.verdict.signal_of_first) {
    const std::string names[2] = {d.signals[p.signal], d.signals[p.other_signal]};
    x = names[sx];
    y = names[sy];
  }
  const MeanFigures& cell(int region, int signal) const {
    return pair.figures.cell[size_t(region)][size_t(signal)];
  }
  const MeanFigures& difference(int signal) const {
    return pair.figures.difference[size_t(signal)];
  }
};

/// The result of the paired test of the regions in one signal.
std::string difference_text(const Named& n, int signal, const EvidenceRule& rule) {
  const MeanFigures& f = n.difference(signal);
  const std::string& name = signal == n.sx ? n.x : n.y;
  switch (finding_of(f, rule)) {
    case Finding::positive:
      return fmt::format("in {} {} lies above {} ({})", name, n.first, n.second,
                         difference_figures(f));
    case Finding::negative:
      return fmt::format("in {} {} lies above {} ({})", name, n.second, n.first,
                         difference_figures(f));
    case Finding::absent:
      return fmt::format("in {} the regions do not differ ({})", name, difference_figures(f));
    case Finding::undecided:
      return fmt::format("in {} there is no evidence that the regions differ ({})", name,
                         difference_figures(f));
  }
  return "";
}

std::string own_text(const Named& n, int region, int signal, const SummaryContext& c) {
  const std::string &mine = region == 0 ? n.first : n.second,
                    &other = region == 0 ? n.second : n.first, &name = signal == n.sx ? n.x : n.y;
  const MeanFigures &own = n.cell(region, signal), &difference = n.difference(signal);
  const bool down = own.mean < 0;
  return fmt::format("{} follows {}{} ({:.3g} {}) and exceeds {} in it{} ({} - {}: {:.3g}, {})",
                     mine, name, down ? " downwards" : "", own.mean,
                     unit_text(c.scaled.units, c.statistic), other, down ? ", lying below it" : "",
                     n.first, n.second, difference.mean, difference_figures(difference));
}

/// Evidence for the null effect that a selective claim would need.
std::string zero_text(const Named& n, int region, int signal, const EvidenceRule& rule) {
  const std::string &mine = region == 0 ? n.first : n.second, &name = signal == n.sx ? n.x : n.y;
  const MeanFigures& f = n.cell(region, signal);
  const std::string p = std::isinf(rule.equivalence_d)
                            ? ""
                            : fmt::format(", equivalence within +-{:g} standard deviations {}",
                                          rule.equivalence_d, p_text(f.p_equivalence));
  if (is_shown(finding_of(f, rule)))
    return fmt::format("{} follows {} too ({})", mine, name, figures_text(f));
  if (finding_of(f, rule) != Finding::absent)
    return fmt::format("it is not shown that {} does not follow {} ({}{})", mine, name,
                       evidence_text(f.log_bf10), p);
  return fmt::format("{} does not follow {} by the Bayes factor{} ({}{})", mine, name,
                     zero_supported(f, rule) ? " and the equivalence test"
                                             : ", while the equivalence test leaves it open",
                     evidence_text(f.log_bf10), p);
}

std::string double_text(const Named& n, const SummaryContext& c, size_t n_pairs) {
  const PairVerdict& v = n.pair.verdict;
  const EvidenceRule& rule = c.options.rule;
  const bool selective = v.verdict == Verdict::selective_double_dissociation;
  std::string p = fmt::format("crossover {}", p_text(v.p_crossover));
  if (v.p > v.p_crossover) p += fmt::format(", with each region's own effect {}", p_text(v.p));
  if (n_pairs > 1) p += fmt::format(", after Holm over {} pairs {}", n_pairs, p_text(v.p_holm));
  std::string text = fmt::format(
      "{}: {}, and {}; {}.", selective ? "Selective double dissociation" : "Double dissociation",
      own_text(n, 0, n.sx, c), own_text(n, 1, n.sy, c), p);
  return text + fmt::format(" Selectivity: {}, and {}{}.", zero_text(n, 0, n.sy, rule),
                            zero_text(n, 1, n.sx, rule),
                            selective ? "" : ": that the regions are selective is not shown");
}

std::string single_text(const Named& n, const SummaryContext& c, size_t n_pairs) {
  std::vector<std::string> parts;
  std::vector<int> reported;
  for (const auto& s : n.pair.verdict.singles) {
    const std::string &mine = s.region == 0 ? n.first : n.second,
                      &other = s.region == 0 ? n.second : n.first;
    const std::string& name = s.signal == n.sx ? n.x : n.y;
    const std::string holm = n_pairs > 1 ? fmt::format(", after Holm {}", p_text(s.p)) : "";
    parts.push_back(
        fmt::format("{} follows {}, {} does not ({}), and {} differs from {} in it ({}{})", mine,
                    name, other, evidence_text(n.cell(1 - s.region, s.signal).log_bf10), mine,
                    other, difference_figures(n.difference(s.signal)), holm));
    reported.push_back(s.signal);
  }
  std::string text = "Single dissociation: " + joined_with_and(parts);
  for (int s : {0, 1})
    if (std::find(reported.begin(), reported.end(), s) == reported.end())
      text += "; " + difference_text(n, s, c.options.rule);
  return text + ".";
}

std::string alike_text(const Named& n, const EvidenceRule& rule) {
  if (!n.pair.verdict.only_gain) {
    bool responds = false;
    for (int r : {0, 1})
      for (int s : {0, 1}) responds |= is_shown(finding_of(n.cell(r, s), rule));
    return fmt::format("Alike: {}, and {}{}.", difference_text(n, n.sx, rule),
                       difference_text(n, n.sy, rule),
                       responds ? "" : "; neither region is shown to follow either signal");
  }
  const std::string evidence =
      n.pair.figures.kind_is_exactly_zero
          ? std::string("exactly, in every participant")
          : evidence_text(n.pair.figures.kind.log_bf10, "difference in kind");
  return fmt::format(
      "Alike in kind: the effects of {} and {} stand in the same ratio in {} and {} ({}): {}; "
      "{}, and {}.",
      n.x, n.y, n.first, n.second, evidence,
      n.pair.verdict.opposite_ratio
          ? "one region answers with the opposite sign, no more"
          : "no more than one region responding more strongly than the other",
      difference_text(n, n.sx, rule), difference_text(n, n.sy, rule));
}

/// The parts of the better supported claim that failed.
std::string open_text(const Named& n, const EvidenceRule& rule) {
  std::string text = fmt::format("Open: {}, and {}", difference_text(n, n.sx, rule),
                                 difference_text(n, n.sy, rule));
  if (n.pair.verdict.crossover_shown) {
    std::vector<std::string> missing;
    for (int r : {0, 1}) {
      const int s = r == 0 ? n.sx : n.sy;
      if (!is_shown(finding_of(n.cell(r, s), rule)))
        missing.push_back(
            fmt::format("that {} follows {}", r == 0 ? n.first : n.second, s == n.sx ? n.x : n.y));
    }
    if (!missing.empty()) text += "; what is not shown is " + joined_with_and(missing);
  }
  const PairVerdict& v = n.pair.verdict;
  if (v.lost_among_pairs)
    text += fmt::format(
        "; for this pair alone the regions would be told apart ({}), but not among "
        "all pairs (after Holm {})",
        p_text(v.p), p_text(v.p_holm));
  return text + ". No dissociation is shown.";
}

std::string interaction_sentence(const NamedTest& test, const PairOfRegions& pair,
                                 const Dissociation& result, const SummaryContext& c, bool only) {
  std::string text = fmt::format(
      "The difference between the differences, ({} - {}) in {} less that in {}, is {:.3g} {}, {}, "
      "{}",
      test.signal, test.other_signal, test.region, test.other_region, test.test.estimate,
      unit_text(c.scaled.units, c.statistic), interval_text(test, c.options),
      figures_text(test.test));
  if (only)
    text += ", " + anova_text(result.anova.interaction, result.interaction_p_permutation);
  else
    text += fmt::format(" (after Holm {})", p_text(test.test.p_holm));
  if (!pair.verdict.both_differences_shown)
    return text +
           "; the regions are not shown to differ in both signals, so whether its sign would "
           "hold in other units is not known.";
  return text +
         (pair.verdict.crosses
              ? "; the regions differ in opposite directions in the two signals, so its sign "
                "is the same in any units."
              : "; the regions differ in the same direction in both signals, so it depends "
                "on the units: others would reverse it.");
}

std::string collinearity_sentence(const SignalCollinearity& c) {
  return fmt::format(
      "In the designs the regressors of {} and {} correlate {:.2f} on average over {} participants "
      "(largest {:.2f}, {}); the largest VIF is {:.3g}{}.",
      c.signal, c.other, c.mean_r, c.n, c.largest_r, c.largest_r_in, c.largest_vif,
      std::abs(c.largest_r) > 0.8 || c.largest_vif > 5
          ? ": what they share belongs to neither, and the zeros are weaker than they look"
          : "");
}

}  // namespace

std::string evidence_text(double log_bf10, const char* what) {
  if (std::isnan(log_bf10)) return "no Bayes factor";
  const bool null = log_bf10 < 0;
  const double factor = std::exp(std::abs(log_bf10));
  return fmt::format("BF{} = {}, {} evidence of {} {}", null ? "01" : "10",
                     factor >= 1000 ? fmt::format("{:.2g}", factor) : fmt::format("{:.3g}", factor),
                     evidence_word(log_bf10),
                     null                            ? "no"
                     : std::string(what) == "effect" ? "an"
                                                     : "a",
                     what);
}

std::string p_text(double p) {
  if (std::isnan(p)) return "p not known";
  return p < 0.001 ? fmt::format("p = {:.1e}", p) : fmt::format("p = {:.3f}", p);
}

std::string unit_text(SignalUnits units, const std::string& statistic) {
  const std::string value =
      statistic == name_of(RegionStatistic::psc) ? "% signal change" : "units of the maps";
  switch (units) {
    case SignalUnits::regressor_sd:
      return value + " per standard deviation of the regressor";
    case SignalUnits::difference_sd:
      return "standard deviations (over participants) of the difference between regions";
    case SignalUnits::given:
      return value + " per unit of each regressor, which differ between signals";
  }
  return "";
}

std::string verdict_sentence(const PairOfRegions& pair, const SummaryContext& c) {
  const auto& d = c.scaled.data;
  const size_t r = d.regions.size(), s = d.signals.size();
  const size_t n_pairs = r * (r - 1) / 2 * (s * (s - 1) / 2);
  const Named n(pair, d);
  switch (pair.verdict.verdict) {
    case Verdict::double_dissociation:
    case Verdict::selective_double_dissociation:
      return double_text(n, c, n_pairs);
    case Verdict::single_dissociation:
      return single_text(n, c, n_pairs);
    case Verdict::alike:
      return alike_text(n, c.options.rule);
    case Verdict::open:
      return open_text(n, c.options.rule);
  }
  return "";
}

std::vector<std::string> dissociation_sentences(const Dissociation& result,
                                                const SummaryContext& c) {
  std::vector<std::string> lines{units_sentence(c)};
  for (const auto& region : c.scaled.data.regions)
    lines.push_back(region_sentence(result, region, c.options.rule));
  const bool only = result.interactions.size() == 1;
  if (!only)
    lines.push_back(
        fmt::format("Over all regions and signals the interaction is {}.",
                    anova_text(result.anova.interaction, result.interaction_p_permutation)));
  for (size_t i = 0; i < result.interactions.size(); ++i) {
    lines.push_back(interaction_sentence(result.interactions[i], result.pairs[i], result, c, only));
    lines.push_back(verdict_sentence(result.pairs[i], c));
  }
  for (const auto& collinearity : c.collinearity)
    if (collinearity.n > 0) lines.push_back(collinearity_sentence(collinearity));
  for (const auto& [region, note] : c.notes)
    lines.push_back("Note on " + region + ": " + note + ".");
  return lines;
}

}  // namespace sociometer::jobs
