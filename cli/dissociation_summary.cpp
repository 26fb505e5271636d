#include "cli/dissociation_summary.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace sociometer::cli {
namespace {

/// A Bayes factor for the side that it speaks for.
std::string evidence_text(double log_bf10) {
  if (std::isnan(log_bf10)) return "no Bayes factor";
  const bool null = log_bf10 < 0;
  const double factor = std::exp(std::abs(log_bf10));
  return fmt::format(
      "BF{} = {}", null ? "01" : "10",
      factor >= 1000 ? fmt::format("{:.2g}", factor) : fmt::format("{:.3g}", factor));
}

std::string cell_text(const NamedTest& cell) {
  const std::string figures =
      fmt::format("mean {:.3g}, {}", cell.test.estimate, statistics_text(cell.test));
  switch (cell.finding) {
    case Finding::positive:
      return fmt::format("follows {} ({})", cell.signal, figures);
    case Finding::negative:
      return fmt::format("follows {} with the opposite sign ({})", cell.signal, figures);
    case Finding::absent:
      return fmt::format("does not follow {} ({})", cell.signal, figures);
    case Finding::undecided:
      return fmt::format("leaves open whether it follows {} ({})", cell.signal, figures);
  }
  return "";
}

std::string joined_with_and(const std::vector<std::string>& parts) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i)
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return text;
}

std::string region_sentence(const Dissociation& result, const std::string& region) {
  std::vector<std::string> parts;
  for (const auto& cell : result.cells)
    if (cell.region == region) parts.push_back(cell_text(cell));
  return region + " " + joined_with_and(parts) + ".";
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

std::string verdict_text(Verdict verdict, const std::string& a, const std::string& b,
                         const std::string& x, const std::string& y, const Dissociation& result,
                         const DissociationOptions& o) {
  const auto open_zero = [&](const std::string& region, const std::string& signal) {
    const NamedTest& cell = find_test(result.cells, region, "", signal, "");
    return cell.finding == Finding::absent
               ? std::string()
               : fmt::format("{} in {} ({})", signal, region, evidence_text(cell.test.log_bf10));
  };
  switch (verdict) {
    case Verdict::double_dissociation:
      return fmt::format(
          "This is a double dissociation: {} goes with {} and {} with {}, and both zeros have "
          "evidence of their own (BF01 of {:g} or more).",
          a, x, b, y, o.evidence);
    case Verdict::crossover: {
      std::vector<std::string> open;
      for (const auto& text : {open_zero(a, y), open_zero(b, x)})
        if (!text.empty()) open.push_back(text);
      std::string text = fmt::format("{} prefers {} and {} prefers {}", a, x, b, y);
      return open.empty() ? text + ", but not both preferred effects are shown by themselves."
                          : text + fmt::format(
                                       "; for a double dissociation evidence of no effect "
                                       "is missing for {}.",
                                       joined_with_and(open));
    }
    case Verdict::interaction_only:
      return fmt::format(
          "{} and {} weigh {} and {} differently, but not so that each prefers its own: no double "
          "dissociation.",
          a, b, x, y);
    case Verdict::similar:
      return fmt::format("There is evidence that {} and {} weigh {} and {} alike.", a, b, x, y);
    case Verdict::undecided:
      return fmt::format("Whether {} and {} weigh {} and {} differently is open.", a, b, x, y);
  }
  return "";
}

std::string interaction_sentence(const NamedTest& test, const Dissociation& result,
                                 const DissociationOptions& o, bool only) {
  std::string text = fmt::format(
      "The difference between the differences, ({} - {}) in {} less that "
      "in {}, is {:.3g}, {}, {}",
      test.signal, test.other_signal, test.region, test.other_region, test.test.estimate,
      interval_text(test, o), statistics_text(test.test));
  if (only)
    text += ", " + anova_text(result.anova.interaction, result.interaction_p_permutation);
  else
    text += fmt::format(" (after Holm {})", p_text(test.test.p_holm));
  return text + ".";
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

std::string p_text(double p) {
  if (std::isnan(p)) return "p not known";
  return p < 0.001 ? fmt::format("p = {:.1e}", p) : fmt::format("p = {:.3f}", p);
}

std::string statistics_text(const RegionTestResult& test) {
  return fmt::format("t({:g}) = {:.2f}, {}, {}", test.dof, test.t, p_text(test.p),
                     evidence_text(test.log_bf10));
}

std::pair<Verdict, std::string> pair_verdict(const Dissociation& result, const NamedTest& t,
                                             const DissociationOptions& options) {
  const bool as_given = !(t.test.estimate < 0);
  const std::string& x = as_given ? t.signal : t.other_signal;
  const std::string& y = as_given ? t.other_signal : t.signal;
  const Verdict verdict = verdict_of(result, t.region, t.other_region, x, y, options);
  return {verdict, verdict_text(verdict, t.region, t.other_region, x, y, result, options)};
}

std::vector<std::string> dissociation_sentences(const DissociationData& data,
                                                const Dissociation& result,
                                                const DissociationOptions& o,
                                                const std::vector<SignalCollinearity>& collinearity,
                                                const std::map<std::string, std::string>& notes) {
  std::vector<std::string> lines;
  for (const auto& region : data.regions) lines.push_back(region_sentence(result, region));
  const bool only = result.interactions.size() == 1;
  if (!only)
    lines.push_back(
        fmt::format("Over all regions and signals the interaction is {}.",
                    anova_text(result.anova.interaction, result.interaction_p_permutation)));
  for (const auto& test : result.interactions) {
    lines.push_back(interaction_sentence(test, result, o, only));
    lines.push_back(pair_verdict(result, test, o).second);
  }
  for (const auto& c : collinearity)
    if (c.n > 0) lines.push_back(collinearity_sentence(c));
  for (const auto& [region, note] : notes) lines.push_back("Note on " + region + ": " + note + ".");
  return lines;
}

}  // namespace sociometer::cli
