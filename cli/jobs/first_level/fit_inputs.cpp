#include "cli/jobs/first_level/fit_inputs.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/first_level/run_times.hpp"
#include "engine/core/error.hpp"
#include "engine/core/volume_times.hpp"
#include "engine/design/diagnostics.hpp"
#include "engine/glm/noise_properties.hpp"
#include "engine/stats/finite_values.hpp"
#include "io/bids/bids_uri.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

constexpr Eigen::Index kMaskVolumes = 10;

std::string mask_rule(const FitRequest& a, const FirstLevelPlan& plan) {
  const bool smoothed = largest_magnitude(plan.smoothing_fwhm_mm) > 0;
  return fmt::format(
      "computed: mean of up to {} first kept volumes of each run{}, above {} of SPM's global "
      "value, largest part, holes filled",
      kMaskVolumes, smoothed ? " after smoothing" : "", a.mask_fraction);
}

std::vector<double> degrees_of_freedom(const FirstLevel& first) {
  std::vector<double> dof;
  for (const auto& run : first.runs) dof.push_back(run.design.dof - run.noise_model.lost_dof());
  return dof;
}

/// A stats model gives designs and contrasts; what else its node sets is followed by `run` alone.
Warnings settings_not_followed(const EngineSettings& of_model, const FirstLevelPlan& plan,
                               size_t n_runs) {
  Warnings lines;
  const auto compare = [&](const char* key, const std::string& wanted, const std::string& taken) {
    if (wanted != taken)
      lines.push_back(
          fmt::format("the stats model's {} is {}, and {} is used: only designs and "
                      "contrasts are taken from a model (`run` follows its settings)",
                      key, wanted, taken));
  };
  if (of_model.noise_model)
    compare("NoiseModel", to_string(*of_model.noise_model), to_string(plan.noise_model));
  if (of_model.scaling) compare("Scaling", to_string(*of_model.scaling), to_string(plan.scaling));
  if (of_model.fixed_effects && n_runs > 1)
    compare("FixedEffects", to_string(*of_model.fixed_effects), to_string(plan.fixed_effects));
  if (const auto& fwhm = of_model.smoothing_fwhm_mm; !fwhm.empty()) {
    std::vector<double> wanted = fwhm, taken;
    if (wanted.size() == 1) wanted.assign(3, fwhm[0]);
    for (int axis = 0; axis < 3; ++axis) taken.push_back(plan.smoothing_fwhm_mm[axis]);
    compare("SmoothingFwhm", fmt::format("{}", fmt::join(wanted, " ")),
            fmt::format("{}", fmt::join(taken, " ")));
  }
  return lines;
}

FitRun run_record(const FitRequest& a, const FitInputs& runs, size_t r, const InputFile& image,
                  const RunEstimates& estimates) {
  const PreparedRun& prepared = runs.first.runs[r];
  const NoiseModel& model = prepared.noise_model;
  FitRun record;
  record.bold = image.path;
  record.checksum = image.checksum;
  if (const double tr = runs.inputs[r].repetition_time_s(); tr > 0) record.tr_s = tr;
  record.scans = scan_counts(runs.designs, r);
  record.columns = long(prepared.matrix.n_columns());
  record.rank = long(prepared.design.rank());
  record.dof = double(estimates.dof);
  record.settings = settings_of_run(a.design, runs, r);
  record.tukey_lags = describe(model).tukey_lags;
  if (const auto& atoms = estimates.atoms; atoms.size() > 0)
    record.processes = NoiseProcesses{long(atoms.cols()), long(atoms.rows())};
  return record;
}

/// The space according to the first image's sidecar.
std::optional<Json> spatial_reference(const FitInputs& runs) {
  const auto& sidecar = runs.inputs[0].sidecar;
  if (!sidecar) return std::nullopt;
  const Json json = parse_json(sidecar->value, sidecar->file.path);
  if (!json.is_object() || !json.contains("SpatialReference") || json["SpatialReference"].is_null())
    return std::nullopt;
  return json["SpatialReference"];
}

