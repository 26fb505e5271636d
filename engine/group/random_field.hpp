#pragma once
#include <array>
#include <limits>
#include <numbers>

namespace sociometer {

/// 4 ln 2: twice this is squared FWHM over squared standard deviation; resels are in units of FWHM.
inline constexpr double kReselFactor = 4 * std::numbers::ln2;

/// A smooth Gaussian-based random field of statistics, and its size.
struct RandomField {
  enum class Kind { z, t, f } kind = Kind::t;
  double dof1 = 1;  ///< of F
  double dof2 = std::numeric_limits<double>::infinity();
  std::array<double, 4> resels{1, 0, 0, 0};
  double n_voxels = 0;  ///< for Bonferroni; 0: random field only
  /// Number of independent maps whose minimum is the statistic: 2 for a conjunction of two.
  int n_conjoined = 1;
};

/// Densities of the expected Euler characteristic per resel in 0 to 3 dimensions.
/// @source Worsley et al. 1996, Human Brain Mapping 4, table II.
std::array<double, 4> euler_densities(const RandomField& field, double height);

/// Expected number of maxima above a height.
double expected_clusters(const RandomField& field, double height);

/// The height, within 1 %, above which the expected number decreases: at lower heights it is
/// not a tail probability (and even becomes negative).
double height_of_most_clusters(const RandomField& field);

/// Family-wise p of a peak: 1 - exp(-E), or Bonferroni's if smaller. Valid from
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

/// The smallest cluster, in resels, with corrected p at `level`.
double cluster_threshold(const RandomField& field, double threshold, double level);

}  // namespace sociometer
