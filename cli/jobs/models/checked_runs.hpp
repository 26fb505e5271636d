#pragma once
#include <set>
#include <string>
#include <vector>

#include "cli/jobs/study/study_inputs.hpp"
#include "engine/glm/contrast_statistics.hpp"

namespace sociometer::jobs {

/// What a Run node makes of one run of a dataset.
struct CheckedRun {
  std::string label;        ///< "sub-01_task-social_run-1"
  std::string participant;  ///< "01"
  std::string problem;      ///< why it cannot be fitted; empty: it has a design
  bool has_events = false, has_confounds = false;
  ModelDesign design;
};

/// What a Run node makes of all runs.
struct CheckedNode {
  std::string node;
  std::vector<CheckedRun> runs;
  std::vector<std::string> columns;  ///< that some run has
  std::vector<ColumnRole> roles;     ///< of the columns, in the first run that has them
  /// Resolved over the runs that have a design, in their order.
  std::vector<ResolvedContrast> contrasts;
  std::vector<size_t> designed;  ///< positions of these runs
  std::string refusal;           ///< why there are no contrasts
};

/// Builds the designs of all runs and their contrasts. What fails is reported in the result.
/// @cost  reads the tables of all runs; one decomposition per run.
CheckedNode check_runs(const StatsNode& node, const std::vector<StudyRun>& runs);

/// Participants who can have no estimate of a contrast that others have: a line each, with the
/// reason in their first run.
/// @param left_out  labels of those who have no fit at all.
std::vector<std::string> inestimable_contrasts(const CheckedNode& node,
                                               const std::set<std::string>& left_out);

/// Columns and weights for people: a block for each kind of run, so that runs which are alike are
/// shown once. Missing columns are n/a, with the reason.
/// @param most_kinds  further ones are counted only.
std::string weights_text(const CheckedNode& node, size_t most_kinds);

/// A row per run and column: role, whether it is there, and why not.
std::string columns_tsv(const CheckedNode& node);

/// A row per run and row of a contrast: the weight of each column, n/a where the run lacks it, and
/// why a contrast cannot be estimated.
std::string weights_tsv(const CheckedNode& node);

}  // namespace sociometer::jobs
