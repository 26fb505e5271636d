#pragma once
#include "cli/jobs/learning/learn_inputs.hpp"
#include "io/records/learning_record.hpp"

namespace sociometer::jobs {

/// Rows with the signals of each round by one of the learners: run by run, or, of one table of all
/// people, in one table.
void write_signals(OutputSet& outputs, const LearningRecord& record, const LearnStudy& study,
                   const StudyFit& fit, size_t learner);

}  // namespace sociometer::jobs
