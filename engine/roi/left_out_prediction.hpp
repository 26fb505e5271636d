#pragma once
#include <cstdint>
#include <limits>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// How well values of people who were left out are predicted from their score.
struct LeftOutPrediction {
  double r = kUnknown;   ///< of predicted and observed values
  double q2 = kUnknown;  ///< 1 - squared errors over those of the model without the score
  double p_r = kUnknown, p_q2 = kUnknown;  ///< one-sided permutation p
 private:
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
};

/// Leave-one-out prediction of each column of `values` from a score.
///
/// Each participant is predicted by value ~ nuisance + score as fitted to all others, and, for q2,
/// by value ~ nuisance alone (with only a constant: the mean of the others). A refit without a
/// participant with leverage h leaves the error e / (1 - h), so all refits come from one fit,
/// exactly. Without any relation r is negative, as the mean of the others is the lower the higher
/// the one left out: r and q2 are judged by permutation only. Shuffles permute the residuals of the
/// model without the score (Freedman & Lane 1983; with a constant alone, the values), refit
/// everything, are the same for all columns, and count the identity permutation once.
///
/// @param values        (n_participants, n_columns), finite.
/// @param nuisance      (n_participants, n_columns), with the constant.
/// @param permutations  all there are when they are no more; 0: p are NaN.
/// @return NaN where a value decides its own prediction (leverage 1) or has no spread.
/// @cost  permutations * n_participants * (nuisance columns + 1) for each column.
/// @source Allen 1974, Technometrics 16 (PRESS).
std::vector<LeftOutPrediction> predict_left_out(const Eigen::MatrixXd& values,
                                                const Eigen::MatrixXd& nuisance,
                                                const Eigen::VectorXd& score, uint64_t permutations,
                                                uint64_t seed, int n_threads = 1);

}  // namespace sociometer
