#pragma once
#include <string>

#include "engine/learning/study_analysis.hpp"
#include "io/records/provenance.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer {

/// What every record of an analysis of choices tells.
struct LearningRecord {
  std::string stem;  ///< of file names: "task-L_"
  LearningSettings settings;
  FitOptions options;
  GroupPriors group_priors = GroupPriors::none;
  TrialColumns columns;
  Provenance provenance;
};

/// Settings, options, columns and provenance: the last fields of each record.
Json to_json(const LearningRecord& record);
/// A learner's parameters with transform, prior and meaning.
Json learner_json(const Learner& learner);

}  // namespace sociometer
