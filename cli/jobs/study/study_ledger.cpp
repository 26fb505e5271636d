#include "cli/jobs/study/study_ledger.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <iterator>
#include <random>
#include <sstream>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/jobs/study/study_records.hpp"
#include "engine/core/error.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/bytes/file_content.hpp"
#include "io/bytes/file_hash.hpp"
#include "io/bytes/folder_walk.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  return text;
}

/// Whether the file is as it was. Only a file whose time has changed is read.
bool same_file(const std::string& path, const FileState& before) {
  std::optional<FileState> now = file_state(path, false);
  if (!now || now->bytes != before.bytes) return false;
  if (now->modified_ns == before.modified_ns) return true;
  now = file_state(path, true);
  return now && now->checksum == before.checksum;
}

bool exists_with_size(const std::string& path, const FileState& before) {
  const std::optional<FileState> now = file_state(path, false);
  return now && now->bytes == before.bytes;
}

}  // namespace

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

std::optional<FileState> file_state(const std::string& path, bool with_checksum) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return std::nullopt;
  FileState state{path,
                  uint64_t(about.st_size),
                  int64_t(about.st_mtim.tv_sec) * 1'000'000'000 + about.st_mtim.tv_nsec,
                  {}};
  if (with_checksum) state.checksum = input_file(path, checksum_of_file(path)).checksum;
  return state;
}

std::string identity_of(const StudyJob& job) {
  const Json json{{"kind", name_of(job.kind)},
                  {"request", job.places.portable(job.request.json)},
                  {"version", version()}};
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  FileHash hash;
  hash.add(text.data(), text.size());
  return fmt::format("{:016x}", hash.value());
}

StudyJob read_study_job(const fs::path& path) {
  const auto text = file_content(path.string());
  if (!text) fail(ErrorCode::bad_input, "{} cannot be read", path.string());
  return from_study_record<StudyJob>(*text, RecordKind::study_job, path.string());
}

StudyLedger::StudyLedger(fs::path output) : folder_(std::move(output) / "logs" / "sociometer") {}

fs::path StudyLedger::job_file(const std::string& id) const {
  return folder_ / "jobs" / (id + ".json");
}
fs::path StudyLedger::message_file(const std::string& id) const {
  return folder_ / "messages" / (id + ".log");
}
fs::path StudyLedger::lock_file(const std::string& id) const {
  return folder_ / "locks" / (id + ".lock");
}

void StudyLedger::write(const fs::path& path, const std::string& text) const {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  // A name of its own for each process and machine: several may write the same file.
  std::random_device random;
  const std::string temporary =
      (path.parent_path() / fmt::format(".{:08x}{:08x}", random(), random())).string();
  const int descriptor =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  const auto give_up = [&](int reason) {
    if (descriptor >= 0) ::unlink(temporary.c_str());
    fail(ErrorCode::cannot_write, "cannot write {}: {}", path.string(), std::strerror(reason));
  };
  if (descriptor < 0) give_up(errno);
  size_t written = 0;
  int reason = 0;
  while (written < text.size() && reason == 0) {
    const ssize_t n = ::write(descriptor, text.data() + written, text.size() - written);
    if (n > 0) written += size_t(n);
    if (n < 0 && errno != EINTR) reason = errno;
  }
  if (::close(descriptor) != 0 && reason == 0) reason = errno;
  if (reason == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) reason = errno;
  if (reason != 0) give_up(reason);
}

void StudyLedger::write_if_changed(const fs::path& path, const std::string& text) const {
  if (file_content(path.string()) != text) write(path, text);
}

void StudyLedger::write_job(const StudyJob& job) const {
  // Schedulers' tasks may be reading the file.
  write_if_changed(job_file(job.id), study_record_text(job, RecordKind::study_job));
}

void StudyLedger::write_result(const StudyResult& result) const {
  write(folder_ / "results" / (result.id + ".json"),
        study_record_text(result, RecordKind::study_result));
}

void StudyLedger::remove_result(const std::string& id) const {
  std::error_code ignored;
  fs::remove(folder_ / "results" / (id + ".json"), ignored);
}

void StudyLedger::log(const std::string& event, const std::string& id, const Json& more) const {
  Json json{{"time", utc_now()}, {"event", event}, {"job", id}};
  append(json, more);
  const std::string line = json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::error_code ignored;
  fs::create_directories(folder_, ignored);
  // One write in append mode: lines of several processes do not mix.
  const int descriptor =
      ::open((folder_ / "log.jsonl").c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) return;
  [[maybe_unused]] const ssize_t n = ::write(descriptor, line.data(), line.size());
  ::close(descriptor);
}

