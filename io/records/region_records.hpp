#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/roi/region_series.hpp"
#include "io/records/record_fields.hpp"

/// Records of regions: what writers fill and readers return.
namespace sociometer {

/// The sidecar of a region's mask or weights, or of the labels of all regions (rois_dseg.json,
/// which has a description only).
struct RegionMaskRecord {
  static constexpr RecordKind kKind = RecordKind::region_mask;
  std::string description;
  std::optional<std::string> kind, source;  ///< as in rois.tsv
  std::optional<std::string> note;          ///< what must be known before it is used
  std::optional<std::array<double, 3>> centre_mm;
  std::optional<double> radius_mm;         ///< of a sphere
  std::optional<std::string> orientation;  ///< assumed, for an image that states none
  bool operator==(const RegionMaskRecord&) const = default;
};
SOCIOMETER_RECORD(RegionMaskRecord) {
  visit("Description", self.description);
  visit("Kind", self.kind);
  visit("Source", self.source);
  visit("Note", self.note);
  visit("Centre", self.centre_mm);
  visit("Radius", self.radius_mm);
  visit("Orientation", self.orientation);
}

/// The image whose grid regions have.
struct RegionGrid {
  std::string image, description;
  bool operator==(const RegionGrid&) const = default;
};
SOCIOMETER_RECORD(RegionGrid) {
  visit("Image", self.image);
  visit("Description", self.description);
}

/// rois.json, beside its columns (read_dictionary).
struct RegionTableRecord {
  static constexpr RecordKind kKind = RecordKind::regions;
  std::string description;
  RegionGrid grid;
  std::optional<std::string> orientation;
  std::string sphere_rule, resampled;
  std::optional<std::vector<std::string>> lost;  ///< labels without a voxel on the grid
  bool operator==(const RegionTableRecord&) const = default;
};
SOCIOMETER_RECORD(RegionTableRecord) {
  visit("Description", self.description);
  visit("Grid", self.grid);
  visit("Orientation", self.orientation);
  visit("SphereRule", self.sphere_rule);
  visit("Resampled", self.resampled);
  visit("LabelsBeyondGrid", self.lost);
}

/// When the scans of a series were taken, as far as it is known.
struct ScanTimes {
  std::optional<double> repetition_time_s, start_time_s;
  bool operator==(const ScanTimes&) const = default;
};
SOCIOMETER_RECORD(ScanTimes) {
  visit("RepetitionTime", self.repetition_time_s);
  visit("StartTime", self.start_time_s);
}

/// NAME_timeseries.json: what the columns beside it are.
struct RegionSeriesRecord {
  static constexpr RecordKind kKind = RecordKind::region_series;
  std::string description, statistic;
  InputFile source;         ///< the series
  ByName<double> coverage;  ///< by region
  ScanTimes times = {};
  bool operator==(const RegionSeriesRecord&) const = default;
};
SOCIOMETER_RECORD(RegionSeriesRecord) {
  visit("Description", self.description);
  visit("Statistic", self.statistic);
  visit("Source", self.source);
  visit("Coverage", self.coverage);
  visit_record(self.times, visit);
}

}  // namespace sociometer
