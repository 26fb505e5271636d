#include "cli/jobs/first_level/fit_job.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "cli/jobs/first_level/design_record.hpp"
#include "cli/jobs/first_level/fitted_series_maps.hpp"
#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/first_level/mask_inputs.hpp"
#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/first_level/run_times.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/stopwatch.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bids/bids_uri.hpp"
#include "io/images/nifti.hpp"
#include "io/stores/estimates_file.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

/// Everything known about the runs before any voxel is read.
struct Runs {
  std::vector<NiftiHeader> headers;
  std::vector<RunInput> inputs;
  std::vector<std::string> names;
  RunDesigns designs;
  MaskChoice masks;
  FirstLevel first;
  Warnings warnings;
};

/// The data of a run; the image's checksum is known once all of it has been read.
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

Runs prepare_runs(const FitRequest& a, const FirstLevelPlan& plan, Journal& journal) {
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
    set_run_times(a.design, header, input, sidecars, journal);
    runs.names.push_back(fs::path(a.bold[r]).filename().string());
    runs.inputs.push_back(std::move(input));
    runs.headers.push_back(std::move(header));
  }
  runs.designs = load_designs(a.design, runs.inputs, journal);
  runs.designs.inputs.insert(runs.designs.inputs.end(), sidecars.begin(), sidecars.end());
  for (const auto& w : runs.designs.warnings) runs.warnings.push_back(w);
  runs.first.plan = plan;
  for (size_t r = 0; r < a.bold.size(); ++r) {
    const DesignMatrix& design = runs.designs.designs[r];
    const std::vector<uint8_t>& kept = runs.designs.kept[r];
    const RunInput& input = runs.inputs[r];
    runs.first.runs.push_back(
        prepare_run({input.name, design, kept, runs.designs.run_starts[r], input.tr_s}, plan));
    for (const auto& w : runs.first.runs.back().warnings) runs.warnings.push_back(w);
    for (const auto& w :
         collinearity_warnings(design, diagnose(kept_rows(design, kept)), input.name))
      runs.warnings.push_back(w);
  }
  return runs;
}

constexpr Eigen::Index kMaskVolumes = 10;

std::string mask_rule(const FitRequest& a, const FirstLevelPlan& plan) {
  const bool smoothed = plan.smoothing_fwhm_mm.cwiseAbs().maxCoeff() > 0;
  return fmt::format(
      "computed: mean of up to {} first kept volumes of each run{}, above {} of SPM's global "
      "value, largest part, holes filled",
      kMaskVolumes, smoothed ? " after smoothing" : "", a.mask_fraction);
}

