#pragma once
#include <string>
#include <vector>

#include "cli/jobs/first_level/fit_inputs.hpp"
#include "cli/jobs/trials/trial_tables.hpp"
#include "cli/jobs/trials/trials_request.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/trial_records.hpp"

namespace sociometer::jobs {

/// The amplitudes of all runs, one column per trial of list_trials: (n_voxels, n_trials).
struct TrialValues {
  Eigen::MatrixXd amplitude, variance;  ///< variance may be empty
};

/// @param runs  are emptied as they are joined.
TrialValues join_runs(std::vector<TrialResults>& runs, int n_threads);

/// Means over the trials with each value of a column, (n_voxels, n_values), NaN without a trial.
struct TrialAverages {
  std::vector<std::string> values, labels;  ///< labels: for file names
  std::vector<long> n_trials;               ///< that have an amplitude
  Eigen::MatrixXd means;
};

/// The map of the mean over the trials with a value, without ending.
std::string average_map_name(const std::string& label);

/// @throws Error{bad_input} when two values would have the same label.
TrialAverages average_trials(const std::string& column, const std::vector<std::string>& of_trials,
                             const std::vector<ListedTrial>& trials,
                             const Eigen::MatrixXd& amplitude);

/// Queues the 4D images and writes trials.h5, as requested.
void write_trial_images(const TrialsRequest& request, const Mask& mask,
                        const std::vector<ListedTrial>& trials, const TrialValues& values,
                        const TrialFitRecord& facts, MapWriter& writer, OutputSet& outputs,
                        int n_threads);

/// Queues a map of the mean effect per value: contrast-LABEL_stat-effect_statmap, which `group`
/// takes.
void write_averages(const std::string& column, const TrialAverages& averages,
                    const TrialFitRecord& facts, MapWriter& writer);

}  // namespace sociometer::jobs
