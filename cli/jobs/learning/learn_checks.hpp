#pragma once
#include "cli/jobs/learning/learn_inputs.hpp"
#include "cli/jobs/session.hpp"
#include "io/records/learning_record.hpp"

namespace sociometer::jobs {

/// Posterior predictive checks of the model whose signals are written: table, sidecar, picture.
/// @param learner  index of the model.
void write_predictive(OutputSet& outputs, const LearnRequest& request, const LearningRecord& record,
                      const LearnStudy& study, const StudyFit& fit, size_t learner,
                      const Session& session);

/// The requested recoveries of parameters and models: tables and pictures.
void write_recoveries(OutputSet& outputs, const LearnRequest& request, const LearningRecord& record,
                      const LearnStudy& study, const StudyFit& fit, const Session& session);

}  // namespace sociometer::jobs
