#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/design_inputs.hpp"
#include "cli/log.hpp"
#include "cli/map_writer.hpp"
#include "cli/software.hpp"
#include "engine/core/error.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/tapered_noise.hpp"
#include "io/byte_stream.hpp"
#include "io/estimates_file.hpp"
#include "io/nifti.hpp"

namespace sociometer::cli {
namespace {

namespace fs = std::filesystem;

struct ArmaArguments {
  int grid = 5;
  std::string search = "continuous";
  std::optional<double> max_a, max_b;
  double cutoff = 1e-4;
  std::vector<double> fixed;
  bool negative = false, white_noise_plus = false;
};

struct FitArguments {
  DesignArguments design;
  std::vector<std::string> bold, save;
  std::string mask, output, prefix, noise_model = "ar1", scaling = "none",
                                    fixed_effects = "precision", map_type = "float32";
  std::vector<double> smoothing_fwhm_mm;
  ArmaArguments arma;
  std::vector<long> run_starts;
  double mask_fraction = 0.5, noise_smoothing_fwhm_mm = 0;
  long tukey_lags = 0;
  bool no_estimates = false;
};

struct FitOptions {
  NoiseModel noise_model;
  Scaling scaling = Scaling::none;
  FixedEffects fixed_effects = FixedEffects::precision;
  ScalarType map_type = ScalarType::float32;
  bool ljung_box = false;
  StreamOptions stream;
};

const std::vector<std::string> kSavable{"residual-variance", "r-squared", "ar",    "noise",
                                        "ljung-box",         "mean",      "betas", "status"};

/// The continuous search looks further: strong autocorrelation is what it is for.
constexpr double kMaxParameterAfni = 0.8, kMaxParameterContinuous = 0.95;

ArmaOptions arma_options(const ArmaArguments& a) {
  ArmaOptions o;
  o.search = parse_arma_search(a.search);
  o.grid_level = a.grid;
  const double largest =
      o.search == ArmaOptions::Search::afni ? kMaxParameterAfni : kMaxParameterContinuous;
  o.max_a = a.max_a.value_or(largest);
  o.max_b = a.max_b.value_or(largest);
  o.negative = a.negative;
  o.white_noise_plus = a.white_noise_plus;
  o.cutoff = a.cutoff;
  if (o.grid_level < 3 || o.grid_level > 7)
    fail(ErrorCode::usage, "--arma-grid is {}; it must be 3 to 7", o.grid_level);
  for (double limit : {o.max_a, o.max_b})
    if (!(limit >= 0.1 && limit < 1))
      fail(ErrorCode::usage, "the largest ARMA parameter is {}; it must be 0.1 or more and below 1",
           limit);
  if (!(o.cutoff > 0 && o.cutoff <= 0.01))
    fail(ErrorCode::usage, "--arma-cutoff is {}; it must be above 0 and at most 0.01", o.cutoff);
  if (o.negative && o.white_noise_plus)
    fail(ErrorCode::usage,
         "--arma-negative and --arma-white-noise-plus exclude each other: AR(1) plus white noise "
         "has no negative correlations");
  if (!a.fixed.empty()) {
    if (a.fixed.size() != 2 || !(std::abs(a.fixed[0]) < 1) || !(std::abs(a.fixed[1]) < 1))
      fail(ErrorCode::usage, "--arma-fixed takes a and b, both between -1 and 1");
    o.fixed = ArmaParameters{a.fixed[0], a.fixed[1]};
  }
  return o;
}

FitOptions parse_options(const FitArguments& a, const GlobalOptions& global) {
  FitOptions o;
  o.noise_model = parse_noise_model(a.noise_model);
  o.noise_model.arma = arma_options(a.arma);
  o.noise_model.run_starts.assign(a.run_starts.begin(), a.run_starts.end());
  if (!a.run_starts.empty() && o.noise_model.streams())
    fail(ErrorCode::usage,
         "--run-starts is for --noise-model arma11; give each run as an image of "
         "its own instead");
  o.noise_model.smoothing_fwhm_mm = a.noise_smoothing_fwhm_mm;
  if (!(a.noise_smoothing_fwhm_mm >= 0))
    fail(ErrorCode::usage, "--noise-smoothing is {} mm; it must be 0 or more",
         a.noise_smoothing_fwhm_mm);
  if (a.noise_smoothing_fwhm_mm > 0 && !o.noise_model.can_smooth())
    fail(ErrorCode::usage,
         "--noise-smoothing is for models whose voxels have parameters of their own (ar.., auto, "
         "arma11, tukey), not for {}",
         a.noise_model);
  o.noise_model.tukey_lags = a.tukey_lags;
  if (a.tukey_lags != 0 && (a.tukey_lags < 2 || o.noise_model.kind != NoiseModel::Kind::tukey))
    fail(ErrorCode::usage, "--tukey-lags is {}; it must be 2 or more, with --noise-model tukey",
         a.tukey_lags);
  o.ljung_box = std::find(a.save.begin(), a.save.end(), "ljung-box") != a.save.end();
  o.scaling = parse_scaling(a.scaling);
  o.fixed_effects = parse_fixed_effects(a.fixed_effects);
  o.map_type = parse_map_type(a.map_type);
  o.stream.n_threads = global.threads();
  if (a.smoothing_fwhm_mm.size() == 1)
    o.stream.smoothing_fwhm_mm.setConstant(a.smoothing_fwhm_mm[0]);
  else if (a.smoothing_fwhm_mm.size() == 3)
    o.stream.smoothing_fwhm_mm = Eigen::Vector3d(a.smoothing_fwhm_mm.data());
  else if (!a.smoothing_fwhm_mm.empty())
    fail(ErrorCode::usage, "--smoothing-fwhm has {} numbers; give one, or three for the voxel axes",
         a.smoothing_fwhm_mm.size());
  for (double fwhm : a.smoothing_fwhm_mm)
    if (!(fwhm >= 0))
      fail(ErrorCode::usage, "--smoothing-fwhm is {} mm; it must be 0 or more", fwhm);
  for (const auto& what : a.save)
    if (std::find(kSavable.begin(), kSavable.end(), what) == kSavable.end())
      fail(ErrorCode::usage,
           "--save does not know '{}'; known: residual-variance, r-squared, noise, ljung-box, "
           "mean, betas, "
           "status",
           what);
  if (!(a.mask_fraction > 0) || a.mask_fraction >= 1)
    fail(ErrorCode::usage, "--mask-fraction is {}; it must lie between 0 and 1", a.mask_fraction);
  return o;
}

/// "x.json" beside "x.nii.gz", "x.nii", "x.img" or "x.hdr".
std::string sidecar_of(const std::string& image) {
  for (const char* ending : {".nii.gz", ".nii", ".img.gz", ".hdr.gz", ".img", ".hdr"}) {
    const std::string e = ending;
    if (image.size() > e.size() && image.compare(image.size() - e.size(), e.size(), e) == 0)
      return image.substr(0, image.size() - e.size()) + ".json";
  }
  return image + ".json";
}

/// TR and sampling time: --tr before the sidecar before the header.
void set_times(const FitArguments& a, const NiftiHeader& header, RunInput& run,
               std::vector<InputFile>& read) {
  std::optional<double> sidecar_tr;
  const std::string sidecar = sidecar_of(header.path);
  if (fs::exists(sidecar)) {
    sidecar_tr = number_in_json(sidecar, "RepetitionTime");
    run.start_time_s = number_in_json(sidecar, "StartTime");
    read.push_back(input_file(sidecar, crc32_of_file(sidecar)));
  }
  if (a.design.tr_s)
    run.tr_s = *a.design.tr_s;
  else if (sidecar_tr)
    run.tr_s = *sidecar_tr;
  else if (header.tr_s)
    run.tr_s = *header.tr_s;
  if (!a.design.designs.empty()) return;  // needs no TR
  if (run.tr_s == 0)
    fail(ErrorCode::bad_input, "{} tells no TR and has no JSON sidecar that does; give --tr",
         header.path);
  if (!a.design.tr_s && sidecar_tr && header.tr_s &&
      std::abs(*sidecar_tr / *header.tr_s - 1) > 1e-3)
    warn(fmt::format("{}: TR is {} s in the sidecar and {} s in the header; the sidecar's is used",
                     header.path, *sidecar_tr, *header.tr_s));
  if (!a.design.tr_s && !sidecar_tr && !header.tr_unit_known)
    warn(fmt::format("{}: the header gives TR {} without a unit, taken as seconds{}", header.path,
                     run.tr_s, run.tr_s > 100 ? "; if it is in ms, give --tr" : ""));
}

/// Everything about the runs that is known before a voxel is read.
struct Runs {
  std::vector<NiftiHeader> headers;
  std::vector<RunInput> inputs;
  std::vector<std::string> names;
  RunDesigns designs;
  std::vector<std::unique_ptr<RunDesign>> prepared;
  Warnings warnings;
};

void check_run_starts(const std::vector<Eigen::Index>& starts, Eigen::Index n_scans) {
  for (size_t i = 0; i < starts.size(); ++i)
    if (i == 0 ? starts[i] != 0 : starts[i] <= starts[i - 1] || starts[i] >= n_scans)
      fail(ErrorCode::usage,
           "--run-starts must begin with 0 and ascend below the {} scans; its number {} is {}",
           n_scans, i + 1, starts[i]);
}

Runs prepare_runs(const FitArguments& a, const FitOptions& options) {
  Runs runs;
  std::vector<InputFile> sidecars;
  for (size_t r = 0; r < a.bold.size(); ++r) {
    NiftiHeader header = read_nifti_header(a.bold[r]);
    if (header.n_volumes < 2)
      fail(ErrorCode::bad_input, "{} has {} volume; a run needs several", a.bold[r],
           header.n_volumes);
    if (r > 0) require_same_grid(runs.headers[0].grid, a.bold[0], header.grid, a.bold[r]);
    RunInput input;
    input.name = a.bold.size() == 1
                     ? fs::path(a.bold[r]).filename().string()
                     : fmt::format("run {} ({})", r + 1, fs::path(a.bold[r]).filename().string());
    input.n_scans = header.n_volumes;
    set_times(a, header, input, sidecars);
    runs.names.push_back(fs::path(a.bold[r]).filename().string());
    runs.inputs.push_back(std::move(input));
    runs.headers.push_back(std::move(header));
  }
  runs.designs = load_designs(a.design, runs.inputs);
  runs.designs.inputs.insert(runs.designs.inputs.end(), sidecars.begin(), sidecars.end());
  for (const auto& w : runs.designs.warnings) runs.warnings.push_back(w);
  for (size_t r = 0; r < a.bold.size(); ++r)
    with_context(runs.inputs[r].name, [&] {
      check_run_starts(options.noise_model.run_starts, runs.inputs[r].n_scans);
      const DesignMatrix& design = runs.designs.designs[r];
      runs.prepared.push_back(std::make_unique<RunDesign>(design.values, runs.designs.kept[r],
                                                          options.noise_model.order));
      runs.prepared[r]->set_roles(design.roles);
      if (runs.prepared[r]->rank() < design.n_columns())
        runs.warnings.push_back(fmt::format(
            "{}: the design has {} columns and rank {}; contrasts that need more are refused",
            runs.inputs[r].name, design.n_columns(), runs.prepared[r]->rank()));
      for (const auto& w : collinearity_warnings(
               design, diagnose(kept_rows(design, runs.designs.kept[r])), runs.inputs[r].name))
        runs.warnings.push_back(w);
      return 0;
    });
  return runs;
}

constexpr Eigen::Index kMaskVolumes = 10;

std::string mask_rule(const FitArguments& a, const FitOptions& options) {
  const bool smoothed = options.stream.smoothing_fwhm_mm.cwiseAbs().maxCoeff() > 0;
  return fmt::format(
      "computed: mean of up to {} first kept volumes of each run{}, above {} of SPM's global "
      "value, largest part, holes filled",
      kMaskVolumes, smoothed ? " after smoothing" : "", a.mask_fraction);
}

Mask make_mask(const FitArguments& a, const Runs& runs, const FitOptions& options) {
  if (!a.mask.empty()) {
    Mask mask = read_mask(a.mask);
    require_same_grid(runs.headers[0].grid, a.bold[0], mask.grid, a.mask);
    mask.grid = runs.headers[0].grid;
    return mask;
  }
  std::vector<std::vector<double>> means;
  for (size_t r = 0; r < runs.headers.size(); ++r) {
    NiftiSource source(runs.headers[r]);
    means.push_back(
        mean_of_first_volumes(source, runs.designs.kept[r], kMaskVolumes, options.stream));
  }
  Mask mask = compute_brain_mask(runs.headers[0].grid, means, a.mask_fraction);
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input, "no brain was found in {}: give --mask or a lower --mask-fraction",
         a.bold[0]);
  info(fmt::format("mask: {} voxels, {}", mask.n_voxels(), mask_rule(a, options)));
  return mask;
}

struct Contrasts {
  std::vector<ResolvedContrast> usable;
  std::vector<std::string> refused;
};

Contrasts resolve_all(const std::vector<ContrastSpec>& specs, const Runs& runs) {
  std::vector<std::vector<std::string>> columns;
  std::vector<EstimableSpace> spaces;
  for (size_t r = 0; r < runs.prepared.size(); ++r) {
    columns.push_back(runs.designs.designs[r].names);
    spaces.push_back(runs.prepared[r]->space);
  }
  Contrasts out;
  for (const auto& spec : specs) {
    ResolvedContrast contrast = resolve_contrast(spec, columns, spaces);
    if (!contrast.usable()) {
      out.refused.push_back(
          fmt::format("contrast {} is refused: {}", spec.name, contrast.why_not[0]));
      continue;
    }
    for (size_t r = 0; r < runs.prepared.size(); ++r)
      if (!contrast.usable_in(r))
        warn(fmt::format("contrast {} leaves out {}: {}", spec.name, runs.inputs[r].name,
                         contrast.why_not[r]));
    out.usable.push_back(std::move(contrast));
  }
  if (out.usable.empty() && !specs.empty()) fail(ErrorCode::bad_input, "{}", out.refused.front());
  return out;
}

struct RunResult {
  StoredRun stored;
  std::vector<ContrastValues> values;  ///< one per contrast; empty where the run is not used
  InputFile image;
};

/// The noise model with what depends on the run.
NoiseModel noise_model_of(const Runs& runs, size_t r, const FitOptions& options) {
  NoiseModel model = options.noise_model;
  const Eigen::Index n_scans = runs.prepared[r]->n_scans();
  model.tr_s = runs.inputs[r].tr_s;
  if (model.kind == NoiseModel::Kind::tukey && model.tukey_lags == 0)
    model.tukey_lags = default_tukey_lags(n_scans);
  if (model.kind == NoiseModel::Kind::tukey && model.tukey_lags >= n_scans)
    fail(ErrorCode::usage, "{}: --tukey-lags is {}, the run has {} scans", runs.inputs[r].name,
         model.tukey_lags, n_scans);
  return model;
}

RunResult fit_one_run(const Runs& runs, size_t r, const Mask& mask, const Contrasts& contrasts,
                      const FitOptions& options) {
  Progress progress(fmt::format("fitting {}", runs.inputs[r].name));
  StreamOptions stream = options.stream;
  stream.progress = [&](Eigen::Index done, Eigen::Index total) { progress.update(done, total); };
  RunResult result;
  NiftiSource source(runs.headers[r]);
  const RunDesign& design = *runs.prepared[r];
  std::vector<Eigen::MatrixXd> rows;
  for (const auto& contrast : contrasts.usable)
    if (contrast.usable_in(r)) rows.push_back(contrast.rows[r]);
  std::vector<ContrastValues> values;
  const NoiseModel model = noise_model_of(runs, r, options);
  std::optional<MaskSmoother> smoother;
  if (model.smoothing_fwhm_mm > 0) smoother.emplace(mask, model.smoothing_fwhm_mm);
  result.stored = {
      runs.designs.designs[r], runs.designs.kept[r], model, options.scaling, {}, runs.names[r]};
  RunEstimates& estimates = result.stored.estimates;
  if (model.streams()) {
    const LagSums sums = sum_run(source, design, mask, kernels::best_kernels(), stream);
    estimates = fit_run(design, sums, model, options.scaling, rows, stream.n_threads, values,
                        smoother ? &*smoother : nullptr);
  } else {
    const MaskedSeries series = read_series(source, design.n_scans(), mask, stream);
    Progress voxels(fmt::format("noise of {}", runs.inputs[r].name));
    estimates = fit_run(
        design, series, model, options.scaling, rows, options.ljung_box, kernels::best_kernels(),
        stream.n_threads, values, [&](Eigen::Index done) { voxels.update(done, mask.n_voxels()); },
        smoother ? &*smoother : nullptr);
  }
  result.image = input_file(runs.headers[r].data_path, source.finish());
  auto next = values.begin();
  for (const auto& contrast : contrasts.usable)
    result.values.push_back(contrast.usable_in(r) ? std::move(*next++) : ContrastValues{});
  return result;
}

/// A voxel's status over runs: the first that is not ok.
std::vector<VoxelStatus> joint_status(const std::vector<RunResult>& results) {
  std::vector<VoxelStatus> status = results[0].stored.estimates.status;
  for (const auto& result : results)
    for (size_t v = 0; v < status.size(); ++v)
      if (status[v] == VoxelStatus::ok) status[v] = result.stored.estimates.status[v];
  return status;
}

Json run_json(const FitArguments& a, const Runs& runs, const std::vector<RunResult>& results) {
  Json all = Json::array();
  for (size_t r = 0; r < results.size(); ++r) {
    const RunDesign& prepared = *runs.prepared[r];
    Json run;
    run["Bold"] = results[r].image.path;
    run["CRC32"] = results[r].image.crc32;
    if (runs.inputs[r].tr_s > 0) run["RepetitionTime"] = runs.inputs[r].tr_s;
    add_run_json(run, a.design, runs.designs, r);
    run["Columns"] = runs.designs.designs[r].n_columns();
    run["Rank"] = prepared.rank();
    run["DegreesOfFreedom"] = prepared.dof;
    const NoiseModel& model = results[r].stored.noise_model;
    if (model.kind == NoiseModel::Kind::tukey) run["TukeyLags"] = model.tukey_lags;
    all.push_back(run);
  }
  return all;
}

Json common_json(const FitArguments& a, const FitOptions& o, const Runs& runs,
                 const std::vector<RunResult>& results, const Mask& mask,
                 const std::vector<Eigen::Index>& status_counts) {
  Json json;
  json["NoiseModel"] = to_string(o.noise_model);
  if (o.noise_model.kind == NoiseModel::Kind::ar)
    json["BiasCorrection"] = o.noise_model.corrects_bias;
  if (o.noise_model.kind == NoiseModel::Kind::arma11) {
    const ArmaOptions& arma = o.noise_model.arma;
    json["ARMA"] = {{"Search", to_string(arma.search)},
                    {"Grid", arma.grid_level},
                    {"MaxA", arma.max_a},
                    {"MaxB", arma.max_b},
                    {"NegativeCorrelations", arma.negative},
                    {"WhiteNoisePlus", arma.white_noise_plus}};
    if (arma.search == ArmaOptions::Search::afni) json["ARMA"]["CorrelationCutoff"] = arma.cutoff;
    if (arma.fixed) json["ARMA"]["Fixed"] = {arma.fixed->a, arma.fixed->b};
    if (!a.run_starts.empty()) json["ARMA"]["RunStarts"] = a.run_starts;
  }
  if (o.noise_model.can_smooth()) json["NoiseSmoothingFWHM"] = o.noise_model.smoothing_fwhm_mm;
  json["Scaling"] = to_string(o.scaling);
  json["FixedEffects"] = to_string(o.fixed_effects);
  json["SmoothingFWHM"] =
      std::vector<double>{o.stream.smoothing_fwhm_mm.data(), o.stream.smoothing_fwhm_mm.data() + 3};
  json["Design"] = design_json(a.design, runs.designs);
  json["Runs"] = run_json(a, runs, results);
  json["Inputs"] = Json::array();
  for (const auto& input : runs.designs.inputs)
    json["Inputs"].push_back({{"Path", input.path}, {"CRC32", input.crc32}});
  if (a.mask.empty()) {
    json["Mask"] = {{"Source", mask_rule(a, o)}, {"Voxels", mask.n_voxels()}};
  } else {
    const InputFile file = input_file(a.mask, crc32_of_file(a.mask));
    json["Mask"] = {{"Source", file.path}, {"CRC32", file.crc32}, {"Voxels", mask.n_voxels()}};
  }
  for (size_t s = 0; s < status_counts.size(); ++s)
    json["VoxelStatusCounts"][kVoxelStatusNames[s]] = status_counts[s];
  json["Software"] = software_json();
  json["CommandLine"] = command_line();
  return json;
}

Eigen::VectorXd as_numbers(const std::vector<VoxelStatus>& status) {
  Eigen::VectorXd out(Eigen::Index(status.size()));
  for (size_t i = 0; i < status.size(); ++i) out[Eigen::Index(i)] = double(status[i]);
  return out;
}

void save_extra_maps(const FitArguments& a, const std::vector<RunResult>& results,
                     const Json& common, MapWriter& writer) {
  const auto wanted = [&](const char* what) {
    return std::find(a.save.begin(), a.save.end(), what) != a.save.end();
  };
  for (size_t r = 0; r < results.size(); ++r) {
    const std::string run = results.size() == 1 ? "" : fmt::format("run-{}_", r + 1);
    const RunEstimates& e = results[r].stored.estimates;
    const auto add = [&](const std::string& stat, const std::string& what,
                         const Eigen::MatrixXd& values) {
      Json json{{"Description", what}};
      for (const auto& [key, value] : common.items()) json[key] = value;
      writer.add(run + "stat-" + stat + "_statmap", values, writer.type(), json);
    };
    if (wanted("residual-variance"))
      add("residualvariance", "residual (innovation) variance", e.residual_variance);
    if (wanted("r-squared"))
      add("rsquared", "share of the prewhitened variance about the mean that the design explains",
          e.r_squared);
    if (wanted("mean")) add("mean", "mean over kept scans, units of the file", e.mean);
    if ((wanted("ar") || wanted("noise")) && e.noise.rows() > 0)
      add(wanted("ar") ? "ar" : "noise",
          "parameters of the noise model, one volume each: " +
              fmt::format("{}", fmt::join(results[r].stored.noise_model.parameter_names(), ", ")),
          e.noise.transpose());
    if (e.ljung_box.size() > 0)
      add("ljungbox", "Ljung-Box statistic of the whitened residuals", e.ljung_box);
    if (wanted("betas"))
      add("betas", "coefficients, one volume per column of the design", e.betas.transpose());
  }
}

void write_outputs(const FitArguments& a, const FitOptions& o, const Runs& runs, const Mask& mask,
                   const Contrasts& contrasts, const std::vector<RunResult>& results,
                   const std::vector<VoxelStatus>& status, const Json& common, OutputSet& outputs) {
  MapWriter writer(outputs, a.prefix, mask, o.map_type);
  std::vector<double> dof;
  for (const auto& result : results) dof.push_back(result.stored.estimates.dof);
  for (size_t c = 0; c < contrasts.usable.size(); ++c) {
    std::vector<const ContrastValues*> values;
    for (const auto& result : results) values.push_back(&result.values[c]);
    writer.add_contrast(
        contrasts.usable[c],
        combine_runs(contrasts.usable[c], values, dof, o.fixed_effects, o.stream.n_threads),
        runs.names, common);
  }
  Json mask_json{{"Description", "voxels analysed"}};
  mask_json["Mask"] = common["Mask"];
  writer.add("mask", Eigen::MatrixXd::Ones(mask.n_voxels(), 1), ScalarType::uint8, mask_json);
  const bool any_failed =
      std::any_of(status.begin(), status.end(), [](VoxelStatus s) { return s != VoxelStatus::ok; });
  if (any_failed || std::find(a.save.begin(), a.save.end(), "status") != a.save.end()) {
    Json json{{"Description", "why a voxel has no statistics"}};
    for (size_t s = 0; s < kVoxelStatusNames.size(); ++s)
      json["Levels"][std::to_string(s)] = kVoxelStatusNames[s];
    writer.add("stat-status_statmap", as_numbers(status), ScalarType::uint8, json);
  }
  save_extra_maps(a, results, common, writer);
  std::future<void> estimates;  // written while the maps are compressed
  if (!a.no_estimates) {
    const auto path = outputs.stage(writer.prefixed("estimates.h5"));
    estimates = std::async(std::launch::async, [&results, &mask, &o, path] {
      std::vector<const StoredRun*> stored;
      for (const auto& result : results) stored.push_back(&result.stored);
      write_estimates(path.string(), mask, stored, "Sociometer " + version(), o.stream.n_threads);
    });
  }
  writer.flush(o.stream.n_threads);
  for (size_t r = 0; r < results.size(); ++r)
    outputs.write(writer.prefixed(results.size() == 1 ? "design.tsv"
                                                      : fmt::format("run-{}_design.tsv", r + 1)),
                  design_to_tsv(runs.designs.designs[r]));
  if (estimates.valid()) {
    estimates.get();
    outputs.write(writer.prefixed("estimates.json"), to_text(common));
  }
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
}

int report_failures(const std::vector<Eigen::Index>& counts,
                    const std::vector<std::string>& refused) {
  std::string text;
  for (size_t s = 1; s < counts.size(); ++s)
    if (counts[s] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[s], kVoxelStatusNames[s]);
  if (!text.empty()) warn("voxels without statistics (NaN in the maps): " + text);
  for (const auto& line : refused) warn(line);
  return text.empty() && refused.empty() ? kDone : kDoneWithFailures;
}

int run_fit(const FitArguments& a, const GlobalOptions& global) {
  set_log_level(parse_log_level(global.log_level));
  const FitOptions options = parse_options(a, global);
  const auto specs = contrast_specs(a.design.contrasts, a.design.f_contrasts);
  const Runs runs = prepare_runs(a, options);
  for (const auto& w : runs.warnings) warn(w);
  const Contrasts contrasts = resolve_all(specs, runs);
  if (specs.empty()) info("no contrast was asked for: estimates only");
  OutputSet outputs(a.output);
  outputs.check_name(a.prefix + "_mask.nii.gz");
  const Mask mask = make_mask(a, runs, options);

  std::vector<RunResult> results;
  for (size_t r = 0; r < a.bold.size(); ++r)
    results.push_back(fit_one_run(runs, r, mask, contrasts, options));

  const auto status = joint_status(results);
  std::vector<Eigen::Index> counts(kVoxelStatusNames.size(), 0);
  for (VoxelStatus s : status) ++counts[size_t(s)];
  const Json common = common_json(a, options, runs, results, mask, counts);
  write_outputs(a, options, runs, mask, contrasts, results, status, common, outputs);
  outputs.commit();
  return report_failures(counts, contrasts.refused);
}

}  // namespace

