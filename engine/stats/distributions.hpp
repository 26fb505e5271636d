#pragma once

namespace sociometer {

/// Tail probabilities that do not underflow and z values that do not clip.
///
/// Everything is computed in the logarithm where the plain probability leaves the range of a
/// double, so that z of t = 400 with 300 dof is as good as z of t = 4. Relative error of z below
/// 1e-12 against high-precision references (tests/engine/stats).

/// log P(T > t), Student's t with `dof` > 0 degrees of freedom.
/// @cost  about a microsecond.
/// @source Abramowitz & Stegun 26.7.1; incomplete beta by Lentz's continued fraction
/// (DLMF 8.17.22).
double log_sf_t(double t, double dof);

/// log P(F > f), F with (dof1, dof2) degrees of freedom; f <= 0 gives 0.
double log_sf_f(double f, double dof1, double dof2);
/// log P(F <= f).
double log_cdf_f(double f, double dof1, double dof2);

/// log P(Z > z), standard normal.
double log_sf_normal(double z);

/// The z for which log P(Z > z) = log_p, log_p < 0.
double z_from_log_sf(double log_p);

/// z with the same one-sided p-value as t. Exact in both tails; NaN stays NaN.
double z_from_t(double t, double dof);

/// z with the same upper-tail p-value as F; negative where p > 1/2.
double z_from_f(double f, double dof1, double dof2);

/// z and one-sided p of one statistic, for the price of one tail.
struct Tails {
  double z, p;
};
Tails tails_from_t(double t, double dof);
Tails tails_from_f(double f, double dof1, double dof2);

/// One-sided P(T > t) and P(F > f); below 1e-308 they come out denormal or 0: use z there.
double p_from_t(double t, double dof);
double p_from_f(double f, double dof1, double dof2);

/// P(X > x) of a Pearson type III distribution: a gamma distribution, shifted and scaled to this
/// mean, standard deviation and skewness (and mirrored where skewness is negative); skewness below
/// 1e-4 counts as 0, normal.
/// @source Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, chapter 17.
double p_from_pearson3(double x, double mean, double sd, double skewness);

}  // namespace sociometer
