#pragma once
#include <span>

namespace sociometer {

/// A standardised effect with its confidence interval.
///
/// d is Cohen's d with the pooled (or one-sample) standard deviation of n - 1 in the denominator; g
/// is Hedges' g, d times the exact factor that makes it unbiased. The interval inverts the
/// noncentral t distribution; that of g is that of d times the same factor.
struct EffectSize {
  double d, g;
  double d_lower, d_upper;
  double g_lower, g_upper;
};

/// Hedges' factor J(m) = Gamma(m/2) / (sqrt(m/2) Gamma((m-1)/2)); NaN for m <= 1.
/// @source Hedges 1981, J. Educational Statistics 6.
double hedges_factor(double dof);

/// The noncentrality for which P(T <= t) = `probability`, noncentral t with `dof`.
/// @return NaN for NaN t; agrees with R's pt to its 1e-10 or so.
/// @cost  some 50 microseconds.
double noncentrality_from_t(double t, double dof, double probability);

/// Effect size of a t statistic: d = t * scale.
///
/// @param scale  1/sqrt(n) for one sample and for paired differences, sqrt(1/n1 + 1/n2) for two
///               samples, sqrt(c'(X'X)^-1 c) for a contrast of a linear model (then d is the
///               contrast in residual standard deviations).
/// @param level  of the interval, 0.95.
/// @source Steiger & Fouladi 1997; Cumming & Finch 2001.
EffectSize effect_size_from_t(double t, double dof, double scale, double level = 0.95);

/// Mean over standard deviation, against `null_mean`.
/// @throws Error{bad_input} for fewer than two values.
EffectSize one_sample_effect_size(std::span<const double> values, double null_mean = 0,
                                  double level = 0.95);
/// Mean difference a - b over the pooled standard deviation.
EffectSize two_sample_effect_size(std::span<const double> a, std::span<const double> b,
                                  double level = 0.95);
/// Mean of the differences a - b over their standard deviation, known as d_z.
/// @throws Error{shape_mismatch} when the lengths differ.
EffectSize paired_effect_size(std::span<const double> a, std::span<const double> b,
                              double level = 0.95);
/// Mean of the differences over the root mean square of the two standard deviations, d_av: the
/// spread of the participants, as in a design of two samples, whatever the correlation of the
/// pairs.
double paired_d_average(std::span<const double> a, std::span<const double> b);

}  // namespace sociometer
