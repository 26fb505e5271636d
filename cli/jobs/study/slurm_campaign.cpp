#include "cli/jobs/study/slurm_campaign.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/study/study_records.hpp"
#include "io/bytes/file_content.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

/// Time and memory of a planner, which reads names, headers and records.
constexpr SlurmNeeds kPlannerNeeds{120, 2048, false};

/// No value if there is no such file.
template <HasFields T>
std::optional<T> read_if_there(const fs::path& path, RecordKind kind) {
  const auto text = file_content(path.string());
  if (!text) return std::nullopt;
  return from_study_record<T>(*text, kind, path.string());
}

std::string array_line(const SlurmArray& array, const std::string& id, const SlurmCall& call) {
  return fmt::format(
      "Slurm job {}: {} x {}, each {} CPUs, {} MB, {} ({})\n", id, array.jobs.size(), array.kind,
      call.settings.cpus, array.needs.megabytes,
      call.settings.time.empty() ? fmt::format("{} min", array.needs.minutes) : call.settings.time,
      array.needs.measured ? "measured" : "estimated");
}

}  // namespace

bool SlurmCampaign::exists() const { return fs::exists(folder_ / "call.json"); }

SlurmCall SlurmCampaign::call() const {
  auto call = read_if_there<SlurmCall>(folder_ / "call.json", RecordKind::slurm_call);
  if (!call) fail(ErrorCode::bad_input, "{} cannot be read", (folder_ / "call.json").string());
  return *call;
}

std::vector<SubmittedArray> SlurmCampaign::arrays(StudyStage stage) const {
  return read_if_there<SubmittedStage>(folder_ / (name_of(stage) + ".json"),
                                       RecordKind::slurm_stage)
      .value_or(SubmittedStage{})
      .arrays;
}

std::string SlurmCampaign::planner(StudyStage stage) const {
  return file_content((folder_ / (name_of(stage) + ".planner")).string()).value_or("");
}

std::optional<SlurmEnd> SlurmCampaign::end() const {
  return read_if_there<SlurmEnd>(folder_ / "end.json", RecordKind::slurm_end);
}

void SlurmCampaign::write_end(const SlurmEnd& end, const StudyLedger& ledger) const {
  ledger.write_text(folder_ / "end.json", study_record_text(end, RecordKind::slurm_end));
}

fs::path SlurmCampaign::planner_log(StudyStage stage) const {
  return folder_ / fmt::format("plan_{}.log", name_of(stage));
}

SlurmSubmission SlurmCampaign::planner_submission(StudyStage stage,
                                                  std::vector<std::string> after) const {
  SlurmSubmission planner;
  planner.name = "plan";
  planner.log = slurm_pattern(planner_log(stage).string());
  planner.needs = kPlannerNeeds;
  planner.after = std::move(after);
  planner.command = {(folder_ / "plan.sh").string(),
                     (folder_ / (name_of(stage) + ".json")).string()};
  return planner;
}

SlurmSubmission SlurmCampaign::array_submission(
    const std::string& name, const SlurmArray& array, const SlurmSettings& settings,
    const std::map<std::string, std::string>& slurm_id_of) const {
  SlurmSubmission one;
  one.name = array.kind;
  std::replace(one.name.begin(), one.name.end(), ' ', '-');
  one.log = slurm_pattern((folder_ / name).string()) + "_%a.log";
  one.n_tasks = array.jobs.size();
  one.cpus = settings.cpus;
  one.needs = array.needs;
  std::set<std::string> after;
  for (const auto& job : array.after)
    if (const auto found = slurm_id_of.find(job); found != slurm_id_of.end())
      after.insert(found->second);
  one.after.assign(after.begin(), after.end());
  one.command = {(folder_ / "task.sh").string(), (folder_ / (name + ".txt")).string()};
  return one;
}

void SlurmCampaign::begin(const SlurmCall& call, const StudyLedger& ledger) const {
  if (exists()) return;
  ledger.write_text(folder_ / "task.sh",
                    task_script(call.settings.program, ledger.folder().string()));
  ledger.write_text(folder_ / "plan.sh", planner_script(call.settings.program));
  ledger.write_text(folder_ / "call.json", study_record_text(call, RecordKind::slurm_call));
}

