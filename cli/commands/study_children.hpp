#pragma once
#include "cli/jobs/study/study_runner.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// Does a job of a study in a process of its own: a crash or a lack of memory ends that job only.
StudyResult do_in_child(const StudyJob& job, const StudyLedger& ledger, const JobShare& share);

}  // namespace sociometer::cli
