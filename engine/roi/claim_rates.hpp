#pragma once
#include <cstdint>

#include "engine/roi/verdict.hpp"

namespace sociometer {

/// People from whom a study of two regions and two signals draws: effects A_X, A_Y, B_X, B_Y.
struct RegionSignalWorld {
  Eigen::Vector4d mean;        ///< over people
  Eigen::Matrix4d covariance;  ///< over people, estimation error of each person's effects included
};

/// The world whose effects are given in standard deviations, with correlated cells.
/// @param noise  standard deviations of region A and region B.
/// @param between_regions  correlation of the two regions' effects of one signal.
/// @param between_signals  correlation of a region's effects of the two signals.
RegionSignalWorld region_signal_world(const Eigen::Vector4d& mean, double noise_a, double noise_b,
                                      double between_regions = 0.3, double between_signals = 0.1);

/// How often studies end with each claim.
struct ClaimRates {
  uint64_t studies = 0;
  double double_dissociation = 0;  ///< selective ones included
  double selective = 0;
  double single_dissociation = 0;
  double alike = 0;
  double open = 0;
  double as_expected = 0;  ///< double dissociations in which A goes with X and B with Y
  double zeros = 0;        ///< both zeros of the expected claim supported, whatever else is shown
  double interaction =
      0;  ///< the difference between the differences at alpha, in units of the world
};

/// Simulates studies and judges them. Study k draws from stream k of the seed: the same rates on
/// any number of threads.
/// @param n  participants per study, at least 3.
/// @throws Error{bad_input} when the covariance is not positive semidefinite or n is too small.
/// @cost  some 0.1 ms per study.
ClaimRates claim_rates(const RegionSignalWorld& world, Eigen::Index n, uint64_t studies,
                       const EvidenceRule& rule, uint64_t seed, int n_threads = 1);

}  // namespace sociometer
