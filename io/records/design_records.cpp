#include "io/records/design_records.hpp"

#include <cmath>
#include <limits>

#include "io/records/contrast_record.hpp"

namespace sociometer {

DesignColumnsRecord design_columns(const DesignMatrix& design, const DesignDiagnostics& d) {
  DesignColumnsRecord out;
  out.rank = long(d.rank);
  std::vector<Eigen::Index> task;
  for (Eigen::Index j = 0; j < design.n_columns(); ++j) {
    const ColumnRole role = design.roles[size_t(j)];
    out.columns.push_back({design.names[size_t(j)], to_string(role), d.vif[j], std::nullopt});
    if (std::isinf(d.vif[j])) out.columns.back().note = "other columns explain it entirely";
    if (role == ColumnRole::task || role == ColumnRole::given) task.push_back(j);
  }
  for (const Eigen::Index j : task) {
    out.correlations.columns.push_back(design.names[size_t(j)]);
    out.correlations.values.emplace_back();
    for (const Eigen::Index k : task) out.correlations.values.back().push_back(d.correlation(j, k));
  }
  return out;
}

namespace {

std::vector<TrialsRecord> trials_record(const std::vector<TrialDiagnostics>& trials) {
  std::vector<TrialsRecord> all;
  for (const TrialDiagnostics& t : trials) {
    TrialsRecord one{t.event_type, t.onset_s, {}, rows_of(t.diagnostics.correlation)};
    for (size_t i = 0; i < t.names.size(); ++i) {
      const Eigen::VectorXd values = t.weights.col(Eigen::Index(i));
      one.modulators.push_back({t.names[i], t.diagnostics.vif[Eigen::Index(i)],
                                std::vector<double>(values.begin(), values.end())});
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<NuisanceShareRecord> nuisance_record(const DesignMatrix& design,
                                                 const Eigen::MatrixXd& values,
                                                 const DesignDiagnostics& diagnostics) {
  std::vector<NuisanceShareRecord> all;
  for (const NuisanceShare& share : nuisance_shares(values, design.roles, diagnostics)) {
    NuisanceShareRecord one{
        design.names[size_t(share.column)], share.by_drift, share.by_nuisance, {}, {}};
    if (share.closest >= 0) {
      one.closest = design.names[size_t(share.closest)];
      one.correlation = share.correlation;
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

DesignChecksRecord design_checks(const DesignMatrix& design, const Eigen::MatrixXd& values,
                                 const DesignDiagnostics& diagnostics,
                                 const std::vector<TrialDiagnostics>& trials,
                                 const std::vector<ResolvedContrast>& contrasts, size_t run) {
  DesignChecksRecord checks;
  checks.trials = trials_record(trials);
  checks.contrasts.emplace();
  for (const ResolvedContrast& contrast : contrasts) {
    DesignContrastRecord one{contrast.spec.name,
                             contrast.spec.rows,
                             contrast.usable_in(run),
                             std::numeric_limits<double>::quiet_NaN(),
                             {}};
    if (one.estimable)
      one.efficiency = contrast_efficiency(values, contrast.rows[run]);
    else
      one.reason = contrast.why_not[run];
    checks.contrasts->push_back(std::move(one));
  }
  checks.nuisance = nuisance_record(design, values, diagnostics);
  return checks;
}

}  // namespace sociometer
