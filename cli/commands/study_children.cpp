#include "cli/commands/study_children.hpp"

#include <fmt/format.h>

#include "cli/terminal/child_process.hpp"

namespace sociometer::cli {

StudyResult do_in_child(const StudyJob& job, const StudyLedger& ledger, const JobShare& share) {
  std::vector<std::string> words{"run", "--job", ledger.job_file(job.id).string(), "-j",
                                 std::to_string(share.threads)};
  if (share.memory_bytes > 0) {
    words.emplace_back("--memory");
    words.push_back(fmt::format("{:.0f}", share.memory_bytes));
  }
  const ChildOutcome ended = run_child(words, ledger.message_file(job.id));
  if (auto result = ledger.result(job.id)) return *result;
  StudyResult result;
  result.id = job.id;
  result.identity = identity_of(job);
  result.state = StudyJobState::failed;
  result.peak_bytes = ended.peak_bytes;
  result.error = ended.signal != 0
                     ? fmt::format("its process was ended by signal {}", ended.signal)
                     : fmt::format("its process ended with exit code {}", ended.status);
  result.error += "; see " + ledger.message_file(job.id).string();
  result.ended = utc_now();
  ledger.write_result(result);
  return result;
}

}  // namespace sociometer::cli
