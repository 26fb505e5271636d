#include "io/images/nifti.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>

#include <nifti2_io.h>

#include "engine/core/error.hpp"
#include "io/bytes/read_observer.hpp"

namespace sociometer {
namespace {

ScalarType scalar_type_of(const nifti_image& image, const std::string& path) {
  switch (image.datatype) {
    case DT_INT8:
      return ScalarType::int8;
    case DT_UINT8:
      return ScalarType::uint8;
    case DT_INT16:
      return ScalarType::int16;
    case DT_UINT16:
      return ScalarType::uint16;
    case DT_INT32:
      return ScalarType::int32;
    case DT_UINT32:
      return ScalarType::uint32;
    case DT_INT64:
      return ScalarType::int64;
    case DT_UINT64:
      return ScalarType::uint64;
    case DT_FLOAT32:
      return ScalarType::float32;
    case DT_FLOAT64:
      return ScalarType::float64;
    default:
      fail(ErrorCode::bad_input,
           "{} stores {} values, which cannot be analysed; convert it to an integer or float type",
           path, nifti_datatype_string(image.datatype));
  }
}

/// Fields that nifticlib would silently correct (dimensions below 1 become 1, a TR of 0 becomes 1
/// s, an invalid offset a valid one), and fields of Analyze headers that it does not read.
struct RawHeader {
  std::array<int64_t, 8> dim{};
  double pixdim_4 = 0, vox_offset = 0;
  bool single_file = false, analyze = false;
  std::array<int16_t, 3> origin{};  ///< SPM99 Analyze: voxel of the origin, from 1
  double spm_scale = 0;             ///< SPM99 Analyze
};

template <typename Header>
RawHeader raw_fields(const Header& header) {
  RawHeader raw;
  std::copy(header.dim, header.dim + 8, raw.dim.begin());
  raw.pixdim_4 = header.pixdim[4];
  raw.vox_offset = double(header.vox_offset);
  raw.single_file = header.magic[0] == 'n' && header.magic[1] == '+';
  return raw;
}

/// Fields of Analyze 7.5 to which NIfTI gave another meaning (SPM99's spm_read_hdr): the scale
/// factor is `funused1`, the origin is stored in `originator`.
void read_analyze_fields(const nifti_1_header& header, bool swapped, RawHeader& raw) {
  constexpr size_t kOriginator = 253, kFunused1 = 112;
  std::array<std::byte, sizeof(nifti_1_header)> bytes;
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(raw.origin.data(), bytes.data() + kOriginator, sizeof(raw.origin));
  if (swapped)
    for (auto& n : raw.origin) n = int16_t(__builtin_bswap16(uint16_t(n)));
  float scale = 0;  // already swapped with the header: scl_slope occupies the same bytes
  std::memcpy(&scale, bytes.data() + kFunused1, sizeof(scale));
  raw.spm_scale = double(scale);
  raw.analyze = true;
}

void check_dimensions(const RawHeader& raw, const std::string& path) {
  if (raw.dim[0] < 1 || raw.dim[0] > 7)
    fail(ErrorCode::bad_input, "{} has {} dimensions; 1 to 7 can be read", path, raw.dim[0]);
  // Echoes, channels or vectors besides time: treated as scans they would multiply the run.
  if (raw.dim[0] > 4) {
    const auto extra = [&](size_t d) { return d <= size_t(raw.dim[0]) && raw.dim[d] > 1; };
    if (extra(4) + extra(5) + extra(6) + extra(7) > 1)
      fail(ErrorCode::bad_input,
           "{} has {} dimensions, {} of them beyond space longer than 1 (sizes {}); split it into "
           "4D "
           "images, one per echo or component",
           path, raw.dim[0], extra(4) + extra(5) + extra(6) + extra(7),
           fmt::join(raw.dim.begin() + 1, raw.dim.begin() + 1 + raw.dim[0], " x "));
  }
  int64_t n_values = 1;
  for (size_t d = 1; d <= size_t(raw.dim[0]); ++d) {
    if (raw.dim[d] < 1)
      fail(ErrorCode::bad_input, "{} has a dimension of {}; all must be positive", path,
           raw.dim[d]);
    if (__builtin_mul_overflow(n_values, raw.dim[d], &n_values) || n_values > (int64_t{1} << 56))
      fail(ErrorCode::bad_input, "{} has dimensions that no disk holds; its header is damaged",
           path);
  }
}

RawHeader read_raw_header(const std::string& path) {
  int version = 0;
  const std::unique_ptr<void, void (*)(void*)> header(nifti_read_header(path.c_str(), &version, 0),
                                                      std::free);
  if (!header || version < 0 || version > 2)
    fail(ErrorCode::bad_input,
         "{} is not a readable NIfTI image (expected .nii, .nii.gz, or a .hdr/.img pair with a "
         "valid header)",
         path);
  int32_t header_size = 0;
  std::memcpy(&header_size, header.get(), sizeof(header_size));
  const bool swapped = header_size != (version == 2 ? 540 : 348);
  if (swapped) swap_nifti_header(header.get(), version);  // version 0: Analyze
  if (version == 2) return raw_fields(*static_cast<const nifti_2_header*>(header.get()));
  const auto& one = *static_cast<const nifti_1_header*>(header.get());
  RawHeader raw = raw_fields(one);
  if (version == 0) read_analyze_fields(one, swapped, raw);
  return raw;
}

/// Where the voxel data begin. In a .nii, 0 means right after the header, as in nibabel; any other
/// value within the header, or beyond any plausible file, is damage.
int64_t data_offset_of(const RawHeader& raw, int64_t header_bytes, const std::string& path) {
  constexpr double kLargest = 2147483648.0;
  const double offset = raw.vox_offset;
  if (raw.single_file && offset == 0) return header_bytes;
  const double least = raw.single_file ? double(header_bytes) : 0.0;
  if (!(offset >= least && offset < kLargest && offset == std::floor(offset)))
    fail(ErrorCode::bad_input,
         "{} says that its voxels begin at byte {} (vox_offset); in a file like this they begin at "
         "{} "
         "or later; its header is damaged",
         path, offset, least);
  return int64_t(offset);
}

/// SPM's convention for images before NIfTI: the first axis points left; the origin is the voxel
/// named in the header, else the centre of the image.
Eigen::Matrix4d analyze_affine(const RawHeader& raw, const nifti_image& image) {
  const Eigen::Vector3d mm(std::abs(image.dx), std::abs(image.dy), std::abs(image.dz));
  Eigen::Vector3d origin;
  const bool given = raw.origin[0] != 0 || raw.origin[1] != 0 || raw.origin[2] != 0;
  for (int axis = 0; axis < 3; ++axis)
    origin[axis] = given ? double(raw.origin[size_t(axis)]) - 1
                         : (double(std::max<int64_t>(1, image.dim[axis + 1])) - 1) / 2;
  Eigen::Matrix4d affine = Eigen::Matrix4d::Identity();
  affine.diagonal().head<3>() = mm;
  affine(0, 0) = -mm[0];
  affine.topRightCorner<3, 1>() = -affine.topLeftCorner<3, 3>() * origin;
  return affine;
}

std::string without_ending(const std::string& path) {
  for (const char* ending : {".img.gz", ".hdr.gz", ".img", ".hdr"})
    if (path.ends_with(ending)) return path.substr(0, path.size() - std::strlen(ending));
  return path;
}

void read_analyze(const RawHeader& raw, const nifti_image& image, NiftiHeader& header) {
  const std::string mat = without_ending(header.path) + ".mat";
  std::error_code ignored;
  if (std::filesystem::exists(mat, ignored))
    fail(ErrorCode::bad_input,
         "{} is an Analyze image whose orientation lies in {}, which is not read here; convert the "
         "pair to NIfTI (SPM: spm_vol and spm_write_vol), or remove the .mat if it says nothing",
         header.path, mat);
  header.grid.world_from_voxel = analyze_affine(raw, image);
  header.format.slope = std::isfinite(raw.spm_scale) && raw.spm_scale != 0 ? raw.spm_scale : 1.0;
  header.format.intercept = 0;
  const bool given = raw.origin[0] != 0 || raw.origin[1] != 0 || raw.origin[2] != 0;
  header.grid.orientation_note = fmt::format(
      "{} is an Analyze image, which has no orientation: the first axis is taken to run to the "
      "left, "
      "as SPM does, with the origin at {}; convert it to NIfTI to be sure",
      header.path,
      given ? fmt::format("voxel ({}, {}, {}) of its header", raw.origin[0], raw.origin[1],
                          raw.origin[2])
            : "the middle of the image");
}

Eigen::Matrix4d affine_of(const nifti_image& image) {
  // sform takes precedence; nifticlib has already turned the qform into a matrix, or
  // into a scaling if there is none.
  const auto& m = image.sform_code > 0 ? image.sto_xyz : image.qto_xyz;
  Eigen::Matrix4d affine;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) affine(i, j) = m.m[i][j];
  double to_mm = 1;
  if (image.xyz_units == NIFTI_UNITS_METER) to_mm = 1000;
  if (image.xyz_units == NIFTI_UNITS_MICRON) to_mm = 0.001;
  affine.topRows<3>() *= to_mm;
  return affine;
}

void read_time(const nifti_image& image, double pixdim_4, NiftiHeader& header) {
  double unit = 1;
  header.tr_unit_known = true;
  switch (image.time_units) {
    case NIFTI_UNITS_SEC:
      break;
    case NIFTI_UNITS_MSEC:
      unit = 1e-3;
      break;
    case NIFTI_UNITS_USEC:
      unit = 1e-6;
      break;
    default:
      header.tr_unit_known = false;
  }
  if (pixdim_4 > 0 && std::isfinite(pixdim_4)) {
    // Headers hold float32: 0.8 is stored as 0.800000011920929. Rounding to seven digits recovers
    // the intended value.
    header.tr_s = std::stod(fmt::format("{:.7g}", pixdim_4)) * unit;
  }
}

std::string statistic_of_intent(int code) {
  switch (code) {
    case NIFTI_INTENT_CORREL:
      return "r";
    case NIFTI_INTENT_TTEST:
      return "t";
    case NIFTI_INTENT_FTEST:
      return "f";
    case NIFTI_INTENT_ZSCORE:
      return "z";
    case NIFTI_INTENT_CHISQ:
      return "chi2";
    case NIFTI_INTENT_PVAL:
      return "p";
    case NIFTI_INTENT_LOGPVAL:
    case NIFTI_INTENT_LOG10PVAL:
      return "logp";
    case NIFTI_INTENT_ESTIMATE:
      return "effect";
    default:
      return "";
  }
}

void check_size(const NiftiHeader& header) {
  for (auto n : header.grid.size)
    if (n < 1)
      fail(ErrorCode::bad_input, "{} has a dimension of {}; all must be positive", header.path, n);
  if (header.n_volumes < 1) fail(ErrorCode::bad_input, "{} has no volume", header.path);
  if (header.grid.n_voxels() > Eigen::Index{0xFFFFFFFF})
    fail(ErrorCode::bad_input, "{} has {} voxels per volume; at most {} can be used", header.path,
         header.grid.n_voxels(), 0xFFFFFFFFu);
  const Eigen::Matrix3d m = header.grid.world_from_voxel.topLeftCorner<3, 3>();
  if (!header.grid.world_from_voxel.allFinite() || !(std::abs(m.determinant()) > 0))
    fail(ErrorCode::bad_input, "the affine of {} cannot be inverted; repair its sform or qform",
         header.path);
}

/// A truncated uncompressed file can be detected before any work is done.
void check_length(const NiftiHeader& header) {
  std::error_code error;
  const auto size = std::filesystem::file_size(header.data_path, error);
  if (error) fail(ErrorCode::bad_input, "cannot open {}: {}", header.data_path, error.message());
  unsigned char magic[2] = {0, 0};
  if (auto* f = std::fopen(header.data_path.c_str(), "rb")) {
    if (std::fread(magic, 1, 2, f) != 2) magic[0] = 0;
    std::fclose(f);
  }
  if (magic[0] == 0x1f && magic[1] == 0x8b) return;
  const uint64_t needed = uint64_t(header.data_offset) + uint64_t(header.grid.n_voxels()) *
                                                             uint64_t(header.n_volumes) *
                                                             size_in_bytes(header.format.type);
  if (size < needed)
    fail(ErrorCode::bad_input,
         "{} is truncated: {} bytes, its header promises {}; copy the file again", header.data_path,
         size, needed);
}

}  // namespace