void StudyLedger::write_failures(const std::vector<StudyJob>& jobs) const {
  std::string table = "job\tparticipant\tstate\treason\tmessages\n";
  bool any = false;
  for (const auto& job : jobs) {
    const auto ended = result(job.id);
    if (!ended || ended->state == StudyJobState::done) continue;
    any = true;
    std::vector<std::string> reasons = ended->failures;
    if (!ended->error.empty()) reasons.insert(reasons.begin(), ended->error);
    for (const auto& reason : reasons)
      table += fmt::format("{}\t{}\t{}\t{}\t{}\n", job.id,
                           job.participant.empty() ? "n/a" : "sub-" + job.participant,
                           name_of(ended->state), one_line(reason),
                           "messages/" + message_file(job.id).filename().string());
  }
  std::error_code ignored;
  if (any)
    write(folder_ / "failures.tsv", table);
  else
    fs::remove(folder_ / "failures.tsv", ignored);
}

std::optional<StudyResult> StudyLedger::result(const std::string& id) const {
  const fs::path path = folder_ / "results" / (id + ".json");
  const auto text = file_content(path.string());
  if (!text) return std::nullopt;
  try {
    return from_study_record<StudyResult>(*text, RecordKind::study_result, path.string());
  } catch (const Error&) {
    return std::nullopt;  // of another version: the job is done again
  }
}

std::vector<std::string> StudyLedger::job_ids() const {
  std::vector<std::string> ids;
  std::error_code ignored;
  if (!fs::exists(folder_ / "jobs", ignored)) return ids;
  for (const auto& entry : entries_of_folder(folder_ / "jobs"))
    if (entry.path().extension() == ".json") ids.push_back(entry.path().stem().string());
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool StudyLedger::is_running(const std::string& id) const {
  const int descriptor = ::open(lock_file(id).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(descriptor);
  return held;
}

void StudyLedger::forget(const std::string& id) const {
  std::error_code ignored;
  // The lock stays: another process may hold it, or be about to.
  for (const auto& file : {job_file(id), message_file(id), folder_ / "designs" / (id + ".tsv")})
    fs::remove(file, ignored);
  remove_result(id);
}

std::vector<std::string> StudyLedger::earlier() const {
  std::istringstream lines(file_content((folder_ / "earlier.txt").string()).value_or(""));
  std::vector<std::string> ids;
  for (std::string line; std::getline(lines, line);)
    if (fs::exists(job_file(line))) ids.push_back(line);
  return ids;
}

void StudyLedger::write_earlier(const std::vector<std::string>& ids) const {
  std::error_code ignored;
  if (ids.empty())
    fs::remove(folder_ / "earlier.txt", ignored);
  else
    write(folder_ / "earlier.txt", fmt::format("{}\n", fmt::join(ids, "\n")));
}

void StudyLedger::open_call() const { write(folder_ / "call.open", utc_now() + "\n"); }
void StudyLedger::close_call() const {
  std::error_code ignored;
  fs::remove(folder_ / "call.open", ignored);
}
bool StudyLedger::has_open_call() const {
  std::error_code ignored;
  return fs::exists(folder_ / "call.open", ignored);
}

bool StudyLedger::is_current(const StudyJob& job) const {
  const auto before = result(job.id);
  if (!before || before->state == StudyJobState::failed || before->identity != identity_of(job))
    return false;
  // Inputs that are optional and absent are not on record.
  std::vector<std::string> then, now, paths;
  for (const auto& input : before->inputs) then.push_back(input.path);
  for (const auto& path : job.inputs)
    if (file_state(path, false)) {
      now.push_back(job.places.portable(path));
      paths.push_back(path);
    }
  if (then != now) return false;
  for (size_t i = 0; i < paths.size(); ++i)
    if (!same_file(paths[i], before->inputs[i])) return false;
  return std::all_of(before->outputs.begin(), before->outputs.end(), [&](const FileState& file) {
    return exists_with_size(job.places.resolved(file.path), file);
  });
}

std::optional<StudyJob> job_on_record(const std::string& id, const StudyLedger& ledger) {
  try {
    return read_study_job(ledger.job_file(id));
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace sociometer::jobs
