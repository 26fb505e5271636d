#pragma once
#include "cli/jobs/study/run_study.hpp"
#include "cli/options/cli11_declarations.hpp"

namespace sociometer::cli {

/// What `run` takes beside its request: resources, and what other BIDS Apps call options that
/// change nothing here.
struct StudyRunOptions {
  StudyRequest request;
  std::string job;     ///< file of one job of a plan
  std::string memory;  ///< 8G
  bool dry_run = false, json = false, stop_on_first_crash = false;
  std::string analysis_level;  ///< as written
};

void add_study_options(CLI::App& command, StudyRunOptions& options);

/// Checks what is required together, and the words of the level.
/// @throws Error{usage}
void finish_study_options(StudyRunOptions& options);

}  // namespace sociometer::cli
