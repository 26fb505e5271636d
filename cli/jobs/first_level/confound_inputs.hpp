#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "engine/core/journal.hpp"

namespace sociometer::jobs {

/// @throws Error{usage} for contradictory options.
void check(const ConfoundRequest& request);

/// One run's confounds and the retained scans.
struct RunConfounds {
  std::optional<NamedColumns> columns;  ///< nothing without --confounds
  std::vector<uint8_t> kept;            ///< one flag per scan
  Json facts;                           ///< for the sidecar
};

/// Reads what the request selects, and reports notable findings.
/// @throws Error{shape_mismatch} when the number of rows differs from the run's number of scans.
RunConfounds read_run_confounds(const ConfoundRequest& request, size_t run, size_t n_runs,
                                Eigen::Index n_scans, Journal& journal);

/// The scans that censoring retains: one flag per scan.
/// @throws Error as read_run_confounds.
std::vector<uint8_t> read_kept_scans(const ConfoundRequest& request, size_t run, size_t n_runs,
                                     Eigen::Index n_scans, Journal& journal);

/// The requested options, for sidecars.
void add_confound_json(Json& json, const ConfoundRequest& request);

}  // namespace sociometer::jobs
