#include "io/bytes/hdf5.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <unistd.h>

#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/bytes/file_seal.hpp"
#include "io/bytes/gzip_write.hpp"
#include "io/bytes/hdf5_driver.hpp"
#include "io/bytes/read_log.hpp"
#include "io/bytes/staging_folder.hpp"

namespace sociometer {
namespace {

/// Closes an HDF5 identifier on leaving scope.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

constexpr hsize_t kChunkRows = 4096;

/// Buffers for conversions of values (texts), so that HDF5 takes none from its free lists: when
/// memory runs out it clears these lists, also of what it is about to use (hdf5_driver.hpp).
class Transfer {
 public:
  Transfer() : properties_(H5Pcreate(H5P_DATASET_XFER), H5Pclose) {
    H5Pset_buffer(properties_, kBytes, values_.data(), background_.data());
  }
  operator hid_t() const { return properties_; }

 private:
  static constexpr size_t kBytes = size_t{1} << 15;  // HDF5 converts in pieces of this size
  std::vector<std::byte> values_ = std::vector<std::byte>(kBytes);
  std::vector<std::byte> background_ = std::vector<std::byte>(kBytes);
  Handle properties_;
};

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
    fail(ErrorCode::cannot_write, "cannot write {} of {}: HDF5 gave up", name, final_name(path));
}

/// An open file, and errno of the first call on it that failed.
struct Source {
  hid_t file;
  const std::string& path;
  const int& error;

  [[noreturn]] void fail_to_read(const std::string& name) const {
    fail(ErrorCode::bad_input, "cannot read {} of {}: {}", name, path,
         error != 0 ? std::strerror(error) : "the file is damaged, or memory ran out");
  }
};

Handle open_dataset(const Source& from, const std::string& name) {
  const hid_t set = H5Dopen2(from.file, name.c_str(), H5P_DEFAULT);
  if (set < 0 && from.error != 0) from.fail_to_read(name);
  if (set < 0) fail(ErrorCode::bad_input, "{} has no dataset {}", from.path, name);
  return Handle(set, H5Dclose);
}

/// Refuses values that lie in other files, and filters that would be loaded as plugins: files of
/// this program have neither.
/// @return whether the values are compressed.
bool check_storage(hid_t set, const std::string& path, const std::string& name) {
  const Handle settings(H5Dget_create_plist(set), H5Pclose);
  if (settings < 0 || H5Pget_layout(settings) == H5D_VIRTUAL || H5Pget_external_count(settings) > 0)
    fail(ErrorCode::bad_input, "{} of {} keeps its values in another file; they are not read", name,
         path);
  const int n_filters = H5Pget_nfilters(settings);
  for (int f = 0; f < n_filters; ++f) {
    unsigned flags = 0;
    size_t n_values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(settings, unsigned(f), &flags, &n_values, nullptr, 0, nullptr, nullptr);
    if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
        filter != H5Z_FILTER_FLETCHER32)
      fail(ErrorCode::bad_input, "{} of {} is compressed by filter {}, which is not read here",
           name, path, int(filter));
  }
  return n_filters > 0;
}

/// Refuses extents of more values than what is stored can hold.
void check_claims(hid_t set, const std::vector<hsize_t>& shape, hsize_t value_bytes,
                  bool compressed, const std::string& path, const std::string& name) {
  hsize_t claimed = value_bytes;
  bool overflows = false;
  for (const hsize_t n : shape) overflows |= __builtin_mul_overflow(claimed, n, &claimed);
  std::error_code error;
  const uint64_t stored =
      std::min<uint64_t>(H5Dget_storage_size(set), std::filesystem::file_size(path, error));
  const uint64_t most = compressed ? stored * kMostDeflated : stored;
  if (error || overflows || claimed > most)
    fail(ErrorCode::bad_input,
         "{} of {} is damaged: {} values need {} bytes, the {} bytes stored hold at most {}", name,
         path, fmt::join(shape, " x "), overflows ? "more than 2^64" : fmt::to_string(claimed),
         stored, most);
}

