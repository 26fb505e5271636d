#pragma once
#include <cstdint>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/names.hpp"
#include "engine/roi/voxel_dissociation.hpp"

namespace sociometer {

/// How p of many voxels is corrected where maps of places are made.
enum class VoxelCorrection { none, fdr, holm };
constexpr std::array<Name<VoxelCorrection>, 3> names_of(std::type_identity<VoxelCorrection>) {
  return {{{VoxelCorrection::none, "none"},
           {VoxelCorrection::fdr, "fdr"},
           {VoxelCorrection::holm, "holm"}}};
}

/// Where p is low enough after the correction.
struct PassingVoxels {
  std::vector<uint8_t> passes;  ///< one flag per voxel
  double limit = 0;             ///< largest p that passes; NaN when the correction leaves none
  long n = 0;
};
PassingVoxels passing(const Eigen::VectorXd& p, VoxelCorrection correction, double level);

/// Which of two signals each voxel follows. 1: the first and, with evidence, not the second; 2 the
/// other way round; 3 both; 4 the first, the second open; 5 the second, the first open; 0: neither
/// is shown.
struct VoxelPlaces {
  Eigen::VectorXd label;
  PassingVoxels first, second, both;
};
VoxelPlaces places(const VoxelDissociation& dissociation, VoxelCorrection correction, double level);

/// Voxels with a label.
Eigen::Index n_voxels_with(double label, const Eigen::Ref<const Eigen::VectorXd>& labels);

/// Double dissociations with the reference region. 1: the voxel goes with the first signal and the
/// reference with the second; 2 the other way round; 0: none is shown.
struct VoxelCrossovers {
  Eigen::VectorXd label;
  PassingVoxels first, second;
};
VoxelCrossovers crossovers(const VoxelDissociation& dissociation, VoxelCorrection correction,
                           double level);

}  // namespace sociometer
