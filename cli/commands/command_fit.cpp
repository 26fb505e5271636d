#include <algorithm>
#include <atomic>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/first_level/design_inputs.hpp"
#include "cli/jobs/first_level/design_record.hpp"
#include "cli/jobs/first_level/fitted_series_maps.hpp"
#include "cli/jobs/first_level/mask_inputs.hpp"
#include "cli/jobs/first_level/ready_designs.hpp"
#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/first_level/run_times.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/configuration.hpp"
#include "cli/options/fit_options.hpp"
#include "engine/core/error.hpp"
#include "engine/glm/first_level.hpp"
#include "engine/glm/tapered_noise.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bids/bids_uri.hpp"
#include "io/bytes/byte_stream.hpp"
#include "io/images/nifti.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/provenance.hpp"
#include "io/stores/estimates_file.hpp"

namespace sociometer::cli {
namespace {

namespace fs = std::filesystem;

/// Everything about the runs that is known before a voxel is read.
struct Runs {
  std::vector<NiftiHeader> headers;
  std::vector<RunInput> inputs;
  std::vector<std::string> names;
  RunDesigns designs;
  MaskChoice masks;
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

Runs prepare_runs(const FitArguments& a, const FirstLevelOptions& options) {
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
    set_run_times(a.design, header, input, sidecars);
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
      with_runs_of_design(options.noise_model, runs.designs.run_starts[r], runs.inputs[r].name);
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

std::string mask_rule(const FitArguments& a, const FirstLevelOptions& options) {
  const bool smoothed = options.stream.smoothing_fwhm_mm.cwiseAbs().maxCoeff() > 0;
  return fmt::format(
      "computed: mean of up to {} first kept volumes of each run{}, above {} of SPM's global "
      "value, largest part, holes filled",
      kMaskVolumes, smoothed ? " after smoothing" : "", a.mask_fraction);
}

/// @param given  the mask that was asked for, if any.
Mask make_mask(const FitArguments& a, const Runs& runs, const FirstLevelOptions& options,
               std::future<Mask>& given) {
  if (!runs.masks.files.empty()) {
    Mask mask = given.get();
    require_same_grid(runs.headers[0].grid, a.bold[0], mask.grid, runs.masks.files[0]);
    if (runs.masks.found)
      info(fmt::format(
          "mask: {} voxels, {} beside the images ({}); --mask computed is the other way",
          mask.n_voxels(), runs.masks.files.size() == 1 ? "found" : "common to those",
          fmt::join(runs.masks.files, ", ")));
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

/// Weights by place go to columns of drift as easily as to those of the task.
void warn_of_nuisance_weights(const ResolvedContrast& contrast, const Runs& runs) {
  for (size_t r = 0; r < runs.prepared.size(); ++r) {
    if (!contrast.usable_in(r) || !contrast.spec.rows[0].starts_with('[')) continue;
    const DesignMatrix& design = runs.designs.designs[r];
    std::vector<std::string> names;
    for (Eigen::Index j = 0; j < design.n_columns(); ++j) {
      const ColumnRole role = design.roles[size_t(j)];
      if (role != ColumnRole::task && role != ColumnRole::given &&
          !contrast.rows[r].col(j).isZero(0))
        names.push_back(design.names[size_t(j)]);
    }
    if (!names.empty())
      return warn(
          fmt::format("contrast {} has weights on {}, which are not of the task: the columns "
                      "are {}",
                      contrast.spec.name, fmt::join(names, ", "), fmt::join(design.names, ", ")));
  }
}

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
    warn_of_nuisance_weights(contrast, runs);
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
NoiseModel noise_model_of(const Runs& runs, size_t r, const FirstLevelOptions& options) {
  NoiseModel model =
      with_runs_of_design(options.noise_model, runs.designs.run_starts[r], runs.inputs[r].name);
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
                      const FirstLevelOptions& options) {
  const bool alone = options.runs_at_once == 1;
  Progress progress(fmt::format("fitting {}", runs.inputs[r].name), alone);
  StreamOptions stream = options.stream;
  stream.n_threads = std::max(1, stream.n_threads / options.runs_at_once);
  stream.progress = [&](Eigen::Index done, Eigen::Index total) { progress.update(done, total); };
  RunResult result;
  NiftiSource source(runs.headers[r]);
  const RunDesign& design = *runs.prepared[r];
  RunPlan plan{.noise_model = noise_model_of(runs, r, options),
               .scaling = options.scaling,
               .with_ljung_box = options.ljung_box,
               .n_threads = stream.n_threads};
  for (const auto& contrast : contrasts.usable)
    if (contrast.usable_in(r)) plan.contrasts.push_back(contrast.rows[r]);
  const NoiseModel& model = plan.noise_model;
  std::optional<MaskSmoother> smoother;
  if (model.smoothing_fwhm_mm > 0) smoother.emplace(mask, model.smoothing_fwhm_mm);
  if (smoother) plan.smoother = &*smoother;
  result.stored = {
      runs.designs.designs[r], runs.designs.kept[r], model, options.scaling, {}, runs.names[r]};
  RunResults results;
  if (model.streams()) {
    results = empty_results(design, plan, mask.n_voxels());
    // Where little is left to do when the run is read, and a processor has time until then.
    std::future<void> filled;
    if (alone && model.order <= 1 && stream.n_threads > 1)
      filled = std::async(std::launch::async, fill_results, std::ref(results), 1);
    LagSums sums = sum_run(source, design, mask, *plan.kernels, stream);
    if (filled.valid()) filled.get();
    fit_run(design, std::move(sums), plan, results);
  } else {
    MaskedSeries series = read_series(source, design.n_scans(), mask, stream);
    Progress voxels(fmt::format("noise of {}", runs.inputs[r].name), alone);
    plan.progress = [&](Eigen::Index done) { voxels.update(done, mask.n_voxels()); };
    results = fit_run(design, std::move(series), plan);
  }
  result.stored.estimates = std::move(results.estimates);
  result.image = input_file(runs.headers[r].data_path, source.finish());
  auto next = results.values.begin();
  for (const auto& contrast : contrasts.usable)
    result.values.push_back(contrast.usable_in(r) ? std::move(*next++) : ContrastValues{});
  return result;
}

/// All runs, some of them side by side. Inflation of a run keeps no more than one processor at
/// work.
std::vector<RunResult> fit_runs(const Runs& runs, const Mask& mask, const Contrasts& contrasts,
                                const FirstLevelOptions& options) {
  std::vector<RunResult> results(runs.inputs.size());
  std::vector<std::exception_ptr> failures(results.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t r = next++; r < results.size(); r = next++) try {
        results[r] = fit_one_run(runs, r, mask, contrasts, options);
      } catch (...) {
        failures[r] = std::current_exception();
        next = results.size();
      }
  };
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < options.runs_at_once; ++i) others.emplace_back(work);
    work();
  }
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
  return results;
}

/// Tables of z and p for the degrees of freedom that contrasts will have, made while images are
/// read.
TailTables make_tables(const Runs& runs, const Contrasts& contrasts,
                       const FirstLevelOptions& options) {
  TailTables tables;
  for (const auto& contrast : contrasts.usable) {
    double dof = 0;
    for (size_t r = 0; r < runs.prepared.size(); ++r)
      if (contrast.usable_in(r)) dof += runs.prepared[r]->dof - options.noise_model.lost_dof();
    const bool is_t = contrast.spec.kind == ContrastKind::t;
    if (dof > 0) tables.of(is_t ? 0 : double(contrast.rows[0].rows()), dof);
  }
  return tables;
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
    run["XXH3"] = results[r].image.checksum;
    if (runs.inputs[r].tr_s > 0) run["RepetitionTime"] = runs.inputs[r].tr_s;
    add_run_json(run, a.design, runs.designs, r);
    run["Columns"] = runs.designs.designs[r].n_columns();
    run["Rank"] = prepared.rank();
    run["DegreesOfFreedom"] = results[r].stored.estimates.dof;
    const NoiseModel& model = results[r].stored.noise_model;
    if (model.kind == NoiseModel::Kind::tukey) run["TukeyLags"] = model.tukey_lags;
    all.push_back(run);
  }
  return all;
}

/// The files that a fit was made from as BIDS URIs, and the datasets that these name.
std::pair<std::vector<std::string>, DatasetLinks> sources_of(const FitArguments& a) {
  BidsUris uris;
  std::vector<std::string> sources;
  for (const auto* files : {&a.bold, &a.design.events, &a.design.designs, &a.design.confounds})
    for (const auto& uri : uris.of(*files)) sources.push_back(uri);
  return {sources, uris.links()};
}

/// What the first image's sidecar says of the space it is in; null without it.
Json spatial_reference(const FitArguments& a) {
  const std::string path = sidecar_path(a.bold[0]);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return nullptr;
  std::ifstream file(path);
  const Json json = Json::parse(file, nullptr, false);
  return json.is_object() && json.contains("SpatialReference") ? json["SpatialReference"]
                                                               : Json(nullptr);
}

Json common_json(const FitArguments& a, const FirstLevelOptions& o, const Runs& runs,
                 const std::vector<RunResult>& results, const Mask& mask,
                 const std::vector<Eigen::Index>& status_counts) {
  Json json;
  json["NoiseModel"] = to_string(o.noise_model);
  if (o.noise_model.averages)
    json["NoiseAveraged"] = "posterior, uniform partial autocorrelations";
  else if (o.noise_model.kind == NoiseModel::Kind::ar)
    json["BiasCorrection"] = o.noise_model.corrects_bias;
  if (o.noise_model.kind == NoiseModel::Kind::arma11) {
    const ArmaOptions& arma = o.noise_model.arma;
    json["ARMA"] = {{"Search", to_string(arma.search)},
                    {"Grid", arma.grid_level},
                    {"MaxA", arma.largest_a()},
                    {"MaxB", arma.largest_b()},
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
  json["Sources"] = sources_of(a).first;
  if (const Json reference = spatial_reference(a); !reference.is_null())
    json["SpatialReference"] = reference;
  json["Inputs"] = Json::array();
  for (const auto& input : runs.designs.inputs)
    json["Inputs"].push_back({{"Path", input.path}, {"XXH3", input.checksum}});
  if (runs.masks.files.empty())
    json["Mask"] = {{"Source", mask_rule(a, o)}, {"Voxels", mask.n_voxels()}};
  else
    json["Mask"] = mask_files_json(runs.masks, mask);
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

/// The design of each run, with what it was made from and a picture.
void write_designs(const FitArguments& a, const Runs& runs, const Json& common,
                   const MapWriter& writer, OutputSet& outputs) {
  for (size_t r = 0; r < runs.inputs.size(); ++r) {
    const DesignMatrix& design = runs.designs.designs[r];
    const DesignDiagnostics d = diagnose(kept_rows(design, runs.designs.kept[r]));
    Json json = diagnostics_json(design, d);
    add_run_json(json, a.design, runs.designs, r);
    for (const char* key : {"Design", "Inputs", "Software", "CommandLine"}) json[key] = common[key];
    const std::string run = runs.inputs.size() == 1 ? "" : fmt::format("run-{}_", r + 1);
    write_design_files(outputs, writer.prefixed(run), runs.names[r], design, d, json);
  }
}

void write_outputs(const FitArguments& a, const FirstLevelOptions& o, const Runs& runs,
                   const Mask& mask, const Contrasts& contrasts,
                   const std::vector<RunResult>& results, const std::vector<VoxelStatus>& status,
                   const Json& common, TailTables& tables, OutputSet& outputs, Summary& summary) {
  MapWriter writer(outputs, a.prefix, mask, o.map_type);
  writer.set_log_p(a.log_p);
  std::vector<double> dof;
  for (const auto& result : results) dof.push_back(result.stored.estimates.dof);
  for (size_t c = 0; c < contrasts.usable.size(); ++c) {
    std::vector<const ContrastValues*> values;
    for (const auto& result : results) values.push_back(&result.values[c]);
    ContrastMaps maps = combine_runs(contrasts.usable[c], values, dof, o.fixed_effects,
                                     o.stream.n_threads, &tables);
    summary.add(contrasts.usable[c].spec.name,
                peak_text(maps.z, mask, contrasts.usable[c].spec.kind == ContrastKind::t));
    writer.add_contrast(contrasts.usable[c], std::move(maps), runs.names, common);
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
  if (const FittedSeriesWanted wanted(a.save); wanted.any())
    for (size_t r = 0; r < results.size(); ++r)
      write_fitted_series(wanted, runs.headers[r], runs.inputs[r].tr_s, results[r].stored, mask,
                          o.stream, results.size() == 1 ? "" : fmt::format("run-{}_", r + 1),
                          common, writer, outputs);
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
  write_designs(a, runs, common, writer, outputs);
  if (estimates.valid()) {
    estimates.get();
    outputs.write(writer.prefixed("estimates.json"), to_text(common));
  }
  outputs.write(
      "dataset_description.json",
      dataset_description(version(), commit(),
                          linked_datasets((outputs.folder() / "dataset_description.json").string(),
                                          sources_of(a).second)));
}

int report_failures(const std::vector<Eigen::Index>& counts,
                    const std::vector<std::string>& refused) {
  std::string text;
  for (size_t s = 1; s < counts.size(); ++s)
    if (counts[s] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[s], kVoxelStatusNames[s]);
  if (!text.empty()) warn("voxels without statistics (NaN in the maps): " + text);
  for (const auto& line : refused) warn(line);
  return refused.empty() ? kDone : kDoneWithFailures;
}

Summary summary_of(const FirstLevelOptions& options, const std::vector<RunResult>& results,
                   const Mask& mask) {
  double dof = 0;
  for (const auto& result : results) dof += result.stored.estimates.dof;
  return Summary(fmt::format("fitted {} voxels, {} run(s), {:g} degrees of freedom, noise model {}",
                             mask.n_voxels(), results.size(), dof, to_string(options.noise_model)));
}

int run_fit(FitArguments a, const GlobalOptions& global) {
  if (a.prefix.empty()) a.prefix = derived_prefix(a.bold);
  const FirstLevelOptions options = parse_options(a, global);
  const auto specs = contrast_specs(a.design);
  std::future<Mask> given_mask;
  const MaskChoice masks = choose_masks(a.mask, a.bold);
  if (!masks.files.empty()) given_mask = std::async(std::launch::async, read_masks, masks.files);
  Runs runs = prepare_runs(a, options);
  runs.masks = masks;
  warn_of_orientation(runs.headers[0].grid);
  for (const auto& w : runs.warnings) warn(w);
  const Contrasts contrasts = resolve_all(specs, runs);
  if (specs.empty()) info("no contrast was asked for: estimates only");
  OutputSet outputs(a.output, output_policy(global, "fit", a.prefix));
  outputs.check_name(name_prefix(a.prefix) + "mask.nii.gz");
  const Mask mask = make_mask(a, runs, options, given_mask);

  std::future<TailTables> tables = std::async(std::launch::async, make_tables, std::cref(runs),
                                              std::cref(contrasts), std::cref(options));
  std::vector<RunResult> results;
  {
    const Stage stage(process_session().journal, "reading and fitting");
    results = fit_runs(runs, mask, contrasts, options);
  }

  std::vector<ReadImage> images;
  for (const auto& result : results)
    images.push_back({result.image, &result.stored.estimates.mean});
  require_different_images(images);
  const auto status = joint_status(results);
  std::vector<Eigen::Index> counts(kVoxelStatusNames.size(), 0);
  for (VoxelStatus s : status) ++counts[size_t(s)];
  const Json common = common_json(a, options, runs, results, mask, counts);
  TailTables made = tables.get();
  Summary summary = summary_of(options, results, mask);
  {
    const Stage stage(process_session().journal, "contrasts and writing");
    write_outputs(a, options, runs, mask, contrasts, results, status, common, made, outputs,
                  summary);
  }
  write_configuration(outputs, a.prefix);
  outputs.commit();
  summary.tell(a.output, a.prefix);
  return report_failures(counts, contrasts.refused);
}

}  // namespace

void add_fit_command(CLI::App& app, GlobalOptions& global, int& exit_code) {
  auto* c = app.add_subcommand("fit", "First level: BOLD runs of one participant to contrast maps");
  auto a = std::make_shared<FitArguments>();
  add_fit_options(*c, *a);
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer fit --bold study/derivatives/fmriprep/sub-01/func/*_bold.nii.gz \\\n"
      "    --events learning/sub-01/func/*_events.tsv \\\n"
      "    --confounds study/derivatives/fmriprep/sub-01/func/*_timeseries.tsv \\\n"
      "    --confound-columns 'trans_*' 'rot_*' \\\n"
      "    --modulators feedback:outcome_update,rank_update_unsigned \\\n"
      "    --contrast outcome=feedback:outcome_update \\\n"
      "    'difference=feedback:outcome_update - feedback:rank_update_unsigned' \\\n"
      "    --f-contrast 'any=feedback:outcome_update;feedback:rank_update_unsigned' \\\n"
      "    --prefix sub-01 -o first/sub-01");
  c->callback([a, &global, &exit_code] { exit_code = run_fit(*a, global); });
}

}  // namespace sociometer::cli
