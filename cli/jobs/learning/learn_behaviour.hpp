#pragma once
#include <string>

#include "cli/jobs/learning/learn_inputs.hpp"
#include "io/records/learning_record.hpp"

namespace sociometer::jobs {

/// Stay/switch regression over the fitted participants; skipped with a warning if the choices do
/// not allow one.
void write_stay_switch_of(OutputSet& outputs, const LearningRecord& record, const LearnStudy& study,
                          const StudyFit& fit, Standardise standardise, Journal& journal);

/// Analysis of variance of being-liked ratings.
/// @param path  a ratings table; empty: phenotype/ratings.tsv of the study, if present.
void write_ratings_of(OutputSet& outputs, const LearningRecord& record, const LearnStudy& study,
                      const StudyFit& fit, const std::string& path, Journal& journal);

}  // namespace sociometer::jobs
