#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "engine/core/journal.hpp"
#include "io/records/design_settings.hpp"

namespace sociometer::jobs {

/// @throws Error{usage} for contradictory options.
void check(const ConfoundRequest& request);

/// One run's confounds and the retained scans.
struct RunConfounds {
  std::optional<NamedColumns> columns;  ///< nothing without --confounds
  std::vector<uint8_t> kept;            ///< one flag per scan
  std::optional<InputFile> file;        ///< nothing without --confounds
  RunInputsRecord record;
};

/// Reads what the request selects, and reports notable findings.
/// @throws Error{shape_mismatch} when the number of rows differs from the run's number of scans.
RunConfounds read_run_confounds(const ConfoundRequest& request, size_t run, size_t n_runs,
                                Eigen::Index n_scans, Journal& journal);

/// The scans that censoring retains: one flag per scan.
/// @param confounds  the run's table; null without --confounds.
/// @throws Error as read_run_confounds.
std::vector<uint8_t> kept_scans(const ConfoundRequest& request, size_t run, size_t n_runs,
                                Eigen::Index n_scans, const Table* confounds, Journal& journal);

/// The requested options, for records.
ConfoundsRecord confounds_record(const ConfoundRequest& request);

}  // namespace sociometer::jobs
