#pragma once
#include <cstdint>
#include <limits>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// How well a left-out participant's value is predicted from the score.
struct LeftOutPrediction {
  double r = kUnknown;   ///< correlation of predicted and observed values
  double q2 = kUnknown;  ///< 1 - squared errors relative to those of the model without the score
  double p_r = kUnknown, p_q2 = kUnknown;  ///< one-sided permutation p
 private:
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
};

/// Leave-one-out prediction of each column of `values` from a score.
///
/// Each participant is predicted from value ~ nuisance + score fitted to all others and, for q2,
/// from value ~ nuisance alone (with only a constant: the mean of the others). Refitting without a
/// participant with leverage h gives the error e / (1 - h), so one fit yields all refits exactly.
/// Without any relation r is negative, because the mean of the others is lower the higher the
/// left-out value: r and q2 are tested by permutation only. The residuals of the model without the
/// score are permuted (Freedman & Lane 1983; with only a constant, the values) and everything is
/// refitted; permutations are the same for all columns and include the identity once.
///
/// @param values        (n_participants, n_columns), finite.
/// @param nuisance      (n_participants, n_columns), including the constant.
/// @param permutations  exhaustive if there are no more than this; 0: p are NaN.
/// @return NaN if a value determines its own prediction (leverage 1) or has no variance.
/// @cost  permutations * n_participants * (nuisance columns + 1) for each column.
/// @source Allen 1974, Technometrics 16 (PRESS).
std::vector<LeftOutPrediction> predict_left_out(const Eigen::MatrixXd& values,
                                                const Eigen::MatrixXd& nuisance,
                                                const Eigen::VectorXd& score, uint64_t permutations,
                                                uint64_t seed, int n_threads = 1);

}  // namespace sociometer
