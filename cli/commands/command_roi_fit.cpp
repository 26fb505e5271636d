#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/first_level/ready_designs.hpp"
#include "cli/jobs/first_level/run_checks.hpp"
#include "cli/jobs/first_level/run_times.hpp"
#include "cli/jobs/regions/roi_inputs.hpp"
#include "cli/jobs/regions/roi_table.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/bind.hpp"
#include "cli/options/configuration.hpp"
#include "cli/options/design_options.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/glm/run_analysis.hpp"
#include "engine/roi/collinearity.hpp"
#include "engine/roi/region_series.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::cli {
namespace {

struct RoiFitArguments {
  DesignRequest design;
  RegionArguments regions;
  std::vector<std::string> bold;
  std::string participant, session, summary = "mean", noise_model = "ar4-averaged",
                                    scaling = "none", fixed_effects = "precision", output, prefix;
  double min_coverage = 0.8;
  bool include_zeros = false;
};

/// What was read of a run.
struct Run {
  RegionSeries series;
  InputFile image;
};

std::vector<RunInput> inputs_of(const RoiFitArguments& a, std::vector<NiftiHeader>& headers,
                                std::vector<InputFile>& sidecars) {
  std::vector<RunInput> inputs;
  for (const auto& path : a.bold) {
    headers.push_back(read_nifti_header(path));
    if (headers.back().n_volumes < 2)
      fail(ErrorCode::bad_input, "{} has {} volume; a run needs several", path,
           headers.back().n_volumes);
    require_same_grid(headers[0].grid, a.bold[0], headers.back().grid, path);
    if (headers.size() == 1) warn_of_orientation(headers[0].grid);
    RunInput input;
    input.name = std::filesystem::path(path).filename().string();
    input.n_scans = headers.back().n_volumes;
    set_run_times(a.design, headers.back(), input, sidecars, process_session().journal);
    inputs.push_back(std::move(input));
  }
  return inputs;
}

/// Rows of one contrast: effect, variance, t, z, p and dof of each region.
void add_rows(const ContrastMaps& maps, const Unit& unit, const std::vector<KnownRegion>& regions,
              const std::vector<Run>& runs, const Collinearity& collinearity, size_t contrast,
              const std::vector<std::string>& contrast_names, std::vector<RegionValue>& rows) {
  RegionValue row;
  row.unit = unit;
  row.vif = collinearity.contrasts[contrast].vif;
  row.efficiency = collinearity.contrasts[contrast].efficiency;
  row.regressor_sd = collinearity.contrasts[contrast].regressor_sd;
  for (size_t other = 0; other < contrast_names.size(); ++other) {
    const double r = collinearity.correlation(Eigen::Index(contrast), Eigen::Index(other));
    if (other == contrast || std::isnan(r) ||
        (!std::isnan(row.correlation) && std::abs(r) <= std::abs(row.correlation)))
      continue;
    row.correlation = r;
    row.correlated_with = contrast_names[other];
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
    const std::pair<const char*, double> numbers[] = {{"effect", maps.effect(0, v)},
                                                      {"variance", maps.variance(0, v)},
                                                      {"t", maps.statistic[v]},
                                                      {"z", maps.z[v]},
                                                      {"p", maps.p[v]},
                                                      {"dof", maps.dof}};
    for (const auto& [name, number] : numbers) {
      row.statistic = name;
      row.value = number;
      rows.push_back(row);
    }
  }
}

Json facts_of(const RoiFitArguments& a, const RunDesigns& designs, const std::vector<Run>& runs,
              const std::vector<InputFile>& sidecars, const FirstLevel& first) {
  Json facts;
  facts["Order"] = "regions are averaged first, then fitted";
  facts["Summary"] = a.summary;
  facts["NoiseModel"] = to_string(first.plan.noise_model);
  facts["Scaling"] = a.scaling == "grand"
                         ? "grand: 100 over the mean of the regions' series in the run"
                         : a.scaling;
  facts["FixedEffects"] = a.fixed_effects;
  facts["Design"] = design_json(a.design, designs);
  facts["Runs"] = Json::array();
  for (size_t r = 0; r < runs.size(); ++r) {
    Json run{{"Bold", runs[r].image.path}, {"XXH3", runs[r].image.checksum}};
    add_run_json(run, a.design, designs, r);
    run["DegreesOfFreedom"] = first.runs[r].design.dof;
    facts["Runs"].push_back(run);
  }
  facts["Inputs"] = Json::array();
  for (const auto* files : {&designs.inputs, &sidecars})
    for (const auto& file : *files)
      facts["Inputs"].push_back({{"Path", file.path}, {"XXH3", file.checksum}});
  return facts;
}

FirstLevelPlan plan_of(const RoiFitArguments& a, const GlobalOptions& global) {
  FirstLevelPlan plan;
  plan.noise_model = parse_noise_model(a.noise_model);
  if (plan.noise_model.pools())
    fail(ErrorCode::usage,
         "{} pools its covariance over the voxels of a brain; for a few regions take ar1, auto, "
         "arma11 or tukey",
         to_string(plan.noise_model));
  plan.scaling = parse_scaling(a.scaling);
  plan.fixed_effects = parse_fixed_effects(a.fixed_effects);
  plan.n_threads = global.threads();
  return plan;
}

Unit unit_of(const RoiFitArguments& a) {
  Unit unit = unit_of_path(a.bold[0]);
  if (!a.participant.empty()) unit.participant = a.participant;
  if (!a.session.empty()) unit.session = a.session;
  if (unit.participant.empty())
    fail(ErrorCode::usage, "{} does not say whose it is: give --participant", a.bold[0]);
  return unit;
}

FirstLevel prepare(const FirstLevelPlan& plan, const RunDesigns& designs,
                   const std::vector<RunInput>& inputs, const std::vector<ContrastSpec>& specs) {
  FirstLevel first{plan, {}, {}};
  for (size_t r = 0; r < inputs.size(); ++r) {
    first.runs.push_back(prepare_run({inputs[r].name, designs.designs[r], designs.kept[r],
                                      designs.run_starts[r], inputs[r].tr_s},
                                     plan));
    for (const auto& w : first.runs.back().warnings) warn(w);
  }
  first.contrasts = resolve_contrasts(specs, first.runs);
  for (const auto& w : first.contrasts.warnings) warn(w);
  if (!first.contrasts.refused.empty())  // a table without one of its contrasts is no table
    fail(ErrorCode::bad_input, "{}", first.contrasts.refused.front());
  return first;
}

std::vector<Run> read_runs(const RoiFitArguments& a, const std::vector<NiftiHeader>& headers,
                           const std::vector<RunInput>& inputs, const RegionGather& gather) {
  std::vector<Run> runs(headers.size());
  std::vector<ReadImage> images;
  for (size_t r = 0; r < runs.size(); ++r) {
    Progress progress(fmt::format("reading {}", inputs[r].name));
    NiftiSource source(headers[r]);
    runs[r].series = read_region_series(
        source, gather, a.summary, a.include_zeros ? SeriesCoverage::all : SeriesCoverage::nonzero);
    runs[r].image = input_file(headers[r].data_path, source.finish());
    images.push_back({runs[r].image});
  }
  require_different_images(images);
  return runs;
}

FirstLevelFit fit_regions(const FirstLevel& first, const std::vector<Run>& runs) {
  const auto open = [&](size_t r) { return std::make_unique<SeriesSource>(runs[r].series.values); };
  return fit_first_level(first, open, SeriesSource(runs[0].series.values).all_voxels());
}

/// How the contrasts of all runs go together.
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

/// Warns of regions that are badly covered or could not be fitted.
int report_regions(const std::vector<KnownRegion>& regions, const std::vector<Run>& runs,
                   const FirstLevelFit& fit, const std::string& participant, double min_coverage) {
  const std::vector<VoxelStatus> status = joint_status(fit.estimates);
  std::vector<std::string> unfitted;
  for (size_t r = 0; r < regions.size(); ++r) {
    double coverage = 1;
    for (const auto& run : runs) coverage = std::min(coverage, run.series.coverage[r]);
    if (status[r] != VoxelStatus::ok)
      unfitted.push_back(regions[r].region.name);
    else if (coverage < min_coverage)
      warn(fmt::format("region {}: coverage {:.3g} in {}", regions[r].region.name, coverage,
                       participant));
  }
  if (!unfitted.empty())
    warn(
        fmt::format("regions without statistics in {} (no coverage, or a series that cannot be "
                    "fitted): {}",
                    participant, fmt::join(unfitted, ", ")));
  return unfitted.empty() ? kDone : kDoneWithFailures;
}

int run_roi_fit(const RoiFitArguments& a, const GlobalOptions& global) {
  const FirstLevelPlan plan = plan_of(a, global);
  const auto specs = contrast_specs(a.design);
  if (specs.empty() || !a.design.f_contrasts.empty())
    fail(ErrorCode::usage, "give at least one --contrast; F contrasts have no one value");
  const Unit unit = unit_of(a);
  std::vector<NiftiHeader> headers;
  std::vector<InputFile> sidecars;
  const std::vector<RunInput> inputs = inputs_of(a, headers, sidecars);
  const RunDesigns designs = load_designs(a.design, inputs, process_session().journal);
  for (const auto& w : designs.warnings) warn(w);
  const FirstLevel first = prepare(plan, designs, inputs, specs);
  std::vector<std::string> lost;
  const std::vector<KnownRegion> regions =
      load_regions(a.regions, {headers[0].grid, a.bold[0], a.regions.resample}, lost);
  std::vector<Region> plain;
  for (const auto& known : regions) plain.push_back(known.region);
  OutputSet outputs(a.output, output_policy(global, "roi-fit", a.prefix));

  const std::vector<Run> runs = read_runs(a, headers, inputs, RegionGather(plain));
  FirstLevelFit fit = fit_regions(first, runs);
  write_region_values(table_of(first, fit, unit, regions, runs), regions,
                      facts_of(a, designs, runs, sidecars, first), name_prefix(a.prefix), outputs);
  write_configuration(outputs, a.prefix);
  outputs.commit();
  tell_written(a.output, a.prefix);
  return report_regions(regions, runs, fit, unit.participant, a.min_coverage);
}

}  // namespace

