#include "engine/stats_models/node_contrasts.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/core/error.hpp"
#include "engine/core/nearest_word.hpp"
#include "engine/stats_models/variables.hpp"

namespace sociometer {
namespace {

const std::string kConstantColumn = "constant";

bool in_list(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string quoted(const std::string& column) {
  const char quote = column.find('`') == std::string::npos ? '`' : '\'';
  if (column.find(quote) != std::string::npos)
    fail(ErrorCode::bad_input, "the name {} has both kinds of quotes; rename it", column);
  return quote + column + quote;
}

std::string expression(const std::map<std::string, double>& weights,
                       const std::vector<std::string>& order) {
  std::string out;
  for (const auto& column : order) {
    const double weight = weights.at(column);
    if (weight == 0) continue;
    const char* sign = weight < 0 ? (out.empty() ? "-" : " - ") : (out.empty() ? "" : " + ");
    out += fmt::format("{}{}*{}", sign, std::abs(weight), quoted(column));
  }
  return out;
}

/// The columns of a condition in a run's design.
std::vector<std::string> columns_of_condition(const StatsNode& node, const ModelContrast& contrast,
                                              const std::string& condition,
                                              const std::vector<std::string>& columns) {
  const std::string name = condition == kConstantName ? kConstantColumn : condition;
  if (in_list(columns, name)) return {name};
  std::vector<std::string> found;
  // Derivatives share no effect with the response that they belong to.
  const auto is_response = [&](const std::string& column) {
    return derived_from(column) == column || !in_list(columns, derived_from(column));
  };
  if (is_glob(name))
    for (const auto& column : columns)
      if (matches_glob(column, name) && is_response(column)) found.push_back(column);
  if (!found.empty()) return found;
  const std::string nearest = nearest_word(name, columns);
  fail(ErrorCode::bad_input, "{}: node '{}', contrast '{}': condition '{}' is a column of no run{}",
       contrast.place, node.name, contrast.name, condition,
       nearest.empty() ? "" : "; the nearest name is '" + nearest + "'");
}

}  // namespace

std::string derived_from(const std::string& column) {
  for (const char* suffix : {"_derivative", "_dispersion"})
    if (column.ends_with(suffix))
      return column.substr(0, column.size() - std::string(suffix).size());
  const auto delay = column.rfind("_delay_");
  const bool is_delay = delay != std::string::npos && delay + 7 < column.size() &&
                        column.find_first_not_of("0123456789", delay + 7) == std::string::npos;
  return is_delay ? column.substr(0, delay) : column;
}

std::vector<ModelContrast> with_dummies(const StatsNode& node,
                                        const std::vector<std::string>& all_conditions) {
  std::vector<ModelContrast> out = node.contrasts;
  if (!node.dummies) return out;
  std::vector<std::string> conditions;
  for (const auto& listed : node.dummies->conditions.value_or(all_conditions)) {
    const bool glob = is_glob(listed) && !in_list(all_conditions, listed);
    if (!glob) conditions.push_back(listed);
    for (const auto& condition : all_conditions)
      if (glob && matches_glob(condition, listed) && derived_from(condition) == condition)
        conditions.push_back(condition);
  }
  for (const auto& condition : conditions) {
    const bool taken =
        std::any_of(out.begin(), out.end(), [&](const auto& c) { return c.name == condition; });
    if (!taken)
      out.push_back({condition,
                     {condition},
                     Eigen::MatrixXd::Ones(1, 1),
                     node.dummies->test,
                     node.place + "/DummyContrasts"});
  }
  return out;
}

NodeContrast node_contrast(const ModelContrast& contrast, const std::string& name,
                           const ConditionColumns& columns_of) {
  NodeContrast out{name, {camel_case(name), ContrastKind::t, {}}, contrast.test, contrast.place};
  if (contrast.test == ContrastTest::F) out.spec.kind = ContrastKind::F;
  for (Eigen::Index row = 0; row < contrast.weights.rows(); ++row) {
    std::map<std::string, double> weights;
    std::vector<std::string> order;
    for (size_t i = 0; i < contrast.conditions.size(); ++i) {
      const auto columns = columns_of(contrast.conditions[i]);
      for (const auto& column : columns) {
        if (weights.emplace(column, 0).second) order.push_back(column);
        weights[column] += contrast.weights(row, Eigen::Index(i)) / double(columns.size());
      }
    }
    const std::string text = expression(weights, order);
    if (text.empty())
      fail(ErrorCode::bad_input, "{}: contrast '{}': the weights cancel to 0; change them",
           contrast.place, contrast.name);
    out.spec.rows.push_back(text);
  }
  return out;
}

void require_distinct(const StatsNode& node, const std::vector<NodeContrast>& contrasts) {
  std::map<std::string, std::string> names;
  for (const auto& contrast : contrasts) {
    if (contrast.spec.name.empty())
      fail(ErrorCode::bad_input,
           "{}: node '{}': contrast '{}' has no letter or digit in its name; rename it",
           contrast.place, node.name, contrast.name);
    const auto [place, is_new] = names.emplace(contrast.spec.name, contrast.name);
    if (!is_new)
      fail(ErrorCode::bad_input,
           "{}: node '{}': contrasts '{}' and '{}' have the same name in files, {}; rename one",
           contrast.place, node.name, place->second, contrast.name, contrast.spec.name);
  }
}

std::vector<NodeContrast> run_contrasts(const StatsNode& node,
                                        const std::vector<ModelDesign>& designs,
                                        const std::vector<std::string>& columns,
                                        ModelNotes& notes) {
  // All columns that X names: confounds too, as the specification says.
  std::vector<std::string> of_x;
  size_t n_confounds = 0;
  for (const auto& design : designs)
    for (size_t j = 0; j < design.design.names.size(); ++j) {
      const ColumnRole role = design.design.roles[j];
      const bool in_x = role == ColumnRole::task || role == ColumnRole::confound;
      if (!in_x || in_list(of_x, design.design.names[j])) continue;
      of_x.push_back(design.design.names[j]);
      n_confounds += role == ColumnRole::confound;
    }
  if (node.dummies && !node.dummies->conditions && n_confounds > 0)
    notes.warn(fmt::format(
        "node '{}': DummyContrasts without a list makes {} contrasts, {} of them of confounds; "
        "list the conditions in DummyContrasts.Contrasts",
        node.name, of_x.size(), n_confounds));
  std::vector<NodeContrast> out;
  for (const auto& contrast : with_dummies(node, of_x)) {
    const std::string name = contrast.name == kConstantName ? kConstantColumn : contrast.name;
    const auto columns_of = [&](const std::string& condition) {
      return columns_of_condition(node, contrast, condition, columns);
    };
    try {
      out.push_back(node_contrast(contrast, name, columns_of));
    } catch (const Error& error) {
      if (!node.drops_invalid_contrasts) throw;
      notes.warn(std::string(error.what()) + "; the contrast is left out");
    }
  }
  require_distinct(node, out);
  return out;
}

}  // namespace sociometer
