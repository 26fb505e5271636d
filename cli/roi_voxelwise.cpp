#include "cli/roi_voxelwise.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/log.hpp"
#include "cli/map_writer.hpp"
#include "cli/roi_table.hpp"
#include "cli/software.hpp"
#include "engine/core/error.hpp"
#include "engine/roi/voxel_dissociation.hpp"
#include "engine/stats/multiple_comparisons.hpp"
#include "io/nifti.hpp"

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

/// 1 the first signal alone, 2 the second alone, 3 both; 0 neither.
Eigen::VectorXd places(const VoxelDissociation& d, const VoxelwiseArguments& a, Json& json) {
  Eigen::VectorXd label = Eigen::VectorXd::Zero(d.n.size());
  const auto mark = [&](const Eigen::VectorXd& statistic, double value, const char* name) {
    const Eigen::VectorXd p = d.p_of(statistic);
    const double limit = p_limit(p, a);
    Eigen::Index n = 0;
    for (Eigen::Index v = 0; v < p.size(); ++v)
      if (p[v] <= limit) {
        label[v] = value;
        ++n;
      }
    json[name] = {{"Voxels", n}, {"LargestPThatPasses", limit}};
  };
  // Both signals may be there with one above the other: then it is a place of both.
  mark(d.only_a, 1, "FirstAlone");
  mark(d.only_b, 2, "SecondAlone");
  mark(d.both, 3, "Both");
  return label;
}

void write_pair(const VoxelwiseArguments& a, const std::string& x, const std::string& y,
                const VoxelDissociation& d, const std::vector<Pair>& pairs, MapWriter& writer) {
  Json common;
  common["Signals"] = {x, y};
  common["Direction"] = a.negative ? "negative effects" : "positive effects";
  common["MinimumParticipants"] = a.min_participants;
  common["Participants"] = Json::array();
  for (const auto& pair : pairs) common["Participants"].push_back(pair.participant);
  common["Software"] = software_json();
  common["CommandLine"] = command_line();
  std::string upper = y;
  upper[0] = char(std::toupper(static_cast<unsigned char>(upper[0])));
  const std::string difference = x + "Minus" + upper, both = x + "And" + upper;
  const double sign = a.negative ? -1 : 1;
  const std::vector<Written> maps{
      {"contrast-" + x + "_stat-effect", "mean effect", sign * d.effect_a},
      {"contrast-" + y + "_stat-effect", "mean effect", sign * d.effect_b},
      {"contrast-" + difference + "_stat-effect", "mean difference", sign * d.effect_difference},
      {"contrast-" + x + "_stat-t", "t of the mean", sign * d.t_a},
      {"contrast-" + y + "_stat-t", "t of the mean", sign * d.t_b},
      {"contrast-" + difference + "_stat-t", "t of paired differences", sign * d.t_difference},
      {"contrast-" + both + "_stat-conjunction", "least of the two t (conjunction null)", d.both},
      {"contrast-" + x + "Alone_stat-conjunction",
       "least of the signal's t and that of its difference from the other", d.only_a},
      {"contrast-" + y + "Alone_stat-conjunction",
       "least of the signal's t and that of its difference from the other", d.only_b}};
  for (const auto& map : maps) {
    Json json{{"Description", map.what + ", one voxel each"}};
    for (const auto& [key, value] : common.items()) json[key] = value;
    writer.add(map.name + "_statmap", map.values, writer.type(), json);
  }
  Json json{{"Description", "where each signal is alone and where both are"}};
  json["Levels"] = {{"0", "neither"}, {"1", x + " alone"}, {"2", y + " alone"}, {"3", "both"}};
  json["Threshold"] = {{"p", a.threshold_p}, {"Correction", a.correction}};
  const Eigen::VectorXd label = places(d, a, json["Counts"]);
  for (const auto& [key, value] : common.items()) json[key] = value;
  writer.add("contrast-" + both + "_dseg", label, ScalarType::uint8, json);
  info(fmt::format("{} alone in {} voxels, {} alone in {}, both in {}", x,
                   (label.array() == 1).count(), y, (label.array() == 2).count(),
                   (label.array() == 3).count()));
}

}  // namespace

void add_voxelwise_options(CLI::App& c, VoxelwiseArguments& a) {
  c.add_option("--maps", a.maps,
               "Voxelwise: effect maps named sub-LABEL_.._contrast-LABEL_.., instead of a table");
  c.add_option("--mask", a.mask, "Voxelwise: voxels to look at (default: finite and not zero)");
  c.add_option("--threshold-p", a.threshold_p, "Voxelwise: p of the map of places")
      ->capture_default_str();
  c.add_option("--correction", a.correction, "Voxelwise: none, fdr or holm")->capture_default_str();
  c.add_option("--min-participants", a.min_participants,
               "Voxelwise: voxels with fewer are left out")
      ->capture_default_str();
  c.add_flag("--negative", a.negative, "Voxelwise: look for effects below 0");
  c.add_option("--map-type", a.map_type, "Voxelwise: float32 or float64")->capture_default_str();
}

int dissociate_voxelwise(const VoxelwiseArguments& a,
                         const std::vector<std::vector<std::string>>& signal_sets,
                         const std::string& prefix, const std::string& output,
                         const GlobalOptions& global) {
  if (a.correction != "none" && a.correction != "fdr" && a.correction != "holm")
    fail(ErrorCode::usage, "unknown correction '{}'; known: none, fdr, holm", a.correction);
  if (!(a.threshold_p > 0 && a.threshold_p < 1))
    fail(ErrorCode::usage, "--threshold-p is {}; it must lie between 0 and 1", a.threshold_p);
  const Grid grid = read_nifti_header(a.maps[0]).grid;
  Mask mask{grid, {}};
  if (a.mask.empty()) {
    for (Eigen::Index v = 0; v < grid.n_voxels(); ++v) mask.voxels.push_back(uint32_t(v));
  } else {
    mask = read_mask(a.mask);
    require_same_grid(grid, a.maps[0], mask.grid, a.mask);
  }
  OutputSet outputs(output);
  MapWriter writer(outputs, prefix, mask, parse_map_type(a.map_type));
  const double sign = a.negative ? -1 : 1;
  for (const auto& signals : signal_sets)
    for (size_t s = 0; s < signals.size(); ++s)
      for (size_t t = s + 1; t < signals.size(); ++t) {
        const auto pairs = pairs_of(a.maps, signals[s], signals[t]);
        VoxelDissociationSums sums(mask.n_voxels());
        Progress progress(fmt::format("{} and {}", signals[s], signals[t]));
        for (size_t i = 0; i < pairs.size(); ++i) {
          auto x = values_of(pairs[i].a, grid, a.maps[0], mask, !a.mask.empty());
          auto y = values_of(pairs[i].b, grid, a.maps[0], mask, !a.mask.empty());
          for (auto* values : {&x, &y})
            for (double& v : *values) v *= sign;
          sums.add(x, y);
          progress.update(long(i) + 1, long(pairs.size()));
        }
        write_pair(a, signals[s], signals[t], sums.finish(a.min_participants), pairs, writer);
      }
  writer.flush(global.threads());
  outputs.write("dataset_description.json", dataset_description(version(), commit()));
  outputs.commit();
  return kDone;
}

}  // namespace sociometer::cli
