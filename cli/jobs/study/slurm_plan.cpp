#include "cli/jobs/study/slurm_plan.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "io/bytes/shell_word.hpp"

namespace sociometer::jobs {
namespace {

/// Memory that a process takes whatever its inputs are.
constexpr double kOwnBytes = 100e6;

std::string kind_of(const StudyJob& job) {
  return std::string(name_of(job.kind)) + (shuffles(job) ? " permutations" : "");
}

double input_bytes(const StudyJob& job, const SizeOfFile& size) {
  double bytes = 0;
  for (const auto& path : job.inputs) bytes += double(size(path));
  return bytes;
}

/// Length of the longest chain of predecessors among the jobs.
std::vector<size_t> depths_of(const std::vector<StudyJob>& jobs) {
  std::map<std::string, size_t> known;
  std::vector<size_t> depths;
  for (const auto& job : jobs) {
    size_t depth = 0;
    for (const auto& id : job.after)
      if (const auto found = known.find(id); found != known.end())
        depth = std::max(depth, found->second + 1);
    known[job.id] = depth;
    depths.push_back(depth);
  }
  return depths;
}

}  // namespace

SlurmMeasures::SlurmMeasures(const std::vector<StudyJob>& jobs, const StudyLedger& ledger, int cpus)
    : cpus_(cpus) {
  for (const auto& job : jobs)
    if (const auto result = ledger.result(job.id)) add(job, *result);
}

void SlurmMeasures::add(const StudyJob& job, const StudyResult& result) {
  if (result.state == StudyJobState::failed) return;
  double inputs = 1;
  for (const auto& input : result.inputs) inputs += double(input.bytes);
  // Fewer threads take longer; more promise nothing.
  const double seconds = result.seconds * std::max(1., double(result.threads) / cpus_);
  const double peak = double(result.peak_bytes);
  Kind& kind = kinds_[kind_of(job)];
  kind.seconds = std::max(kind.seconds, seconds);
  kind.seconds_per_byte = std::max(kind.seconds_per_byte, seconds / inputs);
  kind.bytes = std::max(kind.bytes, peak);
  kind.bytes_per_byte = std::max(kind.bytes_per_byte, (peak - kOwnBytes) / inputs);
}

SlurmNeeds SlurmMeasures::of(const StudyJob& job, const SizeOfFile& size) const {
  const double inputs = input_bytes(job, size);
  const auto known = kinds_.find(kind_of(job));
  if (known == kinds_.end())
    return {int((shuffles(job) ? 480 : 60) + 10 * inputs / 1e9), int(4096 + 2 * inputs / 1e6),
            false};
  const Kind& kind = known->second;
  const double seconds = std::max(kind.seconds, kind.seconds_per_byte * inputs);
  const double bytes = std::max(kind.bytes, kOwnBytes + kind.bytes_per_byte * inputs);
  return {std::max(10, int(std::ceil(2 * seconds / 60))),
          std::max(512, int(std::ceil(1.5 * bytes / 1e6))), true};
}

std::vector<SlurmArray> plan_arrays(const std::vector<StudyJob>& jobs,
                                    const SlurmMeasures& measures, const SlurmSettings& settings,
                                    const SizeOfFile& size) {
  const std::vector<size_t> depths = depths_of(jobs);
  std::map<std::pair<size_t, std::string>, std::vector<size_t>> groups;
  for (size_t i = 0; i < jobs.size(); ++i) groups[{depths[i], kind_of(jobs[i])}].push_back(i);
  std::vector<SlurmArray> arrays;
  for (const auto& [key, members] : groups)
    for (size_t first = 0; first < members.size(); first += size_t(settings.array_size)) {
      SlurmArray array;
      array.kind = key.second;
      std::set<std::string> after;
      const size_t end = std::min(members.size(), first + size_t(settings.array_size));
      for (size_t m = first; m < end; ++m) {
        const StudyJob& job = jobs[members[m]];
        array.jobs.push_back(job.id);
        after.insert(job.after.begin(), job.after.end());
        const SlurmNeeds needs = measures.of(job, size);
        array.needs.minutes = std::max(array.needs.minutes, needs.minutes);
        array.needs.megabytes = std::max(array.needs.megabytes, needs.megabytes);
        array.needs.measured = needs.measured;
      }
      array.after.assign(after.begin(), after.end());
      arrays.push_back(std::move(array));
    }
  return arrays;
}

std::vector<std::string> sbatch_arguments(const SlurmSubmission& s, const SlurmSettings& settings) {
  std::vector<std::string> words{
      "--parsable", "--job-name=sociometer-" + s.name, fmt::format("--cpus-per-task={}", s.cpus),
      settings.time.empty() ? fmt::format("--time={}", s.needs.minutes) : "--time=" + settings.time,
      fmt::format("--mem={}M", s.needs.megabytes),
      // Also where the cluster's default is not to: results do not suffer from it.
      "--requeue", "--open-mode=append", "--output=" + s.log};
  if (s.n_tasks > 0) words.push_back(fmt::format("--array=0-{}", s.n_tasks - 1));
  if (!s.after.empty())
    words.push_back(fmt::format("--dependency=afterany:{}", fmt::join(s.after, ":")));
  words.insert(words.end(), settings.arguments.begin(), settings.arguments.end());
  words.insert(words.end(), s.command.begin(), s.command.end());
  return words;
}

std::string slurm_pattern(std::string path) {
  for (size_t at = 0; (at = path.find('%', at)) != std::string::npos; at += 2) path.insert(at, "%");
  return path;
}

std::string task_script(const std::string& program, const std::string& folder) {
  return fmt::format(R"(#!/bin/bash
# One task of a job array: does the job whose id stands in line SLURM_ARRAY_TASK_ID, from 0, of the list $1.
# A job that is done already is not done again, so a task may be requeued at any time.
set -euo pipefail
program={}
folder={}
threads=${{SLURM_CPUS_PER_TASK:-1}}
export OMP_NUM_THREADS=$threads
mapfile -t jobs <"$1"
job=${{jobs[$SLURM_ARRAY_TASK_ID]}}
mkdir -p "$folder/messages"
exec "$program" run --job "$folder/jobs/$job.json" -j "$threads" >>"$folder/messages/$job.log" 2>&1 </dev/null
)",
                     shell_word(program), shell_word(folder));
}

std::string planner_script(const std::string& program) {
  return fmt::format(R"(#!/bin/bash
# Runs when all tasks of a stage have ended, with its file as $1: plans and submits the next stage.
set -euo pipefail
program={}
exec "$program" run --slurm-continue "$1" </dev/null
)",
                     shell_word(program));
}

}  // namespace sociometer::jobs
