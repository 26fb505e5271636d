#pragma once
#include <numbers>

namespace sociometer {

/// Jeffreys-Zellner-Siow Bayes factors: the evidence of an effect against none, from a statistic.
///
/// The effect in standard deviations has a Cauchy prior of scale r (the "medium" one, sqrt(2)/2, by
/// default), which is a normal with variance r^2 g and g inverse chi-square with one degree of
/// freedom; mean and variance have the uninformative prior 1/sigma^2. What is returned is ln BF10:
/// positive speaks for the effect, negative for the null.
///
/// The one-dimensional integral over g is taken by the trapezoidal rule over ln g, where the
/// integrand is analytic in a strip of half-width pi/2 and falls off exponentially: step 1/4 leaves
/// an error of exp(-4 pi^2), and the logarithm keeps the largest and smallest factors.
///
/// @source Rouder, Speckman, Sun, Morey & Iverson 2009, Psychonomic Bulletin & Review 16; Liang,
/// Paulo, Molina, Clyde & Berger 2008, JASA 103 (regression).
inline constexpr double kMediumCauchyScale = std::numbers::sqrt2 / 2;

/// @param t  t statistic of a mean against 0, or of paired differences; n values, n >= 2.
/// @return ln BF10; NaN for NaN t. @cost some 10 microseconds.
double log_bayes_factor_one_sample(double t, double n, double scale = kMediumCauchyScale);
/// @param t  pooled-variance t statistic of two samples of n1 and n2 values.
double log_bayes_factor_two_sample(double t, double n1, double n2,
                                   double scale = kMediumCauchyScale);
/// The general form: dof degrees of freedom and an effective number of values, 1 / c'(X'X)^-1 c: n,
/// n1 n2 / (n1 + n2), or what a contrast of a linear model has.
double log_bayes_factor_from_t(double t, double dof, double effective_n,
                               double scale = kMediumCauchyScale);

/// Regression of n values on `n_slopes` slopes and a constant, against the constant alone.
/// @param r_squared  share of the variance explained. `scale` 1/2 sqrt(2)/2 is "medium" here.
double log_bayes_factor_regression(double r_squared, double n, double n_slopes,
                                   double scale = std::numbers::sqrt2 / 4);

}  // namespace sociometer