NiftiHeader read_nifti_header(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) fail(ErrorCode::bad_input, "{} does not exist", path);
  if (std::filesystem::is_directory(path, error))
    fail(ErrorCode::bad_input, "{} is a folder, not an image", path);
  remember_read(path);
  static std::mutex nifticlib;  // because its options are global
  const std::lock_guard lock(nifticlib);
  nifti_set_debug_level(0);
  const RawHeader raw = read_raw_header(path);
  check_dimensions(raw, path);
  const std::unique_ptr<nifti_image, void (*)(nifti_image*)> image(
      nifti_image_read(path.c_str(), 0), nifti_image_free);
  if (!image)
    fail(ErrorCode::bad_input,
         "{} is not a readable NIfTI image (expected .nii, .nii.gz, or a .hdr/.img pair with a "
         "valid header)",
         path);
  NiftiHeader header;
  header.path = path;
  header.data_path = image->iname ? image->iname : path;
  remember_read(header.data_path);
  header.grid.size = {image->nx, image->ny > 0 ? image->ny : 1, image->nz > 0 ? image->nz : 1};
  for (int d = 4; d <= 7; ++d)
    if (image->ndim >= d) header.n_volumes *= image->dim[d];
  header.grid.world_from_voxel = affine_of(*image);
  header.format.type = scalar_type_of(*image, path);
  header.format.swap_bytes = image->byteorder != nifti_short_order() && image->swapsize > 1;
  if (std::isfinite(image->scl_slope) && image->scl_slope != 0) {
    header.format.slope = image->scl_slope;
    header.format.intercept = std::isfinite(image->scl_inter) ? image->scl_inter : 0.0;
  }
  header.data_offset =
      data_offset_of(raw, image->nifti_type == NIFTI_FTYPE_NIFTI2_1 ? 544 : 352, path);
  header.statistic = statistic_of_intent(image->intent_code);
  header.sform_code = image->sform_code;
  header.qform_code = image->qform_code;
  if (raw.analyze) {
    read_analyze(raw, *image, header);
  } else {
    header.grid.space_code = image->sform_code > 0 ? image->sform_code : image->qform_code;
    if (header.grid.space_code <= 0) {
      header.grid.space_code = 0;
      header.grid.orientation_note = fmt::format(
          "{} has no orientation (sform and qform codes 0): its axes are taken as right, front and "
          "up "
          "with the first voxel at 0, so sides and coordinates are not known to be right",
          path);
    }
  }
  read_time(*image, raw.pixdim_4, header);
  check_size(header);
  check_length(header);
  return header;
}

