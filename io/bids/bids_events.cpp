#include "io/bids/bids_events.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/bids/bids_name.hpp"

namespace sociometer {
namespace {

namespace fs = std::filesystem;
constexpr const char* kEnding = "_events.tsv";

bool comes_before(const fs::path& a, const fs::path& b) {
  const std::string x = a.filename().string(), y = b.filename().string();
  for (const char* key : {"ses", "run"}) {
    const std::string u = bids_name(x).label(key), v = bids_name(y).label(key);
    if (natural_less(u, v)) return true;
    if (natural_less(v, u)) return false;
  }
  return x < y;
}

/// False also for links that lead nowhere or in circles.
bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  fs::directory_iterator at(folder, error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) out.push_back(at->path());
  if (error)
    fail(ErrorCode::bad_input, "{} cannot be listed: {}", folder.string(), error.message());
  return out;
}

std::vector<fs::path> events_of(const fs::path& subject) {
  std::vector<fs::path> folders{subject / "func"}, files;
  for (const auto& entry : entries_of(subject))
    if (entry.filename().string().starts_with("ses-") && is_folder(entry))
      folders.push_back(entry / "func");
  for (const auto& folder : folders) {
    if (!is_folder(folder)) continue;
    for (const auto& entry : entries_of(folder))
      if (entry.filename().string().ends_with(kEnding)) files.push_back(entry);
  }
  std::sort(files.begin(), files.end(), comes_before);
  return files;
}

std::string choose_task(const std::string& bids, const std::string& task,
                        const std::set<std::string>& tasks) {
  if (tasks.empty())
    fail(ErrorCode::bad_input, "{} has no events: no sub-*/[ses-*/]func/*_task-*{}", bids, kEnding);
  if (!task.empty() && !tasks.contains(task))
    fail(ErrorCode::bad_input, "{} has no events of task '{}'; it has {}", bids, task,
         fmt::join(tasks, ", "));
  if (task.empty() && tasks.size() > 1)
    fail(ErrorCode::usage, "{} has several tasks; choose with --task: {}", bids,
         fmt::join(tasks, ", "));
  return task.empty() ? *tasks.begin() : task;
}

}  // namespace

std::vector<ParticipantEvents> find_events(const std::string& bids, std::string& task,
                                           const std::vector<std::string>& labels) {
  if (!is_folder(bids)) fail(ErrorCode::bad_input, "{} is not a folder", bids);
  std::map<std::string, std::vector<fs::path>> found;
  std::set<std::string> tasks;
  for (const auto& entry : entries_of(bids)) {
    const std::string name = entry.filename().string();
    if (!name.starts_with("sub-") || !is_folder(entry)) continue;
    auto& files = found[name.substr(4)] = events_of(entry);
    for (const auto& file : files) tasks.insert(bids_name(file.filename().string()).label("task"));
  }
  tasks.erase("");
  task = choose_task(bids, task, tasks);
  std::vector<std::string> wanted;
  for (const auto& label : labels)
    wanted.push_back(label.starts_with("sub-") ? label.substr(4) : label);
  for (const auto& label : wanted)
    if (!found.contains(label))
      fail(ErrorCode::bad_input, "{} has no participant sub-{}", bids, label);
  std::vector<ParticipantEvents> out;
  for (const auto& [label, files] : found) {
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), label) == wanted.end()) continue;
    ParticipantEvents p{label, {}};
    for (const auto& file : files)
      if (bids_name(file.filename().string()).label("task") == task)
        p.paths.push_back(file.string());
    if (!p.paths.empty() || !wanted.empty()) out.push_back(std::move(p));
  }
  return out;
}

std::string derivative_name(const std::string& bids, const std::string& path,
                            const std::string& description) {
  std::string name = fs::path(path).lexically_relative(bids).string();
  name.resize(name.size() - std::string(kEnding).size());
  return name + "_desc-" + description + kEnding;
}

}  // namespace sociometer
