#pragma once
#include <limits>
#include <optional>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// How well a contrast can be separated from the other regressors of a participant, across runs.
struct ContrastCollinearity {
  double vif = 0;         ///< largest VIF among columns with nonzero weight, over runs
  double efficiency = 0;  ///< sum over runs of 1 / c (X'X)^+ c': precisions add
  /// Standard deviation over trials of the contrast's modulators (mean weighted by |weight|),
  /// averaged over runs; NaN if weights differ in sign or a column is not a modulator.
  double regressor_sd = std::numeric_limits<double>::quiet_NaN();
};

/// One run, as required by collinearity().
struct RunColumns {
  Eigen::MatrixXd design;                  ///< X over the scans kept
  std::vector<Eigen::VectorXd> contrasts;  ///< weights, one per contrast; empty: not in this run
  std::vector<double> trial_sd{};          ///< DesignMatrix::trial_sd; may be empty
};

struct Collinearity {
  std::vector<ContrastCollinearity> contrasts;  ///< NaN for a contrast that is in no run
  /// Pearson correlation of the regressors X c, weighted by scans, over the runs that contain both;
  /// NaN if there are none, and for two contrasts that weigh a common column, as `a` and `a - b`.
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
/// @cost  one decomposition per design.
/// @source VIF: Belsley, Kuh & Welsch 1980; efficiency: Dale 1999.
Collinearity collinearity(const std::vector<RunColumns>& runs);

}  // namespace sociometer
