#include "cli/jobs/regions/extract_job.hpp"

#include <algorithm>
#include <map>
#include <span>

#include <fmt/format.h>

#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/regions/extraction.hpp"
#include "cli/jobs/regions/region_inputs.hpp"
#include "cli/jobs/summary.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/roi/region_series.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/region_series.hpp"
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
  for (const auto& path : paths) {
    const Unit unit = identified(path, maps);
    const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& g) {
      return g.unit.participant == unit.participant && g.unit.session == unit.session;
    });
    if (same == groups.end()) {
      groups.push_back({unit, {path}});
      continue;
    }
    for (const auto& other : same->paths)
      if (maps && unit_of_path(other).contrast == unit.contrast)
        fail(ErrorCode::bad_input, "{} and {} both hold contrast {} of {}; give one of them", other,
             path, unit.contrast, unit.participant);
    same->paths.push_back(path);
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

Json facts_of(const std::vector<Outcome>& outcomes, const Extraction& x,
              const std::string& statistic) {
  const ExtractRequest& a = x.request;
  Json facts;
  if (!statistic.empty()) facts["MapStatistic"] = statistic;
  facts["Grid"] = describe(x.rule.grid);
  if (!x.lost.empty()) facts["LabelsBeyondGrid"] = x.lost;
  add_orientation(facts, x.rule.grid);
  facts["RegionsResampled"] =
      a.regions.resample ? "where needed: nearest voxel for labels and masks, linear for weights"
                         : "no";
  facts["CoverageRule"] = coverage_rule(a);
  facts["MinimumCoverage"] = a.min_coverage;
  if (a.maps.empty()) facts["FixedEffects"] = name_of(a.fixed_effects);
  const auto some = std::find_if(outcomes.begin(), outcomes.end(),
                                 [](const Outcome& o) { return !o.extracted.empty(); });
  if (a.wants(RegionStatistic::psc) && some != outcomes.end()) {
    facts["PercentSignalChange"] = {{"EventHeight", some->extracted[0].height}};
    if (a.event_duration_s) {
      facts["PercentSignalChange"]["EventDuration"] = *a.event_duration_s;
      facts["PercentSignalChange"]["HRF"] = a.hrf;
    }
  }
  facts["Inputs"] = Json::array();
  for (const auto& outcome : outcomes)
    for (const auto& input : outcome.input) facts["Inputs"].push_back(input);
  facts["Failed"] = Json::array();
  for (const auto& outcome : outcomes)
    if (!outcome.failure.empty()) facts["Failed"].push_back(outcome.failure);
  return facts;
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
Grid grid_of(const ExtractRequest& a) {
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

JobSummary extract_values(const ExtractRequest& a, const Session& session) {
  Journal& journal = session.journal;
  std::vector<ContrastSpec> contrasts;
  if (a.maps.empty()) contrasts = contrast_specs(a.contrasts, {});
  const std::vector<std::string>& paths = a.maps.empty() ? a.estimates : a.maps;
  const std::vector<Group> groups = grouped(paths, !a.maps.empty());
  const std::string statistic = a.maps.empty() ? "" : common_statistic(a.maps, a.masks, journal);
  if (is_no_effect(statistic))
    journal.warn(
        fmt::format("the maps hold {} (the first is {}): the values are no effects, and tests of "
                    "them are not tests of effects",
                    statistic, a.maps[0]));
  Extraction x = prepared(a, grid_of(a), paths[0], journal);
  x.contrasts = contrasts;
  OutputSet outputs(a.output, session.policy("roi-extract", a.prefix));
  const std::vector<Outcome> outcomes = outcomes_of(groups, x, session.threads);
  std::vector<const Extracted*> all;
  JobSummary summary;
  for (const auto& outcome : outcomes) {
    for (const auto& e : outcome.extracted) all.push_back(&e);
    if (!outcome.failure.empty()) summary.failures.push_back(outcome.failure);
  }
  if (all.empty()) fail(ErrorCode::bad_input, "{}", summary.failures.front());
  write_region_values(rows_of(all, x), x.regions, facts_of(outcomes, x, statistic),
                      session.provenance, name_prefix(a.prefix), outputs);
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
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
  for (const auto& path : series) {
    stems.push_back(stem_of(path));
    if (std::count(stems.begin(), stems.end(), stems.back()) > 1)
      fail(ErrorCode::bad_input, "two series are named {}; their tables would be the same file",
           stems.back());
  }
  return stems;
}

JobSummary extract_series(const ExtractRequest& a, const Session& session) {
  const Extraction x =
      prepared(a, read_nifti_header(a.series[0]).grid, a.series[0], session.journal);
  std::vector<std::string> names;
  for (const auto& known : x.regions) names.push_back(known.region.name);
  OutputSet outputs(a.output, session.policy("roi-extract", a.prefix));
  const std::vector<std::string> stems = stems_of(a.series);
  const std::string statistic = name_of(a.statistics[0]);
  std::vector<std::string> warnings(a.series.size());
  parallel_for(Eigen::Index(a.series.size()), session.threads, [&](Eigen::Index i) {
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
    write_region_series(series, names, statistic, input_file(path, source.finish()),
                        session.provenance, name_prefix(a.prefix) + stems[size_t(i)], outputs);
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
