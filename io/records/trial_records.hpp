#pragma once
#include <optional>
#include <string>
#include <vector>

#include "io/records/first_level_records.hpp"
#include "io/records/record_of.hpp"

/// Records of single trials: the table of trials, their images, their means in regions.
namespace sociometer {

/// How amplitudes were estimated.
struct TrialMethodRecord {
  std::string method;
  std::optional<std::string> other_trials;  ///< of one model per trial
  std::optional<std::string> noise_from;    ///< none if scans are independent
  std::string amplitude;
  std::optional<std::vector<std::string>> types;  ///< conditions that were split; all if absent
  std::optional<std::string> shrinkage, shrinkage_labels;
  bool operator==(const TrialMethodRecord&) const = default;
};
SOCIOMETER_RECORD(TrialMethodRecord) {
  visit("Method", self.method);
  visit("OtherTrials", self.other_trials);
  visit("NoiseParametersFrom", self.noise_from);
  visit("Amplitude", self.amplitude);
  visit("TrialTypes", self.types);
  visit("Shrinkage", self.shrinkage);
  visit("ShrinkageLabels", self.shrinkage_labels);
}

/// Responses that differ between voxels.
struct HrfLibraryRecord {
  int shapes = 0;
  std::string source, chosen_by;
  std::optional<std::string> choice_model,
      map;                 ///< the model that chose, or the map that was given
  long without_shape = 0;  ///< voxels
  std::vector<long> voxels_per_shape;
  double unit_duration_s = 0;  ///< of the event that amplitudes are relative to
  /// The option, or what it was computed from; none in records of earlier versions.
  std::optional<std::string> unit_duration_from;
  std::vector<std::vector<double>> heights;  ///< of the responses to it, by run
  bool operator==(const HrfLibraryRecord&) const = default;
};
SOCIOMETER_RECORD(HrfLibraryRecord) {
  visit("Shapes", self.shapes);
  visit("Source", self.source);
  visit("ChosenBy", self.chosen_by);
  visit("ChoiceModel", self.choice_model);
  visit("Map", self.map);
  visit("VoxelsWithoutShape", self.without_shape);
  visit("VoxelsPerShape", self.voxels_per_shape);
  visit("UnitEventDuration", self.unit_duration_s);
  visit("UnitEventDurationFrom", self.unit_duration_from);
  visit("ResponseHeights", self.heights);
}

/// What all records of a participant's trials say.
struct TrialFitRecord {
  FitRecord fit;  ///< without fixed effects: no runs are combined
  TrialMethodRecord method;
  std::optional<HrfLibraryRecord> library;
  bool operator==(const TrialFitRecord&) const = default;
};
SOCIOMETER_RECORD(TrialFitRecord) {
  visit_record(self.fit, visit);
  visit_record(self.method, visit);
  visit("HRFLibrary", self.library);
}

using TrialTableRecord = RecordOf<RecordKind::trials, TrialFitRecord>;  ///< of the table of trials

/// The trials of which a map is the mean.
struct TrialAverageRecord {
  std::string column, value;
  long trials = 0;
  bool operator==(const TrialAverageRecord&) const = default;
};
SOCIOMETER_RECORD(TrialAverageRecord) {
  visit("Column", self.column);
  visit("Value", self.value);
  visit("Trials", self.trials);
}

/// Run and onset of the trial in each volume of an image. The table beside it has the same.
struct TrialVolumesRecord {
  std::vector<int> run_number;
  std::vector<double> onset_s;
  bool operator==(const TrialVolumesRecord&) const = default;
};
SOCIOMETER_RECORD(TrialVolumesRecord) {
  visit("RunNumber", self.run_number);
  visit("Onset", self.onset_s);
}

/// The sidecar of an image or a map of `trials`.
struct TrialMapRecord {
  static constexpr RecordKind kKind = RecordKind::trial_map;
  std::string description;
  std::optional<TrialVolumesRecord> volumes;  ///< of images with a volume per trial
  std::optional<TrialAverageRecord> average;
  std::optional<TrialFitRecord> trials;  ///< none: the map of the mask
  std::optional<MaskRecord> mask;
  MapEnding ending;
  bool operator==(const TrialMapRecord&) const = default;
};
SOCIOMETER_RECORD(TrialMapRecord) {
  visit("Description", self.description);
  visit("Volumes", self.volumes);
  visit("Average", self.average);
  visit_part({"Method", "SmoothingFWHM", "Design", "VoxelStatusCounts"}, self.trials, visit);
  if (!self.trials) visit("Mask", self.mask);
  visit_record(self.ending, visit);
}

struct TrialRegionRecord {
  long voxels = 0, voxels_in_mask = 0;
  bool operator==(const TrialRegionRecord&) const = default;
};
SOCIOMETER_RECORD(TrialRegionRecord) {
  visit("Voxels", self.voxels);
  visit("VoxelsInMask", self.voxels_in_mask);
}

/// Of the table of means in regions.
struct TrialRegionsRecord {
  static constexpr RecordKind kKind = RecordKind::trial_regions;
  std::string statistic;
  ByName<TrialRegionRecord> regions;
  TrialFitRecord trials;
  bool operator==(const TrialRegionsRecord&) const = default;
};
SOCIOMETER_RECORD(TrialRegionsRecord) {
  visit("Statistic", self.statistic);
  visit("Regions", self.regions);
  visit_record(self.trials, visit);
}

}  // namespace sociometer
