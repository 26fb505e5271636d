#include "cli/jobs/study/run_study.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/jobs/counted.hpp"
#include "cli/jobs/study/learning_plan.hpp"
#include "cli/jobs/study/perform.hpp"
#include "cli/jobs/study/plan_checks.hpp"
#include "cli/jobs/study/study_claim.hpp"
#include "cli/jobs/study/study_end.hpp"
#include "cli/jobs/study/study_preview.hpp"
#include "engine/core/error.hpp"
#include "engine/core/stopwatch.hpp"
#include "io/bytes/file_content.hpp"
#include "io/bytes/output_set.hpp"

namespace sociometer::jobs {
namespace fs = std::filesystem;
namespace {

StudyResult result_of_failure(const StudyJob& job, std::string error) {
  StudyResult result;
  result.id = job.id;
  result.identity = identity_of(job);
  result.state = StudyJobState::failed;
  result.error = std::move(error);
  result.ended = utc_now();
  return result;
}

/// Why a job has no result though the stage that it was submitted with has ended.
std::string why_lost(const StudyJob& job, const StudyLedger& ledger,
                     const SlurmCampaign& campaign) {
  if (ledger.result(job.id)) return "its inputs changed while the study ran; call run again";
  const auto tasks = campaign.tasks();
  const auto task = tasks.find(job.id);
  if (task == tasks.end()) return "it was planned after its stage was submitted; call run again";
  const std::string last = campaign.last_words(job.id);
  return fmt::format("Slurm ended its task {} before it had a result{}{}; see {}", task->second,
                     last.empty() ? "" : ": ", last, campaign.task_log(job.id).string());
}

/// A group needs one space for all; these are each participant's own.
void check_common_space(const StudyInputs& inputs) {
  static const std::set<std::string> kOwn{"T1w",     "T2w",      "func",
                                          "boldref", "fsnative", "individual"};
  const bool groups = std::any_of(inputs.model.nodes.begin(), inputs.model.nodes.end(),
                                  [](const auto& n) { return n.level == NodeLevel::dataset; });
  for (const auto& run : inputs.runs) {
    const std::string space = run.files.label("space");
    if (groups && kOwn.contains(space))
      fail(ErrorCode::bad_input,
           "{} is in space-{}, the participant's own; a group needs a space that all share: choose "
           "it with --space",
           run.files.bold, space);
  }
}

bool covers_all(const std::set<std::string>& files, const JobPlan& plan) {
  return !files.empty() &&
         std::all_of(plan.effects.begin(), plan.effects.end(), [&](const auto& effect) {
           return effect.job.empty() || files.contains(effect.effect);
         });
}

/// One call of `run`.
class StudyCall {
 public:
  StudyCall(const StudyRequest& request, const StudyExecution& execution, const Session& session)
      : a_(request), how_(execution), session_(session), ledger_(absolute_path(request.output)) {}

  JobSummary run() {
    if (!how_.slurm) return analyse();
    const SlurmCampaign campaign(how_.slurm->folder);
    try {
      JobSummary summary = analyse();
      if (!waiting_ && campaign.exists())
        campaign.write_end({"", ErrorCode::bad_input, summary.failures, summary.text, utc_now()},
                           ledger_);
      return summary;
    } catch (const Error& error) {
      // Whoever waits for the study hears of it.
      if (campaign.exists())
        campaign.write_end({error.what(), error.code(), {}, "", utc_now()}, ledger_);
      throw;
    }
  }

