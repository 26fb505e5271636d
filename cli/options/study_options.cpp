#include "cli/options/study_options.hpp"

#include <algorithm>
#include <cctype>

#include <CLI/CLI.hpp>

#include "cli/options/bind.hpp"
#include "cli/options/group_options.hpp"
#include "engine/core/error.hpp"

namespace sociometer::cli {
namespace {

void add_filters(CLI::App& c, StudyFilterRequest& f) {
  const auto list = [&](const std::string& names, std::vector<std::string>& target,
                        const char* help) { c.add_option(names, target, help)->delimiter(','); };
  list("--participant-label,--participant_label,--subject-label", f.participants,
       "Participants, with or without sub- (default: all)");
  list("--session-label,--session_label,--session-id", f.sessions,
       "Sessions; images without a session stay");
  list("-t,--task,--task-id,--task-label", f.tasks, "Tasks, beside the model's Input");
  list("--run-label", f.runs, "Runs, compared as numbers");
  list("--acquisition-label", f.acquisitions, "Acquisitions (acq-)");
  list("--direction-label", f.directions, "Directions (dir-)");
  list("--desc-label", f.descriptions, "Descriptions of images (default: preproc)");
  list("--space", f.spaces,
       "Spaces, as MNI152NLin2009cAsym or ..:res-2; native: images without a space");
  c.add_option("--bids-filter-file", f.file,
               "JSON filter as fMRIPrep's; its entry for bold is used");
}

/// Options of other BIDS Apps that ask for nothing here.
void add_ignored(CLI::App& c) {
  for (const char* flag : {"--skip-bids-validation,--skip_bids_validation,--skip_bids_validator",
                           "--notrack", "--resume"})
    c.add_flag_function(
        flag, [](std::int64_t) {}, "Accepted from other BIDS Apps; changes nothing");
}

}  // namespace

void add_study_options(CLI::App& c, StudyRunOptions& o) {
  StudyRequest& a = o.request;
  c.add_option("bids", a.bids, "BIDS dataset");
  c.add_option("output-folder", a.output, "Output folder: derivatives of their own");
  c.add_option("level", o.analysis_level,
               "participant, or group: what is missing of the participants, then the group");
  c.add_option("-m,--model", a.model,
               "BIDS stats model (default: models/model-default_smdl.json of the dataset)");
  c.add_option("-d,--derivatives", a.derivatives,
               "Folders of preprocessed images (default: derivatives/fmriprep of the dataset)");
  add_filters(c, a.filter);
  c.add_option("--smoothing-fwhm", a.smoothing_fwhm_mm,
               "Gaussian smoothing before the fit in mm, instead of the model's")
      ->delimiter(',');
  c.add_flag("--drop-missing", a.drop_missing,
             "Leave out contrasts that no run can have, instead of refusing the model");
  c.add_flag("--skip-participants", a.skip_participants,
             "Level group: use what there is of the participants");
  c.add_option("--shards", a.shards, "Parts into which each permutation test is cut")
      ->capture_default_str();
  c.add_option("--memory", o.memory, "Memory that jobs running side by side may take together");
  c.add_flag("--stop-on-first-crash", o.stop_on_first_crash, "Start no job after one has failed");
  c.add_flag("--dry-run", o.dry_run, "Print the plan and do nothing");
  c.add_flag("--json", o.json, "With --dry-run: the plan as JSON");
  c.add_option("--job", o.job,
               "Do one job of a plan, by its file in OUT/logs/sociometer/jobs: for any scheduler");
  add_ignored(c);
}

void finish_study_options(StudyRunOptions& o) {
  if (!o.job.empty()) {
    if (!o.request.bids.empty())
      fail(ErrorCode::usage, "--job takes all from its file; give no folders or level with it");
    return;
  }
  std::string level = o.analysis_level;
  std::transform(level.begin(), level.end(), level.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  // BEP027's and FitLins' words.
  if (level == "run" || level == "session" || level == "subject") level = "participant";
  if (level == "dataset") level = "group";
  if (level.empty())
    fail(ErrorCode::usage, "run takes a BIDS folder, an output folder, and participant or group");
  o.request.level = value_of<StudyLevel>(level, "level");
}

}  // namespace sociometer::cli
