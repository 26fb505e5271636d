#include <algorithm>

#include <fmt/format.h>

#include "engine/stats_models/stats_model.hpp"

namespace sociometer {
namespace {

std::string or_nothing(const std::vector<std::string>& names) {
  return names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "));
}

std::string what_is_fitted(const StatsNode& node) {
  const bool meta = node.type == NodeModelType::meta;
  switch (node.level) {
    case NodeLevel::run:
      return "a general linear model of each run";
    case NodeLevel::session:
    case NodeLevel::subject:
      return meta ? "the mean of the effects, weighted by their precision"
                  : "the mean of the effects, equally weighted";
    case NodeLevel::dataset:
      return meta ? "a mixed-effects model over people with the effects' variances"
                  : "a least-squares model over people";
  }
  return "";
}

std::string sources_of(const StatsModel& model, const StatsNode& node) {
  std::vector<std::string> parts;
  for (const auto& edge : model.edges) {
    if (edge.destination != node.name) continue;
    std::string part = "'" + edge.source + "'";
    for (const auto& [key, values] : edge.filter)
      part += fmt::format(" ({}: {})", key, or_nothing(values));
    parts.push_back(part);
  }
  return parts.empty() ? "" : ", from " + or_nothing(parts);
}

std::string steps_of(const StatsNode& node) {
  std::vector<std::string> steps;
  for (const auto& instruction : node.instructions) {
    std::string step = instruction.name + " of " + or_nothing(instruction.input);
    if (!instruction.output.empty()) step += " to " + or_nothing(instruction.output);
    steps.push_back(step);
  }
  return steps.empty() ? "" : fmt::format(" Transformations: {}.", fmt::join(steps, "; "));
}

std::string terms_of(const StatsNode& node) {
  std::vector<std::string> terms;
  for (const auto& entry : node.x) terms.push_back(entry == kConstantName ? "a constant" : entry);
  std::string out = fmt::format(" Columns: {}.", or_nothing(terms));
  if (node.hrf)
    out += fmt::format(" Convolved with {}: {}.", to_string(node.hrf->hrf),
                       or_nothing(node.hrf->variables));
  if (node.high_pass_hz) out += fmt::format(" High-pass filter: {} Hz.", *node.high_pass_hz);
  return out;
}

std::string contrasts_of(const StatsNode& node) {
  std::vector<std::string> parts;
  for (const auto& contrast : node.contrasts)
    parts.push_back(fmt::format("{} ({})",
                                contrast.name == kConstantName ? "constant" : contrast.name,
                                name_of(contrast.test)));
  if (node.dummies)
    parts.push_back(node.dummies->conditions
                        ? fmt::format("one each for {}", or_nothing(*node.dummies->conditions))
                        : "one for each column");
  return parts.empty() ? " No contrasts." : fmt::format(" Contrasts: {}.", or_nothing(parts));
}

std::string trials_of(const StatsNode& node) {
  if (!node.settings.trials) return "";
  return fmt::format(" An amplitude for every trial ({}) of {}.", name_of(*node.settings.trials),
                     node.settings.trial_types.empty() ? "the columns with amplitude 1"
                                                       : or_nothing(node.settings.trial_types));
}

}  // namespace

bool StatsNode::has_constant() const {
  return std::find(x.begin(), x.end(), kConstantName) != x.end();
}

const StatsNode& StatsModel::node(const std::string& node_name) const {
  for (const auto& candidate : nodes)
    if (candidate.name == node_name) return candidate;
  throw std::logic_error("no node is named " + node_name);
}

std::vector<std::string> describe(const StatsModel& model) {
  std::vector<std::string> out;
  for (const auto& node : model.nodes) {
    const bool each_run = node.level == NodeLevel::run;
    out.push_back(fmt::format(
        "Node '{}' ({}): {}{}{}.{}{}{}{}", node.name, name_of(node.level), what_is_fitted(node),
        each_run ? ""
                 : fmt::format(", for each {}",
                               node.group_by.empty()
                                   ? "set of all inputs"
                                   : fmt::format("{}", fmt::join(node.group_by, " and "))),
        sources_of(model, node), steps_of(node), terms_of(node), contrasts_of(node),
        trials_of(node)));
  }
  return out;
}

}  // namespace sociometer
