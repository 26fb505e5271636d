#include "engine/roi/mean_figures.hpp"

#include <algorithm>
#include <cmath>

#include "engine/stats/distributions.hpp"

namespace sociometer {

MeanFigures mean_figures(const Eigen::Ref<const Eigen::VectorXd>& values,
                         const EvidenceRule& rule) {
  MeanFigures f;
  f.n = values.size();
  if (f.n == 0) return f;
  f.mean = values.mean();
  if (f.n < 2) return f;
  const double n = double(f.n), dof = n - 1;
  f.standard_deviation = std::sqrt((values.array() - f.mean).square().sum() / dof);
  // Equal values in all participants have only rounding error, no variance.
  if (!(f.standard_deviation > 1e-12 * values.cwiseAbs().maxCoeff())) return f;
  const double error = f.standard_deviation / std::sqrt(n);
  f.t = f.mean / error;
  f.p = std::min(1.0, 2 * p_from_t(std::abs(f.t), dof));
  f.log_bf10 = log_bayes_factor_one_sample(f.t, n, rule.cauchy_scale);
  f.p_equivalence = p_from_t(rule.equivalence_d * std::sqrt(n) - std::abs(f.t), dof);
  return f;
}

Finding finding_of(double estimate, double p, double log_bf10, const EvidenceRule& rule) {
  const bool for_null = log_bf10 <= -std::log(rule.evidence);
  if (p < rule.alpha && !for_null) return estimate > 0 ? Finding::positive : Finding::negative;
  return for_null && !(p < rule.alpha) ? Finding::absent : Finding::undecided;
}

Finding finding_of(const MeanFigures& f, const EvidenceRule& rule) {
  return finding_of(f.mean, f.p, f.log_bf10, rule);
}

const char* evidence_word(double log_bf10) {
  const double factor = std::exp(std::abs(log_bf10));
  return factor < 3     ? "anecdotal"
         : factor < 10  ? "moderate"
         : factor < 30  ? "strong"
         : factor < 100 ? "very strong"
                        : "extreme";
}

}  // namespace sociometer
