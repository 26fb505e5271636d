#pragma once
#include <array>
#include <limits>
#include <numbers>

namespace sociometer {

/// 4 ln 2: squared FWHM over squared standard deviation is twice that; resels are in units of FWHM.
inline constexpr double kReselFactor = 4 * std::numbers::ln2;

/// A smooth Gaussian random field of statistics, and how large it is.
struct RandomField {
  enum class Kind { z, t, f } kind = Kind::t;
  double dof1 = 1;  ///< of F
  double dof2 = std::numeric_limits<double>::infinity();
  std::array<double, 4> resels{1, 0, 0, 0};
  double n_voxels = 0;  ///< for Bonferroni; 0: random field alone
  /// Fields whose minimum is the statistic: 2 for the conjunction of two independent maps.
  int n_conjoined = 1;
};

/// Densities of the expected Euler characteristic per resel in 0 to 3 dimensions.
/// @source Worsley et al. 1996, Human Brain Mapping 4, table II.
std::array<double, 4> euler_densities(const RandomField& field, double height);

/// Expected number of maxima above a height.
double expected_clusters(const RandomField& field, double height);

/// The height, within 1 %, above which the expected number falls: what it says of lower heights is
/// no tail probability (it even is negative there).
double height_of_most_clusters(const RandomField& field);

/// Family-wise p of a peak: 1 - exp(-E), or Bonferroni's where that is smaller. Of use from
/// height_of_most_clusters on.
double peak_p(const RandomField& field, double height);

/// The height whose peak_p is `level`.
double peak_threshold(const RandomField& field, double level);

struct ClusterP {
  double uncorrected, corrected;
};
/// p of a cluster of `resels` (voxels / voxels per resel) above a threshold.
///
/// P(size >= k) = exp(-beta k^(2/D)) with beta = (Gamma(D/2 + 1) / E[size])^(2/D), and the number
/// of such clusters is Poisson. With volume_resels this is FSL's formula, with resel_counts SPM's.
/// @source Friston et al. 1994, Human Brain Mapping 1.
ClusterP cluster_p(const RandomField& field, double threshold, double resels);

/// The least cluster, in resels, whose corrected p is `level`.
double cluster_threshold(const RandomField& field, double threshold, double level);

}  // namespace sociometer
