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
  std::string path, labels_path, name;  ///< name: of the file, without endings
  std::vector<int> label;               ///< 0 where the atlas has none
  LabelTable names;
  bool resampled = false;  ///< the atlas has another grid: nearest neighbour in world space
};

/// @param labels_path  table of names; empty: labels are numbers.
/// @throws Error{bad_input} for values that are no whole numbers or an atlas without labels here.
AtlasAtMask read_atlas_at(const std::string& path, const std::string& labels_path, const Mask& mask,
                          const std::string& mask_name);

/// A value at each voxel that peaks are told with, such as p-values by permutation.
struct PeakColumn {
  std::string name, description;
  Eigen::VectorXd values;
  bool of_cluster = false;  ///< belongs to the cluster: n/a in the rows of its sub-peaks
};

/// Text of `_clusters.tsv`: a row per peak, the cluster's own columns in the row of its maximum
/// (`1`), n/a in those of sub-peaks (`1a`, `1b`).
std::string cluster_table_tsv(const Mask& mask, const MapReport& report,
                              const std::vector<PeakColumn>& more,
                              const std::vector<AtlasAtMask>& atlases);

/// What each column is, for the JSON file beside the table.
Json cluster_table_columns(const std::vector<PeakColumn>& more,
                           const std::vector<AtlasAtMask>& atlases);

}  // namespace sociometer::jobs
