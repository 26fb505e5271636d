#pragma once
#include <array>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/group/group_data.hpp"

namespace sociometer {

/// Smoothness of a noise field.
struct Smoothness {
  Eigen::Vector3d fwhm_voxels{0, 0, 0};  ///< along x, y, z; 1 along an axis with a single slice
  Eigen::Vector3d fwhm_mm{0, 0, 0};
  Eigen::Index n_voxels = 0;  ///< voxels used in the estimate
  double resel_voxels() const { return fwhm_voxels.prod(); }
};

/// Full width at half maximum of the noise from the residuals of a model (Kiebel et al. 1999, as
/// SPM estimates it).
///
/// Residuals are divided by each voxel's residual standard deviation. At every voxel whose
/// neighbours at +1 (8 voxels) are in the mask the differences g along the axes give L = sum over
/// images of g g' / dof, the resels per voxel sqrt(|L| / (4 ln 2)^3), and sqrt(L_dd / (4 ln 2)) for
/// the proportions of the axes; both are averaged over voxels.
///
/// @param residuals  (n_images, n_voxels); voxels with NaN are removed from the mask.
/// @param dof        of the model, n_images - rank.
/// @throws Error{bad_input} when no voxel has all its neighbours.
/// @cost  about 30 flops per voxel and image.
Smoothness smoothness_of_residuals(const Mask& mask,
                                   const Eigen::Ref<const Eigen::MatrixXd>& residuals, double dof);

/// The same for residuals that may be larger than memory.
/// @param block  voxels processed together, in addition to smoothness_reach(mask).
Smoothness smoothness_of_residuals(const Mask& mask, const GroupData& residuals, double dof,
                                   Eigen::Index block);

/// Maximum distance, in mask order, from a voxel to its neighbours at +1.
Eigen::Index smoothness_reach(const Mask& mask);

/// The same from one noise map of unit variance (a z map under the null hypothesis), from the
/// correlation r of neighbours: FWHM = sqrt(-2 ln 2 / ln r) (Flitney & Jenkinson 2000, Forman
/// 1995). Effects in the map make it look smoother.
Smoothness smoothness_of_map(const Mask& mask, const Eigen::Ref<const Eigen::VectorXd>& z);

/// The same from several images, as in 3dFWHMx (classic): for each image and axis the variance
/// of the differences of neighbours over that of the values gives r = 1 - var(diff) / (2 var); the
/// geometric mean over images is taken.
/// @param images  (n_images, n_voxels), each with its own mean; voxels with NaN are dropped.
/// @source Forman et al. 1995, Magnetic Resonance in Medicine 33.
Smoothness smoothness_by_differences(const Mask& mask,
                                     const Eigen::Ref<const Eigen::MatrixXd>& images);

/// The same for images that may be larger than memory, as smoothness_of_residuals.
Smoothness smoothness_by_differences(const Mask& mask, const GroupData& images, Eigen::Index block);

/// A smoothness that is known from elsewhere, for maps on this grid.
/// @param fwhm_mm  along x, y, z; along an axis with a single slice 1 voxel is taken instead.
/// @throws Error{usage} when one is not a positive number.
Smoothness given_smoothness(const Grid& grid, const Eigen::Vector3d& fwhm_mm);

/// Resel counts in 0 to 3 dimensions (Worsley et al. 1996) of a mask at given smoothness.
///
/// With V, E, F, C the numbers of voxels, edges, faces and cubes of voxel centres in the mask.
std::array<double, 4> resel_counts(const Mask& mask, const Smoothness& smoothness);

/// {0, 0, 0, voxels / resel}: the volume alone, as FSL uses for clusters.
std::array<double, 4> volume_resels(const Mask& mask, const Smoothness& smoothness);

}  // namespace sociometer
