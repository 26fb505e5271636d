#pragma once
#include <string>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/group/cluster_report.hpp"
#include "io/records/sidecar.hpp"
#include "io/tables/label_table.hpp"

namespace sociometer::jobs {

/// Labels of an atlas at the voxels of a mask.
struct AtlasAtMask {
  std::string path, labels_path, name;  ///< name: file name without extensions
  std::vector<int> label;               ///< 0 where the atlas has none
  LabelTable names;
  bool resampled = false;  ///< the atlas has another grid: nearest neighbour in world space
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

/// Description of each column, for the JSON file beside the table.
Json cluster_table_columns(const std::vector<PeakColumn>& more,
                           const std::vector<AtlasAtMask>& atlases);

}  // namespace sociometer::jobs