void add_roi_fit_command(CLI::App& roi, GlobalOptions& global, int& exit_code) {
  auto* c = roi.add_subcommand(
      "fit", "First level on regions: their series are averaged first, then fitted");
  auto a = std::make_shared<RoiFitArguments>();
  c->add_option("--bold", a->bold, "4D images of one participant, one per run")->required();
  add_region_options(*c, a->regions);
  add_design_options(*c, a->design);
  c->add_option("--summary", a->summary,
                "What stands for a region in a scan: mean, weighted-mean, median, eigenvariate")
      ->capture_default_str();
  c->add_option("--noise-model", a->noise_model,
                "ols, arK, arK-corrected, arK-averaged (K 1 .. 5), auto, ar1-nilearn, arma11, "
                "tukey")
      ->capture_default_str();
  c->add_option("--scaling", a->scaling, "none, psc (percent of the region's mean) or grand")
      ->capture_default_str();
  c->add_option("--fixed-effects", a->fixed_effects,
                "Runs combined by precision, equal, or as nilearn")
      ->capture_default_str();
  c->add_option("--participant", a->participant,
                "Label for the table (default: from the file name)");
  c->add_option("--session", a->session, "Label for the table (default: from the file name)");
  c->add_flag("--include-zeros", a->include_zeros,
              "Voxels that are 0 in the first scan count (default: they lie outside the brain)");
  c->add_option("--min-coverage", a->min_coverage, "Warn of regions that are covered less")
      ->capture_default_str();
  c->add_option("--prefix", a->prefix, "Put before every file name");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer roi fit --bold study/derivatives/fmriprep/sub-01/func/*_bold.nii.gz "
      "\\\n"
      "    --events learning/sub-01/func/*_events.tsv --rois rois/rois.tsv \\\n"
      "    --modulators feedback:outcome_update,rank_update_unsigned \\\n"
      "    --contrast outcome=feedback:outcome_update -o values-of-means");
  c->callback([a, &global, &exit_code] { exit_code = run_roi_fit(*a, global); });
}

}  // namespace sociometer::cli
