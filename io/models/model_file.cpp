#include "io/models/model_file.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <set>

#include "engine/core/nearest_word.hpp"
#include "engine/stats_models/model_checks.hpp"
#include "engine/stats_models/node_graph.hpp"
#include "io/models/model_parts.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

void add_unless_there(std::vector<std::string>& list, const std::string& name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

/// "sub-01" is the label 01 of subject.
std::string label_without_key(const std::string& entity, const std::string& label) {
  const auto dash = label.find('-');
  return dash != std::string::npos && model_entity(label.substr(0, dash)) == entity
             ? label.substr(dash + 1)
             : label;
}

EntityFilter input_in(const ModelValue& value) {
  static const std::vector<std::string> kEntities = {
      "subject",        "session",   "task",     "run",      "acquisition",
      "reconstruction", "direction", "echo",     "ceagent",  "part",
      "space",          "cohort",    "res",      "den",      "desc",
      "hemi",           "suffix",    "datatype", "extension"};
  EntityFilter out;
  for (const auto& [key, values] : filter_in(value, "Input")) {
    if (std::find(kEntities.begin(), kEntities.end(), key) == kEntities.end()) {
      const std::string nearest = nearest_word(key, kEntities);
      value.refuse("Input names '{}', which is no entity{}", key,
                   nearest.empty() ? "" : "; the nearest is " + nearest);
    }
    for (const auto& label : values) out[key].push_back(label_without_key(key, label));
  }
  return out;
}

/// The mask's entities; "" in a template is none.
EntityFilter mask_in(const ModelValue& value, ModelNotes& notes) {
  if (value.json->is_string() && text_in(value).empty()) {
    notes.note("Options.Mask is empty, and is left out");
    return {};
  }
  return filter_in(value, "Options.Mask");
}

void read_options(const ModelValue& value, StatsNode& node, ModelNotes& notes) {
  ModelObject options(value, "Options of node '" + node.name + "'", notes);
  if (const auto cutoff = options.find("HighPassFilterCutoffHz")) {
    node.high_pass_hz = number_in(*cutoff);
    if (!(*node.high_pass_hz > 0))
      cutoff->refuse("HighPassFilterCutoffHz is {}; it must be above 0", *node.high_pass_hz);
    if (*node.high_pass_hz > 0.02)
      notes.warn(fmt::format(
          "{}: HighPassFilterCutoffHz {} takes out all that is slower than {:.0f} s; 0.008 Hz is "
          "usual",
          cutoff->place, *node.high_pass_hz, 1 / *node.high_pass_hz));
  }
  options.refuse_key("LowPassFilterCutoffHz",
                     "is not supported: a low-pass filter takes out the response to the task");
  options.refuse_key("ReplaceVariables", "is not supported");
  if (const auto aggregate = options.find("Aggregate"))
    if (plain_key(text_in(*aggregate)) != "none")
      aggregate->refuse("Aggregate {} is not supported; means of regions are in `roi fit`",
                        text_in(*aggregate));
  if (const auto mask = options.find("Mask")) node.mask = mask_in(*mask, notes);
  options.finish();
}

void read_hrf(const ModelValue& value, StatsNode& node, ModelNotes& notes) {
  ModelObject object(value, "HRF of node '" + node.name + "'", notes);
  ModelHrf hrf;
  hrf.variables = names_in(object.at("Variables"));
  hrf.hrf = hrf_model_in(object.at("Model"), notes);
  if (const auto parameters = object.find("Parameters")) {
    ModelObject given(*parameters, "HRF.Parameters", notes);
    if (const auto delays = given.find("fir_delays"))
      for (double delay : numbers_in(*delays)) hrf.fir_delays.push_back(int(delay));
    given.finish();
  }
  object.finish();
  node.hrf = std::move(hrf);
}

/// "0 + C(group)" means a column per level, which is what a column of text is here anyway; other
/// formulas are refused.
void read_formula(const ModelValue& value, StatsNode& node, ModelNotes& notes) {
  static const std::regex kCellMeans("\\s*~?\\s*0\\s*\\+\\s*C\\(\\s*([^)]+?)\\s*\\)\\s*");
  const std::string formula = text_in(value);
  std::smatch parts;
  const bool plain = node.level != NodeLevel::run && std::regex_match(formula, parts, kCellMeans);
  const std::string column = plain ? parts[1].str() : "";
  if (!plain || std::find(node.x.begin(), node.x.end(), column) == node.x.end())
    value.refuse(
        "node '{}': Formula '{}' is not supported; write its columns with Transformations "
        "(Product, "
        "Factor) and name them in X",
        node.name, formula);
  node.x = {column};
  node.formula_factors = {column};
  notes.note(fmt::format("node '{}': Formula '{}' is read as a column per level of {}", node.name,
                         formula, column));
}

void read_model_object(const ModelValue& value, StatsNode& node, ModelNotes& notes) {
  ModelObject model(value, "Model of node '" + node.name + "'", notes);
  if (const auto type = model.word<NodeModelType>("Type"))
    node.type = *type;
  else
    notes.note(fmt::format("node '{}': Model has no Type; glm is assumed", node.name));
  for (const auto& name : model_names_in(model.at("X"), notes)) add_unless_there(node.x, name);
  if (node.x.empty()) value.refuse("node '{}': X is empty", node.name);
  if (const auto formula = model.find("Formula")) read_formula(*formula, node, notes);
  if (const auto hrf = model.find("HRF")) read_hrf(*hrf, node, notes);
  if (const auto options = model.find("Options")) read_options(*options, node, notes);
  if (const auto software = model.find("Software")) node.settings = settings_in(*software, notes);
  model.refuse_key("VarianceComponents",
                   "is not supported; Model.Type meta takes the variance between people");
  model.refuse_key("ErrorDistribution", "is not supported");
  model.finish();
}

std::vector<std::string> default_grouping(NodeLevel level) {
  switch (level) {
    case NodeLevel::run:
      return {"run", "subject"};
    case NodeLevel::session:
      return {"session", "subject", "contrast"};
    case NodeLevel::subject:
      return {"subject", "contrast"};
    case NodeLevel::dataset:
      return {"contrast"};
  }
  return {};
}

std::vector<std::string> grouping_in(ModelObject& object, const StatsNode& node) {
  const auto value = object.find("GroupBy");
  if (!value) {
    auto assumed = default_grouping(node.level);
    object.notes().note(fmt::format("node '{}' has no GroupBy; {} is assumed", node.name,
                                    fmt::join(assumed, ", ")));
    return assumed;
  }
  std::vector<std::string> out;
  for (const auto& key : names_in(*value))
    if (!key.empty()) add_unless_there(out, model_entity(key));
  return out;
}

StatsNode node_in(const ModelValue& value, ModelNotes& notes) {
  ModelObject object(value, "a node", notes);
  StatsNode node;
  node.place = value.place;
  node.level = word_in<NodeLevel>(object.at("Level"));
  const auto name = object.find("Name");
  node.name = name ? text_in(*name) : plain_key(name_of(node.level));
  if (!name) notes.note(value.place + ": the node has no Name; '" + node.name + "' is assumed");
  object.rename("node '" + node.name + "'");
  node.group_by = grouping_in(object, node);
  if (const auto transformations = object.find("Transformations"))
    node.instructions = instructions_in(*transformations, notes);
  read_model_object(object.at("Model"), node, notes);
  if (const auto options = object.find("Options")) {
    notes.note(
        fmt::format("Options of node '{}' belong into Model, and are read there", node.name));
    read_options(*options, node, notes);
  }
  if (const auto contrasts = object.find("Contrasts"))
    node.contrasts = contrasts_in(*contrasts, notes);
  if (const auto dummies = object.find("DummyContrasts"))
    if (!dummies->json->is_boolean() || dummies->json->get<bool>())
      node.dummies = dummy_contrasts_in(*dummies, notes);
  object.finish();
  return node;
}

StatsEdge edge_in(const ModelValue& value, ModelNotes& notes) {
  ModelObject object(value, "an edge", notes);
  StatsEdge edge{text_in(object.at("Source")), text_in(object.at("Destination")), {}, value.place};
  if (const auto filter = object.find("Filter")) edge.filter = filter_in(*filter, "Filter");
  object.finish();
  return edge;
}

std::string version_in(ModelObject& object) {
  const auto value = object.find("BIDSModelVersion");
  if (!value) {
    object.notes().note("the model has no BIDSModelVersion; 1.0.0 is assumed");
    return "1.0.0";
  }
  std::string version = text_in(*value);
  if (version != "1" && !version.starts_with("1."))
    object.notes().warn(fmt::format("BIDSModelVersion is {}; the model is read as 1.0.0", version));
  return version;
}

void read_nodes(const ModelValue& nodes, const std::optional<ModelValue>& edges, StatsModel& model,
                ModelNotes& notes) {
  for (const auto& element : elements_of(nodes)) model.nodes.push_back(node_in(element, notes));
  if (model.nodes.empty()) nodes.refuse("the model has no nodes");
  if (edges)
    for (const auto& element : elements_of(*edges)) model.edges.push_back(edge_in(element, notes));
  if (!model.edges.empty()) return;
  for (size_t i = 1; i < model.nodes.size(); ++i)
    model.edges.push_back({model.nodes[i - 1].name, model.nodes[i].name, {}, model.nodes[i].place});
}

/// The same notice is given once, however many contrasts it is about.
void drop_repeated(std::vector<std::string>& lines) {
  std::set<std::string> seen;
  std::erase_if(lines, [&](const auto& line) { return !seen.insert(line).second; });
}

}  // namespace