/// The extents of a dataset, before memory is taken for it: as many as expected, of values of the
/// expected kind, and not more than what is stored can hold.
std::vector<hsize_t> checked_shape(hid_t set, const std::string& path, const std::string& name,
                                   int n_dimensions, H5T_class_t kind) {
  const bool compressed = check_storage(set, path, name);
  const Handle space(H5Dget_space(set), H5Sclose), type(H5Dget_type(set), H5Tclose);
  const char* expected = n_dimensions == 2 ? "matrix" : "list";
  if (H5Sget_simple_extent_ndims(space) != n_dimensions)
    fail(ErrorCode::bad_input, "{} of {} is not a {}: it has {} dimensions", name, path, expected,
         H5Sget_simple_extent_ndims(space));
  if (H5Tget_class(type) != kind || (kind == H5T_STRING && H5Tis_variable_str(type) <= 0))
    fail(ErrorCode::bad_input, "{} of {} holds values of another type; the file is damaged", name,
         path);
  std::vector<hsize_t> shape(size_t(n_dimensions), 0);
  H5Sget_simple_extent_dims(space, shape.data(), nullptr);
  check_claims(set, shape, H5Tget_size(type), compressed, path, name);
  return shape;
}

template <typename T>
std::vector<T> read_vector(const Source& from, const std::string& name, hid_t type,
                           H5T_class_t kind) {
  const Handle set = open_dataset(from, name);
  std::vector<T> values(checked_shape(set, from.path, name, 1, kind)[0]);
  if (H5Dread(set, type, H5S_ALL, H5S_ALL, Transfer(), values.data()) < 0) from.fail_to_read(name);
  return values;
}

/// A matrix, transposed as it is stored.
template <typename T>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> read_numbers(const Source& from,
                                                              const std::string& name, hid_t type) {
  const Handle set = open_dataset(from, name);
  const auto shape = checked_shape(set, from.path, name, 2, H5T_FLOAT);
  Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> values;
  values.setZero(Eigen::Index(shape[1]), Eigen::Index(shape[0]));
  if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0) from.fail_to_read(name);
  return values;
}

/// An attribute that is one value of one of these kinds: HDF5 would write as many as there are.
Handle open_attribute(const Source& from, const std::string& object, const std::string& name,
                      std::initializer_list<H5T_class_t> kinds) {
  const hid_t attribute =
      H5Aopen_by_name(from.file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0 && from.error != 0) from.fail_to_read(name);
  if (attribute < 0)
    fail(ErrorCode::bad_input, "{} has no attribute {} at {}", from.path, name, object);
  Handle out(attribute, H5Aclose);
  const Handle space(H5Aget_space(attribute), H5Sclose), type(H5Aget_type(attribute), H5Tclose);
  const H5T_class_t kind = H5Tget_class(type);
  const hssize_t n = H5Sget_simple_extent_npoints(space);
  if (n != 1 || std::find(kinds.begin(), kinds.end(), kind) == kinds.end() ||
      (kind == H5T_STRING && H5Tis_variable_str(type) <= 0))
    fail(ErrorCode::bad_input,
         "attribute {} at {} of {} has {} values or another type; the file is damaged", name,
         object, from.path, n);
  return out;
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
    fail(ErrorCode::cannot_write, "cannot make {}", final_name(path));
  return image;
}

/// @return 0, or errno.
int write_all(int descriptor, const std::vector<char>& bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : ENOSPC;
    done += size_t(n);
  }
  return 0;
}

/// Creates an empty file and reserves the space it will need.
void reserve_file(const std::string& path, size_t bytes) {
  const std::vector<char> image = empty_file(path);
  ::unlink(path.c_str());
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0)
    fail(ErrorCode::cannot_write, "cannot make {}: {}", final_name(path), strerror(errno));
  int error = write_all(descriptor, image);
  if (error == 0) error = ::posix_fallocate(descriptor, 0, off_t(std::max(bytes, image.size())));
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error != 0)
    fail(ErrorCode::cannot_write, "cannot write {}: {}", final_name(path), strerror(error));
}

