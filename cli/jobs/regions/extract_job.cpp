#include "cli/jobs/regions/extract_job.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>

#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/forecast.hpp"
#include "cli/jobs/read_files.hpp"
#include "cli/jobs/regions/extraction.hpp"
#include "cli/jobs/regions/region_inputs.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/memory.hpp"
#include "engine/core/parallel.hpp"
#include "engine/roi/region_memory.hpp"
#include "engine/roi/region_series.hpp"
#include "io/bids/bids_name.hpp"
#include "io/images/map_statistic.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/region_series.hpp"
#include "io/records/sidecar.hpp"
#include "io/stores/estimates_file.hpp"

namespace sociometer::jobs {
namespace {

/// Inputs of one participant and session.
struct Group {
  Unit unit;
  std::vector<std::string> paths;
};

std::vector<Group> grouped(const std::vector<std::string>& paths, bool maps) {
  std::vector<Group> groups;
  std::map<std::pair<std::string, std::string>, size_t> places;  // by participant and session
  std::map<std::array<std::string, 3>, std::string> contrasts;   // and contrast: its map
  for (const auto& path : paths) {
    const Unit unit = identified(path, maps);
    const auto [place, is_new] =
        places.emplace(std::pair(unit.participant, unit.session), groups.size());
    if (is_new) groups.push_back({unit, {}});
    const auto [other, is_first] =
        contrasts.emplace(std::array{unit.participant, unit.session, unit.contrast}, path);
    if (maps && !is_first)
      fail(ErrorCode::bad_input, "{} and {} both hold contrast {} of {}; give one of them",
           other->second, path, unit.contrast, unit.participant);
    groups[place->second].paths.push_back(path);
  }
  return groups;
}

/// The eigenvariate of each region over participants, in each extracted map.
std::vector<std::vector<double>> eigenvariates_of(const std::vector<const Extracted*>& all,
                                                  const RegionGather& gather) {
  std::map<std::string, std::vector<size_t>> of_contrast;
  for (size_t i = 0; i < all.size(); ++i) of_contrast[all[i]->unit.contrast].push_back(i);
  std::vector<std::vector<double>> out(all.size());
  for (const auto& [contrast, places] : of_contrast) {
    std::vector<std::span<const double>> maps;
    for (size_t i : places) maps.emplace_back(all[i]->values);
    const Eigen::MatrixXd values = eigenvariates(maps, gather);
    for (size_t i = 0; i < places.size(); ++i)
      for (Eigen::Index r = 0; r < values.cols(); ++r)
        out[places[i]].push_back(values(Eigen::Index(i), r));
  }
  return out;
}

std::vector<RegionValue> rows_of(const std::vector<const Extracted*>& all, const Extraction& x) {
  std::vector<std::vector<double>> eigen;
  if (x.request.wants(RegionStatistic::eigenvariate)) eigen = eigenvariates_of(all, x.gather);
  std::vector<RegionValue> rows;
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t r = 0; r < x.regions.size(); ++r)
      for (const auto statistic : x.request.statistics) {
        const Extracted& e = *all[i];
        RegionValue row;
        row.unit = e.unit;
        row.roi = x.regions[r].region.name;
        row.statistic = name_of(statistic);
        row.value = statistic == RegionStatistic::eigenvariate ? eigen[i][r]
                    : statistic == RegionStatistic::psc        ? e.psc[r]
                                                        : statistic_of(e.summaries[r], statistic);
        row.n_voxels = e.summaries[r].n_covered;
        row.coverage = e.summaries[r].coverage;
        row.vif = e.vif;
        row.efficiency = e.efficiency;
        row.regressor_sd = e.regressor_sd;
        row.correlation = e.correlation;
        row.correlated_with = e.correlated_with;
        rows.push_back(std::move(row));
      }
  return rows;
}

/// Warns about each region that some map covers poorly. @return regions that some map lacks.
std::vector<std::string> report_coverage(const std::vector<const Extracted*>& all,
                                         const Extraction& x, Journal& journal) {
  const double least = x.request.min_coverage;
  std::vector<std::string> lacking;
  for (size_t r = 0; r < x.regions.size(); ++r) {
    const std::string& name = x.regions[r].region.name;
    size_t low = 0, empty = 0;
    const Extracted *worst = nullptr, *first_empty = nullptr;
    for (const auto* e : all) {
      const double coverage = e->summaries[r].coverage;
      if (e->summaries[r].n_covered == 0) {
        if (!first_empty) first_empty = e;
        ++empty;
      } else if (coverage < least) {
        ++low;
        if (!worst || coverage < worst->summaries[r].coverage) worst = e;
      }
    }
    if (low > 0)
      journal.warn(fmt::format("region {}: coverage below {} in {} of {} maps, lowest {:.3g} in {}",
                               name, least, low, all.size(), worst->summaries[r].coverage,
                               worst->source));
    if (empty == 0) continue;
    lacking.push_back(fmt::format(
        "region {}: no voxel is covered in {} of {} maps ({}{}); its values there are n/a", name,
        empty, all.size(), first_empty->source, empty > 1 ? ", .." : ""));
    journal.warn(lacking.back());
  }
  return lacking;
}

std::string coverage_rule(const ExtractRequest& a) {
  if (a.maps.empty()) return "voxels of the fit that have statistics";
  if (!a.masks.empty()) return "voxels of --masks";
  return a.include_zeros ? "finite voxels" : "finite voxels that are not zero";
}

ExtractionRecord record_of(const std::vector<Outcome>& outcomes, const Extraction& x,
                           const std::string& statistic) {
  const ExtractRequest& a = x.request;
  ExtractionRecord record;
  if (!statistic.empty()) record.map_statistic = statistic;
  record.grid = describe(x.rule.grid);
  if (!x.lost.empty()) record.lost = x.lost;
  if (!x.rule.grid.orientation_note.empty()) record.orientation = x.rule.grid.orientation_note;
  record.resampled = a.regions.resample
                         ? "where needed: nearest voxel for labels and masks, linear for weights"
                         : "no";
  record.coverage_rule = coverage_rule(a);
  record.min_coverage = a.min_coverage;
  if (a.maps.empty()) record.fixed_effects = name_of(a.fixed_effects);
  const auto some = std::find_if(outcomes.begin(), outcomes.end(),
                                 [](const Outcome& o) { return !o.extracted.empty(); });
  if (a.wants(RegionStatistic::psc) && some != outcomes.end()) {
    PercentSignalChangeRecord& change = record.percent_signal_change.emplace();
    change.event_height = some->extracted[0].height;
    if (a.event_duration_s) {
      change.event_duration_s = *a.event_duration_s;
      change.hrf = to_string(a.hrf);
    }
  }
  for (const auto& outcome : outcomes) {
    record.inputs.insert(record.inputs.end(), outcome.inputs.begin(), outcome.inputs.end());
    if (!outcome.failure.empty()) record.failed.push_back(outcome.failure);
  }
  for (const auto& file : files_of(x.regions)) record.inputs.push_back(file);
  keep_first_of_each_path(record.inputs);
  return record;
}

Extraction prepared(const ExtractRequest& a, const Grid& grid, const std::string& path,
                    Journal& journal) {
  const GridRule rule{grid, path, a.regions.resample};
  warn_of_orientation(rule.grid, journal);
  std::vector<std::string> lost;
  const std::vector<KnownRegion> regions = load_regions(a.regions, rule, lost, journal);
  return {a, rule, regions, lost, RegionGather(plain_regions(regions)), {}};
}

/// The grid of the first input.
/// @param known  of the first map, if its header was read before.
Grid grid_of(const ExtractRequest& a, const std::optional<Grid>& known) {
  if (known) return *known;
  if (!a.maps.empty()) return read_nifti_header(a.maps[0]).grid;
  Mask mask;
  read_estimates(a.estimates[0], mask);
  return mask.grid;
}

std::vector<Outcome> outcomes_of(const std::vector<Group>& groups, const Extraction& x,
                                 int n_threads) {
  std::vector<Outcome> outcomes(groups.size());
  parallel_for(Eigen::Index(groups.size()), n_threads, [&](Eigen::Index i) {
    const Group& group = groups[size_t(i)];
    // A participant that cannot be read must not stop the others.
    try {
      outcomes[size_t(i)] = x.request.maps.empty() ? from_estimates(x, group.paths, group.unit)
                                                   : from_maps(x, group.paths);
    } catch (const Error& error) {
      outcomes[size_t(i)].failure = group.unit.participant + ": " + error.what();
    }
  });
  return outcomes;
}

/// Bytes of the largest participant's estimates.
double largest_store(const std::vector<Group>& groups) {
  double most = 0;
  for (const auto& group : groups) {
    double bytes = 0;
    for (const auto& path : group.paths) {
      std::error_code error;
      const auto size = std::filesystem::file_size(path, error);
      if (!error) bytes += double(size);
    }
    most = std::max(most, bytes);
  }
  return most;
}

/// How many inputs are read side by side, and what that takes.
struct SideBySide {
  RegionMemory memory;
  int n = 1;
};
SideBySide side_by_side(const Extraction& x, const RegionWork& work, size_t n_inputs,
                        const Session& session) {
  SideBySide out{memory_of(x.gather, work)};
  const int wanted = int(std::clamp<size_t>(n_inputs, 1, size_t(std::max(1, session.threads))));
  out.n = out.memory.workers_within(session.memory_bytes, wanted);
  if (out.n == 0)
    require_memory(out.memory.peak(1), session.memory_bytes, "extracting one input at a time",
                   "fewer regions or inputs");
  return out;
}

/// The answer to --dry-run.
JobSummary forecast_of(const Extraction& x, const SideBySide& taken, const std::string& what,
                       std::vector<std::string> outputs, const Session& session) {
  Forecast forecast(
      fmt::format("roi extract would take {} region(s) from {}", x.regions.size(), what));
  forecast.add("voxels", fmt::format("{} in the regions", x.gather.voxels().size()));
  std::vector<std::string> statistics;
  for (const auto statistic : x.request.statistics) statistics.emplace_back(name_of(statistic));
  forecast.add("statistics", fmt::format("{}", fmt::join(statistics, ", ")));
  forecast.add_memory(taken.memory.peak(taken.n), session.memory_bytes,
                      fmt::format("{} input(s) side by side", taken.n));
  for (auto& name : outputs) forecast.add_output(std::move(name));
  return forecast.summary(x.request.output);
}

JobSummary extract_values(const ExtractRequest& a, const Session& session) {
  Journal& journal = session.journal;
  std::vector<ContrastSpec> contrasts;
  if (a.maps.empty()) contrasts = contrast_specs(a.contrasts, {});
  const std::vector<std::string>& paths = a.maps.empty() ? a.estimates : a.maps;
  const std::vector<Group> groups = grouped(paths, !a.maps.empty());
  std::optional<Grid> grid;
  const std::string statistic =
      a.maps.empty() ? "" : common_statistic(a.maps, a.masks, grid, journal);
  if (is_no_effect(statistic))
    journal.warn(
        fmt::format("the maps hold {} (the first is {}): the values are no effects, and tests of "
                    "them are not tests of effects",
                    statistic, a.maps[0]));
  Extraction x = prepared(a, grid_of(a, grid), paths[0], journal);
  x.contrasts = contrasts;
  OutputSet outputs(a.output, session.policy("roi-extract", a.prefix));
  RegionWork work;
  work.n_grid_voxels = x.rule.grid.n_voxels();
  work.n_tables = Eigen::Index(a.maps.empty() ? groups.size() * contrasts.size() : a.maps.size());
  work.n_statistics = Eigen::Index(a.statistics.size());
  work.keeps_values = a.wants(RegionStatistic::eigenvariate);
  if (a.maps.empty()) work.store_bytes = largest_store(groups);
  const SideBySide taken = side_by_side(x, work, groups.size(), session);
  if (session.dry_run) {
    auto files = value_files(session.provenance, a.prefix);
    files.emplace_back("dataset_description.json");
    return forecast_of(x, taken,
                       a.maps.empty() ? fmt::format("the estimates of {} participant(s), {} "
                                                    "contrast(s)",
                                                    groups.size(), contrasts.size())
                                      : fmt::format("{} map(s)", a.maps.size()),
                       files, session);
  }
  const std::vector<Outcome> outcomes = outcomes_of(groups, x, taken.n);
  note_read(session, files_of(x.regions));
  std::vector<const Extracted*> all;
  JobSummary summary;
  for (const auto& outcome : outcomes) {
    note_read(session, outcome.inputs);
    for (const auto& e : outcome.extracted) all.push_back(&e);
    if (!outcome.failure.empty()) summary.failures.push_back(outcome.failure);
    if (!outcome.warning.empty()) journal.warn(outcome.warning);
  }
  if (all.empty()) fail(ErrorCode::bad_input, "{}", summary.failures.front());
  RegionValuesRecord record;
  record.extraction = record_of(outcomes, x, statistic);
  write_region_values(rows_of(all, x), x.regions, std::move(record), session.provenance,
                      name_prefix(a.prefix), outputs);
  write_dataset_description(outputs);
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  report_written(journal, a.output, a.prefix);
  for (const auto& failure : summary.failures) journal.warn(failure);
  for (auto& region : report_coverage(all, x, journal)) summary.failures.push_back(region);
  return summary;
}

/// Names of the tables of the series' time courses.
std::vector<std::string> stems_of(const std::vector<std::string>& series) {
  std::vector<std::string> stems;
  std::set<std::string> seen;
  for (const auto& path : series) {
    stems.push_back(stem_of(path));
    if (!seen.insert(stems.back()).second)
      fail(ErrorCode::bad_input, "two series are named {}; their tables would be the same file",
           stems.back());
  }
  return stems;
}

/// The files of time courses, relative to the output folder.
std::vector<std::string> series_files(const std::vector<std::string>& stems,
                                      const Provenance& provenance, const std::string& prefix) {
  std::vector<std::string> names;
  for (const auto& stem : stems)
    for (const char* ending : {"_timeseries.tsv", "_timeseries.json"})
      names.push_back(name_prefix(prefix) + stem + ending);
  if (!provenance.configuration_name.empty())
    names.push_back(name_prefix(prefix) + provenance.configuration_name);
  return names;
}

/// What the sidecar or, for the TR, the header says.
ScanTimes times_of_scans(const std::string& path, const NiftiHeader& header) {
  ScanTimes times;
  const Json sidecar = sidecar_of_image(path);
  for (const auto& [key, time] : {std::pair{"RepetitionTime", &times.repetition_time_s},
                                  std::pair{"StartTime", &times.start_time_s}})
    if (sidecar.is_object() && sidecar.contains(key) && sidecar[key].is_number())
      *time = sidecar[key].get<double>();
  if (!times.repetition_time_s && header.tr_s && header.tr_unit_known)
    times.repetition_time_s = *header.tr_s;
  return times;
}

JobSummary extract_series(const ExtractRequest& a, const Session& session) {
  const Extraction x =
      prepared(a, read_nifti_header(a.series[0]).grid, a.series[0], session.journal);
  std::vector<std::string> names;
  for (const auto& known : x.regions) names.push_back(known.region.name);
  OutputSet outputs(a.output, session.policy("roi-extract", a.prefix));
  const std::vector<std::string> stems = stems_of(a.series);
  const RegionStatistic statistic = a.statistics[0];
  RegionWork work;
  work.n_grid_voxels = x.rule.grid.n_voxels();
  work.n_tables = 0;
  if (session.memory_bytes > 0 || session.dry_run)
    for (const auto& path : a.series)
      work.n_scans = std::max(work.n_scans, read_nifti_header(path).n_volumes);
  work.keeps_series = a.wants(RegionStatistic::eigenvariate);
  const SideBySide taken = side_by_side(x, work, a.series.size(), session);
  if (session.dry_run)
    return forecast_of(x, taken, fmt::format("{} series", a.series.size()),
                       series_files(stems, session.provenance, a.prefix), session);
  note_read(session, files_of(x.regions));
  std::vector<std::string> warnings(a.series.size());
  parallel_for(Eigen::Index(a.series.size()), taken.n, [&](Eigen::Index i) {
    const std::string& path = a.series[size_t(i)];
    NiftiSource source(path);
    require_same_grid(x.rule.grid, x.rule.name, source.grid(), path);
    const RegionSeries series =
        read_region_series(source, x.gather, statistic,
                           a.include_zeros ? SeriesCoverage::all : SeriesCoverage::nonzero);
    std::string& warning = warnings[size_t(i)];
    for (size_t r = 0; r < names.size(); ++r)
      if (series.coverage[r] < a.min_coverage)
        warning += fmt::format("{}{}: region {} has coverage {:.3g}", warning.empty() ? "" : "; ",
                               path, names[r], series.coverage[r]);
    const ScanTimes times = times_of_scans(path, source.header());
    write_region_series(series, names, statistic, input_file(path, source.finish()),
                        session.provenance, name_prefix(a.prefix) + stems[size_t(i)], outputs,
                        times);
  });
  session.provenance.write_configuration(outputs, a.prefix);
  outputs.commit();
  report_written(session.journal, a.output, a.prefix);
  for (const auto& line : warnings)
    if (!line.empty()) session.journal.warn(line);
  return {};
}

}  // namespace

JobSummary extract(const ExtractRequest& request, const Session& session) {
  check(request);
  return request.series.empty() ? extract_values(request, session)
                                : extract_series(request, session);
}

}  // namespace sociometer::jobs
