#pragma once
#include <array>
#include <vector>

#include "engine/group/kernels/kernels.hpp"
#include "engine/group/shuffling.hpp"
#include "engine/group/welch.hpp"

namespace sociometer {

/// Welch's statistics of a tile's voxels in float32; the float64 equivalent, one voxel after
/// another, is ShuffledStatistics<double>::fit_groups.
class GroupedTile {
 public:
  /// @param model  must outlive this.
  GroupedTile(const shuffle_kernels::KernelSet& kernels, const WelchModel& model);

  /// Statistics and degrees of freedom of a permutation.
  /// @param data     (kTile, n_participants), of the participants as they are.
  /// @param shuffle  row k of the permuted data is sign[k] times that of participant from[k].
  void compute(const float* data, const Shuffle& shuffle);
  /// z of the first n_voxels.
  /// @param tails  null: exact.
  void write_z(const WelchTails* tails, Eigen::Index n_voxels, float* out);

 private:
  void compute_voxel(Eigen::Index k);
  double z_of(const WelchTails* tails, double statistic, double dof) const;

  const shuffle_kernels::KernelSet& kernels_;
  const WelchModel& model_;
  WelchModel::Workspace work_;
  Eigen::MatrixXf basis_;  ///< (rank, n)
  std::vector<float> sign_;
  std::vector<int32_t> group_;
  std::vector<double> n_members_, products_, space_;
  Eigen::MatrixXf coordinates_, squares_;
  std::array<double, size_t(shuffle_kernels::kTile)> statistic_{}, dof_{}, z_{};
};

}  // namespace sociometer
