#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/group/shuffling.hpp"

namespace sociometer {

/// One effect of a within-participant analysis of variance.
struct WithinEffect {
  std::string name;
  double f = kNaN, dof = kNaN, error_dof = kNaN, p = kNaN;
  double sum_of_squares = kNaN, error_sum_of_squares = kNaN;
  double partial_eta2 = kNaN;          ///< SS / (SS + SS error)
  double greenhouse_geisser = kNaN;    ///< epsilon, 1 / dof .. 1
  double p_greenhouse_geisser = kNaN;  ///< p with both degrees of freedom multiplied by epsilon
 private:
  static constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
};

/// The three effects of a region x signal design, both factors within participants.
struct WithinAnova {
  WithinEffect region, signal, interaction;
};

/// Repeated-measures analysis of variance of two within-participant factors.
///
/// Each effect tests the mean of orthonormal contrasts of a participant's cells against their
/// variation between participants: the univariate F with the participant x effect error term. With
/// two regions and two signals, the interaction's F is the squared t of
/// the difference of differences.
/// @param cells  (n_participants, n_regions * n_signals), finite; column r * n_signals + s.
/// @throws Error{bad_input} for fewer than two participants, or fewer than two regions or signals.
/// @source Greenhouse & Geisser 1959; Maxwell & Delaney, Designing Experiments, 2nd ed., ch. 12.
WithinAnova within_anova(const Eigen::MatrixXd& cells, Eigen::Index n_regions,
                         Eigen::Index n_signals);

/// F of one effect from the participants' orthonormal contrasts, (n_participants, n_contrasts).
double within_f(const Eigen::MatrixXd& contrasts);

/// Orthonormal interaction contrasts of each participant, (n_participants, (R-1)(S-1)).
Eigen::MatrixXd interaction_contrasts(const Eigen::MatrixXd& cells, Eigen::Index n_regions,
                                      Eigen::Index n_signals);

/// The sign flips by which means over participants are tested.
/// @param permutations  requested besides the identity; few participants have fewer.
ShuffleSequence participant_flips(Eigen::Index n_participants, uint64_t permutations,
                                  uint64_t seed);

/// Permutation p of the interaction by sign flips: all contrasts of a participant get the same
/// random sign. Assumes that under the null hypothesis a participant's interaction is distributed
/// symmetrically about 0.
double interaction_permutation_p(const Eigen::MatrixXd& cells, Eigen::Index n_regions,
                                 Eigen::Index n_signals, uint64_t permutations, uint64_t seed,
                                 int n_threads = 1);

}  // namespace sociometer
