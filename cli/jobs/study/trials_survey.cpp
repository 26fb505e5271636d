#include "cli/jobs/study/trials_survey.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/core/error.hpp"
#include "engine/design/model_trials.hpp"

namespace sociometer::jobs {

bool TrialsSurvey::is_complete() const {
  const auto& s = node_.settings;
  if (!s.trials) return true;
  if (s.trial_types.empty()) return false;
  return std::all_of(s.trial_types.begin(), s.trial_types.end(), [&](const auto& type) {
    return std::any_of(columns_.begin(), columns_.end(), [&](const auto& run) {
      return std::any_of(run.begin(), run.end(), [&](const EventColumn& column) {
        return is_trial_type(column.stimulus.name, type);
      });
    });
  });
}

void TrialsSurvey::add(const std::optional<EventTable>& events, const ModelDesign& design) {
  if (!node_.settings.trials) return;
  columns_.push_back(design.event_columns);
  if (events) names_.insert(events->names.begin(), events->names.end());
}

std::vector<std::string> TrialsSurvey::check() const {
  const EngineSettings& s = node_.settings;
  if (!s.trials) return {};
  const std::string place = node_.place + "/Model/Software/Sociometer/";
  std::vector<std::string> types;
  try {
    types = trial_columns(columns_, s.trial_types);
  } catch (const Error& error) {
    fail(error.code(), "{}TrialTypes of node '{}': {}", place, node_.name, error.what());
  }
  for (const auto& column : s.trial_average_by)
    if (column != "trial_type" && !names_.contains(column))
      fail(ErrorCode::bad_input,
           "{}TrialAverageBy of node '{}': no events table has a column '{}'; they have {}", place,
           node_.name, column, fmt::join(names_, ", "));
  if (s.trial_amplitude == TrialAmplitude::peak) require_derivatives(types, place);
  return types;
}

void TrialsSurvey::require_derivatives(const std::vector<std::string>& types,
                                       const std::string& place) const {
  for (const auto& run : columns_)
    for (const auto& column : run)
      if (column.names.size() == 1 &&
          std::find(types.begin(), types.end(), column.stimulus.name) != types.end())
        fail(ErrorCode::bad_input,
             "{}TrialAmplitude of node '{}': the peak combines the response with its "
             "derivatives, and '{}' has none in the design; Convolve with Derivative and name "
             "them in X",
             place, node_.name, column.stimulus.name);
}

}  // namespace sociometer::jobs
