#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "cli/jobs/first_level/load_designs.hpp"

namespace sociometer::jobs {

/// @throws Error{usage} unless exactly one source of events or designs was given, with one file per
/// run.
void check_events(const DesignRequest& request, size_t n_runs);

/// Reads the events of all runs into `out`, with the modulators named in the files themselves.
void load_run_events(const DesignRequest& request, size_t n_runs, RunDesigns& out,
                     Journal& journal);

/// The --ev files of one run.
std::vector<std::string> ev_files_of_run(const DesignRequest& request, size_t run);

/// The file of a run's events, or its substitute in messages.
std::string event_source(const DesignRequest& request, size_t run);

}  // namespace sociometer::jobs
