#include "cli/options/study_options.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

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
       "Participants, with or without sub-, or a file with one per line (default: all)");
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

void add_slurm_options(CLI::App& c, StudySlurmOptions& o) {
  c.add_flag(
      "--slurm", o.on,
      "Submit the study to Slurm as job arrays and return; -j is the processors of each task "
      "(default 4)");
  c.add_flag("--slurm-wait", o.wait, "With --slurm: wait for the end, and return its exit code");
  c.add_option("--slurm-args", o.arguments,
               "More arguments of sbatch, as '--partition=long --account=lab'")
      ->allow_extra_args(false);
  c.add_option("--slurm-time", o.settings.time,
               "Time limit of each task as Slurm writes it (default: from measured jobs)");
  c.add_option("--slurm-memory", o.memory,
               "Memory of each task, as 8G (default: from measured jobs)");
  c.add_option("--slurm-array-size", o.settings.array_size, "Most tasks of an array")
      ->capture_default_str();
  c.add_option("--slurm-continue", o.stage)->group("");
}

/// Arguments that the submission sets itself, and what waits or does not submit.
void refuse_reserved(const std::vector<std::string>& arguments) {
  for (const auto& word : arguments)
    for (const char* reserved : {"--array", "-a", "--dependency", "-d", "--wrap", "--parsable",
                                 "--wait", "-W", "--test-only", "--output", "-o"}) {
      const std::string name = reserved;
      const bool is_long = name.size() > 2;
      if (is_long ? word.substr(0, word.find('=')) == name
                  : word.rfind(name, 0) == 0 && word[1] != '-')
        fail(ErrorCode::usage, "--slurm-args has {}, which run sets itself", word);
    }
}

void finish_slurm_options(StudyRunOptions& o) {
  StudySlurmOptions& s = o.slurm;
  if (!s.on) {
    if (s.wait || !s.arguments.empty() || !s.settings.time.empty() || !s.memory.empty() ||
        s.settings.array_size != SlurmSettings{}.array_size)
      fail(ErrorCode::usage, "options that begin with --slurm- need --slurm");
    return;
  }
  if (o.list_jobs)
    fail(ErrorCode::usage, "--list-jobs is for other schedulers; leave out it or --slurm");
  if (!o.memory.empty())
    fail(ErrorCode::usage,
         "--memory is for jobs on this machine; with --slurm give --slurm-memory, of each task");
  for (const auto& text : s.arguments)
    for (auto& word : words_of_arguments(text)) s.settings.arguments.push_back(std::move(word));
  refuse_reserved(s.settings.arguments);
  if (s.settings.time.find_first_not_of("0123456789:-") != std::string::npos)
    fail(ErrorCode::usage, "--slurm-time is '{}'; give minutes, HH:MM:SS or D-HH:MM:SS",
         s.settings.time);
  if (s.settings.array_size < 1)
    fail(ErrorCode::usage, "--slurm-array-size is {}; it must be 1 or more", s.settings.array_size);
  if (s.memory.empty()) return;
  constexpr double kMegabyte = 1024. * 1024;
  s.settings.megabytes = int(std::min(1e9, std::ceil(parse_memory(s.memory) / kMegabyte)));
}

/// Other BIDS Apps' words for what is called otherwise here: fMRIPrep's and FitLins'.
void add_synonyms(CLI::App& c, StudyRunOptions& o) {
  c.add_option("--nprocs,--nthreads,--n_cpus,--n-cpus", o.n_threads)
      ->check(CLI::NonNegativeNumber)
      ->group("");
  c.add_option("--mem,--mem_mb,--mem-mb", o.megabytes)->group("");
  c.add_option("--mem-gb,--mem_gb", o.gigabytes)->group("");
  c.add_option("-s,--smoothing", o.smoothing)->group("");
}

/// Options of other BIDS Apps that ask for nothing here.
void add_ignored(CLI::App& c) {
  for (const char* flag : {"--skip-bids-validation,--skip_bids_validation,--skip_bids_validator",
                           "--notrack", "--resume"})
    c.add_flag_function(
        flag, [](std::int64_t) {}, "Accepted from other BIDS Apps; changes nothing");
  for (const char* flag : {"--clean-workdir", "--low-mem", "--resource-monitor", "-v,--verbose",
                           "--sloppy", "--track-carbon", "--reset-database"})
    c.add_flag_function(flag, [](std::int64_t) {})->group("");
  for (const char* option :
       {"-w,--work-dir,--work_dir", "--omp-nthreads", "--database-path", "--bids-database-dir",
        "--ignore", "--force-index", "--fs-license-file", "--fs-subjects-dir"})
    c.add_option_function<std::vector<std::string>>(option, [](const auto&) {})
        ->expected(1)
        ->group("");
}

