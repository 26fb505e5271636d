#include "io/models/model_object.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/core/nearest_word.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

std::optional<double> number_of_text(const std::string& text) {
  double number = 0;
  const char* first = text.data() + (text.starts_with('+') ? 1 : 0);
  const auto [end, error] = std::from_chars(first, text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number))
    return std::nullopt;
  return number;
}

}  // namespace

std::string plain_key(const std::string& key) {
  std::string out;
  for (char c : key)
    if (c != '_' && c != '-') out += char(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

double number_in(const ModelValue& value) {
  if (value.json->is_number()) return value.json->get<double>();
  if (value.json->is_string()) {
    const std::string text = unpadded(value.json->get<std::string>());
    const auto slash = text.find('/');
    if (slash == std::string::npos) {
      if (const auto number = number_of_text(text)) return *number;
    } else {
      const auto above = number_of_text(unpadded(text.substr(0, slash))),
                 below = number_of_text(unpadded(text.substr(slash + 1)));
      if (above && below && *below != 0) return *above / *below;
    }
  }
  value.refuse("{} is no number", value.json->dump());
}

int whole_number_in(const ModelValue& value) {
  const double number = number_in(value);
  if (number != std::rint(number) || std::abs(number) > 2e9)
    value.refuse("{} is not a whole number", value.json->dump());
  return int(number);
}

bool boolean_in(const ModelValue& value) {
  if (value.json->is_boolean()) return value.json->get<bool>();
  if (value.json->is_string()) {
    const std::string word = plain_key(value.json->get<std::string>());
    if (word == "true") return true;
    if (word == "false") return false;
  }
  value.refuse("{} is neither true nor false", value.json->dump());
}

std::string text_in(const ModelValue& value) {
  if (value.json->is_string()) return value.json->get<std::string>();
  if (value.json->is_number_integer()) return value.json->dump();
  if (value.json->is_number()) return fmt::format("{}", value.json->get<double>());
  value.refuse("{} is no text", value.json->dump());
}

std::vector<ModelValue> elements_of(const ModelValue& value) {
  if (!value.json->is_array()) value.refuse("{} is no list", value.json->dump());
  std::vector<ModelValue> out;
  for (size_t i = 0; i < value.json->size(); ++i)
    out.push_back({&(*value.json)[i], value.place + "/" + std::to_string(i)});
  return out;
}

std::vector<std::string> names_in(const ModelValue& value) {
  if (!value.json->is_array()) return {text_in(value)};
  std::vector<std::string> out;
  for (const auto& element : elements_of(value)) out.push_back(text_in(element));
  return out;
}

std::vector<double> numbers_in(const ModelValue& value) {
  if (!value.json->is_array()) return {number_in(value)};
  std::vector<double> out;
  for (const auto& element : elements_of(value)) out.push_back(number_in(element));
  return out;
}

ModelObject::ModelObject(const ModelValue& value, std::string what, ModelNotes& notes)
    : value_(value), what_(std::move(what)), notes_(notes), asked_{"Description"} {
  if (!value.json->is_object())
    value.refuse("{} must be an object, not {}", what_, value.json->dump());
}

std::optional<ModelValue> ModelObject::find(const std::string& key) {
  asked_.push_back(key);
  std::optional<ModelValue> found;
  for (const auto& [written, json] : value_.json->items()) {
    if (plain_key(written) != plain_key(key)) continue;
    if (found) value_.refuse("{} has the key {} twice", what_, key);
    if (written != key) notes_.note(fmt::format("the key '{}' is read as {}", written, key));
    if (!json.is_null()) found = ModelValue{&json, value_.place + "/" + written};
  }
  return found;
}

ModelValue ModelObject::at(const std::string& key) {
  if (const auto value = find(key)) return *value;
  value_.refuse("{} has no {}", what_, key);
}

void ModelObject::refuse_key(const std::string& key, const std::string& why) {
  if (const auto value = find(key)) value->refuse("{}: {} {}", what_, key, why);
}

void ModelObject::finish() const {
  for (const auto& [written, json] : value_.json->items()) {
    // Named again: clang 14 captures no structured binding.
    const bool known = std::any_of(
        asked_.begin(), asked_.end(),
        [&name = written](const auto& key) { return plain_key(key) == plain_key(name); });
    if (known) continue;
    const std::string nearest = nearest_word(written, asked_);
    value_.refuse("{} has a key '{}', which is not known{}", what_, written,
                  nearest.empty() ? "" : "; the nearest is " + nearest);
  }
}

}  // namespace sociometer
