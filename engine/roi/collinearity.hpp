#pragma once
#include <limits>
#include <optional>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// How well a participant's designs can tell a contrast from the rest, over runs.
struct ContrastCollinearity {
  double vif = 0;         ///< largest VIF of a column with weight, over the runs
  double efficiency = 0;  ///< sum over runs of 1 / c (X'X)^+ c': precisions add
  /// Standard deviation over trials of the contrast's modulators (mean by |weight|), mean over
  /// runs; NaN where weights differ in sign or a column is no modulator.
  double regressor_sd = std::numeric_limits<double>::quiet_NaN();
};

/// One run as collinearity needs it.
struct RunColumns {
  Eigen::MatrixXd design;                  ///< X over kept scans
  std::vector<Eigen::VectorXd> contrasts;  ///< weights, one per contrast; empty: not in this run
  std::vector<double> trial_sd{};          ///< DesignMatrix::trial_sd; may be empty
};

struct Collinearity {
  std::vector<ContrastCollinearity> contrasts;  ///< NaN for a contrast that no run has
  /// Pearson correlation of the regressors X c, weighted by scans over the runs that have both; NaN
  /// without any.
  Eigen::MatrixXd correlation;
};

/// The other contrast whose regressor correlates most, in absolute size, with that of a contrast.
struct StrongestCorrelation {
  size_t other;
  double r;
};
/// @return nothing without a correlation that is known.
std::optional<StrongestCorrelation> strongest_correlation(const Collinearity& collinearity,
                                                          size_t contrast);

/// @param runs  of one participant, all with the same number of contrasts.
/// @cost  one decomposition of each design.
/// @source VIF: Belsley, Kuh & Welsch 1980; efficiency: Dale 1999.
Collinearity collinearity(const std::vector<RunColumns>& runs);

}  // namespace sociometer