/// An option of another BIDS App that asks for what is done otherwise here, or not at all.
struct RefusedOption {
  const char *names, *instead;
  bool takes_value = true;
};

constexpr RefusedOption kRefused[] = {
    {"--drift-model", "the model states it, as Software.Sociometer.Drift of the Run node"},
    {"--estimator", "the model states it, as Software.Sociometer.NoiseModel of the Run node"},
    {"--slice-time-ref", "the model states it, as Software.Sociometer.SliceTimeRef of a Run node"},
    {"--random-seed,--random_seed", "the model states it, as Software.Sociometer.Seed of a node"},
    {"--dummy-scans,--dummy_scans",
     "name the confounds non_steady_state_outlier* in X of the Run node"},
    {"--fd-spike-threshold,--dvars-spike-threshold",
     "the model states it, as Software.Sociometer.Censor of the Run node"},
    {"--output-spaces,--output_spaces",
     "images are analysed in the space that they are in: choose it with --space"},
    {"--echo-idx", "images of single echoes are chosen with --bids-filter-file"},
    {"--exclude-participant-label,--exclude_participant_label",
     "name the others with --participant-label, which also takes a file with one per line"},
    {"--use-plugin,--nipype-plugin-file", "use --threads, --memory, or --slurm"},
    {"--config-file", "use --config, a file of this command's options"},
    {"--derivative-label,--derivative_label", "name the folder with --derivatives"},
    {"--reports-only,--reports_only", "use `sociometer report OUT`", false},
    {"--boilerplate-only,--boilerplate_only", "OUT/methods.md is written by every call", false},
    {"--cifti-output", "surfaces are not analysed", false},
    {"--debug", "use --log-level debug", false},
    {"--write-graph", "use --dry-run, or `sociometer model check MODEL -o DIR`", false}};

void add_refused(CLI::App& c) {
  for (const RefusedOption& one : kRefused) {
    const std::string names = one.names, name = names.substr(0, names.find(','));
    const auto refuse = [&one, name] {
      fail(ErrorCode::usage, "{} is an option of other BIDS Apps; here {}", name, one.instead);
    };
    if (one.takes_value)
      c.add_option_function<std::vector<std::string>>(names, [refuse](const auto&) {
         refuse();
       })->group("");
    else
      c.add_flag_function(names, [refuse](std::int64_t) { refuse(); })->group("");
  }
}

/// FitLins' FWHM[:LEVEL[:TYPE]]: what is smoothed here are the images of runs.
double fwhm_of_runs(const std::string& text) {
  const std::string fwhm = text.substr(0, text.find(':'));
  const std::string more = text.size() > fwhm.size() ? text.substr(fwhm.size()) : "";
  char* end = nullptr;
  const double mm = std::strtod(fwhm.c_str(), &end);
  if (fwhm.empty() || *end != 0)
    fail(ErrorCode::usage, "--smoothing is '{}'; it must begin with a number, the FWHM in mm",
         text);
  if (!more.empty() && more != ":run" && more != ":run:iso")
    fail(ErrorCode::usage,
         "--smoothing is '{}'; images of runs can be smoothed, alike in all directions: {}:run:iso",
         text, fwhm);
  return mm;
}

void finish_synonyms(StudyRunOptions& o) {
  if (!o.smoothing.empty()) {
    if (!o.request.smoothing_fwhm_mm.empty())
      fail(ErrorCode::usage, "--smoothing and --smoothing-fwhm are the same; give one");
    o.request.smoothing_fwhm_mm = {fwhm_of_runs(o.smoothing)};
  }
  if (int(!o.memory.empty()) + int(!o.megabytes.empty()) + int(!o.gigabytes.empty()) > 1)
    fail(ErrorCode::usage, "--memory, --mem and --mem-gb mean the same; give only one");
  const auto with_unit = [](const std::string& text, char unit) {
    return std::isdigit(static_cast<unsigned char>(text.back())) != 0 ? text + unit : text;
  };
  if (o.memory.empty() && !o.megabytes.empty()) o.memory = with_unit(o.megabytes, 'M');
  if (o.memory.empty() && !o.gigabytes.empty()) o.memory = with_unit(o.gigabytes, 'G');
}

}  // namespace

