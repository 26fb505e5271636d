#include "io/bytes/hdf5_driver.hpp"

#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

#if __has_include(<H5FDdevelop.h>)
#include <H5FDdevelop.h>  // from HDF5 1.14 on
#endif

namespace sociometer {
namespace {

/// What the property list holds; HDF5 copies it byte by byte.
struct DriverSettings {
  const std::shared_ptr<int>* first_error;
};

struct OpenFile : H5FD_t {
  int descriptor = -1;
  haddr_t end_of_allocation = 0, end_of_file = 0;
  std::shared_ptr<int> first_error;

  void note(int reason) const {
    if (*first_error == 0) *first_error = reason;
  }
};

OpenFile* of(H5FD_t* file) { return static_cast<OpenFile*>(file); }
const OpenFile* of(const H5FD_t* file) { return static_cast<const OpenFile*>(file); }

H5FD_t* open_file(const char* name, unsigned flags, hid_t access, haddr_t) {
  const auto* settings = static_cast<const DriverSettings*>(H5Pget_driver_info(access));
  if (!settings) return nullptr;
  auto file = std::make_unique<OpenFile>();
  file->first_error = *settings->first_error;
  file->descriptor = ::open(name, (flags & H5F_ACC_RDWR ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  const off_t end = file->descriptor < 0 ? -1 : ::lseek(file->descriptor, 0, SEEK_END);
  if (end < 0) {
    file->note(errno);
    if (file->descriptor >= 0) ::close(file->descriptor);
    return nullptr;
  }
  file->end_of_file = haddr_t(end);
  return file.release();
}

herr_t close_file(H5FD_t* base) {
  const std::unique_ptr<OpenFile> file(of(base));
  // Network file systems report failed writes here.
  if (::close(file->descriptor) != 0) file->note(errno);
  return 0;
}

/// Those of HDF5's default driver that decide the layout of files. Without the others,
/// H5FD_FEAT_ACCUMULATE_METADATA and H5FD_FEAT_DATA_SIEVE, HDF5 keeps no buffers.
herr_t features(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_AGGREGATE_SMALLDATA |
           H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t end_of_allocation(const H5FD_t* file, H5FD_mem_t) { return of(file)->end_of_allocation; }
herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  of(file)->end_of_allocation = end;
  return 0;
}
haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) { return of(file)->end_of_file; }

herr_t read_bytes(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t at, size_t size, void* to) {
  const OpenFile& file = *of(base);
  auto* bytes = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t n = ::pread(file.descriptor, bytes, size, off_t(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      file.note(errno);
      return -1;
    }
    if (n == 0) {  // beyond the end
      std::memset(bytes, 0, size);
      return 0;
    }
    bytes += n;
    at += haddr_t(n);
    size -= size_t(n);
  }
  return 0;
}

herr_t write_bytes(H5FD_t* base, H5FD_mem_t, hid_t, haddr_t at, size_t size, const void* from) {
  OpenFile& file = *of(base);
  const auto* bytes = static_cast<const char*>(from);
  while (size > 0) {
    const ssize_t n = ::pwrite(file.descriptor, bytes, size, off_t(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      file.note(n < 0 ? errno : ENOSPC);
      return 0;
    }
    bytes += n;
    at += haddr_t(n);
    size -= size_t(n);
  }
  if (at > file.end_of_file) file.end_of_file = at;
  return 0;
}

herr_t truncate_file(H5FD_t* base, hid_t, hbool_t) {
  OpenFile& file = *of(base);
  if (file.end_of_allocation == file.end_of_file) return 0;
  int result = 0;
  do {
    result = ::ftruncate(file.descriptor, off_t(file.end_of_allocation));
  } while (result != 0 && errno == EINTR);
  if (result != 0) file.note(errno);
  file.end_of_file = file.end_of_allocation;
  return 0;
}

H5FD_class_t driver_class() {
  H5FD_class_t driver{};
#ifdef H5FD_CLASS_VERSION
  driver.version = H5FD_CLASS_VERSION;
  driver.value = H5FD_class_value_t(600);  // within the range for private drivers
#endif
  driver.name = "sociometer";
  driver.maxaddr = (haddr_t{1} << 63) - 1;
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(DriverSettings);
  driver.open = open_file;
  driver.close = close_file;
  driver.query = features;
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_file;
  driver.read = read_bytes;
  driver.write = write_bytes;
  driver.truncate = truncate_file;
  constexpr H5FD_mem_t kMap[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
  std::memcpy(driver.fl_map, kMap, sizeof(kMap));
  return driver;
}

}  // namespace

bool remember_errors(hid_t access, const std::shared_ptr<int>& first_error) {
  static const H5FD_class_t driver = driver_class();
  static const hid_t id = H5FDregister(&driver);
  const DriverSettings settings{&first_error};
  // Chunks are passed on ready-made when they are written, and each is read once.
  return id >= 0 && H5Pset_driver(access, id, &settings) >= 0 &&
         H5Pset_sieve_buf_size(access, 0) >= 0 && H5Pset_cache(access, 0, 1, 0, 1.0) >= 0;
}

}  // namespace sociometer
