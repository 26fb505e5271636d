#pragma once
#include <Eigen/Dense>

#include "engine/core/scalar_type.hpp"
#include "engine/glm/run_analysis.hpp"

namespace sociometer {

/// The sizes of an analysis that its designs do not have.
struct FirstLevelSize {
  Eigen::Index n_grid_voxels = 0, n_voxels = 0;  ///< of the images; of the mask
  ScalarType type = ScalarType::float32;         ///< of the images, the widest over runs
  bool computes_mask = false;                    ///< from the mean images of all runs
  Eigen::Index n_saved = 0;       ///< maps to be written beside those of the contrasts
  Eigen::Index n_series = 0;      ///< series to be written per run, as float32
  Eigen::Index n_candidates = 0;  ///< memory_of_choice: columns of all responses in a run's model
};

/// Peak memory of a first-level analysis, known before any image is read. All in bytes.
///
/// Runs are read into sums (or kept as series), and then solved into results, which stay until all
/// maps are written. The figures are upper bounds of what these arrays take, in the order in which
/// they exist; tests compare them with the memory of the process.
struct FirstLevelMemory {
  double program = 0;  ///< the program, and what preparing the runs leaves
  double results = 0;  ///< of one run, the largest
  double reading = 0;  ///< more for each run that is being read or solved
  double writing = 0;  ///< more when all runs are fitted: maps of all contrasts, saved series
  Eigen::Index n_runs = 0;

  double peak(int runs_at_once) const;
  /// As many runs side by side as fit.
  /// @param allowed  bytes; 0: no limit.
  /// @param wanted   at most; at least 1.
  /// @return 0 if not even one fits.
  int runs_within(double allowed, int wanted) const;
};

/// Single trials are included: amplitudes, as matrices and as an image.
/// @cost  negligible.
FirstLevelMemory memory_of(const FirstLevel& first, const FirstLevelSize& size);

/// Of choose_hrf for the same runs: `results` and `reading`.
FirstLevelMemory memory_of_choice(const FirstLevel& first, const FirstLevelSize& size);

}  // namespace sociometer
