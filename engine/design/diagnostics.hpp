#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/design/design_matrix.hpp"

namespace sociometer {

/// How well a design tells its columns apart.
struct DesignDiagnostics {
  Eigen::VectorXd vif;  ///< one per column; infinite when others explain it, NaN for constants
  Eigen::MatrixXd correlation;  ///< between columns, NaN where a column is constant
  std::vector<uint8_t> zero;    ///< columns that are zero everywhere
  Eigen::Index rank = 0;
};

/// Variance inflation factors 1 / (1 - R^2) of each column on all others and the constant, and
/// Pearson correlations.
/// @cost  n_scans n_columns^3.
/// @source Belsley, Kuh & Welsch 1980.
DesignDiagnostics diagnose(const Eigen::MatrixXd& columns);

/// Efficiency of a contrast, 1 / trace(C (X'X)^+ C'); 0 when it cannot be estimated.
/// @source Dale 1999, Hum Brain Mapp 8:109.
double contrast_efficiency(const Eigen::MatrixXd& design, const Eigen::MatrixXd& contrast_rows);

/// The trial-level weights of one event type and its modulators before convolution.
struct TrialDiagnostics {
  std::string event_type;
  std::vector<std::string> names;  ///< modulators
  DesignDiagnostics diagnostics;
};
std::vector<TrialDiagnostics> diagnose_trials(const Events& events, const DesignOptions& options);

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
