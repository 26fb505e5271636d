#pragma once
#include <array>
#include <string>
#include <type_traits>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "cli/jobs/session.hpp"
#include "cli/jobs/study/study_places.hpp"

namespace sociometer::jobs {

/// The analyses that a study consists of.
enum class StudyJobKind {
  learn,
  fit,
  contrast,
  group,
  merge,
  make_regions,
  extract,
  test,
  dissociate,
  individual,
  trials
};
constexpr std::array<Name<StudyJobKind>, 11> names_of(std::type_identity<StudyJobKind>) {
  return {{{StudyJobKind::learn, "learn"},
           {StudyJobKind::fit, "fit"},
           {StudyJobKind::contrast, "contrast"},
           {StudyJobKind::group, "group"},
           {StudyJobKind::merge, "merge"},
           {StudyJobKind::make_regions, "roi make"},
           {StudyJobKind::extract, "roi extract"},
           {StudyJobKind::test, "roi test"},
           {StudyJobKind::dissociate, "roi dissociate"},
           {StudyJobKind::individual, "roi individual"},
           {StudyJobKind::trials, "trials"}}};
}

/// Any request as it is stored in the file of a job.
struct StoredRequest {
  Json json = Json::object();
};
template <>
struct FieldOf<StoredRequest> {
  static Json write(const StoredRequest& request) { return request.json; }
  static void read(const Json& json, StoredRequest& request, const std::string&) {
    request.json = json;
  }
};

/// One step of a study: a request, and what has to be there before it can be done.
struct StudyJob {
  std::string id;  ///< part of file names: "fit_node-subject_sub-01"
  StudyJobKind kind = StudyJobKind::fit;
  std::string participant;  ///< label; empty: of the group
  std::string node;         ///< of the model
  StoredRequest request;
  std::vector<std::string> after;    ///< ids of the jobs whose results it reads
  std::vector<std::string> inputs;   ///< files that it reads
  std::string problem;               ///< why it cannot be done, if planning has found that out
  std::vector<std::string> command;  ///< for records: the words of the study's command line
  StudyPlaces places;                ///< folders that no result depends on
};
SOCIOMETER_FIELDS(StudyJob) {
  visit("id", self.id);
  visit("kind", self.kind);
  visit("participant", self.participant);
  visit("node", self.node);
  visit("request", self.request);
  visit("after", self.after);
  visit("inputs", self.inputs);
  visit("problem", self.problem);
  visit("command", self.command);
  visit("places", self.places);
}

/// Whether it is a permutation test, or a part of one.
bool shuffles(const StudyJob& job);

/// Does the job, as the command of its kind would.
/// @throws Error as that job does; bad_input for a job with a problem, or a request that its kind
/// does not know.
JobSummary execute(const StudyJob& job, const Session& session);

}  // namespace sociometer::jobs
