#pragma once
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "cli/jobs/study/study_request.hpp"

namespace sociometer::jobs {

/// Absolute and normalised, without a slash at the end: "out", "./out/" and "x/../out" are one
/// folder.
std::string absolute_path(const std::string& path);

/// The folder that a word of --derivatives means, absolute: PATH, or NAME=PATH as fMRIPrep and
/// FitLins take it, unless a folder is called that.
std::string derivatives_folder(const std::string& word);

/// The folders of a study. What is recorded of a job names files by the folder that they are in,
/// "<output>/node-subject/..", so that a study stays done when its folders are moved.
struct StudyPlaces {
  std::string output, bids;  ///< absolute
  std::vector<std::string> derivatives;

  /// "<bids>/sub-01/..", by the innermost of the folders; other paths as they are. A name in front
  /// of a path ("NAME=/path") stays.
  std::string portable(const std::string& path) const;
  /// The path that `portable` made a name of.
  std::string resolved(const std::string& name) const;
  /// All texts of a document.
  Json portable(const Json& json) const;
};
SOCIOMETER_FIELDS(StudyPlaces) {
  visit("output", self.output);
  visit("bids", self.bids);
  visit("derivatives", self.derivatives);
}

/// @throws Error{usage} or {bad_input} as default_derivatives, if the request names none.
StudyPlaces places_of(const StudyRequest& request);

}  // namespace sociometer::jobs
