#pragma once
#include <set>
#include <string>
#include <vector>

#include "cli/jobs/study/study_plan.hpp"
#include "engine/core/error.hpp"
#include "engine/stats_models/stats_model.hpp"

namespace sociometer::jobs {

/// Options named in a message as a model spells them: "--smoothing-fwhm is -8" becomes
/// "SmoothingFwhm is -8".
std::string in_words_of_models(const std::string& message);

/// The file of [NAME=]FILE.
std::string file_in_word(const std::string& word);

/// Checks a request that was made of a node's settings: what its job would refuse is refused before
/// any job starts.
/// @throws Error{bad_input} with the node's place, in the words of models.
template <class Request>
void check_planned(const StatsNode& node, const Request& request) {
  try {
    check(request);
  } catch (const Error& error) {
    fail(ErrorCode::bad_input, "{}/Model/Software/Sociometer of node '{}': {}", node.place,
         node.name, in_words_of_models(error.what()));
  }
}

/// @param longest  the longest name of a file of the contrast, without folders.
/// @throws Error{bad_input} if file systems have no such names.
void require_possible_name(const StatsNode& node, const std::string& contrast,
                           const std::string& longest);

/// Files of effects that no job can make: the job has a problem, or one that it needs has.
std::set<std::string> impossible_effects(const JobPlan& plan);

/// Refuses effects of participants whose images have different grids, which a group cannot take
/// together, and a group's mask on another grid: by the headers of the images.
/// @param mask  empty: none.
/// @throws Error{shape_mismatch} with a file of each grid, and who has the rarer one.
void check_grids(const StatsNode& node, const std::vector<const StudyEffect*>& effects,
                 const StudyInputs& inputs, const std::string& mask);

/// Refuses files that a node's settings name and that are not there.
/// @throws Error{bad_input} with the setting's place.
void check_files_of_settings(const StatsNode& node);

/// Refuses jobs of the same name, which would overwrite each other's files, and names that are too
/// long for a file.
/// @throws Error{bad_input}
void require_distinct_jobs(const std::vector<StudyJob>& jobs);

}  // namespace sociometer::jobs
