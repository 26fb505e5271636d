#pragma once
#include <string>

#include <Eigen/Dense>

#include "tests/cli/program.hpp"
#include "tests/support/files.hpp"

namespace sociometer::testing {

/// A group of maps of 8 voxels, all with a multiple of one number: what R says of that number is
/// right in each of them.
struct SmallGroup {
  TemporaryFolder folder;
  std::string operator/(const std::string& name) const { return folder / name; }
  /// Writes a map; folders in the name are made.
  std::string put(const std::string& name, double value, int n_volumes = 1) const;
  /// Writes an image of these values, (8, n_volumes).
  std::string put_values(const std::string& name, const Eigen::MatrixXd& values) const;
  /// `sociometer group words.. -o folder/out` without tables, float64 maps.
  CommandResult run(const Words& words, const std::string& out = "out") const;
  /// The first and last voxel of a map of `out` have one statistic: that of the first.
  double at(const std::string& name, const std::string& out = "out") const;
};

/// fails_with of a run that also warns or informs: only its error is looked at.
::testing::AssertionResult refused(const CommandResult& result, int exit_code, const Words& words);

/// Eight people with three sessions; even ones are patients.
struct RepeatedStudy : SmallGroup {
  RepeatedStudy();
  /// "sub-1_ses-pre_contrast-x_stat-effect_statmap.nii.gz" and so on, of these sessions.
  Words maps(const Words& sessions) const;
};

}  // namespace sociometer::testing
