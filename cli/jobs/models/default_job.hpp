#pragma once
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "cli/jobs/session.hpp"
#include "engine/stats_models/stats_model.hpp"

namespace sociometer::jobs {

/// A model for a dataset, to begin with.
struct ModelDefaultRequest {
  std::string bids;
  std::vector<std::string> derivatives;  ///< none: derivatives/fmriprep of the dataset
  std::string task, space;               ///< empty: the only one, or a standard space
  bool plain = false;                    ///< any task: a column for each trial_type
  std::string output;                    ///< the file
};
SOCIOMETER_FIELDS(ModelDefaultRequest) {
  visit("bids", self.bids);
  visit("derivatives", self.derivatives);
  visit("task", self.task);
  visit("space", self.space);
  visit("plain", self.plain);
  visit("output", self.output);
}

/// The model of the dissociation with what the dataset has: its task, one of its spaces, motion
/// parameters, a Session node if there are sessions. With `plain`: each trial_type as a column with
/// a contrast of its own, for any task.
/// @throws Error{bad_input} for a dataset without images, or whose events lack the columns that are
/// needed, which it names; {usage} for several tasks.
StatsModel default_model(const ModelDefaultRequest& request, Journal& journal);

/// Writes it. @throws Error as default_model.
JobSummary write_default_model(const ModelDefaultRequest& request, const Session& session);

/// Writes a model as a file, after reading it back.
/// @throws Error{cannot_write} if there is another file of this name, unless the session replaces.
void write_model(const StatsModel& model, const std::string& path, const Session& session);

}  // namespace sociometer::jobs
