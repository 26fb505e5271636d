#pragma once
#include <cstdint>
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
  /// Flushes and closes the file, and seals a new one (file_seal.hpp); write errors that HDF5
  /// deferred are thrown here.
  void close();

  void make_group(const std::string& name);
  bool exists(const std::string& name) const;
  void write(const std::string& name, const Eigen::MatrixXd& values);
  void write(const std::string& name, const std::vector<uint32_t>& values);
  void write(const std::string& name, const std::vector<uint8_t>& values);
  void write(const std::string& name, const std::vector<std::string>& values);
  void write_attribute(const std::string& object, const std::string& name,
                       const std::string& value);
  void write_attribute(const std::string& object, const std::string& name, double value);

  Eigen::MatrixXd read_matrix(const std::string& name) const;
  std::vector<uint32_t> read_uint32(const std::string& name) const;
  std::vector<uint8_t> read_uint8(const std::string& name) const;
  std::vector<std::string> read_strings(const std::string& name) const;
  std::string read_string_attribute(const std::string& object, const std::string& name) const;
  double read_number_attribute(const std::string& object, const std::string& name) const;

 private:
  std::string path_;
  Mode mode_;
  int n_threads_;
  int64_t file_ = -1;
};

}  // namespace sociometer
