#include <algorithm>
#include <map>

#include "io/models/model_parts.hpp"

namespace sociometer {
namespace {

/// A step of version 0.x as a node.
struct ConvertedStep {
  Json node;
  std::vector<std::string> wanted;  ///< incoming contrasts that its DummyContrasts name
};

ConvertedStep converted(const ModelValue& value, std::map<std::string, int>& used,
                        ModelNotes& notes) {
  ModelObject step(value, "a step", notes);
  ConvertedStep out;
  const std::string level = text_in(step.at("Level"));
  const bool of_runs = plain_key(level) == "run";
  const int earlier = used[plain_key(level)]++;
  out.node["Level"] = level;
  out.node["Name"] = plain_key(level) + (earlier > 0 ? std::to_string(earlier + 1) : "");
  if (const auto transformations = step.find("Transformations")) {
    if (!of_runs && !transformations->json->empty())
      transformations->refuse(
          "transformations above Run (step '{}') have no counterpart in version 1; write the model "
          "with Nodes",
          level);
    out.node["Transformations"] = *transformations->json;
  }
  if (const auto model = step.find("Model"))
    out.node["Model"] = *model->json;
  else if (of_runs)
    value.refuse("the step at run has no Model");
  else
    out.node["Model"] = Json{{"Type", "glm"}, {"X", Json::array({1})}};
  if (const auto contrasts = step.find("Contrasts")) out.node["Contrasts"] = *contrasts->json;
  if (const auto dummies = step.find("DummyContrasts")) {
    out.node["DummyContrasts"] = *dummies->json;
    // Above Run, version 0.x named the contrasts that come in; version 1 filters edges.
    if (!of_runs && dummies->json->is_object()) {
      Json& kept = out.node["DummyContrasts"];
      for (const char* key : {"Conditions", "Contrasts"})
        if (kept.contains(key)) {
          out.wanted = names_in({&(*dummies->json)[key], dummies->place + "/" + key});
          kept.erase(key);
        }
    }
  }
  if (const auto all = step.find("AutoContrasts")) {
    if (all->json->is_array())
      out.node["DummyContrasts"] = Json{{"Contrasts", *all->json}, {"Test", "t"}};
    else if (boolean_in(*all))
      out.node["DummyContrasts"] = Json{{"Test", "t"}};
  }
  step.finish();
  return out;
}

}  // namespace

Json nodes_of_steps(const ModelValue& steps, ModelNotes& notes) {
  notes.note("the model has Steps, as in version 0.x; they are read as Nodes");
  Json out{{"Nodes", Json::array()}, {"Edges", Json::array()}};
  std::map<std::string, int> used;
  std::string previous;
  for (const auto& element : elements_of(steps)) {
    ConvertedStep step = converted(element, used, notes);
    const std::string name = step.node["Name"];
    if (!previous.empty()) {
      Json edge{{"Source", previous}, {"Destination", name}};
      if (!step.wanted.empty()) edge["Filter"] = Json{{"contrast", step.wanted}};
      out["Edges"].push_back(std::move(edge));
    }
    out["Nodes"].push_back(std::move(step.node));
    previous = name;
  }
  return out;
}

}  // namespace sociometer
