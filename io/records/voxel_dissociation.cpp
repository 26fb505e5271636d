#include "io/records/voxel_dissociation.hpp"

#include <cctype>
#include <cmath>

namespace sociometer {
namespace {

struct NamedMap {
  std::string name, what;
  Eigen::VectorXd values;
};

Json common_json(const VoxelDissociationRecord& r, const Provenance& provenance) {
  Json common;
  common["Signals"] = {r.x, r.y};
  common["Direction"] = r.negative ? "negative effects" : "positive effects";
  common["MinimumParticipants"] = r.min_participants;
  if (!r.reference.empty()) common["Reference"] = r.reference;
  common["Participants"] = r.participants;
  provenance.sign(common);
  return common;
}

std::vector<NamedMap> maps_of(const VoxelDissociationRecord& r, const std::string& both) {
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
  maps.push_back({"contrast-" + x + "Crossover_stat-p", what, d.p_goes_with_a});
  maps.push_back({"contrast-" + y + "Crossover_stat-p", what, d.p_goes_with_b});
  return maps;
}

Json counts_json(const PassingVoxels& passing) {
  return {{"Voxels", passing.n}, {"LargestPThatPasses", passing.limit}};
}

Json threshold_json(const VoxelDissociationRecord& r) {
  return {{"p", r.threshold_p}, {"Correction", name_of(r.correction)}};
}

Json places_json(const VoxelDissociationRecord& r) {
  const std::string &x = r.x, &y = r.y;
  Json json{{"Description", "which signals each voxel follows"}};
  json["Levels"] = {{"0", "neither is shown"},
                    {"1", x + ", with evidence of no effect of " + y},
                    {"2", y + ", with evidence of no effect of " + x},
                    {"3", "both"},
                    {"4", x + "; " + y + " is open"},
                    {"5", y + "; " + x + " is open"}};
  json["Threshold"] = threshold_json(r);
  json["EvidenceOfNoEffect"] = {
      {"BayesFactorNeeded", r.rule.evidence},
      {"CauchyScale", r.rule.cauchy_scale},
      {"EquivalenceBound",
       std::isinf(r.rule.equivalence_d) ? Json(nullptr) : Json(r.rule.equivalence_d)},
      {"Alpha", r.rule.alpha}};
  json["Counts"] = {{"First", counts_json(r.places.first)},
                    {"Second", counts_json(r.places.second)},
                    {"Both", counts_json(r.places.both)}};
  return json;
}

Json crossovers_json(const VoxelDissociationRecord& r) {
  Json json{{"Description", "voxels in a double dissociation with the reference region"}};
  json["Levels"] = {{"0", "none is shown"},
                    {"1", "the voxel goes with " + r.x + ", the reference with " + r.y},
                    {"2", "the voxel goes with " + r.y + ", the reference with " + r.x}};
  json["Threshold"] = threshold_json(r);
  json["Counts"] = {{"First", counts_json(r.crossovers->first)},
                    {"Second", counts_json(r.crossovers->second)}};
  return json;
}

}  // namespace

void add_voxel_dissociation(const VoxelDissociationRecord& r, const Provenance& provenance,
                            MapWriter& writer) {
  const Json common = common_json(r, provenance);
  const auto with_common = [&](Json json) {
    append(json, common);
    return json;
  };
  std::string upper = r.y;
  upper[0] = char(std::toupper(static_cast<unsigned char>(upper[0])));
  const std::string both = r.x + "And" + upper;
  for (const auto& map : maps_of(r, both))
    writer.add(map.name + "_statmap", map.values, writer.type(),
               with_common({{"Description", map.what + ", one voxel each"}}));
  writer.add("contrast-" + both + "_dseg", r.places.label, ScalarType::uint8,
             with_common(places_json(r)));
  if (r.crossovers)
    writer.add("contrast-" + both + "Crossover_dseg", r.crossovers->label, ScalarType::uint8,
               with_common(crossovers_json(r)));
}

}  // namespace sociometer
