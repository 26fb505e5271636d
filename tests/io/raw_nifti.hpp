#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace sociometer::testing {

/// A NIfTI file assembled byte by byte from the published layout, so that the reader is tested
/// against the format and not against our own writer (or nifticlib's).
///
/// @source nifti1.h (Cox et al. 2004) and nifti2.h (2011), tables of byte offsets.
struct RawNifti {
  int version = 1;
  bool big_endian = false;
  bool pair = false;  ///< header and voxels in two files
  std::array<int64_t, 8> dim{3, 2, 3, 4, 1, 1, 1, 1};
  std::array<double, 8> pixdim{1, 2, 2, 2, 2, 1, 1, 1};
  int datatype = 16;  ///< 2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280 and codes that are rejected
  double slope = 0, inter = 0;
  int xyzt_units = 2 + 8;  ///< mm, s
  int qform_code = 0, sform_code = 0;
  std::array<double, 3> quatern{0, 0, 0}, qoffset{0, 0, 0};
  std::array<double, 12> srow{};    ///< three rows of four
  int64_t extra_offset = 0;         ///< bytes between the header and the voxels
  std::vector<double> values = {};  ///< stored numbers; 0, 1, 2, .. if empty

  std::string header() const;
  std::string voxels() const;
  std::string file() const { return header() + voxels(); }
  size_t n_values() const;
  double stored(size_t i) const { return values.empty() ? double(i) : values[i]; }
};

/// A 4D float32 image with a plain sform of 2 mm.
RawNifti raw_series(std::array<int64_t, 4> size, const std::vector<double>& values);

int bits_of(int datatype);

/// One gzip member by zlib.
std::string gzipped(const std::string& bytes);

}  // namespace sociometer::testing
