#pragma once
#include <memory>
#include <vector>

#include "engine/learning/study_analysis.hpp"

namespace sociometer {

/// Peak memory of analyse_study in bytes, with the program: rounds of all participants, fits, and
/// importance samples, which group priors keep for all participants and which are otherwise those
/// of the participants at work.
double study_memory(const std::vector<std::shared_ptr<const Learner>>& learners,
                    const std::vector<Participant>& participants, GroupPriors priors,
                    const FitOptions& options, int n_threads);

}  // namespace sociometer
