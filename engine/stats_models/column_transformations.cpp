#include <algorithm>
#include <set>

#include "engine/stats_models/transformation_step.hpp"

// Instructions that move whole variables.
namespace sociometer {

void run(const transforms::Copy&, TransformationStep& step) {
  if (step.instruction().output.empty()) step.refuse("it needs an Output for each Input");
  for (const auto& [input, output] : step.inputs_with_outputs())
    step.variables().set(output, Variable(step.at(input)));
}

void run(const transforms::Rename&, TransformationStep& step) {
  if (step.instruction().output.empty()) step.refuse("it needs an Output for each Input");
  // All are taken out first: a and b may exchange their names.
  const auto pairs = step.inputs_with_outputs();
  std::vector<Variable> taken;
  for (const auto& [input, output] : pairs) taken.push_back(step.at(input));
  for (const auto& [input, output] : pairs) step.variables().remove(input);
  for (size_t i = 0; i < pairs.size(); ++i)
    step.variables().set(pairs[i].second, std::move(taken[i]));
}

void run(const transforms::Delete&, TransformationStep& step) {
  for (const auto& name : step.inputs()) step.variables().remove(name);
}

void run(const transforms::Select&, TransformationStep& step) {
  const auto kept = step.inputs();
  for (const auto& name : step.variables().names())
    if (std::find(kept.begin(), kept.end(), name) == kept.end()) step.variables().remove(name);
}

}  // namespace sociometer
