#include "engine/roi/collinearity.hpp"

#include <algorithm>
#include <cmath>

#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/design/diagnostics.hpp"

namespace sociometer {
namespace {

double correlation_of(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  const Eigen::VectorXd x = a.array() - a.mean(), y = b.array() - b.mean();
  const double size = x.norm() * y.norm();
  return size > 0 ? x.dot(y) / size : kNaN;
}

void add_run(const RunColumns& run, std::vector<ContrastCollinearity>& contrasts) {
  const DesignDiagnostics d = diagnose(run.design);
  for (size_t c = 0; c < contrasts.size(); ++c) {
    const Eigen::VectorXd& weights = run.contrasts[c];
    if (weights.size() == 0) continue;
    for (Eigen::Index j = 0; j < weights.size(); ++j)
      if (weights[j] != 0 && !std::isnan(d.vif[j]))
        contrasts[c].vif = std::max(contrasts[c].vif, d.vif[j]);
    contrasts[c].efficiency += contrast_efficiency(run.design, weights.transpose());
  }
}

/// Mean of the columns' standard deviations, weighted by |weight|.
double sd_in_run(const RunColumns& run, const Eigen::VectorXd& weights) {
  if (Eigen::Index(run.trial_sd.size()) != weights.size()) return kNaN;
  double sum = 0, size = 0, sign = 0;
  for (Eigen::Index j = 0; j < weights.size(); ++j) {
    if (weights[j] == 0) continue;
    if (sign * weights[j] < 0) return kNaN;
    sign = weights[j];
    sum += std::abs(weights[j]) * run.trial_sd[size_t(j)];
    size += std::abs(weights[j]);
  }
  return sum / size;
}

double regressor_sd(const std::vector<RunColumns>& runs, size_t contrast) {
  double sum = 0, n = 0;
  for (const auto& run : runs) {
    if (run.contrasts[contrast].size() == 0) continue;
    sum += sd_in_run(run, run.contrasts[contrast]);
    n += 1;
  }
  return n > 0 ? sum / n : kNaN;
}

/// A contrast is correlated with another of the same regressor by construction.
bool share_a_column(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
  return (a.array() != 0 && b.array() != 0).any();
}

double mean_correlation(const std::vector<RunColumns>& runs, size_t a, size_t b) {
  double sum = 0, scans = 0;
  for (const auto& run : runs) {
    if (run.contrasts[a].size() == 0 || run.contrasts[b].size() == 0) continue;
    if (a != b && share_a_column(run.contrasts[a], run.contrasts[b])) continue;
    const double r = correlation_of(run.design * run.contrasts[a], run.design * run.contrasts[b]);
    if (std::isnan(r)) continue;
    sum += r * double(run.design.rows());
    scans += double(run.design.rows());
  }
  return scans > 0 ? sum / scans : kNaN;
}

}  // namespace

Collinearity collinearity(const std::vector<RunColumns>& runs) {
  require(!runs.empty(), "collinearity is asked of at least one run");
  const size_t n = runs[0].contrasts.size();
  Collinearity out;
  out.contrasts.resize(n);
  for (const auto& run : runs) add_run(run, out.contrasts);
  for (size_t c = 0; c < n; ++c)
    if (std::none_of(runs.begin(), runs.end(),
                     [&](const RunColumns& run) { return run.contrasts[c].size() > 0; }))
      out.contrasts[c] = {kNaN, kNaN};
  for (size_t c = 0; c < n; ++c) out.contrasts[c].regressor_sd = regressor_sd(runs, c);
  out.correlation.setConstant(Eigen::Index(n), Eigen::Index(n), kNaN);
  for (size_t a = 0; a < n; ++a)
    for (size_t b = 0; b < n; ++b)
      out.correlation(Eigen::Index(a), Eigen::Index(b)) = mean_correlation(runs, a, b);
  return out;
}

std::optional<StrongestCorrelation> strongest_correlation(const Collinearity& c, size_t contrast) {
  std::optional<StrongestCorrelation> strongest;
  for (size_t other = 0; other < c.contrasts.size(); ++other) {
    const double r = c.correlation(Eigen::Index(contrast), Eigen::Index(other));
    if (other == contrast || std::isnan(r)) continue;
    if (!strongest || std::abs(r) > std::abs(strongest->r)) strongest = {other, r};
  }
  return strongest;
}

}  // namespace sociometer
