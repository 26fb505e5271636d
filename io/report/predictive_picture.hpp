#pragma once
#include <string>

#include "engine/learning/predictive.hpp"

namespace sociometer {

/// Compares the study with studies simulated from the model: one panel each for choice proportions,
/// learning curves and stay/switch slopes; bars are 95 % intervals of the simulated studies, dots
/// the data. Writes a PNG.
/// @throws Error{cannot_write}.
void draw_predictive(const PredictiveChecks& checks, const std::string& path);

}  // namespace sociometer
