#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/learning/learning_curves.hpp"
#include "io/records/stored_learning.hpp"
#include "io/report/html.hpp"

namespace sociometer {

/// What is known of the choices of a study: any part may be absent.
struct BehaviourFindings {
  std::string task;           ///< label; may be empty
  std::string signals_model;  ///< the model whose signals were written; may be empty
  std::optional<LearningCurves> curves;
  std::optional<StoredComparison> comparison;
  std::optional<StoredParameters> parameters;
  std::optional<StoredFits> fits;
  std::optional<StoredGroupParameters> group_parameters;
  std::optional<StoredStaySwitch> stay_switch;
  std::optional<StoredRatings> ratings;
  std::optional<StoredPredictive> predictive;
  std::optional<StoredRecovery> recovery;
  std::optional<StoredRecoverySummary> recovery_summary;
  std::optional<StoredConfusion> confusion;
};

/// The part of a report on behaviour: choices, learning, models, their parameters and checks, with
/// a table for each picture. Parts without findings are left out.
ReportSection behaviour_section(const BehaviourFindings& findings);

}  // namespace sociometer