/// Checks the HDF5 signature, so that other files are reported as what they are.
/// @return XXH3 of the file.
uint64_t check_file(const std::string& path) {
  constexpr unsigned char kSignature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  unsigned char bytes[8] = {};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool there = descriptor >= 0;
  const std::unique_ptr<const int, void (*)(const int*)> closed(
      there ? &descriptor : nullptr, [](const int* open) { ::close(*open); });
  size_t got = 0;
  for (ssize_t n = 1; there && got < sizeof(bytes) && n != 0;) {
    n = ::read(descriptor, bytes + got, sizeof(bytes) - got);
    if (n > 0) got += size_t(n);
    if (n < 0 && errno != EINTR)
      fail(ErrorCode::bad_input, "cannot read {}: {}", path, std::strerror(errno));
  }
  if (got < sizeof(bytes) || std::memcmp(bytes, kSignature, sizeof(bytes)) != 0)
    fail(ErrorCode::bad_input, "{} does not exist or is not an HDF5 file", path);
  // libhdf5 crashes on damaged files, or returns wrong numbers.
  return check_seal(descriptor, path);
}

}  // namespace

Hdf5File::Hdf5File(const std::string& path, Mode mode, int n_threads, size_t largest_bytes)
    : path_(path), mode_(mode), n_threads_(n_threads) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  if (mode == Mode::create) {
    // A full disk is found before the work of compressing and writing, not in the middle of it.
    reserve_file(path, largest_bytes);
    open(H5F_ACC_RDWR);
    if (file_ < 0) fail_to_write();
  } else {
    checksum_ = check_file(path);
    // Links to other files are not followed. A second call fails, which does no harm.
    H5Lunregister(H5L_TYPE_EXTERNAL);
    open(H5F_ACC_RDONLY);
    if (file_ < 0 && *error_ != 0)
      fail(ErrorCode::bad_input, "cannot read {}: {}", path, std::strerror(*error_));
    if (file_ < 0) fail(ErrorCode::bad_input, "{} does not exist or is not an HDF5 file", path);
    tell_read(path);
  }
}

Hdf5File::~Hdf5File() {
  if (file_ >= 0) H5Fclose(file_);
}

void Hdf5File::open(unsigned flags) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  if (remember_errors(access, error_)) file_ = H5Fopen(path_.c_str(), flags, access);
}

void Hdf5File::fail_to_write() const {
  fail(ErrorCode::cannot_write, "cannot write {}: {}", final_name(path_),
       *error_ != 0 ? std::strerror(*error_) : "HDF5 gave up");
}

void Hdf5File::close() {
  const bool closed = H5Fclose(file_) >= 0;
  file_ = -1;
  if (mode_ == Mode::read) return;
  if (!closed || *error_ != 0) fail_to_write();
  seal_file(path_);
}

namespace {

/// Called for each object of a file; an exception must not pass through libhdf5.
struct Visit {
  const std::string& path;
  std::string refusal;
};
#if H5_VERSION_GE(1, 12, 0)
using ObjectInfo = H5O_info1_t;
#else
using ObjectInfo = H5O_info_t;
#endif
herr_t check_object(hid_t file, const char* name, const ObjectInfo* about, void* given) {
  auto& visit = *static_cast<Visit*>(given);
  if (about->type != H5O_TYPE_DATASET) return 0;
  try {
    const Handle set(H5Dopen2(file, name, H5P_DEFAULT), H5Dclose);
    if (set < 0) fail(ErrorCode::bad_input, "{} is damaged: {} cannot be read", visit.path, name);
    const bool compressed = check_storage(set, visit.path, name);
    const Handle space(H5Dget_space(set), H5Sclose), type(H5Dget_type(set), H5Tclose);
    std::vector<hsize_t> shape(size_t(std::max(0, H5Sget_simple_extent_ndims(space))), 0);
    H5Sget_simple_extent_dims(space, shape.data(), nullptr);
    if (H5Sget_simple_extent_type(space) != H5S_NULL)
      check_claims(set, shape, H5Tget_size(type), compressed, visit.path, name);
    return 0;
  } catch (const std::exception& error) {  // none may pass through the library
    visit.refusal = error.what();
    return 1;  // ends the visit
  }
}

}  // namespace

void check_hdf5_extents(const std::string& path) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5Lunregister(H5L_TYPE_EXTERNAL);
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (file < 0) fail(ErrorCode::bad_input, "{} cannot be read as an HDF5 file", path);
  Visit visit{path, ""};
  const herr_t ended =
      H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_NATIVE, check_object, &visit, H5O_INFO_BASIC);
  if (!visit.refusal.empty()) fail(ErrorCode::bad_input, "{}", visit.refusal);
  if (ended < 0) fail(ErrorCode::bad_input, "{} is damaged: its arrays cannot be listed", path);
}

