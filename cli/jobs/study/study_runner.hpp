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

/// Machine resources allotted to one job.
struct JobShare {
  int threads = 1;
  double memory_bytes = 0;  ///< 0: unlimited
};

/// Does one job with its share of the machine and returns how it ended. Called from several
/// threads. Programs give one that starts a process per job, so that a crash or a lack of memory
/// ends one job only; libraries and tests one that calls `perform`.
using JobLauncher = std::function<StudyResult(const StudyJob& job, const JobShare& share)>;

/// What a study's jobs came to.
struct StudyOutcome {
  size_t done = 0, partly = 0, failed = 0, not_started = 0;
  size_t current = 0;                ///< of those done: already before this call
  std::vector<StudyResult> results;  ///< in the order of the jobs; not_started ones have no id
};

/// The result of a job that is not started because no job that it needs was done.
StudyResult failed_without_inputs(const StudyJob& job);

/// How many ended how.
/// @param results  in the order of the jobs; those of jobs that were not started have no id.
StudyOutcome outcome_of(std::vector<StudyResult> results);

/// Runs the jobs, independent ones in parallel. Failures stop nothing but
/// jobs that need a result of the failed one and have no other: those fail too, by name.
///
/// As many jobs run at once as there are threads and, by the peak memory of earlier jobs of the
/// same kind, as fit into the memory; until one of a kind has been measured, one of it runs at a
/// time. Each is limited to the memory that the running jobs leave free.
/// @param jobs  each after the jobs that it names in `after`.
StudyOutcome run_jobs(const std::vector<StudyJob>& jobs, const StudyLedger& ledger,
                      const JobLauncher& launch, const StudyLimits& limits, Journal& journal);

}  // namespace sociometer::jobs
