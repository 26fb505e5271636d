#pragma once
#include <functional>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// A function of several parameters; infinite or NaN where it is not defined.
using ParameterFunction = std::function<double(const Eigen::VectorXd&)>;

/// Where a smooth function is smallest.
struct SmoothMinimum {
  Eigen::VectorXd at;
  double value = 0;
  int n_evaluations = 0;
  /// The search ended by its tolerances, or by rounding: derivatives show whether at a minimum.
  bool stopped_well = false;
};

/// Smallest value without derivatives, by BOBYQA, restarted until it gains less than 1e-9, at most
/// five times; one parameter: by the subplex method.
/// @param low         lower bounds; -infinity for none.
/// @param first_step  distance of first trial points.
/// @source Powell 2009, report NA2009/06 (BOBYQA); Rowan 1990 (subplex); NLopt.
SmoothMinimum minimise_smooth(const ParameterFunction& function, const Eigen::VectorXd& start,
                              const std::vector<double>& low, double first_step);

/// First and second derivatives by differences of fourth order.
/// @param steps  per parameter.
/// @cost  4 values per derivative; n (4 n + 1) for the matrix of second derivatives.
/// @source Abramowitz & Stegun 25.3.
Eigen::VectorXd numerical_gradient(const ParameterFunction& function, const Eigen::VectorXd& at,
                                   const Eigen::VectorXd& steps);
Eigen::MatrixXd numerical_hessian(const ParameterFunction& function, const Eigen::VectorXd& at,
                                  const Eigen::VectorXd& steps);

/// Inverse of a symmetric matrix in the space of its eigenvalues above `least`.
Eigen::MatrixXd positive_inverse(const Eigen::MatrixXd& matrix, double least);

}  // namespace sociometer
