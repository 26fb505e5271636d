#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/options/cli11_declarations.hpp"
#include "engine/design/contrast.hpp"
#include "engine/design/design_matrix.hpp"
#include "engine/design/diagnostics.hpp"
#include "io/records/sidecar.hpp"
#include "io/tables/confound_strategies.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::cli {

/// The options from which designs are made; shared by `design` and `fit`.
struct DesignArguments {
  std::vector<std::string> events, designs, confounds, confound_columns, censor, modulators,
      contrasts, f_contrasts;
  std::vector<std::string> ev, stim_times, stim_durations, contrast_files;
  ConfoundStrategy strategy;
  std::string n_compcor = "all", missing_confounds = "zero";
  long censor_before = 0, censor_after = 0;
  bool demean_confounds = false;
  /// Those that say how a part of a strategy is meant, with the part.
  std::vector<std::pair<CLI::Option*, std::string>> strategy_options;
  std::string hrf = "spm", hrf_grid = "nilearn", drift = "cosine", center = "run",
              orthogonalise = "none", modulator_scaling = "none";
  double high_pass_hz = 1.0 / 128, min_onset_s = -24;
  std::optional<double> tr_s, slice_time_ref;
  int drift_order = 1, oversampling = 50, microtime = 16, microtime_onset = 8;
  std::vector<int> fir_delays;
  CLI::Option *drift_option = nullptr, *center_option = nullptr, *orthogonalise_option = nullptr;
  std::vector<CLI::Option*> event_options;  ///< those that have no effect on a ready matrix
};
void add_design_options(CLI::App& command, DesignArguments& arguments);

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
RunDesigns load_designs(const DesignArguments& arguments, const std::vector<RunInput>& runs);

/// The contrasts asked for on the command line and in --contrasts-file, with distinct names.
std::vector<ContrastSpec> contrast_specs(const DesignArguments& arguments);

/// The contrasts asked for, with distinct names.
/// @param files  of FSL or AFNI, see --contrasts-file.
std::vector<ContrastSpec> contrast_specs(const std::vector<std::string>& t,
                                         const std::vector<std::string>& f,
                                         const std::vector<std::string>& files = {});

/// Warnings of columns that the design can hardly tell apart: VIF > 5 or |r| > 0.8 among task
/// columns.
Warnings collinearity_warnings(const DesignMatrix& design, const DesignDiagnostics& diagnostics,
                               const std::string& run);

/// The rows of a design that are not censored.
Eigen::MatrixXd kept_rows(const DesignMatrix& design, const std::vector<uint8_t>& kept);

/// What differs from run to run: drift, sampling time, FIR delays.
void add_run_json(Json& json, const DesignArguments& arguments, const RunDesigns& designs,
                  size_t run);

/// The choices that peers disagree on, for sidecars.
Json design_json(const DesignArguments& arguments, const RunDesigns& designs);

}  // namespace sociometer::cli
