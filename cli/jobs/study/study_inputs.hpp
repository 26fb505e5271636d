#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/study/expected_signals.hpp"
#include "cli/jobs/study/study_places.hpp"
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
  std::optional<NiftiHeader> header;  ///< of the image; none: it cannot be read
  std::optional<Grid> mask_grid;      ///< none: no mask, or one that cannot be read
  std::string problem;                ///< why header, times or content cannot be read
  std::string unlearnt;               ///< events of which learning models made no signals
  Entities entities;                  ///< long names: subject, session, task, run, ..
  /// Set if signals of the events are still to be learnt: see expect_signals.
  std::optional<ExpectedSignals> expected;
};

/// What the tables of a run hold.
struct RunTables {
  std::optional<EventTable> events;
  std::optional<NamedColumns> confounds;
  ScanTiming timing;
};
/// @throws Error{bad_input} for a table or header that cannot be read.
RunTables read_run_tables(const StudyRun& run);

/// What a Run node makes of the dataset's runs.
struct SurveyedNode {
  std::string node;
  std::vector<std::string> columns;  ///< that some run has
  /// Those that a contrast may weigh: of the task, or named by a contrast. Drifts and confounds
  /// depend on who else is analysed, and change no estimate.
  std::vector<std::string> contrast_columns;
  std::vector<NodeContrast> contrasts;  ///< of the node, over all runs
  /// Whether the design of a run is another one without that table.
  bool needs_events = false, needs_confounds = false;
  std::vector<std::string> trial_types;  ///< columns of single trials, if the node has them
};

/// Everything that is known before a study is planned.
struct StudyInputs {
  StudyPlaces places;
  std::string model_path, model_text;
  StatsModel model;
  std::vector<StudyRun> runs;  ///< that pass the model's Input and the request's filter
  ParticipantColumns participants;
  std::vector<SurveyedNode> surveyed;  ///< see survey_study
  const SurveyedNode& survey_of(const std::string& node) const;
};

/// Reads the model, lists the dataset, and finds each run's files and times. What is odd is
/// reported to the journal; a participant without a usable run is reported and left out.
/// @throws Error{bad_input} for a model or dataset that cannot be analysed: before anything runs.
StudyInputs load_study(const StudyRequest& request, Journal& journal);

/// Reads tables of runs until every name of the model has been seen. If the model has learners,
/// the runs' events become those with the signals, which learning must have written.
/// @throws Error{bad_input} for names that no run has, or if no run can be read.
void survey_study(const StudyRequest& request, StudyInputs& inputs, Journal& journal);

/// The same before learning: where signals have not been learnt, their columns are expected.
/// @throws Error{bad_input} as survey_study.
void survey_unlearnt_study(const StudyRequest& request, StudyInputs& inputs, Journal& journal);

/// The path of the model: the request's, else the dataset's default one.
/// @throws Error{usage} if there is neither.
std::string model_path_of(const StudyRequest& request);

}  // namespace sociometer::jobs
