#pragma once
#include "cli/jobs/learning/learn_tables.hpp"
#include "engine/learning/stay_switch.hpp"

namespace sociometer::cli {

/// Stay/switch regression over the participants that were fitted; left out with a warning where the
/// choices do not allow one.
void write_stay_switch(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                       const StudyFit& fit, Standardise standardise);

/// Analysis of variance of being-liked ratings.
/// @param path  a ratings table; empty: phenotype/ratings.tsv of the study, when it is there.
void write_ratings(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                   const StudyFit& fit, const std::string& path);

}  // namespace sociometer::cli
