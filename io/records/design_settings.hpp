#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/record_fields.hpp"

/// How designs were made: the choices of all runs (the field Design), and those of one run.
namespace sociometer {

/// The part of a confound strategy about CompCor.
struct CompcorRecord {
  std::string kind, components;  ///< components: a number, or all
  bool operator==(const CompcorRecord&) const = default;
};
SOCIOMETER_RECORD(CompcorRecord) {
  visit("Kind", self.kind);
  visit("Components", self.components);
}

/// The part of a confound strategy about scrubbing.
struct ScrubRecord {
  long shortest_stretch = 0;  ///< scans
  double fd_threshold_mm = 0, std_dvars_threshold = 0;
  bool operator==(const ScrubRecord&) const = default;
};
SOCIOMETER_RECORD(ScrubRecord) {
  visit("ShortestStretch", self.shortest_stretch);
  visit("FramewiseDisplacement", self.fd_threshold_mm);
  visit("StdDvars", self.std_dvars_threshold);
}

/// fMRIPrep's confounds by name; what belongs to a part is there if the part is.
struct ConfoundStrategyRecord {
  std::vector<std::string> parts;
  std::optional<std::string> motion, wm_csf, global_signal;
  std::optional<CompcorRecord> compcor;
  std::optional<ScrubRecord> scrub;
  bool operator==(const ConfoundStrategyRecord&) const = default;
};
SOCIOMETER_RECORD(ConfoundStrategyRecord) {
  visit("Parts", self.parts);
  visit("Motion", self.motion);
  visit("WmCsf", self.wm_csf);
  visit("GlobalSignal", self.global_signal);
  visit("CompCor", self.compcor);
  visit("Scrub", self.scrub);
}

/// How confounds and censored scans were chosen; empty without them.
struct ConfoundsRecord {
  std::optional<std::vector<std::string>> censor;  ///< columns, comparisons or lists of scans
  std::optional<long> censor_before, censor_after;
  std::optional<std::string> missing_first_values;
  std::optional<bool> demeaned;
  std::optional<ConfoundStrategyRecord> strategy;
  bool operator==(const ConfoundsRecord&) const = default;
};
SOCIOMETER_RECORD(ConfoundsRecord) {
  visit("Censor", self.censor);
  visit("CensorBefore", self.censor_before);
  visit("CensorAfter", self.censor_after);
  visit("ConfoundsMissingFirstValues", self.missing_first_values);
  visit("ConfoundsDemeaned", self.demeaned);
  visit("ConfoundStrategy", self.strategy);
}

/// How regressors are sampled, by the grid on which responses are computed.
struct ResponseGridRecord {
  std::optional<std::string> grid;
  std::optional<int> oversampling;  ///< nilearn's grid
  std::optional<double> min_onset_s;
  std::optional<int> microtime_bins, microtime_onset;  ///< SPM's grid
  bool operator==(const ResponseGridRecord&) const = default;
};
SOCIOMETER_RECORD(ResponseGridRecord) {
  visit("HRFGrid", self.grid);
  visit("Oversampling", self.oversampling);
  visit("MinOnset", self.min_onset_s);
  visit("MicrotimeBins", self.microtime_bins);
  visit("MicrotimeOnset", self.microtime_onset);
}

/// How modulators were treated; empty without them.
struct ModulatorsRecord {
  std::optional<std::vector<std::string>> modulators;  ///< "TYPE:COLUMN,COLUMN"
  std::optional<std::string> centering, orthogonalisation, scaling, missing_values;
  bool operator==(const ModulatorsRecord&) const = default;
};
SOCIOMETER_RECORD(ModulatorsRecord) {
  visit("Modulators", self.modulators);
  visit("ModulatorCentering", self.centering);
  visit("ModulatorOrthogonalisation", self.orthogonalisation);
  visit("ModulatorScaling", self.scaling);
  visit("ModulatorMissingValues", self.missing_values);
}

/// The field Design: settings for which analysts' choices differ.
struct DesignSettings {
  std::string source;  ///< events, ready matrix, BIDS stats model, ..
  std::optional<std::string> model, node;
  ConfoundsRecord confounds;
  std::optional<std::string> hrf;  ///< none with ready designs
  ResponseGridRecord grid;
  ModulatorsRecord modulators;
  bool operator==(const DesignSettings&) const = default;
};
SOCIOMETER_RECORD(DesignSettings) {
  visit("Source", self.source);
  visit("Model", self.model);
  visit("Node", self.node);
  visit_record(self.confounds, visit);
  visit("HRF", self.hrf);
  visit_record(self.grid, visit);
  visit_record(self.modulators, visit);
}

/// Volumes at unequal times.
struct VolumeTimingRecord {
  size_t volumes = 0;
  long gaps = 0;
  double shortest_distance_s = 0;
  std::optional<std::string> serial_correlation;  ///< what lags of the noise model count
  bool operator==(const VolumeTimingRecord&) const = default;
};
SOCIOMETER_RECORD(VolumeTimingRecord) {
  visit("Volumes", self.volumes);
  visit("Gaps", self.gaps);
  visit("ShortestDistance", self.shortest_distance_s);
  visit("SerialCorrelation", self.serial_correlation);
}

/// What was used of a run's confounds, tables and model.
struct RunInputsRecord {
  std::optional<long> non_steady_state, scrubbed;  ///< scans left out
  std::optional<std::vector<std::string>> confounds;
  std::optional<std::string> design_format;     ///< of a ready design
  std::optional<std::vector<long>> run_starts;  ///< of runs within one ready design
  std::optional<ByName<std::vector<std::string>>> model_columns;  ///< by entry of a model's X
  std::optional<VolumeTimingRecord> volume_timing;
  std::optional<std::vector<std::string>> missing_columns;  ///< entries of X the run lacks
  bool operator==(const RunInputsRecord&) const = default;
};
SOCIOMETER_RECORD(RunInputsRecord) {
  visit("NonSteadyStateScans", self.non_steady_state);
  visit("ScrubbedScans", self.scrubbed);
  visit("ConfoundColumns", self.confounds);
  visit("DesignFormat", self.design_format);
  visit("RunStarts", self.run_starts);
  visit("ModelColumns", self.model_columns);
  visit("VolumeTiming", self.volume_timing);
  visit("MissingColumns", self.missing_columns);
}

/// The settings of one run's design.
struct RunSettings {
  RunInputsRecord inputs;
  std::optional<ByName<double>> modulator_sd;
  std::optional<double> start_time_s;
  std::optional<std::string> start_time_source, drift;
  std::optional<double> high_pass_hz;          ///< of cosine drift
  std::optional<int> drift_order;              ///< of polynomial drift
  std::optional<std::vector<int>> fir_delays;  ///< scans
  bool operator==(const RunSettings&) const = default;
};
SOCIOMETER_RECORD(RunSettings) {
  visit_record(self.inputs, visit);
  visit("ModulatorSD", self.modulator_sd);
  visit("StartTime", self.start_time_s);
  visit("StartTimeSource", self.start_time_source);
  visit("Drift", self.drift);
  visit("HighPassHz", self.high_pass_hz);
  visit("DriftOrder", self.drift_order);
  visit("FIRDelays", self.fir_delays);
}

struct ScanCounts {
  long scans = 0, censored = 0;
  bool operator==(const ScanCounts&) const = default;
};
SOCIOMETER_RECORD(ScanCounts) {
  visit("Scans", self.scans);
  visit("CensoredScans", self.censored);
}

}  // namespace sociometer
