#pragma once
#include <cstdio>
#include <string>

#include <Eigen/Dense>

#include "io/images/nifti.hpp"
#include "tests/support/files.hpp"
#include "tests/support/goldens.hpp"

namespace sociometer::testing {

/// The 16 participants of tests/golden/simulated/group: (16, n_voxels).
struct GroupGolden {
  Mask mask = read_mask(golden("simulated/group/mask.nii.gz"));
  Eigen::MatrixXd effects = read("simulated/group/effect_%02d.nii.gz");
  Eigen::MatrixXd variances = read("simulated/group/var_%02d.nii.gz");
  Eigen::MatrixXd read(const char* pattern, int n = 16) const {
    Eigen::MatrixXd out(n, mask.n_voxels());
    for (int i = 1; i <= n; ++i) {
      char name[100];
      std::snprintf(name, sizeof name, pattern, i);
      out.row(i - 1) = masked(golden(name), mask).col(0).transpose();
    }
    return out;
  }
  /// A map of tests/golden, within the mask.
  Eigen::VectorXd map(const std::string& name) const { return masked(golden(name), mask).col(0); }
  Eigen::MatrixXd one_sample() const { return Eigen::MatrixXd::Ones(16, 1); }
};

/// Rows after "/Matrix" of an FSL design.
inline Eigen::MatrixXd fsl_matrix(const std::string& path) {
  const std::string text = read_bytes(path);
  TemporaryFolder folder;
  write_text(folder / "rows.txt", text.substr(text.find("/Matrix") + 7));
  return number_table(folder / "rows.txt");
}

}  // namespace sociometer::testing
