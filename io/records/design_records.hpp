#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/design/design_matrix.hpp"
#include "engine/design/diagnostics.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "io/records/design_settings.hpp"

/// design.json: the columns of a run's design, what is known of them, and how they were made.
namespace sociometer {

/// A column of a design.
struct DesignColumnRecord {
  std::string name, role;
  double vif = 0;                   ///< NaN for constants, and where the note says why
  std::optional<std::string> note;  ///< other columns explain it entirely
  bool operator==(const DesignColumnRecord&) const = default;
};
SOCIOMETER_RECORD(DesignColumnRecord) {
  visit("Name", self.name);
  visit("Role", self.role);
  visit("VIF", self.vif);
  visit("Note", self.note);
}

/// Pearson correlations between columns of the task; NaN where one is constant.
struct ColumnCorrelations {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> values;  ///< symmetric
  bool operator==(const ColumnCorrelations&) const = default;
};
SOCIOMETER_RECORD(ColumnCorrelations) {
  visit("Columns", self.columns);
  visit("Values", self.values);
}

/// What is known of the columns of a design, over its kept scans.
struct DesignColumnsRecord {
  long rank = 0;
  std::vector<DesignColumnRecord> columns;
  ColumnCorrelations correlations;
  bool operator==(const DesignColumnsRecord&) const = default;
};
SOCIOMETER_RECORD(DesignColumnsRecord) {
  visit("Rank", self.rank);
  visit("Columns", self.columns);
  visit("TaskCorrelations", self.correlations);
}

/// A modulator before its convolution.
struct TrialModulatorRecord {
  std::string name;
  double vif = 0;
  std::optional<std::vector<double>> values;  ///< of the trials, as used in the design
  bool operator==(const TrialModulatorRecord&) const = default;
};
SOCIOMETER_RECORD(TrialModulatorRecord) {
  visit("Name", self.name);
  visit("VIF", self.vif);
  visit("Values", self.values);
}

/// The modulators of one event type, trial by trial.
struct TrialsRecord {
  std::string event_type;
  std::optional<std::vector<double>> onset_s;
  std::vector<TrialModulatorRecord> modulators;
  std::vector<std::vector<double>> correlation;
  bool operator==(const TrialsRecord&) const = default;
};
SOCIOMETER_RECORD(TrialsRecord) {
  visit("EventType", self.event_type);
  visit("Onsets", self.onset_s);
  visit("Modulators", self.modulators);
  visit("Correlation", self.correlation);
}

/// A contrast in one run's design.
struct DesignContrastRecord {
  std::string name;
  std::vector<std::string> expressions;
  bool estimable = false;
  double efficiency = 0;  ///< 1 / trace(C (X'X)^+ C'); NaN where it is not estimable
  std::optional<std::string> reason;
  bool operator==(const DesignContrastRecord&) const = default;
};
SOCIOMETER_RECORD(DesignContrastRecord) {
  visit("Name", self.name);
  visit("Expressions", self.expressions);
  visit("Estimable", self.estimable);
  visit("Efficiency", self.efficiency);
  visit("Reason", self.reason);
}

/// What drift and confounds explain of a column of the task, as shares of its variance.
struct NuisanceShareRecord {
  std::string column;
  double by_drift = 0, by_nuisance = 0;
  std::optional<std::string> closest;  ///< confound that correlates most with it
  std::optional<double> correlation;
  bool operator==(const NuisanceShareRecord&) const = default;
};
SOCIOMETER_RECORD(NuisanceShareRecord) {
  visit("Column", self.column);
  visit("ExplainedByDrift", self.by_drift);
  visit("ExplainedByDriftAndConfounds", self.by_nuisance);
  visit("ClosestConfound", self.closest);
  visit("Correlation", self.correlation);
}

/// What is known of a run's design beyond its columns; absent in records of earlier versions.
struct DesignChecksRecord {
  std::optional<std::vector<TrialsRecord>> trials;
  std::optional<std::vector<DesignContrastRecord>> contrasts;
  std::optional<std::vector<NuisanceShareRecord>> nuisance;
  bool operator==(const DesignChecksRecord&) const = default;
};
SOCIOMETER_RECORD(DesignChecksRecord) {
  visit("BeforeConvolution", self.trials);
  visit("Contrasts", self.contrasts);
  visit("TaskExplainedByNuisance", self.nuisance);
}

/// What the columns of an interaction with a seed were made of.
struct InteractionsRecord {
  std::string seed;
  std::vector<InputFile> series;
  std::vector<std::string> adjusted_for;  ///< roles of columns
  std::vector<std::string> columns;
  std::string deconvolution;
  std::optional<int> bins_per_scan;  ///< this and what follows: with deconvolution
  std::optional<double> share_explained;
  std::optional<std::string> events_centred, response;
  bool operator==(const InteractionsRecord&) const = default;
};
SOCIOMETER_RECORD(InteractionsRecord) {
  visit("Seed", self.seed);
  visit("Series", self.series);
  visit("SeedAdjustedFor", self.adjusted_for);
  visit("Columns", self.columns);
  visit("Deconvolution", self.deconvolution);
  visit("BinsPerScan", self.bins_per_scan);
  visit("ShareOfSeedExplained", self.share_explained);
  visit("EventsCentred", self.events_centred);
  visit("Response", self.response);
}

/// design.json.
struct DesignRecord {
  static constexpr RecordKind kKind = RecordKind::design;
  DesignColumnsRecord design;
  DesignChecksRecord checks;
  std::optional<InteractionsRecord> interactions;  ///< of `ppi`
  ScanCounts scans;
  RunSettings run;
  DesignSettings settings;
  std::vector<InputFile> inputs;
  bool operator==(const DesignRecord&) const = default;
};
SOCIOMETER_RECORD(DesignRecord) {
  visit_record(self.design, visit);
  visit_record(self.checks, visit);
  visit("Interactions", self.interactions);
  visit_record(self.scans, visit);
  visit_record(self.run, visit);
  visit("Design", self.settings);
  visit("Inputs", self.inputs);
}

/// @param diagnostics  of the design's kept scans.
DesignColumnsRecord design_columns(const DesignMatrix& design,
                                   const DesignDiagnostics& diagnostics);

/// @param run     position of the run in the contrasts.
/// @param values  of the design's kept scans, of which the diagnostics are.
/// @param trials  of the run; empty if none are known.
DesignChecksRecord design_checks(const DesignMatrix& design, const Eigen::MatrixXd& values,
                                 const DesignDiagnostics& diagnostics,
                                 const std::vector<TrialDiagnostics>& trials,
                                 const std::vector<ResolvedContrast>& contrasts, size_t run);

}  // namespace sociometer
