#pragma once
#include <set>
#include <string>
#include <vector>

#include "cli/jobs/study/study_ledger.hpp"

namespace sociometer::jobs {

/// Jobs on record that a study does not have: of an earlier model, or of other choices.
/// @param ids  all jobs of the study.
std::vector<std::string> jobs_of_others(const StudyLedger& ledger,
                                        const std::set<std::string>& ids);

/// Removes the results of such jobs, and what is on record of them. Files that jobs of the study
/// also wrote stay, and so do files outside the output folder, by whatever path or link a record
/// names them, and what belongs to jobs that are running. Records of outputs (.outputs) of which
/// nothing is left go too.
/// @return the number of files of results that were removed.
size_t remove_results(const std::vector<std::string>& others, const std::set<std::string>& ids,
                      const StudyLedger& ledger, const StudyPlaces& places);

/// Removes the pages of participants (report/sub-X) who are not among these.
/// @param people  labels.
/// @return the number of pages that were removed.
size_t remove_pages_of_others(const std::set<std::string>& people, const StudyPlaces& places);

}  // namespace sociometer::jobs