/// Lags of noise models count scans. Where these are not equally far apart that is an
/// approximation.
void check_lags(const RunInput& run, const NoiseModel& model, Warnings& warnings) {
  if (is_white(model)) return;
  if (needs_equal_times(model))
    fail(ErrorCode::bad_input,
         "{}: the volumes are at unequal times (VolumeTiming), and {} assumes equally spaced "
         "volumes; use ols, or an AR model, which is approximate across gaps",
         run.name, to_string(model));
  warnings.push_back(fmt::format(
      "{}: volumes are at unequal times (VolumeTiming, {} of {} distances are gaps): regressors "
      "and "
      "drifts are at their times, but the lags of the noise model {} count volumes, which is "
      "approximate across gaps; ols assumes no correlation",
      run.name, n_gaps(run.volume_onset_s), run.volume_onset_s.size() - 1, to_string(model)));
}

}  // namespace

FitInputs prepare_runs(const std::vector<std::string>& bold, const DesignRequest& design,
                       const FirstLevelPlan& plan, Journal& journal) {
  FitInputs runs;
  std::vector<InputFile> sidecars;
  for (size_t r = 0; r < bold.size(); ++r) {
    NiftiHeader header = read_nifti_header(bold[r]);
    if (header.n_volumes < 2)
      fail(ErrorCode::bad_input, "{} has {} volume; a run needs several", bold[r],
           header.n_volumes);
    if (r > 0) require_same_grid(runs.headers[0].grid, bold[0], header.grid, bold[r]);
    RunInput input;
    input.name = bold.size() == 1
                     ? fs::path(bold[r]).filename().string()
                     : fmt::format("run {} ({})", r + 1, fs::path(bold[r]).filename().string());
    input.n_scans = header.n_volumes;
    set_run_times(design, r, header, input, sidecars, journal);
    runs.names.push_back(fs::path(bold[r]).filename().string());
    runs.inputs.push_back(std::move(input));
    runs.headers.push_back(std::move(header));
  }
  runs.designs = load_designs(design, runs.inputs, journal);
  runs.designs.inputs.insert(runs.designs.inputs.end(), sidecars.begin(), sidecars.end());
  for (const auto& w : runs.designs.warnings) runs.warnings.push_back(w);
  // Jobs that `run` planned (they know the columns of other runs) have the settings in their
  // requests, where other nodes and options may override them.
  if (design.stats_model.columns.empty())
    for (auto& w : settings_not_followed(runs.designs.model_settings, plan, bold.size()))
      runs.warnings.push_back(std::move(w));
  for (auto& w : short_lags(plan.noise_model, runs.inputs[0].repetition_time_s()))
    runs.warnings.push_back(std::move(w));
  runs.first.plan = plan;
  for (size_t r = 0; r < bold.size(); ++r) {
    const DesignMatrix& matrix = runs.designs.designs[r];
    const std::vector<uint8_t>& kept = runs.designs.kept[r];
    const RunInput& input = runs.inputs[r];
    if (!input.volume_onset_s.empty() && input.repetition_time_s() == 0)
      check_lags(input, plan.noise_model, runs.warnings);
    runs.first.runs.push_back(
        prepare_run({input.name, matrix, kept, runs.designs.run_starts[r], input.lag_s()}, plan));
    for (const auto& w : runs.first.runs.back().warnings) runs.warnings.push_back(w);
    for (const auto& w :
         collinearity_warnings(matrix, diagnose(kept_rows(matrix, kept)), input.name))
      runs.warnings.push_back(w);
  }
  return runs;
}

void warn_of_empty_volumes(const std::string& path, const std::vector<Eigen::Index>& empty,
                           const std::vector<uint8_t>& kept, Journal& journal) {
  std::vector<Eigen::Index> counted;
  for (const Eigen::Index v : empty)
    if (v < Eigen::Index(kept.size()) && kept[size_t(v)] != 0) counted.push_back(v);
  if (counted.empty()) return;
  journal.warn(fmt::format(
      "{}: {} volume(s) hold zeros only, the first is number {} and the last {} (counted from 0), "
      "and are fitted like others; copy the file again, or leave them out with --censor",
      path, counted.size(), counted.front(), counted.back()));
}

