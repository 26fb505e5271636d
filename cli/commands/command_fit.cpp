#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <span>
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
#include "engine/glm/run_analysis.hpp"
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
  FirstLevel first;
  Warnings warnings;
};

/// The data of a run; once they are read to their end, the image's checksum is known.
class RunImage : public VolumeSource {
 public:
  /// @param image  out.
  RunImage(const NiftiHeader& header, InputFile& image)
      : source_(header), left_(source_.volume_bytes() * size_t(header.n_volumes)), image_(image) {}
  const Grid& grid() const override { return source_.grid(); }
  Eigen::Index n_volumes() const override { return source_.n_volumes(); }
  VolumeFormat format() const override { return source_.format(); }
  void read(std::span<std::byte> bytes) override {
    source_.read(bytes);
    left_ -= bytes.size();
    if (left_ == 0) image_ = input_file(source_.header().data_path, source_.finish());
  }

 private:
  NiftiSource source_;
  size_t left_;  ///< bytes
  InputFile& image_;
};

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
  runs.first.plan = options.plan;
  for (size_t r = 0; r < a.bold.size(); ++r) {
    const DesignMatrix& design = runs.designs.designs[r];
    const std::vector<uint8_t>& kept = runs.designs.kept[r];
    const RunInput& input = runs.inputs[r];
    runs.first.runs.push_back(prepare_run(
        {input.name, design, kept, runs.designs.run_starts[r], input.tr_s}, options.plan));
    for (const auto& w : runs.first.runs.back().warnings) runs.warnings.push_back(w);
    for (const auto& w :
         collinearity_warnings(design, diagnose(kept_rows(design, kept)), input.name))
      runs.warnings.push_back(w);
  }
  return runs;
}

constexpr Eigen::Index kMaskVolumes = 10;

std::string mask_rule(const FitArguments& a, const FirstLevelOptions& options) {
  const bool smoothed = options.plan.smoothing_fwhm_mm.cwiseAbs().maxCoeff() > 0;
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
        mean_of_first_volumes(source, runs.designs.kept[r], kMaskVolumes, options.plan.stream()));
  }
  Mask mask = compute_brain_mask(runs.headers[0].grid, means, a.mask_fraction);
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input, "no brain was found in {}: give --mask or a lower --mask-fraction",
         a.bold[0]);
  info(fmt::format("mask: {} voxels, {}", mask.n_voxels(), mask_rule(a, options)));
  return mask;
}

/// What was read and fitted of all runs.
struct Fitted {
  std::vector<InputFile> images;
  FirstLevelFit fit;
  size_t n_runs() const { return images.size(); }
};

/// Put before the names of what is written of a run.
std::string run_prefix(size_t n_runs, size_t run) {
  return n_runs == 1 ? "" : fmt::format("run-{}_", run + 1);
}

Fitted read_and_fit(const Runs& runs, const Mask& mask) {
  Journal& journal = process_session().journal;
  const Stage stage(journal, "reading and fitting");
  Fitted fitted{std::vector<InputFile>(runs.headers.size()), {}};
  const auto open = [&](size_t r) {
    return std::make_unique<RunImage>(runs.headers[r], fitted.images[r]);
  };
  fitted.fit = fit_first_level(runs.first, open, mask, &journal);
  return fitted;
}

