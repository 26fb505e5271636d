#pragma once

namespace sociometer {

/// Tail probabilities that do not underflow and z values that do not saturate.
///
/// Computation switches to logarithms where the probability itself is outside the range of a
/// double, so z for t = 400 with 300 dof is as accurate as for t = 4. The relative error of z is
/// below 1e-12 against high-precision references (tests/engine/stats).

/// log P(T > t), Student's t with `dof` > 0 degrees of freedom.
/// @cost  about a microsecond.
/// @source Abramowitz & Stegun 26.7.1; incomplete beta by Lentz's continued fraction
/// (DLMF 8.17.22).
double log_sf_t(double t, double dof);

/// log P(F > f), F with (dof1, dof2) degrees of freedom; 0 for f <= 0.
double log_sf_f(double f, double dof1, double dof2);
/// log P(F <= f).
double log_cdf_f(double f, double dof1, double dof2);

/// log P(Z > z), standard normal.
double log_sf_normal(double z);

/// The z for which log P(Z > z) = log_p, log_p < 0.
double z_from_log_sf(double log_p);

/// z with the same one-sided p-value as t. Accurate in both tails; NaN stays NaN.
double z_from_t(double t, double dof);

/// z with the same upper-tail p-value as F; negative where p > 1/2.
double z_from_f(double f, double dof1, double dof2);

/// z and one-sided p of one statistic, for the cost of one tail.
struct Tails {
  double z, p;
};
Tails tails_from_t(double t, double dof);
Tails tails_from_f(double f, double dof1, double dof2);

/// P(T > t) and P(F > f), one-sided; below 1e-308 the result is denormal or 0: use z there.
double p_from_t(double t, double dof);
double p_from_f(double f, double dof1, double dof2);

/// P(X > x) for a Pearson type III distribution: a gamma distribution shifted and scaled to the
/// given mean, standard deviation and skewness (mirrored for negative skewness); skewness below
/// 1e-4 in magnitude is treated as 0, i.e. normal.
/// @source Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, chapter 17.
double p_from_pearson3(double x, double mean, double sd, double skewness);

}  // namespace sociometer
