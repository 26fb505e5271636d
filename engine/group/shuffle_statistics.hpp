#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <Eigen/Dense>

#include "engine/group/group_design.hpp"
#include "engine/group/presence.hpp"
#include "engine/group/shuffling.hpp"
#include "engine/group/welch.hpp"
#include "engine/stats/tail_table.hpp"

namespace sociometer {

/// Shuffles that are computed together. Batches begin at multiples of it, so that the arithmetic of
/// a shuffle does not depend on which part of the work it is in.
inline constexpr uint64_t kShuffleBatch = 16;

/// What is the same for all voxels of a test.
struct ShuffledTest {
  const ShuffleSequence* sequence = nullptr;
  std::vector<int> blocks;  ///< of all participants; may be empty
  std::vector<int> groups;  ///< variance groups of all participants; empty: one variance
  bool is_t = true;
  bool compare_z = false;
};

/// Statistics of shuffled data in the voxels that have the same participants.
///
/// Data are the residuals e of the reduced model (Freedman & Lane 1983), scaled to length 1. With
/// one variance, shuffles leave e'e as it is, so t = sqrt(dof) q'Pe / sqrt(1 - |Z'Pe|^2 - (q'Pe)^2)
/// needs only products of the shuffled bases with e. With variance groups, which stay where they
/// are in the design while the data move, the full model is fitted to each shuffle (WelchModel).
template <typename Scalar>
class ShuffledVoxels {
 public:
  using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
  /// @param tested  of the participants of the pattern, estimable.
  /// Voxels in which the model leaves nothing (in a group) are left out.
  ShuffledVoxels(const ShuffledTest& test, const GroupValues& values,
                 const PresencePattern& pattern, const GroupDesign& design,
                 const GroupContrast& contrast, TestedSpace tested);
  const std::vector<uint32_t>& voxels() const { return voxels_; }

  /// Statistics (or z) of the batch of shuffles that begins at `first`, into rows voxels() of
  /// `maps`, (.., kShuffleBatch).
  void statistics(uint64_t first, Matrix& maps) const;

 private:
  void equal_variances(uint64_t first, Matrix& maps) const;
  void variance_groups(uint64_t first, Matrix& maps) const;
  /// Keeps a voxel when the models leave something of it.
  bool take(const Eigen::VectorXd& y, Eigen::VectorXd& residual) const;

  const ShuffledTest* test_;
  std::vector<Eigen::Index> participants_;
  std::vector<uint32_t> voxels_;
  TestedSpace tested_;
  std::optional<WelchModel> welch_;
  Matrix residuals_;  ///< e / |e|, (n, n_voxels)
  std::unique_ptr<TailTable> table_;
};

extern template class ShuffledVoxels<float>;
extern template class ShuffledVoxels<double>;

}  // namespace sociometer
