#include "cli/jobs/study/study_preview.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/bytes/file_content.hpp"

namespace sociometer::jobs {

std::set<std::string> jobs_to_do(const std::vector<StudyJob>& jobs, const StudyLedger& ledger,
                                 const std::set<std::string>& changed_tables) {
  std::set<std::string> to_do;
  for (const auto& job : jobs) {
    const bool reads_changed =
        std::any_of(job.inputs.begin(), job.inputs.end(),
                    [&](const auto& path) { return changed_tables.contains(path); });
    const bool follows = std::any_of(job.after.begin(), job.after.end(),
                                     [&](const auto& id) { return to_do.contains(id); });
    if (reads_changed || follows || !ledger.is_current(job)) to_do.insert(job.id);
  }
  return to_do;
}

std::vector<std::string> warnings_in(const std::filesystem::path& messages) {
  static const std::string kWarning = "warning: ";
  std::vector<std::string> out;
  std::istringstream lines(file_content(messages.string()).value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(kWarning)) out.push_back(line.substr(kWarning.size()));
  return out;
}

std::string plan_table(const std::vector<StudyJob>& jobs, const std::set<std::string>& to_do) {
  size_t width = 3;
  for (const auto& job : jobs) width = std::max(width, job.id.size());
  std::string text =
      fmt::format("{:<{}}  {:<14}  {:<7}  {}\n", "job", width, "kind", "state", "needs");
  for (const auto& job : jobs)
    text += fmt::format("{:<{}}  {:<14}  {:<7}  {}\n", job.id, width, name_of(job.kind),
                        !job.problem.empty()     ? "cannot"
                        : to_do.contains(job.id) ? "to do"
                                                 : "done",
                        !job.problem.empty()   ? job.problem
                        : job.after.size() > 3 ? fmt::format("{} jobs", job.after.size())
                                               : fmt::format("{}", fmt::join(job.after, ", ")));
  return text;
}

Json plan_json(const std::vector<StudyJob>& jobs) {
  Json json = Json::array();
  for (const auto& job : jobs) json.push_back(to_json(job));
  return json;
}

}  // namespace sociometer::jobs
