#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <Eigen/Dense>

namespace sociometer {

/// A thin wrapper around the HDF5 C library with just what the estimates store needs.
///
/// Row i of a matrix in the file is column i of the Eigen matrix (contiguous in both): an Eigen
/// (n_columns, n_voxels) is (n_voxels, n_columns) in the file. Datasets carry no time stamps, so
/// the same content gives the same bytes. Files end with a checksum that is
/// verified before HDF5 opens them.
class Hdf5File {
 public:
  enum class Mode { create, read };
  /// @param largest_bytes  maximum size of a new file; the space is reserved before anything is
  /// written, and close() releases what was not needed.
  /// @throws Error{cannot_write} or Error{bad_input}.
  Hdf5File(const std::string& path, Mode mode, int n_threads = 1,
           size_t largest_bytes = size_t{1} << 20);
  ~Hdf5File();
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;
  /// Flushes and closes the file, and seals a new one (file_seal.hpp). Errors of writes are thrown
  /// here, whenever they occurred (hdf5_driver.hpp): a file that was not closed is not to be used.
  void close();

  const std::string& path() const { return path_; }
  /// XXH3 of the bytes of a file opened for reading, taken while its seal was checked.
  uint64_t file_checksum() const { return checksum_; }

  void make_group(const std::string& name);
  /// @throws Error{bad_input} if the file cannot be read: what cannot be seen is not absent.
  bool exists(const std::string& name) const;
  void write(const std::string& name, const Eigen::MatrixXd& values);
  void write(const std::string& name, const Eigen::MatrixXf& values);
  void write(const std::string& name, const std::vector<uint32_t>& values);
  void write(const std::string& name, const std::vector<uint8_t>& values);
  void write(const std::string& name, const std::vector<std::string>& values);
  void write_attribute(const std::string& object, const std::string& name,
                       const std::string& value);
  void write_attribute(const std::string& object, const std::string& name, double value);

  /// Datasets are read if they have the expected dimensions and type, and claim no more values than
  /// what is stored can hold; attributes if they are one value.
  /// @throws Error{bad_input} before memory is taken.
  Eigen::MatrixXd read_matrix(const std::string& name) const;
  Eigen::MatrixXf read_single_matrix(const std::string& name) const;
  std::vector<uint32_t> read_uint32(const std::string& name) const;
  std::vector<uint8_t> read_uint8(const std::string& name) const;
  std::vector<std::string> read_strings(const std::string& name) const;
  std::string read_string_attribute(const std::string& object, const std::string& name) const;
  double read_number_attribute(const std::string& object, const std::string& name) const;

 private:
  void open(unsigned flags);
  [[noreturn]] void fail_to_write() const;
  std::string path_;
  Mode mode_;
  int n_threads_;
  int64_t file_ = -1;
  uint64_t checksum_ = 0;
  std::shared_ptr<int> error_ = std::make_shared<int>(0);  ///< errno of the first failed call, or 0
};

/// For HDF5 files of other programs, which have no seal: refuses the file if an array in it claims
/// more values than what is stored can hold, or lies in another file. libhdf5 opens it for that.
/// @throws Error{bad_input} giving both numbers.
void check_hdf5_extents(const std::string& path);

}  // namespace sociometer
