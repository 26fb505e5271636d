#include "cli/jobs/rsa/residual_noise.hpp"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/masked_series.hpp"
#include "engine/rsa/pattern_data.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/sidecar_fields.hpp"
#include "io/tables/json_object.hpp"

namespace sociometer::jobs {
namespace {

/// What the sidecar of an image says of the fit that the image is of.
struct Sidecar {
  std::string path;
  SidecarFields fields;
  InputFile file;
};

Sidecar sidecar_of(const std::string& image) {
  const std::string path = image.substr(0, image.rfind(".nii")) + ".json";
  if (!std::filesystem::exists(path))
    fail(ErrorCode::bad_input,
         "{} is missing: the record of {}, which states its scaling, smoothing and degrees of "
         "freedom",
         path, image);
  FileContent content = read_text_file(path);
  return {path, fields_in<SidecarFields>(Json(json_object_of(content))), std::move(content.file)};
}

template <class T>
void require_same(const Sidecar& residuals, const std::optional<T>& one, const Sidecar& trials,
                  const std::optional<T>& other, const char* name) {
  const auto text = [](const std::optional<T>& value) {
    return value ? record_to_json(*value).dump() : "not there";
  };
  if (one != other)
    fail(ErrorCode::bad_input,
         "{}: {} is {}, and {} in {}; residuals are to be of a fit with the options of `trials`",
         residuals.path, name, text(one), text(other), trials.path);
}

/// The run that an image of residuals is of.
SidecarRun run_of(const Sidecar& sidecar, const std::string& image) {
  const auto runs = sidecar.fields.runs.value_or(std::vector<SidecarRun>());
  const std::string name = std::filesystem::path(image).filename().string();
  const size_t label = name.rfind("run-");
  const size_t at = runs.size() < 2 || label == std::string::npos
                        ? 0
                        : size_t(std::atoi(name.c_str() + label + 4)) - 1;
  if (at >= runs.size())
    fail(ErrorCode::bad_input, "{} has no record of the run of {} (Runs)", sidecar.path, image);
  return runs[at];
}

double number_in(const std::optional<double>& number, const char* name, const Sidecar& sidecar) {
  if (!number || std::isnan(*number))
    fail(ErrorCode::bad_input, "{}: Runs has no number {}", sidecar.path, name);
  return *number;
}

void require_scans_of(const SidecarRun& run, const Sidecar& residuals, const Sidecar& trials) {
  for (const SidecarRun& other : trials.fields.runs.value_or(std::vector<SidecarRun>()))
    if (run.checksum && !run.checksum->empty() && other.checksum == run.checksum) return;
  fail(ErrorCode::bad_input, "{} is of {}, which is none of the images in {}", residuals.path,
       run.bold.value_or("an unknown image"), trials.path);
}

/// Degrees of freedom of a run's residuals, after all checks.
double checked_dof(const std::string& image, Eigen::Index n_volumes, const Sidecar& sidecar,
                   const Sidecar& trials) {
  const SidecarFields &fields = sidecar.fields, &of_trials = trials.fields;
  require_same(sidecar, fields.scaling, trials, of_trials.scaling, "Scaling");
  require_same(sidecar, fields.smoothing_fwhm_mm, trials, of_trials.smoothing_fwhm_mm,
               "SmoothingFWHM");
  const SidecarRun run = run_of(sidecar, image);
  require_scans_of(run, sidecar, trials);
  const double scans = number_in(run.scans, "Scans", sidecar),
               censored = number_in(run.censored, "CensoredScans", sidecar),
               dof = number_in(run.dof, "DegreesOfFreedom", sidecar);
  if (scans != double(n_volumes))
    fail(ErrorCode::bad_input, "{} has {} volumes, and {} scans by {}", image, n_volumes, scans,
         sidecar.path);
  if (censored > 0)
    fail(
        ErrorCode::bad_input,
        "{}: {} of {} scans were censored, and which is not recorded, so their residuals cannot be "
        "left out; leave --residuals away: noise is then that of the trials",
        sidecar.path, censored, scans);
  if (!(dof > 0))
    fail(ErrorCode::bad_input, "{}: DegreesOfFreedom of {} is {}; it must be above 0", sidecar.path,
         image, dof);
  return dof;
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
