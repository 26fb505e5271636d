#pragma once
// Covariances of contrasts, stored per voxel as the lower triangle by rows.
#include <limits>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// NaN for every voxel, one matrix per contrast.
inline std::vector<Eigen::MatrixXd> empty_covariances(const std::vector<Eigen::MatrixXd>& contrasts,
                                                      Eigen::Index n_voxels) {
  std::vector<Eigen::MatrixXd> out;
  for (const auto& c : contrasts)
    out.push_back(Eigen::MatrixXd::Constant(c.rows() * (c.rows() + 1) / 2, n_voxels,
                                            std::numeric_limits<double>::quiet_NaN()));
  return out;
}

/// C M^-1 C' of one voxel.
inline void fill_covariances(const Eigen::LLT<Eigen::MatrixXd>& normal,
                             const std::vector<Eigen::MatrixXd>& contrasts, Eigen::Index voxel,
                             std::vector<Eigen::MatrixXd>& out) {
  for (size_t c = 0; c < contrasts.size(); ++c) {
    const Eigen::MatrixXd half = normal.matrixL().solve(contrasts[c].transpose());
    for (Eigen::Index i = 0, at = 0; i < half.cols(); ++i)
      for (Eigen::Index j = 0; j <= i; ++j) out[c](at++, voxel) = half.col(i).dot(half.col(j));
  }
}

/// The same for voxels with a common M: columns first + voxels[i].
inline void fill_covariances(const Eigen::LLT<Eigen::MatrixXd>& normal,
                             const std::vector<Eigen::MatrixXd>& contrasts, Eigen::Index first,
                             const Eigen::Index* voxels, Eigen::Index n,
                             std::vector<Eigen::MatrixXd>& out) {
  if (n == 0) return;
  const Eigen::Index here = first + voxels[0];
  fill_covariances(normal, contrasts, here, out);
  for (auto& values : out)
    for (Eigen::Index i = 1; i < n; ++i) values.col(first + voxels[i]) = values.col(here);
}

}  // namespace sociometer
