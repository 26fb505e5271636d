#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/tables/trial_table.hpp"

namespace sociometer {
namespace {

/// A JSON scalar as cell text.
std::string cell_of(const Json& json, const std::string& key) {
  if (json.is_string()) return json.get<std::string>();
  if (json.is_null()) return "n/a";
  if (json.is_number() || json.is_boolean()) return json.dump();
  fail(ErrorCode::bad_input, "'{}' of the column mapping must be text, a number or null", key);
}

std::vector<std::string> cells_of(const Json& json, const std::string& key) {
  std::vector<std::string> cells;
  for (const auto& cell : json) cells.push_back(cell_of(cell, key));
  return cells;
}

bool is_range(const Json& json) {
  return json.is_array() && json.size() == 2 && json[0].is_number() && json[1].is_number() &&
         json[0] != json[1];
}

void read_member(ColumnSource& source, const std::string& name, const Json& value,
                 const std::string& key) {
  const bool is_outcome = key == "outcome" || key == "unchosen_outcome";
  if (name == "column" && value.is_string())
    source.column = value.get<std::string>();
  else if (name == "constant")
    source.constant = cell_of(value, key);
  else if (name == "values" && value.is_object())
    for (const auto& [cell, meaning] : value.items()) source.values[cell] = cell_of(meaning, key);
  else if (name == "others" && value == "same")
    source.others_same = true;
  else if (name == "others")
    source.others = cell_of(value, key);
  else if (name == "missing" && value.is_array())
    source.missing = cells_of(value, key);
  else if (name == "position" && value.is_number_integer() && key == "chosen")
    source.position = value.get<int>();
  else if (name == "range" && is_range(value) && is_outcome)
    source.range = {value[0].get<double>(), value[1].get<double>()};
  else if (name == "sum" && value.is_array() && value.size() > 1 && is_outcome)
    source.sum = cells_of(value, key);
  else
    fail(ErrorCode::bad_input,
         "'{}' of the column mapping: '{}' is not known or not usable; known: column (text), "
         "constant, values (object), others, missing (list); of chosen: position (number of the "
         "first option); of outcomes: range ([low, high]), sum (columns)",
         key, name);
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
  for (const auto& [name, value] : json.items()) read_member(source, name, value, key);
  if (source.column.empty() && !source.sum.empty()) {
    source.column = source.sum.front();
    source.sum.erase(source.sum.begin());
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

/// One source or a list of them.
std::vector<ColumnSource> sources_of(const Json& json, const std::string& key) {
  if (json.is_null()) return {};
  if (!json.is_array()) return {source_of(json, key)};
  std::vector<ColumnSource> sources;
  for (const auto& one : json) {
    sources.push_back(source_of(one, key));
    if (!sources.back().given())
      fail(ErrorCode::bad_input, "'{}' of the column mapping: one of the list is null", key);
  }
  return sources;
}

Json to_json(const ColumnSource& source) {
  if (!source.given()) return nullptr;
  Json json = Json::object();
  if (source.column.empty()) json["constant"] = source.constant;
  if (!source.column.empty() && source.sum.empty()) json["column"] = source.column;
  if (!source.sum.empty()) {
    json["sum"] = Json::array({source.column});
    for (const auto& column : source.sum) json["sum"].push_back(column);
  }
  if (!source.values.empty()) json["values"] = source.values;
  if (source.others_same) json["others"] = "same";
  if (source.others) json["others"] = *source.others;
  if (!source.missing.empty()) json["missing"] = source.missing;
  if (source.position) json["position"] = *source.position;
  if (source.range) json["range"] = {source.range->first, source.range->second};
  if (json.size() == 1 && json.contains("column")) return source.column;
  return json;
}

Json to_json(const std::vector<ColumnSource>& sources) {
  if (sources.empty()) return nullptr;
  Json json = Json::array();
  for (const auto& source : sources) json.push_back(to_json(source));
  return json.size() == 1 ? json[0] : json;
}

template <class Columns, class Visit>
void visit_sources(Columns& c, Visit visit) {
  visit("participant", c.participant);
  visit("session", c.session);
  visit("run", c.run);
  visit("trial", c.trial);
  visit("chosen", c.chosen);
  visit("rank", c.rank);
  visit("rank_visible", c.rank_visible);
  visit("outcome", c.outcome);
}

void read_quantity(TrialColumns& out, const std::string& key, const Json& value) {
  bool known = false;
  visit_sources(out, [&](const char* quantity, ColumnSource& source) {
    if (key != quantity) return;
    source = source_of(value, key);
    known = true;
  });
  const bool is_name = value.is_string() || value.is_null();
  const std::string name = value.is_string() ? value.get<std::string>() : "";
  if (known) return;
  if (key == "trial_type" && is_name) {
    out.trial_type = name;
  } else if (key == "onset" && is_name) {
    out.onset = name;
  } else if (key == "choice") {
    out.choice = globs_of(value, key);
  } else if (key == "feedback") {
    out.feedback = globs_of(value, key);
  } else if (key == "option_left") {
    out.options[0] = source_of(value, key);
  } else if (key == "option_right") {
    out.options[1] = source_of(value, key);
  } else if (key == "options" && value.is_array() && value.size() > 1) {
    out.options = sources_of(value, key);
    out.sided = false;
  } else if (key == "unchosen_rank") {
    out.unchosen_rank = sources_of(value, key);
  } else if (key == "unchosen_outcome") {
    out.unchosen_outcome = sources_of(value, key);
  } else {
    fail(ErrorCode::bad_input,
         "'{}' of the column mapping is not known or not usable; known: participant, session, run, "
         "trial_type, choice, feedback, onset, trial, option_left, option_right, options (a list "
         "of at least two), chosen, rank, rank_visible, outcome, unchosen_rank, unchosen_outcome",
         key);
  }
}

[[noreturn]] void refuse_without(const std::string& quantity) {
  fail(ErrorCode::bad_input, "the column mapping has no {}, without which there is no choice",
       quantity);
}

}  // namespace

TrialColumns trial_columns_from_json(const Json& json) {
  if (!json.is_object()) fail(ErrorCode::bad_input, "a column mapping must be a JSON object");
  if (json.contains("options") && (json.contains("option_left") || json.contains("option_right")))
    fail(ErrorCode::bad_input,
         "the column mapping has options and option_left or option_right; use one of the two");
  TrialColumns out;
  for (const auto& item : json.items()) read_quantity(out, item.key(), item.value());
  for (size_t k = 0; k < out.options.size(); ++k)
    if (!out.options[k].given()) refuse_without(option_name(out, k));
  if (!out.chosen.given()) refuse_without("chosen");
  for (const auto* list : {&out.unchosen_rank, &out.unchosen_outcome})
    if (list->size() > 1 ? list->size() != out.options.size()
                         : list->size() == 1 && out.options.size() != 2)
      fail(ErrorCode::bad_input,
           "the column mapping has {} columns of feedback not chosen and {} options; it needs one "
           "per option, or one when there are two",
           list->size(), out.options.size());
  // Visibility of a rank matters only if there are ranks.
  if (!out.rank.given()) out.rank_visible = {};
  return out;
}

std::string option_name(const TrialColumns& columns, size_t option) {
  if (columns.sided) return option == 0 ? "option_left" : "option_right";
  return fmt::format("option {}", option + 1);
}

Json to_json(const TrialColumns& columns) {
  Json json;
  const auto text = [](const std::string& name) { return name.empty() ? Json() : Json(name); };
  json["trial_type"] = text(columns.trial_type);
  json["choice"] = columns.choice;
  json["feedback"] = columns.feedback;
  json["onset"] = text(columns.onset);
  visit_sources(columns, [&](const char* quantity, const ColumnSource& source) {
    json[quantity] = to_json(source);
  });
  if (columns.sided) {
    json["option_left"] = to_json(columns.options[0]);
    json["option_right"] = to_json(columns.options[1]);
  } else {
    json["options"] = to_json(columns.options);
  }
  json["unchosen_rank"] = to_json(columns.unchosen_rank);
  json["unchosen_outcome"] = to_json(columns.unchosen_outcome);
  return json;
}

}  // namespace sociometer
