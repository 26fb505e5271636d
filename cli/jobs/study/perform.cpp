#include "cli/jobs/study/perform.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <new>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "engine/core/stopwatch.hpp"
#include "io/bytes/file_hash.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// Held while a job is being done. Without effect on file systems without locks.
class JobLock {
 public:
  JobLock(const fs::path& path, const std::string& id, Journal& journal) {
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
      return;
    journal.info(fmt::format("{}: another process does it; waiting", id));
    while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~JobLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  JobLock(const JobLock&) = delete;
  JobLock& operator=(const JobLock&) = delete;

 private:
  int descriptor_ = -1;
};

std::string machine_name() {
  utsname about{};
  return ::uname(&about) == 0 ? about.nodename : "";
}

/// The most memory that this process has had.
uint64_t peak_bytes() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return uint64_t(used.ru_maxrss) * 1024;
}

/// Does the job and describes how it ended.
StudyResult attempt(const StudyJob& job, const Session& session) {
  StudyResult result;
  try {
    const JobSummary summary = execute(job, session);
    result.state = summary.some_failed() ? StudyJobState::partly : StudyJobState::done;
    result.failures = summary.failures;
    result.text = summary.text;
  } catch (const Error& error) {
    result.state = StudyJobState::failed;
    result.error = error.what();
    result.code = error.code();
  } catch (const std::bad_alloc&) {
    result.state = StudyJobState::failed;
    result.error = "out of memory";
  } catch (const fs::filesystem_error& error) {
    result.state = StudyJobState::failed;
    result.error = error.what();
  } catch (const std::exception& error) {
    // One job's failure stops no other, whatever it is.
    result.state = StudyJobState::failed;
    result.error = fmt::format("this is a bug in sociometer: {}", error.what());
  }
  return result;
}

/// Permutations continue where a killed process stopped, if request and inputs are the same: by
/// content, since folders may have been moved or copied meanwhile.
std::string checkpoint_of(const StudyJob& job, const std::vector<FileState>& inputs,
                          const StudyLedger& ledger) {
  Json states = Json::array();
  for (const auto& input : inputs) {
    const auto now = file_state(input.path, true);
    states.push_back({job.places.portable(input.path), now ? now->checksum : ""});
  }
  const std::string text =
      identity_of(job) + states.dump(-1, ' ', false, Json::error_handler_t::replace);
  FileHash hash;
  hash.add(text.data(), text.size());
  return (ledger.folder() / "checkpoints" / fmt::format("{}_{:016x}.h5", job.id, hash.value()))
      .string();
}

}  // namespace

StudyResult perform(const StudyJob& job, const StudyLedger& ledger, const Session& session) {
  const JobLock lock(ledger.lock_file(job.id), job.id, session.journal);
  if (ledger.is_current(job)) return *ledger.result(job.id);
  ledger.remove_result(job.id);
  ledger.log("started", job.id, {{"machine", machine_name()}, {"process", ::getpid()}});
  std::vector<FileState> before;
  for (const auto& path : job.inputs)
    if (auto state = file_state(path, false)) before.push_back(std::move(*state));
  std::vector<fs::path> written;
  ReadFiles read;
  Session own = session;
  own.overwrite = true;
  own.written = &written;
  own.read = &read;
  own.dry_run = false;
  own.reads_since = ReadMark::now();
  StudyJob resumed = job;
  std::string checkpoint;
  if (shuffles(job)) {
    checkpoint = checkpoint_of(job, before, ledger);
    resumed.request.json["checkpoint"] = checkpoint;
    std::error_code ignored;
    fs::create_directories(fs::path(checkpoint).parent_path(), ignored);
  }
  const Stopwatch watch;
  StudyResult result = attempt(resumed, own);
  result.seconds = watch.seconds();
  result.peak_bytes = peak_bytes();
  result.threads = session.threads;
  result.id = job.id;
  result.identity = identity_of(job);
  result.machine = machine_name();
  result.ended = utc_now();
  if (result.state != StudyJobState::failed) {
    for (auto& state : before) {
      if (const auto sum = read.checksum(state.path))
        state.checksum = *sum;
      else if (const auto now = file_state(state.path, true))
        state.checksum = now->checksum;  // a file that the job's records do not list
    }
    std::sort(written.begin(), written.end());
    for (const auto& path : written)
      if (auto state = file_state(path.string(), false)) result.outputs.push_back(*state);
  }
  result.inputs = std::move(before);
  for (auto* files : {&result.inputs, &result.outputs})
    for (auto& file : *files) file.path = job.places.portable(file.path);
  ledger.write_result(result);
  std::error_code ignored;
  if (!checkpoint.empty() && result.state != StudyJobState::failed) fs::remove(checkpoint, ignored);
  ledger.log(name_of(result.state), job.id,
             {{"seconds", result.seconds}, {"peak_bytes", result.peak_bytes}});
  return result;
}

}  // namespace sociometer::jobs
