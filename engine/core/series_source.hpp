#pragma once
#include "engine/core/mask.hpp"
#include "engine/core/volume_source.hpp"

namespace sociometer {

/// A series in memory as float64 volumes: region time courses, simulated noise, or anything else
/// to be fitted the way voxels are.
class SeriesSource : public VolumeSource {
 public:
  /// @param series  (n_scans, n_voxels); the grid is n_voxels x 1 x 1.
  explicit SeriesSource(const Eigen::MatrixXd& series);
  const Grid& grid() const override { return grid_; }
  Eigen::Index n_volumes() const override { return volumes_.cols(); }
  VolumeFormat format() const override { return {ScalarType::float64, false, 1, 0}; }
  void read(std::span<std::byte> bytes) override;
  Mask all_voxels() const;

 private:
  Grid grid_;
  Eigen::MatrixXd volumes_;  ///< (n_voxels, n_scans)
  size_t at_ = 0;
};

}  // namespace sociometer
