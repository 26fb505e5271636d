#pragma once
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// One F test of a repeated-measures design.
struct RepeatedMeasuresEffect {
  double f = 0, dof1 = 1, dof2 = 0, p = 1;
  double partial_eta_squared = 0;  ///< SS effect / (SS effect + SS error)
  double mean_difference = 0;      ///< high - low level; interaction: difference of differences
};

/// 2 x 2 repeated-measures analysis of variance: the error term of each effect is its interaction
/// with participants.
struct RepeatedMeasuresAnova {
  RepeatedMeasuresEffect first, second, interaction;
  Eigen::Vector4d cell_means;  ///< in the order of the cells
};

/// @param cells  (n_participants, 4): low-low, low-high, high-low, high-high of (first, second)
///               factor, finite.
/// @throws Error{bad_input} with fewer than 2 participants.
RepeatedMeasuresAnova repeated_measures_anova(const Eigen::MatrixXd& cells);

}  // namespace sociometer
