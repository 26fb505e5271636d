#include "io/stores/estimates_file.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/glm/noise_strategy.hpp"
#include "io/bytes/hdf5.hpp"
#include "io/stores/stored_mask.hpp"

namespace sociometer {
namespace {

constexpr const char* kFormat = "sociometer-estimates";
constexpr double kFormatVersion = 2;

ColumnRole role_from(const std::string& text) {
  for (ColumnRole role :
       {ColumnRole::task, ColumnRole::confound, ColumnRole::drift, ColumnRole::constant})
    if (to_string(role) == text) return role;
  return ColumnRole::given;
}

/// Beside the name of a noise model what the covariances of new contrasts depend on.
class WrittenSettings : public NoiseModelSettings {
 public:
  WrittenSettings(Hdf5File& file, std::string group) : file_(file), group_(std::move(group)) {}
  void number(const std::string& name, double& value) override {
    file_.write_attribute(group_, name, value);
  }
  void text(const std::string& name, std::string& value) override {
    file_.write_attribute(group_, name, value);
  }
  void indices(const std::string& name, std::vector<Eigen::Index>& values) override {
    if (!values.empty())
      file_.write(group_ + "/" + name, std::vector<uint32_t>(values.begin(), values.end()));
  }

 private:
  Hdf5File& file_;
  std::string group_;
};

class ReadSettings : public NoiseModelSettings {
 public:
  ReadSettings(const Hdf5File& file, std::string group) : file_(file), group_(std::move(group)) {}
  void number(const std::string& name, double& value) override {
    value = file_.read_number_attribute(group_, name);
  }
  void text(const std::string& name, std::string& value) override {
    value = file_.read_string_attribute(group_, name);
  }
  void indices(const std::string& name, std::vector<Eigen::Index>& values) override {
    values.clear();
    if (!file_.exists(group_ + "/" + name)) return;
    for (uint32_t index : file_.read_uint32(group_ + "/" + name))
      values.push_back(Eigen::Index(index));
  }

