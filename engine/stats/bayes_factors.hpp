#pragma once
#include <numbers>

namespace sociometer {

/// Jeffreys-Zellner-Siow Bayes factors: evidence for an effect versus none, from a test statistic.
///
/// The effect in standard deviations has a Cauchy prior of scale r (by default "medium",
/// sqrt(2)/2), i.e. normal with variance r^2 g, g inverse chi-square with one degree of freedom;
/// the nuisance mean and the variance have the uninformative prior 1/sigma^2. All functions return
/// ln BF10: positive favours the effect, negative the null.
///
/// The one-dimensional integral over g is evaluated by the trapezoidal rule in ln g, where the
/// integrand is analytic in a strip of half-width pi/2 and decays exponentially: a step of 1/4
/// leaves an error of exp(-4 pi^2). Working with logarithms avoids overflow and underflow.
///
/// @source Rouder, Speckman, Sun, Morey & Iverson 2009, Psychonomic Bulletin & Review 16; Liang,
/// Paulo, Molina, Clyde & Berger 2008, JASA 103 (regression).
inline constexpr double kMediumCauchyScale = std::numbers::sqrt2 / 2;

/// @param t  t statistic of a mean against 0, or of paired differences, from n values, n >= 2.
/// @return ln BF10; NaN if t is NaN. @cost about 10 microseconds.
double log_bayes_factor_one_sample(double t, double n, double scale = kMediumCauchyScale);
/// @param t  pooled-variance t statistic of two samples with n1 and n2 values.
double log_bayes_factor_two_sample(double t, double n1, double n2,
                                   double scale = kMediumCauchyScale);
/// The general form, from dof degrees of freedom and the effective sample size 1 / c'(X'X)^-1 c: n,
/// n1 n2 / (n1 + n2), or that of a contrast in a linear model.
double log_bayes_factor_from_t(double t, double dof, double effective_n,
                               double scale = kMediumCauchyScale);

/// Regression of n values on `n_slopes` slopes and a constant, versus the constant alone.
/// @param r_squared  proportion of variance explained. Here "medium" is a `scale` of sqrt(2)/4.
double log_bayes_factor_regression(double r_squared, double n, double n_slopes,
                                   double scale = std::numbers::sqrt2 / 4);

}  // namespace sociometer
