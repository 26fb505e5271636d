#pragma once
#include <set>
#include <string>
#include <vector>

#include "cli/jobs/study/run_study.hpp"

// What a call of `run` does when its jobs have ended.
namespace sociometer::jobs {

/// What is known then.
struct StudyEnd {
  const StudyRequest& request;
  const StudyExecution& execution;
  const Session& session;
  const StudyLedger& ledger;
  const StudyPlaces& places;
  const std::set<std::string>& known;  ///< ids of all jobs of the study
  const std::vector<StudyJob>& jobs;   ///< of this call
};

/// Writes what the study's folder says about itself: the model, the methods and their references.
/// A call that knows all jobs also settles what earlier calls left: it stays where it is and is
/// reported or, with --clean, is removed.
void describe_study(const StudyEnd& end, const StudyInputs& inputs, bool knows_all_jobs);

/// Reports what --clean would remove, of a call that does nothing.
void announce_cleaning(const StudyEnd& end);

/// Messages of jobs are in files of their own; that there are warnings among them is reported, and
/// the first. Failures are left out: they are announced by name.
void announce_warnings(const StudyEnd& end);

/// Makes the pages of what there is. The results stand without them, so what pages lack is among
/// the study's failures, which are returned, and no error.
std::vector<std::string> make_pages(const StudyEnd& end);

}  // namespace sociometer::jobs
