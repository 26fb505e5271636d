#include "io/bytes/output_set.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "engine/core/printable.hpp"
#include "io/bytes/file_content.hpp"
#include "io/bytes/json.hpp"
#include "io/bytes/read_log.hpp"
#include "io/bytes/replacement.hpp"
#include "io/bytes/staging_folder.hpp"

namespace sociometer {
namespace fs = std::filesystem;

namespace {

/// Within the staging folder: former files, until all new ones have their names.
constexpr const char* kAside = ".replaced";
constexpr size_t kLongestFileName = 255;  ///< bytes, on all common file systems

/// Shared by all runs of a folder; differs between them only by the program's version.
bool is_shared(const fs::path& name) { return name == "dataset_description.json"; }

bool same_content(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::file_size(a, error) != fs::file_size(b, error) || error) return false;
  std::ifstream x(a, std::ios::binary), y(b, std::ios::binary);
  try {
    return std::equal(std::istreambuf_iterator<char>(x), {}, std::istreambuf_iterator<char>(y));
  } catch (const std::ios_base::failure& failure) {
    fail(ErrorCode::bad_input, "cannot read {}: {}", b.string(), failure.code().message());
  }
}

/// A dataset_description.json as JSON; null if there is none that can be parsed.
Json description_in(const fs::path& folder) {
  const Json json = json_in_file(folder / "dataset_description.json");
  return json.is_object() ? json : Json(nullptr);
}

/// A string field of an object; `otherwise` if it is absent or not a string.
std::string text_in(const Json& object, const char* key, const char* otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

/// Whether a description is our own derivatives' one, which all runs of a folder write.
bool is_ours(const Json& description) {
  if (!description.is_object()) return false;
  const auto by = description.find("GeneratedBy");
  return text_in(description, "DatasetType", "") == "derivative" && by != description.end() &&
         by->is_array() && !by->empty() && (*by)[0].is_object() &&
         text_in((*by)[0], "Name", "") == "Sociometer";
}

/// Prevents concurrent commits into the folder. A no-op on file systems without locks.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

/// File systems with delayed allocation lose files renamed shortly before a power failure; those in
/// memory, and network file systems that write on close, need no sync.
bool delays_writing(const fs::path& folder) {
  struct statfs about;
  if (::statfs(folder.c_str(), &about) != 0) return false;
  const auto type = uint32_t(about.f_type);
  constexpr uint32_t kExt = 0xEF53, kXfs = 0x58465342, kBtrfs = 0x9123683E, kF2fs = 0xF2F52010;
  return type == kExt || type == kXfs || type == kBtrfs || type == kF2fs;
}

/// @throws Error{cannot_write} if the file cannot be synced to disk.
void settle_on_disk(const fs::path& path, const fs::path& target) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool good = descriptor >= 0 && ::fdatasync(descriptor) == 0;
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!good)
    fail(ErrorCode::cannot_write, "cannot write {}: {}", target.string(), std::strerror(reason));
}

std::span<const uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Rewrites a file of the staging folder; errors name the file that it is to become.
void write_staged(const fs::path& path, const fs::path& target, std::span<const uint8_t> bytes) {
  const auto give_up = [&] {
    fail(ErrorCode::cannot_write, "cannot write {}: {}", target.string(), std::strerror(errno));
  };
  ::unlink(path.c_str());
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) give_up();
  size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n = ::write(descriptor, bytes.data() + written, bytes.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      const int reason = errno;
      ::close(descriptor);
      errno = reason;
      give_up();
    }
    written += size_t(n);
  }
  if (::close(descriptor) != 0) give_up();
}

bool leads_out(const fs::path& relative) {
  return relative.is_absolute() || relative.empty() || *relative.begin() == "..";
}

/// Whether a name stays in the folder when links are followed.
bool stays_in(const fs::path& folder, const fs::path& name) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical((folder / name).parent_path(), error);
  if (error) return false;
  const fs::path root = fs::canonical(folder, error);
  return !error && !leads_out(real.lexically_relative(root));
}

