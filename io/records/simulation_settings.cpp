#include "io/records/simulation_settings.hpp"

#include <cmath>
#include <type_traits>

#include "engine/core/error.hpp"

namespace sociometer {
namespace {

[[noreturn]] void refuse(const std::string& name, const Json& value, const char* expected) {
  fail(ErrorCode::bad_input, "setting {} is {}; it must be {}", name, value.dump(), expected);
}

void read(const std::string& name, const Json& json, double& value) {
  if (!json.is_number()) refuse(name, json, "a number");
  value = json.get<double>();
}

void read(const std::string& name, const Json& json, int& value) {
  const double number = json.is_number() ? json.get<double>() : 0.5;
  if (number != std::floor(number) || std::abs(number) > 1e9) refuse(name, json, "a whole number");
  value = int(number);
}

void read(const std::string& name, const Json& json, bool& value) {
  if (!json.is_boolean()) refuse(name, json, "true or false");
  value = json.get<bool>();
}

template <Named E>
void read(const std::string& name, const Json& json, E& value) {
  if (!json.is_string()) refuse(name, json, "a text");
  const auto word = json.get<std::string>();
  std::vector<std::string> known;
  for (const auto& choice : names_of(std::type_identity<E>{})) {
    if (word == choice.word) {
      value = choice.value;
      return;
    }
    known.emplace_back(choice.word);
  }
  fail(ErrorCode::bad_input, "setting {} is '{}'; known: {}", name, word, fmt::join(known, ", "));
}

void read(const std::string& name, const Json& json, NumberRange& value) {
  if (!json.is_array() || json.size() != 2) refuse(name, json, "[shortest, longest]");
  for (size_t i = 0; i < 2; ++i) read(name, json[i], value[i]);
}

void read(const std::string& name, const Json& json, std::vector<double>& value) {
  if (!json.is_array()) refuse(name, json, "a list of numbers");
  value.resize(json.size());
  for (size_t i = 0; i < json.size(); ++i) read(name, json[i], value[i]);
}

void refuse_unknown(const Json& given, const Json& known, const std::string& what) {
  for (const auto& item : given.items()) {
    if (known.contains(item.key())) continue;
    std::string names;
    for (const auto& k : known.items()) names += (names.empty() ? "" : ", ") + k.key();
    fail(ErrorCode::bad_input, "{} '{}' is not known; known: {}", what, item.key(), names);
  }
}

}  // namespace

SimulationSettings simulation_settings_from_json(const Json& json) {
  if (!json.is_object()) fail(ErrorCode::bad_input, "settings of a simulation are a JSON object");
  SimulationSettings settings;
  Json known = to_json(settings);
  known["learning"] = Json::object();
  refuse_unknown(json, known, "section");
  for (const auto& section : json.items()) {
    if (section.key() == "learning") continue;
    if (!section.value().is_object()) refuse(section.key(), section.value(), "an object");
    refuse_unknown(section.value(), known[section.key()], "setting of " + section.key() + ",");
  }
  visit_settings(settings, [&](const char* section, const char* key, auto& value) {
    if (json.contains(section) && json[section].contains(key))
      read(std::string(section) + "." + key, json[section][key], value);
  });
  check_settings(settings);
  return settings;
}

Json to_json(const SimulationSettings& settings) {
  Json json;
  visit_settings(settings, [&](const char* section, const char* key, const auto& value) {
    if constexpr (Named<std::remove_cvref_t<decltype(value)>>)
      json[section][key] = name_of(value);
    else
      json[section][key] = value;
  });
  return json;
}

}  // namespace sociometer
