#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "io/records/contrast_record.hpp"
#include "io/records/design_settings.hpp"
#include "io/records/map_ending.hpp"
#include "io/records/mask_record.hpp"
#include "io/records/noise_record.hpp"

/// What a first level is of, in estimates.json and in the sidecars of its maps.
namespace sociometer {

/// How the runs were fitted and combined; Scaling is the unit of effects.
struct FitChoices {
  std::string scaling;
  std::optional<std::string> fixed_effects;  ///< none where runs are not combined
  bool operator==(const FitChoices&) const = default;
};
SOCIOMETER_RECORD(FitChoices) {
  visit("Scaling", self.scaling);
  visit("FixedEffects", self.fixed_effects);
}

/// The processes that the voxels of a run share.
struct NoiseProcesses {
  long number = 0, order = 0;
  bool operator==(const NoiseProcesses&) const = default;
};
SOCIOMETER_RECORD(NoiseProcesses) {
  visit("Number", self.number);
  visit("Order", self.order);
}

/// One run of a fit.
struct FitRun {
  std::string bold, checksum;
  std::optional<double> tr_s;
  ScanCounts scans;
  long columns = 0, rank = 0;
  double dof = 0;
  RunSettings settings = {};
  std::optional<long> tukey_lags = {};
  std::optional<NoiseProcesses> processes = {};
  bool operator==(const FitRun&) const = default;
};
SOCIOMETER_RECORD(FitRun) {
  visit("Bold", self.bold);
  visit("XXH3", self.checksum);
  visit("RepetitionTime", self.tr_s);
  visit_record(self.scans, visit);
  visit("Columns", self.columns);
  visit("Rank", self.rank);
  visit("DegreesOfFreedom", self.dof);
  visit_record(self.settings, visit);
  visit("TukeyLags", self.tukey_lags);
  visit("NoiseProcesses", self.processes);
}

/// estimates.json; the maps of a fit say the same.
struct FitRecord {
  static constexpr RecordKind kKind = RecordKind::fit;
  NoiseRecord noise;
  FitChoices choices;
  std::array<double, 3> smoothing_fwhm_mm{};
  DesignSettings design;
  std::vector<FitRun> runs;
  std::vector<std::string> sources;       ///< as BIDS URIs
  std::optional<Json> spatial_reference;  ///< as the first image's sidecar has it
  std::vector<InputFile> inputs;
  MaskRecord mask;
  ByName<long> voxel_status;  ///< number of voxels by status
  bool operator==(const FitRecord&) const = default;
};
SOCIOMETER_RECORD(FitRecord) {
  visit_record(self.noise, visit);
  visit_record(self.choices, visit);
  visit("SmoothingFWHM", self.smoothing_fwhm_mm);
  visit("Design", self.design);
  visit("Runs", self.runs);
  visit("Sources", self.sources);
  visit("SpatialReference", self.spatial_reference);
  visit("Inputs", self.inputs);
  visit("Mask", self.mask);
  visit("VoxelStatusCounts", self.voxel_status);
}

/// A run of estimates.h5.
struct StoredRunRecord {
  std::string run, noise_model;
  double dof = 0;
  bool operator==(const StoredRunRecord&) const = default;
};
SOCIOMETER_RECORD(StoredRunRecord) {
  visit("Run", self.run);
  visit("NoiseModel", self.noise_model);
  visit("DegreesOfFreedom", self.dof);
}

/// The estimates that `contrast` combined.
struct CombinedFits {
  std::vector<StoredRunRecord> runs;
  FitChoices choices;
  std::optional<std::string> within_files;     ///< fixed effects of the runs of a file
  std::optional<std::vector<double>> weights;  ///< of the files
  std::vector<InputFile> estimates;
  bool operator==(const CombinedFits&) const = default;
};
SOCIOMETER_RECORD(CombinedFits) {
  visit("Runs", self.runs);
  visit_record(self.choices, visit);
  visit("FixedEffectsWithinFiles", self.within_files);
  visit("WeightsOfFiles", self.weights);
  visit("Estimates", self.estimates);
}

/// The sidecar of a map of `fit` or `contrast`.
struct MapRecord {
  static constexpr RecordKind kKind = RecordKind::map;
  std::string description;
  std::optional<ContrastRecord> contrast = {};
  std::optional<FitRecord> fit = {};
  std::optional<CombinedFits> combined = {};       ///< of `contrast`
  std::optional<MaskRecord> mask = {};             ///< of the map of the mask, which has no `fit`
  std::optional<ByName<std::string>> levels = {};  ///< what whole numbers in the map mean
  MapEnding ending = {};
  bool operator==(const MapRecord&) const = default;
  /// A map of the whole fit, of no contrast.
  static MapRecord of(const std::string& description, const FitRecord& fit) {
    MapRecord record{description};
    record.fit = fit;
    return record;
  }
};
SOCIOMETER_RECORD(MapRecord) {
  visit("Description", self.description);
  visit("Contrast", self.contrast);
  visit_part({"SmoothingFWHM", "Design", "VoxelStatusCounts"}, self.fit, visit);
  if (!self.fit) visit_part(self.combined, visit);
  if (!self.fit) visit("Mask", self.mask);
  visit("Levels", self.levels);
  visit_record(self.ending, visit);
}

}  // namespace sociometer
