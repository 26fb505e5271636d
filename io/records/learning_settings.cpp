#include "io/records/learning_settings.hpp"

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "io/tables/table.hpp"

namespace sociometer {
namespace {

template <class Settings, class Visit>
void visit_numbers(Settings& s, Visit visit) {
  visit("n_ranks", s.n_ranks);
  visit("rank_mean", s.rank_mean);
  visit("rank_variance", s.rank_variance);
  visit("rank_noise_variance", s.rank_noise_variance);
  visit("outcome_matches", s.outcome_matches);
  visit("outcome_misses", s.outcome_misses);
  visit("initial_value", s.initial_value);
  visit("initial_associability", s.initial_associability);
}

template <class Settings, class Visit>
void visit_switches(Settings& s, Visit visit) {
  visit("decay_all_options", s.decay_all_options);
  visit("restart_each_run", s.restart_each_run);
}

/// Names of the two parameters of a prior family.
std::pair<const char*, const char*> number_names(PriorFamily family) {
  if (family == PriorFamily::gamma) return {"shape", "scale"};
  if (family == PriorFamily::beta) return {"a", "b"};
  return {"mean", "sd"};
}

std::string family_name(PriorFamily family) {
  const std::string text = to_string(Prior{family, 0, 1});
  return text.substr(0, text.find('('));
}

Prior prior_from_json(const std::string& parameter, const Json& json) {
  const std::string family =
      json.is_object() && json.contains("family") && json["family"].is_string()
          ? json["family"].get<std::string>()
          : "";
  for (PriorFamily known : {PriorFamily::normal, PriorFamily::gamma, PriorFamily::beta,
                            PriorFamily::normal_transformed}) {
    if (family != family_name(known)) continue;
    const auto [first, second] = number_names(known);
    for (const char* name : {first, second})
      if (!json.contains(name) || !json[name].is_number() || json.size() != 3)
        fail(ErrorCode::bad_input, "prior of '{}': a {} prior has the numbers {} and {}", parameter,
             family, first, second);
    return {known, json[first].get<double>(), json[second].get<double>()};
  }
  fail(ErrorCode::bad_input,
       "prior of '{}' has family '{}'; known: normal, gamma, beta, normal_transformed", parameter,
       family);
}

void read_priors(const Json& json, LearningSettings& settings) {
  if (!json.is_object()) fail(ErrorCode::bad_input, "setting priors must be an object");
  for (const auto& [parameter, prior] : json.items()) {
    const auto found = settings.priors.find(parameter);
    if (found == settings.priors.end()) {
      std::string known;
      for (const auto& [name, unused] : settings.priors)
        known += (known.empty() ? "" : ", ") + name;
      fail(ErrorCode::bad_input, "no model has a parameter '{}'; priors can be set of {}",
           parameter, known);
    }
    found->second = prior_from_json(parameter, prior);
  }
}

/// One of two values, selected by name.
template <class Choice>
Choice one_of(const std::string& key, const Json& json, Choice first, Choice second) {
  if (json == to_string(first)) return first;
  if (json == to_string(second)) return second;
  fail(ErrorCode::bad_input, "setting {} is {}; it must be {} or {}", key, json.dump(),
       to_string(first), to_string(second));
}

}  // namespace

LearningSettings learning_settings_from_json(const Json& json) {
  if (!json.is_object()) fail(ErrorCode::bad_input, "learning settings must be a JSON object");
  LearningSettings out;
  // Priors related to ranks depend on the number of ranks unless set explicitly.
  if (json.contains("n_ranks") && json["n_ranks"].is_number())
    set_n_ranks(out, json["n_ranks"].get<double>());
  for (const auto& [name, value] : json.items()) {
    const std::string key = name;
    const Json& v = value;
    bool known = key == "priors" || key == "repetition" || key == "counterfactual";
    visit_numbers(out, [&](const char* setting, double& number) {
      if (key != setting) return;
      known = true;
      if (!v.is_number())
        fail(ErrorCode::bad_input, "setting {} is {}; it must be a number", key, v.dump());
      number = v.get<double>();
    });
    visit_switches(out, [&](const char* setting, bool& flag) {
      if (key != setting) return;
      known = true;
      if (!v.is_boolean())
        fail(ErrorCode::bad_input, "setting {} is {}; it must be true or false", key, v.dump());
      flag = v.get<bool>();
    });
    if (!known) fail(ErrorCode::bad_input, "setting '{}' is not known", key);
    if (key == "priors") read_priors(v, out);
    if (key == "repetition")
      out.repetition = one_of(key, v, Repetition::last_offered, Repetition::previous_round);
    if (key == "counterfactual")
      out.counterfactual = one_of(key, v, Counterfactual::learn, Counterfactual::ignore);
  }
  check_settings(out);
  return out;
}

Json to_json(const LearningSettings& settings) {
  Json json;
  visit_numbers(settings, [&](const char* name, double value) { json[name] = value; });
  visit_switches(settings, [&](const char* name, bool value) { json[name] = value; });
  json["repetition"] = to_string(settings.repetition);
  json["counterfactual"] = to_string(settings.counterfactual);
  for (const auto& [parameter, prior] : settings.priors) {
    const auto [first, second] = number_names(prior.family);
    json["priors"][parameter] = {
        {"family", family_name(prior.family)}, {first, prior.first}, {second, prior.second}};
  }
  return json;
}

Read<Json> read_json_file(const std::string& path) {
  const FileContent content = read_content(path, kMostJsonBytes);
  Json json = parse_json(content.value, path);
  if (json.is_discarded()) fail(ErrorCode::bad_input, "{} is not JSON", path);
  require_members_once(content.value, path);
  return {std::move(json), content.file};
}

}  // namespace sociometer
