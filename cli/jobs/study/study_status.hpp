#pragma once
#include <string>

#include "cli/jobs/session.hpp"

namespace sociometer::jobs {

/// What of a study is done, running, failed and waiting: a table, then a line with the numbers.
/// @param in_short  the line alone.
/// @return failures: jobs that failed, in whole or in part, and what is not done yet; none if all
/// of the study is done. Jobs of an earlier model or of other choices are ignored.
/// @throws Error{bad_input} for a folder without a study.
JobSummary study_status(const std::string& output, bool in_short = false);

}  // namespace sociometer::jobs