std::vector<std::string> lines_in(const fs::path& path) {
  std::istringstream file(file_content(path.string()).value_or(""));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

}  // namespace

fs::path OutputSet::record_path() const {
  std::string name = policy_.run;
  for (char& c : name)
    if (c == '/') c = '+';
  return folder_ / ".outputs" / (name + ".txt");
}

/// What the folder holds of this run, and whether it may be replaced.
void OutputSet::check_run() {
  if (!policy_.raw) refuse_raw_dataset();
  if (const size_t n = record_path().filename().native().size(); n > kLongestFileName)
    fail(ErrorCode::usage,
         "the record of the run {} would have a name of {} bytes, names of files have at most {}; "
         "use a shorter --prefix",
         policy_.run, n, kLongestFileName);
  if (std::error_code ignored; fs::is_symlink(record_path().parent_path(), ignored))
    fail(ErrorCode::cannot_write,
         "{} is a link, so the record of this run would lie elsewhere; remove it, or give another "
         "-o",
         record_path().parent_path().string());
  record_ = lines_in(record_path());
  // The record may have come with the folder, from others.
  for (const auto& name : record_)
    if (leads_out(fs::path(name).lexically_normal()))
      fail(ErrorCode::cannot_write,
           "{} lists {}, which is outside of {}; remove that line, or give another -o",
           record_path().string(), name, folder_.string());
  for (const auto& name : record_)
    if (std::error_code ignored; !is_shared(name) && fs::exists(folder_ / name, ignored))
      former_.push_back(name);
  if (!former_.empty() && !policy_.overwrite)
    fail(ErrorCode::cannot_write,
         "{} already holds results of this command ({} files, {} among them); give another -o or "
         "--prefix, or --overwrite to replace them as a whole",
         folder_.string(), former_.size(), former_.front());
  for (const auto& name : former_) refuse_if_read(name);
}

/// @throws Error{cannot_write} if the folder, or the one that it will be made in, takes no files.
void OutputSet::require_writable() const {
  std::error_code error;
  fs::path place = fs::absolute(folder_).lexically_normal();
  while (!fs::exists(place, error) && place.has_relative_path()) place = place.parent_path();
  if (!fs::is_directory(place, error))
    fail(ErrorCode::cannot_write, "cannot make the output folder {}: {} is not a folder",
         folder_.string(), place.string());
  if (::access(place.c_str(), W_OK | X_OK) != 0)
    fail(ErrorCode::cannot_write, "cannot write to the output folder {}: {}", folder_.string(),
         std::strerror(errno));
}

OutputSet::OutputSet(fs::path folder, OutputPolicy policy)
    : folder_(std::move(folder)), policy_(std::move(policy)) {
  if (folder_.empty()) fail(ErrorCode::usage, "the output folder has no name");
  if (!policy_.run.empty()) check_run();
  if (policy_.dry_run) {
    require_writable();
    return;
  }
  std::error_code error;
  const auto hold = hold_staging();
  for (fs::path p = fs::absolute(folder_).lexically_normal(); !p.empty() && !fs::exists(p, error);
       p = p.parent_path())
    made_folders_.push_back(p);
  fs::create_directories(folder_, error);
  if (error) {
    const std::string reason = error.message();
    remove_made_folders();
    fail(ErrorCode::cannot_write, "cannot make the output folder {}: {}", folder_.string(), reason);
  }
  staging_ = make_staging_folder(folder_, made_folders_);
  // Another process that made the folder may remove it, still empty, as it gives up.
  for (int again = 0; staging_.empty() && errno == ENOENT && again < 100; ++again) {
    fs::create_directories(folder_, error);
    staging_ = make_staging_folder(folder_, made_folders_);
  }
  if (staging_.empty()) {
    const std::string reason = std::strerror(errno);
    remove_made_folders();
    fail(ErrorCode::cannot_write, "cannot write to the output folder {}: {}", folder_.string(),
         reason);
  }
}

