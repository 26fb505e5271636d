#pragma once
#include <memory>
#include <vector>

#include "engine/learning/predictive.hpp"
#include "engine/learning/recovery.hpp"
#include "io/records/described_table.hpp"
#include "io/records/learning_record.hpp"

namespace sociometer {

/// Posterior predictive checks: a row per statistic and level.
void write_predictive_checks(OutputSet& outputs, const LearningRecord& record,
                             const PredictiveChecks& checks, const PredictiveOptions& options);

/// Parameter recovery: a row per model, simulated participant and parameter, and a summary with
/// correlations.
/// @param learners  all that were fitted; those without parameters have no recovery.
void write_parameter_recovery(OutputSet& outputs, const LearningRecord& record,
                              const std::vector<ParameterRecovery>& recoveries,
                              const std::vector<std::shared_ptr<const Learner>>& learners,
                              const RecoveryOptions& options);

/// Model recovery: a row per pair of true and fitted model.
void write_model_recovery(OutputSet& outputs, const LearningRecord& record,
                          const ModelRecovery& recovery,
                          const std::vector<std::shared_ptr<const Learner>>& learners,
                          const RecoveryOptions& options);

}  // namespace sociometer
