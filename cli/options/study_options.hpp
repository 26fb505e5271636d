#pragma once
#include "cli/jobs/study/run_study.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// How a study is handed to Slurm.
struct StudySlurmOptions {
  bool on = false, wait = false;
  SlurmSettings settings;
  std::vector<std::string> arguments;  ///< of sbatch, as written: several in a word
  std::string memory;                  ///< 8G
  std::string stage;                   ///< a planner's: file of the stage that has ended
};

/// What `run` takes beside its request: resources, and what other BIDS Apps call options that
/// change nothing here.
struct StudyRunOptions {
  StudyRequest request;
  bool no_report = false;
  std::string job;     ///< file of one job of a plan
  std::string memory;  ///< 8G
  bool dry_run = false, json = false, stop_on_first_crash = false, list_jobs = false;
  bool clean = false;
  std::string analysis_level;  ///< as written
  /// Other BIDS Apps' words for threads, memory and smoothing.
  int n_threads = 0;
  std::string megabytes, gigabytes, smoothing;
  StudySlurmOptions slurm;
};

/// Which images of a dataset are taken, and --drop-missing: what `run` and `model check` share.
void add_dataset_options(CLI::App& command, StudyRequest& request);

void add_study_options(CLI::App& command, StudyRunOptions& options);

/// Checks what is required together, and the words of the level and of sbatch's arguments.
/// @throws Error{usage}
void finish_study_options(StudyRunOptions& options);

/// The words of a text, as a shell splits it: at blanks outside quotes.
/// @throws Error{usage} for a quote that is not closed.
std::vector<std::string> words_of_arguments(const std::string& text);

}  // namespace sociometer::cli
