#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/learning/study_analysis.hpp"
#include "io/records/learning_facts.hpp"
#include "io/records/provenance.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer {

/// What every record of an analysis of choices states.
struct LearningRecord {
  std::string stem;  ///< of file names: "task-L_"
  LearningSettings settings;
  FitOptions options;
  GroupPriors group_priors = GroupPriors::none;
  TrialColumns columns;
  Provenance provenance;
};

LearningFacts learning_facts(const LearningRecord& record);
/// The learners' parameters with transform, prior and meaning.
LearnerFacts learner_facts(const std::vector<std::shared_ptr<const Learner>>& learners);

}  // namespace sociometer
