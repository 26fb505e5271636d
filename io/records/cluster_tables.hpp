#pragma once
#include <string>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/group/cluster_report.hpp"
#include "io/records/cluster_table_record.hpp"
#include "io/records/map_writer.hpp"
#include "io/tables/label_table.hpp"

namespace sociometer {

/// Labels of an atlas at the voxels of a mask.
struct AtlasAtMask {
  std::string path, labels_path, name;  ///< name: file name without extensions
  std::vector<int> label;               ///< 0 where the atlas has none
  LabelTable names;
  bool resampled = false;  ///< the atlas has another grid: nearest neighbour in world space
  InputFile file{};        ///< the atlas
};

/// @param labels_path  table of names; empty: labels are numbers.
/// @throws Error{bad_input} for values that are not whole numbers or an atlas without labels here.
AtlasAtMask read_atlas_at(const std::string& path, const std::string& labels_path, const Mask& mask,
                          const std::string& mask_name);

/// A per-voxel value reported at peaks, such as a p-value by permutation.
struct PeakColumn {
  std::string name, description;
  Eigen::VectorXd values;
  bool of_cluster = false;  ///< belongs to the cluster: n/a in the rows of its sub-peaks
};

/// Text of `_clusters.tsv`: one row per peak; cluster columns are filled in the row of the maximum
/// (`1`) and n/a in those of sub-peaks (`1a`, `1b`).
std::string cluster_table_tsv(const Mask& mask, const MapReport& report,
                              const std::vector<PeakColumn>& more,
                              const std::vector<AtlasAtMask>& atlases);

/// Queues the statistic within the clusters of a report (`BASE_stat-<stat>Thresholded_statmap`) and
/// the image of their numbers (`BASE_seg-clusters_dseg`), which are those of the table.
/// @param stat    word of the statistic in names: t, F, z, ..
/// @param record  of both maps; their descriptions are set here.
template <HasRecordFields T>
void add_cluster_maps(MapWriter& writer, const std::string& base, const std::string& stat,
                      const MapReport& report, const Eigen::VectorXd& statistic, T record) {
  record.description = stat + " within the clusters, 0 elsewhere";
  writer.add(base + "_stat-" + stat + kThresholdedStatistic + "_statmap",
             values_in_clusters(report, statistic), writer.type(), record);
  record.description = "numbers of the clusters, cluster_id of the table; 0 outside";
  writer.add(base + "_seg-clusters_dseg", cluster_numbers(report, statistic.size()),
             ScalarType::int32, record);
}

/// RandomField of a table's record; null without smoothness.
/// @param smoothness_from  where the smoothness comes from, in words.
/// @param cluster_volume   the search volume by which the size of clusters is judged.
OrNull<RandomFieldRecord> random_field_record(const MapReport& report,
                                              const std::string& smoothness_from,
                                              const std::string& cluster_volume);
std::vector<AtlasRecord> atlas_records(const std::vector<AtlasAtMask>& atlases);

/// "t", "F" or "z".
const char* word_of(RandomField::Kind kind);

/// Description of each column, for the JSON file beside the table.
ByName<std::string> cluster_table_columns(const std::vector<PeakColumn>& more,
                                          const std::vector<AtlasAtMask>& atlases);

}  // namespace sociometer
