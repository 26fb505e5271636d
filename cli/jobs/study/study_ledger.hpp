#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/jobs/study/study_job.hpp"
#include "engine/core/error.hpp"

namespace sociometer {

constexpr std::array<Name<ErrorCode>, 4> names_of(std::type_identity<ErrorCode>) {
  return {{{ErrorCode::usage, "usage"},
           {ErrorCode::bad_input, "bad-input"},
           {ErrorCode::shape_mismatch, "shape-mismatch"},
           {ErrorCode::cannot_write, "cannot-write"}}};
}

}  // namespace sociometer

namespace sociometer::jobs {

/// How a job ended. `partly`: contrasts or participants of it failed, the others are there.
enum class StudyJobState { done, partly, failed };
constexpr std::array<Name<StudyJobState>, 3> names_of(std::type_identity<StudyJobState>) {
  return {{{StudyJobState::done, "done"},
           {StudyJobState::partly, "partly"},
           {StudyJobState::failed, "failed"}}};
}

/// A file as a job saw it.
struct FileState {
  std::string path;  ///< in results by StudyPlaces::portable
  uint64_t bytes = 0;
  int64_t modified_ns = 0;  ///< since the epoch
  std::string checksum;     ///< XXH3; empty for results, which are compared by size
};
SOCIOMETER_FIELDS(FileState) {
  visit("path", self.path);
  visit("bytes", self.bytes);
  visit("modified_ns", self.modified_ns);
  visit("xxh3", self.checksum);
}

/// What is known of a job that ended.
struct StudyResult {
  std::string id, identity;
  StudyJobState state = StudyJobState::done;
  std::string error;                      ///< why it failed: one line
  ErrorCode code = ErrorCode::bad_input;  ///< kind of failure
  std::vector<std::string> failures;      ///< parts that failed
  std::string text;                       ///< findings in sentences
  std::vector<FileState> inputs, outputs;
  double seconds = 0;
  uint64_t peak_bytes = 0;  ///< resident memory
  int threads = 0;          ///< that it was allowed; 0: not known
  std::string ended;        ///< UTC, ISO 8601
  std::string machine;
};
SOCIOMETER_FIELDS(StudyResult) {
  visit("id", self.id);
  visit("identity", self.identity);
  visit("state", self.state);
  visit("error", self.error);
  visit("code", self.code);
  visit("failures", self.failures);
  visit("text", self.text);
  visit("inputs", self.inputs);
  visit("outputs", self.outputs);
  visit("seconds", self.seconds);
  visit("peak_bytes", self.peak_bytes);
  visit("threads", self.threads);
  visit("ended", self.ended);
  visit("machine", self.machine);
}

/// The books of a study in OUT/logs/sociometer: one file per job and per result, so that processes
/// on several machines can share the folder. Every file appears by rename.
///
///     jobs/ID.json      what is to be done: `run --job` takes it
///     results/ID.json   how it ended; absent while it runs
///     messages/ID.log   its messages
///     slurm/            what was submitted to Slurm (SlurmCampaign)
///     locks/ID.lock     held by the process that does it
///     log.jsonl         one line per event
///     failures.tsv      what failed; absent if nothing did
///     earlier.txt       jobs on record that the study does not have any more; absent without
///     call.open         there while a call runs, and after it was killed
class StudyLedger {
 public:
  explicit StudyLedger(std::filesystem::path output);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path job_file(const std::string& id) const;
  std::filesystem::path message_file(const std::string& id) const;
  std::filesystem::path lock_file(const std::string& id) const;

  /// Writes a file of any name by rename.
  /// @throws Error{cannot_write}
  void write_text(const std::filesystem::path& path, const std::string& text) const {
    write(path, text);
  }
  /// The same; an unchanged file keeps its time, so that jobs which read it stay current.
  void write_if_changed(const std::filesystem::path& path, const std::string& text) const;
  void write_job(const StudyJob& job) const;
  void write_result(const StudyResult& result) const;
  void remove_result(const std::string& id) const;
  /// Removes all records of a job.
  void forget(const std::string& id) const;
  /// Appends a line to the log; the time is added.
  void log(const std::string& event, const std::string& id,
           const Json& more = Json::object()) const;
  /// Rewrites the table of failures from results; removes it if there are none.
  void write_failures(const std::vector<StudyJob>& jobs) const;

  /// The result on record; none if there is no legible one.
  std::optional<StudyResult> result(const std::string& id) const;
  /// Ids of all jobs on record, sorted.
  std::vector<std::string> job_ids() const;
  /// Whether a process is doing the job.
  bool is_running(const std::string& id) const;

  /// Ids of jobs of an earlier model or of other choices, as the last call for the whole study
  /// found.
  std::vector<std::string> earlier() const;
  void write_earlier(const std::vector<std::string>& ids) const;

  /// A call notes that it has begun, and that it has ended, in whichever way but by being killed.
  void open_call() const;
  void close_call() const;
  bool has_open_call() const;

  /// Whether the job was done with the same request and the same inputs, and its results are still
  /// there. Inputs whose size and time have not changed are taken for unchanged; otherwise their
  /// checksum decides. Failed jobs are never current.
  bool is_current(const StudyJob& job) const;

 private:
  void write(const std::filesystem::path& path, const std::string& text) const;
  std::filesystem::path folder_;
};

/// Hash of what determines the results of a job besides the content of its inputs: kind, request
/// (its paths by StudyPlaces::portable) and version of the program.
std::string identity_of(const StudyJob& job);

/// @throws Error{bad_input} if the file cannot be read.
StudyJob read_study_job(const std::filesystem::path& path);

/// A job of the ledger; nothing if its file is of another version and cannot be read.
std::optional<StudyJob> job_on_record(const std::string& id, const StudyLedger& ledger);

/// Its size, time and, if asked for, checksum; no value if there is no such file.
std::optional<FileState> file_state(const std::string& path, bool with_checksum);

/// UTC, as 2026-11-28T10:11:12Z.
std::string utc_now();

}  // namespace sociometer::jobs
