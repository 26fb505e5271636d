#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/mixed/mixed_design.hpp"

namespace sociometer {

/// Relative covariance factors T of the random effects, one lower triangle per grouping factor:
/// effects of a level are T u, u ~ N(0, s^2 I), with s the residual's standard deviation (1 for
/// logistic models). T is block-diagonal over terms that are not correlated.
using RelativeFactors = std::vector<Eigen::MatrixXd>;

/// Number of parameters of the factors: the elements of their blocks' lower triangles.
Eigen::Index n_relative_parameters(const std::vector<RandomFactor>& random);

/// The factors of parameters packed by grouping factor, block and column.
RelativeFactors relative_factors(const std::vector<RandomFactor>& random,
                                 const Eigen::Ref<const Eigen::VectorXd>& parameters);

/// Whether each parameter is on the diagonal of its factor, where it is not below 0.
std::vector<bool> on_diagonal(const std::vector<RandomFactor>& random);

/// Weighted cross-products of [Z_0 | Z_1 .. Z_f | D], D with columns that are not random.
///
/// Z_0 belongs to the first grouping factor: each row has one level of it, so that its products are
/// block-diagonal. All others are kept dense.
struct CrossProducts {
  std::vector<Eigen::MatrixXd> own;     ///< Z_0'W Z_0, (k, k) per level
  std::vector<Eigen::MatrixXd> beside;  ///< Z_0'W [Z_1 .. D], (k, m) per level
  Eigen::MatrixXd rest;                 ///< [Z_1 .. D]'W [Z_1 .. D], (m, m), lower triangle
  Eigen::Index n_random = 0;            ///< columns of Z_1 .. Z_f
};

/// @param random  the factor with the most effects first (see largest_first).
/// @param dense   D, (n_rows, n_dense).
/// @param weights (n_rows), or empty for 1.
/// @cost  n_rows times the square of a row's columns that are not 0.
void add_up(const std::vector<RandomFactor>& random, const Eigen::MatrixXd& dense,
            const Eigen::VectorXd& weights, CrossProducts& out);

/// Cholesky factor of L'Z'WZL + I, L the relative factors of all levels, with D beside it: the
/// penalised least squares of Bates et al. 2015, section 3.4, by blocks.
///
/// The last column of D is what is regressed (y), those before it are not penalised (X).
class PenalisedSystem {
 public:
  PenalisedSystem(const CrossProducts& products, const std::vector<RandomFactor>& random,
                  const RelativeFactors& factors);
  bool is_positive() const { return positive_; }             ///< else nothing below is defined
  double log_det_random() const { return log_det_random_; }  ///< log |L'Z'WZL + I|
  double log_det_fixed() const;                              ///< log |R_X|^2
  double penalised_squares() const { return squares_; }      ///< r^2: residual and penalty
  Eigen::VectorXd effects() const;                           ///< b
  Eigen::MatrixXd effects_covariance() const;                ///< (R_X'R_X)^-1, without s^2
  /// u, per factor (n_levels, n_columns), at the solution.
  std::vector<Eigen::MatrixXd> spherical_modes() const;
  /// Covariances of L u given y and b, without s^2: per factor and level.
  std::vector<std::vector<Eigen::MatrixXd>> mode_covariances(const RelativeFactors& factors) const;

 private:
  void eliminate_first(const CrossProducts& products, const Eigen::MatrixXd& t);
  void factor_rest();
  const std::vector<RandomFactor>& random_;
  std::vector<Eigen::LLT<Eigen::MatrixXd>> own_;  ///< per level of the first factor
  std::vector<Eigen::MatrixXd> beside_;           ///< L_own^-1 T' Z_0'W [Z_1 L_1 .. D]
  Eigen::MatrixXd factor_;                        ///< lower, of all of the rest but y
  Eigen::VectorXd regressed_;                     ///< factor^-1 times the products with y
  Eigen::Index n_random_ = 0;
  double log_det_random_ = 0, squares_ = 0;
  bool positive_ = true;
};

/// Puts the factor with the most effects first, whose products are block-diagonal.
void largest_first(std::vector<RandomFactor>& random);

}  // namespace sociometer
