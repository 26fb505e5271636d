#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/study/study_plan.hpp"

namespace sociometer::jobs {

/// What stands against a fit of these runs as far as names, sidecars and headers show: tables that
/// the node needs and a run lacks, a header that cannot be read, no repetition time or one that
/// differs between them, grids that differ between images, or between an image and its mask.
/// Content is not read: a damaged image shows when it is fitted.
/// @return one for each run that has any, in their order.
std::vector<RunProblem> problems_of_runs(const std::vector<const StudyRun*>& runs,
                                         const SurveyedNode& survey);

/// The problems as the one line that a job has for them.
std::string text_of(const std::vector<RunProblem>& problems);

/// The repetition time of the raw sidecars or headers, where the images' own sidecars state none:
/// what a fit of the runs is to be told. None if none needs to be told, or if they differ.
std::optional<double> common_tr(const std::vector<const StudyRun*>& runs);

/// The tables of a kind, one per run; none unless all runs have one.
std::vector<std::string> complete_paths(const std::vector<const StudyRun*>& runs,
                                        std::string RunFiles::*member);

}  // namespace sociometer::jobs
