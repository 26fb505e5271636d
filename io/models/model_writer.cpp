#include "io/models/model_writer.hpp"

#include <cmath>
#include <type_traits>

#include <fmt/format.h>

namespace sociometer {
namespace {

/// The constant is the number 1 in files.
Json name_json(const std::string& name) { return name == kConstantName ? Json(1) : Json(name); }

Json names_json(const std::vector<std::string>& names) {
  Json json = Json::array();
  for (const auto& name : names) json.push_back(name_json(name));
  return json;
}

Json filter_json(const EntityFilter& filter) {
  Json json = Json::object();
  for (const auto& [key, labels] : filter) json[key] = labels;
  return json;
}

/// A query as parse_row_query reads it; quotes keep texts from being taken for numbers.
std::string query_text(const RowQuery& query) {
  const char* words[] = {"==", "!=", "<", "<=", ">", ">="};
  const std::string value = query.number ? query.text : "'" + query.text + "'";
  return fmt::format("{} {} {}", query.column, words[size_t(query.comparison)], value);
}

const char* part_word(VariablePart part) {
  switch (part) {
    case VariablePart::value:
      return "value";
    case VariablePart::onset:
      return "onset";
    case VariablePart::duration:
      return "duration";
  }
  return "";
}

void add_parameters(const transforms::Factor& f, Json& json) {
  using Constraint = transforms::Factor::Constraint;
  if (f.constraint != Constraint::none)
    json["Constraint"] = f.constraint == Constraint::drop_one ? "drop_one" : "mean_zero";
  if (!f.reference.empty()) json["RefLevel"] = f.reference;
  if (f.separator != transforms::Factor{}.separator) json["Sep"] = f.separator;
}

/// "spm" with Derivative and Dispersion, as other programs read it; only ours knows a dispersion
/// without a derivative.
void add_parameters(const transforms::Convolve& c, Json& json) {
  HrfModel response = c.hrf;
  const bool flags = c.hrf.time_derivative;
  if (flags) response.time_derivative = response.dispersion_derivative = false;
  json["Model"] = to_string(response);
  if (flags) json["Derivative"] = true;
  if (flags && c.hrf.dispersion_derivative) json["Dispersion"] = true;
  if (!c.fir_delays.empty()) json["FirDelays"] = c.fir_delays;
}

/// Demean is Scale with parameters that cannot be given.
void add_parameters(const transforms::Scale& s, Json& json) {
  using ReplaceMissing = transforms::Scale::ReplaceMissing;
  if (!s.refuses_constant) return;
  json["Demean"] = s.demean;
  json["Rescale"] = s.rescale;
  if (s.replace_missing != ReplaceMissing::never)
    json["ReplaceNA"] = s.replace_missing == ReplaceMissing::before ? "before" : "after";
}

void add_parameters(const transforms::Threshold& t, Json& json) {
  json["Threshold"] = t.threshold;
  json["Binarize"] = t.binarize;
  json["Above"] = t.above;
  json["Signed"] = t.is_signed;
}

void add_parameters(const transforms::Orthogonalize& o, Json& json) { json["Other"] = o.other; }

void add_parameters(const transforms::Lag& l, Json& json) {
  const char* words[] = {"nearest", "reflect", "constant"};
  json["Shift"] = l.shift;
  json["Order"] = l.order;
  json["Mode"] = words[size_t(l.edge)];
  json["Constant"] = l.constant;
  json["Difference"] = l.difference;
}

void add_parameters(const transforms::Sum& s, Json& json) {
  if (!s.weights.empty()) json["Weights"] = s.weights;
}

void add_parameters(const transforms::Arithmetic& a, Json& json) {
  json["Value"] = a.value;
  if (a.query) json["Query"] = query_text(*a.query);
}

void add_parameters(const transforms::Assign& a, Json& json) {
  json["Target"] = a.target;
  json["InputAttr"] = part_word(a.from);
  json["TargetAttr"] = part_word(a.to);
}

void add_parameters(const transforms::Replace& r, Json& json) {
  Json pairs = r.patterns ? Json::array() : Json::object();
  for (const auto& pair : r.pairs)
    if (r.patterns)
      pairs.push_back({{"key", pair.from}, {"value", pair.to}});
    else
      pairs[pair.from] = pair.to;
  json["Replace"] = std::move(pairs);
  json["Attribute"] = r.parts.size() > 1 ? "all" : part_word(r.parts.front());
}

void add_parameters(const transforms::Filter& f, Json& json) {
  json["Query"] = query_text(f.query);
}
void add_parameters(const transforms::Split& s, Json& json) { json["By"] = s.by; }
void add_parameters(const transforms::LabelIdenticalRows& l, Json& json) {
  json["Cumulative"] = l.cumulative;
}
void add_parameters(const transforms::Constant& c, Json& json) { json["Value"] = c.value; }
void add_parameters(const transforms::Derivative& d, Json& json) {
  json["Order"] = d.order;
  if (d.initial) json["Initial"] = *d.initial;
}
void add_parameters(const transforms::ToDense& t, Json& json) {
  if (t.sampling_rate_hz) json["SamplingRate"] = *t.sampling_rate_hz;
}

/// The others have no parameters.
template <class T>
requires std::is_empty_v<T>
void add_parameters(const T&, Json&) {}
void add_parameters(const transforms::Logical&, Json&) {}  // its name says it

Json instruction_json(const Instruction& instruction) {
  Json json{{"Name", instruction.name}};
  if (!instruction.input.empty()) json["Input"] = instruction.input;
  std::visit([&](const auto& parameters) { add_parameters(parameters, json); },
             instruction.parameters);
  if (!instruction.output.empty()) json["Output"] = instruction.output;
  return json;
}

template <class T>
Json setting_json(const T& value) {
  if constexpr (Named<T>) {
    return name_of(value);
  } else if constexpr (std::is_same_v<T, NoiseModel> || std::is_same_v<T, Shrinkage>) {
    return to_string(value);
  } else if constexpr (std::is_same_v<T, MaskSource>) {
    return to_words(value);
  } else {
    return value;
  }
}
template <class T>
Json setting_json(const std::vector<T>& values) {
  Json json = Json::array();
  for (const auto& value : values) json.push_back(setting_json(value));
  return json;
}

Json settings_json(const EngineSettings& settings) {
  Json json = Json::object();
  visit_settings(settings, [&](const char* key, const auto& field) {
    if constexpr (requires { field.has_value(); }) {
      if (field) json[key] = setting_json(*field);
    } else {
      if (!field.empty()) json[key] = setting_json(field);
    }
  });
  return json;
}

Json contrast_json(const ModelContrast& contrast) {
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < contrast.weights.rows(); ++i) {
    Json row = Json::array();
    for (double weight : contrast.weights.row(i)) {
      const bool whole = weight == std::rint(weight) && std::abs(weight) < 1e9;
      row.push_back(whole ? Json(long(weight)) : Json(weight));
    }
    rows.push_back(std::move(row));
  }
  return {{"Name", name_json(contrast.name)},
          {"ConditionList", names_json(contrast.conditions)},
          {"Weights", rows.size() == 1 ? rows.front() : rows},
          {"Test", name_of(contrast.test)}};
}

Json hrf_json(const ModelHrf& hrf) {
  Json json{{"Variables", hrf.variables}, {"Model", to_string(hrf.hrf)}};
  if (!hrf.fir_delays.empty()) json["Parameters"] = {{"fir_delays", hrf.fir_delays}};
  return json;
}

Json model_of_node_json(const StatsNode& node) {
  Json json{{"Type", name_of(node.type)}, {"X", names_json(node.x)}};
  if (!node.formula_factors.empty()) json["Formula"] = "0 + C(" + node.formula_factors[0] + ")";
  if (node.hrf) json["HRF"] = hrf_json(*node.hrf);
  if (node.high_pass_hz) json["Options"]["HighPassFilterCutoffHz"] = *node.high_pass_hz;
  if (!node.mask.empty()) json["Options"]["Mask"] = filter_json(node.mask);
  if (Json settings = settings_json(node.settings); !settings.empty())
    json["Software"] = {{"Sociometer", std::move(settings)}};
  return json;
}

Json node_json(const StatsNode& node) {
  Json json{{"Level", name_of(node.level)}, {"Name", node.name}, {"GroupBy", node.group_by}};
  if (!node.instructions.empty()) {
    Json instructions = Json::array();
    for (const auto& instruction : node.instructions)
      instructions.push_back(instruction_json(instruction));
    json["Transformations"] = {{"Transformer", "pybids-transforms-v1"},
                               {"Instructions", std::move(instructions)}};
  }
  json["Model"] = model_of_node_json(node);
  if (!node.contrasts.empty()) {
    json["Contrasts"] = Json::array();
    for (const auto& contrast : node.contrasts)
      json["Contrasts"].push_back(contrast_json(contrast));
  }
  if (node.dummies) {
    Json& dummies = json["DummyContrasts"] = Json::object();
    if (node.dummies->conditions) dummies["Contrasts"] = names_json(*node.dummies->conditions);
    dummies["Test"] = name_of(node.dummies->test);
  }
  return json;
}

std::string one_line(const Json& json) {
  if (!json.is_structured()) return json.dump();
  std::string text;
  if (json.is_array())
    for (const auto& element : json) text += (text.empty() ? "" : ", ") + one_line(element);
  else
    for (const auto& [key, value] : json.items())
      text += (text.empty() ? "" : ", ") + Json(key).dump() + ": " + one_line(value);
  return json.is_array() ? "[" + text + "]" : "{" + text + "}";
}

/// @param used  characters before it in its line, and after it.
std::string in_lines(const Json& json, size_t indent, size_t used) {
  constexpr size_t kWidth = 100;
  const std::string line = one_line(json);
  if (!json.is_structured() || json.empty() || used + line.size() <= kWidth) return line;
  std::string text;
  const std::string margin(indent + 2, ' ');
  const auto add = [&](const std::string& key, const Json& value) {
    text += (text.empty() ? "\n" : ",\n") + margin + key +
            in_lines(value, indent + 2, margin.size() + key.size() + 1);
  };
  if (json.is_array())
    for (const auto& element : json) add("", element);
  else
    for (const auto& [key, value] : json.items()) add(Json(key).dump() + ": ", value);
  text += "\n" + std::string(indent, ' ');
  return json.is_array() ? "[" + text + "]" : "{" + text + "}";
}

}  // namespace

Json model_to_json(const StatsModel& model) {
  Json json{{"Name", model.name},
            {"BIDSModelVersion", model.version.empty() ? "1.0.0" : model.version}};
  if (!model.description.empty()) json["Description"] = model.description;
  if (!model.input.empty()) json["Input"] = filter_json(model.input);
  json["Nodes"] = Json::array();
  for (const auto& node : model.nodes) json["Nodes"].push_back(node_json(node));
  if (!model.edges.empty()) json["Edges"] = Json::array();
  for (const auto& edge : model.edges) {
    Json entry{{"Source", edge.source}, {"Destination", edge.destination}};
    if (!edge.filter.empty()) entry["Filter"] = filter_json(edge.filter);
    json["Edges"].push_back(std::move(entry));
  }
  return json;
}

std::string model_text(const StatsModel& model) {
  return in_lines(model_to_json(model), 0, 0) + "\n";
}

}  // namespace sociometer
