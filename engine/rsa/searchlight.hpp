#pragma once
#include <array>
#include <functional>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/rsa/dissimilarity.hpp"
#include "engine/rsa/rdm_comparison.hpp"

namespace sociometer {

/// The voxels of a mask around each of them.
class Searchlight {
 public:
  /// Voxels whose centre is within `radius_mm` of the centre of another; a millionth of a
  /// millimetre is tolerated, as in sphere_region.
  /// @throws Error{bad_input} for a radius that is not positive and finite, or a box of more than
  /// 2^31 voxels.
  Searchlight(const Mask& mask, double radius_mm);

  const Mask& mask() const { return mask_; }
  /// Voxels of a sphere that lies within the mask as a whole.
  Eigen::Index full_size() const { return full_size_; }
  /// Positions in the mask of the voxels around a voxel, ascending.
  std::vector<Eigen::Index> around(Eigen::Index voxel) const;

 private:
  friend class SlidingSphere;  ///< searchlight.cpp
  /// A row of the sphere along x: from `first` to `last`, relative to the centre.
  struct Row {
    Eigen::Index first, last, dy, dz;
  };
  /// Position in the mask, or -1.
  Eigen::Index at(Eigen::Index x, Eigen::Index y, Eigen::Index z) const;
  Mask mask_;
  std::vector<int32_t> voxel_of_cell_;
  std::vector<Row> rows_;
  Eigen::Index full_size_ = 0;
};

/// Values of models per voxel, (n_voxels, n_models), and the voxels of each sphere.
struct SearchlightMaps {
  Eigen::MatrixXd values;
  Eigen::VectorXd n_voxels;

  /// Takes the values of spheres with fewer voxels away. @return the number of these spheres.
  Eigen::Index leave_out_below(double least_voxels);
  /// Voxels without a value of the model.
  Eigen::Index n_missing(Eigen::Index model) const;
};

/// Any dissimilarity: the RDM of each sphere is made anew.
/// @param sphere_rdm  of voxels given by positions in the mask; called from several threads.
/// @cost  one RDM per voxel.
SearchlightMaps search(
    const Searchlight& spheres,
    const std::function<Eigen::VectorXd(const std::vector<Eigen::Index>&)>& sphere_rdm,
    const std::vector<ModelComparison>& models, int n_threads);

/// Dissimilarities that are sums over voxels: the sphere moves along x, voxels that enter it are
/// added and those that leave it subtracted, a cross-section each instead of the sphere.
///
/// Each row of centres starts anew, whichever thread has it, so the bytes do not depend on threads;
/// the sums differ from those of `search` by rounding. Voxels' shares are kept if they fit into
/// `table_bytes`, else computed again each time: the same bytes.
/// @param patterns  (n_patterns, n_voxels of the mask), normalised, finite.
/// @cost  per voxel about 2 pi (radius / voxel)^2 additions of RDMs.
SearchlightMaps search_sums(const Searchlight& spheres, const VoxelDissimilarities& dissimilarities,
                            const Eigen::MatrixXd& patterns,
                            const std::vector<ModelComparison>& models, double table_bytes,
                            int n_threads);

}  // namespace sociometer
