#pragma once
#include "cli/jobs/learning/learn_tables.hpp"
#include "engine/learning/recovery.hpp"

namespace sociometer::cli {

/// Parameter recovery of each learner: a row per simulated participant and parameter, a summary
/// with correlations, a picture.
void write_parameter_recovery(OutputSet& outputs, const LearnContext& context,
                              const std::vector<std::shared_ptr<const Learner>>& learners,
                              const StudyRounds& rounds, const RecoveryOptions& options,
                              int n_threads, const StudyFit& fitted);

/// Model recovery: confusion table and picture.
void write_model_recovery(OutputSet& outputs, const LearnContext& context,
                          const std::vector<std::shared_ptr<const Learner>>& learners,
                          const StudyRounds& rounds, const RecoveryOptions& options, int n_threads,
                          const StudyFit& fitted);

}  // namespace sociometer::cli
