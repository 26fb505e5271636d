#pragma once
#include <cstdint>

#include "engine/roi/verdict.hpp"

namespace sociometer {

/// Population sampled by studies of two regions and two signals: effects A_X, A_Y, B_X, B_Y.
struct RegionSignalWorld {
  Eigen::Vector4d mean;        ///< over participants
  Eigen::Matrix4d covariance;  ///< over participants, including each one's estimation error
};

/// The population for effects given in standard deviations, with correlated cells.
/// @param noise_a, noise_b  standard deviations in region A and region B.
/// @param between_regions  correlation of the two regions' effects of one signal.
/// @param between_signals  correlation of a region's effects of the two signals.
RegionSignalWorld region_signal_world(const Eigen::Vector4d& mean, double noise_a, double noise_b,
                                      double between_regions = 0.3, double between_signals = 0.1);

/// Proportion of studies ending with each claim.
struct ClaimRates {
  uint64_t studies = 0;
  double double_dissociation = 0;  ///< including selective ones
  double selective = 0;
  double single_dissociation = 0;
  double alike = 0;
  double open = 0;
  double as_expected = 0;  ///< double dissociations in which A goes with X and B with Y
  double zeros = 0;        ///< both zeros of the expected claim supported, whatever else is shown
  double interaction =
      0;  ///< interaction (difference of differences) at alpha, in the population's units
};

/// Simulates and judges studies. Study k draws from stream k of the seed, so the rates are the same
/// for any number of threads.
/// @param n  participants per study, at least 3.
/// @throws Error{bad_input} if the covariance is not positive semidefinite or n is too small.
/// @cost  about 0.1 ms per study.
ClaimRates claim_rates(const RegionSignalWorld& world, Eigen::Index n, uint64_t studies,
                       const EvidenceRule& rule, uint64_t seed, int n_threads = 1);

}  // namespace sociometer
