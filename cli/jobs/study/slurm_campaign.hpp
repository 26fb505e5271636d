#pragma once
#include <array>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/study/slurm_plan.hpp"
#include "cli/jobs/study/study_request.hpp"
#include "engine/core/names.hpp"

namespace sociometer::jobs {

/// The call of `run` that Slurm carries out.
struct SlurmCall {
  StudyRequest request;
  SlurmSettings settings;
  std::vector<std::string> command;  ///< for records
  bool stop_at_failure = false, overwrite = false;
  std::string submitted;  ///< UTC
  bool report = true;     ///< the last planner makes the study's page
};
SOCIOMETER_FIELDS(SlurmCall) {
  visit("request", self.request);
  visit("settings", self.settings);
  visit("command", self.command);
  visit("stop_at_failure", self.stop_at_failure);
  visit("overwrite", self.overwrite);
  visit("submitted", self.submitted);
  visit("report", self.report);
}

/// An array as Slurm has taken it.
struct SubmittedArray {
  std::string name, slurm_id;
  std::vector<std::string> jobs;  ///< ids, by task
};
SOCIOMETER_FIELDS(SubmittedArray) {
  visit("name", self.name);
  visit("slurm_id", self.slurm_id);
  visit("jobs", self.jobs);
}

struct SubmittedStage {
  std::vector<SubmittedArray> arrays;
};
SOCIOMETER_FIELDS(SubmittedStage) { visit("arrays", self.arrays); }

/// How the study ended.
struct SlurmEnd {
  std::string error;  ///< why nothing could be done, or planned; empty: it was done
  ErrorCode code = ErrorCode::bad_input;
  std::vector<std::string> failures;
  std::string text, ended;
};
SOCIOMETER_FIELDS(SlurmEnd) {
  visit("error", self.error);
  visit("code", self.code);
  visit("failures", self.failures);
  visit("text", self.text);
  visit("ended", self.ended);
}

/// Submits: takes the arguments of sbatch, returns Slurm's id of the job.
/// @throws Error if Slurm does not take it.
using SlurmSubmit = std::function<std::string(const std::vector<std::string>&)>;

/// The stages of a study, in their order. A stage is planned when those before it have ended,
/// because what it does follows from their results.
enum class StudyStage { learning, participants, group };
constexpr std::array<Name<StudyStage>, 3> names_of(std::type_identity<StudyStage>) {
  return {{{StudyStage::learning, "learning"},
           {StudyStage::participants, "participants"},
           {StudyStage::group, "group"}}};
}
inline constexpr std::array kStudyStages{StudyStage::learning, StudyStage::participants,
                                         StudyStage::group};

/// A study on Slurm. Each stage is submitted as job arrays and a planner, a small job behind them
/// that calls the program again, to settle what ended and to submit the next stage. Its folder:
///
///     call.json        what was called; STAGE.json: arrays of a stage; STAGE.planner: Slurm's id
///     STAGE-N.txt      ids of the jobs of an array, one a line; STAGE-N_TASK.log: of Slurm
///     task.sh, plan.sh scripts; plan_STAGE.log: output of the planners
///     end.json         how it ended
///
/// call.json, STAGE.json and end.json are signed records: a planner may be of a newer program than
/// the call, and an older one refuses what it does not know.
///
/// Each file is written by one process, and a stage has been submitted once its planner is on
/// record: a planner that is killed and requeued submits what is missing. In the moment between
/// sbatch and the record a second array of the same jobs is possible: by locks and the ledger its
/// jobs are done once all the same.
class SlurmCampaign {
 public:
  explicit SlurmCampaign(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const { return folder_; }
  bool exists() const;
  /// @throws Error{bad_input}
  SlurmCall call() const;
  /// Arrays of a stage; none if nothing of it was submitted.
  std::vector<SubmittedArray> arrays(StudyStage stage) const;
  /// Slurm's id of the planner behind a stage; empty if it was not submitted.
  std::string planner(StudyStage stage) const;
  std::optional<SlurmEnd> end() const;
  void write_end(const SlurmEnd& end, const StudyLedger& ledger) const;

  /// Submits the jobs of a stage that are not on record as submitted, and its planner.
  /// @return a line per array.
  std::string submit(StudyStage stage, const std::vector<StudyJob>& jobs,
                     const SlurmMeasures& measures, const SlurmCall& call,
                     const SlurmSubmit& submit, const StudyLedger& ledger) const;

  /// "12_3" per job of the stages that were submitted.
  std::map<std::string, std::string> tasks() const;
  /// Where Slurm writes of a job's task; empty if it was not submitted.
  std::filesystem::path task_log(const std::string& job) const;
  /// The last line of that: why Slurm ended the task.
  std::string last_words(const std::string& job) const;
  /// The last planner; empty if none was submitted.
  std::string last_planner() const;
  std::filesystem::path planner_log(StudyStage stage) const;

  /// The one whose name is last: names begin with the time. None: nothing was submitted.
  static std::optional<SlurmCampaign> last_of(const StudyLedger& ledger);

 private:
  void begin(const SlurmCall& call, const StudyLedger& ledger) const;
  SlurmSubmission array_submission(const std::string& name, const SlurmArray& array,
                                   const SlurmSettings& settings,
                                   const std::map<std::string, std::string>& slurm_id_of) const;
  SlurmSubmission planner_submission(StudyStage stage, std::vector<std::string> after) const;
  std::filesystem::path folder_;
};

}  // namespace sociometer::jobs
