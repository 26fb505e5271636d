#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/roi/value_table.hpp"
#include "io/bytes/output_set.hpp"
#include "io/images/region_files.hpp"
#include "io/records/provenance.hpp"
#include "io/records/record_fields.hpp"
#include "io/records/region_fit_record.hpp"
#include "io/records/sidecar.hpp"

namespace sociometer {

/// Finds sub-, ses- and contrast- in a file's name, else in its folders.
Unit unit_of_path(const std::string& path);

/// What the dictionary beside a table says of a region.
struct RegionFacts {
  std::string role, note;
};

/// A region in the dictionary of a table of values.
struct RegionEntry {
  std::string kind;
  long voxels = 0;
  bool weighted = false;
  std::string source;
  std::optional<std::string> role, note;
  bool operator==(const RegionEntry&) const = default;
};
SOCIOMETER_RECORD(RegionEntry) {
  visit("Kind", self.kind);
  visit("Voxels", self.voxels);
  visit("Weighted", self.weighted);
  visit("Source", self.source);
  visit("Role", self.role);
  visit("Note", self.note);
}

/// The event that percent signal change is of.
struct PercentSignalChangeRecord {
  double event_height = 0;
  std::optional<double> event_duration_s;  ///< of which it was computed
  std::optional<std::string> hrf;          ///< likewise
  bool operator==(const PercentSignalChangeRecord&) const = default;
};
SOCIOMETER_RECORD(PercentSignalChangeRecord) {
  visit("EventHeight", self.event_height);
  visit("EventDuration", self.event_duration_s);
  visit("HRF", self.hrf);
}

/// How values were taken from maps or estimates.
struct ExtractionRecord {
  std::optional<std::string> map_statistic;  ///< what the maps held, if maps were extracted
  std::string grid;
  std::optional<std::vector<std::string>> lost;  ///< labels beyond the grid
  std::optional<std::string> orientation;        ///< assumed, for an image that states none
  std::string resampled, coverage_rule;
  double min_coverage = 0;
  std::optional<std::string> fixed_effects;  ///< of estimates
  std::optional<PercentSignalChangeRecord> percent_signal_change;
  std::vector<InputFile> inputs;
  std::vector<std::string> failed;  ///< inputs, with the reason
  bool operator==(const ExtractionRecord&) const = default;
};
SOCIOMETER_RECORD(ExtractionRecord) {
  visit("MapStatistic", self.map_statistic);
  visit("Grid", self.grid);
  visit("LabelsBeyondGrid", self.lost);
  visit("Orientation", self.orientation);
  visit("RegionsResampled", self.resampled);
  visit("CoverageRule", self.coverage_rule);
  visit("MinimumCoverage", self.min_coverage);
  visit("FixedEffects", self.fixed_effects);
  visit("PercentSignalChange", self.percent_signal_change);
  visit("Inputs", self.inputs);
  visit("Failed", self.failed);
}

/// roi_values.json without the meanings of columns.
struct RegionValuesRecord {
  static constexpr RecordKind kKind = RecordKind::region_values;
  std::string description =
      "Values of regions of interest, one row per participant, region, "
      "contrast and statistic";
  ByName<RegionEntry> regions;
  std::optional<ExtractionRecord> extraction;  ///< of `roi extract`
  std::optional<RegionFitRecord> fit;          ///< of `roi fit`
  bool operator==(const RegionValuesRecord&) const = default;
};
SOCIOMETER_RECORD(RegionValuesRecord) {
  visit("Description", self.description);
  visit("Regions", self.regions);
  visit_part({"Grid", "RegionsResampled", "CoverageRule", "MinimumCoverage"}, self.extraction,
             visit);
  if (!self.extraction) visit_part(self.fit, visit);
}

/// Writes PREFIXroi_values.tsv, .json (a dictionary of columns with the record) and .h5.
/// @param record  without its regions, which are those given.
/// @param prefix  as name_prefix makes it.
void write_region_values(const std::vector<RegionValue>& values,
                         const std::vector<KnownRegion>& regions, RegionValuesRecord record,
                         const Provenance& provenance, const std::string& prefix,
                         OutputSet& outputs);

/// A table of region values, and what the dictionary beside it says.
struct StoredRegionValues {
  InputFile file;
  std::optional<InputFile> dictionary;  ///< if there is one
  std::vector<InputFile> files() const;
  std::vector<RegionValue> values;
  std::string map_statistic;  ///< of the maps that the values are taken from; empty: not stated
  std::map<std::string, RegionFacts> regions;
};

/// Reads such a table back; only participant_id (or participant), roi, contrast, statistic and
/// value are needed. The dictionary of another program may lack anything; one with a Record must be
/// of a version that is known here.
/// @throws Error{bad_input} for a missing column or a participant, ROI and contrast that occur
/// twice.
StoredRegionValues read_region_values(const std::string& path);

/// Refuses values of maps of z, t, p .., and such statistics of regions: units of regressors mean
/// nothing to them.
/// @throws Error{bad_input}
void require_effects(const StoredRegionValues& values, const std::string& statistic);

}  // namespace sociometer