/// @param given  the mask that was requested, if any.
Mask make_mask(const FitRequest& a, const Runs& runs, const FirstLevelPlan& plan,
               std::future<Mask>& given, Journal& journal) {
  if (!runs.masks.files.empty()) {
    Mask mask = given.get();
    require_same_grid(runs.headers[0].grid, a.bold[0], mask.grid, runs.masks.files[0]);
    if (runs.masks.found)
      journal.info(fmt::format(
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
        mean_of_first_volumes(source, runs.designs.kept[r], kMaskVolumes, plan.stream()));
  }
  Mask mask = compute_brain_mask(runs.headers[0].grid, means, a.mask_fraction);
  if (mask.voxels.empty())
    fail(ErrorCode::bad_input, "no brain was found in {}: give --mask or a lower --mask-fraction",
         a.bold[0]);
  journal.info(fmt::format("mask: {} voxels, {}", mask.n_voxels(), mask_rule(a, plan)));
  return mask;
}

/// What was read and fitted, over all runs.
struct Fitted {
  std::vector<InputFile> images;
  FirstLevelFit fit;
  size_t n_runs() const { return images.size(); }
};

/// Prefix of the names of a run's output files.
std::string run_prefix(size_t n_runs, size_t run) {
  return n_runs == 1 ? "" : fmt::format("run-{}_", run + 1);
}

Fitted read_and_fit(const Runs& runs, const Mask& mask, Journal& journal) {
  const Stage stage(journal, "reading and fitting");
  Fitted fitted{std::vector<InputFile>(runs.headers.size()), {}};
  const auto open = [&](size_t r) {
    return std::make_unique<RunImage>(runs.headers[r], fitted.images[r]);
  };
  fitted.fit = fit_first_level(runs.first, open, mask, &journal);
  return fitted;
}

Json run_json(const FitRequest& a, const Runs& runs, const Fitted& fitted) {
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

/// The input files of a fit as BIDS URIs, and the datasets that the URIs refer to.
std::pair<std::vector<std::string>, DatasetLinks> sources_of(const FitRequest& a) {
  BidsUris uris;
  std::vector<std::string> sources;
  for (const auto* files :
       {&a.bold, &a.design.events, &a.design.designs, &a.design.confounds.files})
    for (const auto& uri : uris.of(*files)) sources.push_back(uri);
  return {sources, uris.links()};
}

/// The space according to the first image's sidecar; null without one.
Json spatial_reference(const FitRequest& a) {
  const std::string path = sidecar_path(a.bold[0]);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return nullptr;
  std::ifstream file(path);
  const Json json = Json::parse(file, nullptr, false);
  return json.is_object() && json.contains("SpatialReference") ? json["SpatialReference"]
                                                               : Json(nullptr);
}

Json common_json(const FitRequest& a, const FirstLevelPlan& plan, const Runs& runs,
                 const Fitted& fitted, const Mask& mask,
                 const std::vector<Eigen::Index>& status_counts, const Provenance& provenance) {
  Json json;
  json["NoiseModel"] = to_string(plan.noise_model);
  if (plan.noise_model.averages)
    json["NoiseAveraged"] = "posterior, uniform partial autocorrelations";
  else if (plan.noise_model.kind == NoiseModel::Kind::ar)
    json["BiasCorrection"] = plan.noise_model.corrects_bias;
  if (plan.noise_model.kind == NoiseModel::Kind::arma11) {
    const ArmaOptions& arma = plan.noise_model.arma;
    json["ARMA"] = {{"Search", to_string(arma.search)},
                    {"Grid", arma.grid_level},
                    {"MaxA", arma.largest_a()},
                    {"MaxB", arma.largest_b()},
                    {"NegativeCorrelations", arma.negative},
                    {"WhiteNoisePlus", arma.white_noise_plus}};
    if (arma.search == ArmaOptions::Search::afni) json["ARMA"]["CorrelationCutoff"] = arma.cutoff;
    if (arma.fixed) json["ARMA"]["Fixed"] = {arma.fixed->a, arma.fixed->b};
    if (!a.noise_model.run_starts.empty()) json["ARMA"]["RunStarts"] = a.noise_model.run_starts;
  }
  if (plan.noise_model.can_smooth())
    json["NoiseSmoothingFWHM"] = plan.noise_model.smoothing_fwhm_mm;
  json["Scaling"] = to_string(plan.scaling);
  json["FixedEffects"] = to_string(plan.fixed_effects);
  json["SmoothingFWHM"] =
      std::vector<double>{plan.smoothing_fwhm_mm.data(), plan.smoothing_fwhm_mm.data() + 3};
  json["Design"] = design_json(a.design, runs.designs);
  json["Runs"] = run_json(a, runs, fitted);
  json["Sources"] = sources_of(a).first;
  if (const Json reference = spatial_reference(a); !reference.is_null())
    json["SpatialReference"] = reference;
  json["Inputs"] = Json::array();
  for (const auto& input : runs.designs.inputs)
    json["Inputs"].push_back({{"Path", input.path}, {"XXH3", input.checksum}});
  if (runs.masks.files.empty())
    json["Mask"] = {{"Source", mask_rule(a, plan)}, {"Voxels", mask.n_voxels()}};
  else
    json["Mask"] = mask_files_json(runs.masks, mask);
  for (size_t s = 0; s < status_counts.size(); ++s)
    json["VoxelStatusCounts"][kVoxelStatusNames[s]] = status_counts[s];
  provenance.sign(json);
  return json;
}

Eigen::VectorXd as_numbers(const std::vector<VoxelStatus>& status) {
  Eigen::VectorXd out(Eigen::Index(status.size()));
  for (size_t i = 0; i < status.size(); ++i) out[Eigen::Index(i)] = double(status[i]);
  return out;
}

void save_extra_maps(const FitRequest& a, const std::vector<StoredRun>& runs, const Json& common,
                     MapWriter& writer) {
  for (size_t r = 0; r < runs.size(); ++r) {
    const std::string run = run_prefix(runs.size(), r);
    const RunEstimates& e = runs[r].estimates;
    const auto add = [&](const std::string& stat, const std::string& what,
                         const Eigen::MatrixXd& values) {
      Json json{{"Description", what}};
      append(json, common);
      writer.add(run + "stat-" + stat + "_statmap", values, writer.type(), json);
    };
    if (a.saves(SavedMap::residual_variance))
      add("residualvariance", "residual (innovation) variance", e.residual_variance);
    if (a.saves(SavedMap::r_squared))
      add("rsquared", "share of the prewhitened variance about the mean that the design explains",
          e.r_squared);
    if (a.saves(SavedMap::mean)) add("mean", "mean over kept scans, units of the file", e.mean);
    if ((a.saves(SavedMap::ar) || a.saves(SavedMap::noise)) && e.noise.rows() > 0)
      add(a.saves(SavedMap::ar) ? "ar" : "noise",
          "parameters of the noise model, one volume each: " +
              fmt::format("{}", fmt::join(runs[r].noise_model.parameter_names(), ", ")),
          e.noise.transpose());
    if (e.ljung_box.size() > 0)
      add("ljungbox", "Ljung-Box statistic of the whitened residuals", e.ljung_box);
    if (a.saves(SavedMap::betas))
      add("betas", "coefficients, one volume per column of the design", e.betas.transpose());
  }
}

/// The design of each run, with its provenance and a picture.
void write_designs(const FitRequest& a, const Runs& runs, const Json& common,
                   const MapWriter& writer, OutputSet& outputs) {
  for (size_t r = 0; r < runs.inputs.size(); ++r) {
    const DesignMatrix& design = runs.designs.designs[r];
    const DesignDiagnostics d = diagnose(kept_rows(design, runs.designs.kept[r]));
    Json json = diagnostics_json(design, d);
    add_run_json(json, a.design, runs.designs, r);
    for (const char* key : {"Design", "Inputs", "Software", "CommandLine"})
      if (common.contains(key)) json[key] = common[key];
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

/// The mask, and a map of voxels without statistics.
void write_voxels(const FitRequest& a, const Mask& mask, const std::vector<VoxelStatus>& status,
                  const Json& common, MapWriter& writer) {
  Json mask_json{{"Description", "voxels analysed"}};
  mask_json["Mask"] = common["Mask"];
  writer.add("mask", Eigen::MatrixXd::Ones(mask.n_voxels(), 1), ScalarType::uint8, mask_json);
  const bool any_failed =
      std::any_of(status.begin(), status.end(), [](VoxelStatus s) { return s != VoxelStatus::ok; });
  if (!any_failed && !a.saves(SavedMap::status)) return;
  Json json{{"Description", "why a voxel has no statistics"}};
  for (size_t s = 0; s < kVoxelStatusNames.size(); ++s)
    json["Levels"][std::to_string(s)] = kVoxelStatusNames[s];
  writer.add("stat-status_statmap", as_numbers(status), ScalarType::uint8, json);
}

/// Runs as stored in estimates.h5.
std::vector<StoredRun> stored_runs(const Runs& runs, std::vector<RunEstimates> estimates) {
  std::vector<StoredRun> stored;
  for (size_t r = 0; r < estimates.size(); ++r)
    stored.push_back({runs.designs.designs[r], runs.designs.kept[r], runs.first.runs[r].noise_model,
                      runs.first.plan.scaling, std::move(estimates[r]), runs.names[r]});
  return stored;
}

void write_outputs(const FitRequest& a, const FirstLevelPlan& plan, const Runs& runs,
                   const Mask& mask, FirstLevelFit fit, const Json& common, OutputSet& outputs,
                   Summary& summary, Journal& journal) {
  MapWriter writer(outputs, a.prefix, mask, scalar_type(a.map_type));
  writer.set_log_p(a.log_p);
  write_contrasts(runs, mask, fit, common, writer, summary);
  write_voxels(a, mask, joint_status(fit.estimates), common, writer);
  const std::vector<StoredRun> stored = stored_runs(runs, std::move(fit.estimates));
  save_extra_maps(a, stored, common, writer);
  if (const FittedSeriesWanted wanted{a.saves(SavedMap::residuals), a.saves(SavedMap::predicted),
                                      a.saves(SavedMap::tsnr)};
      wanted.any())
    for (size_t r = 0; r < stored.size(); ++r)
      write_fitted_series(wanted, runs.headers[r], runs.inputs[r].tr_s, stored[r], mask,
                          plan.stream(), run_prefix(stored.size(), r), common, writer, outputs,
                          journal);
  std::future<void> estimates;  // written while the maps are compressed
  if (a.estimates) {
    const auto path = outputs.stage(writer.prefixed("estimates.h5"));
    estimates = std::async(std::launch::async, [&stored, &mask, &plan, path] {
      std::vector<const StoredRun*> pointers;
      for (const auto& run : stored) pointers.push_back(&run);
      write_estimates(path.string(), mask, pointers, "Sociometer " + version(), plan.n_threads);
    });
  }
  writer.flush(plan.n_threads);
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

/// Counts failures. @return refused contrasts.
JobSummary report_failures(const std::vector<Eigen::Index>& counts,
                           const std::vector<std::string>& refused, Journal& journal) {
  std::string text;
  for (size_t s = 1; s < counts.size(); ++s)
    if (counts[s] > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", counts[s], kVoxelStatusNames[s]);
  if (!text.empty()) journal.warn("voxels without statistics (NaN in the maps): " + text);
  for (const auto& line : refused) journal.warn(line);
  return {refused};
}

Summary summary_of(const FirstLevelPlan& plan, const std::vector<RunEstimates>& runs,
                   const Mask& mask) {
  double dof = 0;
  for (const auto& run : runs) dof += run.dof;
  return Summary(fmt::format("fitted {} voxels, {} run(s), {:g} degrees of freedom, noise model {}",
                             mask.n_voxels(), runs.size(), dof, to_string(plan.noise_model)));
}

}  // namespace

JobSummary fit(const FitRequest& request, const Session& session) {
  FitRequest a = request;
  Journal& journal = session.journal;
  if (a.prefix.empty()) a.prefix = derived_prefix(a.bold);
  check(a);
  const FirstLevelPlan plan = plan_of(a, session.threads);
  auto specs = contrast_specs(a.design);
  std::future<Mask> given_mask;
  const MaskChoice masks = choose_masks(a.mask, a.bold, journal);
  if (!masks.files.empty()) given_mask = std::async(std::launch::async, read_masks, masks.files);
  Runs runs = prepare_runs(a, plan, journal);
  runs.masks = masks;
  warn_of_orientation(runs.headers[0].grid, journal);
  for (const auto& w : runs.warnings) journal.warn(w);
  specs.insert(specs.end(), runs.designs.contrasts.begin(), runs.designs.contrasts.end());
  runs.first.contrasts = resolve_contrasts(specs, runs.first.runs);
  for (const auto& w : runs.first.contrasts.warnings) journal.warn(w);
  if (specs.empty()) journal.info("no contrast was asked for: estimates only");
  OutputSet outputs(a.output, session.policy("fit", a.prefix));
  outputs.check_name(name_prefix(a.prefix) + "mask.nii.gz");
  const Mask mask = make_mask(a, runs, plan, given_mask, journal);

  Fitted fitted = read_and_fit(runs, mask, journal);
  std::vector<ReadImage> images;
  for (size_t r = 0; r < fitted.n_runs(); ++r)
    images.push_back({fitted.images[r], &fitted.fit.estimates[r].mean});
  require_different_images(images);
  std::vector<Eigen::Index> counts(kVoxelStatusNames.size(), 0);
  for (VoxelStatus s : joint_status(fitted.fit.estimates)) ++counts[size_t(s)];
  const Json common = common_json(a, plan, runs, fitted, mask, counts, session.provenance);
  Summary summary = summary_of(plan, fitted.fit.estimates, mask);
  {
    const Stage stage(journal, "contrasts and writing");
    write_outputs(a, plan, runs, mask, std::move(fitted.fit), common, outputs, summary, journal);
  }
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  summary.report(journal, a.output, a.prefix);
  return report_failures(counts, runs.first.contrasts.refused, journal);
}

}  // namespace sociometer::jobs
