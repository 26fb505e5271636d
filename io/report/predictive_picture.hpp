#pragma once
#include <string>

#include "engine/learning/predictive.hpp"

namespace sociometer {

/// The study against studies simulated by the model: a panel each for choice shares, learning
/// curves and stay/switch slopes; bars are the 95 % intervals of the simulated studies, dots the
/// data. Writes a PNG.
/// @throws Error{cannot_write}.
void draw_predictive(const PredictiveChecks& checks, const std::string& path);

}  // namespace sociometer
