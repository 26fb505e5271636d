#pragma once
#include <limits>

#include <Eigen/Dense>

namespace sociometer {

/// A correlation with its t test and interval.
struct CorrelationFigures {
  double r = kUnknown, t = kUnknown, dof = kUnknown, p = kUnknown;  ///< p two-sided
  double lower = kUnknown, upper = kUnknown;

 private:
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
};

/// Pearson's correlation of what `nuisance` leaves of x and y.
///
/// t = r sqrt(dof / (1 - r^2)), dof = n - 1 - rank of the nuisance; interval by Fisher's z with
/// standard error 1 / sqrt(dof - 1): with a constant alone, that of R's cor.test.
/// @param nuisance  (n, columns), with the constant.
/// @return NaN where x or y has no spread of its own, or too few values are there; the interval is
/// NaN below two more values than the t test needs.
CorrelationFigures pearson_correlation(const Eigen::VectorXd& x, const Eigen::VectorXd& y,
                                       const Eigen::MatrixXd& nuisance, double level = 0.95);

/// Spearman's: the same of the ranks of x, of y and of each column of the nuisance.
///
/// The test is asymptotic (R's cor.test with exact = FALSE); the interval takes Fisher's z with
/// standard error sqrt((1 + r^2 / 2) / (dof - 1)).
/// @source Bonett & Wright 2000, Psychometrika 65.
CorrelationFigures spearman_correlation(const Eigen::VectorXd& x, const Eigen::VectorXd& y,
                                        const Eigen::MatrixXd& nuisance, double level = 0.95);

/// Ranks from 1; ties share the mean of theirs.
Eigen::VectorXd mid_ranks(const Eigen::VectorXd& values);

}  // namespace sociometer
