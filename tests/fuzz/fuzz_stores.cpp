// Estimates and results of shuffles. Damage anywhere fails the seal before HDF5 sees the file (the
// first form); a sealed file with other content than ours must be refused or give usable values
// (the second: a good file, changed by HDF5's own functions as the input says, and sealed again).
#include <cstdlib>

#include <fuzzer/FuzzedDataProvider.h>
#include <hdf5.h>

#include "io/bytes/file_seal.hpp"
#include "io/stores/estimates_file.hpp"
#include "io/stores/shuffle_part.hpp"
#include "tests/fuzz/fuzz_file.hpp"

using namespace sociometer;

namespace {

/// A small good file of each kind, made by make_corpus.py; scripts/fuzz.sh says where.
std::string good_file(const char* name) {
  const char* folder = std::getenv("SOCIOMETER_FUZZ_STORES");
  if (!folder) throw std::runtime_error("SOCIOMETER_FUZZ_STORES names no folder");
  return std::string(folder) + "/" + name;
}

struct Names {
  std::vector<std::string> datasets, attributes;  ///< "object\nattribute"
};

herr_t add_attribute(hid_t object, const char* name, const H5A_info_t*, void* out) {
  char path[256];
  H5Iget_name(object, path, sizeof path);
  static_cast<Names*>(out)->attributes.push_back(std::string(path) + "\n" + name);
  return 0;
}

herr_t add_object(hid_t file, const char* name, const H5O_info_t* info, void* out) {
  if (info->type == H5O_TYPE_DATASET) static_cast<Names*>(out)->datasets.emplace_back(name);
  const hid_t object = H5Oopen(file, name, H5P_DEFAULT);
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, add_attribute, out);
  H5Oclose(object);
  return 0;
}

Names names_in(hid_t file) {
  Names names;
  H5Ovisit(file, H5_INDEX_NAME, H5_ITER_INC, add_object, &names);
  return names;
}

hid_t any_type(FuzzedDataProvider& in) {
  const hid_t types[] = {H5T_NATIVE_DOUBLE, H5T_NATIVE_UINT32, H5T_NATIVE_UINT8,
                         H5T_NATIVE_FLOAT,  H5T_NATIVE_INT64,  H5T_C_S1};
  return types[in.ConsumeIntegralInRange<size_t>(0, 5)];
}

void put_dataset(hid_t file, const std::string& name, FuzzedDataProvider& in) {
  std::vector<hsize_t> size(in.ConsumeIntegralInRange<size_t>(0, 3));
  for (auto& n : size) n = in.ConsumeIntegralInRange<hsize_t>(0, 12);
  // Extents that no memory holds, of a dataset that takes no space.
  if (!size.empty() && in.ConsumeProbability<double>() < .1)
    size[0] = in.ConsumeIntegral<uint32_t>();
  const hid_t space = H5Screate_simple(int(size.size()), size.data(), nullptr);
  H5Ldelete(file, name.c_str(), H5P_DEFAULT);
  const hid_t set =
      H5Dcreate2(file, name.c_str(), any_type(in), space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (set >= 0 && H5Sget_simple_extent_npoints(space) < 2000) {
    std::vector<double> values(2000);
    for (auto& value : values)
      value = in.remaining_bytes() > 8 ? in.ConsumeFloatingPoint<double>() : 0;
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  H5Dclose(set);
  H5Sclose(space);
}

void change_values(hid_t file, const std::string& name, FuzzedDataProvider& in) {
  const hid_t set = H5Dopen2(file, name.c_str(), H5P_DEFAULT);
  const hid_t space = H5Dget_space(set);
  const hssize_t n = H5Sget_simple_extent_npoints(space);
  // An extent that no memory holds (put_dataset) has no values to change.
  std::vector<double> values(n > 10'000 ? 0 : size_t(std::max<hssize_t>(n, 1)));
  if (!values.empty() &&
      H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) >= 0) {
    const size_t changed = in.ConsumeIntegralInRange<size_t>(1, 4);
    for (size_t i = 0; i < changed; ++i)
      values[in.ConsumeIntegralInRange<size_t>(0, values.size() - 1)] =
          in.ConsumeBool() ? in.ConsumeFloatingPoint<double>() : in.ConsumeIntegral<int8_t>();
    H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  H5Sclose(space);
  H5Dclose(set);
}

void change_attribute(hid_t file, const std::string& both, FuzzedDataProvider& in) {
  const std::string object = both.substr(0, both.find('\n')),
                    name = both.substr(both.find('\n') + 1);
  const hid_t at = H5Oopen(file, object.c_str(), H5P_DEFAULT);
  H5Adelete(at, name.c_str());
  if (in.ConsumeBool()) {
    const hid_t space = H5Screate(H5S_SCALAR);
    const double value =
        in.ConsumeBool() ? in.ConsumeFloatingPoint<double>() : in.ConsumeIntegral<int8_t>();
    const hid_t attribute =
        H5Acreate2(at, name.c_str(), H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value);
    H5Aclose(attribute);
    H5Sclose(space);
  }
  H5Oclose(at);
}

/// Changes a few things of a good file, as the input says, and seals it.
void change(const std::string& path, FuzzedDataProvider& in) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  if (file < 0) return;
  const size_t n = in.ConsumeIntegralInRange<size_t>(1, 3);
  for (size_t i = 0; i < n; ++i) {
    const Names names = names_in(file);
    if (names.datasets.empty() || names.attributes.empty()) break;
    const auto& set =
        names.datasets[in.ConsumeIntegralInRange<size_t>(0, names.datasets.size() - 1)];
    switch (in.ConsumeIntegralInRange(0, 3)) {
      case 0:
        put_dataset(file, set, in);
        break;
      case 1:
        change_values(file, set, in);
        break;
      case 2:
        H5Ldelete(file, set.c_str(), H5P_DEFAULT);
        break;
      default:
        change_attribute(
            file,
            names.attributes[in.ConsumeIntegralInRange<size_t>(0, names.attributes.size() - 1)],
            in);
    }
  }
  H5Fclose(file);
  seal_file(path);
}

void read_any(const std::string& path) {
  fuzzing::refused_or_read([&] {
    Mask mask;
    for (const StoredRun& run : read_estimates(path, mask))
      if (run.estimates.betas.cols() != Eigen::Index(mask.n_voxels())) __builtin_trap();
  });
  fuzzing::refused_or_read([&] { read_shuffle_part(path); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  if (data[0] % 8 == 0) {
    read_any(fuzzing::file_of("raw.h5", data + 1, size - 1));
    return 0;
  }
  const std::string path = (fuzzing::folder() / "changed.h5").string();
  std::filesystem::copy_file(good_file(data[0] % 2 ? "estimates.h5" : "shard.h5"), path,
                             std::filesystem::copy_options::overwrite_existing);
  std::filesystem::permissions(path, std::filesystem::perms::owner_write,
                               std::filesystem::perm_options::add);
  FuzzedDataProvider in(data + 1, size - 1);
  change(path, in);
  read_any(path);
  return 0;
}
