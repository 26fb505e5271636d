#include "cli/jobs/study/study_claim.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "cli/jobs/request_json.hpp"
#include "cli/jobs/study/study_ledger.hpp"
#include "cli/jobs/study/study_places.hpp"
#include "engine/core/error.hpp"
#include "io/bytes/file_content.hpp"
#include "io/bytes/file_hash.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// What determines the jobs of a call besides whom it analyses and how far it goes.
std::string identity_of_call(const StudyRequest& request, const StudyInputs& inputs) {
  StudyRequest same = request;
  same.level = StudyLevel::participant;
  same.filter.participants.clear();
  same.model.clear();
  same.output.clear();
  same.bids = absolute_path(same.bids);
  for (auto& folder : same.derivatives) folder = derivatives_folder(folder);
  same.skip_participants = false;
  const std::string text =
      to_json(same).dump(-1, ' ', false, Json::error_handler_t::replace) + inputs.model_text;
  FileHash hash;
  hash.add(text.data(), text.size());
  return fmt::format("{:016x}", hash.value());
}

std::string content_of(int descriptor) {
  std::array<char, 64> bytes{};
  const ssize_t n = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  return n > 0 ? std::string(bytes.data(), size_t(n)) : std::string();
}

}  // namespace

StudyClaim::StudyClaim(const StudyRequest& request, const StudyInputs& inputs)
    : ledger_(absolute_path(request.output)) {
  hold(request, inputs);
  ledger_.open_call();
}

void StudyClaim::hold(const StudyRequest& request, const StudyInputs& inputs) {
  const fs::path path = ledger_.folder() / "call.lock";
  std::error_code error;
  fs::create_directories(ledger_.folder(), error);
  if (error)
    fail(ErrorCode::cannot_write, "cannot make {}: {}", ledger_.folder().string(), error.message());
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor_ < 0)
    fail(ErrorCode::cannot_write, "cannot write {}: {}", path.string(), std::strerror(errno));
  const std::string own = identity_of_call(request, inputs);
  // On file systems without locks no call ever waits.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) {
    const bool written = ::ftruncate(descriptor_, 0) == 0 &&
                         ::pwrite(descriptor_, own.data(), own.size(), 0) == ssize_t(own.size());
    ::flock(descriptor_, LOCK_SH);
    if (!written) {
      ::close(descriptor_);
      fail(ErrorCode::cannot_write, "cannot write {}: {}", path.string(), std::strerror(errno));
    }
    return;
  }
  if (errno != EWOULDBLOCK) return;
  ::flock(descriptor_, LOCK_SH);
  if (content_of(descriptor_) == own) return;
  ::close(descriptor_);
  fail(ErrorCode::usage,
       "{} is in use by another call of run with another model or other options; wait for its end, "
       "or give another output folder",
       request.output);
}

StudyClaim::~StudyClaim() {
  ledger_.close_call();
  if (descriptor_ >= 0) ::close(descriptor_);
}

void check_output_folder(const StudyRequest& request) {
  const fs::path raw = fs::weakly_canonical(request.bids),
                 output = fs::weakly_canonical(request.output);
  const fs::path inside = output.lexically_relative(raw);
  if (!inside.empty() && inside.begin()->string().starts_with("sub-"))
    fail(ErrorCode::usage, "{} is a participant's folder of the dataset; give {}", request.output,
         (fs::path(request.bids) / "derivatives" / "sociometer").string());
  const fs::path path = output / "dataset_description.json";
  const auto text = file_content(path.string());
  if (!text) return;
  const Json json = parse_json(*text, path.string());
  if (!json.is_object()) return;
  std::string others;
  if (json.contains("GeneratedBy") && json["GeneratedBy"].is_array())
    for (const auto& by : json["GeneratedBy"])
      if (by.is_object() && by.contains("Name") && by["Name"].is_string()) {
        const std::string name = by["Name"];
        // `simulate` describes what it imitates.
        if (name == "Sociometer" && !by.contains("Description")) return;
        others = name;
      }
  fail(ErrorCode::usage, "{} holds {} ({}); give an output folder of its own", request.output,
       others.empty() ? "another dataset" : "a dataset of " + others, path.string());
}

}  // namespace sociometer::jobs
