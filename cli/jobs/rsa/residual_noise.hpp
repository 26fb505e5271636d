#pragma once
#include <string>
#include <vector>

#include "cli/jobs/rsa/rsa_inputs.hpp"

namespace sociometer::jobs {

/// Volumes of an image at the voxels of a mask, (n_volumes, n_voxels).
/// @throws Error{bad_input} for another grid.
Read<Eigen::MatrixXd> read_volumes(const std::string& path, const Mask& mask);

/// The images that are of the participant (by `sub-`; without it in any name, all).
/// @throws Error{bad_input} if some are given and their number is not that of the runs.
std::vector<std::string> residuals_of(const std::vector<std::string>& images,
                                      const TrialSource& source);

/// What read_residuals refuses, by sidecars and headers, before any image is read.
void check_residuals(const TrialSource& source);

/// Residuals of a participant's runs, each with mean 0, and the degrees of freedom of their fits.
///
/// Their sidecars say that they are of the scans, in the scaling and with the smoothing of the
/// trials, and that no scan was censored: which ones were is not in them.
/// @param files  receives the images and sidecars.
/// @throws Error{bad_input} if a sidecar is missing or says otherwise.
PatternNoise read_residuals(const TrialSource& source, const Mask& mask,
                            std::vector<InputFile>& files);

}  // namespace sociometer::jobs