 private:
  JobSummary analyse() {
    check(a_);
    check_clean();
    check_output_folder(a_);
    // A dry run reports what stands against it too; others make the folder.
    if (how_.dry_run) check_writable();
    StudyInputs inputs = load_study(a_, session_.journal);
    places_ = inputs.places;
    if (a_.level == StudyLevel::group) check_common_space(inputs);
    std::vector<StudyJob> learning = plan_learning(a_, inputs.model);
    know(learning);
    if (a_.skip_participants) learning.clear();
    // Nothing is written before all that can be known has been checked.
    std::optional<JobPlan> first;
    std::vector<StudyJob> foreseen;
    if (learning.empty())
      first = plan_surveyed(inputs);
    else
      foreseen = plan_unlearnt(inputs, learning.front().id);
    std::optional<StudyClaim> claim;
    if (!how_.dry_run) claim.emplace(a_, inputs);
    if (!do_jobs(StudyStage::learning, learning)) return summary();
    if (how_.dry_run && !learning.empty() && !ledger_.is_current(learning.front())) {
      session_.journal.info(
          "the jobs after learning are those foreseen, as if all its signals were to change: they "
          "are columns of the model");
      foreseen_ = std::move(foreseen);
      return summary();
    }
    if (!first) first = plan_surveyed(inputs);
    know(first->jobs);
    for (const auto& note : first->notes) session_.journal.warn(note);
    if (a_.skip_participants)
      warn_of_other_results(*first);
    else
      write_files(*first);
    if (a_.level == StudyLevel::group) warn_of_others(*first);
    if (!a_.skip_participants && !do_jobs(StudyStage::participants, first->jobs)) return summary();
    if (a_.level == StudyLevel::group && !do_group(inputs, *first)) return summary();
    end(inputs);
    return summary();
  }

  /// Jobs of this call, and those of people whom it is not about.
  std::vector<StudyJob> all_and_others() const {
    std::vector<StudyJob> jobs = all_;
    if (knows_all_jobs()) return jobs;
    const auto earlier = ledger_.earlier();
    for (const auto& id : ledger_.job_ids())
      if (!known_.contains(id) && std::ranges::find(earlier, id) == earlier.end())
        if (auto job = job_on_record(id, ledger_)) jobs.push_back(std::move(*job));
    return jobs;
  }

  /// What a call does when all jobs have ended: on Slurm, the last planner.
  void end(const StudyInputs& inputs) {
    const StudyEnd end{a_, how_, session_, ledger_, places_, known_, all_};
    if (how_.dry_run)
      announce_cleaning(end);
    else
      describe_study(end, inputs, knows_all_jobs());
    announce_warnings(end);
    const auto failures = make_pages(end);
    summary_.failures.insert(summary_.failures.end(), failures.begin(), failures.end());
  }

  /// Jobs of the study, whether this call does them or not.
  void know(const std::vector<StudyJob>& jobs) {
    for (const auto& job : jobs) known_.insert(job.id);
  }

  /// Only a call for everybody and the group knows all jobs of a study.
  bool knows_all_jobs() const {
    return a_.level == StudyLevel::group && a_.filter.participants.empty();
  }
  void check_writable() const {
    OutputPolicy policy;
    policy.dry_run = true;
    const OutputSet tried(a_.output, policy);
  }
  void check_clean() const {
    if (how_.clean && !knows_all_jobs())
      fail(ErrorCode::usage,
           "--clean is for the level group without --participant-label: only such a call knows all "
           "jobs of the study");
  }

  JobPlan plan_surveyed(StudyInputs& inputs) const {
    survey_study(a_, inputs, session_.journal);
    JobPlan plan = plan_participants(a_, inputs);
    check_group(inputs, plan);
    return plan;
  }

  /// What the model would be refused for when its signals have been learnt is refused before.
  /// @return the jobs that will follow learning.
  std::vector<StudyJob> plan_unlearnt(StudyInputs inputs, const std::string& learning) const {
    RecordingJournal told;  // the real survey reports it
    survey_unlearnt_study(a_, inputs, told);
    JobPlan plan = plan_participants(a_, inputs);
    for (auto& job : plan.jobs)
      if (job.after.empty()) job.after = {learning};
    std::vector<StudyJob> of_group = check_group(inputs, plan);
    if (a_.level == StudyLevel::group)
      plan.jobs.insert(plan.jobs.end(), of_group.begin(), of_group.end());
    return std::move(plan.jobs);
  }