std::string SlurmCampaign::submit(StudyStage stage, const std::vector<StudyJob>& jobs,
                                  const SlurmMeasures& measures, const SlurmCall& call,
                                  const SlurmSubmit& submit, const StudyLedger& ledger) const {
  if (!planner(stage).empty())
    return fmt::format("stage {} was submitted before\n", name_of(stage));
  begin(call, ledger);
  SubmittedStage record{arrays(stage)};
  std::map<std::string, std::string> id_of;  // job -> Slurm's id of its array
  for (const auto& array : record.arrays)
    for (const auto& job : array.jobs) id_of[job] = array.slurm_id;
  std::vector<StudyJob> missing;
  for (const auto& job : jobs)
    if (id_of.count(job.id) == 0) missing.push_back(job);
  const SizeOfFile size = [](const std::string& path) {
    const auto state = file_state(path, false);
    return state ? state->bytes : 0;
  };
  std::string lines;
  for (SlurmArray& array : plan_arrays(missing, measures, call.settings, size)) {
    if (call.settings.megabytes > 0) array.needs.megabytes = call.settings.megabytes;
    const std::string name = fmt::format("{}-{}", name_of(stage), record.arrays.size() + 1);
    ledger.write_text(folder_ / (name + ".txt"), fmt::format("{}\n", fmt::join(array.jobs, "\n")));
    const SlurmSubmission one = array_submission(name, array, call.settings, id_of);
    const std::string id = submit(sbatch_arguments(one, call.settings));
    lines += array_line(array, id, call);
    for (const auto& job : array.jobs) id_of[job] = id;
    record.arrays.push_back({name, id, array.jobs});
    ledger.write_text(folder_ / (name_of(stage) + ".json"),
                      study_record_text(record, RecordKind::slurm_stage));
  }
  std::vector<std::string> ids;
  for (const auto& array : record.arrays) ids.push_back(array.slurm_id);
  const std::string id = submit(sbatch_arguments(planner_submission(stage, ids), call.settings));
  ledger.write_text(folder_ / (name_of(stage) + ".planner"), id);
  return lines + fmt::format("Slurm job {}: plans what follows them\n", id);
}

std::map<std::string, std::string> SlurmCampaign::tasks() const {
  std::map<std::string, std::string> tasks;
  for (const StudyStage stage : kStudyStages)
    for (const auto& array : arrays(stage))
      for (size_t t = 0; t < array.jobs.size(); ++t)
        tasks[array.jobs[t]] = fmt::format("{}_{}", array.slurm_id, t);
  return tasks;
}

fs::path SlurmCampaign::task_log(const std::string& job) const {
  for (const StudyStage stage : kStudyStages)
    for (const auto& array : arrays(stage)) {
      const auto at = std::find(array.jobs.begin(), array.jobs.end(), job);
      if (at != array.jobs.end())
        return folder_ / fmt::format("{}_{}.log", array.name, at - array.jobs.begin());
    }
  return {};
}

std::string SlurmCampaign::last_words(const std::string& job) const {
  std::ifstream log(task_log(job));
  std::string last;
  for (std::string line; std::getline(log, line);)
    if (!line.empty()) last = line;
  return last;
}

std::string SlurmCampaign::last_planner() const {
  for (auto stage = kStudyStages.rbegin(); stage != kStudyStages.rend(); ++stage)
    if (const std::string id = planner(*stage); !id.empty()) return id;
  return "";
}

std::optional<SlurmCampaign> SlurmCampaign::last_of(const StudyLedger& ledger) {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(ledger.folder() / "slurm", ignored))
    if (SlurmCampaign(entry.path()).exists()) folders.push_back(entry.path());
  if (folders.empty()) return std::nullopt;
  return SlurmCampaign(*std::max_element(folders.begin(), folders.end()));
}

}  // namespace sociometer::jobs
