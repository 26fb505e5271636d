#pragma once
#include <string>
#include <vector>

#include "cli/jobs/study/study_request.hpp"
#include "engine/core/journal.hpp"
#include "engine/stats_models/node_graph.hpp"
#include "engine/stats_models/run_design.hpp"
#include "io/bids/bids_runs.hpp"
#include "io/dataset/run_timing.hpp"
#include "io/models/model_file.hpp"

namespace sociometer::jobs {

/// A run of the dataset.
struct StudyRun {
  RunFiles files;
  BoldTiming timing;
  Entities entities;  ///< long names: subject, session, task, run, ..
};

/// What a Run node makes of the dataset's runs.
struct SurveyedNode {
  std::string node;
  std::vector<std::string> columns;     ///< that some run has
  std::vector<NodeContrast> contrasts;  ///< of the node, over all runs
  ModelDesign example;                  ///< of the first run
};

/// Everything that is known before a study is planned.
struct StudyInputs {
  std::string model_path;
  StatsModel model;
  std::vector<StudyRun> runs;  ///< that pass the model's Input and the request's filter
  ParticipantColumns participants;
  std::string participants_table;  ///< empty: there is none
  std::vector<SurveyedNode> surveyed;
  const SurveyedNode& survey_of(const std::string& node) const;
};

/// Reads the model, lists the dataset, finds each run's files and times, and reads tables until
/// every name of the model has been seen. What is odd is reported to the journal; a participant
/// without a usable run is reported and left out.
/// @throws Error{bad_input} for a model or dataset that cannot be analysed: before anything runs.
StudyInputs load_study(const StudyRequest& request, Journal& journal);

/// The path of the model: the request's, else the dataset's default one.
/// @throws Error{usage} if there is neither.
std::string model_path_of(const StudyRequest& request);

/// Whether a node needs an events table.
bool needs_events(const StatsNode& node);

}  // namespace sociometer::jobs
