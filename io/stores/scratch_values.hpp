#pragma once
#include <string>

#include "engine/group/group_data.hpp"

namespace sociometer {

/// Values of a group in a file without a name: voxels can be read block by block, though they come
/// participant by participant. The file is gone when this is, or the process, however it ends.
class ScratchValues : public GroupData {
 public:
  /// Makes the file in `folder` and takes its room on the disk, 8 bytes a value.
  /// @throws Error{cannot_write} when there is no such room.
  ScratchValues(const std::string& folder, Eigen::Index n_participants, Eigen::Index n_voxels);
  ~ScratchValues() override;
  ScratchValues(const ScratchValues&) = delete;
  ScratchValues& operator=(const ScratchValues&) = delete;

  /// Puts participants from `first` on; `values` is (participants, n_voxels).
  /// @cost  a write per voxel: many participants at a time cost less.
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
