#include <algorithm>
#include <cmath>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/commands/commands.hpp"
#include "cli/jobs/bridge.hpp"
#include "cli/jobs/first_level/load_designs.hpp"
#include "cli/jobs/regions/roi_extraction.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/configuration.hpp"
#include "engine/core/error.hpp"
#include "engine/core/missing.hpp"
#include "engine/core/parallel.hpp"
#include "engine/glm/contrast_statistics.hpp"
#include "engine/roi/region_series.hpp"
#include "io/bids/bids_name.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/provenance.hpp"
#include "io/stores/estimates_file.hpp"
#include "io/tables/table.hpp"

namespace sociometer::cli {
namespace {

std::string prefix_of(const ExtractArguments& a) { return name_prefix(a.prefix); }

Wanted wanted_of(const ExtractArguments& a) {
  Wanted wanted{a.statistics, false, false, {false, false}};
  for (const auto& name : a.statistics) {
    if (name == "eigenvariate")
      wanted.eigenvariate = true;
    else if (name == "psc")
      wanted.psc = true;
    else
      statistic_of(RegionSummary{}, name);  // refuses names that are not known
    wanted.parts.median = wanted.parts.median || name == "median";
    wanted.parts.sd = wanted.parts.sd || name == "sd";
  }
  if (wanted.psc && !a.event_height && !a.event_duration_s)
    fail(ErrorCode::usage,
         "psc is the height of a response over the mean signal, and the height depends on the "
         "event: give --event-duration SECONDS, or --event-height H");
  if (a.event_height && a.event_duration_s)
    fail(ErrorCode::usage, "--event-height and --event-duration exclude each other");
  if (!(a.min_coverage >= 0 && a.min_coverage <= 1))
    fail(ErrorCode::usage, "--min-coverage is {}; it must lie between 0 and 1", a.min_coverage);
  return wanted;
}

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

Outcome extract_group(const ExtractArguments& a, const Group& group,
                      const std::vector<ContrastSpec>& specs, const RegionGather& gather,
                      const GridRule& rule, const Wanted& wanted) {
  return a.maps.empty() ? from_estimates(a, group.paths, group.unit, specs, gather, rule, wanted)
                        : from_maps(a, group.paths, gather, rule, wanted);
}

/// Eigenvariates over participants, per contrast and region; one per extracted map.
std::vector<std::vector<double>> eigenvariates(const std::vector<const Extracted*>& all,
                                               const RegionGather& gather) {
  std::vector<std::vector<double>> out(all.size(), std::vector<double>(gather.n_regions(), kNaN));
  std::vector<std::string> contrasts;
  for (const auto* e : all)
    if (std::find(contrasts.begin(), contrasts.end(), e->unit.contrast) == contrasts.end())
      contrasts.push_back(e->unit.contrast);
  for (const auto& contrast : contrasts)
    for (size_t r = 0; r < gather.n_regions(); ++r) {
      std::vector<size_t> rows;
      for (size_t i = 0; i < all.size(); ++i)
        if (all[i]->unit.contrast == contrast && all[i]->summaries[r].n_covered > 0)
          rows.push_back(i);
      std::vector<uint32_t> columns;
      for (uint32_t p : gather.positions(r))
        if (std::all_of(rows.begin(), rows.end(),
                        [&](size_t i) { return std::isfinite(all[i]->values[p]); }))
          columns.push_back(p);
      if (columns.empty() || rows.empty()) continue;
      Eigen::MatrixXd y(Eigen::Index(rows.size()), Eigen::Index(columns.size()));
      for (Eigen::Index i = 0; i < y.rows(); ++i)
        for (Eigen::Index j = 0; j < y.cols(); ++j)
          y(i, j) = all[rows[size_t(i)]]->values[columns[size_t(j)]];
      const Eigen::VectorXd u = first_eigenvariate(y);
      for (Eigen::Index i = 0; i < y.rows(); ++i) out[rows[size_t(i)]][r] = u[i];
    }
  return out;
}

std::vector<RegionValue> rows_of(const std::vector<const Extracted*>& all,
                                 const std::vector<KnownRegion>& regions,
                                 const RegionGather& gather, const Wanted& wanted) {
  std::vector<std::vector<double>> eigen;
  if (wanted.eigenvariate) eigen = eigenvariates(all, gather);
  std::vector<RegionValue> rows;
  for (size_t i = 0; i < all.size(); ++i)
    for (size_t r = 0; r < regions.size(); ++r)
      for (const auto& statistic : wanted.statistics) {
        const Extracted& e = *all[i];
        RegionValue row;
        row.unit = e.unit;
        row.roi = regions[r].region.name;
        row.statistic = statistic;
        row.value = statistic == "eigenvariate" ? eigen[i][r]
                    : statistic == "psc"        ? e.psc[r]
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

/// One line per region that is poorly covered somewhere. @return whether one has no coverage at
/// all.
bool warn_of_coverage(const std::vector<const Extracted*>& all,
                      const std::vector<KnownRegion>& regions, double least) {
  bool some_empty = false;
  for (size_t r = 0; r < regions.size(); ++r) {
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
      warn(fmt::format("region {}: coverage below {} in {} of {} maps, lowest {:.3g} in {}",
                       regions[r].region.name, least, low, all.size(), worst->summaries[r].coverage,
                       worst->source));
    if (empty > 0)
      warn(fmt::format(
          "region {}: no voxel is covered in {} of {} maps ({}{}); its values there "
          "are n/a",
          regions[r].region.name, empty, all.size(), first_empty->source, empty > 1 ? ", .." : ""));
    some_empty = some_empty || empty > 0;
  }
  return some_empty;
}

Json facts_of(const ExtractArguments& a, const std::vector<Outcome>& outcomes, const Wanted& wanted,
              const GridRule& rule, const std::vector<std::string>& lost,
              const std::string& statistic) {
  Json facts;
  if (!statistic.empty()) facts["MapStatistic"] = statistic;
  facts["Grid"] = describe(rule.grid);
  if (!lost.empty()) facts["LabelsBeyondGrid"] = lost;
  add_orientation(facts, rule.grid);
  facts["RegionsResampled"] =
      a.regions.resample ? "where needed: nearest voxel for labels and masks, linear for weights"
                         : "no";
  facts["CoverageRule"] = !a.maps.empty() && !a.masks.empty()  ? "voxels of --masks"
                          : !a.maps.empty() && a.include_zeros ? "finite voxels"
                          : !a.maps.empty()                    ? "finite voxels that are not zero"
                                            : "voxels of the fit that have statistics";
  facts["MinimumCoverage"] = a.min_coverage;
  if (a.maps.empty()) facts["FixedEffects"] = a.fixed_effects;
  if (wanted.psc)
    for (const auto& outcome : outcomes)
      if (!outcome.extracted.empty()) {
        facts["PercentSignalChange"] = {{"EventHeight", outcome.extracted[0].height}};
        if (a.event_duration_s) {
          facts["PercentSignalChange"]["EventDuration"] = *a.event_duration_s;
          facts["PercentSignalChange"]["HRF"] = a.hrf;
        }
        break;
      }
  facts["Inputs"] = Json::array();
  for (const auto& outcome : outcomes)
    for (const auto& input : outcome.input) facts["Inputs"].push_back(input);
  facts["Failed"] = Json::array();
  for (const auto& outcome : outcomes)
    if (!outcome.failure.empty()) facts["Failed"].push_back(outcome.failure);
  return facts;
}

int extract_values(const ExtractArguments& a, const GlobalOptions& global) {
  const Wanted wanted = wanted_of(a);
  std::vector<ContrastSpec> specs;
  if (a.maps.empty()) {
    specs = contrast_specs(a.contrasts, {});
    if (specs.empty())
      fail(ErrorCode::usage, "--estimates need at least one --contrast NAME=EXPRESSION");
    parse_fixed_effects(a.fixed_effects);
  } else if (!a.contrasts.empty()) {
    fail(ErrorCode::usage, "--contrast is for --estimates; maps hold the contrast of their name");
  }
  const std::vector<std::string>& paths = a.maps.empty() ? a.estimates : a.maps;
  const std::vector<Group> groups = grouped(paths, !a.maps.empty());
  const std::string statistic = a.maps.empty() ? "" : common_statistic(a.maps, a.masks);
  if (is_no_effect(statistic))
    warn(
        fmt::format("the maps hold {} (the first is {}): the values are no effects, and tests of "
                    "them are not tests of effects",
                    statistic, a.maps[0]));
  GridRule rule{{}, paths[0], a.regions.resample};
  if (a.maps.empty()) {
    Mask mask;
    read_estimates(paths[0], mask);
    rule.grid = mask.grid;
  } else {
    rule.grid = read_nifti_header(paths[0]).grid;
  }
  warn_of_orientation(rule.grid);
  std::vector<std::string> lost;
  const std::vector<KnownRegion> regions = load_regions(a.regions, rule, lost);
  std::vector<Region> plain;
  for (const auto& known : regions) plain.push_back(known.region);
  const RegionGather gather(plain);
  OutputSet outputs(a.output, output_policy(global, "roi-extract", a.prefix));

  std::vector<Outcome> outcomes(groups.size());
  parallel_for(Eigen::Index(groups.size()), global.threads(), [&](Eigen::Index i) {
    const Group& group = groups[size_t(i)];
    // A participant that cannot be read must not stop the others.
    try {
      outcomes[size_t(i)] = extract_group(a, group, specs, gather, rule, wanted);
    } catch (const Error& error) {
      outcomes[size_t(i)].failure = group.unit.participant + ": " + error.what();
    }
  });
  std::vector<const Extracted*> all;
  std::vector<std::string> failures;
  for (const auto& outcome : outcomes) {
    for (const auto& e : outcome.extracted) all.push_back(&e);
    if (!outcome.failure.empty()) failures.push_back(outcome.failure);
  }
  if (all.empty()) fail(ErrorCode::bad_input, "{}", failures.front());
  write_region_values(rows_of(all, regions, gather, wanted), regions,
                      facts_of(a, outcomes, wanted, rule, lost, statistic), prefix_of(a), outputs);
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  write_configuration(outputs, a.prefix);
  outputs.commit();
  tell_written(a.output, a.prefix);
  for (const auto& failure : failures) warn(failure);
  const bool some_empty = warn_of_coverage(all, regions, a.min_coverage);
  return failures.empty() && !some_empty ? kDone : kDoneWithFailures;
}

// ---- Mean time series ------------------------------------------------------------------------

int extract_series(const ExtractArguments& a, const GlobalOptions& global) {
  if (a.statistics.size() != 1)
    fail(ErrorCode::usage, "--series takes one --statistic, not {}", a.statistics.size());
  if (a.statistics[0] != "eigenvariate") statistic_of(RegionSummary{}, a.statistics[0]);
  const GridRule rule{read_nifti_header(a.series[0]).grid, a.series[0], a.regions.resample};
  warn_of_orientation(rule.grid);
  std::vector<std::string> lost;
  const std::vector<KnownRegion> regions = load_regions(a.regions, rule, lost);
  std::vector<Region> plain;
  std::vector<std::string> names;
  for (const auto& known : regions) {
    plain.push_back(known.region);
    names.push_back(known.region.name);
  }
  const RegionGather gather(plain);
  OutputSet outputs(a.output, output_policy(global, "roi-extract", a.prefix));
  std::vector<std::string> stems;
  for (const auto& path : a.series) {
    stems.push_back(stem_of(path));
    if (std::count(stems.begin(), stems.end(), stems.back()) > 1)
      fail(ErrorCode::bad_input, "two series are named {}; their tables would be the same file",
           stems.back());
  }
  std::vector<std::string> warnings(a.series.size());
  parallel_for(Eigen::Index(a.series.size()), global.threads(), [&](Eigen::Index i) {
    const std::string& path = a.series[size_t(i)];
    NiftiSource source(path);
    require_same_grid(rule.grid, rule.name, source.grid(), path);
    const RegionSeries series =
        read_region_series(source, gather, a.statistics[0],
                           a.include_zeros ? SeriesCoverage::all : SeriesCoverage::nonzero);
    Json json{{"Description", "time courses of regions, one row per scan"},
              {"Statistic", a.statistics[0]},
              {"Source", {{"Path", path}, {"XXH3", input_file("", source.finish()).checksum}}}};
    for (size_t r = 0; r < names.size(); ++r) {
      json["Coverage"][names[r]] = series.coverage[r];
      if (series.coverage[r] < a.min_coverage)
        warnings[size_t(i)] += fmt::format("{}{}: region {} has coverage {:.3g}",
                                           warnings[size_t(i)].empty() ? "" : "; ", path, names[r],
                                           series.coverage[r]);
    }
    json["Software"] = software_json();
    json["CommandLine"] = command_line();
    std::vector<std::vector<std::string>> rows;
    for (Eigen::Index t = 0; t < series.values.rows(); ++t) {
      rows.emplace_back();
      for (Eigen::Index r = 0; r < series.values.cols(); ++r)
        rows.back().push_back(format_number(series.values(t, r)));
    }
    outputs.write(prefix_of(a) + stems[size_t(i)] + "_timeseries.tsv", to_tsv(names, rows));
    outputs.write(prefix_of(a) + stems[size_t(i)] + "_timeseries.json", to_text(json));
  });
  write_configuration(outputs, a.prefix);
  outputs.commit();
  tell_written(a.output, a.prefix);
  for (const auto& line : warnings)
    if (!line.empty()) warn(line);
  return kDone;
}

int run_extract(const ExtractArguments& a, const GlobalOptions& global) {
  const int kinds = int(!a.maps.empty()) + int(!a.estimates.empty()) + int(!a.series.empty());
  if (kinds != 1)
    fail(ErrorCode::usage, "give one of --maps, --estimates and --series; {} are given", kinds);
  return a.series.empty() ? extract_values(a, global) : extract_series(a, global);
}

}  // namespace

void add_roi_extract_command(CLI::App& roi, GlobalOptions& global, int& exit_code) {
  auto* c = roi.add_subcommand("extract",
                               "Values of regions: from maps, from estimates.h5, or time courses");
  auto a = std::make_shared<ExtractArguments>();
  c->add_option(
      "--maps", a->maps,
      "Maps named sub-LABEL_[ses-LABEL_]contrast-LABEL_.., one per participant and contrast");
  c->add_option("--estimates", a->estimates,
                "estimates.h5 of participants (name or folder with sub-LABEL)");
  c->add_option("--contrast", a->contrasts, "With --estimates: NAME=EXPRESSION");
  c->add_option("--fixed-effects", a->fixed_effects,
                "With --estimates: runs combined by precision, equal, or as nilearn")
      ->capture_default_str();
  c->add_option("--series", a->series, "4D images: the regions' time courses instead of values");
  add_region_options(*c, a->regions);
  c->add_option("--statistic", a->statistics,
                "mean, weighted-mean, median, eigenvariate, peak, minimum, sum, sd, weighted-sum, "
                "count, psc")
      ->capture_default_str();
  c->add_option("--masks", a->masks,
                "Brain masks, one for all or one per participant (default: voxels that are finite "
                "and not zero)");
  c->add_flag("--include-zeros", a->include_zeros, "Without masks: zeros are values");
  c->add_option("--min-coverage", a->min_coverage, "Warn of regions that are covered less")
      ->capture_default_str();
  c->add_option("--event-duration", a->event_duration_s,
                "psc: seconds of the event whose height is taken");
  c->add_option("--event-height", a->event_height, "psc: that height itself");
  c->add_option("--hrf", a->hrf, "psc: the response that the fit had")->capture_default_str();
  c->add_option("--tr", a->tr_s, "psc: TR, where the input does not tell");
  c->add_option("--mean-maps", a->mean_maps, "psc of --maps: mean signal of each participant");
  c->add_option("--prefix", a->prefix, "Put before every file name");
  c->add_option("-o,--output", a->output, "Output folder")->required();
  add_global_options(*c, global);
  c->footer(
      "Example:\n  sociometer roi extract --estimates maps/*/*_estimates.h5 --rois rois/rois.tsv "
      "\\\n"
      "    --contrast outcome=feedback:outcome_update rank=feedback:rank_update_unsigned -o "
      "values");
  c->callback([a, &global, &exit_code] { exit_code = run_extract(*a, global); });
}

}  // namespace sociometer::cli
