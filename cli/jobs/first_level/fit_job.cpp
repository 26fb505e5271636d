#include "cli/jobs/first_level/fit_job.hpp"

#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "cli/jobs/first_level/design_record.hpp"
#include "cli/jobs/first_level/fit_forecast.hpp"
#include "cli/jobs/first_level/fit_inputs.hpp"
#include "cli/jobs/first_level/fitted_runs.hpp"
#include "cli/jobs/first_level/fitted_series_maps.hpp"
#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/first_level/mask_inputs.hpp"
#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/first_level/run_times.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/stopwatch.hpp"
#include "engine/glm/noise_properties.hpp"
#include "io/bids/bids_name.hpp"
#include "io/bids/bids_uri.hpp"
#include "io/images/nifti.hpp"
#include "io/records/signed_record.hpp"
#include "io/stores/estimates_file.hpp"

namespace sociometer::jobs {
namespace {

namespace fs = std::filesystem;

Eigen::VectorXd as_numbers(const std::vector<VoxelStatus>& status) {
  Eigen::VectorXd out(Eigen::Index(status.size()));
  for (size_t i = 0; i < status.size(); ++i) out[Eigen::Index(i)] = double(status[i]);
  return out;
}

void save_extra_maps(const FitRequest& a, const std::vector<StoredRun>& runs, const FitRecord& fit,
                     MapWriter& writer) {
  for (size_t r = 0; r < runs.size(); ++r) {
    const std::string run = run_prefix(runs.size(), r);
    const RunEstimates& e = runs[r].estimates;
    const auto add = [&](const std::string& stat, const std::string& what,
                         const Eigen::MatrixXd& values) {
      writer.add(run + "stat-" + stat + "_statmap", values, writer.type(),
                 MapRecord::of(what, fit));
    };
    if (a.saves(SavedMap::residual_variance))
      add("residualvariance", "residual (innovation) variance", e.residual_variance);
    if (a.saves(SavedMap::r_squared))
      add("rsquared", "share of the prewhitened variance about the mean that the design explains",
          e.r_squared);
    if (a.saves(SavedMap::mean)) add("mean", "mean over kept scans, units of the file", e.mean);
    if ((a.saves(SavedMap::ar) || a.saves(SavedMap::noise)) &&
        e.noise.rows() + e.posterior.rows() > 0)
      add(a.saves(SavedMap::ar) ? "ar" : "noise",
          "parameters of the noise model, one volume each: " +
              fmt::format("{}", fmt::join(runs[r].noise_model.parameter_names(), ", ")),
          e.posterior.rows() > 0 ? Eigen::MatrixXd(e.posterior.transpose().cast<double>())
                                 : Eigen::MatrixXd(e.noise.transpose()));
    if (e.ljung_box.size() > 0)
      add("ljungbox", "Ljung-Box statistic of the whitened residuals", e.ljung_box);
    if (a.saves(SavedMap::betas))
      add("betas", "coefficients, one volume per column of the design", e.betas.transpose());
  }
}

/// Maps that are asked for and that a noise model does not have.
Warnings maps_without_values(const FitRequest& a) {
  Warnings lines;
  const std::string model = to_string(a.noise_model);
  if (a.saves(SavedMap::ljung_box) && !describe(a.noise_model).arma)
    lines.push_back("--save ljung-box: only arma11's whitened residuals are tested, and " + model +
                    " has no such map");
  if (a.saves(SavedMap::noise) && a.noise_model.parameter_names().empty())
    lines.push_back("--save noise: " + model + " has no parameters, and no such map");
  return lines;
}

std::vector<TrialDiagnostics> trials_of(const RunDesigns& designs, size_t run) {
  if (designs.events.empty()) return {};
  return diagnose_trials(designs.events[run], designs.options);
}

/// The design of each run, with its provenance and a picture.
void write_designs(const FitRequest& a, const FitInputs& runs, const MapWriter& writer,
                   OutputSet& outputs) {
  for (size_t r = 0; r < runs.inputs.size(); ++r) {
    const DesignMatrix& design = runs.designs.designs[r];
    const Eigen::MatrixXd values = kept_rows(design, runs.designs.kept[r]);
    const DesignDiagnostics d = diagnose(values);
    DesignRecord record = design_record(a.design, runs.designs, r, design, d);
    record.checks = design_checks(design, values, d, trials_of(runs.designs, r),
                                  runs.first.contrasts.usable, r);
    const std::string run = run_prefix(runs.inputs.size(), r);
    write_design_files(outputs, writer.prefixed(run), runs.names[r], design, d, record,
                       writer.provenance());
  }
}

void write_contrasts(const FitInputs& runs, const Mask& mask, FirstLevelFit& fit,
                     const FitRecord& record, MapWriter& writer, Summary& summary) {
  MapRecord common;
  common.fit = record;
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
                  const MaskRecord& mask_record, MapWriter& writer) {
  add_mask_map(mask, mask_record, writer);
  const bool any_failed =
      std::any_of(status.begin(), status.end(), [](VoxelStatus s) { return s != VoxelStatus::ok; });
  if (!any_failed && !a.saves(SavedMap::status)) return;
  MapRecord record{"why a voxel has no statistics"};
  record.levels.emplace();
  for (size_t s = 0; s < kVoxelStatusNames.size(); ++s)
    record.levels->emplace_back(std::to_string(s), kVoxelStatusNames[s]);
  writer.add("stat-status_statmap", as_numbers(status), ScalarType::uint8, record);
}

/// Runs as stored in estimates.h5.
std::vector<StoredRun> stored_runs(const FitInputs& runs, std::vector<RunEstimates> estimates) {
  std::vector<StoredRun> stored;
  for (size_t r = 0; r < estimates.size(); ++r)
    stored.push_back({runs.designs.designs[r], runs.designs.kept[r], runs.first.runs[r].noise_model,
                      runs.first.plan.scaling, std::move(estimates[r]), runs.names[r]});
  return stored;
}

void write_outputs(const FitRequest& a, const FirstLevelPlan& plan, const FitInputs& runs,
                   const Mask& mask, FirstLevelFit fit, const FitRecord& record,
                   const Provenance& provenance, OutputSet& outputs, Summary& summary,
                   Journal& journal) {
  MapWriter writer(outputs, a.prefix, mask, scalar_type(a.map_type), provenance, RecordKind::map);
  writer.set_log_p(a.log_p);
  write_contrasts(runs, mask, fit, record, writer, summary);
  write_voxels(a, mask, joint_status(fit.estimates), record.mask, writer);
  const std::vector<StoredRun> stored = stored_runs(runs, std::move(fit.estimates));
  save_extra_maps(a, stored, record, writer);
  if (const FittedSeriesWanted wanted{a.saves(SavedMap::residuals), a.saves(SavedMap::predicted),
                                      a.saves(SavedMap::tsnr)};
      wanted.any())
    for (size_t r = 0; r < stored.size(); ++r)
      write_fitted_series(wanted, runs.headers[r], runs.inputs[r].repetition_time_s(), stored[r],
                          mask, plan.stream(), run_prefix(stored.size(), r), record, writer,
                          outputs, journal);
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
  write_designs(a, runs, writer, outputs);
  if (estimates.valid()) {
    estimates.get();
    outputs.write(writer.prefixed("estimates.json"), signed_text(record, provenance));
  }
  write_dataset_description(outputs, sources_of(a).second);
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
  const bool has_own = plan.noise_model.has_own_dof() ||
                       (runs.size() > 1 && (plan.fixed_effects == FixedEffects::meier ||
                                            plan.fixed_effects == FixedEffects::pooled));
  return Summary(fmt::format(
      "fitted {} voxels, {} run(s), {}{:g} degrees of freedom, noise model {}", mask.n_voxels(),
      runs.size(), has_own ? "at most " : "", dof, to_string(plan.noise_model)));
}

}  // namespace

JobSummary fit(const FitRequest& request, const Session& session) {
  FitRequest a = request;
  Journal& journal = session.journal;
  if (a.prefix.empty()) a.prefix = derived_prefix(a.bold);
  check(a);
  require_prefix_of(a.bold, a.prefix);
  const FirstLevelPlan plan = plan_of(a, session.threads);
  auto specs = contrast_specs(a.design);
  std::future<ReadMasks> given_mask;
  const MaskChoice masks = choose_masks(a.mask, a.bold, journal);
  if (!masks.files.empty()) given_mask = std::async(std::launch::async, read_masks, masks.files);
  FitInputs runs = prepare_runs(a.bold, a.design, plan, journal);
  runs.masks = masks;
  warn_of_orientation(runs.headers[0].grid, journal);
  for (const auto& w : runs.warnings) journal.warn(w);
  specs = add_contrasts(std::move(specs), runs, kPooledInstead, journal);
  if (specs.empty()) journal.info("no contrast was asked for: estimates only");
  OutputSet outputs(a.output, session.policy("fit", a.prefix));
  outputs.check_name(name_prefix(a.prefix) + "mask.nii.gz");
  for (const auto& spec : specs) outputs.check_name(name_prefix(a.prefix) + longest_map_name(spec));
  const Mask mask = make_mask(a, runs, plan, given_mask, journal);
  for (const auto& w : few_voxels(plan.noise_model, mask.n_voxels())) journal.warn(w);
  for (const auto& w : maps_without_values(a)) journal.warn(w);
  const FitForecast forecast{
      a, runs.first, runs.designs, runs.headers, mask.n_voxels(), runs.masks.files.empty()};
  runs.first.plan.runs_at_once = forecast.runs_in(session.memory_bytes);
  if (session.dry_run) return forecast.summary(session);

  FittedRuns fitted = read_and_fit(runs, mask, journal);
  std::vector<Eigen::Index> counts(kVoxelStatusNames.size(), 0);
  for (VoxelStatus s : joint_status(fitted.fit.estimates)) ++counts[size_t(s)];
  const FitRecord record =
      fit_record(a, plan, runs, fitted.images, fitted.fit.estimates, mask, counts);
  for (const auto* files : {&fitted.images, &runs.designs.inputs, &runs.mask_files})
    note_read(session, *files);
  for (const auto& input : runs.inputs)
    if (input.sidecar) note_read(session, {input.sidecar->file});
  Summary summary = summary_of(plan, fitted.fit.estimates, mask);
  {
    const Stage stage(journal, "contrasts and writing");
    write_outputs(a, plan, runs, mask, std::move(fitted.fit), record, session.provenance, outputs,
                  summary, journal);
  }
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  summary.report(journal, a.output, a.prefix);
  return report_failures(counts, runs.first.contrasts.refused, journal);
}

}  // namespace sociometer::jobs
