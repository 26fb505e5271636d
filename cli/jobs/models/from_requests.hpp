#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/first_level/fit_request.hpp"
#include "cli/jobs/group/group_request.hpp"
#include "cli/jobs/session.hpp"
#include "engine/stats_models/stats_model.hpp"

namespace sociometer::jobs {

/// The requests of a `fit` and of a `group` over its results, to be expressed in one model.
struct ModelFromRequest {
  std::optional<FitRequest> fit;
  std::optional<GroupRequest> group;
  std::string output;  ///< the file
};
SOCIOMETER_FIELDS(ModelFromRequest) {
  visit("fit", self.fit);
  visit("group", self.group);
  visit("output", self.output);
}

/// A model whose Run node makes the designs and contrasts of a `fit`, and whose Subject node
/// combines its runs. Reads the events and confounds tables for the names in them.
/// @throws Error{usage} for an option that a model cannot express, by its name; {bad_input} for
/// tables.
StatsModel model_of_fit(const FitRequest& request);

/// Adds a Dataset node that does what a `group` does.
/// @throws Error{usage} for an option that a model cannot express, by its name.
void add_group(StatsModel& model, const GroupRequest& request);

/// Writes the model of both. @throws Error as these; {usage} without a `fit`.
JobSummary write_model_of_requests(const ModelFromRequest& request, const Session& session);

}  // namespace sociometer::jobs
