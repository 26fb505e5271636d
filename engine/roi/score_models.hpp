#pragma once
#include <Eigen/Dense>

#include "engine/roi/individual_differences.hpp"

namespace sociometer {

/// What a value is regressed on for one score.
struct ScoreModel {
  Eigen::MatrixXd nuisance;  ///< constant, covariates and, for `together`, the other scores
  Eigen::VectorXd score;
  /// The score first, then the nuisance without the constant, as test_regression takes them.
  Eigen::MatrixXd covariates() const;
  Eigen::MatrixXd design() const;  ///< nuisance, then the score
};

/// @throws Error{bad_input} when the score is constant, or follows from what it stands beside.
ScoreModel score_model(const IndividualData& data, size_t score, bool together);

/// Standard deviation with n - 1.
double sd_of(const Eigen::VectorXd& values);

}  // namespace sociometer