 private:
  const Hdf5File& file_;
  std::string group_;
};

void write_noise_model(Hdf5File& file, const std::string& group, NoiseModel model) {
  file.write_attribute(group, "noise_model", to_string(model));
  WrittenSettings settings(file, group);
  strategy_of(model).exchange(model, settings);
}

NoiseModel read_noise_model(const Hdf5File& file, const std::string& group) {
  NoiseModel model = parse_noise_model(file.read_string_attribute(group, "noise_model"));
  ReadSettings settings(file, group);
  strategy_of(model).exchange(model, settings);
  return model;
}

void write_run(Hdf5File& file, const std::string& group, const StoredRun& run) {
  file.make_group(group);
  file.write_attribute(group, "source", run.source);
  write_noise_model(file, group, run.noise_model);
  file.write_attribute(group, "scaling", to_string(run.scaling));
  file.write_attribute(group, "dof", run.estimates.dof);
  file.write_attribute(group, "grand_mean", run.estimates.grand_mean);
  file.write(group + "/design", Eigen::MatrixXd(run.design.values.transpose()));
  if (run.design.frame_times_s.size() > 0)
    file.write(group + "/frame_times", Eigen::MatrixXd(run.design.frame_times_s.transpose()));
  file.write(group + "/column_names", run.design.names);
  std::vector<std::string> roles;
  for (ColumnRole role : run.design.roles) roles.push_back(to_string(role));
  file.write(group + "/column_roles", roles);
  if (!run.design.trial_sd.empty())
    file.write(group + "/trial_sd",
               Eigen::MatrixXd(Eigen::Map<const Eigen::RowVectorXd>(
                   run.design.trial_sd.data(), Eigen::Index(run.design.trial_sd.size()))));
  file.write(group + "/kept", run.kept);
  const RunEstimates& e = run.estimates;
  file.write(group + "/betas", e.betas);
  file.write(group + "/residual_variance", Eigen::MatrixXd(e.residual_variance.transpose()));
  file.write(group + "/r_squared", Eigen::MatrixXd(e.r_squared.transpose()));
  file.write(group + "/mean", Eigen::MatrixXd(e.mean.transpose()));
  if (e.noise.rows() > 0) file.write(group + "/noise_parameters", e.noise);
  if (e.posterior.rows() > 0) file.write(group + "/noise_parameters", e.posterior);
  if (e.atoms.size() > 0) file.write(group + "/noise_atoms", e.atoms);
  std::vector<uint8_t> status;
  for (VoxelStatus s : e.status) status.push_back(static_cast<uint8_t>(s));
  file.write(group + "/status", status);
}

/// A matrix of one row, as a vector; assigned to one, any other shape would be read out of bounds.
Eigen::VectorXd read_vector(const Hdf5File& file, const std::string& name) {
  const Eigen::MatrixXd values = file.read_matrix(name);
  if (values.rows() != 1)
    fail(ErrorCode::bad_input, "{} {} is damaged: it has {} rows, not 1; run fit again",
         file.path(), name, values.rows());
  return values.row(0);
}

StoredRun read_run(const Hdf5File& file, const std::string& group) {
  StoredRun run;
  run.source = file.read_string_attribute(group, "source");
  run.noise_model = read_noise_model(file, group);
  run.scaling = parse_scaling(file.read_string_attribute(group, "scaling"));
  run.design.values = file.read_matrix(group + "/design").transpose();
  run.design.names = file.read_strings(group + "/column_names");
  for (const auto& role : file.read_strings(group + "/column_roles"))
    run.design.roles.push_back(role_from(role));
  if (file.exists(group + "/frame_times"))
    run.design.frame_times_s = read_vector(file, group + "/frame_times");
  if (file.exists(group + "/trial_sd")) {
    const Eigen::MatrixXd sd = file.read_matrix(group + "/trial_sd");
    run.design.trial_sd.assign(sd.data(), sd.data() + sd.size());
  }
  run.kept = file.read_uint8(group + "/kept");
  RunEstimates& e = run.estimates;
  e.betas = file.read_matrix(group + "/betas");
  e.residual_variance = read_vector(file, group + "/residual_variance");
  e.r_squared = read_vector(file, group + "/r_squared");
  e.mean = read_vector(file, group + "/mean");
  const std::string parameters = group + "/noise_parameters";
  e.noise.resize(0, e.betas.cols());
  if (!has_one_process(run.noise_model))
    e.posterior = file.read_single_matrix(parameters);
  else if (file.exists(parameters))
    e.noise = file.read_matrix(parameters);
  if (file.exists(group + "/noise_atoms")) e.atoms = file.read_matrix(group + "/noise_atoms");
  for (uint8_t s : file.read_uint8(group + "/status"))
    e.status.push_back(static_cast<VoxelStatus>(s));
  e.dof = file.read_number_attribute(group, "dof");
  e.grand_mean = file.read_number_attribute(group, "grand_mean");
  return run;
}

/// Rejects files with inconsistent sizes, which would later be read out of bounds.
void check_sizes(const StoredRun& run, const Mask& mask, const std::string& where) {
  const RunEstimates& e = run.estimates;
  const Eigen::Index v = mask.n_voxels(), p = run.design.n_columns();
  const Eigen::Index n_parameters = Eigen::Index(run.noise_model.parameter_names().size());
  const bool fits =
      e.betas.cols() == v && e.betas.rows() == p && e.residual_variance.size() == v &&
      e.r_squared.size() == v && e.mean.size() == v && e.noise.cols() == v &&
      (has_one_process(run.noise_model)
           ? e.noise.rows() == n_parameters && e.atoms.size() == 0
           : e.posterior.cols() == v && e.posterior.rows() == n_parameters &&
                 2 * e.atoms.cols() == n_parameters && e.atoms.rows() > 0 &&
                 2 * e.atoms.rows() < run.design.n_scans()) &&
      Eigen::Index(e.status.size()) == v && Eigen::Index(run.design.names.size()) == p &&
      Eigen::Index(run.design.roles.size()) == p &&
      (run.design.frame_times_s.size() == 0 ||
       run.design.frame_times_s.size() == run.design.n_scans()) &&
      (run.design.trial_sd.empty() || Eigen::Index(run.design.trial_sd.size()) == p) &&
      Eigen::Index(run.kept.size()) == run.design.n_scans() && run.design.values.allFinite();
  if (!fits)
    fail(ErrorCode::bad_input,
         "{} is damaged: its arrays do not have the sizes of its mask and design", where);
}

/// Numbers that no fit gives, and that would make every voxel significant.
void check_values(const StoredRun& run, const std::string& where) {
  const RunEstimates& e = run.estimates;
  if (!(e.dof > 0 && std::isfinite(e.dof)))
    fail(ErrorCode::bad_input, "{} is damaged: it has {} degrees of freedom", where, e.dof);
  if ((e.residual_variance.array() < 0).any())
    fail(ErrorCode::bad_input, "{} is damaged: a residual variance is {}", where,
         e.residual_variance.minCoeff());
  if (std::find_if(run.kept.begin(), run.kept.end(), [](uint8_t k) { return k != 0; }) ==
      run.kept.end())
    fail(ErrorCode::bad_input, "{} is damaged: none of its {} scans is kept", where,
         run.kept.size());
}

/// An upper bound on the file size: its numbers, doubled for compressed ones, plus
/// what HDF5 and the names need.
size_t largest_size(const Mask& mask, const std::vector<const StoredRun*>& runs) {
  size_t bytes = (size_t{1} << 14) + 2 * sizeof(uint32_t) * mask.voxels.size();
  for (const StoredRun* run : runs) {
    const RunEstimates& e = run->estimates;
    const Eigen::Index numbers = run->design.values.size() + run->design.n_scans() +
                                 run->design.n_columns() + e.betas.size() + 3 * e.mean.size() +
                                 e.noise.size() + e.posterior.size();
    bytes += sizeof(double) * size_t(numbers) + 2 * (e.status.size() + run->kept.size());
    for (const auto& name : run->design.names) bytes += 256 + name.size();
    bytes += size_t{24} << 10;
  }
  return bytes;
}

/// Keeps readers of estimates apart: the HDF5 library must not be called from several threads at a
/// time. What writes, and other stores, are called by one thread of a process.
std::mutex& hdf5_library() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

void write_estimates(const std::string& path, const Mask& mask,
                     const std::vector<const StoredRun*>& runs, const std::string& software,
                     int n_threads) {
  Hdf5File file(path, Hdf5File::Mode::create, n_threads, largest_size(mask, runs));
  file.write_attribute("/", "format", std::string(kFormat));
  file.write_attribute("/", "format_version", kFormatVersion);
  file.write_attribute("/", "software", software);
  write_stored_mask(file, mask);
  file.make_group("/runs");
  for (size_t r = 0; r < runs.size(); ++r)
    write_run(file, "/runs/" + std::to_string(r + 1), *runs[r]);
  file.close();
}

std::vector<StoredRun> read_estimates(const std::string& path, Mask& mask, InputFile* input) {
  const std::lock_guard one_reader(hdf5_library());
  const Hdf5File file(path, Hdf5File::Mode::read);
  if (input) *input = input_file(path, file.file_checksum());
  if (file.read_string_attribute("/", "format") != kFormat ||
      file.read_number_attribute("/", "format_version") != kFormatVersion)
    fail(ErrorCode::bad_input, "{} is not an estimates file of version {}", path, kFormatVersion);
  mask = read_stored_mask(file, path);
  std::vector<StoredRun> runs;
  for (int r = 1; file.exists("/runs/" + std::to_string(r)); ++r) {
    const std::string group = "/runs/" + std::to_string(r);
    runs.push_back(read_run(file, group));
    check_sizes(runs.back(), mask, path + " " + group);
    check_values(runs.back(), path + " " + group);
  }
  if (runs.empty()) fail(ErrorCode::bad_input, "{} holds no run", path);
  return runs;
}

}  // namespace sociometer