NiftiSource::NiftiSource(const std::string& path) : NiftiSource(read_nifti_header(path)) {}

NiftiSource::NiftiSource(NiftiHeader header)
    : header_(std::move(header)), stream_(open_byte_stream(header_.data_path)) {
  std::vector<std::byte> skipped(size_t{1} << 16);
  for (auto left = uint64_t(header_.data_offset); left > 0;) {
    const auto n = size_t(std::min<uint64_t>(left, skipped.size()));
    if (stream_->read(std::span(skipped).first(n)) != n)
      fail(ErrorCode::bad_input, "{} is truncated: it ends before its voxels begin",
           header_.data_path);
    left -= n;
  }
}

void NiftiSource::read(std::span<std::byte> bytes) {
  const size_t got = stream_->read(bytes);
  if (got != bytes.size())
    fail(ErrorCode::bad_input, "{} is truncated: it ends in volume {} of {}; copy the file again",
         header_.data_path, (bytes_read_ + got) / volume_bytes() + 1, header_.n_volumes);
  bytes_read_ += got;
}

uint64_t NiftiSource::finish() {
  std::vector<std::byte> rest(size_t{1} << 16);
  while (stream_->read(rest) > 0) {
  }
  return stream_->file_checksum();
}

Image read_nifti(const std::string& path) {
  NiftiSource source(path);
  Image image{source.header(), Eigen::MatrixXd(source.grid().n_voxels(), source.n_volumes())};
  std::vector<std::byte> raw(source.volume_bytes());
  for (Eigen::Index i = 0; i < source.n_volumes(); ++i) {
    source.read(raw);
    decode_range(raw, source.format(), 0, size_t(image.values.rows()), image.values.col(i).data());
  }
  source.finish();
  return image;
}

Mask read_mask(const std::string& path) {
  const Image image = read_nifti(path);
  if (image.values.cols() != 1)
    fail(ErrorCode::bad_input, "mask {} has {} volumes; a mask has one", path, image.values.cols());
  Mask mask = mask_from_values(image.header.grid,
                               std::span(image.values.data(), size_t(image.values.rows())));
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input, "mask {} is empty: no voxel differs from zero", path);
  return mask;
}

}  // namespace sociometer
