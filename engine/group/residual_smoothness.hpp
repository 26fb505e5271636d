#pragma once
#include <array>
#include <optional>
#include <string>
#include <type_traits>

#include "engine/core/names.hpp"
#include "engine/group/group_design.hpp"
#include "engine/group/group_memory.hpp"
#include "engine/group/smoothness.hpp"

namespace sociometer {

/// How the smoothness of residuals is estimated.
enum class SmoothnessEstimate {
  local,       ///< roughness of standardised residuals (SPM)
  differences  ///< variances of the differences of neighbours (3dFWHMx, classic)
};
constexpr std::array<Name<SmoothnessEstimate>, 2> names_of(std::type_identity<SmoothnessEstimate>) {
  return {{{SmoothnessEstimate::local, "local"}, {SmoothnessEstimate::differences, "differences"}}};
}

/// Residual degrees of freedom below which there is no estimate, and below which it is coarse.
///
/// Up to three, gradients of standardised residuals span no volume. At four, noise without any
/// smoothness had a cluster of family-wise p below .05 in 12 of 12 simulated studies; at five in
/// none of 12.
inline constexpr double kLeastSmoothnessDof = 5, kCoarseSmoothnessDof = 10;

/// Smoothness of the noise estimated from residuals.
struct ResidualSmoothness {
  std::optional<Smoothness> smoothness;
  double dof = 0;      ///< of the residuals
  std::string reason;  ///< why there is no estimate despite sufficient degrees of freedom
};

/// Threads and voxels per block, within the available memory.
struct SmoothnessWork {
  int threads;
  Eigen::Index block;
};
/// @throws Error{bad_input} when it does not fit.
SmoothnessWork smoothness_work(const GroupMemory& memory, const Mask& mask,
                               Eigen::Index n_participants, int n_threads);

/// Smoothness of the least-squares residuals of a group, whatever model is tested: the noise
/// is the same. A voxel with missing data has no residuals.
/// @cost  2 n rank n_voxels flops for each pass over the residuals, plus the estimate.
ResidualSmoothness residual_smoothness(const Mask& mask, const GroupData& data,
                                       const GroupDesign& design, SmoothnessEstimate estimate,
                                       const GroupMemory& memory, int n_threads);

}  // namespace sociometer
