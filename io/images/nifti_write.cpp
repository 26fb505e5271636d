#include "io/images/nifti_write.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

#include <nifti2_io.h>

#include "engine/core/error.hpp"
#include "io/bytes/gzip_write.hpp"

namespace sociometer {
namespace {

constexpr size_t kVoxelsPerPiece = 16384;

struct HeaderSpec {
  Eigen::Index n_volumes = 1;
  ScalarType type = ScalarType::float32;
  double tr_s = 0, slope = 1, intercept = 0;
  bool series = false;
  std::string description;
  MapMeaning meaning{};
};

int nifti_code(ScalarType type) {
  switch (type) {
    case ScalarType::uint8:
      return DT_UINT8;
    case ScalarType::int16:
      return DT_INT16;
    case ScalarType::int32:
      return DT_INT32;
    case ScalarType::float32:
      return DT_FLOAT32;
    case ScalarType::float64:
      return DT_FLOAT64;
    default:
      require(false, "images are written as uint8, int16, int32, float32 or float64");
      return 0;
  }
}

void set_affine(nifti_image& image, const Grid& grid) {
  nifti_dmat44 m;
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) m.m[i][j] = grid.world_from_voxel(i, j);
  image.sform_code = image.qform_code = grid.space_code;
  image.sto_xyz = m;
  double dx, dy, dz;
  nifti_dmat44_to_quatern(m, &image.quatern_b, &image.quatern_c, &image.quatern_d, &image.qoffset_x,
                          &image.qoffset_y, &image.qoffset_z, &dx, &dy, &dz, &image.qfac);
  image.pixdim[1] = image.dx = dx;
  image.pixdim[2] = image.dy = dy;
  image.pixdim[3] = image.dz = dz;
}

void set_intent(nifti_image& image, const MapMeaning& meaning) {
  using Kind = MapMeaning::Kind;
  switch (meaning.kind) {
    case Kind::t:
      image.intent_code = NIFTI_INTENT_TTEST;
      image.intent_p1 = meaning.dof;
      return;
    case Kind::F:
      image.intent_code = NIFTI_INTENT_FTEST;
      image.intent_p1 = meaning.numerator_dof;
      image.intent_p2 = meaning.dof;
      return;
    case Kind::z:
      image.intent_code = NIFTI_INTENT_ZSCORE;
      return;
    case Kind::p:
      image.intent_code = NIFTI_INTENT_PVAL;
      return;
    case Kind::log10p:
      image.intent_code = NIFTI_INTENT_LOG10PVAL;
      return;
    case Kind::label:
      image.intent_code = NIFTI_INTENT_LABEL;
      return;
    case Kind::other:
      return;
  }
}

std::vector<std::byte> header_bytes(const Grid& grid, const HeaderSpec& spec) {
  int64_t dims[8] = {spec.n_volumes > 1 || spec.series ? 4 : 3,
                     grid.size[0],
                     grid.size[1],
                     grid.size[2],
                     spec.n_volumes,
                     1,
                     1,
                     1};
  const std::unique_ptr<nifti_image, void (*)(nifti_image*)> image(
      nifti_make_new_nim(dims, nifti_code(spec.type), 0), nifti_image_free);
  require(image != nullptr, "nifticlib makes a header");
  set_affine(*image, grid);
  set_intent(*image, spec.meaning);
  image->xyz_units = NIFTI_UNITS_MM;
  if (spec.tr_s > 0) {
    image->time_units = NIFTI_UNITS_SEC;
    image->pixdim[4] = image->dt = spec.tr_s;
  }
  image->scl_slope = spec.slope == 1 && spec.intercept == 0 ? 0 : spec.slope;
  image->scl_inter = spec.intercept;
  std::strncpy(image->descrip, spec.description.c_str(), sizeof(image->descrip) - 1);
  const bool large = *std::max_element(dims + 1, dims + 5) > 32767;
  image->nifti_type = large ? NIFTI_FTYPE_NIFTI2_1 : NIFTI_FTYPE_NIFTI1_1;
  std::vector<std::byte> bytes;
  if (large) {
    nifti_2_header header;
    image->iname_offset = 544;
    require(nifti_convert_nim2n2hdr(image.get(), &header) == 0, "nifticlib fills a NIfTI-2 header");
    bytes.resize(544);
    std::memcpy(bytes.data(), &header, sizeof(header));
  } else {
    nifti_1_header header;
    image->iname_offset = 352;
    require(nifti_convert_nim2n1hdr(image.get(), &header) == 0, "nifticlib fills a NIfTI-1 header");
    bytes.resize(352);
    std::memcpy(bytes.data(), &header, sizeof(header));
  }
  return bytes;
}

template <typename T>
void store(std::vector<std::byte>& bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

void store_as(std::vector<std::byte>& bytes, size_t offset, size_t index, double value,
              ScalarType type) {
  switch (type) {
    case ScalarType::uint8:
      return store(bytes, offset + index, uint8_t(value));
    case ScalarType::int16:
      return store(bytes, offset + 2 * index,
                   int16_t(std::clamp(std::rint(value), -32768.0, 32767.0)));
    case ScalarType::int32:
      return store(bytes, offset + 4 * index, int32_t(std::rint(value)));
    case ScalarType::float32:
      return store(bytes, offset + 4 * index, float(value));
    default:
      return store(bytes, offset + 8 * index, value);
  }
}

}  // namespace

std::vector<uint8_t> nifti_bytes(const Mask& mask, const MapValues& values, ScalarType type,
                                 const std::string& description, const MapMeaning& meaning) {
  require(values.rows() == mask.n_voxels(), "one row of values per voxel of the mask");
  HeaderSpec spec;
  spec.n_volumes = values.cols();
  spec.type = type;
  spec.description = description;
  spec.meaning = meaning;
  const size_t size = size_in_bytes(type), n = size_t(mask.grid.n_voxels());
  constexpr size_t kLargest = size_t{64} << 20;
  const bool whole = n * size_t(values.cols()) * size <= kLargest;
  std::optional<GzipWriter> gzip;
  // One buffer per thread: allocating one per map costs more, in page faults, than filling it.
  thread_local std::vector<std::byte> bytes;
  bytes.clear();
  const auto add = [&](std::span<const std::byte> more) {
    if (whole)
      bytes.insert(bytes.end(), more.begin(), more.end());
    else
      gzip->add(more);
  };
  // Values hardly shrink; what surrounds them does.
  if (!whole) gzip.emplace(size_t(values.size()) * size + (size_t{1} << 20));
  add(header_bytes(mask.grid, spec));
  std::vector<std::byte> empty(std::min(n, kVoxelsPerPiece) * size), piece;
  if (meaning.outside != 0)
    for (size_t i = 0; i * size < empty.size(); ++i) store_as(empty, 0, i, meaning.outside, type);
  for (Eigen::Index volume = 0; volume < values.cols(); ++volume) {
    size_t next = 0;  // index into the mask
    for (size_t first = 0; first < n; first += kVoxelsPerPiece) {
      const size_t last = std::min(n, first + kVoxelsPerPiece);
      piece.assign(empty.begin(), empty.begin() + long((last - first) * size));
      for (; next < mask.voxels.size() && mask.voxels[next] < last; ++next)
        store_as(piece, 0, mask.voxels[next] - first, values(Eigen::Index(next), volume), type);
      add(piece);
    }
  }
  return whole ? gzip_compress(bytes) : gzip->finish();
}

std::vector<std::byte> nifti_volume_bytes(const Grid& grid, std::span<const double> values,
                                          const ScaledType& stored,
                                          const std::string& description) {
  require(Eigen::Index(values.size()) == grid.n_voxels(), "one value per voxel of the grid");
  HeaderSpec spec;
  spec.type = stored.type;
  spec.slope = stored.slope;
  spec.description = description;
  auto bytes = header_bytes(grid, spec);
  const size_t offset = bytes.size();
  bytes.resize(offset + values.size() * size_in_bytes(stored.type));
  for (size_t i = 0; i < values.size(); ++i)
    store_as(bytes, offset, i, values[i] / stored.slope, stored.type);
  return bytes;
}

std::vector<uint8_t> nifti_series_bytes(const Grid& grid, const Eigen::MatrixXf& volumes,
                                        double tr_s, ScalarType type, double slope,
                                        double intercept) {
  HeaderSpec spec{volumes.cols(), type, tr_s, slope, intercept, true, "simulated by Sociometer"};
  auto bytes = header_bytes(grid, spec);
  const size_t offset = bytes.size();
  bytes.resize(offset + size_t(volumes.size()) * size_in_bytes(type));
  for (Eigen::Index i = 0; i < volumes.size(); ++i)
    store_as(bytes, offset, size_t(i), (double(volumes.data()[i]) - intercept) / slope, type);
  return gzip_compress(bytes);
}

NiftiSeriesWriter::NiftiSeriesWriter(Mask mask, Eigen::Index n_volumes, double tr_s,
                                     ScalarType type, double slope, const std::string& description)
    : mask_(std::move(mask)),
      n_volumes_(n_volumes),
      type_(type),
      slope_(slope),
      volume_(size_t(mask_.grid.n_voxels()) * size_in_bytes(type)) {
  gzip_.add(header_bytes(mask_.grid, {n_volumes, type, tr_s, slope, 0, true, description}));
}

void NiftiSeriesWriter::add(const Eigen::Ref<const Eigen::VectorXd>& values) {
  require(values.size() == mask_.n_voxels() && n_added_ < n_volumes_,
          "one value per voxel of the mask, one volume per scan");
  for (size_t v = 0; v < mask_.voxels.size(); ++v)
    store_as(volume_, 0, mask_.voxels[v], values[Eigen::Index(v)] / slope_, type_);
  gzip_.add(volume_);
  ++n_added_;
}

std::vector<uint8_t> NiftiSeriesWriter::finish() {
  require(n_added_ == n_volumes_, "every volume was added");
  return gzip_.finish();
}

}  // namespace sociometer
