#pragma once
#include <optional>
#include <vector>

#include "cli/jobs/first_level/fit_inputs.hpp"
#include "cli/jobs/first_level/fitted_runs.hpp"
#include "cli/jobs/session.hpp"
#include "cli/jobs/trials/trial_tables.hpp"
#include "cli/jobs/trials/trials_request.hpp"
#include "engine/glm/hrf_choice.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/trial_records.hpp"

/// Single trials with a response of the library for each voxel.
namespace sociometer::jobs {

struct LibraryTrials {
  ChosenHrf chosen;                    ///< without shares of variance if a map said them
  double reference_s = 0;              ///< duration of the event whose response's height is 1
  Eigen::MatrixXd heights;             ///< of the responses to it, (20, n_runs)
  Eigen::VectorXd fractions;           ///< of shrinkage; may be empty
  std::vector<std::vector<int>> lost;  ///< per listed trial: responses without an amplitude
};

/// The voxels' responses from --hrf-map; nothing without it.
/// @param runs  gets the map among its inputs.
/// @throws Error{bad_input} for a map that does not say a response for each voxel.
void read_hrf_map(const TrialsRequest& request, const Mask& mask, FitInputs& runs,
                  LibraryTrials& out, Journal& journal);

/// Chooses each voxel's response, unless a map said it, and fits.
/// @param runs    gets the facts of the trials over all responses.
/// @param listed  the trials; their facts are not used.
/// @param out     what is not in the fit; after read_hrf_map.
FittedRuns fit_library_trials(const TrialsRequest& request, const Mask& mask,
                              const std::vector<ListedTrial>& listed, const Session& session,
                              FitInputs& runs, LibraryTrials& out);

/// What all records say of the responses.
HrfLibraryRecord library_record(const TrialsRequest& request, const FitInputs& runs,
                                const LibraryTrials& trials);

/// Queues the maps of the chosen responses.
void write_library_maps(const TrialsRequest& request, const LibraryTrials& trials,
                        const TrialFitRecord& facts, MapWriter& writer);

}  // namespace sociometer::jobs
