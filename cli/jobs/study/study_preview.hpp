#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "cli/jobs/study/study_ledger.hpp"

namespace sociometer::jobs {

/// Ids of jobs that a call would do: those that are not current, read a table that it would write
/// with other content, or come after such jobs.
std::set<std::string> jobs_to_do(const std::vector<StudyJob>& jobs, const StudyLedger& ledger,
                                 const std::set<std::string>& changed_tables);

/// The warnings among the messages of a job.
std::vector<std::string> warnings_in(const std::filesystem::path& messages);

/// The plan of a dry run: a line per job.
std::string plan_table(const std::vector<StudyJob>& jobs, const std::set<std::string>& to_do);
Json plan_json(const std::vector<StudyJob>& jobs);

}  // namespace sociometer::jobs