void OutputSet::refuse_raw_dataset() const {
  const Json json = description_in(folder_);
  if (json.is_null() || text_in(json, "DatasetType", "raw") != "raw" ||
      !json.contains("BIDSVersion"))
    return;
  fail(
      ErrorCode::cannot_write,
      "{} is a raw BIDS dataset by its dataset_description.json; results go into a folder of their "
      "own, as in -o {}",
      folder_.string(), (folder_ / "derivatives/sociometer").string());
}

void OutputSet::remove_made_folders() {
  std::error_code ignored;
  for (const auto& made : made_folders_) fs::remove(made, ignored);  // only when empty
}

OutputSet::~OutputSet() {
  if (!staging_.empty()) remove_staging_folder(staging_);
  if (committed_) return;
  remove_made_folders();
}

void check_output_name(const std::string& name, const std::string& folder) {
  const fs::path relative = fs::path(name).lexically_normal();
  if (leads_out(relative))
    fail(ErrorCode::usage,
         "the output name {} leads out of the output folder{}{}; use another --prefix", name,
         folder.empty() ? "" : " ", folder);
  if (const std::string control = control_character_in(name); !control.empty())
    fail(ErrorCode::usage,
         "the output name {} holds the control character {}; use another --prefix", printable(name),
         control);
  for (const fs::path& part : relative) {
    const std::string& text = part.native();
    if (text.size() > kLongestFileName)
      fail(
          ErrorCode::usage,
          "the output name {} has {} bytes, names of files have at most {}; use a shorter --prefix "
          "or shorter names",
          text, text.size(), kLongestFileName);
    if (const auto first = text.find_first_of("=+-@"); first == 0)
      fail(ErrorCode::usage,
           "the output name {} begins with '{}', which programs take for an option or a formula; "
           "use "
           "another --prefix",
           text, text[0]);
  }
}

void OutputSet::check_name(const std::string& name) const {
  check_output_name(name, folder_.string());
}

fs::path OutputSet::stage(const std::string& name) {
  sociometer::require(!policy_.dry_run, "nothing is written in a dry run");
  check_name(name);
  fs::path path = staging_ / fs::path(name).lexically_normal();
  std::error_code error;
  // An interrupted process has removed its folders for good: this waits for its end.
  const auto hold = hold_staging();
  if (!staged_folders_.contains(path.parent_path()))
    fs::create_directories(path.parent_path(), error);
  if (error)
    fail(ErrorCode::cannot_write, "cannot write {}: {}", (folder_ / name).string(),
         error.message());
  staged_folders_.insert(path.parent_path());
  names_.insert(fs::path(name).lexically_normal());
  return path;
}

void OutputSet::write(const std::string& name, std::span<const uint8_t> bytes) {
  write_staged(stage(name), folder_ / name, bytes);
}

void OutputSet::write(const std::string& name, const std::string& text) {
  write(name, as_bytes(text));
}

void OutputSet::require_staged(const std::vector<fs::path>& names) const {
  std::error_code ignored;
  for (const auto& name : names)
    if (!fs::is_regular_file(staging_ / name, ignored))
      fail(ErrorCode::cannot_write,
           "{} was written but vanished from {} before it got its name: another program removes "
           "files there; give the command again",
           (folder_ / name).string(), staging_.string());
}

void OutputSet::refuse_if_read(const fs::path& name) const {
  if (was_read((folder_ / name).string(), policy_.reads_since))
    fail(
        ErrorCode::cannot_write,
        "{} is read by this command and belongs to the results that it would replace; give another "
        "-o or --prefix, or a copy of that file",
        (folder_ / name).string());
}

void OutputSet::keep(const std::string& name) { kept_.insert(fs::path(name).string()); }

void OutputSet::refuse_conflicts(const std::vector<fs::path>& names) const {
  // `overwrite` replaces this run's files and unclaimed ones, but not those of another command.
  const std::set<std::string> others =
      policy_.overwrite ? files_of_other_runs() : std::set<std::string>{};
  for (const auto& name : names) {
    std::error_code ignored;
    if (is_shared(name) || !fs::exists(folder_ / name, ignored)) continue;
    if (!same_content(staging_ / name, folder_ / name)) refuse_if_read(name);
    if (policy_.overwrite && !others.contains(name.string())) continue;
    if (!same_content(staging_ / name, folder_ / name))
      fail(ErrorCode::cannot_write,
           "{} is there already with other content{}; give another -o or --prefix{}",
           (folder_ / name).string(),
           policy_.overwrite ? ", written by another command, whose files --overwrite leaves alone"
                             : "",
           policy_.overwrite ? "" : ", or --overwrite to replace it");
  }
}

