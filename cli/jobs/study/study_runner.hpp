#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/jobs/study/study_ledger.hpp"

namespace sociometer::jobs {

/// Machine resources that the jobs of a study share.
struct StudyLimits {
  int threads = 1;
  double memory_bytes = 0;  ///< 0: unlimited
  bool stop_at_failure = false;
};

/// Does one job with a number of threads and returns how it ended. Called from several threads.
/// Programs give one that starts a process per job, so that a crash or a lack of memory ends one
/// job only; libraries and tests one that calls `perform`.
using JobLauncher = std::function<StudyResult(const StudyJob& job, int threads)>;

/// What a study's jobs came to.
struct StudyOutcome {
  size_t done = 0, partly = 0, failed = 0, not_started = 0;
  size_t current = 0;                ///< of those done: already before this call
  std::vector<StudyResult> results;  ///< in the order of the jobs; not_started ones have no id
};

/// Does the jobs, those that do not depend on each other side by side. Failures stop nothing but
/// jobs that need a result of the failed one and have no other: those fail too, by name.
///
/// As many jobs run at once as there are threads and, by the peak memory of earlier jobs of the
/// same kind, as fit into the memory; until one of a kind has been measured, one of it runs at a
/// time.
/// @param jobs  each after the jobs that it names in `after`.
StudyOutcome run_jobs(const std::vector<StudyJob>& jobs, const StudyLedger& ledger,
                      const JobLauncher& launch, const StudyLimits& limits, Journal& journal);

}  // namespace sociometer::jobs
