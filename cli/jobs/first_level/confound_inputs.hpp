#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "cli/jobs/first_level/design_inputs.hpp"

namespace sociometer::cli {

/// --confounds, --confound-strategy with what belongs to it, and --censor.
void add_confound_options(CLI::App& command, DesignArguments& arguments);

/// @throws Error{usage} for options that contradict each other.
void check_confound_arguments(const DesignArguments& arguments);

/// One run's confounds and the scans that are kept.
struct RunConfounds {
  std::optional<NamedColumns> columns;  ///< nothing without --confounds
  std::vector<uint8_t> kept;            ///< one flag per scan
  Json facts;                           ///< for the sidecar
};

/// Reads what the options choose, and reports what is worth a line.
/// @throws Error{shape_mismatch} when the table has another number of rows than the run has scans.
RunConfounds read_run_confounds(const DesignArguments& arguments, size_t run, size_t n_runs,
                                Eigen::Index n_scans);

/// What was asked for, for sidecars.
void add_confound_json(Json& json, const DesignArguments& arguments);

}  // namespace sociometer::cli
