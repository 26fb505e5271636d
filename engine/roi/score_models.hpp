#pragma once
#include <Eigen/Dense>

#include "engine/roi/individual_differences.hpp"

namespace sociometer {

/// The regression model of a value on one score.
struct ScoreModel {
  Eigen::MatrixXd nuisance;  ///< constant, covariates and, for `together`, the other scores
  Eigen::VectorXd score;
  /// The score, then the nuisance without the constant, as expected by test_regression.
  Eigen::MatrixXd covariates() const;
  Eigen::MatrixXd design() const;  ///< nuisance, then the score
};

/// @throws Error{bad_input} if the score is constant or collinear with the other regressors.
ScoreModel score_model(const IndividualData& data, size_t score, bool together);

/// Standard deviation with n - 1.
double sd_of(const Eigen::VectorXd& values);

}  // namespace sociometer