  /// Refuses Dataset nodes before the participants are done, not after.
  /// @return their jobs.
  std::vector<StudyJob> check_group(const StudyInputs& inputs, const JobPlan& participants) const {
    const bool groups =
        std::any_of(inputs.model.nodes.begin(), inputs.model.nodes.end(),
                    [](const auto& node) { return node.level == NodeLevel::dataset; });
    if (!groups) return {};
    const std::set<std::string> impossible = impossible_effects(participants);
    if (covers_all(impossible, participants)) return {};  // the participants' failures are told
    const std::function<bool(const std::string&)> exists = [&](const std::string& path) {
      return a_.skip_participants ? fs::exists(path) : !impossible.contains(path);
    };
    const auto plan = [&] { return plan_group(a_, inputs, participants.effects, exists).jobs; };
    if (a_.level == StudyLevel::group) return plan();
    // A call for some of the participants may have no one else's files, nor participants.tsv.
    if (!a_.filter.participants.empty()) return {};
    try {
      plan();
    } catch (const Error& error) {
      session_.journal.warn(fmt::format("the level group will refuse this: {}", error.what()));
    }
    return {};
  }

  bool do_group(const StudyInputs& inputs, const JobPlan& first) {
    const std::set<std::string> left_out =
        a_.skip_participants ? failed_before(first) : not_estimated(first);
    if (how_.dry_run && covers_all(left_out, first)) return true;
    const std::function<bool(const std::string&)> exists = [&](const std::string& path) {
      return !left_out.contains(path) &&
             ((how_.dry_run && !a_.skip_participants) || fs::exists(path));
    };
    JobPlan group = plan_group(a_, inputs, first.effects, exists);
    for (const auto& note : group.notes) session_.journal.warn(note);
    write_files(group);
    return do_jobs(StudyStage::group, group.jobs);
  }

  /// Effects of jobs that failed or, of a dry run, cannot be done. Their files may be there, of an
  /// earlier call with other inputs.
  std::set<std::string> not_estimated(const JobPlan& plan) const {
    std::set<std::string> files = impossible_effects(plan);
    if (how_.dry_run) return files;
    std::set<std::string> done;
    // In order: what needs a job that failed has results of earlier inputs at most.
    for (const auto& job : plan.jobs)
      if (const auto result = ledger_.result(job.id);
          result && result->state != StudyJobState::failed &&
          std::ranges::all_of(job.after, [&](const auto& id) { return done.contains(id); }))
        done.insert(job.id);
    for (const auto& effect : plan.effects)
      if (!done.contains(effect.job)) files.insert(effect.effect);
    return files;
  }

  /// Effects of jobs that failed when they were done last.
  std::set<std::string> failed_before(const JobPlan& plan) const {
    std::set<std::string> files;
    for (const auto& effect : plan.effects)
      if (const auto result = ledger_.result(effect.job);
          result && result->state == StudyJobState::failed)
        files.insert(effect.effect);
    return files;
  }

  void write_files(const JobPlan& plan) {
    for (const auto& [path, content] : plan.files) {
      if (file_content(path) != content) changed_tables_.insert(path);
      if (!how_.dry_run) ledger_.write_if_changed(path, content);
    }
  }

  /// Of a call that takes the participants' results as they are: whose are of another model, or of
  /// inputs that have changed.
  void warn_of_other_results(JobPlan& plan) {
    for (const auto& [path, content] : plan.files)
      if (file_content(path) != content) changed_tables_.insert(path);
    std::vector<std::string> other;
    for (auto& job : plan.jobs) job.places = places_;
    const std::set<std::string> outdated = jobs_to_do(plan.jobs, ledger_, changed_tables_);
    for (const auto& job : plan.jobs)
      if (!job.problem.empty() || outdated.contains(job.id)) other.push_back(job.id);
    if (other.empty()) return;
    session_.journal.warn(fmt::format(
        "--skip-participants: {} of {} first levels on record are not of this model and these "
        "inputs, such as {}; the group takes what is there",
        other.size(), plan.jobs.size(), other.front()));
  }

