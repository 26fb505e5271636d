#include "cli/jobs/study/study_runner.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/stopwatch.hpp"

namespace sociometer::jobs {
namespace {

enum class Place { waiting, running, ended };

/// Which job may start, and what has ended. All members are guarded by `guard`.
class Schedule {
 public:
  Schedule(const std::vector<StudyJob>& jobs, const StudyLedger& ledger, const StudyLimits& limits)
      : jobs_(jobs),
        limits_(limits),
        places_(jobs.size(), Place::waiting),
        results_(jobs.size()),
        reserved_(jobs.size(), 0.) {
    for (size_t i = 0; i < jobs.size(); ++i) index_[jobs[i].id] = i;
    // What earlier calls measured.
    for (const auto& job : jobs)
      if (const auto before = ledger.result(job.id)) note_memory(job, before->peak_bytes);
  }

  /// The next job that may start, marked as running; none if nothing can start now.
  std::optional<size_t> next() {
    for (size_t i = 0; i < jobs_.size(); ++i)
      if (places_[i] == Place::waiting && is_ready(i) && fits(i)) {
        places_[i] = Place::running;
        ++running_;
        reserved_[i] = expected_bytes(jobs_[i]);
        running_bytes_ += reserved_[i];
        return i;
      }
    return std::nullopt;
  }
  void ended(size_t i, StudyResult result) {
    places_[i] = Place::ended;
    --running_;
    running_bytes_ -= reserved_[i];
    note_memory(jobs_[i], result.peak_bytes);
    results_[i] = std::move(result);
  }
  /// Jobs whose every predecessor failed cannot be done, nor a combination of sessions of which one
  /// failed: they end without being started.
  std::vector<size_t> hopeless() const {
    std::vector<size_t> found;
    for (size_t i = 0; i < jobs_.size(); ++i) {
      if (places_[i] != Place::waiting || jobs_[i].after.empty()) continue;
      const auto n_failed =
          std::count_if(jobs_[i].after.begin(), jobs_[i].after.end(), [&](const auto& id) {
            const auto at = index_.find(id);
            return at != index_.end() && places_[at->second] == Place::ended &&
                   results_[at->second].state == StudyJobState::failed;
          });
      const bool needs_all = jobs_[i].kind == StudyJobKind::contrast;
      if (n_failed == long(jobs_[i].after.size()) || (needs_all && n_failed > 0))
        found.push_back(i);
    }
    return found;
  }
  void end_without_start(size_t i, StudyResult result) {
    places_[i] = Place::ended;
    results_[i] = std::move(result);
  }
  size_t n_running() const { return running_; }
  size_t n_ended() const {
    return size_t(std::count(places_.begin(), places_.end(), Place::ended));
  }
  size_t n_ready() const {
    size_t n = 0;
    for (size_t i = 0; i < jobs_.size(); ++i) n += places_[i] == Place::waiting && is_ready(i);
    return n;
  }
  std::vector<StudyResult> take_results() { return std::move(results_); }

 private:
  bool is_ready(size_t i) const {
    return std::all_of(jobs_[i].after.begin(), jobs_[i].after.end(), [&](const auto& id) {
      const auto at = index_.find(id);
      return at == index_.end() || places_[at->second] == Place::ended;
    });
  }
  double expected_bytes(const StudyJob& job) const {
    const auto known = peaks_.find(job.kind);
    return known == peaks_.end() ? limits_.memory_bytes : known->second;
  }
  bool fits(size_t i) const {
    if (running_ == 0) return true;
    if (running_ >= size_t(limits_.threads)) return false;
    return limits_.memory_bytes <= 0 ||
           running_bytes_ + expected_bytes(jobs_[i]) <= limits_.memory_bytes;
  }
  void note_memory(const StudyJob& job, uint64_t bytes) {
    if (bytes > 0) peaks_[job.kind] = std::max(peaks_[job.kind], double(bytes));
  }

  const std::vector<StudyJob>& jobs_;
  const StudyLimits& limits_;
  std::vector<Place> places_;
  std::vector<StudyResult> results_;
  std::vector<double> reserved_;  ///< bytes, of running jobs
  std::map<std::string, size_t> index_;
  std::map<StudyJobKind, double> peaks_;  ///< bytes
  size_t running_ = 0;
  double running_bytes_ = 0;
};

void report(const StudyJob& job, const StudyResult& result, Journal& journal) {
  if (result.state == StudyJobState::failed)
    journal.warn(fmt::format("{} failed: {}", job.id, result.error));
  else if (result.state == StudyJobState::partly)
    journal.warn(fmt::format("{}: {} of its parts failed: {}", job.id, result.failures.size(),
                             result.failures.empty() ? "" : result.failures.front()));
  else
    journal.info(fmt::format("{}: done in {}, {:.0f} MB", job.id, duration_text(result.seconds),
                             double(result.peak_bytes) / 1e6));
}

/// Runs what a schedule allows on threads of its own.
class Crew {
 public:
  Crew(const std::vector<StudyJob>& jobs, Schedule& schedule, const StudyLedger& ledger,
       const JobLauncher& launch, const StudyLimits& limits, Journal& journal)
      : jobs_(jobs),
        schedule_(schedule),
        ledger_(ledger),
        launch_(launch),
        limits_(limits),
        journal_(journal),
        task_(journal.start("jobs", true)) {}