std::vector<ContrastSpec> add_contrasts(std::vector<ContrastSpec> specs, FitInputs& runs,
                                        std::string_view instead, Journal& journal) {
  FirstLevel& first = runs.first;
  for (const auto& of_model : runs.designs.contrasts) {
    if (std::ranges::find(specs, of_model.name, &ContrastSpec::name) != specs.end())
      fail(ErrorCode::usage,
           "two contrasts are named '{}', one of them in the stats model; rename one",
           of_model.name);
    specs.push_back(of_model);
  }
  first.contrasts = resolve_contrasts(specs, first.runs);
  for (const auto& w : first.contrasts.warnings) journal.warn(w);
  if (!specs.empty())
    for (const auto& w : uncertain_weights(first.plan.noise_model, first.plan.fixed_effects,
                                           degrees_of_freedom(first), instead))
      journal.warn(w);
  return specs;
}

RunSettings settings_of_run(const DesignRequest& design, const FitInputs& runs, size_t run) {
  RunSettings settings = run_settings(design, runs.designs, run);
  if (auto& timing = settings.inputs.volume_timing; timing &&
                                                    !(runs.inputs[run].repetition_time_s() > 0) &&
                                                    !is_white(runs.first.runs[run].noise_model))
    timing->serial_correlation =
        "lags count volumes, whatever their distance: approximate across gaps";
  return settings;
}

Mask make_mask(const FitRequest& a, FitInputs& runs, const FirstLevelPlan& plan,
               std::future<ReadMasks>& given, Journal& journal) {
  if (!runs.masks.files.empty()) {
    auto [mask, files] = given.get();
    runs.mask_files = std::move(files);
    require_same_grid(runs.headers[0].grid, a.bold[0], mask.grid, runs.masks.files[0]);
    if (runs.masks.found)
      journal.info(fmt::format(
          "mask: {} voxels, {} beside the images ({}); use --mask computed to compute one instead",
          mask.n_voxels(), runs.masks.files.size() == 1 ? "found" : "common to those",
          fmt::join(runs.masks.files, ", ")));
    mask.grid = runs.headers[0].grid;
    return mask;
  }
  std::vector<std::vector<double>> means;
  for (size_t r = 0; r < runs.headers.size(); ++r) {
    NiftiSource source(runs.headers[r]);
    means.push_back(
        mean_of_first_volumes(source, runs.designs.kept[r], kMaskVolumes, plan.stream()));
  }
  Mask mask = compute_brain_mask(runs.headers[0].grid, means, a.mask_fraction);
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input, "no brain was found in {}: give --mask or a lower --mask-fraction",
         a.bold[0]);
  journal.info(fmt::format("mask: {} voxels, {}", mask.n_voxels(), mask_rule(a, plan)));
  return mask;
}

std::string run_prefix(size_t n_runs, size_t run) {
  return n_runs == 1 ? "" : fmt::format("run-{}_", run + 1);
}

std::pair<std::vector<std::string>, DatasetLinks> sources_of(const FitRequest& a) {
  BidsUris uris;
  std::vector<std::string> sources;
  for (const auto* files :
       {&a.bold, &a.design.events, &a.design.designs, &a.design.confounds.files})
    for (const auto& uri : uris.of(*files)) sources.push_back(uri);
  return {sources, uris.links()};
}

FitRecord fit_record(const FitRequest& a, const FirstLevelPlan& plan, const FitInputs& runs,
                     const std::vector<InputFile>& images,
                     const std::vector<RunEstimates>& estimates, const Mask& mask,
                     const std::vector<Eigen::Index>& status_counts) {
  FitRecord record;
  record.noise = noise_record(plan.noise_model);
  record.choices = {to_string(plan.scaling), to_string(plan.fixed_effects)};
  for (size_t k = 0; k < 3; ++k)
    record.smoothing_fwhm_mm[k] = plan.smoothing_fwhm_mm[Eigen::Index(k)];
  record.design = design_settings(a.design, runs.designs);
  for (size_t r = 0; r < images.size(); ++r)
    record.runs.push_back(run_record(a, runs, r, images[r], estimates[r]));
  record.sources = sources_of(a).first;
  record.spatial_reference = spatial_reference(runs);
  record.inputs = runs.designs.inputs;
  record.mask = runs.masks.files.empty()
                    ? MaskRecord{mask_rule(a, plan), {}, {}, {}, long(mask.n_voxels())}
                    : mask_record(runs.masks, runs.mask_files, mask);
  for (size_t s = 0; s < status_counts.size(); ++s)
    record.voxel_status.emplace_back(kVoxelStatusNames[s], status_counts[s]);
  return record;
}

}  // namespace sociometer::jobs
