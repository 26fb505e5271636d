#pragma once
#include <string>

#include <Eigen/Dense>

#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {

/// A group of maps with 8 voxels, each a multiple of one number: R's results for that number
/// apply to every voxel.
struct SmallGroup {
  TemporaryFolder folder;
  std::string operator/(const std::string& name) const { return folder / name; }
  /// Writes a map; creates folders in the name.
  std::string put(const std::string& name, double value, int n_volumes = 1) const;
  /// Writes an image with these values, (8, n_volumes).
  std::string put_values(const std::string& name, const Eigen::MatrixXd& values) const;
  /// `sociometer group words.. -o folder/out` without tables, float64 maps.
  CommandResult run(const Words& words, const std::string& out = "out") const;
  /// The statistic of a map of `out`, checked to be equal in the first and last voxel.
  double at(const std::string& name, const std::string& out = "out") const;
};

/// fails_with for a run that also warns or informs: only its error is checked.
::testing::AssertionResult refused(const CommandResult& result, int exit_code, const Words& words);

/// Eight participants with three sessions; the even ones are patients.
struct RepeatedStudy : SmallGroup {
  RepeatedStudy();
  /// "sub-1_ses-pre_contrast-x_stat-effect_statmap.nii.gz" etc. for these sessions.
  Words maps(const Words& sessions) const;
};

}  // namespace sociometer::testing
