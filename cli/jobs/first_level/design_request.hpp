#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/request_json.hpp"
#include "engine/design/design_matrix.hpp"
#include "io/tables/confound_strategies.hpp"
#include "io/tables/design_tables.hpp"

namespace sociometer::jobs {

/// Components of each CompCor mask, written as a number or "all".
struct CompcorCount {
  int n = 0;  ///< the strongest; 0: all
};
std::string to_string(const CompcorCount& count);
/// @throws Error{usage} for anything but a number of at least 1 or "all".
CompcorCount parse_compcor_count(const std::string& text);

template <>
struct FieldOf<CompcorCount> {
  static Json write(const CompcorCount& count) { return to_string(count); }
  static void read(const Json& json, CompcorCount& count, const std::string& where);
};

/// fMRIPrep's confounds by name. Fields left unset use ConfoundStrategy's defaults; a field set
/// without the component it belongs to is refused.
struct StrategyRequest {
  std::vector<ConfoundPart> parts;
  std::optional<ConfoundExpansion> motion, wm_csf, global_signal;
  std::optional<CompcorKind> compcor;
  std::optional<CompcorCount> n_compcor;
  std::optional<int> scrub;
  std::optional<double> fd_threshold_mm, std_dvars_threshold;
};
SOCIOMETER_FIELDS(StrategyRequest) {
  visit("parts", self.parts);
  visit("motion", self.motion);
  visit("wm_csf", self.wm_csf);
  visit("global_signal", self.global_signal);
  visit("compcor", self.compcor);
  visit("n_compcor", self.n_compcor);
  visit("scrub", self.scrub);
  visit("fd_threshold_mm", self.fd_threshold_mm);
  visit("std_dvars_threshold", self.std_dvars_threshold);
}

/// Confound tables and censored scans, one file or list per run.
struct ConfoundRequest {
  std::vector<std::string> files, columns;  ///< columns: names or globs; none: all
  StrategyRequest strategy;
  MissingConfounds missing = MissingConfounds::zero;
  bool demean = false;
  std::vector<std::string> censor;  ///< columns, comparisons or lists of scans
  long censor_before = 0, censor_after = 0;
};
SOCIOMETER_FIELDS(ConfoundRequest) {
  visit("files", self.files);
  visit("columns", self.columns);
  visit("strategy", self.strategy);
  visit("missing", self.missing);
  visit("demean", self.demean);
  visit("censor", self.censor);
  visit("censor_before", self.censor_before);
  visit("censor_after", self.censor_after);
}

/// A Run node of a BIDS stats model, which says what the columns and contrasts are.
struct StatsModelRequest {
  std::string file, node;            ///< node: by its name; empty: the only one
  std::vector<std::string> columns;  ///< that other runs of the study have; a run may lack them
  bool drop_missing = false;         ///< contrasts that no run can have are left out, not refused
  bool given() const { return !file.empty(); }
};
SOCIOMETER_FIELDS(StatsModelRequest) {
  visit("file", self.file);
  visit("node", self.node);
  visit("columns", self.columns);
  visit("drop_missing", self.drop_missing);
}

/// Sources of the designs of one or more runs: one source of events, or ready-made matrices.
/// Fields left unset use DesignOptions' defaults.
struct DesignRequest {
  std::vector<std::string> events, designs;
  std::vector<std::string> ev, stim_times, stim_durations;  ///< FSL's and AFNI's: NAME=FILE ..
  ConfoundRequest confounds;
  StatsModelRequest stats_model;  ///< with events and confounds; instead of HRF, modulators, drift
  std::optional<double> tr_s, slice_time_ref;
  /// Onsets of volumes (VolumeTiming), per run; empty for a run, or in all: a volume every TR.
  std::vector<std::vector<double>> volume_onset_s;
  std::optional<HrfModel> hrf;
  std::optional<HrfGrid> hrf_grid;
  std::optional<int> oversampling, microtime, microtime_onset, drift_order;
  std::optional<double> min_onset_s, high_pass_hz;
  std::vector<int> fir_delays;          ///< scans; none: those below 20 s
  std::vector<std::string> modulators;  ///< "TYPE:COLUMN,COLUMN"
  std::optional<Centering> center;
  std::optional<Orthogonalisation> orthogonalise;
  std::optional<ModulatorScaling> modulator_scaling;
  std::optional<DriftModel> drift;
  std::vector<std::string> contrasts, f_contrasts, contrast_files;
};
SOCIOMETER_FIELDS(DesignRequest) {
  visit("events", self.events);
  visit("designs", self.designs);
  visit("ev", self.ev);
  visit("stim_times", self.stim_times);
  visit("stim_durations", self.stim_durations);
  visit("confounds", self.confounds);
  visit("stats_model", self.stats_model);
  visit("tr_s", self.tr_s);
  visit("slice_time_ref", self.slice_time_ref);
  visit("volume_onset_s", self.volume_onset_s);
  visit("hrf", self.hrf);
  visit("hrf_grid", self.hrf_grid);
  visit("oversampling", self.oversampling);
  visit("microtime", self.microtime);
  visit("microtime_onset", self.microtime_onset);
  visit("drift_order", self.drift_order);
  visit("min_onset_s", self.min_onset_s);
  visit("high_pass_hz", self.high_pass_hz);
  visit("fir_delays", self.fir_delays);
  visit("modulators", self.modulators);
  visit("center", self.center);
  visit("orthogonalise", self.orthogonalise);
  visit("modulator_scaling", self.modulator_scaling);
  visit("drift", self.drift);
  visit("contrasts", self.contrasts);
  visit("f_contrasts", self.f_contrasts);
  visit("contrast_files", self.contrast_files);
}

/// The engine's options for this request.
/// @throws Error{usage} for values that are out of range or contradictory.
DesignOptions design_options(const DesignRequest& request);

/// The single place that validates a request for designs before files are read.
/// @throws Error{usage}
void check(const DesignRequest& request, size_t n_runs);

/// Options that were given, by name, but have no effect: event options together with ready-made
/// matrices, or part of a model that another option turns off.
std::vector<std::string> idle_choices(const DesignRequest& request, const DesignOptions& options);

/// Number of runs implied by the files, 0 when undetermined.
size_t runs_of(const DesignRequest& request);

/// An HRF is written as the option accepts it: "spm + derivative".
template <>
struct FieldOf<HrfModel> {
  static Json write(const HrfModel& model) { return to_string(model); }
  static void read(const Json& json, HrfModel& model, const std::string& where);
};

}  // namespace sociometer::jobs