Json run_json(const FitArguments& a, const Runs& runs, const Fitted& fitted) {
  Json all = Json::array();
  for (size_t r = 0; r < fitted.n_runs(); ++r) {
    const PreparedRun& prepared = runs.first.runs[r];
    Json run;
    run["Bold"] = fitted.images[r].path;
    run["XXH3"] = fitted.images[r].checksum;
    if (runs.inputs[r].tr_s > 0) run["RepetitionTime"] = runs.inputs[r].tr_s;
    add_run_json(run, a.design, runs.designs, r);
    run["Columns"] = runs.designs.designs[r].n_columns();
    run["Rank"] = prepared.design.rank();
    run["DegreesOfFreedom"] = fitted.fit.estimates[r].dof;
    const NoiseModel& model = prepared.noise_model;
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
                 const Fitted& fitted, const Mask& mask,
                 const std::vector<Eigen::Index>& status_counts) {
  Json json;
  json["NoiseModel"] = to_string(o.plan.noise_model);
  if (o.plan.noise_model.averages)
    json["NoiseAveraged"] = "posterior, uniform partial autocorrelations";
  else if (o.plan.noise_model.kind == NoiseModel::Kind::ar)
    json["BiasCorrection"] = o.plan.noise_model.corrects_bias;
  if (o.plan.noise_model.kind == NoiseModel::Kind::arma11) {
    const ArmaOptions& arma = o.plan.noise_model.arma;
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
  if (o.plan.noise_model.can_smooth())
    json["NoiseSmoothingFWHM"] = o.plan.noise_model.smoothing_fwhm_mm;
  json["Scaling"] = to_string(o.plan.scaling);
  json["FixedEffects"] = to_string(o.plan.fixed_effects);
  json["SmoothingFWHM"] =
      std::vector<double>{o.plan.smoothing_fwhm_mm.data(), o.plan.smoothing_fwhm_mm.data() + 3};
  json["Design"] = design_json(a.design, runs.designs);
  json["Runs"] = run_json(a, runs, fitted);
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

void save_extra_maps(const FitArguments& a, const std::vector<StoredRun>& runs, const Json& common,
                     MapWriter& writer) {
  const auto wanted = [&](const char* what) {
    return std::find(a.save.begin(), a.save.end(), what) != a.save.end();
  };
  for (size_t r = 0; r < runs.size(); ++r) {
    const std::string run = run_prefix(runs.size(), r);
    const RunEstimates& e = runs[r].estimates;
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
              fmt::format("{}", fmt::join(runs[r].noise_model.parameter_names(), ", ")),
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
    const std::string run = run_prefix(runs.inputs.size(), r);
    write_design_files(outputs, writer.prefixed(run), runs.names[r], design, d, json);
  }
}

void write_contrasts(const Runs& runs, const Mask& mask, FirstLevelFit& fit, const Json& common,
                     MapWriter& writer, Summary& summary) {
  const auto& contrasts = runs.first.contrasts.usable;
  for (size_t c = 0; c < contrasts.size(); ++c) {
    ContrastMaps maps = combine_contrast(runs.first, fit, c);
    summary.add(contrasts[c].spec.name,
                peak_text(maps.z, mask, contrasts[c].spec.kind == ContrastKind::t));
    writer.add_contrast(contrasts[c], std::move(maps), runs.names, common);
  }
}

/// The mask, and where voxels have no statistics.
void write_voxels(const FitArguments& a, const Mask& mask, const std::vector<VoxelStatus>& status,
                  const Json& common, MapWriter& writer) {
  Json mask_json{{"Description", "voxels analysed"}};
  mask_json["Mask"] = common["Mask"];
  writer.add("mask", Eigen::MatrixXd::Ones(mask.n_voxels(), 1), ScalarType::uint8, mask_json);
  const bool any_failed =
      std::any_of(status.begin(), status.end(), [](VoxelStatus s) { return s != VoxelStatus::ok; });
  if (!any_failed && std::find(a.save.begin(), a.save.end(), "status") == a.save.end()) return;
  Json json{{"Description", "why a voxel has no statistics"}};
  for (size_t s = 0; s < kVoxelStatusNames.size(); ++s)
    json["Levels"][std::to_string(s)] = kVoxelStatusNames[s];
  writer.add("stat-status_statmap", as_numbers(status), ScalarType::uint8, json);
}

/// Runs as estimates.h5 keeps them.
std::vector<StoredRun> stored_runs(const Runs& runs, std::vector<RunEstimates> estimates) {
  std::vector<StoredRun> stored;
  for (size_t r = 0; r < estimates.size(); ++r)
    stored.push_back({runs.designs.designs[r], runs.designs.kept[r], runs.first.runs[r].noise_model,
                      runs.first.plan.scaling, std::move(estimates[r]), runs.names[r]});
  return stored;
}

void write_outputs(const FitArguments& a, const FirstLevelOptions& o, const Runs& runs,
                   const Mask& mask, FirstLevelFit fit, const Json& common, OutputSet& outputs,
                   Summary& summary) {
  MapWriter writer(outputs, a.prefix, mask, o.map_type);
  writer.set_log_p(a.log_p);
  write_contrasts(runs, mask, fit, common, writer, summary);
  write_voxels(a, mask, joint_status(fit.estimates), common, writer);
  const std::vector<StoredRun> stored = stored_runs(runs, std::move(fit.estimates));
  save_extra_maps(a, stored, common, writer);
  if (const FittedSeriesWanted wanted(a.save); wanted.any())
    for (size_t r = 0; r < stored.size(); ++r)
      write_fitted_series(wanted, runs.headers[r], runs.inputs[r].tr_s, stored[r], mask,
                          o.plan.stream(), run_prefix(stored.size(), r), common, writer, outputs);
  std::future<void> estimates;  // written while the maps are compressed
  if (!a.no_estimates) {
    const auto path = outputs.stage(writer.prefixed("estimates.h5"));
    estimates = std::async(std::launch::async, [&stored, &mask, &o, path] {
      std::vector<const StoredRun*> pointers;
      for (const auto& run : stored) pointers.push_back(&run);
      write_estimates(path.string(), mask, pointers, "Sociometer " + version(), o.plan.n_threads);
    });
  }
  writer.flush(o.plan.n_threads);
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

Summary summary_of(const FirstLevelOptions& options, const std::vector<RunEstimates>& runs,
                   const Mask& mask) {
  double dof = 0;
  for (const auto& run : runs) dof += run.dof;
  return Summary(fmt::format("fitted {} voxels, {} run(s), {:g} degrees of freedom, noise model {}",
                             mask.n_voxels(), runs.size(), dof,
                             to_string(options.plan.noise_model)));
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
  runs.first.contrasts = resolve_contrasts(specs, runs.first.runs);
  for (const auto& w : runs.first.contrasts.warnings) warn(w);
  if (specs.empty()) info("no contrast was asked for: estimates only");
  OutputSet outputs(a.output, output_policy(global, "fit", a.prefix));
  outputs.check_name(name_prefix(a.prefix) + "mask.nii.gz");
  const Mask mask = make_mask(a, runs, options, given_mask);

  Fitted fitted = read_and_fit(runs, mask);
  std::vector<ReadImage> images;
  for (size_t r = 0; r < fitted.n_runs(); ++r)
    images.push_back({fitted.images[r], &fitted.fit.estimates[r].mean});
  require_different_images(images);
  std::vector<Eigen::Index> counts(kVoxelStatusNames.size(), 0);
  for (VoxelStatus s : joint_status(fitted.fit.estimates)) ++counts[size_t(s)];
  const Json common = common_json(a, options, runs, fitted, mask, counts);
  Summary summary = summary_of(options, fitted.fit.estimates, mask);
  {
    const Stage stage(process_session().journal, "contrasts and writing");
    write_outputs(a, options, runs, mask, std::move(fitted.fit), common, outputs, summary);
  }
  write_configuration(outputs, a.prefix);
  outputs.commit();
  summary.tell(a.output, a.prefix);
  return report_failures(counts, runs.first.contrasts.refused);
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
