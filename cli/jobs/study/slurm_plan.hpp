#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "cli/jobs/study/study_ledger.hpp"

namespace sociometer::jobs {

/// What is the same for all Slurm jobs of a study.
struct SlurmSettings {
  std::string program;    ///< path of this program, the same on all nodes
  int cpus = 4;           ///< of each task, and its threads
  int array_size = 1000;  ///< tasks of an array; Slurm's default MaxArraySize allows 1001
  std::string time;       ///< limit in Slurm's words; empty: from measured jobs, or an estimate
  int megabytes = 0;      ///< memory of each task; 0: from measured jobs, or an estimate
  std::vector<std::string> arguments;  ///< further ones of sbatch
};
SOCIOMETER_FIELDS(SlurmSettings) {
  visit("program", self.program);
  visit("cpus", self.cpus);
  visit("array_size", self.array_size);
  visit("time", self.time);
  visit("megabytes", self.megabytes);
  visit("arguments", self.arguments);
}

/// Time and memory that are asked of Slurm for a task.
struct SlurmNeeds {
  int minutes = 0, megabytes = 0;
  bool measured = false;  ///< else an estimate from the sizes of inputs
};

/// Size of a file in bytes; 0 if there is none.
using SizeOfFile = std::function<uint64_t(const std::string&)>;

/// What jobs took that were done before, by kind; permutation tests are a kind of their own.
class SlurmMeasures {
 public:
  /// Learns from results on record of the jobs themselves: of participants that were done before,
  /// or of an earlier model.
  /// @param cpus  of each task.
  SlurmMeasures(const std::vector<StudyJob>& jobs, const StudyLedger& ledger, int cpus);

  void add(const StudyJob& job, const StudyResult& result);

  /// Twice the longest measured time and 1.5 times the largest measured memory of the kind, both
  /// grown with the size of inputs, at least 10 min and 512 MB. Fewer processors than then make the
  /// time longer in proportion. Without a measurement: 1 h (permutation tests 8 h) and 10 min per
  /// GB of inputs; 4 GB and twice the inputs.
  SlurmNeeds of(const StudyJob& job, const SizeOfFile& size) const;

 private:
  struct Kind {
    double seconds = 0, seconds_per_byte = 0;  ///< with `cpus_`, per byte of input
    double bytes = 0, bytes_per_byte = 0;      ///< memory; the latter above kOwnBytes
  };
  int cpus_;
  std::map<std::string, Kind> kinds_;
};

/// Jobs of one kind that may run at the same time: one job array.
struct SlurmArray {
  std::string kind;                ///< "fit", "group permutations"
  std::vector<std::string> jobs;   ///< ids, in the order of tasks
  std::vector<std::string> after;  ///< jobs that have to end first
  SlurmNeeds needs;                ///< the most of its jobs
};

/// Puts jobs into arrays. An array's predecessors stand in arrays before it.
/// @param jobs  each after those that it names in `after`; names of other jobs are ignored.
std::vector<SlurmArray> plan_arrays(const std::vector<StudyJob>& jobs,
                                    const SlurmMeasures& measures, const SlurmSettings& settings,
                                    const SizeOfFile& size);

/// Arguments of sbatch for an array of tasks, or for a job without tasks.
struct SlurmSubmission {
  std::string name, log;  ///< log: as a file name pattern of Slurm
  size_t n_tasks = 0;     ///< 0: no array
  int cpus = 1;
  SlurmNeeds needs;
  std::vector<std::string> after;    ///< Slurm's ids of jobs that have to end first, however
  std::vector<std::string> command;  ///< a script and its arguments
};
std::vector<std::string> sbatch_arguments(const SlurmSubmission& submission,
                                          const SlurmSettings& settings);

/// A path in a file name pattern of Slurm, where % has a meaning.
std::string slurm_pattern(std::string path);

/// The script of a task: one job of a list, by the task's number.
/// @param folder  logs/sociometer of the study.
std::string task_script(const std::string& program, const std::string& folder);

/// The script that goes on planning when a stage has ended.
std::string planner_script(const std::string& program);

}  // namespace sociometer::jobs
