#pragma once
#include <span>

namespace sociometer {

/// A standardised effect with its confidence interval.
///
/// d is Cohen's d, using the pooled (or one-sample) standard deviation with n - 1 in the
/// denominator; g is Hedges' g, d times the exact bias correction. The interval for d inverts the
/// noncentral t distribution; that for g is the same times the correction.
struct EffectSize {
  double d, g;
  double d_lower, d_upper;
  double g_lower, g_upper;
};

/// Hedges' factor J(m) = Gamma(m/2) / (sqrt(m/2) Gamma((m-1)/2)); NaN for m <= 1.
/// @source Hedges 1981, J. Educational Statistics 6.
double hedges_factor(double dof);

/// The noncentrality for which P(T <= t) = `probability`, T noncentral t with `dof`.
/// @return NaN if t is NaN; agrees with R's pt to about 1e-10.
/// @cost  about 50 microseconds.
double noncentrality_from_t(double t, double dof, double probability);

/// Effect size from a t statistic: d = t * scale.
///
/// @param scale  1/sqrt(n) for one sample and for paired differences, sqrt(1/n1 + 1/n2) for two
///               samples, sqrt(c'(X'X)^-1 c) for a contrast of a linear model (then d is the
///               contrast in residual standard deviations).
/// @param level  confidence level of the interval.
/// @source Steiger & Fouladi 1997; Cumming & Finch 2001.
EffectSize effect_size_from_t(double t, double dof, double scale, double level = 0.95);

/// Mean minus `null_mean`, over the standard deviation.
/// @throws Error{bad_input} for fewer than two values.
EffectSize one_sample_effect_size(std::span<const double> values, double null_mean = 0,
                                  double level = 0.95);
/// Mean difference a - b over the pooled standard deviation. @throws as above, for either sample.
EffectSize two_sample_effect_size(std::span<const double> a, std::span<const double> b,
                                  double level = 0.95);
/// Mean of the differences a - b over their standard deviation, known as d_z.
/// @throws Error{shape_mismatch} if the lengths differ, Error{bad_input} for fewer than two pairs.
EffectSize paired_effect_size(std::span<const double> a, std::span<const double> b,
                              double level = 0.95);
/// Mean of the differences over the root mean square of the two standard deviations, d_av: relative
/// to the between-participant spread, as in a two-sample design, regardless of the correlation
/// between the paired values. @throws as paired_effect_size.
double paired_d_average(std::span<const double> a, std::span<const double> b);

}  // namespace sociometer
