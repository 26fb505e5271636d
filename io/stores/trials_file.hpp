#pragma once
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "io/bytes/read.hpp"

namespace sociometer {

/// What trials.h5 holds: amplitudes of single trials, and enough to find each voxel and trial.
struct StoredTrials {
  Mask mask;
  Eigen::MatrixXd amplitude;      ///< (n_voxels, n_trials); NaN where there is none
  Eigen::MatrixXd variance;       ///< the same, or empty
  std::vector<uint32_t> run;      ///< of each trial, from 1
  Eigen::VectorXd onset_s, vif;   ///< of each trial
  std::vector<std::string> type;  ///< of each trial
  std::vector<uint8_t> status;    ///< TrialStatus
};

/// Writes trials.h5; for the layout see docs/reference/formats.md.
/// @throws Error{cannot_write}.
void write_trials(const std::string& path, const StoredTrials& trials, const std::string& software,
                  int n_threads = 1);

/// @throws Error{bad_input} for any other format or version, or sizes that do not fit together.
StoredTrials read_trials(const std::string& path, InputFile* file = nullptr);

}  // namespace sociometer