std::set<std::string> OutputSet::files_of_other_runs() const {
  std::set<std::string> names;
  std::error_code ignored;
  if (policy_.run.empty()) return names;
  for (const auto& entry : fs::directory_iterator(record_path().parent_path(), ignored))
    if (entry.path() != record_path())
      for (const auto& name : lines_in(entry.path())) names.insert(name);
  return names;
}

std::vector<fs::path> OutputSet::outdated_files(const std::vector<fs::path>& names) {
  std::vector<fs::path> outdated;
  const std::set<std::string> others = files_of_other_runs();
  for (const auto& old : former_) {
    if (std::binary_search(names.begin(), names.end(), fs::path(old)) || others.contains(old))
      continue;
    if (was_read((folder_ / old).string(), policy_.reads_since) || !stays_in(folder_, old))
      kept_.insert(old);
    if (!kept_.contains(old)) outdated.emplace_back(old);
  }
  return outdated;
}

fs::path OutputSet::staged_record(const std::vector<fs::path>& names) const {
  std::string record;
  for (const auto& name : names) record += name.string() + '\n';
  for (const auto& name : kept_) record += name + '\n';
  const fs::path path = staging_ / kAside / "record";
  write_staged(path, record_path(), as_bytes(record));
  return path;
}

void OutputSet::replace_files(const std::vector<fs::path>& names) {
  const auto require_done = [](const std::error_code& error, const fs::path& path) {
    if (error) fail(ErrorCode::cannot_write, "cannot write {}: {}", path.string(), error.message());
  };
  std::error_code error, ignored;
  fs::create_directory(staging_ / kAside, error);
  require_done(error, folder_);
  const std::vector<fs::path> outdated = outdated_files(names);
  const fs::path record = policy_.run.empty() ? fs::path() : staged_record(names);
  Replacement replacement(staging_ / kAside);
  for (const auto& name : names)
    require_done(replacement.put(staging_ / name, folder_ / name), folder_ / name);
  for (const auto& name : outdated)
    require_done(replacement.remove(folder_ / name), folder_ / name);
  // The record comes last: until then a killed run counts as the former one, to be replaced whole.
  if (!record.empty()) require_done(replacement.put(record, record_path()), record_path());
  replacement.keep();
  committed_ = true;
  // Remove folders that become empty, e.g. of a participant who was excluded.
  for (const auto& name : outdated)
    for (fs::path at = name.parent_path(); !at.empty(); at = at.parent_path())
      if (!fs::remove(folder_ / at, ignored)) break;
}

void OutputSet::commit() {
  const auto hold = hold_staging();
  const FolderLock lock(folder_);
  std::error_code gone;
  if (const fs::path name = "dataset_description.json";
      !policy_.raw && fs::exists(folder_ / name, gone) && !is_ours(description_in(folder_)))
    names_.erase(name);  // it is another program's
  const std::vector<fs::path> names(names_.begin(), names_.end());
  if (!policy_.run.empty() && lines_in(record_path()) != record_)
    fail(ErrorCode::cannot_write,
         "another run of this command wrote into {} meanwhile; give each run an -o or --prefix of "
         "its own",
         folder_.string());
  require_staged(names);
  refuse_conflicts(names);
  if (delays_writing(staging_))
    for (const auto& name : names) settle_on_disk(staging_ / name, folder_ / name);
  replace_files(names);
  if (!policy_.written) return;
  for (const auto& name : names)
    if (!is_shared(name)) policy_.written->push_back(folder_ / name);
  for (const auto& name : kept_) policy_.written->push_back(folder_ / name);
}

}  // namespace sociometer
