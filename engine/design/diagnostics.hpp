#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/design_matrix.hpp"

namespace sociometer {

/// Collinearity diagnostics of a design.
struct DesignDiagnostics {
  Eigen::VectorXd vif;  ///< per column; infinite if the others explain it, NaN for constants
  Eigen::MatrixXd correlation;  ///< between columns, NaN where a column is constant
  std::vector<uint8_t> zero;    ///< 1 for columns that are all zero, else 0
  Eigen::Index rank = 0;
};

/// Variance inflation factors 1 / (1 - R^2), each column regressed on all others and a constant,
/// and Pearson correlations.
/// @cost  n_scans * n_columns^3.
/// @source Belsley, Kuh & Welsch 1980.
DesignDiagnostics diagnose(const Eigen::MatrixXd& columns);

/// Efficiency of a contrast, 1 / trace(C (X'X)^+ C'); 0 if it is not estimable.
/// @source Dale 1999, Hum Brain Mapp 8:109.
double contrast_efficiency(const Eigen::MatrixXd& design, const Eigen::MatrixXd& contrast_rows);

/// Diagnostics of the trial-level weights of one event type's modulators, before convolution.
struct TrialDiagnostics {
  std::string event_type;
  std::vector<std::string> names;  ///< modulators
  std::vector<double> onset_s;     ///< of the trials
  Eigen::MatrixXd weights;         ///< as used in the design, (n_trials, names.size())
  DesignDiagnostics diagnostics;
};
std::vector<TrialDiagnostics> diagnose_trials(const Events& events, const DesignOptions& options);

/// What drift and confounds explain of a column of the task.
struct NuisanceShare {
  Eigen::Index column = 0;
  double by_drift = 0;        ///< share of its variance about the mean, R^2 on the drift's columns
  double by_nuisance = 0;     ///< R^2 on drift and confounds together
  Eigen::Index closest = -1;  ///< confound that correlates most with it; -1 without confounds
  double correlation = 0;     ///< with that confound; NaN without one
};
/// One for each column of the task that varies; none without drift and confounds.
/// @param columns      of the design's kept scans, as given to diagnose().
/// @param diagnostics  of these.
/// @cost  that of diagnose() on the nuisance columns, twice for each column of the task.
std::vector<NuisanceShare> nuisance_shares(const Eigen::MatrixXd& columns,
                                           const std::vector<ColumnRole>& roles,
                                           const DesignDiagnostics& diagnostics);

/// Sentences about columns of the task that the design can hardly tell apart: VIF > 5 or |r| > 0.8,
/// and columns that are zero.
/// @param run  names the run in them.
std::vector<std::string> collinearity_warnings(const DesignMatrix& design,
                                               const DesignDiagnostics& diagnostics,
                                               const std::string& run);

/// The rows of a design whose scans are not censored.
/// @param kept  one flag per scan.
Eigen::MatrixXd kept_rows(const DesignMatrix& design, const std::vector<uint8_t>& kept);

}  // namespace sociometer
