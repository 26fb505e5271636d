#pragma once
#include "cli/jobs/learning/learn_tables.hpp"
#include "engine/learning/hierarchical.hpp"

namespace sociometer::cli {

/// What hierarchical inference says of the models, in the form that the tables take.
ModelSelection selection_of(const HierarchicalFit& fit);

/// Group distributions of the parameters by empirical Bayes: a row per model and parameter.
void write_group_parameters(OutputSet& outputs, const LearnContext& context, const StudyFit& fit);

/// The same by hierarchical inference, with errors of the group means and a test of each.
void write_group_parameters(OutputSet& outputs, const LearnContext& context,
                            const HierarchicalFit& fit);

}  // namespace sociometer::cli