  /// Of a group of some: whose results are left aside.
  void warn_of_others(const JobPlan& plan) const {
    if (a_.filter.participants.empty() || how_.dry_run) return;
    std::set<std::string> asked, others;
    for (const auto& job : plan.jobs) asked.insert(job.participant);
    for (const auto& id : ledger_.job_ids()) {
      const std::string of = read_study_job(ledger_.job_file(id)).participant;
      if (!of.empty() && !asked.contains(of)) others.insert(of);
    }
    if (others.empty()) return;
    session_.journal.warn(
        fmt::format("the group is of the {} asked for; results of {} more in {} are not in it",
                    counted(asked.size(), "participant"), others.size(), a_.output));
  }

  /// @return false if the study stops here.
  bool do_jobs(StudyStage stage, std::vector<StudyJob>& jobs) {
    know(jobs);
    for (auto& job : jobs) {
      job.command = how_.command;
      job.places = places_;
    }
    all_.insert(all_.end(), jobs.begin(), jobs.end());
    if (how_.dry_run || jobs.empty()) return true;
    require_distinct_jobs(all_);
    take_back(jobs);
    if (how_.slurm) return settle_or_submit(stage, jobs);
    if (how_.list_only) return !list_jobs(jobs);
    for (const auto& job : jobs) {
      ledger_.write_job(job);
      if (session_.overwrite) ledger_.remove_result(job.id);
    }
    const JobLauncher here = [&](const StudyJob& job, const JobShare& share) {
      Session own = session_;
      own.threads = share.threads;
      own.memory_bytes = share.memory_bytes;
      own.provenance.command = job.command;
      return perform(job, ledger_, own);
    };
    StudyLimits limits = how_.limits;
    if (!how_.launch) limits.threads = 1;
    const StudyOutcome outcome =
        run_jobs(jobs, ledger_, how_.launch ? how_.launch : here, limits, session_.journal);
    ledger_.write_failures(all_and_others());
    note_outcome(jobs, outcome);
    return !(how_.limits.stop_at_failure && outcome.failed > 0);
  }

  /// Writes the jobs; the summary's text gets the files of those that are not current.
  /// @return whether there are such jobs.
  bool list_jobs(const std::vector<StudyJob>& jobs) {
    for (const auto& job : jobs) {
      ledger_.write_job(job);
      if (session_.overwrite || !ledger_.is_current(job))
        summary_.text += ledger_.job_file(job.id).string() + "\n";
    }
    return !summary_.text.empty();
  }

  /// Settles a stage that has ended or has nothing to do; submits another.
  /// @return false if the study waits for the stage, or stops after it.
  bool settle_or_submit(StudyStage stage, const std::vector<StudyJob>& jobs) {
    const SlurmExecution& slurm = *how_.slurm;
    const SlurmCampaign campaign(slurm.folder);
    if (!slurm.ended || stage > *slurm.ended) {
      const SlurmMeasures measures(jobs, ledger_, slurm.settings.cpus);
      const std::vector<StudyJob> to_do = to_be_submitted(stage, jobs, campaign);
      if (!to_do.empty() || !campaign.planner(stage).empty()) {
        const SlurmCall call{a_,
                             slurm.settings,
                             how_.command,
                             how_.limits.stop_at_failure,
                             session_.overwrite,
                             utc_now(),
                             how_.report};
        summary_ = {{}, campaign.submit(stage, to_do, measures, call, slurm.submit, ledger_)};
        waiting_ = true;
        return false;
      }
    }
    std::vector<StudyResult> results;
    for (const auto& job : jobs) results.push_back(settled(job, campaign));
    const StudyOutcome outcome = outcome_of(std::move(results));
    ledger_.write_failures(all_and_others());
    note_outcome(jobs, outcome);
    return !(how_.limits.stop_at_failure && outcome.failed > 0);
  }

  /// The jobs that are not current. When a stage is submitted for the first time, failures on
  /// record are forgotten: those that a planner finds are of this study's tasks.
  std::vector<StudyJob> to_be_submitted(StudyStage stage, const std::vector<StudyJob>& jobs,
                                        const SlurmCampaign& campaign) {
    const bool is_new = campaign.arrays(stage).empty();
    std::vector<StudyJob> to_do;
    for (const auto& job : jobs) {
      ledger_.write_job(job);
      if (is_new && session_.overwrite) ledger_.remove_result(job.id);
      if (ledger_.is_current(job)) continue;
      const auto before = ledger_.result(job.id);
      if (is_new && before && before->state == StudyJobState::failed) ledger_.remove_result(job.id);
      if (job.problem.empty())
        to_do.push_back(job);
      else
        ledger_.write_result(result_of_failure(job, job.problem));
    }
    return to_do;
  }