  /// @return the number of jobs that were current already.
  size_t run() {
    std::vector<std::thread> threads;
    for (int t = 0; t < std::max(1, limits_.threads); ++t) threads.emplace_back([this] { work(); });
    for (auto& thread : threads) thread.join();
    if (error_) std::rethrow_exception(error_);
    return n_current_;
  }

 private:
  /// What ends a job is a result; what is thrown here (a ledger that cannot be written) ends all.
  void work() {
    try {
      do_jobs();
    } catch (...) {
      const std::lock_guard lock(guard_);
      if (!error_) error_ = std::current_exception();
      stopped_ = true;
    }
    changed_.notify_all();
  }
  void do_jobs() {
    std::unique_lock lock(guard_);
    while (true) {
      drop_hopeless();
      if (stopped_ || schedule_.n_ended() == jobs_.size()) break;
      const auto next = schedule_.next();
      if (!next) {
        if (schedule_.n_running() == 0) break;
        changed_.wait(lock);
        continue;
      }
      const int at_once = int(
          std::min<size_t>(size_t(limits_.threads), schedule_.n_running() + schedule_.n_ready()));
      const JobShare share{std::max(1, limits_.threads / std::max(1, at_once)),
                           limits_.memory_bytes};
      lock.unlock();
      const StudyJob& job = jobs_[*next];
      const bool current = ledger_.is_current(job);
      StudyResult result = current ? *ledger_.result(job.id) : launch_(job, share);
      lock.lock();
      n_current_ += current;
      finish(*next, std::move(result), !current);
    }
  }
  void finish(size_t i, StudyResult result, bool is_new) {
    if (is_new || result.state != StudyJobState::done) report(jobs_[i], result, journal_);
    if (limits_.stop_at_failure && result.state == StudyJobState::failed) stopped_ = true;
    schedule_.ended(i, std::move(result));
    task_->update(long(schedule_.n_ended()), long(jobs_.size()));
    changed_.notify_all();
  }
  void drop_hopeless() {
    for (size_t i : schedule_.hopeless()) {
      StudyResult result = failed_without_inputs(jobs_[i]);
      ledger_.write_result(result);
      report(jobs_[i], result, journal_);
      schedule_.end_without_start(i, std::move(result));
    }
  }

  const std::vector<StudyJob>& jobs_;
  Schedule& schedule_;
  const StudyLedger& ledger_;
  const JobLauncher& launch_;
  const StudyLimits& limits_;
  Journal& journal_;
  std::unique_ptr<Task> task_;
  std::mutex guard_;
  std::condition_variable changed_;
  size_t n_current_ = 0;
  bool stopped_ = false;
  std::exception_ptr error_;
};

}  // namespace

StudyResult failed_without_inputs(const StudyJob& job) {
  StudyResult result;
  result.id = job.id;
  result.identity = identity_of(job);
  result.state = StudyJobState::failed;
  result.error = job.after.size() == 1 ? job.after.front() + ", whose results it needs, failed"
                                       : "all jobs whose results it needs failed";
  result.ended = utc_now();
  return result;
}

StudyOutcome outcome_of(std::vector<StudyResult> results) {
  StudyOutcome outcome;
  for (const auto& result : results) {
    if (result.id.empty())
      ++outcome.not_started;
    else if (result.state == StudyJobState::failed)
      ++outcome.failed;
    else if (result.state == StudyJobState::partly)
      ++outcome.partly;
    else
      ++outcome.done;
  }
  outcome.results = std::move(results);
  return outcome;
}

StudyOutcome run_jobs(const std::vector<StudyJob>& jobs, const StudyLedger& ledger,
                      const JobLauncher& launch, const StudyLimits& limits, Journal& journal) {
  Schedule schedule(jobs, ledger, limits);
  const size_t current = Crew(jobs, schedule, ledger, launch, limits, journal).run();
  StudyOutcome outcome = outcome_of(schedule.take_results());
  outcome.current = current;
  return outcome;
}

}  // namespace sociometer::jobs