EntityFilter filter_in(const ModelValue& value, const std::string& what) {
  if (!value.json->is_object()) value.refuse("{} must be an object of entities", what);
  EntityFilter out;
  for (const auto& [key, json] : value.json->items()) {
    if (key == "Description" || json.is_null()) continue;
    std::string small = key;
    std::transform(small.begin(), small.end(), small.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    // Columns of participants.tsv keep their case; entities have small letters.
    const std::string name = what == "Filter" ? model_entity(key) : model_entity(small);
    for (const auto& label : names_in({&json, value.place + "/" + key})) out[name].push_back(label);
  }
  return out;
}

ReadModel model_from_json(const Json& json, const std::string& source,
                          const ModelReading& reading) {
  return with_context(source, [&] {
    ReadModel out;
    ModelObject object({&json, ""}, "the model", out.notes);
    StatsModel& model = out.model;
    model.version = version_in(object);
    if (const auto name = object.find("Name"))
      model.name = text_in(*name);
    else
      out.notes.note("the model has no Name");
    if (json.contains("Description") && json["Description"].is_string())
      model.description = json["Description"].get<std::string>();
    if (const auto input = object.find("Input")) model.input = input_in(*input);
    Json converted;  // lives as long as the places in it
    if (const auto steps = object.find("Steps")) {
      converted = nodes_of_steps(*steps, out.notes);
      read_nodes({&converted["Nodes"], "/Steps"}, ModelValue{&converted["Edges"], "/Steps"}, model,
                 out.notes);
    } else {
      read_nodes(object.at("Nodes"), object.find("Edges"), model, out.notes);
    }
    object.find("Edges");
    object.finish();
    for (auto& node : model.nodes) node.drops_invalid_contrasts = reading.drop_invalid_contrasts;
    check(model, out.notes);
    drop_repeated(out.notes.notices);
    drop_repeated(out.notes.warnings);
    return out;
  });
}

namespace {

/// What is found later, with data, is to name the file too.
void add_file_to_places(StatsModel& model, const std::string& path) {
  const auto add = [&](std::string& place) { place = path + ": " + place; };
  for (auto& node : model.nodes) {
    add(node.place);
    for (auto& contrast : node.contrasts) add(contrast.place);
    for (auto& instruction : node.instructions) add(instruction.place);
  }
  for (auto& edge : model.edges) add(edge.place);
}

}  // namespace

ReadModel read_model(const std::string& path, const ModelReading& reading) {
  const auto [text, file] = read_text_file(path, kMostJsonBytes);
  check_json(text, path);
  Json json;
  try {
    json = Json::parse(text);
  } catch (const Json::parse_error& error) {
    const size_t end = std::min(text.size(), error.byte);
    const auto line = 1 + std::count(text.begin(), text.begin() + std::ptrdiff_t(end), '\n');
    fail(ErrorCode::bad_input, "{} is no valid JSON: see line {}", path, line);
  } catch (const Json::out_of_range& error) {
    refuse_number(error.what(), path);
  }
  require_members_once(text, path);
  ReadModel out = model_from_json(json, path, reading);
  add_file_to_places(out.model, path);
  out.file = file;
  out.text = text;
  return out;
}

}  // namespace sociometer
