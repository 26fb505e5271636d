#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/mask.hpp"
#include "engine/core/volume_source.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/bytes/read.hpp"

namespace sociometer {

/// Header of a NIfTI-1 or NIfTI-2 file or pair, or of an Analyze image.
struct NiftiHeader {
  std::string path;       ///< as given
  std::string data_path;  ///< file with the voxels; differs from `path` for pairs
  /// sform if its code is set, else qform, else voxel sizes only; Analyze as in SPM
  Grid grid;
  Eigen::Index n_volumes = 1;
  VolumeFormat format;
  int64_t data_offset = 0;
  int sform_code = 0, qform_code = 0;
  /// From pixdim[4] and its unit; nullopt unless positive.
  std::optional<double> tr_s;
  bool tr_unit_known = false;
  /// The statistic given by the intent code: "t", "f", "z", "p", "chi2", "r", "logp" or "effect";
  /// empty for any other code.
  std::string statistic;
  /// Parameters of that statistic in the intent: the degrees of freedom of t; those of F.
  std::array<double, 2> statistic_parameters{0, 0};
  std::string description;  ///< descrip; SPM writes the statistic and its degrees of freedom there
};

/// Reads and checks a header.
/// @throws Error{bad_input} for a missing or non-NIfTI file, an unsupported data type (complex,
/// RGB, float128), non-positive dimensions, several non-spatial dimensions, an invalid data offset,
/// a singular affine, or an Analyze image accompanied by a .mat.
NiftiHeader read_nifti_header(const std::string& path);

/// Streams the volumes of a NIfTI file in order.
class NiftiSource : public VolumeSource {
 public:
  /// Opens a file that holds header and voxels once.
  explicit NiftiSource(const std::string& path);
  explicit NiftiSource(NiftiHeader header);
  const Grid& grid() const override { return header_.grid; }
  Eigen::Index n_volumes() const override { return header_.n_volumes; }
  VolumeFormat format() const override { return header_.format; }
  void read(std::span<std::byte> bytes) override;
  const NiftiHeader& header() const { return header_; }
  /// XXH3 of the data file; to be called after the last volume. Also verifies gzip's own checksum.
  uint64_t finish();
  /// Volumes read so far in which every stored value is 0, counted from 0: of files whose writing
  /// or copying failed.
  const std::vector<Eigen::Index>& empty_volumes() const { return empty_volumes_; }
  /// The same as a file of a record: the one that was named, of a pair perhaps its header.
  InputFile finish_file();

 private:
  /// @param at  bytes of the data file that were read before.
  void skip_to_voxels(uint64_t at);
  NiftiHeader header_;
  std::unique_ptr<ByteStream> stream_;
  uint64_t bytes_read_ = 0;      ///< of the volumes
  bool volume_is_empty_ = true;  ///< so far
  std::vector<Eigen::Index> empty_volumes_;
};

/// All volumes, decoded, (n_voxels, n_volumes): for masks and small images.
struct Image {
  NiftiHeader header;
  Eigen::MatrixXd values;
  InputFile file;  ///< as named
};
Image read_nifti(const std::string& path);

/// Voxels of a 3D image that are finite and nonzero.
/// @throws Error{bad_input} if the image has several volumes or no such voxel.
Mask read_mask(const std::string& path);

/// The same with the file, for records.
Read<Mask> read_mask_file(const std::string& path);

}  // namespace sociometer
