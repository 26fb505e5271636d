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

/// One run as the command line and its files describe it.
struct RunInput {
  std::string name;  ///< "run 2 (sub-01_run-2_bold.nii.gz)", for messages
  std::string bold;  ///< its image, empty without one
  Eigen::Index n_scans = 0;
  double tr_s = 0;                     ///< 0 when not needed (ready design)
  std::optional<double> start_time_s;  ///< from a sidecar
};

/// Designs of all runs, with what was read and decided on the way.
struct RunDesigns {
  std::vector<DesignMatrix> designs;
  std::vector<Events> events;                         ///< empty with ready designs
  std::vector<std::vector<uint8_t>> kept;             ///< scans that are not censored
  std::vector<std::vector<Eigen::Index>> run_starts;  ///< of runs within one image; {0}: one run
  std::vector<DesignOptions>
      run_options;              ///< what each run was built with; empty with ready designs
  std::vector<Json> run_facts;  ///< of each run: what its confounds and censoring were
  DesignOptions options;
  std::vector<InputFile> inputs;
  Warnings warnings;
};

/// Reads events, confounds and censoring of each run and builds its design. What is worth a line
/// but no warning is reported at once.
/// @throws Error naming the run and the file; also when a run is left without scans, or when the
/// names of files that belong together say otherwise.
RunDesigns load_designs(const DesignRequest& request, const std::vector<RunInput>& runs,
                        Journal& journal);

/// The contrasts asked for on the command line and in --contrasts-file, with distinct names.
std::vector<ContrastSpec> contrast_specs(const DesignRequest& request);

/// The contrasts asked for, with distinct names.
/// @param files  of FSL or AFNI, see --contrasts-file.
std::vector<ContrastSpec> contrast_specs(const std::vector<std::string>& t,
                                         const std::vector<std::string>& f,
                                         const std::vector<std::string>& files = {});

/// What differs from run to run: drift, sampling time, FIR delays.
void add_run_json(Json& json, const DesignRequest& request, const RunDesigns& designs, size_t run);

/// The choices that peers disagree on, for sidecars.
Json design_json(const DesignRequest& request, const RunDesigns& designs);

}  // namespace sociometer::jobs
