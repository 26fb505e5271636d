#include "cli/jobs/rsa/residual_noise.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/masked_series.hpp"
#include "engine/rsa/pattern_data.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/learning_settings.hpp"
#include "io/records/trial_records.hpp"

namespace sociometer::jobs {
namespace {

/// What the sidecar of an image says of the fit that the image is of.
struct Sidecar {
  std::string path;
  FitRecord fit;
  InputFile file;
};

FitRecord fit_in(const Json& json, const std::string& path) {
  if (auto map = own_record<MapRecord>(json, path); map && map->fit) return *std::move(map->fit);
  if (auto map = own_record<TrialMapRecord>(json, path); map && map->trials)
    return std::move(map->trials->fit);
  fail(ErrorCode::bad_input,
       "{} is not the record of an image of `fit` or `trials`; give the images with the sidecars "
       "that were written with them",
       path);
}

Sidecar sidecar_of(const std::string& image) {
  const std::string path = image.substr(0, image.rfind(".nii")) + ".json";
  if (!std::filesystem::exists(path))
    fail(ErrorCode::bad_input,
         "{} is missing: the record of {}, which states its scaling, smoothing and degrees of "
         "freedom",
         path, image);
  Read<Json> read = read_json_file(path);
  return {path, fit_in(read.value, path), std::move(read.file)};
}

template <class T>
void require_same(const Sidecar& residuals, const T& one, const Sidecar& trials, const T& other,
                  const char* name) {
  if (one != other)
    fail(ErrorCode::bad_input,
         "{}: {} is {}, and {} in {}; residuals are to be of a fit with the options of `trials`",
         residuals.path, name, record_to_json(one).dump(), record_to_json(other).dump(),
         trials.path);
}

/// The run that an image of residuals is of.
const FitRun& run_of(const Sidecar& sidecar, const std::string& image) {
  const auto& runs = sidecar.fit.runs;
  const std::string name = std::filesystem::path(image).filename().string();
  const size_t label = name.rfind("run-");
  const size_t at = runs.size() < 2 || label == std::string::npos
                        ? 0
                        : size_t(std::atoi(name.c_str() + label + 4)) - 1;
  if (at >= runs.size())
    fail(ErrorCode::bad_input, "{} has no record of the run of {} (Runs)", sidecar.path, image);
  return runs[at];
}

void require_scans_of(const FitRun& run, const Sidecar& residuals, const Sidecar& trials) {
  const auto same = [&](const FitRun& other) { return other.checksum == run.checksum; };
  if (run.checksum.empty() || std::none_of(trials.fit.runs.begin(), trials.fit.runs.end(), same))
    fail(ErrorCode::bad_input, "{} is of {}, which is none of the images in {}", residuals.path,
         run.bold, trials.path);
}

/// Degrees of freedom of a run's residuals, after all checks.
double checked_dof(const std::string& image, Eigen::Index n_volumes, const Sidecar& sidecar,
                   const Sidecar& trials) {
  const FitRecord &fit = sidecar.fit, &of_trials = trials.fit;
  require_same(sidecar, fit.choices.scaling, trials, of_trials.choices.scaling, "Scaling");
  require_same(sidecar, fit.smoothing_fwhm_mm, trials, of_trials.smoothing_fwhm_mm,
               "SmoothingFWHM");
  const FitRun& run = run_of(sidecar, image);
  require_scans_of(run, sidecar, trials);
  const auto [scans, censored] = run.scans;
  if (scans != n_volumes)
    fail(ErrorCode::bad_input, "{} has {} volumes, and {} scans by {}", image, n_volumes, scans,
         sidecar.path);
  if (censored > 0)
    fail(
        ErrorCode::bad_input,
        "{}: {} of {} scans were censored, and which is not recorded, so their residuals cannot be "
        "left out; leave --residuals away: noise is then that of the trials",
        sidecar.path, censored, scans);
  return run.dof;
}

}  // namespace

/// Volumes of an image at the voxels of a mask, (n_volumes, n_voxels).
Read<Eigen::MatrixXd> read_volumes(const std::string& path, const Mask& mask) {
  NiftiSource source(path);
  require_same_grid(source.grid(), path, mask.grid, "the trials or regions");
  MaskedSeries series(mask, source.format(), source.n_volumes());
  std::vector<std::byte> volume(source.volume_bytes());
  for (Eigen::Index v = 0; v < source.n_volumes(); ++v) {
    source.read(volume);
    series.append(volume);
  }
  Read<Eigen::MatrixXd> out{Eigen::MatrixXd(source.n_volumes(), mask.n_voxels()),
                            source.finish_file()};
  constexpr Eigen::Index kWidth = MaskedSeries::kTileWidth;
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> tile(out.value.rows(),
                                                                              kWidth);
  for (Eigen::Index t = 0; t < series.n_tiles(); ++t) {
    series.decode(t, 0, out.value.rows(), tile.data());
    out.value.middleCols(t * kWidth, series.tile_width(t)) = tile.leftCols(series.tile_width(t));
  }
  return out;
}

std::vector<std::string> residuals_of(const std::vector<std::string>& images,
                                      const TrialSource& source) {
  if (images.empty()) return {};
  std::vector<std::string> own;
  const std::string participant = participant_in(source.table.path);
  for (const auto& image : images)
    if (participant_in(image) == participant) own.push_back(image);
  std::set<int> runs;
  for (const auto& trial : source.trials) runs.insert(trial.run);
  if (own.size() != runs.size())
    fail(ErrorCode::bad_input,
         "{} of --residuals are of {}, whose trials are of {} runs ({}); give one per run",
         own.size(), source.participant, runs.size(), source.table.path);
  return own;
}

void check_residuals(const TrialSource& source) {
  if (source.residuals.empty()) return;
  const Sidecar trials = sidecar_of(source.image);
  for (const auto& path : source.residuals) {
    const NiftiHeader header = read_nifti_header(path);
    require_same_grid(header.grid, path, source.header.grid, source.image);
    checked_dof(path, header.n_volumes, sidecar_of(path), trials);
  }
}

PatternNoise read_residuals(const TrialSource& source, const Mask& mask,
                            std::vector<InputFile>& files) {
  const Sidecar trials = sidecar_of(source.image);
  files.push_back(trials.file);
  std::vector<Eigen::MatrixXd> runs;
  double dof = 0;
  for (const auto& path : source.residuals) {
    auto read = read_volumes(path, mask);
    const Sidecar sidecar = sidecar_of(path);
    dof += checked_dof(path, read.value.rows(), sidecar, trials);
    files.push_back(read.file);
    files.push_back(sidecar.file);
    runs.push_back(std::move(read.value));
  }
  return joined_noise(std::move(runs), mask.n_voxels(), dof);
}

}  // namespace sociometer::jobs
