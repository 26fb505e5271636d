#pragma once
#include <vector>

#include <Eigen/Dense>

#include "engine/rsa/patterns.hpp"
#include "engine/rsa/rsa_analysis.hpp"

namespace sociometer {

/// The voxels with which patterns are made, ascending: those whose amplitudes are finite in all
/// trials and not all 0 in any run, which does not cover them then; and whose noise varies, if
/// there is noise.
/// @param amplitudes  (n_trials, n_voxels).
/// @param trials  one per row of the amplitudes.
/// @param noise  of the same voxels; without residuals it does not matter.
/// @cost  a pass over amplitudes and residuals.
std::vector<Eigen::Index> usable_voxels(const Eigen::Ref<const Eigen::MatrixXd>& amplitudes,
                                        const std::vector<PatternTrial>& trials,
                                        const PatternNoise& noise);

/// The residuals of several runs as one noise, each run's less its mean over scans: a mean that a
/// fit has left is no noise.
/// @param runs  (n_scans, n_voxels) each, in signal units.
/// @param dof  of all fits together.
PatternNoise joined_noise(std::vector<Eigen::MatrixXd> runs, Eigen::Index n_voxels, double dof);

}  // namespace sociometer
