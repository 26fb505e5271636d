#pragma once
#include "cli/jobs/learning/learn_inputs.hpp"
#include "io/records/learning_record.hpp"

namespace sociometer::jobs {

/// Rows with one learner's signals of each round: one table per run, or a single table if the input
/// was one table of all participants.
void write_signals(OutputSet& outputs, const LearningRecord& record, const LearnStudy& study,
                   const StudyFit& fit, size_t learner);

}  // namespace sociometer::jobs
