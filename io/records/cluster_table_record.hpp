#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "io/records/group_record.hpp"

namespace sociometer {

/// The smoothness of a map and what follows from it.
struct RandomFieldRecord {
  std::array<double, 3> fwhm_mm{}, fwhm_voxels{};
  std::string smoothness_from;
  double voxels_per_resel = 0;
  std::array<double, 4> resels{};                 ///< by dimension
  std::string cluster_volume;                     ///< by which the size of clusters is judged
  double peak_threshold = 0, cluster_voxels = 0;  ///< at alpha; NaN if none
  bool operator==(const RandomFieldRecord&) const = default;
};
SOCIOMETER_RECORD(RandomFieldRecord) {
  visit("FwhmMm", self.fwhm_mm);
  visit("FwhmVoxels", self.fwhm_voxels);
  visit("SmoothnessFrom", self.smoothness_from);
  visit("VoxelsPerResel", self.voxels_per_resel);
  visit("Resels", self.resels);
  visit("ClusterVolume", self.cluster_volume);
  visit("PeakThreshold", self.peak_threshold);
  visit("ClusterVoxels", self.cluster_voxels);
}

/// An atlas whose labels a table reports.
struct AtlasRecord {
  std::string path, labels;
  bool resampled = false;  ///< it has another grid
  bool operator==(const AtlasRecord&) const = default;
};
SOCIOMETER_RECORD(AtlasRecord) {
  visit("Path", self.path);
  visit("Labels", self.labels);
  visit("Resampled", self.resampled);
}

/// How `clusters` thresholded a map.
struct MapSearch {
  std::string tested_statistic;
  std::string statistic_from;  ///< what stated it
  std::string threshold_as;
  std::optional<double> tested_numerator_dof, tested_dof;  ///< where they are finite
  std::string sided, rule;
  double level = 0;
  OrNull<double> threshold;  ///< in units of the statistic; null: nothing passes
  std::string at_threshold;
  int connectivity = 0;
  size_t min_size = 0;         ///< voxels
  OrNull<double> cluster_fwe;  ///< largest random-field p of a cluster's size; null: any
  double peak_distance_mm = 0;
  size_t max_peaks = 0;
  std::string ordered_by;
  double alpha = 0;
  OrNull<std::string> small_volume;  ///< its name; null: the whole map
  bool operator==(const MapSearch&) const = default;
};
SOCIOMETER_RECORD(MapSearch) {
  visit("TestedStatistic", self.tested_statistic);
  visit("StatisticFrom", self.statistic_from);
  visit("ThresholdAs", self.threshold_as);
  visit("TestedNumeratorDegreesOfFreedom", self.tested_numerator_dof);
  visit("TestedDegreesOfFreedom", self.tested_dof);
  visit("Sided", self.sided);
  visit("ThresholdRule", self.rule);
  visit("ThresholdLevel", self.level);
  visit("ClusterFormingThreshold", self.threshold);
  visit("AtThreshold", self.at_threshold);
  visit("Connectivity", self.connectivity);
  visit("MinClusterSize", self.min_size);
  visit("ClusterFwe", self.cluster_fwe);
  visit("PeakDistanceMm", self.peak_distance_mm);
  visit("MaxPeaks", self.max_peaks);
  visit("OrderedBy", self.ordered_by);
  visit("Alpha", self.alpha);
  visit("SmallVolume", self.small_volume);
}

/// The record beside a table of clusters, of `group` or of `clusters`.
struct ClusterTableRecord {
  static constexpr RecordKind kKind = RecordKind::cluster_table;
  std::string description;
  std::optional<std::string> map = {};    ///< that was thresholded, of `clusters`
  std::optional<Json> contrast = {};      ///< of `clusters`: as the map's sidecar has it
  std::optional<GroupSearch> group = {};  ///< of `group`; else `search` holds
  MapSearch search = {};
  long tests = 0;
  OrNull<double> hommel = {};
  OrNull<RandomFieldRecord> field = {};
  std::optional<std::vector<AtlasRecord>> atlases = {};
  ByName<std::string> columns = {};                   ///< of the table, with what they mean
  GroupFacts facts = {};                              ///< of `group`
  std::optional<std::vector<InputFile>> inputs = {};  ///< of `clusters`
  bool operator==(const ClusterTableRecord&) const = default;

  const std::string& sided() const { return group ? group->sided : search.sided; }
  const OrNull<double>& threshold() const { return group ? group->threshold : search.threshold; }
};
SOCIOMETER_RECORD(ClusterTableRecord) {
  visit("Description", self.description);
  visit("Map", self.map);
  visit("Contrast", self.contrast);
  if (!self.map) visit_part(self.group, visit);
  if (!self.group) visit_record(self.search, visit);
  visit("Tests", self.tests);
  visit("HommelValue", self.hommel);
  visit("RandomField", self.field);
  visit("Atlases", self.atlases);
  visit("Columns", self.columns);
  if (self.group)
    visit_record(self.facts, visit);
  else
    visit("Inputs", self.inputs);
}

/// The sidecar of a map that `clusters` thresholded, and of the image of its numbered clusters.
struct ThresholdedMapRecord {
  static constexpr RecordKind kKind = RecordKind::thresholded_map;
  std::string description, map;
  std::optional<Json> contrast;  ///< as the map's sidecar has it
  MapSearch search;
  MapEnding ending;
  bool operator==(const ThresholdedMapRecord&) const = default;
};
SOCIOMETER_RECORD(ThresholdedMapRecord) {
  visit("Description", self.description);
  visit("Map", self.map);
  visit("Contrast", self.contrast);
  visit_record(self.search, visit);
  visit_record(self.ending, visit);
}

}  // namespace sociometer
