#include "cli/jobs/trials/trials_job.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "cli/jobs/first_level/fit_inputs.hpp"
#include "cli/jobs/first_level/fitted_runs.hpp"
#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/regions/region_inputs.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/jobs/trials/library_trials.hpp"
#include "cli/jobs/trials/trial_images.hpp"
#include "cli/jobs/trials/trial_runs.hpp"
#include "cli/jobs/trials/trial_tables.hpp"
#include "cli/jobs/trials/trials_forecast.hpp"
#include "engine/core/error.hpp"
#include "engine/core/stopwatch.hpp"
#include "engine/glm/noise_properties.hpp"
#include "engine/glm/trial_averages.hpp"
#include "io/bids/bids_name.hpp"
#include "io/tables/table.hpp"

namespace sociometer::jobs {
namespace {

TrialMethodRecord method_record(const TrialsRequest& a) {
  const bool separate = a.method == TrialMethod::lss;
  TrialMethodRecord record;
  record.method = separate ? "least squares, separate" : "least squares, all";
  if (separate) record.other_trials = name_of(a.others);
  if (!is_white(a.fit.noise_model))
    record.noise_from = separate ? "the model of all trials" : "the model with a column per trial";
  record.amplitude = name_of(a.amplitude);
  if (!a.types.empty()) record.types = a.types;
  if (a.shrinkage.given()) record.shrinkage = to_string(a.shrinkage);
  if (a.shrinkage.cross_validated())
    record.shrinkage_labels = a.shrinkage_labels.empty() ? "trial_type" : a.shrinkage_labels;
  return record;
}

void warn_of_empty_regions(const std::vector<KnownRegion>& regions, const Mask& mask,
                           Journal& journal) {
  for (const auto& known : regions)
    if (voxels_covered(mask.voxels, {known.region.voxels, known.region.weights}) == 0)
      journal.warn(
          fmt::format("region {} has no voxel in the mask: its means are n/a", known.region.name));
}

void write_regions(const std::vector<KnownRegion>& regions, const Mask& mask,
                   const std::vector<ListedTrial>& trials, const Eigen::MatrixXd& amplitude,
                   const TrialFitRecord& facts, const MapWriter& writer, OutputSet& outputs) {
  DescribedColumns columns{{"trial_number", "number of the trial, as in trials.tsv"}};
  TableRows rows(trials.size());
  for (size_t t = 0; t < trials.size(); ++t) rows[t].push_back(std::to_string(t + 1));
  TrialRegionsRecord record{
      "mean over the region's voxels of the mask, weighted if the region is", {}, facts};
  for (const auto& known : regions) {
    const WeightedVoxels voxels{known.region.voxels, known.region.weights};
    const Eigen::VectorXd means = mean_in_region(amplitude, mask.voxels, voxels);
    columns.push_back({known.region.name, "mean amplitude"});
    record.regions.emplace_back(known.region.name,
                                TrialRegionRecord{long(known.region.n_voxels()),
                                                  long(voxels_covered(mask.voxels, voxels))});
    for (size_t t = 0; t < trials.size(); ++t)
      rows[t].push_back(format_number(means[Eigen::Index(t)]));
  }
  write_described_table(outputs, writer.prefixed("trialRegions"), columns, rows, record,
                        writer.provenance());
}

/// Everything that is written.
struct Results {
  std::vector<ListedTrial> trials;
  TrialValues values;
  Eigen::VectorXd fractions;  ///< of shrinkage; may be empty
  std::optional<LibraryTrials> library;
};

/// Reads and fits the runs; lists the trials again where responses differ between voxels.
FittedRuns fit_trials(const TrialsRequest& a, const Mask& mask, const Session& session,
                      FitInputs& runs, Results& results) {
  if (!a.has_library()) {
    FittedRuns fitted = read_and_fit(runs, mask, session.journal);
    results.fractions =
        shrink_trials(a, runs, runs.first.runs, results.trials, session.threads, fitted.fit.trials);
    return fitted;
  }
  LibraryTrials& library = *results.library;
  FittedRuns fitted = fit_library_trials(a, mask, results.trials, session, runs, library);
  results.fractions = library.fractions;
  results.trials = list_trials(runs);
  for (size_t t = 0; t < results.trials.size(); ++t)
    if (const auto& lost = library.lost[t]; !lost.empty())
      results.trials[t].why_not +=
          fmt::format("; in voxels with response {}", fmt::join(lost, ", "));
  return fitted;
}

void write_outputs(const TrialsRequest& a, const FitInputs& runs, const Mask& mask,
                   const Results& results, const std::vector<KnownRegion>& regions, FitRecord fit,
                   const Session& session, OutputSet& outputs) {
  fit.choices.fixed_effects.reset();  // no runs are combined
  TrialFitRecord record{std::move(fit), method_record(a), {}};
  if (results.library) record.library = library_record(a, runs, *results.library);
  MapWriter writer(outputs, a.fit.prefix, mask, scalar_type(a.fit.map_type), session.provenance,
                   RecordKind::trial_map);
  write_trial_images(a, mask, results.trials, results.values, record, writer, outputs,
                     session.threads);
  for (const auto& column : a.average_by)
    write_averages(column,
                   average_trials(column, values_of_trials(column, runs, results.trials),
                                  results.trials, results.values.amplitude),
                   record, writer);
  if (results.fractions.size() > 0)
    writer.add(
        "desc-shrinkage_stat-fraction_statmap", results.fractions, writer.type(),
        TrialMapRecord{"fraction of the amplitudes' length that is kept", {}, {}, record, {}, {}});
  if (results.library) write_library_maps(a, *results.library, record, writer);
  add_mask_map(mask, record.fit.mask, writer);
  writer.flush(session.threads);
  const TrialTable table = trial_table(runs, results.trials);
  write_described_table(outputs, writer.prefixed("trials"), table.columns, table.rows,
                        TrialTableRecord{record}, session.provenance);
  if (!regions.empty())
    write_regions(regions, mask, results.trials, results.values.amplitude, record, writer, outputs);
  write_dataset_description(outputs, sources_of(a.fit).second);
  session.provenance.write_configuration(outputs, a.fit.prefix);
}

/// Trials without an amplitude, one line each.
std::vector<std::string> failures_of(const std::vector<ListedTrial>& trials) {
  std::vector<std::string> failures;
  for (size_t t = 0; t < trials.size(); ++t)
    if (!trials[t].why_not.empty())
      failures.push_back(fmt::format("trial {} ({} at {:g} s, run {}) has no amplitude: {}", t + 1,
                                     trials[t].event->type, trials[t].event->onset_s,
                                     trials[t].run + 1, trials[t].why_not));
  return failures;
}

}  // namespace

JobSummary trials(const TrialsRequest& request, const Session& session) {
  TrialsRequest a = request;
  Journal& journal = session.journal;
  if (a.fit.prefix.empty()) a.fit.prefix = derived_prefix(a.fit.bold);
  check(a);
  require_prefix_of(a.fit.bold, a.fit.prefix);
  const FirstLevelPlan plan = plan_of(a.fit, session.threads);
  std::future<ReadMasks> given_mask;
  const MaskChoice masks = choose_masks(a.fit.mask, a.fit.bold, journal);
  if (!masks.files.empty()) given_mask = std::async(std::launch::async, read_masks, masks.files);
  FitInputs runs = prepare_trial_runs(a, plan, journal);
  runs.masks = masks;
  warn_of_orientation(runs.headers[0].grid, journal);
  Results results{list_trials(runs), {}, {}, {}};
  for (const auto& column : a.average_by) values_of_trials(column, runs, results.trials);
  shrinkage_labels(a, runs, results.trials);
  std::vector<std::string> lost;
  std::vector<KnownRegion> regions;
  if (a.wants_regions())
    regions = load_regions(a.regions, {runs.headers[0].grid, a.fit.bold[0], a.regions.resample},
                           lost, journal);
  OutputSet outputs(a.fit.output, session.policy("trials", a.fit.prefix));
  outputs.check_name(name_prefix(a.fit.prefix) + "desc-trials_stat-variance_statmap.nii.gz");
  const Mask mask = make_mask(a.fit, runs, plan, given_mask, journal);
  warn_of_empty_regions(regions, mask, journal);
  if (a.has_library()) read_hrf_map(a, mask, runs, results.library.emplace(), journal);
  const TrialsForecast forecast{a, runs, mask, results.trials};
  if (session.memory_bytes > 0)
    runs.first.plan.runs_at_once = forecast.runs_in(session.memory_bytes);
  if (session.dry_run) {
    std::vector<std::string> failures;
    // Which trials lack an amplitude depends on the response.
    if (!a.has_library()) failures = failures_of(results.trials);
    for (const auto& line : failures) journal.warn(line);
    return forecast.summary(session, std::move(failures));
  }

  FittedRuns fitted = fit_trials(a, mask, session, runs, results);
  results.values = join_runs(fitted.fit.trials, session.threads);
  std::vector<Eigen::Index> counts(kVoxelStatusNames.size(), 0);
  for (VoxelStatus s : joint_status(fitted.fit.estimates)) ++counts[size_t(s)];
  FitRecord record =
      fit_record(a.fit, plan, runs, fitted.images, fitted.fit.estimates, mask, counts);
  for (const auto& file : files_of(regions)) record.inputs.push_back(file);
  note_read(session, files_of(regions));
  for (const auto* files : {&fitted.images, &runs.designs.inputs, &runs.mask_files})
    note_read(session, *files);
  for (const auto& input : runs.inputs)
    if (input.sidecar) note_read(session, {input.sidecar->file});
  write_outputs(a, runs, mask, results, regions, std::move(record), session, outputs);
  outputs.commit();
  Summary(fmt::format("{} trials, {} voxels, {} run(s), {}, noise model {}", results.trials.size(),
                      mask.n_voxels(), runs.inputs.size(), name_of(a.method),
                      to_string(plan.noise_model)))
      .report(journal, a.fit.output, a.fit.prefix);
  std::vector<std::string> failures = failures_of(results.trials);
  for (const auto& line : failures) journal.warn(line);
  return {std::move(failures), {}};
}

}  // namespace sociometer::jobs
