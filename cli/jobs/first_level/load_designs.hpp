#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "engine/core/journal.hpp"
#include "engine/design/contrast.hpp"
#include "engine/design/design_matrix.hpp"
#include "engine/design/diagnostics.hpp"
#include "io/records/sidecar.hpp"
#include "io/tables/confound_strategies.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

/// One run as described by the command line and its files.
struct RunInput {
  std::string name;  ///< "run 2 (sub-01_run-2_bold.nii.gz)", for messages
  std::string bold;  ///< its image, empty without one
  Eigen::Index n_scans = 0;
  double tr_s = 0;                     ///< 0 when not needed (ready design)
  std::optional<double> start_time_s;  ///< from a sidecar
};

/// Designs of all runs, with what was read and decided while building them.
struct RunDesigns {
  std::vector<DesignMatrix> designs;
  std::vector<Events> events;                         ///< empty with ready designs
  std::vector<std::vector<uint8_t>> kept;             ///< 1 for scans that are not censored
  std::vector<std::vector<Eigen::Index>> run_starts;  ///< of runs within one image; {0}: one run
  std::vector<DesignOptions>
      run_options;                      ///< what each run was built with; empty with ready designs
  std::vector<ContrastSpec> contrasts;  ///< of a stats model
  std::vector<Json> run_facts;          ///< per run: confounds and censoring used
  DesignOptions options;
  std::vector<InputFile> inputs;
  Warnings warnings;
};

/// Reads events, confounds and censoring of each run and builds its design. Notes below the level
/// of a warning are reported immediately.
/// @throws Error naming the run and the file; also when no scans of a run are left, or when the
/// names of files that are used together disagree.
RunDesigns load_designs(const DesignRequest& request, const std::vector<RunInput>& runs,
                        Journal& journal);

/// The contrasts from the command line and --contrasts-file, with distinct names.
std::vector<ContrastSpec> contrast_specs(const DesignRequest& request);

/// The requested contrasts, with distinct names.
/// @param files  contrast files of FSL or AFNI, see --contrasts-file.
std::vector<ContrastSpec> contrast_specs(const std::vector<std::string>& t,
                                         const std::vector<std::string>& f,
                                         const std::vector<std::string>& files = {});

/// Settings that differ between runs: drift, sampling time, FIR delays.
void add_run_json(Json& json, const DesignRequest& request, const RunDesigns& designs, size_t run);

/// Settings for which analysts' choices differ, for sidecars.
Json design_json(const DesignRequest& request, const RunDesigns& designs);

}  // namespace sociometer::jobs
