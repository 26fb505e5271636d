#include "cli/jobs/regions/region_fit_job.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "cli/jobs/first_level/fit_inputs.hpp"
#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/forecast.hpp"
#include "cli/jobs/given.hpp"
#include "cli/jobs/regions/region_inputs.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/memory.hpp"
#include "engine/core/missing.hpp"
#include "engine/glm/run_analysis.hpp"
#include "engine/roi/collinearity.hpp"
#include "engine/roi/region_memory.hpp"
#include "engine/roi/region_series.hpp"
#include "io/records/region_fit_record.hpp"
#include "io/records/region_values.hpp"

namespace sociometer::jobs {
namespace {

/// The inputs of one run.
struct Run {
  RegionSeries series;
  InputFile image;
};

/// Rows of one contrast: effect, variance, t, z, p and dof of each region.
void add_rows(const ContrastMaps& maps, const Unit& unit, const std::vector<KnownRegion>& regions,
              const std::vector<Run>& runs, const Collinearity& collinearity, size_t contrast,
              const std::vector<std::string>& contrast_names, std::vector<RegionValue>& rows) {
  RegionValue row;
  row.unit = unit;
  row.vif = collinearity.contrasts[contrast].vif;
  row.efficiency = collinearity.contrasts[contrast].efficiency;
  row.regressor_sd = collinearity.contrasts[contrast].regressor_sd;
  if (const auto strongest = strongest_correlation(collinearity, contrast)) {
    row.correlation = strongest->r;
    row.correlated_with = contrast_names[strongest->other];
  }
  for (size_t r = 0; r < regions.size(); ++r) {
    const auto v = Eigen::Index(r);
    row.roi = regions[r].region.name;
    row.coverage = 1;
    row.n_voxels = regions[r].region.n_voxels();
    for (const auto& run : runs) {
      row.coverage = std::min(row.coverage, run.series.coverage[r]);
      row.n_voxels = std::min(row.n_voxels, run.series.n_voxels[r]);
    }
    const std::pair<const char*, double> numbers[] = {
        {"effect", maps.effect(0, v)},
        {"variance", maps.variance(0, v)},
        {"t", maps.statistic[v]},
        {"z", maps.z[v]},
        {"p", maps.p[v]},
        {"dof", maps.own_dof.size() > 0 ? maps.own_dof[v] : maps.dof}};
    for (const auto& [name, number] : numbers) {
      row.statistic = name;
      row.value = number;
      rows.push_back(row);
    }
  }
}

RegionFitRecord record_of(const RegionFitRequest& a, const FitInputs& prepared,
                          const std::vector<KnownRegion>& regions, const std::vector<Run>& runs) {
  const FirstLevel& first = prepared.first;
  const RunDesigns& designs = prepared.designs;
  RegionFitRecord record;
  record.order = "regions are averaged first, then fitted";
  record.summary = name_of(a.summary);
  record.noise_model = to_string(first.plan.noise_model);
  record.choices = {a.scaling == Scaling::grand
                        ? "grand: 100 over the mean of the regions' series in the run"
                        : name_of(a.scaling),
                    name_of(a.fixed_effects)};
  record.design = design_settings(a.design, designs);
  for (size_t r = 0; r < runs.size(); ++r)
    record.runs.push_back({runs[r].image, scan_counts(designs, r),
                           settings_of_run(a.design, prepared, r),
                           double(first.runs[r].design.dof)});
  record.inputs = designs.inputs;
  for (const auto& file : files_of(regions)) record.inputs.push_back(file);
  return record;
}

FirstLevelPlan plan_of(const RegionFitRequest& a, int n_threads) {
  FirstLevelPlan plan;
  plan.noise_model = a.noise_model;
  plan.scaling = a.scaling;
  plan.fixed_effects = a.fixed_effects;
  plan.n_threads = n_threads;
  return plan;
}

Unit unit_of(const RegionFitRequest& a) {
  Unit unit = unit_of_path(a.bold[0]);
  if (!a.participant.empty()) unit.participant = a.participant;
  if (!a.session.empty()) unit.session = a.session;
  if (unit.participant.empty())
    fail(ErrorCode::usage, "{} does not say whose it is: give --participant", a.bold[0]);
  return unit;
}

/// A table must have all its contrasts, and has one value for each.
void resolve_contrasts_of(const RegionFitRequest& a, FitInputs& runs, Journal& journal) {
  for (const auto& spec : runs.designs.contrasts)
    if (spec.kind == ContrastKind::F)
      journal.warn(fmt::format(
          "{} of the stats model is left out: an F contrast has no single value per region",
          spec.name));
  std::erase_if(runs.designs.contrasts,
                [](const ContrastSpec& spec) { return spec.kind == ContrastKind::F; });
  const auto specs = add_contrasts(contrast_specs(a.design), runs,
                                   "--fixed-effects equal weights them alike", journal);
  if (specs.empty()) fail(ErrorCode::usage, "give at least one --contrast");
  if (!runs.first.contrasts.refused.empty())
    fail(ErrorCode::bad_input, "{}", runs.first.contrasts.refused.front());
}

std::vector<Run> read_runs(const RegionFitRequest& a, const FitInputs& prepared,
                           const RegionGather& gather, Journal& journal) {
  const std::vector<NiftiHeader>& headers = prepared.headers;
  std::vector<Run> runs(headers.size());
  std::vector<ReadImage> images;
  for (size_t r = 0; r < runs.size(); ++r) {
    const auto task = journal.start(fmt::format("reading {}", prepared.names[r]));
    NiftiSource source(headers[r]);
    runs[r].series = read_region_series(
        source, gather, a.summary, a.include_zeros ? SeriesCoverage::all : SeriesCoverage::nonzero);
    runs[r].image = input_file(headers[r].data_path, source.finish());
    warn_of_empty_volumes(runs[r].image.path, source.empty_volumes(), prepared.designs.kept[r],
                          journal);
  }
  for (const auto& run : runs) images.push_back({run.image, nullptr, &run.series.values});
  require_different_images(images);
  return runs;
}

FirstLevelFit fit_regions(const FirstLevel& first, const std::vector<Run>& runs) {
  const auto open = [&](size_t r) { return std::make_unique<SeriesSource>(runs[r].series.values); };
  return fit_first_level(first, open, SeriesSource(runs[0].series.values).all_voxels());
}

/// How each contrast combines the runs.
Collinearity collinearity_of(const FirstLevel& first) {
  std::vector<RunColumns> columns;
  for (size_t r = 0; r < first.runs.size(); ++r) {
    RunColumns of_run{first.runs[r].design.design, {}, first.runs[r].matrix.trial_sd};
    for (const auto& contrast : first.contrasts.usable) {
      of_run.contrasts.emplace_back();
      if (contrast.usable_in(r)) of_run.contrasts.back() = contrast.rows[r].row(0).transpose();
    }
    columns.push_back(std::move(of_run));
  }
  return collinearity(columns);
}

std::vector<RegionValue> table_of(const FirstLevel& first, FirstLevelFit& fit, Unit unit,
                                  const std::vector<KnownRegion>& regions,
                                  const std::vector<Run>& runs) {
  const Collinearity collinear = collinearity_of(first);
  std::vector<std::string> names;
  for (const auto& contrast : first.contrasts.usable) names.push_back(contrast.spec.name);
  std::vector<RegionValue> rows;
  for (size_t c = 0; c < names.size(); ++c) {
    unit.contrast = names[c];
    add_rows(combine_contrast(first, fit, c), unit, regions, runs, collinear, c, names, rows);
  }
  return rows;
}

RegionWork work_of(const RegionFitRequest& a, const std::vector<NiftiHeader>& headers,
                   const FirstLevel& first) {
  RegionWork work;
  work.n_grid_voxels = headers[0].grid.n_voxels();
  work.value_bytes = 1;
  for (const auto& header : headers) {
    work.value_bytes = std::max(work.value_bytes, size_in_bytes(header.format.type));
    work.n_scans += header.n_volumes;
  }
  work.n_tables = Eigen::Index(first.contrasts.usable.size());
  work.n_statistics = 6;
  work.keeps_series = a.summary == RegionStatistic::eigenvariate;
  return work;
}

/// The answer to --dry-run.
Forecast forecast_of_fit(const RegionFitRequest& a, const FitInputs& prepared,
                         const RegionGather& gather, double memory, const Session& session) {
  const FirstLevel& first = prepared.first;
  Forecast forecast(fmt::format("roi fit would fit {} region(s) in {} run(s)", gather.n_regions(),
                                first.runs.size()));
  for (size_t r = 0; r < first.runs.size(); ++r) {
    const auto& kept = prepared.designs.kept[r];
    forecast.add(first.runs[r].name,
                 fmt::format("{} scans, {} kept, {} columns, rank {}", kept.size(),
                             std::count(kept.begin(), kept.end(), 1),
                             first.runs[r].matrix.n_columns(), first.runs[r].design.rank()));
  }
  forecast.add("voxels", fmt::format("{} in the regions", gather.voxels().size()));
  forecast.add("noise model", to_string(first.plan.noise_model));
  std::vector<std::string> contrasts;
  for (const auto& contrast : first.contrasts.usable) contrasts.push_back(contrast.spec.name);
  forecast.add("contrasts", fmt::format("{}", fmt::join(contrasts, ", ")));
  forecast.add_memory(memory, session.memory_bytes);
  for (auto& name : value_files(session.provenance, a.prefix)) forecast.add_output(std::move(name));
  return forecast;
}

/// Warns about regions with poor coverage or without a fit. @return a line for the latter.
JobSummary report_regions(const std::vector<KnownRegion>& regions, const std::vector<Run>& runs,
                          const FirstLevelFit& fit, const std::string& participant,
                          double min_coverage, Journal& journal) {
  const std::vector<VoxelStatus> status = joint_status(fit.estimates);
  std::vector<std::string> unfitted;
  for (size_t r = 0; r < regions.size(); ++r) {
    double coverage = 1;
    for (const auto& run : runs) coverage = std::min(coverage, run.series.coverage[r]);
    if (status[r] != VoxelStatus::ok)
      unfitted.push_back(regions[r].region.name);
    else if (coverage < min_coverage)
      journal.warn(fmt::format("region {}: coverage {:.3g} in {}", regions[r].region.name, coverage,
                               participant));
  }
  JobSummary summary;
  if (!unfitted.empty())
    summary.failures.push_back(
        fmt::format("regions without statistics in {} (no coverage, or a series that cannot be "
                    "fitted): {}",
                    participant, fmt::join(unfitted, ", ")));
  for (const auto& line : summary.failures) journal.warn(line);
  return summary;
}

}  // namespace

void check(const RegionFitRequest& a) {
  require_given(!a.bold.empty(), "--bold");
  check(a.noise_model);
  if (a.noise_model.learns_over_voxels())
    fail(ErrorCode::usage,
         "{} learns its noise from the voxels of a brain, and regions are few; leave --noise-model "
         "out (ar4-averaged), or take auto, arma11 or tukey",
         to_string(a.noise_model));
  if (a.noise_model.smoothing_fwhm_mm > 0)
    fail(ErrorCode::usage, "noise parameters of regions cannot be smoothed over space");
  if (a.fixed_effects == FixedEffects::pooled)
    fail(ErrorCode::usage,
         "--fixed-effects pooled has the runs' median precision over all voxels of a brain, and "
         "regions are few; take equal");
  require_statistic_of_scans(a.summary);
  if (!a.design.f_contrasts.empty())
    fail(ErrorCode::usage,
         "--f-contrast {}: an F contrast has no single value per region; leave it out",
         a.design.f_contrasts[0]);
}

JobSummary region_fit(const RegionFitRequest& a, const Session& session) {
  Journal& journal = session.journal;
  check(a);
  require_prefix_of(a.bold, a.prefix);
  contrast_specs(a.design);  // refused before images are opened
  FitInputs prepared = prepare_runs(a.bold, a.design, plan_of(a, session.threads), journal);
  const std::vector<NiftiHeader>& headers = prepared.headers;
  warn_of_orientation(headers[0].grid, journal);
  const Unit unit = unit_of(a);
  for (const auto& w : prepared.warnings) journal.warn(w);
  resolve_contrasts_of(a, prepared, journal);
  const FirstLevel& first = prepared.first;
  std::vector<std::string> lost;
  const std::vector<KnownRegion> regions =
      load_regions(a.regions, {headers[0].grid, a.bold[0], a.regions.resample}, lost, journal);
  OutputSet outputs(a.output, session.policy("roi-fit", a.prefix));
  const RegionGather gather(plain_regions(regions));
  const double memory = memory_of(gather, work_of(a, headers, first)).peak(1);
  require_memory(memory, session.memory_bytes, "reading the series of the regions",
                 "fewer regions or runs");
  if (session.dry_run)
    return forecast_of_fit(a, prepared, gather, memory, session).summary(a.output);

  const std::vector<Run> runs = read_runs(a, prepared, gather, journal);
  FirstLevelFit fit = fit_regions(first, runs);
  RegionValuesRecord record;
  record.fit = record_of(a, prepared, regions, runs);
  for (const auto& run : runs) note_read(session, {run.image});
  note_read(session, record.fit->inputs);
  write_region_values(table_of(first, fit, unit, regions, runs), regions, std::move(record),
                      session.provenance, name_prefix(a.prefix), outputs);
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  report_written(journal, a.output, a.prefix);
  return report_regions(regions, runs, fit, unit.participant, a.min_coverage, journal);
}

}  // namespace sociometer::jobs
