#pragma once
#include "cli/jobs/study/study_ledger.hpp"

namespace sociometer::jobs {

/// Does one job of a study and records how it ended: a failure is a result, not an
/// exception.
///
/// A job that is current by the ledger is not done again. If another process is doing it, this one
/// waits, and takes its result.
/// @throws Error{cannot_write} if the ledger cannot be written.
StudyResult perform(const StudyJob& job, const StudyLedger& ledger, const Session& session);

}  // namespace sociometer::jobs