void add_fit_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand("fit", "First level: BOLD runs of one participant to contrast maps");
  auto a = std::make_shared<FitArguments>();
  c->add_option("--bold", a->bold, "4D images, one per run")->required();
  add_design_options(*c, a->design);
  c->add_option("--mask", a->mask, "Voxels to analyse (default: computed from the data)");
  c->add_option("--mask-fraction", a->mask_fraction,
                "Computed mask: share of the global value a voxel must exceed")
      ->capture_default_str();
  c->add_option("--smoothing-fwhm", a->smoothing_fwhm_mm,
                "Gaussian smoothing before the fit, mm: one number, or three for the voxel axes");
  c->add_option("--scaling", a->scaling,
                "none, psc (percent of the voxel's mean) or grand (mean of the mask = 100)")
      ->capture_default_str();
  c->add_option(
       "--noise-model", a->noise_model,
       "ols, ar1 .. ar5, ar1-corrected .. ar5-corrected, auto, ar1-nilearn, arma11, spm-ar1, "
       "spm-fast, tukey")
      ->capture_default_str();
  c->add_option("--noise-smoothing", a->noise_smoothing_fwhm_mm,
                "Smooth the noise parameters over space (ar.., auto, arma11, tukey): FWHM in mm")
      ->capture_default_str();
  c->add_option("--tukey-lags", a->tukey_lags,
                "Where the Tukey taper ends, scans (default: FILM's int(2 sqrt(scans)) / 2)");
  c->add_option("--arma-search", a->arma.search,
                "continuous (REML optimum) or afni (3dREMLfit's grid search)")
      ->capture_default_str();
  c->add_option("--arma-grid", a->arma.grid, "Grid level, 3 to 7, as 3dREMLfit -Grid")
      ->capture_default_str();
  c->add_option("--arma-max-a", a->arma.max_a, "Largest a (default .95; afni .8)");
  c->add_option("--arma-max-b", a->arma.max_b, "Largest b (default .95; afni .8)");
  c->add_option("--arma-cutoff", a->arma.cutoff, "Correlations below it are 0 (afni)")
      ->capture_default_str();
  c->add_option("--arma-fixed", a->arma.fixed, "a and b for every voxel, no search")->expected(2);
  c->add_flag("--arma-negative", a->arma.negative, "Also negative correlations (-NEGcor)");
  c->add_flag("--arma-white-noise-plus", a->arma.white_noise_plus,
              "Only AR(1) plus white noise (-WNplus)");
  c->add_option("--run-starts", a->run_starts,
                "First scans of runs that are in one image after each other (arma11): no "
                "correlation across them");
  c->add_option("--fixed-effects", a->fixed_effects,
                "Runs combined by precision, equal, or as nilearn")
      ->capture_default_str();
  c->add_option("--save", a->save,
                "More maps: residual-variance r-squared noise ljung-box mean betas status");
  c->add_option("--map-type", a->map_type, "float32 or float64 (p maps are always float64)")
      ->capture_default_str();
  c->add_flag("--no-estimates", a->no_estimates, "Do not write estimates.h5");
  c->add_option("--prefix", a->prefix, "Put before every file name, like sub-01_task-social");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer fit --bold run1.nii.gz run2.nii.gz --events run1_events.tsv "
      "run2_events.tsv \\\n"
      "    --confounds run1_confounds.tsv run2_confounds.tsv --confound-columns 'trans_*' 'rot_*' "
      "\\\n"
      "    --modulators feedback:match,rank --contrast 'match=feedback:match' \\\n"
      "    'matchMinusRank=feedback:match - feedback:rank' --f-contrast "
      "'any=feedback:match;feedback:rank' -o out");
  c->callback([a, &global, &exit_code] { exit_code = run_fit(*a, global); });
}

}  // namespace sociometer::cli
