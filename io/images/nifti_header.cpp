#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>

#include <zlib.h>

#include "engine/core/error.hpp"
#include "io/bytes/read_log.hpp"
#include "io/images/stored_header.hpp"

namespace sociometer {
namespace {

ScalarType scalar_type_of(int datatype, const std::string& path) {
  switch (datatype) {
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
           path, nifti_datatype_string(datatype));
  }
}

/// Guards nifticlib, whose options are global.
std::mutex& nifticlib() {
  static std::mutex mutex;
  return mutex;
}

[[noreturn]] void refuse_as_unreadable(const std::string& path) {
  fail(ErrorCode::bad_input,
       "{} is not a readable NIfTI image (expected .nii, .nii.gz, or a .hdr/.img pair with a "
       "valid header)",
       path);
}

/// Reads no more of the file than its header needs.
StoredHeader read_stored_header(const std::string& path) {
  constexpr unsigned kBuffer = 4096;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(::gzopen(path.c_str(), "rbe"), gzclose);
  if (!file) fail(ErrorCode::bad_input, "cannot open {}: {}", path, std::strerror(errno));
  ::gzbuffer(file.get(), kBuffer);
  StoredHeader out = stored_header([&](std::span<std::byte> part) {
    const int n = ::gzread(file.get(), part.data(), unsigned(part.size()));
    return size_t(std::max(n, 0));
  });
  out.compressed = ::gzdirect(file.get()) == 0;
  return out;
}

template <typename Header>
Header header_in(const StoredHeader& stored) {
  Header header;
  std::memcpy(&header, stored.bytes.data(), sizeof(header));
  return header;
}

/// @param header_path  from which the path of the voxels follows. Null for an invalid header.
nifti_image* image_of(const StoredHeader& stored, const std::string& header_path) {
  const std::lock_guard lock(nifticlib());
  nifti_set_debug_level(0);
  return stored.version == 2
             ? nifti_convert_n2hdr2nim(header_in<nifti_2_header>(stored), header_path.c_str())
             : nifti_convert_n1hdr2nim(header_in<nifti_1_header>(stored), header_path.c_str());
}

/// Fields that nifticlib would silently correct (dimensions below 1 become 1, a TR of 0 becomes 1
/// s, an invalid offset a valid one), and fields of Analyze headers that it does not read.
struct RawHeader {
  std::array<int64_t, 8> dim{};
  double pixdim_4 = 0, vox_offset = 0;
  int version = 1;  ///< of NIfTI; 0: Analyze
  int datatype = 0;
  bool single_file = false, analyze = false;
  std::array<int16_t, 3> origin{};  ///< SPM99 Analyze: voxel of the origin, from 1
  double spm_scale = 0;             ///< SPM99 Analyze
};

template <typename Header>
RawHeader raw_fields(const Header& header, int version) {
  RawHeader raw;
  raw.version = version;
  raw.datatype = header.datatype;
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

RawHeader raw_header_of(const StoredHeader& stored, const std::string& path) {
  const int version = stored.version;
  if (version < 0 || version > 2) refuse_as_unreadable(path);
  int32_t header_size = 0;
  std::memcpy(&header_size, stored.bytes.data(), sizeof(header_size));
  const bool swapped = header_size != (version == 2 ? 540 : 348);
  if (version == 2) {
    auto two = header_in<nifti_2_header>(stored);
    if (swapped) swap_nifti_header(&two, version);
    return raw_fields(two, version);
  }
  auto one = header_in<nifti_1_header>(stored);
  if (swapped) swap_nifti_header(&one, version);  // version 0: Analyze
  RawHeader raw = raw_fields(one, version);
  if (version == 0) read_analyze_fields(one, swapped, raw);
  return raw;
}

/// Where the voxel data begin. In a .nii, 0 means right after the header, as in nibabel; any other
/// value within the header, or beyond any plausible file, is damage.
int64_t data_offset_of(const RawHeader& raw, const std::string& path) {
  constexpr double kLargest = 2147483648.0;
  const int64_t header_bytes = raw.version == 2 ? 544 : 352;
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
         "pair to NIfTI (SPM: spm_vol and spm_write_vol), or remove the .mat if it is not needed",
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
  if (pixdim_4 > 0 && std::isnormal(float(pixdim_4))) {
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

/// A truncated uncompressed file, and a compressed one that is far too small for what its header
/// claims, are refused before memory is taken.
/// @param compressed  whether the data file is, if that is known.
void check_length(const NiftiHeader& header, std::optional<bool> compressed) {
  const FileCapacity file = capacity_of_file(header.data_path, compressed);
  const uint64_t needed = uint64_t(header.data_offset) + uint64_t(header.grid.n_voxels()) *
                                                             uint64_t(header.n_volumes) *
                                                             size_in_bytes(header.format.type);
  if (file.content >= needed) return;
  if (file.gzip)
    fail(
        ErrorCode::bad_input,
        "{} is truncated: its {} bytes unpack to at most {}, its header promises {}; copy the file "
        "again",
        header.data_path, file.on_disk, file.content, needed);
  fail(ErrorCode::bad_input,
       "{} is truncated: {} bytes, its header promises {}; copy the file again", header.data_path,
       file.on_disk, needed);
}

}  // namespace

StoredHeader stored_header(const std::function<size_t(std::span<std::byte>)>& read) {
  StoredHeader out;
  const std::span<std::byte> bytes(out.bytes);
  out.size = read(bytes.first(sizeof(nifti_1_header)));
  if (out.size < sizeof(nifti_1_header)) return out;
  out.version = nifti_header_version(reinterpret_cast<const char*>(out.bytes.data()), out.size);
  if (out.version != 2) return out;
  out.size += read(bytes.subspan(sizeof(nifti_1_header)));
  if (out.size < bytes.size()) out.version = -1;
  return out;
}

std::string header_path_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) fail(ErrorCode::bad_input, "{} does not exist", path);
  if (std::filesystem::is_directory(path, error))
    fail(ErrorCode::bad_input, "{} is a folder, not an image", path);
  refuse_other_than_file(path);
  if (path.ends_with(".nii") || path.ends_with(".nii.gz")) return path;
  const std::lock_guard lock(nifticlib());
  nifti_set_debug_level(0);
  const std::unique_ptr<char, void (*)(void*)> found(nifti_findhdrname(path.c_str()), std::free);
  if (!found) refuse_as_unreadable(path);
  return found.get();
}

NiftiHeader header_of(const StoredHeader& stored, const std::string& header_path,
                      const std::string& path) {
  remember_read(path);
  const RawHeader raw = raw_header_of(stored, path);
  check_dimensions(raw, path);
  const int64_t data_offset = data_offset_of(raw, path);
  const FileCapacity file = capacity_of_file(header_path, stored.compressed);
  if (raw.single_file && uint64_t(data_offset) > file.content)
    fail(ErrorCode::bad_input,
         "{} is truncated: its {} bytes hold at most {}, and its voxels begin at byte {} "
         "(vox_offset); copy the file again",
         path, file.on_disk, file.content, data_offset);
  // Before the library sees the header: it prints its own complaint of some types.
  const ScalarType type = scalar_type_of(raw.datatype, path);
  const std::unique_ptr<nifti_image, void (*)(nifti_image*)> image(image_of(stored, header_path),
                                                                   nifti_image_free);
  if (!image) refuse_as_unreadable(path);
  NiftiHeader header;
  header.path = path;
  header.data_path = image->iname ? image->iname : path;
  remember_read(header.data_path);
  header.grid.size = {image->nx, image->ny > 0 ? image->ny : 1, image->nz > 0 ? image->nz : 1};
  for (int d = 4; d <= 7; ++d)
    if (image->ndim >= d) header.n_volumes *= image->dim[d];
  header.grid.world_from_voxel = affine_of(*image);
  header.format.type = type;
  header.format.swap_bytes = image->byteorder != nifti_short_order() && image->swapsize > 1;
  if (std::isfinite(image->scl_slope) && image->scl_slope != 0) {
    header.format.slope = image->scl_slope;
    header.format.intercept = std::isfinite(image->scl_inter) ? image->scl_inter : 0.0;
  }
  header.data_offset = data_offset;
  header.statistic = statistic_of_intent(image->intent_code);
  header.statistic_parameters = {image->intent_p1, image->intent_p2};
  header.description.assign(image->descrip, ::strnlen(image->descrip, sizeof(image->descrip)));
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
  check_length(header,
               header.data_path == header_path ? std::optional(stored.compressed) : std::nullopt);
  return header;
}

NiftiHeader read_nifti_header(const std::string& path) {
  const std::string header_path = header_path_of(path);
  return header_of(read_stored_header(header_path), header_path, path);
}

}  // namespace sociometer
