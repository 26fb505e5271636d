#include "io/bytes/hdf5.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <hdf5.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "io/bytes/file_seal.hpp"
#include "io/bytes/gzip_write.hpp"
#include "io/bytes/read_observer.hpp"

namespace sociometer {
namespace {

/// Closes an HDF5 identifier on leaving scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

constexpr hsize_t kChunkRows = 4096;

/// Bytes of equal significance grouped together, as HDF5's shuffle filter does before deflate.
std::vector<std::byte> shuffled(const std::byte* data, size_t n, size_t element_size) {
  std::vector<std::byte> out(n * element_size);
  for (size_t i = 0; i < n; ++i)
    for (size_t b = 0; b < element_size; ++b) out[b * n + i] = data[i * element_size + b];
  return out;
}

/// Compresses chunks in parallel and passes them to HDF5 ready-made, since its
/// own filters run on one thread.
bool write_chunks(hid_t set, hid_t type, const std::vector<hsize_t>& shape,
                  const std::vector<hsize_t>& chunk, const std::byte* data, int n_threads) {
  const size_t element = H5Tget_size(type), row = element * (shape.size() == 2 ? shape[1] : 1);
  const auto n_chunks = Eigen::Index((shape[0] + chunk[0] - 1) / chunk[0]);
  std::vector<std::vector<uint8_t>> packed{size_t(n_chunks)};
  parallel_for(n_chunks, n_threads, [&](Eigen::Index c) {
    const size_t first = size_t(c) * chunk[0], rows = std::min<size_t>(chunk[0], shape[0] - first);
    std::vector<std::byte> whole(chunk[0] * row);  // the last chunk is padded with zeros
    std::copy_n(data + first * row, rows * row, whole.begin());
    packed[size_t(c)] = zlib_compress(shuffled(whole.data(), whole.size() / element, element));
  });
  for (Eigen::Index c = 0; c < n_chunks; ++c) {
    const hsize_t offset[2] = {hsize_t(c) * chunk[0], 0};
    const auto& bytes = packed[size_t(c)];
    if (H5Dwrite_chunk(set, H5P_DEFAULT, 0, offset, bytes.size(), bytes.data()) < 0) return false;
  }
  return true;
}

void write_dataset(hid_t file, const std::string& path, const std::string& name, hid_t type,
                   const std::vector<hsize_t>& shape, const void* data, int n_threads) {
  const Handle space(H5Screate_simple(int(shape.size()), shape.data(), nullptr), H5Sclose);
  const Handle settings(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(settings, false);
  // Integers compress well; for noisy float64 data deflate costs more time than its 10 % are worth.
  const bool chunked = shape[0] > 64 && H5Tget_class(type) == H5T_INTEGER;
  std::vector<hsize_t> chunk = shape;
  chunk[0] = std::min(chunk[0], kChunkRows);
  if (chunked) {
    H5Pset_chunk(settings, int(chunk.size()), chunk.data());
    H5Pset_shuffle(settings);
    H5Pset_deflate(settings, 1);
  }
  const Handle set(H5Dcreate2(file, name.c_str(), type, space, H5P_DEFAULT, settings, H5P_DEFAULT),
                   H5Dclose);
  const bool written =
      set >= 0 && (chunked ? write_chunks(set, type, shape, chunk,
                                          static_cast<const std::byte*>(data), n_threads)
                           : H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
  if (!written)
    fail(ErrorCode::cannot_write, "cannot write {} of {}: HDF5 gave up (is the disk full?)", name,
         path);
}

std::vector<hsize_t> shape_of(hid_t set) {
  const Handle space(H5Dget_space(set), H5Sclose);
  std::vector<hsize_t> shape(size_t(std::max(0, H5Sget_simple_extent_ndims(space))));
  H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  return shape;
}

template <typename T>
std::vector<T> read_vector(hid_t file, const std::string& path, const std::string& name,
                           hid_t type) {
  const Handle set(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
  if (set < 0) fail(ErrorCode::bad_input, "{} has no dataset {}", path, name);
  const auto shape = shape_of(set);
  std::vector<T> values(shape.empty() ? 1 : shape[0]);
  if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
    fail(ErrorCode::bad_input, "cannot read {} of {}: the file is damaged", name, path);
  return values;
}

Handle variable_string_type() {
  const hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return Handle(type, H5Tclose);
}

}  // namespace

namespace {

/// The bytes of an empty HDF5 file.
std::vector<char> empty_file(const std::string& path) {
  const Handle memory(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(memory, size_t{1} << 16, false);
  const Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, memory), H5Fclose);
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  std::vector<char> image(size_t(std::max<ssize_t>(0, H5Fget_file_image(file, nullptr, 0))));
  if (image.empty() || H5Fget_file_image(file, image.data(), image.size()) < 0)
    fail(ErrorCode::cannot_write, "cannot make {}", path);
  return image;
}

/// Creates an empty file and reserves the space it will need.
void reserve_file(const std::string& path, size_t bytes) {
  const std::vector<char> image = empty_file(path);
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(ErrorCode::cannot_write, "cannot make {}: {}", path, strerror(errno));
  int error = ::write(descriptor, image.data(), image.size()) == ssize_t(image.size()) ? 0 : errno;
  if (error == 0) error = ::posix_fallocate(descriptor, 0, off_t(std::max(bytes, image.size())));
  ::close(descriptor);
  if (error != 0) fail(ErrorCode::cannot_write, "cannot write {}: {}", path, strerror(error));
}

/// Checks the HDF5 signature, so that other files are reported as what they are.
void require_hdf5(const std::string& path) {
  constexpr unsigned char kSignature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  unsigned char bytes[8] = {};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool there = descriptor >= 0;
  const bool whole = there && ::read(descriptor, bytes, sizeof(bytes)) == ssize_t(sizeof(bytes));
  if (there) ::close(descriptor);
  if (!whole || std::memcmp(bytes, kSignature, sizeof(bytes)) != 0)
    fail(ErrorCode::bad_input, "{} does not exist or is not an HDF5 file", path);
}

}  // namespace

Hdf5File::Hdf5File(const std::string& path, Mode mode, int n_threads, size_t largest_bytes)
    : path_(path), mode_(mode), n_threads_(n_threads) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  if (mode == Mode::create) {
    // After a failed write HDF5 cannot close the file and crashes at exit, so no
    // write may fail for lack of space.
    reserve_file(path, largest_bytes);
    file_ = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    if (file_ < 0) fail(ErrorCode::cannot_write, "cannot make {}", path);
  } else {
    require_hdf5(path);
    // libhdf5 crashes on damaged files, or returns wrong numbers.
    check_seal(path);
    file_ = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file_ < 0) fail(ErrorCode::bad_input, "{} does not exist or is not an HDF5 file", path);
    tell_read(path);
  }
}

Hdf5File::~Hdf5File() {
  if (file_ >= 0) H5Fclose(file_);
}

void Hdf5File::close() {
  const bool good = H5Fclose(file_) >= 0;
  file_ = -1;
  if (!good) fail(ErrorCode::cannot_write, "cannot write {} (is the disk full?)", path_);
  if (mode_ == Mode::create) seal_file(path_);
}

void Hdf5File::make_group(const std::string& name) {
  const Handle group(H5Gcreate2(file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                     H5Gclose);
  if (group < 0) fail(ErrorCode::cannot_write, "cannot make group {} in {}", name, path_);
}

bool Hdf5File::exists(const std::string& name) const {
  return H5Lexists(file_, name.c_str(), H5P_DEFAULT) > 0;
}

void Hdf5File::write(const std::string& name, const Eigen::MatrixXd& values) {
  const std::vector<hsize_t> shape{hsize_t(values.cols()), hsize_t(values.rows())};
  write_dataset(file_, path_, name, H5T_NATIVE_DOUBLE, shape, values.data(), n_threads_);
}
void Hdf5File::write(const std::string& name, const std::vector<uint32_t>& values) {
  write_dataset(file_, path_, name, H5T_NATIVE_UINT32, {values.size()}, values.data(), n_threads_);
}
void Hdf5File::write(const std::string& name, const std::vector<uint8_t>& values) {
  write_dataset(file_, path_, name, H5T_NATIVE_UINT8, {values.size()}, values.data(), n_threads_);
}
void Hdf5File::write(const std::string& name, const std::vector<std::string>& values) {
  const Handle type = variable_string_type();
  std::vector<const char*> pointers;
  for (const auto& v : values) pointers.push_back(v.c_str());
  const hsize_t n = values.size();
  const Handle space(H5Screate_simple(1, &n, nullptr), H5Sclose);
  const Handle settings(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(settings, false);
  const Handle set(H5Dcreate2(file_, name.c_str(), type, space, H5P_DEFAULT, settings, H5P_DEFAULT),
                   H5Dclose);
  if (set < 0 || H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()) < 0)
    fail(ErrorCode::cannot_write, "cannot write {} of {}", name, path_);
}

void Hdf5File::write_attribute(const std::string& object, const std::string& name,
                               const std::string& value) {
  const Handle type = variable_string_type();
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle at(H5Oopen(file_, object.c_str(), H5P_DEFAULT), H5Oclose);
  const Handle attribute(H5Acreate2(at, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose);
  const char* text = value.c_str();
  if (attribute < 0 || H5Awrite(attribute, type, &text) < 0)
    fail(ErrorCode::cannot_write, "cannot write attribute {} of {}", name, path_);
}

void Hdf5File::write_attribute(const std::string& object, const std::string& name, double value) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle at(H5Oopen(file_, object.c_str(), H5P_DEFAULT), H5Oclose);
  const Handle attribute(
      H5Acreate2(at, name.c_str(), H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (attribute < 0 || H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) < 0)
    fail(ErrorCode::cannot_write, "cannot write attribute {} of {}", name, path_);
}

Eigen::MatrixXd Hdf5File::read_matrix(const std::string& name) const {
  const Handle set(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), H5Dclose);
  if (set < 0) fail(ErrorCode::bad_input, "{} has no dataset {}", path_, name);
  const auto shape = shape_of(set);
  if (shape.size() != 2) fail(ErrorCode::bad_input, "{} of {} is not a matrix", name, path_);
  Eigen::MatrixXd values = Eigen::MatrixXd::Zero(Eigen::Index(shape[1]), Eigen::Index(shape[0]));
  if (H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
    fail(ErrorCode::bad_input, "cannot read {} of {}: the file is damaged", name, path_);
  return values;
}

std::vector<uint32_t> Hdf5File::read_uint32(const std::string& name) const {
  return read_vector<uint32_t>(file_, path_, name, H5T_NATIVE_UINT32);
}
std::vector<uint8_t> Hdf5File::read_uint8(const std::string& name) const {
  return read_vector<uint8_t>(file_, path_, name, H5T_NATIVE_UINT8);
}

std::vector<std::string> Hdf5File::read_strings(const std::string& name) const {
  const Handle type = variable_string_type();
  auto pointers = read_vector<char*>(file_, path_, name, type);
  std::vector<std::string> values(pointers.begin(), pointers.end());
  const hsize_t n = pointers.size();
  const Handle space(H5Screate_simple(1, &n, nullptr), H5Sclose);
  H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data());
  return values;
}

std::string Hdf5File::read_string_attribute(const std::string& object,
                                            const std::string& name) const {
  const Handle attribute(
      H5Aopen_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  const Handle type = variable_string_type();
  char* text = nullptr;
  if (attribute < 0 || H5Aread(attribute, type, &text) < 0 || !text)
    fail(ErrorCode::bad_input, "{} has no attribute {} at {}", path_, name, object);
  std::string value(text);
  H5free_memory(text);
  return value;
}

double Hdf5File::read_number_attribute(const std::string& object, const std::string& name) const {
  const Handle attribute(
      H5Aopen_by_name(file_, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  double value = 0;
  if (attribute < 0 || H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) < 0)
    fail(ErrorCode::bad_input, "{} has no attribute {} at {}", path_, name, object);
  return value;
}

}  // namespace sociometer