  /// How a job of a stage that has ended did: without a result it was killed.
  StudyResult settled(const StudyJob& job, const SlurmCampaign& campaign) const {
    auto result = ledger_.result(job.id);
    if (result && (result->state == StudyJobState::failed || ledger_.is_current(job)))
      return *result;
    if (ledger_.is_running(job.id))
      return result_of_failure(job, "it is being done; call run again when it has ended");
    const StudyResult lost = result_of_failure(job, why_lost(job, ledger_, campaign));
    ledger_.write_result(lost);
    return lost;
  }

  /// @throws Error if not one job of the study could be done: the first one's.
  void note_outcome(const std::vector<StudyJob>& jobs, const StudyOutcome& outcome) {
    const StudyResult* first = nullptr;
    for (size_t i = 0; i < jobs.size(); ++i) {
      const StudyResult& result = outcome.results[i];
      if (result.id.empty())
        summary_.failures.push_back(jobs[i].id + ": not started");
      else if (result.state == StudyJobState::failed)
        summary_.failures.push_back(jobs[i].id + ": " + result.error);
      if (!first && !result.id.empty() && result.state == StudyJobState::failed) first = &result;
      for (const auto& part : result.failures)
        summary_.failures.push_back(jobs[i].id + ": " + part);
      if (!result.text.empty()) summary_.text += result.text + "\n";
    }
    session_.journal.info(fmt::format("{}: {} done ({} of them before), {} in part, {} failed",
                                      counted(jobs.size(), "job"), outcome.done, outcome.current,
                                      outcome.partly, outcome.failed));
    const bool learns = !jobs.empty() && jobs.front().kind == StudyJobKind::learn;
    did_something_ |= !learns && outcome.done + outcome.partly > 0;
    if (first && (!did_something_ || learns) && outcome.done + outcome.partly == 0)
      fail(first->code, "{}: {}{}", first->id, first->error,
           jobs.size() == 1 ? std::string()
                            : fmt::format("; none of the {} jobs could be done", jobs.size()));
  }

  /// Jobs that were of an earlier model, and are of the study again.
  void take_back(const std::vector<StudyJob>& jobs) const {
    const std::vector<std::string> before = ledger_.earlier();
    std::vector<std::string> left = before;
    for (const auto& job : jobs) std::erase(left, job.id);
    if (left.size() < before.size()) ledger_.write_earlier(left);
  }

  JobSummary summary() {
    if (how_.dry_run && how_.as_json) summary_.text = to_text(plan_json(all_));
    if (how_.dry_run && !how_.as_json) {
      std::set<std::string> to_do = jobs_to_do(all_, ledger_, changed_tables_);
      std::vector<StudyJob> shown = all_;
      for (const auto& job : foreseen_) {
        to_do.insert(job.id);
        shown.push_back(job);
      }
      summary_.text = plan_table(shown, to_do);
    }
    return summary_;
  }

  const StudyRequest& a_;
  const StudyExecution& how_;
  const Session& session_;
  StudyLedger ledger_;
  StudyPlaces places_;
  std::vector<StudyJob> all_;             ///< of this call
  std::vector<StudyJob> foreseen_;        ///< of a dry run: those that learning comes before
  bool did_something_ = false;            ///< beside learning, in this or an earlier stage
  std::set<std::string> known_;           ///< ids of all jobs of the study
  std::set<std::string> changed_tables_;  ///< tables of the plan with other content than before
  JobSummary summary_;
  bool waiting_ = false;  ///< for a stage that was submitted to Slurm
};

}  // namespace

JobSummary run_study(const StudyRequest& request, const StudyExecution& execution,
                     const Session& session) {
  return StudyCall(request, execution, session).run();
}

}  // namespace sociometer::jobs
