#include "cli/jobs/study/earlier_results.hpp"

#include <algorithm>
#include <filesystem>

#include "io/bytes/run_records.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// A path within a folder once links and ".." in it are followed, which records on disk may have;
/// empty if it leads elsewhere, to a folder, or into the ledger, other than to its shards.
/// @param root  canonical.
fs::path really_inside(const fs::path& path, const fs::path& root) {
  std::error_code failure;
  const fs::path normal = path.lexically_normal();
  const fs::path folder = fs::canonical(normal.parent_path(), failure);
  if (failure) return {};
  const fs::path real = folder / normal.filename();
  if (fs::is_directory(fs::symlink_status(real, failure))) return {};
  const fs::path within = real.lexically_relative(root);
  const bool shard = within.parent_path() == fs::path("logs") / "sociometer" / "shards";
  const bool outside = within.empty() || *within.begin() == ".." || *within.begin() == "." ||
                       (*within.begin() == "logs" && !shard);
  return outside ? fs::path() : real;
}

/// Where a job's results really are, within the study's folder.
std::set<fs::path> outputs_of(const std::string& id, const StudyLedger& ledger,
                              const StudyPlaces& places, const fs::path& root) {
  std::set<fs::path> paths;
  if (const auto result = ledger.result(id))
    for (const auto& file : result->outputs)
      if (const fs::path path = really_inside(places.resolved(file.path), root); !path.empty())
        paths.insert(path);
  return paths;
}

/// Removes the folders that a removed file leaves empty. @param folder  within root.
void remove_empty_folders(fs::path folder, const fs::path& root) {
  std::error_code failure;
  while (folder != root && fs::is_empty(folder, failure) && !failure && fs::remove(folder, failure))
    folder = folder.parent_path();
}

/// Folders of results below the study's one: neither its ledger nor its pages.
std::vector<fs::path> result_folders(const fs::path& root) {
  std::vector<fs::path> folders{root};
  std::error_code failure;
  fs::recursive_directory_iterator at(root, failure);
  for (const fs::recursive_directory_iterator end; !failure && at != end; at.increment(failure)) {
    if (!at->is_directory(failure) || at->is_symlink(failure)) continue;
    const std::string name = at->path().filename().string();
    const bool skipped =
        name.starts_with(".") || (at.depth() == 0 && (name == "logs" || name == "report"));
    if (skipped)
      at.disable_recursion_pending();
    else
      folders.push_back(at->path());
  }
  return folders;
}

}  // namespace

std::vector<std::string> jobs_of_others(const StudyLedger& ledger,
                                        const std::set<std::string>& ids) {
  std::vector<std::string> others;
  for (const auto& id : ledger.job_ids())
    if (!ids.contains(id)) others.push_back(id);
  return others;
}

size_t remove_results(const std::vector<std::string>& others, const std::set<std::string>& ids,
                      const StudyLedger& ledger, const StudyPlaces& places) {
  std::error_code failure;
  const fs::path root = fs::canonical(places.output, failure);
  if (failure) return 0;
  std::set<fs::path> kept;
  for (const auto& id : ids) kept.merge(outputs_of(id, ledger, places, root));
  // All jobs write it.
  kept.insert(root / "dataset_description.json");
  size_t n = 0;
  for (const auto& id : others) {
    if (ledger.is_running(id)) continue;
    for (const auto& path : outputs_of(id, ledger, places, root)) {
      if (kept.contains(path)) continue;
      n += fs::remove(path, failure);
      remove_empty_folders(path.parent_path(), root);
    }
    ledger.forget(id);
  }
  std::vector<fs::path> folders = result_folders(root);
  std::reverse(folders.begin(), folders.end());  // inner folders first
  for (const auto& folder : folders)
    if (remove_spent_records(folder) > 0) remove_empty_folders(folder, root);
  return n;
}

size_t remove_pages_of_others(const std::set<std::string>& people, const StudyPlaces& places) {
  std::error_code failure;
  std::vector<fs::path> gone;
  for (const auto& entry : fs::directory_iterator(fs::path(places.output) / "report", failure)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("sub-") && !people.contains(name.substr(4))) gone.push_back(entry.path());
  }
  size_t n = 0;
  for (const auto& folder : gone) n += remove_run(folder, "report") > 0;
  return n;
}

}  // namespace sociometer::jobs
