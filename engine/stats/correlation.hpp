#pragma once
#include <limits>

#include <Eigen/Dense>

namespace sociometer {

/// A correlation with its t test and confidence interval.
struct CorrelationFigures {
  double r = kUnknown, t = kUnknown, dof = kUnknown, p = kUnknown;  ///< p two-sided
  double lower = kUnknown, upper = kUnknown;

 private:
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
};

/// Pearson correlation of the residuals of x and y after regression on `nuisance`.
///
/// t = r sqrt(dof / (1 - r^2)), dof = n - 1 - rank of the nuisance; interval by Fisher's z with
/// standard error 1 / sqrt(dof - 1). With only a constant, that is R's cor.test.
/// @param nuisance  (n, columns), including the constant. @param level  of the interval.
/// @return NaN if x or y has no residual variance or there are too few values; the
/// interval is NaN unless dof > 1.
CorrelationFigures pearson_correlation(const Eigen::VectorXd& x, const Eigen::VectorXd& y,
                                       const Eigen::MatrixXd& nuisance, double level = 0.95);

/// Spearman's partial correlation: as above, on the ranks of x, y and each nuisance column.
///
/// The test is asymptotic (R's cor.test with exact = FALSE); the interval uses Fisher's z with
/// standard error sqrt((1 + r^2 / 2) / (dof - 1)).
/// @source Bonett & Wright 2000, Psychometrika 65.
CorrelationFigures spearman_correlation(const Eigen::VectorXd& x, const Eigen::VectorXd& y,
                                        const Eigen::MatrixXd& nuisance, double level = 0.95);

/// Ranks from 1; ties get their mean rank.
Eigen::VectorXd mid_ranks(const Eigen::VectorXd& values);

/// The correlation that is left when one of two variables is measured with error.
/// @param r            of the true values.
/// @param reliability  share of the measured variable's variance that is true, 0 to 1.
/// @source Spearman 1904, The proof and measurement of association between two things.
double attenuated_correlation(double r, double reliability);

}  // namespace sociometer
