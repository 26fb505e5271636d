#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/record_fields.hpp"

/// What all records of `learn` say of the models and how they were fitted.
namespace sociometer {

/// A free parameter of a learner, as records list them by model.
struct LearnerParameterFacts {
  std::string meaning, transform, prior;
  bool operator==(const LearnerParameterFacts&) const = default;
};
SOCIOMETER_RECORD(LearnerParameterFacts) {
  visit("Meaning", self.meaning);
  visit("Transform", self.transform);
  visit("Prior", self.prior);
}
using LearnerFacts = ByName<ByName<LearnerParameterFacts>>;  ///< by model, by parameter

/// How evidences were sampled.
struct EvidenceSampling {
  long points = 0, most_points = 0;
  double tolerance = 0;
  uint64_t seed = 0;
  bool operator==(const EvidenceSampling&) const = default;
};
SOCIOMETER_RECORD(EvidenceSampling) {
  visit("EvidencePoints", self.points);
  visit("EvidenceMostPoints", self.most_points);
  visit("EvidenceTolerance", self.tolerance);
  visit("EvidenceSeed", self.seed);
}

/// Settings, options and columns: the last fields of most records.
struct LearningFacts {
  Json settings;  ///< see learning_settings_from_json
  std::string settings_note, group_priors, density_space, evidence;
  std::optional<std::string> evidence_space;  ///< of Laplace's approximation
  std::optional<EvidenceSampling> sampling;
  long starts = 0;
  std::string starts_note;
  Json columns;  ///< see trial_columns_from_json
  bool operator==(const LearningFacts&) const = default;
};
SOCIOMETER_RECORD(LearningFacts) {
  visit("Settings", self.settings);
  visit("SettingsNote", self.settings_note);
  visit("GroupPriors", self.group_priors);
  visit("DensitySpace", self.density_space);
  visit("Evidence", self.evidence);
  visit("EvidenceSpace", self.evidence_space);
  visit_part(self.sampling, visit);
  visit("Starts", self.starts);
  visit("StartsNote", self.starts_note);
  visit("Columns", self.columns);
}

}  // namespace sociometer
