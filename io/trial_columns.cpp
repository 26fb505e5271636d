#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/trial_table.hpp"

namespace sociometer {
namespace {

/// JSON scalars as the text of a cell.
std::string cell_of(const Json& json, const std::string& key) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_null()) return "n/a";
  if (json.is_number() || json.is_boolean()) return json.dump();
  fail(ErrorCode::bad_input, "'{}' of the column mapping must be text, a number or null", key);
}

ColumnSource source_of(const Json& json, const std::string& key) {
  ColumnSource source;
  if (json.is_null()) return source;
  if (json.is_string()) {
    source.column = json.get<std::string>();
    return source;
  }
  if (!json.is_object())
    fail(ErrorCode::bad_input,
         "'{}' of the column mapping must be a column's name, null, or an object with column or "
         "constant",
         key);
  for (const auto& [name, value] : json.items()) {
    if (name == "column" && value.is_string())
      source.column = value.get<std::string>();
    else if (name == "constant")
      source.constant = cell_of(value, key);
    else if (name == "values" && value.is_object())
      for (const auto& [cell, meaning] : value.items()) source.values[cell] = cell_of(meaning, key);
    else if (name == "others")
      source.others = cell_of(value, key);
    else
      fail(ErrorCode::bad_input,
           "'{}' of the column mapping: '{}' is not known or not usable; known: column (text), "
           "constant, values (object), others",
           key, name);
  }
  if (source.column.empty() == source.constant.empty())
    fail(ErrorCode::bad_input, "'{}' of the column mapping needs either column or constant", key);
  return source;
}

std::vector<std::string> globs_of(const Json& json, const std::string& key) {
  std::vector<std::string> globs;
  const Json list = json.is_string() ? Json::array({json}) : json;
  if (list.is_array() && !list.empty())
    for (const auto& glob : list)
      if (glob.is_string()) globs.push_back(glob.get<std::string>());
  if (globs.empty() || globs.size() != list.size())
    fail(ErrorCode::bad_input, "'{}' of the column mapping must be a list of trial types", key);
  return globs;
}

Json to_json(const ColumnSource& source) {
  if (!source.given()) return nullptr;
  if (source.column.empty()) return {{"constant", source.constant}};
  if (source.values.empty()) return source.column;
  Json json{{"column", source.column}, {"values", source.values}};
  if (source.others) json["others"] = *source.others;
  return json;
}

template <class Columns, class Visit>
void visit_sources(Columns& c, Visit visit) {
  visit("trial", c.trial);
  visit("option_left", c.option_left);
  visit("option_right", c.option_right);
  visit("chosen", c.chosen);
  visit("rank", c.rank);
  visit("rank_visible", c.rank_visible);
  visit("outcome", c.outcome);
}

}  // namespace

TrialColumns trial_columns_from_json(const Json& json) {
  if (!json.is_object()) fail(ErrorCode::bad_input, "a column mapping must be a JSON object");
  TrialColumns out;
  for (const auto& item : json.items()) {
    const std::string& key = item.key();
    const Json& value = item.value();
    bool known = false;
    visit_sources(out, [&](const char* quantity, ColumnSource& source) {
      if (key != quantity) return;
      source = source_of(value, key);
      known = true;
    });
    if (key == "trial_type" && value.is_string())
      out.trial_type = value.get<std::string>();
    else if (key == "choice")
      out.choice = globs_of(value, key);
    else if (key == "feedback")
      out.feedback = globs_of(value, key);
    else if (!known)
      fail(ErrorCode::bad_input,
           "'{}' of the column mapping is not known or not usable; known: trial_type, choice, "
           "feedback, trial, option_left, option_right, chosen, rank, rank_visible, outcome",
           key);
  }
  for (const auto& [quantity, source] : {std::pair{"option_left", out.option_left},
                                         {"option_right", out.option_right},
                                         {"chosen", out.chosen}})
    if (!source.given())
      fail(ErrorCode::bad_input, "the column mapping has no {}, without which there is no choice",
           quantity);
  // Whether a rank was visible is only asked where there are ranks.
  if (!out.rank.given()) out.rank_visible = {};
  return out;
}

Json to_json(const TrialColumns& columns) {
  Json json;
  json["trial_type"] = columns.trial_type;
  json["choice"] = columns.choice;
  json["feedback"] = columns.feedback;
  visit_sources(columns, [&](const char* quantity, const ColumnSource& source) {
    json[quantity] = to_json(source);
  });
  return json;
}

}  // namespace sociometer
