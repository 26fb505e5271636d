#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/core/volume_source.hpp"
#include "io/bytes/byte_stream.hpp"

namespace sociometer {

/// What the header of a NIfTI-1, NIfTI-2 or NIfTI pair says.
struct NiftiHeader {
  std::string path;       ///< as given
  std::string data_path;  ///< where the voxels are: differs from the header's file for pairs
  /// sform if its code is set, else qform, else voxel sizes only; Analyze as SPM reads it
  Grid grid;
  Eigen::Index n_volumes = 1;
  VolumeFormat format;
  int64_t data_offset = 0;
  int sform_code = 0, qform_code = 0;
  /// From pixdim[4] and its unit; nothing when it is not positive.
  std::optional<double> tr_s;
  bool tr_unit_known = false;
  /// What the intent code says of the numbers: "t", "f", "z", "p", "chi2", "r", "logp" or "effect";
  /// empty when it says nothing of that kind.
  std::string statistic;
};

/// Reads and checks a header.
/// @throws Error{bad_input}: missing, not NIfTI, a number type that cannot be used (complex, RGB,
/// float128), dimensions that are not positive, several dimensions beyond space, an offset that
/// cannot be, an affine that cannot be inverted, an Analyze image with a .mat beside it.
NiftiHeader read_nifti_header(const std::string& path);

/// Streams the volumes of a NIfTI file from front to back.
class NiftiSource : public VolumeSource {
 public:
  explicit NiftiSource(const std::string& path);
  explicit NiftiSource(NiftiHeader header);
  const Grid& grid() const override { return header_.grid; }
  Eigen::Index n_volumes() const override { return header_.n_volumes; }
  VolumeFormat format() const override { return header_.format; }
  void read(std::span<std::byte> bytes) override;
  const NiftiHeader& header() const { return header_; }
  /// XXH3 of the data file, known once every volume was read; also checks gzip's own checksum.
  uint64_t finish();

 private:
  NiftiHeader header_;
  std::unique_ptr<ByteStream> stream_;
  uint64_t bytes_read_ = 0;  ///< of volumes
};

/// All volumes decoded, (n_voxels, n_volumes): for masks and small images.
struct Image {
  NiftiHeader header;
  Eigen::MatrixXd values;
};
Image read_nifti(const std::string& path);

/// Voxels of a 3D image that are finite and not zero.
/// @throws Error{bad_input} when the image has several volumes or no such voxel.
Mask read_mask(const std::string& path);

}  // namespace sociometer
