#pragma once
#include <vector>

#include "cli/jobs/first_level/fit_inputs.hpp"
#include "cli/jobs/trials/trial_tables.hpp"
#include "cli/jobs/trials/trials_request.hpp"

namespace sociometer::jobs {

/// The labels of --shrinkage cv, of the trials of each run; empty lists without it.
/// @throws Error if runs cannot be predicted from each other by them, or no table has the column.
std::vector<std::vector<std::string>> shrinkage_labels(const TrialsRequest& request,
                                                       const FitInputs& runs,
                                                       const std::vector<ListedTrial>& listed);

/// The run's design with single trials, ready to be fitted.
/// @param design, options  of the run: with the response that is wanted.
PreparedRun split_run(const TrialsRequest& request, const FitInputs& runs, size_t run,
                      const DesignMatrix& design, const DesignOptions& options);

/// Runs whose designs have single trials. Where each voxel's response is to be chosen, they have
/// one of the library's, which stands for all until the choice is made.
/// @throws Error for conditions that no event is; as prepare_runs.
FitInputs prepare_trial_runs(const TrialsRequest& request, const FirstLevelPlan& plan,
                             Journal& journal);

/// Shrinks the amplitudes of all runs, if asked.
/// @param prepared  the runs as they were fitted.
/// @return each voxel's fraction; empty: not asked.
Eigen::VectorXd shrink_trials(const TrialsRequest& request, const FitInputs& runs,
                              const std::vector<PreparedRun>& prepared,
                              const std::vector<ListedTrial>& listed, int n_threads,
                              std::vector<TrialResults>& results);

}  // namespace sociometer::jobs
