#pragma once
#include <string>
#include <vector>

#include "io/records/described_table.hpp"
#include "io/records/learning_record.hpp"

namespace sociometer {

/// Tidy tables: parameters (one row per participant, model and parameter), fits (one per
/// participant and model), comparison (one per model), model probabilities (one per participant and
/// model), and a wide table of the parameters of the model `signals_of`; each with a JSON sidecar.
/// @param left_out  a line per participant that could not be read or fitted.
/// @param inputs    [participant]: path and XXH3 of each run.
void write_fit_tables(OutputSet& outputs, const LearningRecord& record,
                      const std::vector<Participant>& people, const StudyFit& fit,
                      const ModelSelection& selection, size_t signals_of,
                      const std::vector<std::string>& left_out,
                      const std::vector<std::vector<InputFile>>& inputs);

/// Group distributions of the parameters by empirical Bayes: a row per model and parameter.
void write_group_parameters(OutputSet& outputs, const LearningRecord& record, const StudyFit& fit);

/// The same by hierarchical inference, with errors of the group means and a test of each.
void write_group_parameters(OutputSet& outputs, const LearningRecord& record,
                            const HierarchicalFit& fit);

}  // namespace sociometer
