#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/core/scalar_type.hpp"

namespace sociometer {

/// Numbers of maps wherever they lie, (n_voxels, n_volumes): a matrix or its transpose.
using MapValues =
    Eigen::Ref<const Eigen::MatrixXd, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;

/// The bytes of a .nii.gz: NIfTI-1, or NIfTI-2 when a dimension needs it, units mm, sform and qform
/// set.
///
/// @param values  (n_voxels of the mask, n_volumes); voxels outside the mask are 0.
/// @param type    float32, float64 or uint8.
/// @param description  at most 79 characters are kept.
std::vector<uint8_t> nifti_bytes(const Mask& mask, const MapValues& values, ScalarType type,
                                 const std::string& description);

/// The bytes of a whole 4D image, for simulated data.
/// @param volumes  (n_voxels of the grid, n_volumes).
/// @param tr_s     repetition time; 0 for none.
/// @param slope, intercept  stored value = rint((value - intercept) / slope) for integers.
std::vector<uint8_t> nifti_series_bytes(const Grid& grid, const Eigen::MatrixXf& volumes,
                                        double tr_s, ScalarType type, double slope,
                                        double intercept);

}  // namespace sociometer
