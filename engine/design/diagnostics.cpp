#include "engine/design/diagnostics.hpp"

#include <cmath>
#include <limits>

#include "engine/core/missing.hpp"
#include "engine/design/estimability.hpp"

namespace sociometer {
namespace {

bool is_constant(const Eigen::VectorXd& x) {
  return (x.array() - x.mean()).abs().maxCoeff() <=
         1e-12 * std::max(1e-300, x.cwiseAbs().maxCoeff());
}

/// R^2 of a column on others and a constant, from its variance inflation by them.
double share_explained(const Eigen::MatrixXd& columns, Eigen::Index column,
                       const std::vector<Eigen::Index>& others) {
  if (others.empty()) return 0;
  Eigen::MatrixXd part(columns.rows(), Eigen::Index(others.size()) + 1);
  part << columns.col(column), columns(Eigen::all, others);
  return 1 - 1 / diagnose(part).vif[0];
}

}  // namespace

DesignDiagnostics diagnose(const Eigen::MatrixXd& columns) {
  const Eigen::Index p = columns.cols();
  DesignDiagnostics d;
  d.rank = EstimableSpace(columns).rank();
  for (Eigen::Index j = 0; j < p; ++j) d.zero.push_back(columns.col(j).isZero(0));
  Eigen::MatrixXd standard = columns.rowwise() - columns.colwise().mean();
  for (Eigen::Index j = 0; j < p; ++j) {
    if (is_constant(columns.col(j)))
      standard.col(j).setZero();
    else
      standard.col(j).normalize();
  }
  d.correlation = standard.transpose() * standard;
  // VIF = 1 / (1 - R^2) is the column's diagonal entry in the inverse of the correlation matrix.
  const EstimableSpace space(standard);
  d.vif.resize(p);
  for (Eigen::Index j = 0; j < p; ++j) {
    const Eigen::VectorXd unit = Eigen::VectorXd::Unit(p, j);
    d.vif[j] = space.is_estimable(unit) ? space.coordinates(unit).squaredNorm()
                                        : std::numeric_limits<double>::infinity();
    if (d.correlation(j, j) == 0) {
      d.vif[j] = kNaN;
      d.correlation.row(j).setConstant(kNaN);
      d.correlation.col(j).setConstant(kNaN);
    }
  }
  return d;
}

double contrast_efficiency(const Eigen::MatrixXd& design, const Eigen::MatrixXd& contrast_rows) {
  const EstimableSpace space(design);
  double trace = 0;
  for (Eigen::Index i = 0; i < contrast_rows.rows(); ++i) {
    const Eigen::VectorXd row = contrast_rows.row(i).transpose();
    if (!space.is_estimable(row)) return 0.0;
    trace += space.coordinates(row).squaredNorm();
  }
  return 1.0 / trace;
}

std::vector<TrialDiagnostics> diagnose_trials(const Events& events, const DesignOptions& options) {
  std::vector<TrialDiagnostics> all;
  for (const auto& set : options.modulators) {
    const auto stimuli =
        stimuli_of_type(events, set.event_type, set.columns, options.modulator_policy);
    if (stimuli.size() < 2) continue;
    TrialDiagnostics t;
    t.event_type = set.event_type;
    Eigen::MatrixXd weights(Eigen::Index(stimuli[0].onset_s.size()),
                            Eigen::Index(stimuli.size()) - 1);
    for (size_t i = 1; i < stimuli.size(); ++i) {
      t.names.push_back(stimuli[i].name);
      weights.col(Eigen::Index(i) - 1) =
          Eigen::Map<const Eigen::VectorXd>(stimuli[i].weight.data(), weights.rows());
    }
    t.onset_s = stimuli[0].onset_s;
    t.diagnostics = diagnose(weights);
    t.weights = std::move(weights);
    all.push_back(std::move(t));
  }
  return all;
}

std::vector<NuisanceShare> nuisance_shares(const Eigen::MatrixXd& columns,
                                           const std::vector<ColumnRole>& roles,
                                           const DesignDiagnostics& d) {
  std::vector<Eigen::Index> drift, confounds, all;
  for (size_t j = 0; j < roles.size(); ++j) {
    if (roles[j] == ColumnRole::drift) drift.push_back(Eigen::Index(j));
    if (roles[j] == ColumnRole::confound) confounds.push_back(Eigen::Index(j));
  }
  all = drift;
  all.insert(all.end(), confounds.begin(), confounds.end());
  std::vector<NuisanceShare> shares;
  if (all.empty()) return shares;
  for (size_t j = 0; j < roles.size(); ++j) {
    const auto column = Eigen::Index(j);
    if (roles[j] != ColumnRole::task || std::isnan(d.vif[column])) continue;
    NuisanceShare share{column, share_explained(columns, column, drift),
                        share_explained(columns, column, all), -1, kNaN};
    for (const Eigen::Index k : confounds)
      if (const double r = d.correlation(column, k);
          std::isfinite(r) && !(std::abs(r) <= std::abs(share.correlation))) {
        share.closest = k;
        share.correlation = r;
      }
    shares.push_back(share);
  }
  return shares;
}

std::vector<std::string> collinearity_warnings(const DesignMatrix& design,
                                               const DesignDiagnostics& d, const std::string& run) {
  std::vector<std::string> warnings;
  for (Eigen::Index i = 0; i < design.n_columns(); ++i) {
    if (design.roles[size_t(i)] != ColumnRole::task && design.roles[size_t(i)] != ColumnRole::given)
      continue;
    if (d.zero[size_t(i)])
      warnings.push_back(
          fmt::format("{}: column '{}' is zero in every scan that is kept (events outside the run, "
                      "or a modulator that does not vary or has no values)",
                      run, design.names[size_t(i)]));
    if (d.vif[i] > 5)
      warnings.push_back(fmt::format(
          "{}: the variance of '{}' is inflated {:.3g} times by the other columns (VIF > 5)", run,
          design.names[size_t(i)], d.vif[i]));
    for (Eigen::Index j = 0; j < i; ++j)
      if (design.roles[size_t(j)] == design.roles[size_t(i)] && std::abs(d.correlation(i, j)) > 0.8)
        warnings.push_back(fmt::format("{}: '{}' and '{}' correlate at {:.3f}", run,
                                       design.names[size_t(j)], design.names[size_t(i)],
                                       d.correlation(i, j)));
  }
  return warnings;
}

Eigen::MatrixXd kept_rows(const DesignMatrix& design, const std::vector<uint8_t>& kept) {
  std::vector<Eigen::Index> rows;
  for (size_t t = 0; t < kept.size(); ++t)
    if (kept[t]) rows.push_back(Eigen::Index(t));
  return design.values(rows, Eigen::all);
}

}  // namespace sociometer
