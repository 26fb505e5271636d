#pragma once
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "cli/jobs/request_json.hpp"

namespace sociometer::jobs {

/// How far a study is analysed. `group` also does the participants that are not done yet.
enum class StudyLevel { participant, group };
constexpr std::array<Name<StudyLevel>, 2> names_of(std::type_identity<StudyLevel>) {
  return {{{StudyLevel::participant, "participant"}, {StudyLevel::group, "group"}}};
}

/// Which images of a dataset are analysed, beyond what the model's Input says.
struct StudyFilterRequest {
  std::vector<std::string> participants;  ///< labels, with or without sub-; none: all
  std::vector<std::string> sessions, tasks, runs, acquisitions, directions, descriptions;
  std::vector<std::string> spaces;  ///< as fMRIPrep's --output-spaces; "native": no label
  std::string file;                 ///< --bids-filter-file
};
SOCIOMETER_FIELDS(StudyFilterRequest) {
  visit("participants", self.participants);
  visit("sessions", self.sessions);
  visit("tasks", self.tasks);
  visit("runs", self.runs);
  visit("acquisitions", self.acquisitions);
  visit("directions", self.directions);
  visit("descriptions", self.descriptions);
  visit("spaces", self.spaces);
  visit("file", self.file);
}

/// A study: a BIDS dataset with derivatives, and a stats model.
struct StudyRequest {
  std::string bids, output;
  StudyLevel level = StudyLevel::participant;
  std::string model;                     ///< empty: models/model-default_smdl.json of the dataset
  std::vector<std::string> derivatives;  ///< none: derivatives/fmriprep of the dataset
  StudyFilterRequest filter;
  std::vector<double> smoothing_fwhm_mm;  ///< instead of the model's; none, one or three
  bool drop_missing = false;              ///< contrasts that no run can have are left out
  bool skip_participants = false;         ///< level group: take what there is of the participants
  int shards = 1;                         ///< parts of each permutation test
};
SOCIOMETER_FIELDS(StudyRequest) {
  visit("bids", self.bids);
  visit("output", self.output);
  visit("level", self.level);
  visit("model", self.model);
  visit("derivatives", self.derivatives);
  visit("filter", self.filter);
  visit("smoothing_fwhm_mm", self.smoothing_fwhm_mm);
  visit("drop_missing", self.drop_missing);
  visit("skip_participants", self.skip_participants);
  visit("shards", self.shards);
}

/// @throws Error{usage}
void check(const StudyRequest& request);

}  // namespace sociometer::jobs
