#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "cli/jobs/report/found_results.hpp"
#include "engine/core/mask.hpp"
#include "engine/group/cluster_report.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {

/// A contrast's map of t or F, with its z, in its mask.
struct ReportedMap {
  Mask mask;
  TestedMap map;
  std::string word;   ///< "t" or "F", or "z"
  std::string label;  ///< with degrees of freedom: "t(178)"
  bool two_sided = false;
};

/// Voxels that pass after correction for the number of voxels.
struct CorrectedVoxels {
  std::string words;  ///< "family-wise p of TFCE <= 0.05 (64 sign flips)"
  long n = 0;
  /// Whether a voxel passes by its own value: all that pass are then at least as high as the lowest
  /// of them. Not so for clusters and TFCE, to which neighbours contribute.
  bool of_height = false;
  Eigen::VectorXd passing;  ///< 1 where a voxel passes, in the order of the mask
};

/// What a report says of one contrast.
struct ContrastFindings {
  std::string name, id;  ///< for readers; for ids and the viewer
  std::string test;      ///< "t", "F", ..
  std::optional<ContrastRecord> record;
  ReportedMap map;
  double largest = 0, largest_z = 0;  ///< signed
  std::array<double, 3> peak_mm{};
  double threshold = 0;  ///< cluster-forming, of the statistic; infinite if nothing passes
  std::string threshold_words;
  long clusters = 0, voxels_in_clusters = 0;
  std::optional<CorrectedVoxels> corrected;
  Eigen::VectorXd numbers;  ///< of clusters, in the order of the mask; 0 outside; may be empty
  Table table;              ///< of clusters
  std::vector<std::pair<std::string, std::string>> columns;  ///< what its columns mean
};

/// A mask that several maps share, with its path for messages.
struct NamedMask {
  Mask mask;
  std::string path;
};

/// Reads a contrast's maps: t or F (z without them), and z.
/// @param mask  null: voxels with a finite value other than 0.
/// @throws Error{bad_input} for images that cannot be used.
ReportedMap read_reported_map(const FoundContrast& contrast, const NamedMask* mask);

/// First-level results have no thresholds of their own: clusters at an uncorrected p of 0.001
/// (two-sided for t), and voxels at a false discovery rate of 0.05, are found here.
ContrastFindings first_level_findings(const FoundContrast& contrast, const NamedMask* mask);

/// Of a group the thresholds are those of its tables and maps of corrected p.
ContrastFindings group_findings(const FoundGroup& group, const FoundContrast& contrast);

/// "outcome: 3 clusters at ..; .. voxels at ..; largest t = .. at (..)".
std::string sentence_of(const ContrastFindings& findings);

}  // namespace sociometer::jobs
