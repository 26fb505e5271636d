#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Dense>

#include "engine/core/mask.hpp"
#include "engine/core/scalar_type.hpp"
#include "io/bytes/gzip_write.hpp"

namespace sociometer {

/// Map values of any memory layout, (n_voxels, n_volumes): a matrix or its transpose.
using MapValues =
    Eigen::Ref<const Eigen::MatrixXd, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;

/// What the values of a map are, encoded in the NIfTI intent for viewers.
struct MapMeaning {
  enum class Kind { other, t, F, z, p, log10p, label };
  Kind kind = Kind::other;
  double dof = 0, numerator_dof = 0;  ///< for t and F
  double outside = 0;                 ///< value of voxels outside the mask
};

/// The bytes of a .nii.gz: NIfTI-1, or NIfTI-2 if a dimension requires it;
/// units mm, sform and qform set.
///
/// @param values  (n_voxels of the mask, n_volumes).
/// @param type    float32, float64, uint8 or int32.
/// @param description  truncated to 79 characters.
/// @param meaning  the intent code and its parameters, and the value outside the mask (0).
std::vector<uint8_t> nifti_bytes(const Mask& mask, const MapValues& values, ScalarType type,
                                 const std::string& description, const MapMeaning& meaning = {});

/// How values are stored: value = slope * stored.
struct ScaledType {
  ScalarType type = ScalarType::float32;
  double slope = 1;
};

/// The bytes of a .nii, a 3D image given for all voxels of a grid.
/// @param values  one per voxel, x fastest; integers are stored as rint(value / slope).
std::vector<std::byte> nifti_volume_bytes(const Grid& grid, std::span<const double> values,
                                          const ScaledType& stored, const std::string& description);

/// The bytes of an entire 4D image, for simulated data.
/// @param volumes  (n_voxels of the grid, n_volumes).
/// @param tr_s     repetition time; 0 if there is none.
/// @param slope, intercept  for integers, stored value = rint((value - intercept) / slope).
std::vector<uint8_t> nifti_series_bytes(const Grid& grid, const Eigen::MatrixXf& volumes,
                                        double tr_s, ScalarType type, double slope,
                                        double intercept);

/// A 4D image of float32 or int16 written volume by volume: only compressed data are in memory.
class NiftiSeriesWriter {
 public:
  /// @param mask       voxels for which volumes have values; others are 0.
  /// @param slope      for integers, stored value = rint(value / slope).
  NiftiSeriesWriter(Mask mask, Eigen::Index n_volumes, double tr_s, ScalarType type, double slope,
                    const std::string& description);
  /// The next volume, one value per voxel of the mask.
  void add(const Eigen::Ref<const Eigen::VectorXd>& values);
  /// The bytes of the .nii.gz, after the last volume.
  std::vector<uint8_t> finish();

 private:
  Mask mask_;
  Eigen::Index n_volumes_, n_added_ = 0;
  ScalarType type_;
  double slope_;
  GzipWriter gzip_;
  std::vector<std::byte> volume_;
};

}  // namespace sociometer
