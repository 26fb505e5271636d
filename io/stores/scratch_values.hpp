#pragma once
#include <string>

#include "engine/group/group_data.hpp"

namespace sociometer {

/// Group values in an unnamed file, so that voxels can be read block by block although they arrive
/// by participant. The file disappears with this object or the process, however it ends.
class ScratchValues : public GroupData {
 public:
  /// Creates the file in `folder` and reserves its disk space, 8 bytes per value.
  /// @throws Error{cannot_write} if there is not enough space.
  ScratchValues(const std::string& folder, Eigen::Index n_participants, Eigen::Index n_voxels);
  ~ScratchValues() override;
  ScratchValues(const ScratchValues&) = delete;
  ScratchValues& operator=(const ScratchValues&) = delete;

  /// Stores participants from `first` on; `values` is (participants, n_voxels).
  /// @cost  one write per voxel: storing many participants at a time is cheaper.
  void put(Eigen::Index first, const Eigen::MatrixXd& values, int n_threads);

  Eigen::Index n_participants() const override { return n_participants_; }
  Eigen::Index n_voxels() const override { return n_voxels_; }
  GroupBlock block(Eigen::Index first, Eigen::Index n, Eigen::MatrixXd& space) const override;

 private:
  std::string folder_;
  Eigen::Index n_participants_, n_voxels_;
  int file_ = -1;
};

}  // namespace sociometer
