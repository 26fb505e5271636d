#include "io/records/learning_record.hpp"

#include "io/records/learning_settings.hpp"

namespace sociometer {

Json learner_json(const Learner& learner) {
  Json json = Json::object();
  for (const auto& p : learner.parameters())
    json[p.name] = {{"Meaning", p.meaning},
                    {"Transform", to_string(p.transform)},
                    {"Prior", to_string(p.prior)}};
  return json;
}

Json to_json(const LearningRecord& record) {
  Json json;
  json["Settings"] = to_json(record.settings);
  json["SettingsNote"] =
      "constants of the updating are inferred, not published; see docs/learning.md";
  json["GroupPriors"] = name_of(record.group_priors);
  const bool fixed = record.group_priors == GroupPriors::none;
  json["DensitySpace"] = name_of(fixed ? record.options.space : DensitySpace::transformed);
  json["Evidence"] = name_of(record.options.evidence);
  if (record.options.evidence == Evidence::laplace)
    json["EvidenceSpace"] =
        name_of(fixed ? record.options.evidence_space : DensitySpace::transformed);
  if (record.options.evidence == Evidence::importance) {
    json["EvidencePoints"] = record.options.importance.n_points;
    json["EvidenceMostPoints"] = record.options.importance.most_points;
    json["EvidenceTolerance"] = record.options.importance.tolerance;
    json["EvidenceSeed"] = record.options.seed;
  }
  json["Starts"] = record.options.n_starts;
  json["StartsNote"] = "over the ranges of the parameters; those near the bounds come on top";
  json["Columns"] = to_json(record.columns);
  record.provenance.sign(json);
  return json;
}

}  // namespace sociometer
