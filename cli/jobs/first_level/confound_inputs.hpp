#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "engine/core/journal.hpp"

namespace sociometer::jobs {

/// @throws Error{usage} for choices that contradict each other.
void check(const ConfoundRequest& request);

/// One run's confounds and the scans that are kept.
struct RunConfounds {
  std::optional<NamedColumns> columns;  ///< nothing without --confounds
  std::vector<uint8_t> kept;            ///< one flag per scan
  Json facts;                           ///< for the sidecar
};

/// Reads what the request chooses, and reports what is worth a line.
/// @throws Error{shape_mismatch} when the table has another number of rows than the run has scans.
RunConfounds read_run_confounds(const ConfoundRequest& request, size_t run, size_t n_runs,
                                Eigen::Index n_scans, Journal& journal);

/// What was asked for, for sidecars.
void add_confound_json(Json& json, const ConfoundRequest& request);

}  // namespace sociometer::jobs
