#include "io/records/voxel_dissociation.hpp"

#include <cctype>
#include <cmath>

namespace sociometer {
namespace {

struct NamedMap {
  std::string name, what;
  Eigen::VectorXd values;
};

DissociationMapRecord common_record(const VoxelDissociationRecord& r) {
  DissociationMapRecord record;
  record.signals = {r.x, r.y};
  record.direction = r.negative ? "negative effects" : "positive effects";
  record.min_participants = r.min_participants;
  if (!r.reference.empty()) record.reference = r.reference;
  record.participants = r.participants;
  record.inputs = r.inputs;
  return record;
}

std::string with_upper(std::string name) {
  name[0] = char(std::toupper(static_cast<unsigned char>(name[0])));
  return name;
}

std::vector<NamedMap> maps_of(const VoxelDissociationRecord& r, const std::string& both,
                              bool one_of_several) {
  const VoxelDissociation& d = r.dissociation;
  const std::string &x = r.x, &y = r.y;
  const double sign = r.negative ? -1 : 1;
  std::vector<NamedMap> maps{
      {"contrast-" + x + "_stat-effect", "mean effect", sign * d.effect_a},
      {"contrast-" + y + "_stat-effect", "mean effect", sign * d.effect_b},
      {"contrast-" + x + "_stat-t", "t of the mean", sign * d.t_a},
      {"contrast-" + y + "_stat-t", "t of the mean", sign * d.t_b},
      {"contrast-" + both + "_stat-conjunction", "least of the two t (conjunction null)", d.both}};
  if (!r.crossovers) return maps;
  maps.push_back({"contrast-" + x + "AboveReference_stat-t",
                  "paired t of the voxel less the reference region", sign * d.t_above_a});
  maps.push_back({"contrast-" + y + "AboveReference_stat-t",
                  "paired t of the voxel less the reference region", sign * d.t_above_b});
  const char* what =
      "p (two-sided) that the voxel goes with this signal and the reference with the other: the "
      "largest over the paired tests and the own effects";
  const auto of_pair = [&](const std::string& signal, const std::string& other) {
    return "contrast-" + signal + "Crossover" + (one_of_several ? "With" + with_upper(other) : "") +
           "_stat-p";
  };
  maps.push_back({of_pair(x, y), what, d.p_goes_with_a});
  maps.push_back({of_pair(y, x), what, d.p_goes_with_b});
  return maps;
}

PassingCount count_of(const PassingVoxels& passing) { return {long(passing.n), passing.limit}; }

DissociationMapRecord places_record(const VoxelDissociationRecord& r) {
  const std::string &x = r.x, &y = r.y;
  DissociationMapRecord record = common_record(r);
  record.description = "which signals each voxel follows";
  record.levels = {{"0", "neither is shown"},
                   {"1", x + ", with evidence of no effect of " + y},
                   {"2", y + ", with evidence of no effect of " + x},
                   {"3", "both"},
                   {"4", x + "; " + y + " is open"},
                   {"5", y + "; " + x + " is open"}};
  record.threshold = VoxelThreshold{r.threshold_p, name_of(r.correction)};
  ZeroRule zero{r.rule.evidence, r.rule.cauchy_scale, {}, r.rule.alpha};
  if (!std::isinf(r.rule.equivalence_d)) zero.equivalence_bound.value = r.rule.equivalence_d;
  record.evidence_of_no_effect = zero;
  record.counts = {{"First", count_of(r.places.first)},
                   {"Second", count_of(r.places.second)},
                   {"Both", count_of(r.places.both)}};
  return record;
}

DissociationMapRecord crossovers_record(const VoxelDissociationRecord& r) {
  DissociationMapRecord record = common_record(r);
  record.description = "voxels in a double dissociation with the reference region";
  record.levels = {{"0", "none is shown"},
                   {"1", "the voxel goes with " + r.x + ", the reference with " + r.y},
                   {"2", "the voxel goes with " + r.y + ", the reference with " + r.x}};
  record.threshold = VoxelThreshold{r.threshold_p, name_of(r.correction)};
  record.counts = {{"First", count_of(r.crossovers->first)},
                   {"Second", count_of(r.crossovers->second)}};
  return record;
}

}  // namespace

void add_voxel_dissociation(const VoxelDissociationRecord& r, bool one_of_several,
                            MapWriter& writer, std::set<std::string>& queued) {
  DissociationMapRecord of_map = common_record(r);
  const std::string both = r.x + "And" + with_upper(r.y);
  for (const auto& map : maps_of(r, both, one_of_several)) {
    if (!queued.insert(map.name).second) continue;
    of_map.description = map.what + ", one voxel each";
    writer.add(map.name + "_statmap", map.values, writer.type(), record_to_json(of_map));
  }
  writer.add("contrast-" + both + "_dseg", r.places.label, ScalarType::uint8,
             record_to_json(places_record(r)));
  if (r.crossovers)
    writer.add("contrast-" + both + "Crossover_dseg", r.crossovers->label, ScalarType::uint8,
               record_to_json(crossovers_record(r)));
}

}  // namespace sociometer