void add_dataset_options(CLI::App& c, StudyRequest& a) {
  c.add_option("-d,--derivatives", a.derivatives,
               "Folders of preprocessed images (default: derivatives/fmriprep of the dataset)");
  add_filters(c, a.filter);
  c.add_flag("--drop-missing", a.drop_missing,
             "Leave out contrasts that no run can have, instead of refusing the model");
}

void add_study_options(CLI::App& c, StudyRunOptions& o) {
  StudyRequest& a = o.request;
  c.add_option("bids", a.bids, "BIDS dataset");
  c.add_option("output-folder", a.output, "Output folder: derivatives of their own");
  c.add_option("level", o.analysis_level,
               "participant, or group: the participants that are not done yet, then the group");
  c.add_option("-m,--model", a.model,
               "BIDS stats model (default: models/model-default_smdl.json of the dataset)");
  add_dataset_options(c, a);
  c.add_option("--smoothing-fwhm", a.smoothing_fwhm_mm,
               "Gaussian smoothing before the fit in mm, instead of the model's")
      ->delimiter(',');
  c.add_flag("--skip-participants", a.skip_participants,
             "Level group: use what there is of the participants");
  c.add_option("--shards", a.shards, "Parts into which each permutation test is cut")
      ->capture_default_str();
  c.add_option("--memory", o.memory, "Memory that jobs running side by side may take together");
  c.add_flag("--stop-on-first-crash", o.stop_on_first_crash, "Start no job after one has failed");
  c.add_flag("--clean", o.clean,
             "Level group: remove results that this model and these choices do not have, as of an "
             "earlier model");
  c.add_flag("--no-report", o.no_report, "Leave out the pages at the end (OUT/report)");
  c.add_flag("--dry-run", o.dry_run, "Print the plan and do nothing");
  c.add_flag("--json", o.json, "With --dry-run: the plan as JSON");
  c.add_flag("--list-jobs", o.list_jobs,
             "Do nothing but write the next stage's jobs, and print the files of those to do");
  c.add_option("--job", o.job,
               "Do one job of a plan, by its file in OUT/logs/sociometer/jobs: for any scheduler");
  add_slurm_options(c, o.slurm);
  // As other BIDS Apps are asked, which have no other commands.
  c.set_version_flag("--version", version_text)->group("");
  add_synonyms(c, o);
  add_ignored(c);
  add_refused(c);
}

std::vector<std::string> words_of_arguments(const std::string& text) {
  std::vector<std::string> words;
  char quote = 0;
  bool inside = false;
  for (char c : text) {
    const bool blank = quote == 0 && std::isspace(static_cast<unsigned char>(c)) != 0;
    if (blank) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (quote != 0 && c == quote)
      quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"'))
      quote = c;
    else
      words.back() += c;
  }
  if (quote != 0) fail(ErrorCode::usage, "--slurm-args has a quote that is not closed: {}", text);
  return words;
}

void finish_study_options(StudyRunOptions& o) {
  if (!o.job.empty()) {
    if (!o.request.bids.empty())
      fail(ErrorCode::usage, "--job takes all from its file; give no folders or level with it");
    return;
  }
  if (!o.slurm.stage.empty()) return;
  finish_synonyms(o);
  finish_slurm_options(o);
  std::string level = o.analysis_level;
  std::transform(level.begin(), level.end(), level.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  // BEP027's and FitLins' words.
  if (level == "run" || level == "session" || level == "subject") level = "participant";
  if (level == "dataset") level = "group";
  if (level.empty()) {
    const char* missing = o.request.bids.empty()     ? "all three are missing"
                          : o.request.output.empty() ? "the last two are missing"
                                                     : "the level is missing";
    fail(ErrorCode::usage,
         "run takes a BIDS folder, an output folder, and participant or group; {}, as in: "
         "sociometer "
         "run {} {} group",
         missing, o.request.bids.empty() ? "study" : o.request.bids,
         o.request.output.empty() ? "results" : o.request.output);
  }
  o.request.level = value_of<StudyLevel>(level, "level");
}

}  // namespace sociometer::cli
