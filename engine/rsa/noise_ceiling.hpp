#pragma once
#include <Eigen/Dense>

#include "engine/rsa/rdm_comparison.hpp"

namespace sociometer {

/// The comparison that the best of all models could reach with these participants.
struct NoiseCeiling {
  double lower, upper;       ///< NaN with fewer than two participants
  Eigen::Index n_pairs = 0;  ///< that all participants have
};

/// The mean over participants of the comparison of their RDM with the mean RDM: of all participants
/// (upper: it contains the participant), and of the others (lower).
///
/// RDMs are ranked (spearman, kendall), standardised (pearson, regression) or given length 1
/// (cosine) before they are averaged. For kendall this mean is not exactly the best model.
/// Regressions have the ceiling of Pearson's r; no nuisance is taken out.
/// @param rdms  (n_pairs, n_participants); pairs that one participant lacks are left out.
/// @source Nili et al. 2014, PLoS Comput Biol 10:e1003553.
NoiseCeiling noise_ceiling(const Eigen::MatrixXd& rdms, RdmComparison comparison);

}  // namespace sociometer
