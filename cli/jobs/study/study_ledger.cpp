#include "cli/jobs/study/study_ledger.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <random>

#include <fcntl.h>
#include <fmt/chrono.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/bytes/file_hash.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

std::optional<std::string> text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  return text;
}

/// Whether the file is as it was. Only a file whose time has changed is read.
bool same_file(const FileState& before) {
  std::optional<FileState> now = file_state(before.path, false);
  if (!now || now->bytes != before.bytes) return false;
  if (now->modified_ns == before.modified_ns) return true;
  now = file_state(before.path, true);
  return now && now->checksum == before.checksum;
}

bool exists_with_size(const FileState& before) {
  const std::optional<FileState> now = file_state(before.path, false);
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
  const Json json{
      {"kind", name_of(job.kind)}, {"request", job.request.json}, {"version", version()}};
  const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  FileHash hash;
  hash.add(text.data(), text.size());
  return fmt::format("{:016x}", hash.value());
}

StudyJob read_study_job(const fs::path& path) {
  const auto text = text_of(path);
  if (!text) fail(ErrorCode::bad_input, "{} cannot be read", path.string());
  const Json json = Json::parse(*text, nullptr, false);
  if (json.is_discarded()) fail(ErrorCode::bad_input, "{} is not valid JSON", path.string());
  return from_json<StudyJob>(json, path.string());
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

void StudyLedger::write_job(const StudyJob& job) const {
  // An unchanged file keeps its time: schedulers' tasks may be reading it.
  const std::string text = to_text(to_json(job));
  if (text_of(job_file(job.id)) != text) write(job_file(job.id), text);
}

void StudyLedger::write_result(const StudyResult& result) const {
  write(folder_ / "results" / (result.id + ".json"), to_text(to_json(result)));
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
  const auto text = text_of(path);
  if (!text) return std::nullopt;
  const Json json = Json::parse(*text, nullptr, false);
  try {
    return json.is_object() ? std::optional(from_json<StudyResult>(json, path.string()))
                            : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // of another version: the job is done again
  }
}

std::vector<std::string> StudyLedger::job_ids() const {
  std::vector<std::string> ids;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_ / "jobs", ignored))
    if (entry.path().extension() == ".json") ids.push_back(entry.path().stem().string());
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool StudyLedger::is_current(const StudyJob& job) const {
  const auto before = result(job.id);
  if (!before || before->state == StudyJobState::failed || before->identity != identity_of(job))
    return false;
  const auto same_paths = [&] {
    std::vector<std::string> paths;
    for (const auto& input : before->inputs) paths.push_back(input.path);
    return paths == job.inputs;
  };
  return same_paths() && std::all_of(before->inputs.begin(), before->inputs.end(), same_file) &&
         std::all_of(before->outputs.begin(), before->outputs.end(), exists_with_size);
}

}  // namespace sociometer::jobs
