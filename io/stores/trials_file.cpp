#include "io/stores/trials_file.hpp"

#include "engine/core/error.hpp"
#include "io/bytes/hdf5.hpp"
#include "io/stores/stored_mask.hpp"

namespace sociometer {
namespace {

constexpr const char* kTrialsFormat = "sociometer-trials";
constexpr double kTrialsVersion = 1;

/// An upper bound on the file size, as that of estimates.
size_t largest_size(const StoredTrials& trials) {
  size_t bytes = (size_t{1} << 16) + 2 * sizeof(uint32_t) * trials.mask.voxels.size() +
                 sizeof(double) * size_t(trials.amplitude.size() + trials.variance.size());
  for (const auto& type : trials.type) bytes += 512 + type.size();
  return bytes;
}

bool sizes_fit(const StoredTrials& t) {
  const Eigen::Index n = t.amplitude.cols();
  return t.amplitude.rows() == t.mask.n_voxels() &&
         (t.variance.size() == 0 ||
          (t.variance.rows() == t.amplitude.rows() && t.variance.cols() == n)) &&
         Eigen::Index(t.run.size()) == n && t.onset_s.size() == n && t.vif.size() == n &&
         Eigen::Index(t.type.size()) == n && Eigen::Index(t.status.size()) == n;
}

}  // namespace

void write_trials(const std::string& path, const StoredTrials& trials, const std::string& software,
                  int n_threads) {
  require(sizes_fit(trials), "trials have the sizes of their mask and table");
  Hdf5File file(path, Hdf5File::Mode::create, n_threads, largest_size(trials));
  file.write_attribute("/", "format", std::string(kTrialsFormat));
  file.write_attribute("/", "format_version", kTrialsVersion);
  file.write_attribute("/", "software", software);
  write_stored_mask(file, trials.mask);
  file.make_group("/trials");
  file.write("/trials/run", trials.run);
  file.write("/trials/onset", Eigen::MatrixXd(trials.onset_s.transpose()));
  file.write("/trials/type", trials.type);
  file.write("/trials/vif", Eigen::MatrixXd(trials.vif.transpose()));
  file.write("/trials/status", trials.status);
  file.write("/amplitude", trials.amplitude);
  if (trials.variance.size() > 0) file.write("/variance", trials.variance);
  file.close();
}

StoredTrials read_trials(const std::string& path, InputFile* input) {
  const Hdf5File file(path, Hdf5File::Mode::read);
  if (input) *input = input_file(path, file.file_checksum());
  if (file.read_string_attribute("/", "format") != kTrialsFormat ||
      file.read_number_attribute("/", "format_version") != kTrialsVersion)
    fail(ErrorCode::bad_input, "{} is not a file of single trials of version {}", path,
         kTrialsVersion);
  StoredTrials out;
  out.mask = read_stored_mask(file, path);
  out.run = file.read_uint32("/trials/run");
  out.onset_s = file.read_matrix("/trials/onset").reshaped();
  out.type = file.read_strings("/trials/type");
  out.vif = file.read_matrix("/trials/vif").reshaped();
  out.status = file.read_uint8("/trials/status");
  out.amplitude = file.read_matrix("/amplitude");
  if (file.exists("/variance")) out.variance = file.read_matrix("/variance");
  if (!sizes_fit(out))
    fail(ErrorCode::bad_input,
         "{} is damaged: its arrays do not have the sizes of its mask and trials", path);
  return out;
}

}  // namespace sociometer
