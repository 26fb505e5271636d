#pragma once
#include "cli/jobs/learning/learn_tables.hpp"
#include "engine/learning/predictive.hpp"

namespace sociometer::cli {

/// Posterior predictive checks of the model whose signals are written: table, sidecar, picture.
void write_predictive(OutputSet& outputs, const LearnContext& context, const LearnStudy& study,
                      const StudyFit& fit, size_t learner, const PredictiveOptions& options,
                      int n_threads);

}  // namespace sociometer::cli
