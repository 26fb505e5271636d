#include "engine/roi/verdict.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/stats/multiple_comparisons.hpp"

namespace sociometer {
namespace {

double p_or_one(const MeanFigures& f) { return std::isnan(f.p) ? 1 : f.p; }

/// p of "region r follows signal s and exceeds the other region in it"; 1 if the
/// estimates have opposite signs.
double p_of_own(const PairFigures& f, int r, int s) {
  const MeanFigures &own = f.cell[size_t(r)][size_t(s)], &difference = f.difference[size_t(s)];
  const double excess = r == 0 ? difference.mean : -difference.mean;
  return own.mean * excess > 0 ? std::max(p_or_one(own), p_or_one(difference)) : 1;
}

/// The better supported of "first goes with signal 0, second with 1" and the reverse.
void set_claim(PairVerdict& v, const PairFigures& f, const EvidenceRule& rule) {
  for (int s : {0, 1}) {
    const double p = p_of_claim(f, s);
    if (s == 0 || p < v.p) {
      v.p = p;
      v.signal_of_first = s;
    }
  }
  v.crosses = f.difference[0].mean * f.difference[1].mean < 0;
  v.both_differences_shown =
      is_shown(finding_of(f.difference[0], rule)) && is_shown(finding_of(f.difference[1], rule));
  if (v.crosses) v.p_crossover = std::max(p_or_one(f.difference[0]), p_or_one(f.difference[1]));
}

std::vector<SingleDissociation> singles_of(const PairFigures& f, const EvidenceRule& rule) {
  std::vector<SingleDissociation> out;
  for (int s : {0, 1})
    for (int r : {0, 1}) {
      if (finding_of(f.cell[size_t(1 - r)][size_t(s)], rule) != Finding::absent) continue;
      if (!is_shown(finding_of(f.cell[size_t(r)][size_t(s)], rule))) continue;
      out.push_back({r, s, p_of_own(f, r, s)});
    }
  return out;
}

bool responds(const PairFigures& f, int r, const EvidenceRule& rule) {
  return is_shown(finding_of(f.cell[size_t(r)][0], rule)) ||
         is_shown(finding_of(f.cell[size_t(r)][1], rule));
}

bool no_difference(const PairFigures& f, const EvidenceRule& rule) {
  return finding_of(f.difference[0], rule) == Finding::absent &&
         finding_of(f.difference[1], rule) == Finding::absent;
}

/// Both regions respond, and there is evidence that their effects are proportional.
bool one_ratio(const PairFigures& f, const EvidenceRule& rule) {
  return responds(f, 0, rule) && responds(f, 1, rule) &&
         (f.kind_is_exactly_zero || finding_of(f.kind, rule) == Finding::absent);
}

void decide(PairVerdict& v, const PairFigures& f, const EvidenceRule& rule) {
  const auto zero = [&](int r, int s) {
    return zero_supported(f.cell[size_t(r)][size_t(s)], rule);
  };
  v.first_zero = zero(0, 1 - v.signal_of_first);
  v.second_zero = zero(1, v.signal_of_first);
  if (v.p_holm < rule.alpha)
    v.verdict = v.first_zero && v.second_zero ? Verdict::selective_double_dissociation
                                              : Verdict::double_dissociation;
  else if (!v.singles.empty())
    v.verdict = Verdict::single_dissociation;
  else if (no_difference(f, rule))
    v.verdict = Verdict::alike;
  else if ((v.only_gain = one_ratio(f, rule))) {
    v.verdict = Verdict::alike;
    // Each of a region's effects is the ratio times the other region's, so the sum of products has
    // the sign of the ratio.
    v.opposite_ratio = f.cell[0][0].t * f.cell[1][0].t + f.cell[0][1].t * f.cell[1][1].t < 0;
  }
}

void add_holm(std::vector<PairVerdict>& verdicts) {
  std::vector<double> p, singles;
  for (const auto& v : verdicts) p.push_back(v.p);
  const auto adjusted = adjusted_p(p, Adjustment::holm);
  for (size_t i = 0; i < verdicts.size(); ++i) verdicts[i].p_holm = adjusted[i];
  if (verdicts.size() < 2) return;
  for (const auto& v : verdicts)
    for (const auto& s : v.singles) singles.push_back(s.p);
  // The family is every single dissociation a pair could show, two signals each, not just those
  // that met the criteria.
  singles.resize(std::max(singles.size(), 2 * verdicts.size()), 1.0);
  const auto single_p = adjusted_p(singles, Adjustment::holm);
  size_t at = 0;
  for (auto& v : verdicts)
    for (auto& s : v.singles) s.p = single_p[at++];
}

}  // namespace

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::double_dissociation:
      return "double dissociation";
    case Verdict::selective_double_dissociation:
      return "selective double dissociation";
    case Verdict::single_dissociation:
      return "single dissociation";
    case Verdict::alike:
      return "alike";
    case Verdict::open:
      return "open";
  }
  return "";
}

PairFigures pair_figures(const Eigen::Ref<const Eigen::MatrixXd>& cells, const EvidenceRule& rule) {
  require(cells.cols() == 4, "two regions and two signals have four cells");
  PairFigures f;
  for (int r : {0, 1})
    for (int s : {0, 1}) f.cell[size_t(r)][size_t(s)] = mean_figures(cells.col(2 * r + s), rule);
  for (int s : {0, 1})
    f.difference[size_t(s)] = mean_figures(cells.col(s) - cells.col(2 + s), rule);
  const Eigen::RowVector4d m = cells.colwise().mean();
  const double product = m[0] * m[3] - m[1] * m[2];
  // The mean of these is `product`; their variance is that of its first-order expansion.
  const Eigen::VectorXd terms = m[3] * cells.col(0) + m[0] * cells.col(3) - m[2] * cells.col(1) -
                                m[1] * cells.col(2) -
                                Eigen::VectorXd::Constant(cells.rows(), product);
  const double size = std::abs(m[0] * m[3]) + std::abs(m[1] * m[2]);
  f.kind_is_exactly_zero = size > 0 && terms.cwiseAbs().maxCoeff() < 1e-9 * size;
  f.kind = mean_figures(terms, rule);
  return f;
}

double p_of_claim(const PairFigures& f, int signal_of_first) {
  if (!(f.difference[0].mean * f.difference[1].mean < 0)) return 1;
  return std::max(p_of_own(f, 0, signal_of_first), p_of_own(f, 1, 1 - signal_of_first));
}

bool zero_supported(const MeanFigures& figures, const EvidenceRule& rule) {
  return finding_of(figures, rule) == Finding::absent &&
         (std::isinf(rule.equivalence_d) || figures.p_equivalence < rule.alpha);
}

std::vector<PairVerdict> judge(const std::vector<PairFigures>& pairs, const EvidenceRule& rule) {
  std::vector<PairVerdict> out(pairs.size());
  for (size_t i = 0; i < pairs.size(); ++i) {
    set_claim(out[i], pairs[i], rule);
    out[i].singles = singles_of(pairs[i], rule);
  }
  add_holm(out);
  for (size_t i = 0; i < pairs.size(); ++i) {
    std::erase_if(out[i].singles, [&](const SingleDissociation& s) { return !(s.p < rule.alpha); });
    decide(out[i], pairs[i], rule);
    out[i].crossover_shown = out[i].crosses && out[i].p_crossover < rule.alpha;
    out[i].lost_among_pairs = out[i].p < rule.alpha && !(out[i].p_holm < rule.alpha);
  }
  return out;
}

}  // namespace sociometer
