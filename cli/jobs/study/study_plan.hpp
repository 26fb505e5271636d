#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/jobs/study/study_inputs.hpp"
#include "cli/jobs/study/study_job.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "engine/stats_models/group_node.hpp"

namespace sociometer::jobs {

/// An effect that flows from one node to the next.
struct StudyEffect {
  size_t node = 0;                     ///< index in StatsModel::nodes that it comes from
  size_t run_node = 0;                 ///< the Run node whose contrast it is of
  size_t run = 0;                      ///< index in StudyInputs::runs of one that it is made of
  Entities entities;                   ///< long names, with "contrast"
  std::string effect, variance;        ///< files
  std::vector<std::string> estimates;  ///< files: one, or one per session
  std::string contrast;                ///< name in file names
  std::string run_contrast;            ///< of the Run node, as in the model
  bool is_t = true;                    ///< an F contrast has no effect to hand on to a group
  bool of_sessions = false;            ///< a contrast of sessions, not the mean of them
  FixedEffects within = FixedEffects::precision;  ///< how its runs were combined
  std::string job;                                ///< that makes it
};

/// Why a run cannot be fitted.
struct RunProblem {
  std::string run;  ///< label
  std::string why;
};

/// Jobs, each after those that it needs, and tables that some of them read.
struct JobPlan {
  std::vector<StudyJob> jobs;
  std::vector<StudyEffect> effects;                        ///< of participants, for the group
  std::vector<std::pair<std::string, std::string>> files;  ///< path and content, for jobs to read
  std::vector<std::string> notes;
  std::vector<RunProblem> problems;  ///< of jobs that cannot be done, one for each run
};

/// First levels of all participants, and what combines their runs and sessions. A pure function.
///
/// A node of level Subject (or Session) over runs becomes one `fit` of these runs, whose fixed
/// effects are the node; a Subject node over sessions becomes a `contrast` of their estimates. A
/// Run node whose effects go to nobody, or directly to a Dataset node, is fitted run by run.
/// Results: OUT/node-NAME/sub-X/[ses-Y/]...
/// @throws Error{bad_input} for nodes that cannot be done, by name and place.
JobPlan plan_participants(const StudyRequest& request, const StudyInputs& inputs);

/// Dataset nodes: group analyses, shards and merges of permutations, regions and dissociations.
/// @param effects  those of plan_participants.
/// @param exists   whether a file is there: effects that are not are left out, with a note.
JobPlan plan_group(const StudyRequest& request, const StudyInputs& inputs,
                   const std::vector<StudyEffect>& effects,
                   const std::function<bool(const std::string&)>& exists);

}  // namespace sociometer::jobs
