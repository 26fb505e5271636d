#include "engine/glm/noise_model.hpp"

#include "engine/core/error.hpp"
#include "engine/glm/noise_strategy.hpp"

namespace sociometer {

NoiseModel parse_noise_model(const std::string& text) {
  std::string known;
  for (const NoiseStrategy* strategy : noise_strategies()) {
    if (const auto model = strategy->parse(text)) return *model;
    known += (known.empty() ? "" : ", ") + strategy->known_names();
  }
  fail(ErrorCode::usage, "unknown noise model '{}'; known: {}", text, known);
}

NoiseModel default_noise_model() { return {.kind = NoiseModel::Kind::mixture}; }

NoiseModel default_series_noise_model() {
  return {.kind = NoiseModel::Kind::ar, .order = 4, .averages = true};
}

std::string to_string(const NoiseModel& model) { return strategy_of(model).name(model); }

bool NoiseModel::streams() const { return strategy_of(kind).streamed() != nullptr; }
bool NoiseModel::pools() const { return strategy_of(kind).pools(); }
bool NoiseModel::learns_over_voxels() const { return strategy_of(kind).learns_over_voxels(); }
bool NoiseModel::can_smooth() const { return strategy_of(kind).can_smooth(*this); }
int NoiseModel::lost_dof() const { return strategy_of(kind).lost_dof(*this); }
bool NoiseModel::has_own_dof() const { return strategy_of(kind).has_own_dof(); }
std::vector<std::string> NoiseModel::parameter_names() const {
  return strategy_of(kind).parameter_names(*this);
}

ArmaOptions::Search parse_arma_search(const std::string& text) {
  return value_of<ArmaOptions::Search>(text, "ARMA search");
}

std::string to_string(ArmaOptions::Search search) { return name_of(search); }

}  // namespace sociometer
