#include "cli/jobs/mixed/mixed_summary.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/jobs/counted.hpp"

namespace sociometer::jobs {
namespace {

std::string p_words(double p) {
  if (std::isnan(p)) return "p not known";
  return p < 0.001 ? "p < 0.001" : fmt::format("p = {:.3f}", p);
}

std::string effect_figures(const MixedFit& fit, Eigen::Index i, const MixedRequest& a) {
  const EffectInterval interval = effect_interval(fit, i, a.level);
  const bool linear = a.family == MixedFamily::linear;
  std::string out =
      fmt::format("{:.4g}{}, {:g} % interval [{:.4g}, {:.4g}], ", fit.effects[i],
                  linear ? "" : " log odds", 100 * a.level, interval.low, interval.high);
  if (linear)
    return out +
           fmt::format("t({:.1f}) = {:.2f}, {}", fit.dof[i], fit.statistic[i], p_words(fit.p[i]));
  return out + fmt::format("odds ratio {:.3g}, z = {:.2f}, {}", std::exp(fit.effects[i]),
                           fit.statistic[i], p_words(fit.p[i]));
}

std::string effect_sentence(const MixedDesign& d, const MixedFit& fit, Eigen::Index i,
                            const MixedRequest& a) {
  const std::string& name = d.effects[size_t(i)];
  if (!std::isfinite(fit.standard_error[i]))
    return fmt::format("{} has no finite estimate; no conclusion is drawn.", name);
  const std::string figures = effect_figures(fit, i, a);
  if (!fit.converged || fit.separated || std::isnan(fit.p[i]))
    return fmt::format("{}: {}; no conclusion is drawn.", name, figures);
  if (!(fit.p[i] < a.alpha))
    return fmt::format("{} is not shown to differ from 0: {}.", name, figures);
  return fmt::format("{} is {}: {}.", name, fit.effects[i] > 0 ? "positive" : "negative", figures);
}

std::string test_sentence(const TermTest& test, const MixedFit& fit, const MixedRequest& a) {
  if (std::isnan(test.f))
    return fmt::format("All columns of {}: not tested, without finite estimates.", test.term);
  std::string figures =
      a.family == MixedFamily::linear
          ? fmt::format("F({:g}, {:.1f}) = {:.2f}", test.dof1, test.dof2, test.f)
          : fmt::format("chi-square({:g}) = {:.2f}", test.dof1, test.f * test.dof1);
  figures += ", " + p_words(test.p);
  if (!fit.converged || fit.separated || std::isnan(test.p))
    return fmt::format("All columns of {}: {}; no conclusion is drawn.", test.term, figures);
  return fmt::format(
      "The columns of {} {}: {}.", test.term,
      test.p < a.alpha ? "differ from 0 together" : "are not shown to differ from 0 together",
      figures);
}

/// Whether a grouping factor is the column, or nested in it (participant:run).
bool has_factor_of(const MixedDesign& d, const std::string& column) {
  return std::any_of(d.formula.random.begin(), d.formula.random.end(), [&](const auto& term) {
    return std::find(term.grouping.begin(), term.grouping.end(), column) != term.grouping.end();
  });
}

std::vector<std::string> unbounded_effects(const MixedDesign& d, const MixedFit& fit) {
  std::vector<std::string> out;
  for (Eigen::Index i = 0; i < fit.effects.size(); ++i)
    if (!std::isfinite(fit.standard_error[i])) out.push_back(d.effects[size_t(i)]);
  return out;
}

std::string levels_text(const MixedDesign& d) {
  std::vector<std::string> out;
  for (const auto& factor : d.random)
    out.push_back(fmt::format("{} {}", factor.levels.size(), factor.name));
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string estimation_text(const MixedRequest& a) {
  if (a.family == MixedFamily::logistic) return "logistic, maximum likelihood by Laplace";
  return a.criterion == MixedCriterion::reml ? "linear, restricted maximum likelihood"
                                             : "linear, maximum likelihood";
}

std::string rows_left_out(const MixedDesign& d) {
  std::vector<std::string> why;
  for (const auto& [column, n] : d.missing) why.push_back(fmt::format("{} in {}", column, n));
  return fmt::format("{} left out for a missing value ({})", counted(d.n_dropped, "row"),
                     fmt::join(why, ", "));
}

}  // namespace

std::vector<std::string> mixed_sentences(const MixedDesign& d, const MixedFit& fit,
                                         const MixedRequest& a) {
  std::vector<std::string> lines{fmt::format("{}: {}, {}; {}.", to_string(d.formula),
                                             counted(size_t(d.n()), "row"), levels_text(d),
                                             estimation_text(a))};
  if (!d.success.empty())
    lines.push_back(
        fmt::format("Effects are on the log odds that {} is {}.", d.formula.response, d.success));
  for (Eigen::Index i = d.formula.intercept ? 1 : 0; i < fit.effects.size(); ++i)
    lines.push_back(effect_sentence(d, fit, i, a));
  for (const auto& test : fit.tests)
    if (test.dof1 > 1) lines.push_back(test_sentence(test, fit, a));
  for (const auto& line : mixed_cautions(d, fit, a)) lines.push_back("Caution: " + line + ".");
  return lines;
}

std::vector<std::string> mixed_cautions(const MixedDesign& d, const MixedFit& fit,
                                        const MixedRequest& a) {
  std::vector<std::string> out;
  if (d.n_dropped > 0) out.push_back(rows_left_out(d));
  if (!fit.converged)
    out.push_back(fmt::format(
        "the fit has not converged after {} evaluations (its deviance can still fall by {:.2g}): "
        "scale the columns with --zscore, or take random effects out",
        fit.n_evaluations, fit.deviance_to_go));
  if (fit.separated)
    out.push_back(
        fmt::format("{} {} no finite estimate: a column, or several together, predict the response "
                    "of some rows "
                    "without error (separation); leave the effect, or these rows, out",
                    fmt::join(unbounded_effects(d, fit), ", "),
                    unbounded_effects(d, fit).size() == 1 ? "has" : "have"));
  if (fit.dof.hasNaN())
    out.push_back(
        "degrees of freedom cannot be computed for every effect: p and interval are n/a there");
  if (fit.flat)
    out.push_back(
        "the variances of the random effects are not identified: other values have the same "
        "likelihood; take random effects out");
  if (fit.singular)
    out.push_back(fmt::format("the fit is singular: {}; a simpler formula fits as well",
                              fmt::join(singular_words(d, fit), "; ")));
  if (d.n_participants > 1 && !has_factor_of(d, a.participant))
    out.push_back(fmt::format(
        "no random effect is over {}, whose {} levels have several rows each: p is too small if "
        "these are alike; add (1 | {}) to the formula",
        a.participant, d.n_participants, a.participant));
  const auto fixed_only = effects_without_slope(d, a.participant);
  if (!fixed_only.empty())
    out.push_back(fmt::format(
        "{} var{} within {} without a random slope: p is too small if participants differ in {}",
        fmt::join(fixed_only, ", "), fixed_only.size() == 1 ? "ies" : "y", a.participant,
        fixed_only.size() == 1 ? "it" : "them"));
  return out;
}

std::vector<std::string> mediation_sentences(const Mediation& m, const MediationPlan& plan) {
  const MediationFigures& indirect = m.paths[size_t(MediationPath::indirect)];
  const bool shown = indirect.low > 0 || indirect.high < 0;
  std::vector<std::string> lines{fmt::format(
      "Mediation {} -> {} -> {} within {} ({}): the effect of {} on {} {} {}: indirect {:.4g}, "
      "{:g} % interval [{:.4g}, {:.4g}] ({} drawings of participants, seed {}).",
      plan.x, plan.m, plan.y, counted(m.participants.size(), "participant"),
      counted(m.n_rows, "row"), plan.x, plan.y,
      shown ? "goes along with" : "is not shown to go along with", plan.m, indirect.mean,
      100 * plan.level, indirect.low, indirect.high, plan.bootstraps, plan.seed)};
  std::vector<std::string> parts;
  for (const auto& f : m.paths)
    if (f.path != MediationPath::indirect)
      parts.push_back(fmt::format("{} {:.4g} (t({:g}) = {:.2f}, {})", name_of(f.path), f.mean,
                                  f.dof, f.t, p_words(f.p)));
  lines.push_back(fmt::format("Paths: {}; the product of mean a and mean b is {:.4g}.",
                              fmt::join(parts, ", "), m.product_of_means));
  if (shown)
    lines.push_back(
        "A mediation by trials' own fluctuations is a correlation: it does not show that one "
        "causes the other.");
  if (m.n_dropped > 0)
    lines.push_back(
        fmt::format("Caution: {} left out for a missing value.", counted(m.n_dropped, "row")));
  if (m.y_is_binary)
    lines.push_back(fmt::format(
        "Caution: {} is 0 or 1: paths to it are differences of probability by least squares.",
        plan.y));
  if (!m.left_out.empty())
    lines.push_back(fmt::format("Caution: left out for too few trials or no spread: {}.",
                                fmt::join(m.left_out, ", ")));
  return lines;
}

}  // namespace sociometer::jobs
