#include "engine/stats_models/model_checks.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"
#include "engine/stats_models/node_graph.hpp"
#include "engine/stats_models/run_design.hpp"
#include "engine/stats_models/variables.hpp"

namespace sociometer {
namespace {

std::string small_letters(const std::string& text) {
  std::string out = text;
  for (char& c : out) c = char(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

void check_names(const StatsModel& model) {
  std::set<std::string> seen;
  for (const auto& node : model.nodes)
    if (!seen.insert(node.name).second)
      fail(ErrorCode::bad_input, "{}: two nodes are named '{}'", node.place, node.name);
  for (const auto& edge : model.edges)
    for (const auto& name : {edge.source, edge.destination})
      if (!seen.contains(name)) {
        const std::string nearest = nearest_word(name, {seen.begin(), seen.end()});
        fail(ErrorCode::bad_input, "{}: no node is named '{}'{}", edge.place, name,
             nearest.empty() ? "" : "; the nearest name is '" + nearest + "'");
      }
}

/// Whether X of a Run node can have a column of this name.
bool run_has(const StatsNode& node, const std::string& name) {
  if (name == kConstantName || name == "intercept" || name == "constant") return true;
  return std::any_of(node.x.begin(), node.x.end(), [&](const auto& entry) {
    return entry == name || entry == derived_from(name) || matches_glob(name, entry) ||
           (is_glob(name) && (is_glob(entry) || matches_glob(entry, name)));
  });
}

/// Whether X of a node above Run can: a column of text has one per level.
bool group_has(const StatsNode& node, const std::string& name) {
  if (name == kConstantName || name == "intercept") return true;
  for (const auto& factor : node.formula_factors)
    if (name.starts_with("C(" + factor + ")[")) return true;
  const std::string small = small_letters(name);
  return std::any_of(node.x.begin(), node.x.end(), [&](const auto& entry) {
    const std::string of_x = small_letters(entry);
    return small == of_x || small.starts_with(of_x + ".") || matches_glob(name, entry) ||
           matches_glob(entry, name);
  });
}

[[noreturn]] void refuse_condition(const StatsNode& node, const std::string& place,
                                   const std::string& what, const std::string& condition) {
  const std::string nearest = nearest_word(condition, node.x);
  const std::string advice =
      !nearest.empty() ? "; the nearest name is '" + nearest + "'"
      : node.level != NodeLevel::run
          ? "; contrasts of conditions belong to the Run node, an Edge's Filter chooses among "
            "incoming contrasts"
          : "; add it to X";
  fail(ErrorCode::bad_input, "{}: node '{}', {}: '{}' is not in X{}", place, node.name, what,
       condition, advice);
}

void check_conditions(const StatsNode& node, const ModelContrast& contrast) {
  for (const auto& condition : contrast.conditions)
    if (!(node.level == NodeLevel::run ? run_has(node, condition) : group_has(node, condition)))
      refuse_condition(node, contrast.place, "contrast '" + contrast.name + "'", condition);
}

/// A repeated condition has the sum of its weights.
void check_weights(const StatsNode& node, const ModelContrast& contrast, ModelNotes& notes) {
  constexpr double kRounding = 1e-6;
  for (Eigen::Index row = 0; row < contrast.weights.rows(); ++row) {
    std::map<std::string, double> sums;
    for (size_t i = 0; i < contrast.conditions.size(); ++i)
      sums[contrast.conditions[i]] += contrast.weights(row, Eigen::Index(i));
    if (sums.size() < contrast.conditions.size())
      notes.warn(
          fmt::format("{}: node '{}', contrast '{}' names a condition twice; the weights "
                      "are added",
                      contrast.place, node.name, contrast.name));
    const bool zero =
        std::all_of(sums.begin(), sums.end(), [](const auto& entry) { return entry.second == 0; });
    if (zero)
      fail(ErrorCode::bad_input, "{}: node '{}', contrast '{}': the weights cancel to 0",
           contrast.place, node.name, contrast.name);
    const Eigen::VectorXd weights = contrast.weights.row(row);
    const double sum = weights.sum();
    const std::string fractions = "; fractions may be written as \"1/3\"";
    if (weights.minCoeff() < 0 && weights.maxCoeff() > 0 && std::abs(sum) > kRounding)
      notes.warn(fmt::format(
          "{}: node '{}', contrast '{}': the weights sum to {:.6g}, not to 0: the level of the "
          "signal enters the contrast{}",
          contrast.place, node.name, contrast.name, sum, fractions));
    const double off = std::abs(std::abs(sum) - 1);
    if (weights.size() > 1 && weights.minCoeff() * weights.maxCoeff() > 0 && off > kRounding &&
        off < 0.05)
      notes.note(fmt::format("{}: node '{}', contrast '{}': the weights sum to {:.6g}{}",
                             contrast.place, node.name, contrast.name, sum, fractions));
  }
}

void check_contrasts(StatsNode& node, ModelNotes& notes) {
  std::set<std::string> names;
  std::vector<ModelContrast> kept;
  for (const auto& contrast : node.contrasts) {
    try {
      if (!names.insert(contrast.name).second)
        fail(ErrorCode::bad_input, "{}: node '{}' has two contrasts named '{}'; rename one",
             contrast.place, node.name, contrast.name);
      check_conditions(node, contrast);
      check_weights(node, contrast, notes);
      kept.push_back(contrast);
    } catch (const Error& error) {
      if (!node.drops_invalid_contrasts) throw;
      notes.warn(std::string(error.what()) + "; the contrast is left out");
    }
  }
  node.contrasts = kept;
  if (!node.dummies || !node.dummies->conditions) return;
  for (const auto& condition : *node.dummies->conditions)
    if (!(node.level == NodeLevel::run ? run_has(node, condition) : group_has(node, condition)))
      refuse_condition(node, node.place + "/DummyContrasts", "DummyContrasts", condition);
}

void check_run_node(const StatsNode& node) {
  if (!node.hrf) return;
  for (const auto& variable : node.hrf->variables)
    if (!run_has(node, variable))
      refuse_condition(node, node.place + "/Model/HRF/Variables", "HRF.Variables", variable);
}

template <class Field>
bool is_set(const Field& field) {
  if constexpr (requires { field.has_value(); })
    return field.has_value();
  else
    return !field.empty();
}

bool has_effect_at(NodeLevel level, const std::string& setting) {
  static const std::set<std::string> kOfRuns{
      "HrfGrid",      "Oversampling", "Microtime",     "MicrotimeOnset", "DriftOrder",
      "MinOnset",     "SliceTimeRef", "Drift",         "AddConstant",    "Censor",
      "CensorBefore", "CensorAfter",  "NoiseModel",    "NoiseSmoothing", "TukeyLags",
      "ArmaGrid",     "ArmaSearch",   "SmoothingFwhm", "Scaling",        "FixedEffects",
      "Mask",         "MaskFraction", "Save",          "Estimates",      "LogP",
      "Learners",     "SignalsModel", "LearnSettings", "Columns"};
  if (setting.starts_with("Trial")) return level == NodeLevel::run;
  if (level == NodeLevel::run) return kOfRuns.contains(setting);
  if (level != NodeLevel::dataset) return setting == "FixedEffects";
  return !kOfRuns.contains(setting) || setting == "Mask" || setting == "LogP";
}

/// Regions whose mean amplitudes single trials can have.
bool is_of_regions(const std::string& setting) {
  return setting == "Rois" || setting == "Atlas" || setting == "AtlasLabelTable" ||
         setting == "AtlasLabels";
}

/// A setting at a node of another level would be ignored without a word.
void check_settings(const StatsNode& node) {
  const bool splits = node.settings.trials.has_value();
  visit_settings(node.settings, [&](const char* key, const auto& field) {
    const std::string setting = key;
    if (!is_set(field) || (splits && is_of_regions(setting))) return;
    if (setting.starts_with("Trial") && !splits)
      fail(ErrorCode::bad_input,
           "{}/Model/Software/Sociometer/{}: node '{}': {} has no effect without Trials: add "
           "\"Trials\": \"lss\" or \"lsa\"",
           node.place, key, node.name, key);
    if (!has_effect_at(node.level, setting))
      fail(ErrorCode::bad_input,
           "{}/Model/Software/Sociometer/{}: node '{}': {} has no effect at the level {}",
           node.place, key, node.name, key, name_of(node.level));
  });
}

bool is_of_sessions(const std::string& entry) {
  return entry == "session" || entry.starts_with("session.");
}

/// Session and Subject nodes average, and Subject nodes compare sessions; anything else is a
/// contrast of the Run node.
void check_within_person(const StatsNode& node) {
  for (const auto& entry : node.x) {
    if (entry == kConstantName) continue;
    if (node.level == NodeLevel::subject && is_of_sessions(entry)) continue;
    fail(ErrorCode::bad_input,
         "{}/Model/X: node '{}' ({}) names '{}': above Run and within a person X may be [1], or at "
         "a Subject node [\"session\"], with contrasts of session.LABEL. Contrasts of conditions "
         "belong to the Run node, columns of participants.tsv to a Dataset node",
         node.place, node.name, name_of(node.level), entry);
  }
}

void check_group_node(const StatsNode& node) {
  for (const auto& instruction : node.instructions) {
    const bool of_runs = std::holds_alternative<transforms::Convolve>(instruction.parameters) ||
                         std::holds_alternative<transforms::Lag>(instruction.parameters) ||
                         std::holds_alternative<transforms::Derivative>(instruction.parameters) ||
                         std::holds_alternative<transforms::ToDense>(instruction.parameters);
    if (of_runs)
      fail(ErrorCode::bad_input, "{}: {} is for Run nodes; node '{}' is at {}", instruction.place,
           instruction.name, node.name, name_of(node.level));
  }
  if (node.hrf)
    fail(ErrorCode::bad_input, "{}/Model/HRF: a response is for Run nodes; node '{}' is at {}",
         node.place, node.name, name_of(node.level));
  if (node.high_pass_hz)
    fail(ErrorCode::bad_input,
         "{}/Model/Options/HighPassFilterCutoffHz: a filter is for Run nodes; node '{}' is at {}",
         node.place, node.name, name_of(node.level));
  if (node.level != NodeLevel::dataset) return;
  for (const auto& entry : node.x) {
    if (is_of_sessions(entry))
      fail(
          ErrorCode::bad_input,
          "{}/Model/X: node '{}' names '{}': sessions of a person are compared at a Subject node, "
          "with X [\"session\"] and a contrast as session.2 - session.1, which a Dataset node then "
          "takes; a group map per session is GroupBy [\"contrast\", \"session\"]",
          node.place, node.name, entry);
    for (const char* entity : {"run", "subject", "task"})
      if (entry == entity)
        fail(ErrorCode::bad_input,
             "{}/Model/X: node '{}' names the entity '{}', which is no column; write it in GroupBy",
             node.place, node.name, entity);
  }
}

/// Names of the contrasts that leave a node, as far as they are known without data.
std::set<std::string> known_outgoing(const StatsNode& node) {
  std::set<std::string> out;
  for (const auto& contrast : node.contrasts)
    if (contrast.test != ContrastTest::F && contrast.name != kConstantName)
      out.insert(contrast.name);
  if (node.dummies && node.dummies->conditions && node.dummies->test != ContrastTest::F)
    for (const auto& condition : *node.dummies->conditions)
      if (condition != kConstantName && !is_glob(condition)) out.insert(condition);
  return out;
}

/// Without "contrast" in GroupBy, X [1] would average different contrasts into one map.
void check_grouping(const StatsModel& model, const StatsNode& node, const NodePlan& plan) {
  const auto& by = node.group_by;
  if (node.level == NodeLevel::run || std::find(by.begin(), by.end(), "contrast") != by.end())
    return;
  std::set<std::string> incoming;
  for (const auto& edge : plan.incoming)
    for (const auto& name : known_outgoing(model.nodes[edge.source])) {
      const auto filter = edge.filter.find("contrast");
      const bool taken =
          filter == edge.filter.end() ||
          std::find(filter->second.begin(), filter->second.end(), name) != filter->second.end();
      const bool in_x = std::any_of(node.x.begin(), node.x.end(), [&](const auto& entry) {
        return entry == name || matches_glob(name, entry);
      });
      if (taken && !in_x) incoming.insert(name);
    }
  if (incoming.size() < 2) return;
  fail(ErrorCode::bad_input,
       "{}/GroupBy: node '{}' would average the contrasts {} in one model, since GroupBy has no "
       "\"contrast\"; add it to GroupBy, or name the contrasts in X",
       node.place, node.name, fmt::join(incoming, ", "));
}

}  // namespace

void check(StatsModel& model, ModelNotes& notes) {
  check_names(model);
  for (auto& node : model.nodes) {
    if (node.level == NodeLevel::run)
      check_run_node(node);
    else
      check_group_node(node);
    if (node.level == NodeLevel::session || node.level == NodeLevel::subject)
      check_within_person(node);
    check_settings(node);
    check_contrasts(node, notes);
  }
  for (const auto& plan : expand(model)) check_grouping(model, model.nodes[plan.node], plan);
}

}  // namespace sociometer
