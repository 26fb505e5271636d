#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/rsa/rsa_request.hpp"
#include "engine/core/mask.hpp"
#include "io/images/nifti.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {

/// The trials of one participant that take part.
struct TrialSource {
  std::string participant;  ///< "sub-01", or the name of the table
  Table table;
  std::vector<size_t> rows;  ///< of the table, one per trial
  std::vector<PatternTrial> trials;
  std::string image, mask_image;       ///< beside the table
  std::vector<std::string> residuals;  ///< images of this participant
  NiftiHeader header;                  ///< of the image
  std::string settings;                ///< of the estimation, as its record states them

  std::string cell(size_t trial, int column) const {
    return table.rows[rows[trial]][size_t(column)];
  }
};

/// Reads the tables and the headers of the images.
/// @throws Error{bad_input} for a table that `trials` did not write, an image with another number
/// of volumes, two tables of one participant, no trial left, a grid that differs.
std::vector<TrialSource> read_sources(const RsaRequest& request);

/// The voxels of a participant with which patterns are made.
struct PatternData {
  Mask mask;                   ///< voxels asked for that have values in all trials
  Eigen::MatrixXd amplitudes;  ///< (n_trials, n_voxels)
  PatternNoise noise;          ///< of the same voxels; empty without normalisation
  std::vector<InputFile> files;
};

/// @param wanted  voxels; those that are 0 in all trials of a run, missing in a trial, or without
/// noise, are left out.
/// @param run_items  of unit condition_run: their deviations are the noise without residuals.
/// @throws Error{bad_input}
PatternData read_patterns(const TrialSource& source, const Mask& wanted,
                          const PatternItems& run_items, NoiseNormalisation normalisation);

}  // namespace sociometer::jobs
