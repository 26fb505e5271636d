#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "cli/jobs/first_level/design_inputs.hpp"

namespace sociometer::cli {

/// --events, --ev, --stim-times and what belongs to them.
void add_event_options(CLI::App& command, DesignArguments& arguments);

/// Number of runs that the options name by their files, 0 when they leave it open.
size_t runs_of(const DesignArguments& arguments);

/// @throws Error{usage} unless exactly one source of events or designs was given, with one file per
/// run.
void check_event_arguments(const DesignArguments& arguments, size_t n_runs);

/// Reads the events of all runs into `out`, with the modulators that the files themselves name.
void load_run_events(const DesignArguments& arguments, size_t n_runs, RunDesigns& out);

/// The files of --ev that belong to a run.
std::vector<std::string> ev_files_of_run(const DesignArguments& arguments, size_t run);

/// The file of a run's events, or what stands for it in messages.
std::string event_source(const DesignArguments& arguments, size_t run);

}  // namespace sociometer::cli
