#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/design_inputs.hpp"
#include "cli/log.hpp"
#include "cli/roi_inputs.hpp"
#include "cli/roi_table.hpp"
#include "cli/software.hpp"
#include "cli/stored_fit.hpp"
#include "engine/core/error.hpp"
#include "engine/core/parallel.hpp"
#include "engine/roi/collinearity.hpp"
#include "engine/roi/percent_signal.hpp"
#include "engine/roi/region_series.hpp"
#include "engine/roi/region_values.hpp"
#include "io/byte_stream.hpp"
#include "io/table.hpp"

namespace sociometer::cli {
namespace {

namespace fs = std::filesystem;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct ExtractArguments {
  RegionArguments regions;
  std::vector<std::string> maps, estimates, contrasts, series, statistics{"mean"}, masks, mean_maps;
  std::string output, prefix, fixed_effects = "precision", hrf = "spm";
  std::optional<double> event_height, event_duration_s, tr_s;
  double min_coverage = 0.8;
  bool include_zeros = false;
};

/// What the statistics asked for need beside the summaries.
struct Wanted {
  std::vector<std::string> statistics;
  bool eigenvariate = false, psc = false;
};

Wanted wanted_of(const ExtractArguments& a) {
  Wanted wanted{a.statistics, false, false};
  for (const auto& name : a.statistics) {
    if (name == "eigenvariate")
      wanted.eigenvariate = true;
    else if (name == "psc")
      wanted.psc = true;
    else
      statistic_of(RegionSummary{}, name);  // refuses names that are not known
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

/// One participant's map of one contrast, made into numbers.
struct Extracted {
  Unit unit;
  std::string source;  ///< file, for messages
  std::vector<RegionSummary> summaries;
  std::vector<double> psc;     ///< one per region, when asked for
  std::vector<double> values;  ///< of the regions' voxels; kept for the eigenvariate only
  double vif = kNaN, efficiency = kNaN, correlation = kNaN, height = kNaN;
  std::string correlated_with;
};

/// What one input became: its contrasts, or why it has none.
struct Outcome {
  std::vector<Extracted> extracted;
  std::string failure;
  Json input;
};

Unit identified(const std::string& path, bool needs_contrast) {
  const Unit unit = unit_of_path(path);
  if (unit.participant.empty())
    fail(ErrorCode::bad_input,
         "{} does not say whose it is: name it, or a folder above it, sub-LABEL", path);
  if (needs_contrast && unit.contrast.empty())
    fail(ErrorCode::bad_input,
         "{} does not say which contrast it holds: name it .._contrast-LABEL_..", path);
  return unit;
}

/// Values of the wanted voxels of a 3D image.
std::vector<double> read_voxels(const std::string& path, const GridRule& rule,
                                const std::vector<uint32_t>& voxels, std::string* crc32 = nullptr) {
  NiftiSource source(path);
  if (source.n_volumes() != 1)
    fail(ErrorCode::bad_input, "{} has {} volumes; a map of one contrast has one", path,
         source.n_volumes());
  require_same_grid(rule.grid, rule.name, source.grid(), path);
  std::vector<std::byte> bytes(source.volume_bytes());
  source.read(bytes);
  std::vector<double> values(voxels.size());
  decode_voxels(bytes, source.format(), voxels, values.data());
  const uint32_t crc = source.finish();
  if (crc32) *crc32 = input_file("", crc).crc32;
  return values;
}

/// Voxels that are zero lie outside the mask in the maps of most programs.
void drop_uncovered(std::vector<double>& values, const std::vector<double>& mask,
                    bool include_zeros) {
  for (size_t i = 0; i < values.size(); ++i) {
    const bool outside =
        mask.empty() ? !include_zeros && values[i] == 0 : !std::isfinite(mask[i]) || mask[i] == 0;
    if (outside) values[i] = kNaN;
  }
}

/// Mean of the signal over the covered voxels of each region.
std::vector<double> baselines(const RegionGather& gather, const std::vector<double>& effects,
                              std::vector<double> means) {
  for (size_t i = 0; i < means.size(); ++i)
    if (!std::isfinite(effects[i])) means[i] = kNaN;
  std::vector<double> out;
  for (const auto& summary : gather.summarise(means)) out.push_back(summary.mean);
  return out;
}

void add_collinearity(std::vector<Extracted>& extracted, const std::vector<RunColumns>& runs) {
  if (runs.empty()) return;
  const Collinearity c = collinearity(runs);
  for (size_t i = 0; i < extracted.size(); ++i) {
    extracted[i].vif = c.contrasts[i].vif;
    extracted[i].efficiency = c.contrasts[i].efficiency;
    for (size_t j = 0; j < extracted.size(); ++j) {
      const double r = c.correlation(Eigen::Index(i), Eigen::Index(j));
      if (i == j || std::isnan(r) ||
          (!std::isnan(extracted[i].correlation) &&
           std::abs(r) <= std::abs(extracted[i].correlation)))
        continue;
      extracted[i].correlation = r;
      extracted[i].correlated_with = extracted[j].unit.contrast;
    }
  }
}

// ---- From estimates.h5 -----------------------------------------------------------------------

double height_for(const ExtractArguments& a, double tr_s) {
  if (a.event_height) return *a.event_height;
  if (!(tr_s > 0))
    fail(ErrorCode::usage,
         "--event-duration needs the TR, and the estimates have no scan times: "
         "give --tr");
  return event_height(parse_hrf_model(a.hrf), *a.event_duration_s, tr_s);
}

double tr_of(const ExtractArguments& a, const StoredFit& fit) {
  if (a.tr_s) return *a.tr_s;
  const Eigen::VectorXd& times = fit.runs[0].design.frame_times_s;
  return times.size() > 1 ? times[1] - times[0] : 0.0;
}

/// Where the wanted voxels are in the fit's mask: positions there, and places among the wanted.
std::pair<std::vector<Eigen::Index>, std::vector<size_t>> common_voxels(
    const std::vector<uint32_t>& wanted, const std::vector<uint32_t>& mask) {
  std::pair<std::vector<Eigen::Index>, std::vector<size_t>> out;
  size_t m = 0;
  for (size_t w = 0; w < wanted.size(); ++w) {
    while (m < mask.size() && mask[m] < wanted[w]) ++m;
    if (m == mask.size()) break;
    if (mask[m] != wanted[w]) continue;
    out.first.push_back(Eigen::Index(m));
    out.second.push_back(w);
  }
  return out;
}

std::vector<double> spread(const Eigen::VectorXd& inside, const std::vector<size_t>& places,
                           size_t n) {
  std::vector<double> out(n, kNaN);
  for (size_t i = 0; i < places.size(); ++i) out[places[i]] = inside[Eigen::Index(i)];
  return out;
}

void add_psc(const ExtractArguments& a, const StoredFit& fit, const RegionGather& gather,
             const std::vector<size_t>& places, Extracted& e, const std::vector<double>& effects) {
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(Eigen::Index(places.size()));
  double grand_mean = 0;
  for (const auto& run : fit.runs) {
    mean += run.estimates.mean / double(fit.runs.size());
    grand_mean += run.estimates.grand_mean / double(fit.runs.size());
  }
  e.height = height_for(a, tr_of(a, fit));
  const auto level = baselines(gather, effects, spread(mean, places, gather.voxels().size()));
  for (size_t r = 0; r < level.size(); ++r)
    e.psc.push_back(percent_signal_change(e.summaries[r].mean, e.height, level[r],
                                          fit.runs[0].scaling, grand_mean));
}

std::vector<RunColumns> columns_of(const StoredFit& fit,
                                   const std::vector<ResolvedContrast>& contrasts) {
  std::vector<RunColumns> runs;
  for (size_t r = 0; r < fit.runs.size(); ++r) {
    RunColumns run{fit.designs[r]->design, {}};
    for (const auto& contrast : contrasts)
      run.contrasts.push_back(contrast.usable_in(r)
                                  ? Eigen::VectorXd(contrast.rows[r].row(0).transpose())
                                  : Eigen::VectorXd());
    runs.push_back(std::move(run));
  }
  return runs;
}

Outcome from_estimates(const ExtractArguments& a, const std::vector<std::string>& paths,
                       const Unit& unit, const std::vector<ContrastSpec>& specs,
                       const RegionGather& gather, const GridRule& rule, const Wanted& wanted) {
  Outcome out;
  StoredFit fit = [&] {
    // The HDF5 library is not to be called by several threads at a time.
    static std::mutex one_reader;
    const std::lock_guard lock(one_reader);
    return read_stored_fit(paths);
  }();
  require_same_grid(rule.grid, rule.name, fit.mask.grid, paths[0]);
  out.input = fit.inputs;
  const auto [positions, places] = common_voxels(gather.voxels(), fit.mask.voxels);
  keep_voxels(fit, positions);
  std::vector<ResolvedContrast> contrasts;
  for (const auto& spec : specs) {
    contrasts.push_back(resolve_in(fit, spec));
    if (!contrasts.back().usable())
      fail(ErrorCode::bad_input, "contrast {} is refused: {}", spec.name,
           contrasts.back().why_not[0]);
    Extracted e;
    e.unit = unit;
    e.unit.contrast = spec.name;
    e.source = paths[0];
    Eigen::VectorXd effect(0);
    if (!positions.empty())
      effect = maps_of(contrasts.back(), fit, parse_fixed_effects(a.fixed_effects), 1)
                   .effect.row(0)
                   .transpose();
    e.values = spread(effect, places, gather.voxels().size());
    e.summaries = gather.summarise(e.values);
    if (wanted.psc) add_psc(a, fit, gather, places, e, e.values);
    if (!wanted.eigenvariate) e.values.clear();
    out.extracted.push_back(std::move(e));
  }
  add_collinearity(out.extracted, columns_of(fit, contrasts));
  return out;
}

// ---- From maps -------------------------------------------------------------------------------

/// The sidecar of a map; null without one.
Json sidecar_json(const std::string& map) {
  std::string path = map;
  for (const std::string ending : {".nii.gz", ".nii"})
    if (path.ends_with(ending)) path.replace(path.size() - ending.size(), ending.size(), ".json");
  if (path == map || !fs::exists(path)) return nullptr;
  Json json = Json::parse(read_text(path), nullptr, false);
  return json.is_discarded() ? Json(nullptr) : json;
}

/// The designs that `fit` left beside a map, in the order of runs.
std::vector<DesignMatrix> designs_beside(const std::string& map) {
  const fs::path full(map);
  const std::string name = full.filename().string();
  const std::string prefix = name.substr(0, std::min(name.find("contrast-"), name.size()));
  std::vector<DesignMatrix> designs;
  if (const fs::path one = full.parent_path() / (prefix + "design.tsv"); fs::exists(one))
    return {read_design(one.string())};
  for (int run = 1;; ++run) {
    const fs::path path = full.parent_path() / fmt::format("{}run-{}_design.tsv", prefix, run);
    if (!fs::exists(path)) return designs;
    designs.push_back(read_design(path.string()));
  }
}

/// Weights of the contrasts of one participant in the designs beside their maps; empty where the
/// files do not tell.
std::vector<RunColumns> columns_beside(const std::vector<std::string>& maps) {
  const std::vector<DesignMatrix> designs = designs_beside(maps[0]);
  std::vector<std::string> known;
  for (const auto& design : designs)
    known.insert(known.end(), design.names.begin(), design.names.end());
  std::vector<std::string> expressions;
  for (const auto& map : maps) {
    const Json json = sidecar_json(map);
    const bool tells = json.is_object() && json.contains("Contrast") &&
                       json["Contrast"].contains("Expressions") &&
                       json["Contrast"]["Expressions"].size() == 1;
    expressions.push_back(tells ? json["Contrast"]["Expressions"][0].get<std::string>() : "");
  }
  std::vector<RunColumns> runs;
  for (const auto& design : designs) {
    RunColumns run{design.values, {}};
    for (const auto& expression : expressions) {
      run.contrasts.emplace_back();
      if (expression.empty()) continue;
      const ContrastRow row = contrast_weights(expression, design.names, known, designs[0].names);
      if (row.missing.empty() && !row.weights.isZero(0)) run.contrasts.back() = row.weights;
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

/// Mean signal over runs, from the mean maps of the same participant and session.
std::vector<double> mean_signal(const ExtractArguments& a, const Unit& unit, const GridRule& rule,
                                const RegionGather& gather) {
  std::vector<double> sum(gather.voxels().size(), 0.0);
  double n = 0;
  for (const auto& path : a.mean_maps) {
    const Unit of = unit_of_path(path);
    if (of.participant != unit.participant || of.session != unit.session) continue;
    const auto values = read_voxels(path, rule, gather.voxels());
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += values[i];
    n += 1;
  }
  if (n == 0)
    fail(ErrorCode::bad_input,
         "psc of {} needs its mean signal: give its map to --mean-maps (`fit --save mean` writes "
         "it)",
         unit.participant);
  for (double& v : sum) v /= n;
  return sum;
}

void add_psc_of_map(const ExtractArguments& a, const GridRule& rule, const RegionGather& gather,
                    Extracted& e) {
  const Json json = sidecar_json(e.source);
  const Scaling scaling = json.is_object() && json.contains("Scaling")
                              ? parse_scaling(json["Scaling"].get<std::string>())
                              : Scaling::none;
  if (scaling == Scaling::grand)
    fail(ErrorCode::bad_input,
         "psc of grand-mean scaled maps needs the grand mean: extract from estimates.h5");
  e.height = height_for(a, a.tr_s.value_or(0));
  std::vector<double> level(e.summaries.size(), kNaN);
  if (scaling == Scaling::none)
    level = baselines(gather, e.values, mean_signal(a, e.unit, rule, gather));
  for (size_t r = 0; r < level.size(); ++r)
    e.psc.push_back(percent_signal_change(e.summaries[r].mean, e.height, level[r], scaling, 0));
}

/// The mask that belongs to a map: the only one, or that of the same participant and session.
std::string mask_for(const ExtractArguments& a, const Unit& unit) {
  if (a.masks.empty()) return "";
  if (a.masks.size() == 1) return a.masks[0];
  for (const auto& path : a.masks) {
    const Unit of = unit_of_path(path);
    if (of.participant == unit.participant && of.session == unit.session) return path;
  }
  fail(ErrorCode::bad_input, "no mask of {} {} among the {} of --masks", unit.participant,
       unit.session, a.masks.size());
}

Extracted from_map(const ExtractArguments& a, const std::string& path, const RegionGather& gather,
                   const GridRule& rule, const Wanted& wanted, Json& input) {
  Extracted e;
  e.unit = identified(path, true);
  e.source = path;
  std::string crc32;
  e.values = read_voxels(path, rule, gather.voxels(), &crc32);
  input = {{"Path", path}, {"CRC32", crc32}};
  std::vector<double> mask;
  if (const std::string mask_path = mask_for(a, e.unit); !mask_path.empty())
    mask = read_voxels(mask_path, rule, gather.voxels());
  drop_uncovered(e.values, mask, a.include_zeros);
  e.summaries = gather.summarise(e.values);
  if (wanted.psc) add_psc_of_map(a, rule, gather, e);
  if (!wanted.eigenvariate) e.values.clear();
  return e;
}

// ---- All together ----------------------------------------------------------------------------

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
  if (a.maps.empty())
    return from_estimates(a, group.paths, group.unit, specs, gather, rule, wanted);
  Outcome out;
  out.input = Json::array();
  for (const auto& path : group.paths) {
    Json input;
    out.extracted.push_back(from_map(a, path, gather, rule, wanted, input));
    out.input.push_back(input);
  }
  add_collinearity(out.extracted, columns_beside(group.paths));
  return out;
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
              const GridRule& rule) {
  Json facts;
  facts["Grid"] = describe(rule.grid);
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
  GridRule rule{{}, paths[0], a.regions.resample};
  if (a.maps.empty()) {
    Mask mask;
    read_estimates(paths[0], mask);
    rule.grid = mask.grid;
  } else {
    rule.grid = read_nifti_header(paths[0]).grid;
  }
  const std::vector<KnownRegion> regions = load_regions(a.regions, rule);
  std::vector<Region> plain;
  for (const auto& known : regions) plain.push_back(known.region);
  const RegionGather gather(plain);
  OutputSet outputs(a.output);

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
                      facts_of(a, outcomes, wanted, rule), a.prefix, outputs);
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  outputs.commit();
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
  const std::vector<KnownRegion> regions = load_regions(a.regions, rule);
  std::vector<Region> plain;
  std::vector<std::string> names;
  for (const auto& known : regions) {
    plain.push_back(known.region);
    names.push_back(known.region.name);
  }
  const RegionGather gather(plain);
  OutputSet outputs(a.output);
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
              {"Source", {{"Path", path}, {"CRC32", input_file("", source.finish()).crc32}}}};
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
    outputs.write(a.prefix + stems[size_t(i)] + "_timeseries.tsv", to_tsv(names, rows));
    outputs.write(a.prefix + stems[size_t(i)] + "_timeseries.json", to_text(json));
  });
  outputs.commit();
  for (const auto& line : warnings)
    if (!line.empty()) warn(line);
  return kDone;
}

int run_extract(const ExtractArguments& a, const GlobalOptions& global) {
  set_log_level(parse_log_level(global.log_level));
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
      "Example:\n  sociometer roi extract --estimates sub-*/sub-*_estimates.h5 --rois "
      "rois/rois.tsv "
      "\\\n    --contrast outcome=feedback:outcome_update rank=feedback:rank_update_unsigned -o "
      "values");
  c->callback([a, &global, &exit_code] { exit_code = run_extract(*a, global); });
}

}  // namespace sociometer::cli
