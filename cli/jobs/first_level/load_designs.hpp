#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/first_level/design_request.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/volume_times.hpp"
#include "engine/design/contrast.hpp"
#include "engine/design/design_matrix.hpp"
#include "engine/design/diagnostics.hpp"
#include "engine/design/event_column.hpp"
#include "engine/stats_models/engine_settings.hpp"
#include "io/records/design_settings.hpp"
#include "io/records/sidecar.hpp"
#include "io/tables/confound_strategies.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

/// One run as described by the command line and its files.
struct RunInput {
  std::string name;  ///< "run 2 (sub-01_run-2_bold.nii.gz)", for messages
  std::string bold;  ///< its image, empty without one
  Eigen::Index n_scans = 0;
  double tr_s = 0;  ///< 0 when not needed (ready design)
  /// Onsets of volumes at unequal distances, the shortest of which is tr_s, or that do not begin
  /// at 0; empty: a volume every tr_s from 0.
  std::vector<double> volume_onset_s;
  std::optional<double> start_time_s;  ///< from a sidecar
  std::optional<FileContent> sidecar;  ///< the image's; nothing without one that can be read

  /// From the first volume to the end of the last.
  double length_s() const;
  /// Time between scans; 0 if it is not always the same.
  double repetition_time_s() const {
    return volume_onset_s.empty() ? tr_s : equal_distance(volume_onset_s).value_or(0);
  }
  /// The time that noise models take a lag for: the shortest where it is not always the same.
  double lag_s() const {
    const double always = repetition_time_s();
    return always > 0 || volume_onset_s.size() < 2 ? always : shortest_distance(volume_onset_s);
  }
};

/// Designs of all runs, with what was read and decided while building them.
struct RunDesigns {
  std::vector<DesignMatrix> designs;
  std::vector<Events> events;                   ///< empty with ready designs
  std::vector<Table> event_tables;              ///< per run, of --events that are tables
  std::vector<std::vector<size_t>> event_rows;  ///< per table: the row of each event
  /// Per run: of a stats model, the columns that are responses to events.
  std::vector<std::vector<EventColumn>> event_columns;
  std::vector<std::string> responses;                 ///< of a stats model, of all runs
  std::vector<std::vector<uint8_t>> kept;             ///< 1 for scans that are not censored
  std::vector<std::vector<Eigen::Index>> run_starts;  ///< of runs within one image; {0}: one run
  std::vector<DesignOptions>
      run_options;                      ///< what each run was built with; empty with ready designs
  std::vector<ContrastSpec> contrasts;  ///< of a stats model
  EngineSettings model_settings;        ///< of its node
  std::vector<RunInputsRecord> run_records;  ///< per run: what was used of its tables
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
/// @param inputs  gets these files with their checksums, in their order.
std::vector<ContrastSpec> contrast_specs(const std::vector<std::string>& t,
                                         const std::vector<std::string>& f,
                                         const std::vector<std::string>& files = {},
                                         std::vector<InputFile>* inputs = nullptr);

/// Scans of a run, and how many of them are censored.
ScanCounts scan_counts(const RunDesigns& designs, size_t run);

/// Settings that differ between runs: drift, sampling time, FIR delays.
RunSettings run_settings(const DesignRequest& request, const RunDesigns& designs, size_t run);

/// Settings for which analysts' choices differ.
DesignSettings design_settings(const DesignRequest& request, const RunDesigns& designs);

}  // namespace sociometer::jobs
