#include "cli/jobs/regions/roi_voxelwise.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/jobs/bridge.hpp"
#include "cli/jobs/regions/roi_table.hpp"
#include "cli/jobs/summary.hpp"
#include "cli/options/configuration.hpp"
#include "engine/core/error.hpp"
#include "engine/roi/voxel_dissociation.hpp"
#include "engine/stats/multiple_comparisons.hpp"
#include "io/images/nifti.hpp"
#include "io/records/map_writer.hpp"
#include "io/records/provenance.hpp"

namespace sociometer::cli {
namespace {

/// Both maps of a participant.
struct Pair {
  std::string participant, a, b;
};

std::vector<Pair> pairs_of(const std::vector<std::string>& maps, const std::string& x,
                           const std::string& y) {
  std::map<std::string, Pair> by_participant;
  for (const auto& path : maps) {
    const Unit unit = unit_of_path(path);
    if (unit.contrast != x && unit.contrast != y) continue;
    if (unit.participant.empty())
      fail(ErrorCode::bad_input,
           "{} does not say whose it is: name it, or a folder above it, sub-LABEL", path);
    Pair& pair = by_participant[unit.participant + unit.session];
    pair.participant = unit.participant;
    std::string& place = unit.contrast == x ? pair.a : pair.b;
    if (!place.empty())
      fail(ErrorCode::bad_input, "{} and {} both hold contrast {} of {}; give one of them", place,
           path, unit.contrast, unit.participant);
    place = path;
  }
  std::vector<Pair> pairs;
  for (const auto& [key, pair] : by_participant) {
    if (!pair.a.empty() && !pair.b.empty())
      pairs.push_back(pair);
    else
      warn(fmt::format("{} is left out: no map of contrast {}", pair.participant,
                       pair.a.empty() ? x : y));
  }
  if (pairs.size() < 2)
    fail(ErrorCode::bad_input,
         "{} participant(s) have maps of both {} and {} (named .._contrast-{}_..); two are needed",
         pairs.size(), x, y, x);
  return pairs;
}

/// A map's values inside the mask; zeros are outside it when no mask is given.
std::vector<double> values_of(const std::string& path, const Grid& grid, const std::string& like,
                              const Mask& mask, bool zeros_are_values) {
  NiftiSource source(path);
  if (source.n_volumes() != 1)
    fail(ErrorCode::bad_input, "{} has {} volumes; a map of one contrast has one", path,
         source.n_volumes());
  require_same_grid(grid, like, source.grid(), path);
  std::vector<std::byte> bytes(source.volume_bytes());
  source.read(bytes);
  source.finish();
  std::vector<double> values(mask.voxels.size());
  decode_voxels(bytes, source.format(), mask.voxels, values.data());
  for (double& v : values)
    if (v == 0 && !zeros_are_values) v = std::nan("");
  return values;
}

/// p at or below which a statistic passes.
double p_limit(const Eigen::VectorXd& p, const VoxelwiseArguments& a) {
  if (a.correction == "none") return a.threshold_p;
  const Adjustment how = a.correction == "fdr" ? Adjustment::benjamini_hochberg : Adjustment::holm;
  return p_threshold({p.data(), size_t(p.size())}, how, a.threshold_p);
}

struct Written {
  std::string name, what;
  Eigen::VectorXd values;
};

/// Where p passes, after the correction.
std::vector<uint8_t> passing(const Eigen::VectorXd& p, const VoxelwiseArguments& a, Json& json) {
  const double limit = p_limit(p, a);
  std::vector<uint8_t> out(size_t(p.size()), 0);
  for (Eigen::Index v = 0; v < p.size(); ++v) out[size_t(v)] = p[v] <= limit;
  json = {{"Voxels", std::count(out.begin(), out.end(), 1)}, {"LargestPThatPasses", limit}};
  return out;
}

/// 1 the first signal and, with evidence, not the second; 2 the other way round; 3 both; 4 the
/// first, the second open; 5 the second, the first open; 0 neither is shown.
Eigen::VectorXd places(const VoxelDissociation& d, const VoxelwiseArguments& a, Json& json) {
  const auto first = passing(d.p_of(d.t_a), a, json["First"]),
             second = passing(d.p_of(d.t_b), a, json["Second"]),
             both = passing(d.p_of(d.both), a, json["Both"]);
  Eigen::VectorXd label = Eigen::VectorXd::Zero(d.n.size());
  for (size_t v = 0; v < first.size(); ++v) {
    double& l = label[Eigen::Index(v)];
    if (both[v] || (first[v] && second[v]))
      l = 3;
    else if (first[v] && !second[v])
      l = d.zero_b[v] ? 1 : 4;
    else if (second[v] && !first[v])
      l = d.zero_a[v] ? 2 : 5;
  }
  return label;
}

/// 1 the voxel goes with the first signal and the reference with the second; 2 the other way round.
Eigen::VectorXd crossovers(const VoxelDissociation& d, const VoxelwiseArguments& a, Json& json) {
  const auto first = passing(d.p_goes_with_a, a, json["First"]),
             second = passing(d.p_goes_with_b, a, json["Second"]);
  Eigen::VectorXd label = Eigen::VectorXd::Zero(d.n.size());
  for (size_t v = 0; v < first.size(); ++v) label[Eigen::Index(v)] = first[v] ? 1 : 2 * second[v];
  return label;
}

Json common_json(const VoxelwiseArguments& a, const std::string& x, const std::string& y,
                 const std::vector<Pair>& pairs) {
  Json common;
  common["Signals"] = {x, y};
  common["Direction"] = a.negative ? "negative effects" : "positive effects";
  common["MinimumParticipants"] = a.min_participants;
  if (!a.reference.empty()) common["Reference"] = a.reference;
  common["Participants"] = Json::array();
  for (const auto& pair : pairs) common["Participants"].push_back(pair.participant);
  common["Software"] = software_json();
  common["CommandLine"] = command_line();
  return common;
}

std::vector<Written> maps_of_pair(const VoxelwiseArguments& a, const std::string& x,
                                  const std::string& y, const std::string& both,
                                  const VoxelDissociation& d) {
  const double sign = a.negative ? -1 : 1;
  std::vector<Written> maps{
      {"contrast-" + x + "_stat-effect", "mean effect", sign * d.effect_a},
      {"contrast-" + y + "_stat-effect", "mean effect", sign * d.effect_b},
      {"contrast-" + x + "_stat-t", "t of the mean", sign * d.t_a},
      {"contrast-" + y + "_stat-t", "t of the mean", sign * d.t_b},
      {"contrast-" + both + "_stat-conjunction", "least of the two t (conjunction null)", d.both}};
  if (a.reference.empty()) return maps;
  maps.push_back({"contrast-" + x + "AboveReference_stat-t",
                  "paired t of the voxel less the reference region", sign * d.t_above_a});
  maps.push_back({"contrast-" + y + "AboveReference_stat-t",
                  "paired t of the voxel less the reference region", sign * d.t_above_b});
  const char* what =
      "p (two-sided) that the voxel goes with this signal and the reference with the other: the "
      "largest over the paired tests and the own effects";
  maps.push_back({"contrast-" + x + "Crossover_stat-p", what, d.p_goes_with_a});
  maps.push_back({"contrast-" + y + "Crossover_stat-p", what, d.p_goes_with_b});
  return maps;
}

void write_pair(const VoxelwiseArguments& a, const EvidenceRule& rule, const std::string& x,
                const std::string& y, const VoxelDissociation& d, const std::vector<Pair>& pairs,
                MapWriter& writer) {
  const Json common = common_json(a, x, y, pairs);
  const auto with_common = [&](Json json) {
    for (const auto& [key, value] : common.items()) json[key] = value;
    return json;
  };
  std::string upper = y;
  upper[0] = char(std::toupper(static_cast<unsigned char>(upper[0])));
  const std::string both = x + "And" + upper;
  for (const auto& map : maps_of_pair(a, x, y, both, d))
    writer.add(map.name + "_statmap", map.values, writer.type(),
               with_common({{"Description", map.what + ", one voxel each"}}));
  Json json{{"Description", "which signals each voxel follows"}};
  json["Levels"] = {{"0", "neither is shown"},
                    {"1", x + ", with evidence of no effect of " + y},
                    {"2", y + ", with evidence of no effect of " + x},
                    {"3", "both"},
                    {"4", x + "; " + y + " is open"},
                    {"5", y + "; " + x + " is open"}};
  json["Threshold"] = {{"p", a.threshold_p}, {"Correction", a.correction}};
  json["EvidenceOfNoEffect"] = {
      {"BayesFactorNeeded", rule.evidence},
      {"CauchyScale", rule.cauchy_scale},
      {"EquivalenceBound",
       std::isinf(rule.equivalence_d) ? Json(nullptr) : Json(rule.equivalence_d)},
      {"Alpha", rule.alpha}};
  const Eigen::VectorXd label = places(d, a, json["Counts"]);
  writer.add("contrast-" + both + "_dseg", label, ScalarType::uint8, with_common(json));
  const auto count = [](const Eigen::VectorXd& l, double value) {
    return (l.array() == value).count();
  };
  info(
      fmt::format("{} without {} in {} voxels ({} more where {} is open), {} without {} in {} ({} "
                  "more where {} is open), both in {}",
                  x, y, count(label, 1), count(label, 4), y, y, x, count(label, 2), count(label, 5),
                  x, count(label, 3)));
  if (a.reference.empty()) return;
  Json crossed{{"Description", "voxels in a double dissociation with the reference region"}};
  crossed["Levels"] = {{"0", "none is shown"},
                       {"1", "the voxel goes with " + x + ", the reference with " + y},
                       {"2", "the voxel goes with " + y + ", the reference with " + x}};
  crossed["Threshold"] = json["Threshold"];
  const Eigen::VectorXd crossing = crossovers(d, a, crossed["Counts"]);
  writer.add("contrast-" + both + "Crossover_dseg", crossing, ScalarType::uint8,
             with_common(crossed));
  info(fmt::format("double dissociations with {}: {} voxels go with {}, {} with {}", a.reference,
                   count(crossing, 1), x, count(crossing, 2), y));
}

/// Mean over the reference's voxels that have both values; NaN without any.
ReferenceValues reference_values(const std::vector<double>& a, const std::vector<double>& b,
                                 const std::vector<size_t>& positions) {
  ReferenceValues sum{0, 0};
  double n = 0;
  for (size_t p : positions) {
    if (!std::isfinite(a[p]) || !std::isfinite(b[p])) continue;
    sum.a += a[p];
    sum.b += b[p];
    n += 1;
  }
  return {sum.a / n, sum.b / n};
}

/// Places of the reference's voxels among those that are looked at.
std::vector<size_t> reference_positions(const VoxelwiseArguments& a, const Grid& grid,
                                        const Mask& mask) {
  if (a.reference.empty()) return {};
  const Mask reference = read_mask(a.reference);
  require_same_grid(grid, a.maps[0], reference.grid, a.reference);
  std::vector<size_t> positions;
  for (size_t v = 0; v < mask.voxels.size(); ++v)
    if (std::binary_search(reference.voxels.begin(), reference.voxels.end(), mask.voxels[v]))
      positions.push_back(v);
  if (positions.empty())
    fail(ErrorCode::bad_input, "{} has none of the {} voxels that are looked at", a.reference,
         mask.voxels.size());
  return positions;
}

/// One pass over the maps of a pair of signals.
VoxelDissociation pass_over(const VoxelwiseArguments& a, const EvidenceRule& rule,
                            const std::vector<Pair>& pairs, const Grid& grid, const Mask& mask,
                            const std::string& what) {
  const auto positions = reference_positions(a, grid, mask);
  VoxelDissociationSums sums(mask.n_voxels(), !positions.empty());
  Progress progress(what);
  for (size_t i = 0; i < pairs.size(); ++i) {
    auto x = values_of(pairs[i].a, grid, a.maps[0], mask, !a.mask.empty());
    auto y = values_of(pairs[i].b, grid, a.maps[0], mask, !a.mask.empty());
    if (a.negative)
      for (auto* values : {&x, &y})
        for (double& v : *values) v = -v;
    std::optional<ReferenceValues> reference;
    if (!positions.empty()) {
      reference = reference_values(x, y, positions);
      if (!std::isfinite(reference->a))
        fail(ErrorCode::bad_input, "{} has no value in any voxel of the reference {}", pairs[i].a,
             a.reference);
    }
    sums.add(x, y, reference);
    progress.update(long(i) + 1, long(pairs.size()));
  }
  return sums.finish(rule, a.min_participants);
}

}  // namespace

void add_voxelwise_options(CLI::App& c, VoxelwiseArguments& a) {
  c.add_option("--maps", a.maps,
               "Voxelwise: effect maps named sub-LABEL_.._contrast-LABEL_.., instead of a table");
  c.add_option("--mask", a.mask, "Voxelwise: voxels to look at (default: finite and not zero)");
  c.add_option(
      "--reference", a.reference,
      "Voxelwise: mask of a region with which each voxel is held in a double dissociation");
  c.add_option("--threshold-p", a.threshold_p, "Voxelwise: p of the map of places")
      ->capture_default_str();
  c.add_option("--correction", a.correction, "Voxelwise: none, fdr or holm")->capture_default_str();
  c.add_option("--min-participants", a.min_participants,
               "Voxelwise: voxels with fewer are left out")
      ->capture_default_str();
  c.add_flag("--negative", a.negative, "Voxelwise: look for effects below 0");
  c.add_option("--map-type", a.map_type, "Voxelwise: float32 or float64")->capture_default_str();
}

int dissociate_voxelwise(const VoxelwiseArguments& a, const EvidenceRule& rule,
                         const std::vector<std::vector<std::string>>& signal_sets,
                         const std::string& prefix, const std::string& output,
                         const GlobalOptions& global) {
  if (a.correction != "none" && a.correction != "fdr" && a.correction != "holm")
    fail(ErrorCode::usage, "unknown correction '{}'; known: none, fdr, holm", a.correction);
  if (!(a.threshold_p > 0 && a.threshold_p < 1))
    fail(ErrorCode::usage, "--threshold-p is {}; it must lie between 0 and 1", a.threshold_p);
  const Grid grid = read_nifti_header(a.maps[0]).grid;
  warn_of_orientation(grid);
  Mask mask{grid, {}};
  if (a.mask.empty()) {
    for (Eigen::Index v = 0; v < grid.n_voxels(); ++v) mask.voxels.push_back(uint32_t(v));
  } else {
    mask = read_mask(a.mask);
    require_same_grid(grid, a.maps[0], mask.grid, a.mask);
  }
  OutputSet outputs(output, output_policy(global, "roi-dissociate", prefix));
  MapWriter writer(outputs, prefix, mask, parse_map_type(a.map_type));
  for (const auto& signals : signal_sets)
    for (size_t s = 0; s < signals.size(); ++s)
      for (size_t t = s + 1; t < signals.size(); ++t) {
        const auto pairs = pairs_of(a.maps, signals[s], signals[t]);
        write_pair(
            a, rule, signals[s], signals[t],
            pass_over(a, rule, pairs, grid, mask, fmt::format("{} and {}", signals[s], signals[t])),
            pairs, writer);
      }
  writer.flush(global.threads());
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  write_configuration(outputs, prefix);
  outputs.commit();
  tell_written(output, prefix);
  return kDone;
}

}  // namespace sociometer::cli
