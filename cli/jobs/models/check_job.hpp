#pragma once
#include <string>
#include <vector>

#include "cli/jobs/session.hpp"
#include "cli/jobs/study/study_request.hpp"

namespace sociometer::jobs {

/// A model to be checked, alone or against a dataset.
struct StatsModelCheckRequest {
  /// `model` is the file, `bids` empty for the model alone; `output` is that of an earlier `run`,
  /// from which learnt signals are taken; empty: their values are not known yet.
  StudyRequest study;
  std::string output;  ///< folder for tables and pictures; empty: none
};
SOCIOMETER_FIELDS(StatsModelCheckRequest) {
  visit("study", self.study);
  visit("output", self.output);
}

/// What a model does, and what stands against it.
struct ModelCheck {
  std::string text;                   ///< for people, in lines
  std::vector<std::string> refusals;  ///< why `run` would refuse it; none: it can be run
  /// Runs and participants who would fail while the others are done, each with the reason.
  std::vector<std::string> problems;
};

/// Reads a model and says what it does; with a dataset, builds every run's design and plans the
/// study as `run` would.
///
/// Writes OUT/model.txt, graph.png, graph.svg and, with a dataset, node-NAME_columns.tsv and
/// node-NAME_weights.tsv for each Run node, also when there are refusals.
/// @throws Error{bad_input} for a model that cannot be read.
ModelCheck check_model(const StatsModelCheckRequest& request, const Session& session);

}  // namespace sociometer::jobs