void Hdf5File::make_group(const std::string& name) {
  const Handle group(H5Gcreate2(file_, name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                     H5Gclose);
  if (group < 0)
    fail(ErrorCode::cannot_write, "cannot make group {} in {}", name, final_name(path_));
}

bool Hdf5File::exists(const std::string& name) const {
  const htri_t found = H5Lexists(file_, name.c_str(), H5P_DEFAULT);
  if (found < 0) Source{file_, path_, *error_}.fail_to_read(name);
  return found > 0;
}

void Hdf5File::write(const std::string& name, const Eigen::MatrixXd& values) {
  const std::vector<hsize_t> shape{hsize_t(values.cols()), hsize_t(values.rows())};
  write_dataset(file_, path_, name, H5T_NATIVE_DOUBLE, shape, values.data(), n_threads_);
}
void Hdf5File::write(const std::string& name, const Eigen::MatrixXf& values) {
  const std::vector<hsize_t> shape{hsize_t(values.cols()), hsize_t(values.rows())};
  write_dataset(file_, path_, name, H5T_NATIVE_FLOAT, shape, values.data(), n_threads_);
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
  if (set < 0 || H5Dwrite(set, type, H5S_ALL, H5S_ALL, Transfer(), pointers.data()) < 0)
    fail(ErrorCode::cannot_write, "cannot write {} of {}", name, final_name(path_));
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
    fail(ErrorCode::cannot_write, "cannot write attribute {} of {}", name, final_name(path_));
}

void Hdf5File::write_attribute(const std::string& object, const std::string& name, double value) {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle at(H5Oopen(file_, object.c_str(), H5P_DEFAULT), H5Oclose);
  const Handle attribute(
      H5Acreate2(at, name.c_str(), H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
  if (attribute < 0 || H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value) < 0)
    fail(ErrorCode::cannot_write, "cannot write attribute {} of {}", name, final_name(path_));
}

Eigen::MatrixXd Hdf5File::read_matrix(const std::string& name) const {
  return read_numbers<double>({file_, path_, *error_}, name, H5T_NATIVE_DOUBLE);
}
Eigen::MatrixXf Hdf5File::read_single_matrix(const std::string& name) const {
  return read_numbers<float>({file_, path_, *error_}, name, H5T_NATIVE_FLOAT);
}

std::vector<uint32_t> Hdf5File::read_uint32(const std::string& name) const {
  return read_vector<uint32_t>({file_, path_, *error_}, name, H5T_NATIVE_UINT32, H5T_INTEGER);
}
std::vector<uint8_t> Hdf5File::read_uint8(const std::string& name) const {
  return read_vector<uint8_t>({file_, path_, *error_}, name, H5T_NATIVE_UINT8, H5T_INTEGER);
}

std::vector<std::string> Hdf5File::read_strings(const std::string& name) const {
  const Handle type = variable_string_type();
  auto pointers = read_vector<char*>({file_, path_, *error_}, name, type, H5T_STRING);
  std::vector<std::string> values;
  for (const char* text : pointers) values.emplace_back(text ? text : "");
  const hsize_t n = pointers.size();
  const Handle space(H5Screate_simple(1, &n, nullptr), H5Sclose);
  H5Dvlen_reclaim(type, space, Transfer(), pointers.data());
  return values;
}

std::string Hdf5File::read_string_attribute(const std::string& object,
                                            const std::string& name) const {
  const Source from{file_, path_, *error_};
  const Handle attribute = open_attribute(from, object, name, {H5T_STRING});
  const Handle type = variable_string_type();
  char* text = nullptr;
  if (H5Aread(attribute, type, &text) < 0 || !text) from.fail_to_read(name);
  std::string value(text);
  H5free_memory(text);
  return value;
}

double Hdf5File::read_number_attribute(const std::string& object, const std::string& name) const {
  const Source from{file_, path_, *error_};
  const Handle attribute = open_attribute(from, object, name, {H5T_FLOAT, H5T_INTEGER});
  double value = 0;
  if (H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) < 0) from.fail_to_read(name);
  return value;
}

}  // namespace sociometer
